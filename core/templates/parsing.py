"""From the parts of a template to its tree, with every expression checked against the known fields, and every fault told at once."""

from __future__ import annotations

import keyword
import re
from collections.abc import Collection
from dataclasses import dataclass, field

from core.conditions import reading, tree
from core.conditions.checking import check_condition, check_value
from core.conditions.faults import Fault, Faulty, Place
from core.conditions.fields import Field, Vocabulary
from core.conditions.functions import FUNCTIONS
from core.conditions.types import TEXT
from core.config.problems import did_you_mean, got
from core.templates.lexing import Token, place_at, shifted, tokens

MAX_SOURCE = 100_000
MAX_TAGS = 2_000
MAX_DEPTH = 15
_MOST_FAULTS = 20
_STATEMENT = re.compile(r"\s*([^\s]*)\s*(.*)", re.DOTALL)
_LOOP = re.compile(r"([^\s]+)\s+in\b\s*(.*)", re.DOTALL)
_TAGS = ("if", "elif", "else", "endif", "for", "endfor")
_AFTER_ELSE = 'A second condition is an "elif".'
_HOW_A_LOOP_READS = "Such as: {% for follower in case.followers %}"


@dataclass(slots=True)
class Text:
    """What stands there as it is."""

    text: str


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
    """What is written once for each item of a list."""

    name: str
    items: tree.Node
    place: Place
    body: list[Part] = field(default_factory=list)


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

    def run(self) -> None:
        count = 0
        for token in tokens(self._source):
            if token.kind == "text":
                self._body.append(Text(token.text))
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
            self._vocabulary = Vocabulary({**self._vocabulary.fields, name: item})

    def _check_name(self, token: Token, name: str) -> None:
        place = self._at(token)
        if not name.isidentifier() or not name.isascii() or keyword.iskeyword(name):
            raise Faulty(place, f"{got(name)} is no name for an item", "A name has letters, digits and underscores.")
        taken = name in self._vocabulary.records() or name in FUNCTIONS or name in ("true", "false", "missing")
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
        around = self._open[-1].block if self._open else None
        self._body = around.branches[-1].body if isinstance(around, If) else around.body if around else self.parts

    def _condition(self, text: str, at: int) -> tree.Node:
        with _Placed(self._source, text, at) as bare:
            node = reading.read(bare)
            check_condition(node, self._vocabulary, self._calendars)
            return node

    def _value(self, text: str, at: int) -> tree.Node:
        with _Placed(self._source, text, at) as bare:
            node = reading.read(bare, value=True)
            check_value(node, self._vocabulary, self._calendars)
            return node

    def _at(self, token: Token) -> Place:
        return place_at(self._source, token.at + len(token.text) - len(token.text.lstrip()))


class _Placed:
    """Tells faults of an expression at their places in the template."""

    def __init__(self, source: str, text: str, at: int) -> None:
        self._source = source
        self._bare = text.strip()
        self._at = at + len(text) - len(text.lstrip())

    def __enter__(self) -> str:
        return self._bare

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if isinstance(error, Faulty):
            fault = error.fault
            raise Faulty(shifted(fault.place, self._source, self._at), fault.message, fault.hint) from None
