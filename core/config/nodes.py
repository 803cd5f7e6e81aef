"""The text of a file as a tree of nodes with their places, within bounds.

Built from PyYAML's events rather than by its composer: that one recurses, and an alias costs it nothing until
somebody walks the tree. Here depth and the size *with every alias written out* are known as the tree grows, so
hostile text ends in a message.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any, Literal, NoReturn

import yaml

from core.config.problems import ConfigRefused, Mark, Problem, printable

MAX_CHARACTERS = 2_000_000
MAX_NODES = 100_000
MAX_DEPTH = 20
_TOO_DEEP = f"more than {MAX_DEPTH} levels of lists and mappings inside each other"
# What YAML does not allow, and the separators that YAML counts as line ends while editors do not.
_FORBIDDEN = re.compile("[^\t\n\r\x20-\x7e\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]")
_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # ten times as fast where libyaml is there


@dataclass(slots=True)
class Node:
    """A scalar, a list or a mapping. `children` of a mapping are its keys and values in turn."""

    kind: Literal["scalar", "list", "mapping"]
    mark: Mark
    tag: str | None = None
    text: str = ""
    plain: bool = False
    children: list[Node] = field(default_factory=list)
    size: int = 1
    height: int = 1

    def pairs(self) -> Iterator[tuple[Node, Node]]:
        """Keys with their values, as they stand."""
        return zip(self.children[::2], self.children[1::2], strict=True)


def compose(text: str, source: str) -> Node:
    """The one document in a text, or ConfigRefused at the first place that is no YAML or beyond the bounds."""
    text = text.removeprefix("\ufeff")
    if len(text) > MAX_CHARACTERS:
        _refuse(source, Mark(1, 1), f"the file has {len(text):,} characters; at most {MAX_CHARACTERS:,} are read")
    if found := _FORBIDDEN.search(text):
        line_start = text.rfind("\n", 0, found.start()) + 1
        mark = Mark(text.count("\n", 0, found.start()) + 1, found.start() - line_start + 1)
        _refuse(source, mark, f"the character U+{ord(found[0]):04X} does not belong in a text file")
    try:
        return _Builder(source).build(text)
    except yaml.MarkedYAMLError as error:
        place = error.problem_mark or error.context_mark
        said = ", ".join(part for part in (error.context, error.problem) if part)
        mark = _mark(place) if place else Mark(1, 1)
        if "nesting depth" in said:  # libyaml's own bound, met while it looked ahead
            _refuse(source, mark, _TOO_DEEP)
        hint = "Indent with spaces, not with tabs." if _stands_at(text, mark) == "\t" else ""
        _refuse(source, mark, f"this is not YAML: {printable(said, 200)}", hint)
    except (yaml.YAMLError, UnicodeError, ValueError, OverflowError):
        # An escape such as "\U00ffffff" that names no character leaves the scanners without a place.
        _refuse(source, Mark(1, 1), "this is not YAML")


def _refuse(source: str, mark: Mark, message: str, hint: str = "") -> NoReturn:
    raise ConfigRefused([Problem(source, mark.line, mark.column, "", message, hint)])


def _stands_at(text: str, mark: Mark) -> str:
    lines = text.split("\n", mark.line)
    return lines[mark.line - 1][mark.column - 1 : mark.column] if len(lines) >= mark.line else ""


def _mark(place: Any) -> Mark:
    return Mark(place.line + 1, place.column + 1)


class _Builder:
    """Collects events into nodes; `open` holds the collections that have not ended, outermost first."""

    def __init__(self, source: str) -> None:
        self.source = source
        self.open: list[tuple[Node, str | None]] = []
        self.anchors: dict[str, Node] = {}
        self.root: Node | None = None
        self.size = 0

    def build(self, text: str) -> Node:
        documents = 0
        for event in yaml.parse(text, Loader=_LOADER):
            if isinstance(event, yaml.DocumentStartEvent):
                documents += 1
                if documents > 1:
                    _refuse(self.source, _mark(event.start_mark), "a second document begins here; a file holds one")
            elif isinstance(event, yaml.NodeEvent):
                self._begin(event)
            elif isinstance(event, yaml.CollectionEndEvent):
                node, anchor = self.open.pop()
                if node.children:
                    node.size += sum(child.size for child in node.children)
                    node.height += max(child.height for child in node.children)
                self._add(node, anchor, 1)  # its children were counted as they came
        root = self.root
        if root is None or (root.kind == "scalar" and root.plain and root.text in {"", "~", "null"}):
            _refuse(self.source, Mark(1, 1), "the file is empty", "It holds sections such as desk, queues and agents.")
        return root

    def _begin(self, event: Any) -> None:
        mark = _mark(event.start_mark)
        if isinstance(event, yaml.AliasEvent):
            node = self._named(event.anchor or "", mark)
            self._add(node, None, node.size)
        elif isinstance(event, yaml.ScalarEvent):
            self._add(Node("scalar", mark, event.tag, event.value, plain=not event.style), event.anchor, 1)
        else:
            kind: Literal["list", "mapping"] = "list" if isinstance(event, yaml.SequenceStartEvent) else "mapping"
            self._within_depth(len(self.open) + 1, mark)
            self.open.append((Node(kind, mark, event.tag), event.anchor))

    def _named(self, anchor: str, mark: Mark) -> Node:
        if any(anchor == opened for _, opened in self.open):
            _refuse(self.source, mark, f"the alias *{printable(anchor)} stands inside what it names")
        if anchor not in self.anchors:
            _refuse(self.source, mark, f"there is no anchor &{printable(anchor)} before this alias")
        node = self.anchors[anchor]
        self._within_depth(len(self.open) + node.height, mark)
        return replace(node, mark=mark)

    def _within_depth(self, depth: int, mark: Mark) -> None:
        if depth > MAX_DEPTH:
            _refuse(self.source, mark, _TOO_DEEP)

    def _add(self, node: Node, anchor: str | None, new: int) -> None:
        if anchor:
            self.anchors[anchor] = node
        self.size += new
        if self.size > MAX_NODES:
            _refuse(self.source, node.mark, f"the file holds more than {MAX_NODES:,} values, aliases written out")
        if self.open:
            self.open[-1][0].children.append(node)
        else:
            self.root = node
