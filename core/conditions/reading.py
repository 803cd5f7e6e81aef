"""From text to tree: Python's own grammar, within bounds, and of it only what the language has.

`ast` parses; it is handed nothing longer or deeper than the bounds, so that no text can exhaust memory or the stack.
"""

from __future__ import annotations

import ast
import re
import warnings
from decimal import Decimal
from typing import NoReturn

from core.conditions import tree
from core.conditions.faults import Faulty, Place

MAX_CHARACTERS = 4_000
MAX_DEPTH = 30
MAX_PARTS = 400
_MAX_NUMBER = 10**18
_CONSTANTS = {"true": True, "True": True, "false": False, "False": False}
_MISSING = ("missing", "None")
_COMPARISONS: dict[type[ast.cmpop], tree.Comparison] = {
    ast.Eq: "==", ast.NotEq: "!=", ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">=",
}  # fmt: skip
_ARITHMETIC: dict[type[ast.operator], tree.Arithmetic] = {ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/"}
_MISTAKES = (
    (re.compile(r"&&"), 'Write "and".'),
    (re.compile(r"\|\|"), 'Write "or".'),
    (re.compile(r"!(?!=)"), 'Write "not".'),
    (re.compile(r"\b(AND|OR|NOT|IN|IS)\b"), "Write and, or, not, in and is in small letters."),
    (re.compile(r"(?<![=!<>])=(?!=)"), 'To compare, write "==".'),
    (re.compile(r"<>"), 'Write "!=".'),
    (re.compile(r"[‘’“”„]"), "Write straight quotation marks."),
)
_HALVES = {"(": ")", "[": "]", "{": "}"}
# One text as it is written, in quotation marks of any kind.
_ONE_TEXT = (
    r"'{3}(?:(?!'{3})[^\\]|\\.)*'{3}"
    r'|"{3}(?:(?!"{3})[^\\]|\\.)*"{3}'
    r"|'(?:[^'\\\n]|\\.)*'"
    r'|"(?:[^"\\\n]|\\.)*"'
)
_WRITTEN_TEXT = re.compile(rf"[rRuU]?(?:{_ONE_TEXT})", re.DOTALL)
_TEXT_OR_REMARK = re.compile(rf"{_ONE_TEXT}|#[^\n]*", re.DOTALL)
_FORBIDDEN = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\u2028\u2029\ud800-\udfff]")


_LIKE_A_CONDITION = 'A condition reads like: case.priority >= 4 and case.type == "problem"'
_LIKE_A_VALUE = "What is put in reads like: case.subject, or case.subject | upper"


def read(text: str, *, value: bool = False) -> tree.Node:
    """Return the tree of a condition.

    Args:
        value: whether it is any expression, as a template puts in, and not a condition; only the words of a refusal differ.

    Raises:
        Faulty: the text is no condition, or is beyond the bounds.
    """
    what, example = ("the expression", _LIKE_A_VALUE) if value else ("the condition", _LIKE_A_CONDITION)
    if not text.strip():
        raise Faulty(Place(1, 1), f"{what} is empty", example)
    check_bounds(text, what, MAX_CHARACTERS)
    # In brackets a line end is only a blank, as YAML's folded texts need it.
    source = f"({text}\n)"
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            parsed = ast.parse(source, mode="eval")
    except SyntaxError as error:
        _refuse_syntax(text, error, example)
    except (ValueError, MemoryError, RecursionError):
        raise Faulty(Place(1, 1), f"{what} cannot be read") from None
    if (alone := _bracket_alone(_without_texts(text))) is not None:  # the brackets that were put around it closed it
        raise Faulty(place_of(text, alone), f'the bracket "{text[alone]}" has no other half')
    return _Reader(source).node(parsed.body)


def check_bounds(text: str, what: str, longest: int) -> None:
    """Refuse a text that is too long, too deep, or holds what no text should.

    Raises:
        Faulty: it is.
    """
    if len(text) > longest:
        raise Faulty(Place(1, 1), f"{what} has {len(text):,} characters; at most {longest:,} are read")
    if found := _FORBIDDEN.search(text):
        raise Faulty(place_of(text, found.start()), f"the character U+{ord(found[0]):04X} does not belong here")
    depth = 0
    for at, character in enumerate(_without_texts(text)):
        depth += (character in "([{") - (character in ")]}")
        if depth > MAX_DEPTH:
            raise Faulty(place_of(text, at), f"more than {MAX_DEPTH} brackets inside each other")


def place_of(text: str, at: int) -> Place:
    """Return the place of a position in a text."""
    return Place(text.count("\n", 0, at) + 1, at - (text.rfind("\n", 0, at) + 1) + 1)


def _refuse_syntax(text: str, error: SyntaxError, example: str) -> NoReturn:
    lines = text.split("\n")
    line, column = error.lineno or 1, error.offset or 1
    if error.msg.startswith("leading zeros") and line <= len(lines):  # this one fault is counted in bytes
        before = f"({text}".split("\n")[line - 1].encode()[: column - 1]
        column = len(before.decode(errors="replace")) + 1
    if line > len(lines):  # the bracket that was put around it
        line, column = len(lines), len(lines[-1]) + 1 + (len(lines) == 1)
    place = Place(line, min(max(1, column - (line == 1)), len(lines[line - 1]) + 1))
    bare = _without_texts(text)
    for pattern, hint in _MISTAKES:
        if found := pattern.search(bare):
            raise Faulty(place_of(text, found.start()), f'"{found[0]}" is not understood', hint) from None
    if (alone := _bracket_alone(bare)) is not None:
        raise Faulty(place_of(text, alone), f'the bracket "{text[alone]}" has no other half') from None
    said = "a text has no closing quotation mark" if "unterminated" in error.msg else "this is not understood"
    raise Faulty(place, said, example) from None


def _bracket_alone(text: str) -> int | None:
    """Return the position of the first bracket that has no partner."""
    waiting: list[tuple[str, int]] = []
    for at, character in enumerate(text):
        if character in _HALVES:
            waiting.append((_HALVES[character], at))
        elif character in _HALVES.values() and (not waiting or waiting.pop()[0] != character):
            return at
    return waiting[0][1] if waiting else None


def _without_texts(text: str) -> str:
    """Return the text with what stands in quotation marks or behind a "#" blanked out, every character at its place."""
    return _TEXT_OR_REMARK.sub(lambda found: re.sub(r"[^\n]", " ", found[0]), text)


class _Reader:
    def __init__(self, source: str) -> None:
        self._lines = source.split("\n")
        self._left = MAX_PARTS

    def node(self, node: ast.expr, depth: int = 0) -> tree.Node:
        place = self._place(node)
        self._left -= 1
        if self._left < 0:
            raise Faulty(place, f"the condition has more than {MAX_PARTS} parts", "Make several conditions of it.")
        if depth > MAX_DEPTH:
            raise Faulty(place, f"more than {MAX_DEPTH} levels inside each other")
        match node:
            case ast.Constant():
                return self._constant(node, place)
            case ast.Name(id=name) if name in _CONSTANTS:
                return tree.Constant(place, _CONSTANTS[name])
            case ast.Name() | ast.Attribute():
                return tree.FieldOf(place, self._path(node))
            case ast.List(elts=items) | ast.Tuple(elts=items) | ast.Set(elts=items):
                return tree.ListOf(place, self._all(items, depth))
            case ast.BoolOp(op=ast.And(), values=values):
                return tree.Every(place, self._all(values, depth))
            case ast.BoolOp(values=values):
                return tree.Either(place, self._all(values, depth))
            case ast.UnaryOp(op=ast.Not(), operand=operand):
                return tree.Not(place, self.node(operand, depth + 1))
            case ast.UnaryOp(op=ast.USub(), operand=operand):
                part = self.node(operand, depth + 1)
                if isinstance(part, tree.Constant) and isinstance(part.value, bool):
                    raise Faulty(place, "true and false have no minus", 'Write "not".')
                if isinstance(part, tree.Constant) and isinstance(part.value, int | Decimal):
                    return tree.Constant(place, -part.value)
                return tree.Sum(place, "-", tree.Constant(place, 0), part)
            case ast.Compare():
                return self._comparison(node, place, depth)
            case ast.BinOp(left=left, op=ast.BitOr(), right=right):
                return self._filtered(left, right, depth)
            case ast.BinOp(left=left, op=sign, right=right) if type(sign) in _ARITHMETIC:
                return tree.Sum(place, _ARITHMETIC[type(sign)], self.node(left, depth + 1), self.node(right, depth + 1))
            case ast.Call():
                return self._call(node, place, depth)
        return self._refuse(node, place)

    def _all(self, nodes: list[ast.expr], depth: int) -> tuple[tree.Node, ...]:
        return tuple(self.node(each, depth + 1) for each in nodes)

    def _constant(self, node: ast.Constant, place: Place) -> tree.Node:
        value = node.value
        if isinstance(value, str) and (found := _FORBIDDEN.search(value)):
            raise Faulty(place, f"the character U+{ord(found[0]):04X} does not belong in a text")
        if isinstance(value, str) and _WRITTEN_TEXT.fullmatch(self._written(node)) is None:
            hint = """To have one kind of quotation mark in a text, put the other around it: "it's"."""
            raise Faulty(place, "two texts stand side by side", hint)
        if isinstance(value, bool | str):
            return tree.Constant(place, value)
        if isinstance(value, int) and abs(value) < _MAX_NUMBER:
            return tree.Constant(place, value)
        if isinstance(value, float):  # exactly as it was written: 0.1 stays a tenth
            written = self._written(node)
            if re.fullmatch(r"[0-9]{0,18}\.[0-9]{0,18}", written):
                return tree.Constant(place, Decimal(written))
        if value is None:
            raise Faulty(place, "nothing can be compared with None", 'Write "is missing" or "is not missing".')
        if isinstance(value, int | float | complex):
            raise Faulty(place, "the number is too large, or not written in plain digits")
        return self._refuse(node, place)

    def _comparison(self, node: ast.Compare, place: Place, depth: int) -> tree.Node:
        found: list[tree.Node] = []
        left = node.left
        for sign, right in zip(node.ops, node.comparators, strict=True):
            found.append(self._one_comparison(sign, left, right, place, depth))
            left = right
        return found[0] if len(found) == 1 else tree.Every(place, tuple(found))

    def _one_comparison(self, sign: ast.cmpop, left: ast.expr, right: ast.expr, place: Place, depth: int) -> tree.Node:
        one = self.node(left, depth + 1)
        if isinstance(sign, ast.Is | ast.IsNot):
            if not _is_missing(right):
                raise Faulty(self._place(right), '"is" goes with "missing" only', 'To compare, write "==".')
            return tree.IsMissing(place, one, isinstance(sign, ast.IsNot))
        if isinstance(sign, ast.In | ast.NotIn):
            return tree.Among(place, one, self.node(right, depth + 1), isinstance(sign, ast.NotIn))
        if _is_missing(right):
            raise Faulty(
                self._place(right), "nothing can be compared with missing", 'Write "is missing" or "is not missing".'
            )
        return tree.Compare(place, _COMPARISONS[type(sign)], one, self.node(right, depth + 1))

    def _call(self, node: ast.Call, place: Place, depth: int) -> tree.Node:
        if not isinstance(node.func, ast.Name):
            name = node.func.attr if isinstance(node.func, ast.Attribute) else "this"
            raise Faulty(
                place, f'"{name}" is no function', f"Functions stand before their brackets: {name}(case.subject)"
            )
        if node.keywords:
            raise Faulty(place, "arguments have no names here")
        return tree.Call(place, node.func.id, self._all(node.args, depth))

    def _filtered(self, left: ast.expr, right: ast.expr, depth: int) -> tree.Node:
        """Read `x | f(a)`, which is another way to write `f(x, a)`."""
        place = self._place(right)
        match right:
            case ast.Name(id=name):
                more: list[ast.expr] = []
            case ast.Call(func=ast.Name(id=name), args=more, keywords=[]):
                pass
            case _:
                raise Faulty(place, 'after "|" stands a function', "Such as: case.subject | upper")
        return tree.Call(place, name, (self.node(left, depth + 1), *self._all(more, depth)))

    def _path(self, node: ast.expr) -> str:
        names: list[str] = []
        while isinstance(node, ast.Attribute):
            names.append(node.attr)
            node = node.value
        if not isinstance(node, ast.Name):
            self._refuse(node, self._place(node))
        return ".".join([node.id, *reversed(names)])

    def _place(self, node: ast.expr) -> Place:
        line = self._lines[node.lineno - 1] if node.lineno <= len(self._lines) else ""
        column = len(line.encode()[: node.col_offset].decode(errors="replace")) + 1
        return Place(node.lineno, max(1, column - (node.lineno == 1)))

    def _written(self, node: ast.Constant) -> str:
        """Return a value as it stands in the text, over as many lines as it takes."""
        first, last = node.lineno - 1, (node.end_lineno or node.lineno) - 1
        lines = [each.encode() for each in self._lines[first : last + 1]]
        lines[-1] = lines[-1][: node.end_col_offset]
        lines[0] = lines[0][node.col_offset :]
        return b"\n".join(lines).decode(errors="replace")

    def _refuse(self, node: ast.expr, place: Place) -> NoReturn:
        what, hint = _REFUSED.get(type(node), ("this does not belong in a condition", ""))
        raise Faulty(place, what, hint)


def _is_missing(node: ast.expr) -> bool:
    return (isinstance(node, ast.Name) and node.id in _MISSING) or (
        isinstance(node, ast.Constant) and node.value is None
    )


_REFUSED: dict[type[ast.expr], tuple[str, str]] = {
    ast.IfExp: (
        "a choice by if and else does not belong in a condition",
        "Join two conditions by or; a template has {% if … %}.",
    ),
    ast.Subscript: (
        "square brackets after a name have no meaning here",
        "Fields are written with a dot: case.priority",
    ),
    ast.Lambda: ("a condition defines no functions", ""),
    ast.JoinedStr: ("a text has no placeholders here", ""),
    ast.NamedExpr: ("a condition sets nothing", 'To compare, write "==".'),
    ast.BinOp: ("this sign of arithmetic is not known", "Known are + - * and /."),
}
