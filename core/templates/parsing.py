"""From the parts of a template to its tree, with every expression checked against the known fields, and every fault told at once."""

from __future__ import annotations

import keyword
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from core.conditions import reading, tree
from core.conditions.checking import check_condition, check_value
from core.conditions.faults import Fault, Faulty, Place
from core.conditions.fields import Field, Vocabulary
from core.conditions.functions import FUNCTIONS
from core.conditions.types import FLAG, NUMBER, TEXT
from core.config.problems import did_you_mean, got
from core.templates.lexing import Token, place_at, shifted, tokens

MAX_SOURCE = 100_000
MAX_TAGS = 2_000
MAX_DEPTH = 15
MAX_PARTS = 20_000
"""Of all expressions together: what Python takes to compile them grows with it."""
LOOP_FIELDS: Mapping[str, Field] = {
    each.path: each
    for each in (
        Field("loop.index", NUMBER, "Which pass of the loop this is, from 1."),
        Field("loop.first", FLAG, "Whether it is the first pass."),
        Field("loop.last", FLAG, "Whether it is the last pass."),
    )
}
"""What is known within a loop, of the innermost one."""
_MOST_FAULTS = 20
_STATEMENT = re.compile(r"\s*([^\s]*)\s*(.*)", re.DOTALL)
_LOOP = re.compile(r"([^\s]+)\s+in\b\s*(.*)", re.DOTALL)
_TAGS = ("if", "elif", "else", "endif", "for", "endfor")
_RESERVED = ("true", "false", "missing", "loop")
_AFTER_ELSE = 'A second condition is an "elif".'
_HOW_A_LOOP_READS = "Such as: {% for follower in case.followers %}"


@dataclass(slots=True)
class Text:
    """What stands there as it is."""

    text: str
    place: Place


@dataclass(slots=True)
class Put:
    """A value that is put in."""

    value: tree.Node
    place: Place


@dataclass(slots=True)
class Branch:
    """What is written where a condition is true; None for the last branch, which is written where none before was."""

    condition: tree.Node | None
    place: Place
    body: list[Part] = field(default_factory=list)


@dataclass(slots=True)
class If:
    """The first branch whose condition is true."""

    branches: list[Branch]


@dataclass(slots=True)
class For:
    """What is written once for each item of a list, or where there is none; `counted` if it asks which pass it is."""

    name: str
    items: tree.Node
    place: Place
    body: list[Part] = field(default_factory=list)
    otherwise: list[Part] | None = None
    counted: bool = False


Part = Text | Put | If | For


def parse(
    source: str, vocabulary: Vocabulary, calendars: Collection[str] | None = None
) -> list[Part] | tuple[Fault, ...]:
    """Return the parts of a template, or everything that is wrong with it."""
    if len(source) > MAX_SOURCE:
        said = f"the template has {len(source):,} characters; at most {MAX_SOURCE:,} are read"
        return (Fault(Place(1, 1), said),)
    parser = _Parser(source, vocabulary, calendars)
    try:
        parser.run()
    except Faulty as faulty:
        parser.faults.append(faulty.fault)
    return tuple(parser.faults) if parser.faults else parser.parts


@dataclass(slots=True)
class _Open:
    """A block that has not ended: its tag, where it stands, and the vocabulary around it."""

    tag: Token
    block: If | For
    around: Vocabulary


class _Parser:
    def __init__(self, source: str, vocabulary: Vocabulary, calendars: Collection[str] | None) -> None:
        self._source = source
        self._vocabulary = vocabulary
        self._calendars = calendars
        self._open: list[_Open] = []
        self.parts: list[Part] = []
        self._body = self.parts
        self.faults: list[Fault] = []
        self._expressions = 0
        """How many parts the expressions have that were read so far."""

    def run(self) -> None:
        count = 0
        for token in tokens(self._source):
            if token.kind == "text":
                self._body.append(Text(token.text, place_at(self._source, token.at)))
                continue
            count += 1
            if count > MAX_TAGS:
                raise Faulty(place_at(self._source, token.at), f"the template has more than {MAX_TAGS:,} tags")
            try:
                if token.kind == "put":
                    self._put(token)
                else:
                    self._block(token)
            except Faulty as faulty:
                self.faults.append(faulty.fault)
                if len(self.faults) >= _MOST_FAULTS or "inside each other" in faulty.fault.message:
                    return
            if self._expressions > MAX_PARTS:
                what = f"the expressions of the template have more than {MAX_PARTS:,} parts up to here"
                raise Faulty(self._at(token), what)
        for each in self._open:
            word = "if" if isinstance(each.block, If) else "for"
            place = self._at(each.tag)
            self.faults.append(Fault(place, f'"{word}" is not ended', f"Write {{% end{word} %}} where it ends."))

    def _put(self, token: Token) -> None:
        value = self._value(token.text, token.at)
        self._body.append(Put(value, self._at(token)))

    def _block(self, token: Token) -> None:
        found = _STATEMENT.fullmatch(token.text)
        assert found is not None
        word, rest, at = found[1], found[2].rstrip(), token.at + found.start(2)
        match word:
            case "if" | "elif":
                self._branch(word, token, Branch(None, self._at(token)), rest, at)
            case "else":
                self._bare(token, word, rest)
                if self._open and isinstance(loop := self._open[-1].block, For):
                    self._otherwise(token, loop)
                else:
                    self._branch(word, token, Branch(None, self._at(token)), rest, at)
            case "for":
                self._loop(token, rest, at)
            case "endif" | "endfor":
                self._end(token, word)
                self._bare(token, word, rest)
            case _:
                hint = did_you_mean(word, _TAGS) or f"Known are {', '.join(_TAGS)}."
                what = f"there is no tag {got(word)}" if word else "the tag is empty"
                raise Faulty(self._at(token), what, hint)

    def _bare(self, token: Token, word: str, rest: str) -> None:
        if rest:
            raise Faulty(self._at(token), f'"{word}" stands alone in its tag', _AFTER_ELSE if word == "else" else "")

    def _branch(self, word: str, token: Token, branch: Branch, rest: str, at: int) -> None:
        if word == "if":
            block = If([branch])
            self._begin(token, block)
        else:
            last = self._open[-1].block if self._open else None
            if not isinstance(last, If):
                raise Faulty(self._at(token), f'"{word}" has no "if" before it')
            if last.branches[-1].condition is None and len(last.branches) > 1:
                raise Faulty(self._at(token), f'"{word}" stands behind "else"')
            last.branches.append(branch)
        self._body = branch.body
        if word != "else":
            # Until it is read the branch counts as one with a condition, so that what follows is judged by itself.
            branch.condition = tree.Constant(branch.place, False)
            branch.condition = self._condition(rest, at)

    def _otherwise(self, token: Token, loop: For) -> None:
        if loop.otherwise is not None:
            raise Faulty(self._at(token), '"else" stands behind "else"')
        loop.otherwise = self._body = []
        self._vocabulary = self._open[-1].around

    def _loop(self, token: Token, rest: str, at: int) -> None:
        block = For("", tree.ListOf(self._at(token), ()), self._at(token))
        self._begin(token, block)
        self._body = block.body
        found = _LOOP.fullmatch(rest)
        if found is None:
            raise Faulty(self._at(token), "a loop names an item and a list", _HOW_A_LOOP_READS)
        name = found[1]
        self._check_name(token, name)
        block.name = name
        try:
            block.items = self._value(found[2], at + found.start(2))
            if block.items.type.kind != "list":
                place = shifted(block.items.place, self._source, at + found.start(2))
                raise Faulty(place, f"a loop goes over a list, and this is {block.items.type}", _HOW_A_LOOP_READS)
        finally:
            item = Field(name, TEXT, "An item of the list.")
            self._vocabulary = Vocabulary({**self._vocabulary.fields, **LOOP_FIELDS, name: item})

    def _check_name(self, token: Token, name: str) -> None:
        place = self._at(token)
        if not name.isidentifier() or not name.isascii() or keyword.iskeyword(name):
            raise Faulty(place, f"{got(name)} is no name for an item", "A name has letters, digits and underscores.")
        taken = name in self._vocabulary.records() or name in FUNCTIONS or name in _RESERVED
        if taken or name in self._vocabulary.fields:
            raise Faulty(place, f"{got(name)} is something else already", "Take another name for the item.")

    def _begin(self, token: Token, block: If | For) -> None:
        if len(self._open) >= MAX_DEPTH:
            raise Faulty(self._at(token), f"more than {MAX_DEPTH} blocks inside each other")
        self._body.append(block)
        self._open.append(_Open(token, block, self._vocabulary))

    def _end(self, token: Token, word: str) -> None:
        wanted = If if word == "endif" else For
        if not self._open:
            raise Faulty(self._at(token), f'"{word}" ends nothing', f"There is no {{% {word[3:]} %}} before it.")
        ended = self._open[-1]
        if not isinstance(ended.block, wanted):
            other = "endfor" if word == "endif" else "endif"
            raise Faulty(self._at(token), f'"{word}" stands where "{other}" is expected')
        self._open.pop()
        self._vocabulary = ended.around
        self._body = _last_body(self._open[-1].block) if self._open else self.parts

    def _condition(self, text: str, at: int) -> tree.Node:
        with _Placed(self._source, text, at) as bare:
            node = reading.read(bare)
            check_condition(node, self._vocabulary, self._calendars)
            self._count(node)
            return node

    def _value(self, text: str, at: int) -> tree.Node:
        with _Placed(self._source, text, at) as bare:
            node = reading.read(bare, value=True)
            check_value(node, self._vocabulary, self._calendars)
            self._count(node)
            return node

    def _count(self, expression: tree.Node) -> None:
        """Count the parts of an expression, and see whether it asks which pass of the loop around it this is."""
        self._expressions += sum(1 for _ in tree.walk(expression))
        if not LOOP_FIELDS.keys().isdisjoint(tree.paths(expression)):
            loops = [each.block for each in self._open if isinstance(each.block, For) and each.block.otherwise is None]
            loops[-1].counted = True

    def _at(self, token: Token) -> Place:
        return place_at(self._source, token.at + len(token.text) - len(token.text.lstrip()))


def _last_body(block: If | For) -> list[Part]:
    """Return where the next part of an open block goes."""
    if isinstance(block, If):
        return block.branches[-1].body
    return block.body if block.otherwise is None else block.otherwise


class _Placed:
    """Tells faults of an expression at their places in the template."""

    def __init__(self, source: str, text: str, at: int) -> None:
        self._source = source
        # A line may end with two characters; the others stay where they are.
        self._bare = text.strip().replace("\r\n", " \n")
        self._at = at + len(text) - len(text.lstrip())

    def __enter__(self) -> str:
        return self._bare

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if isinstance(error, Faulty):
            fault = error.fault
            raise Faulty(shifted(fault.place, self._source, self._at), fault.message, fault.hint) from None
