"""Every part of a condition gets its type, or the condition is refused with the place and a hint."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from core.calendars.calendar import FIRST_YEAR, LAST_YEAR
from core.conditions import tree
from core.conditions.faults import Faulty, Place
from core.conditions.fields import Vocabulary
from core.conditions.functions import (
    CALENDAR_ARGUMENT,
    DECIMALS_ARGUMENT,
    DIRECTIVES,
    FUNCTIONS,
    LARGEST_PATTERN,
    MOST_DECIMALS,
    can_be_decimals,
    pattern,
    unknown_directive,
)
from core.conditions.types import DURATION, FLAG, LIST, NUMBER, TEXT, TIME, Kind, Type
from core.config.problems import did_you_mean, got, nearest_or_all

_ORDERED: tuple[Kind, ...] = ("number", "time", "duration")
_MOST_DIGITS = 300
"""How long a number may become: a product of fifteen fields or so. Arithmetic on longer ones takes time that nothing bounds."""
_DIGITS_OF_A_VALUE = 19
"""What the longest number of the tables has."""
_DIGITS_OF_A_QUOTIENT = 30
"""A division goes on for 28 digits."""
_MOST_OF_PATTERNS = 5_000
"""In instructions of RE2, of all patterns of an expression together, since every one may search the same text."""
_SUMS: dict[tuple[Kind, str, Kind], Type] = {
    **{("number", sign, "number"): NUMBER for sign in "+-*/"},
    ("time", "+", "duration"): TIME,
    ("duration", "+", "time"): TIME,
    ("time", "-", "duration"): TIME,
    ("time", "-", "time"): DURATION,
    ("duration", "+", "duration"): DURATION,
    ("duration", "-", "duration"): DURATION,
    ("duration", "*", "number"): DURATION,
    ("number", "*", "duration"): DURATION,
}


def check_condition(node: tree.Node, vocabulary: Vocabulary, calendars: Collection[str] | None = None) -> None:
    """Fill the types of a condition, which is true or false as a whole.

    Args:
        calendars: the names of calendars that there are; None where that is not known.

    Raises:
        Faulty: a field or function is unknown, or types do not fit.
    """
    kind = _Checker(vocabulary, calendars).check(node)
    _digits(node)
    if kind.kind != "flag":
        raise Faulty(node.place, f"a condition is true or false, and this is {kind}", _to_compare(node))


def check_value(node: tree.Node, vocabulary: Vocabulary, calendars: Collection[str] | None = None) -> Type:
    """Fill the types of any expression, such as a template puts in, and return its own.

    Raises:
        Faulty: a field or function is unknown, or types do not fit.
    """
    found = _Checker(vocabulary, calendars).check(node)
    _expect_texts(node)
    _digits(node)
    return found


def _expect_texts(node: tree.Node) -> None:
    """Refuse a list of anything but text, where it is not only looked into: no field holds such a list."""
    if isinstance(node, tree.ListOf):
        for each in node.items:
            if each.type.kind != "text":
                raise Faulty(
                    each.place, f"the list holds text here, and this is {each.type}", "Write it in quotation marks."
                )


def _digits(node: tree.Node) -> int:
    """Return how many digits a value has at most, before and behind its point.

    Raises:
        Faulty: there are too many, here or below.
    """
    below = [_digits(each) for each in node.parts()]
    match node:
        case tree.Constant():
            return len(tree.written(node)) if node.type.kind == "number" else 0
        case tree.Sum(sign="*"):
            found = sum(below)
        case tree.Sum(sign="/"):
            found = sum(below) + _DIGITS_OF_A_QUOTIENT
        case tree.Sum():
            found = max(below) + 1
        case _:
            found = max([_DIGITS_OF_A_VALUE, *below])
    if found > _MOST_DIGITS:
        raise Faulty(node.place, f"the number may have more than {_MOST_DIGITS} digits", "Multiply less.")
    return found


def _to_compare(node: tree.Node) -> str:
    if isinstance(node, tree.FieldOf):
        example = {"number": "> 3", "time": "< now()", "duration": "> hours(4)", "list": ""}.get(
            node.type.kind, '== "…"'
        )
        return f"Compare it, such as: {node.path} {example}" if example else f'Such as: "…" in {node.path}'
    return ""


class _Checker:
    def __init__(self, vocabulary: Vocabulary, calendars: Collection[str] | None) -> None:
        self._fields = vocabulary.fields
        self._records = vocabulary.records()
        self._calendars = calendars
        self._of_patterns = 0

    def check(self, node: tree.Node) -> Type:
        match node:
            case tree.Constant(value=value):
                node.type = FLAG if isinstance(value, bool) else TEXT if isinstance(value, str) else NUMBER
            case tree.FieldOf():
                node.type = self._field(node)
            case tree.ListOf(items=items):
                node.type = self._list(node, items)
            case tree.Not() | tree.Every() | tree.Either():
                for each in node.parts():
                    self._expect_flag(each)
                node.type = FLAG
            case tree.Compare():
                self._comparison(node)
                node.type = FLAG
            case tree.Among():
                self._among(node)
                node.type = FLAG
            case tree.IsMissing(part=part):
                self.check(part)
                node.type = FLAG
            case tree.Sum():
                node.type = self._sum(node)
            case tree.Call():
                node.type = self._call(node)
        return node.type

    def _expect_flag(self, node: tree.Node) -> None:
        kind = self.check(node)
        if kind.kind != "flag":
            raise Faulty(
                node.place, f"and, or and not join what is true or false, and this is {kind}", _to_compare(node)
            )

    def _field(self, node: tree.FieldOf) -> Type:
        if (found := self._fields.get(node.path)) is not None:
            return found.type
        record, _dot, name = node.path.partition(".")
        if name and record in self._records:
            known = [path for path in self._fields if path.partition(".")[0] == record]
            hint = (
                did_you_mean(node.path, known) or f"Known are {', '.join(known[:12])}{' …' if len(known) > 12 else ''}"
            )
            raise Faulty(node.place, f"there is no field {got(node.path)}", hint)
        if record not in self._records and record in _records_of_events():
            hint = "A case is asked here. What is asked of events may speak of it: deskline condition check --event"
            raise Faulty(node.place, f"{got(node.path)} is known of events only", hint)
        if not name:
            owners = [path for path in self._fields if path.partition(".")[2] == record]
            if owners:
                raise Faulty(node.place, f"there is no {got(record)} by itself", f"Write {owners[0]}")
            if record in FUNCTIONS:
                raise Faulty(node.place, f"{record} is a function", f"Write {record}(…)")
            raise Faulty(
                node.place, f"{got(record)} is not known", f'A text stands in quotation marks: "{record[:40]}"'
            )
        hint = did_you_mean(record, self._records) or f"Known are {', '.join(self._records)}."
        raise Faulty(node.place, f"{got(record)} is not known here", hint)

    def _list(self, node: tree.Node, items: tuple[tree.Node, ...]) -> Type:
        for each in items:
            if not isinstance(each, tree.Constant):
                raise Faulty(each.place, 'a list holds values, such as [1, 2] or ["new", "open"]')
            self.check(each)
        kinds = {each.type.kind for each in items}
        if len(kinds) > 1:
            raise Faulty(node.place, "a list holds values of one kind")
        return LIST

    def _comparison(self, node: tree.Compare) -> None:
        left, right = self.check(node.left), self.check(node.right)
        if "list" in (left.kind, right.kind):
            one = node.left if left.kind == "list" else node.right
            path = one.path if isinstance(one, tree.FieldOf) else "case.followers"
            raise Faulty(node.place, "a list cannot be compared", f'Such as: "…" in {path}')
        if left.kind != right.kind:
            raise Faulty(node.place, f"{left} is compared with {right}", _conversion(node, left, right))
        if node.sign not in ("==", "!=") and left.kind not in _ORDERED:
            raise Faulty(node.place, f'{left} has no order, so "{node.sign}" says nothing', 'Use "==" or "!=".')
        self._known_choice(node.left, node.right)
        self._known_choice(node.right, node.left)

    def _known_choice(self, value: tree.Node, of: tree.Node) -> None:
        known = of.type.choices
        if (known or of.type.closed) and isinstance(value, tree.Constant) and value.value not in known:
            hint = nearest_or_all(str(value.value), known)
            name = of.path if isinstance(of, tree.FieldOf) else "this"
            raise Faulty(value.place, f"{name} is never {got(value.value)}", hint)

    def _among(self, node: tree.Among) -> None:
        item, group = self.check(node.item), self.check(node.group)
        if isinstance(node.group, tree.ListOf):
            for each in node.group.items:
                if each.type.kind != item.kind:
                    hint = _quotation(node.item, each)
                    raise Faulty(each.place, f"{item} is looked for among {each.type}", hint)
                self._known_choice(each, node.item)
            return
        if group.kind == "text":
            raise Faulty(node.place, '"in" looks into lists', "For a part of a text write contains(text, part).")
        if group.kind != "list":
            raise Faulty(node.group.place, f'after "in" stands a list, and this is {group}')
        if item.kind != "text":
            raise Faulty(node.item.place, f"the list holds text, and this is {item}")
        self._known_choice(node.item, node.group)

    def _sum(self, node: tree.Sum) -> Type:
        left, right = self.check(node.left), self.check(node.right)
        found = _SUMS.get((left.kind, node.sign, right.kind))
        if found is None and left.kind == "number" and right.kind == "duration" and _is_zero(node.left):
            return DURATION
        if found is None:
            words = {"+": "plus", "-": "minus", "*": "times", "/": "divided by"}[node.sign]
            hint = "Give a number a unit: hours(4)." if {left.kind, right.kind} & {"time", "duration"} else ""
            raise Faulty(node.place, f"{left} {words} {right} says nothing", hint)
        return found

    def _call(self, node: tree.Call) -> Type:
        function = FUNCTIONS.get(node.name)
        if function is None:
            hint = did_you_mean(node.name, list(FUNCTIONS)) or f"Known are {', '.join(FUNCTIONS)}."
            raise Faulty(node.place, f"there is no function {got(node.name)}", hint)
        count = len(node.arguments)
        if not function.least <= count <= len(function.takes):
            most = len(function.takes)
            wanted = str(most) if most == function.least else f"{function.least} to {most}"
            raise Faulty(node.place, f"{node.name} takes {wanted} values, got {count}", function.summary)
        for position, (each, kinds) in enumerate(zip(node.arguments, function.takes, strict=False)):
            kind = self.check(each)
            if kind.kind not in kinds:
                wanted = " or ".join(str(Type(one)) for one in kinds)
                raise Faulty(each.place, f"{node.name} takes {wanted} here, got {kind}", function.summary)
            _expect_texts(each)
            if position in function.constant and not isinstance(each, tree.Constant):
                raise Faulty(each.place, f"this value of {node.name} must stand in the text", "It cannot be a field.")
        self._constants(node)
        if function.gives is not None:
            return function.gives
        first, other = (each.type for each in node.arguments[:2])
        if first.kind != other.kind:
            raise Faulty(
                node.arguments[1].place,
                f"{node.name} takes {first} here, as the first is, got {other}",
                function.summary,
            )
        return Type(first.kind)

    def _decimals(self, node: tree.Call) -> None:
        """Refuse a number of decimals that stands in the text and that there cannot be."""
        position = DECIMALS_ARGUMENT.get(node.name)
        if position is None or position >= len(node.arguments):
            return
        digits = node.arguments[position]
        if isinstance(digits, tree.Constant) and not can_be_decimals(digits.value):
            said = f"{node.name} takes a whole number of decimals, from 0 to {MOST_DECIMALS}, got {got(digits.value)}"
            raise Faulty(digits.place, said, FUNCTIONS[node.name].summary)

    def _pattern(self, place: Place, text: str) -> None:
        try:
            size = pattern(text).size
        except ValueError as error:
            raise Faulty(place, f"this is no regular expression: {error}", "It is one of RE2.") from None
        self._of_patterns += size
        if size > LARGEST_PATTERN:
            said = f"the pattern is too large: {size:,} steps, at most {LARGEST_PATTERN:,} are taken"
            raise Faulty(place, said, r"Repeat less often, and write [a-z] instead of \pL.")
        if self._of_patterns > _MOST_OF_PATTERNS:
            said = f"the patterns are too large together: more than {_MOST_OF_PATTERNS:,} steps"
            raise Faulty(place, said, "Make several conditions of it.")

    def _constants(self, node: tree.Call) -> None:
        position = CALENDAR_ARGUMENT.get(node.name)
        self._decimals(node)
        for at, each in enumerate(node.arguments):
            if not isinstance(each, tree.Constant) or not isinstance(each.value, str):
                continue
            if node.name == "matches" and at == 1:
                self._pattern(each.place, each.value)
            if node.name == "clock" and at == 1 and (wrong := unknown_directive(each.value)):
                raise Faulty(
                    each.place, f"{got(wrong)} says nothing of a moment", f"Known are {', '.join(DIRECTIVES)}."
                )
            if node.name == "instant":
                try:
                    year = datetime.fromisoformat(each.value).year
                except ValueError:
                    raise Faulty(each.place, f"{got(each.value)} is no moment", 'Such as "2026-11-24 09:00".') from None
                if not FIRST_YEAR <= year <= LAST_YEAR:
                    raise Faulty(each.place, f"a moment lies in the years {FIRST_YEAR} to {LAST_YEAR}")
            if at == position and self._calendars is not None and each.value not in self._calendars:
                hint = did_you_mean(each.value, list(self._calendars)) or "See: deskline calendar list"
                raise Faulty(each.place, f"there is no calendar {got(each.value)}", hint)


def _records_of_events() -> tuple[str, ...]:
    from core.conditions.event_fields import RECORDS  # all events, which only this refusal needs

    return RECORDS


def _is_zero(node: tree.Node) -> bool:
    # A whole one: with 0.0 a duration would no longer be a whole number of microseconds.
    return isinstance(node, tree.Constant) and type(node.value) is int and node.value == 0


def _conversion(node: tree.Compare, left: Type, right: Type) -> str:
    kinds = {left.kind, right.kind}
    if kinds == {"time", "text"}:
        return 'Write a moment as instant("2026-11-24 09:00").'
    if kinds == {"duration", "number"}:
        return "Give the number a unit: hours(4)."
    if kinds == {"time", "duration"}:
        return "How long ago a moment was says age(…)."
    return _quotation(node.left, node.right) or _quotation(node.right, node.left)


def _quotation(one: tree.Node, other: tree.Node) -> str:
    """Say what to do with the quotation marks of the other, where it is a value and does not fit the one for them."""
    kinds = (one.type.kind, other.type.kind)
    if not isinstance(other, tree.Constant):
        return ""
    if kinds == ("number", "text"):
        return "Numbers stand without quotation marks."
    if kinds == ("flag", "text"):
        return "Write true or false, without quotation marks."
    if kinds in (("text", "number"), ("text", "flag")):
        return f'Text stands in quotation marks: "{tree.written(other)}"'
    return ""
