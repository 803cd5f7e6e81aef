"""From nodes to plain values, writing down where each stands; duplicates, odd names and foreign tags are noted on
the way.

A key that stands twice keeps its first value, and a value that cannot be read leaves a gap: the rest is still worth
checking.
"""

from __future__ import annotations

from typing import Any

from core.config.nodes import Node
from core.config.problems import Lines, Mark, Path, Problem, printable
from core.config.scalars import reads_as_other, resolve
from data.text import composed

_TAGS = {
    "tag:yaml.org,2002:str": "scalar",
    "tag:yaml.org,2002:map": "mapping",
    "tag:yaml.org,2002:seq": "list",
}
Plain = Any  # None, bool, int, Decimal, str, and lists and mappings of these


class Unreadable:
    """Stands where a value could not be read and a problem says why."""


class Plainer:
    """Turns one tree into plain values; afterwards `lines` and `problems` are complete."""

    def __init__(self, source: str) -> None:
        self.lines = Lines(source)
        self.problems: list[Problem] = []
        self.unreadable: set[Path] = set()

    def read(self, node: Node, path: Path = ()) -> Plain:
        """The plain value of a node. Recurses no deeper than the bound that `nodes` holds."""
        self.lines.values[path] = node.mark
        if node.tag is not None and node.tag != "!" and _TAGS.get(node.tag) != node.kind:
            self._note(path, node.mark, f"the tag {printable(_short(node.tag))} is not allowed here", "Leave it out.")
            self.unreadable.add(path)
            return Unreadable()
        if node.kind == "scalar":
            return resolve(node.text) if node.plain and node.tag is None else node.text
        if node.kind == "list":
            texts = (composed(item.text) for item in node.children)
            self.lines.items[path] = {text: position for position, text in enumerate(texts)}
            return [self.read(item, (*path, position)) for position, item in enumerate(node.children)]
        return self._mapping(node, path)

    def _mapping(self, node: Node, path: Path) -> Plain:
        plain: dict[str, Plain] = {}
        for key, value in node.pairs():
            if key.kind != "scalar":
                self._note(path, key.mark, "a list or mapping stands where a name is expected")
                continue
            name = key.text
            inner = (*path, name)
            other = reads_as_other(name) if key.plain and key.tag is None else ""
            if name in plain:
                first = self.lines.keys[inner]
                self._note(inner, key.mark, f"stands twice, in the lines {first.line} and {key.mark.line}")
                continue
            self.lines.keys[inner] = key.mark
            if name == "<<" and key.plain:
                self._note(inner, key.mark, "merging mappings with << is not supported", "Write the fields out.")
                continue
            if other:
                hint = f'Write it in quotes: "{printable(name)}".' if name else ""
                self._note(inner, key.mark, f"this name reads as {other}", hint)
            plain[name] = self.read(value, inner)
        return plain

    def _note(self, path: Path, mark: Mark, message: str, hint: str = "") -> None:
        self.problems.append(self.lines.problem(path, message, hint, at=mark))


def _short(tag: str) -> str:
    return tag.replace("tag:yaml.org,2002:", "!!", 1)
