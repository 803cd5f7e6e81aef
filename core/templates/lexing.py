"""Cutting a template into text and tags, in time that grows with its length alone."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from core.conditions.faults import Faulty, Place

_OPENING = re.compile(r"\{[{%#]")
# Texts in quotation marks may hold what would end the tag. Possessive, so that no tag is read in two ways.
_BODY = {
    "{{": re.compile(r"""(?:"(?:[^"\\\n]|\\.)*+"|'(?:[^'\\\n]|\\.)*+'|[^"'}]|\}(?!\}))*+"""),
    "{%": re.compile(r"""(?:"(?:[^"\\\n]|\\.)*+"|'(?:[^'\\\n]|\\.)*+'|[^"'%]|%(?!\}))*+"""),
}
_CLOSING = {"{{": "}}", "{%": "%}", "{#": "#}"}
_REST_OF_LINE = re.compile(r"[ \t]*(?:\r?\n|\Z)")


@dataclass(frozen=True, slots=True)
class Token:
    """Text as it stands, what a tag puts in, or the statement of a block tag; `at` is the position of its first character."""

    kind: Literal["text", "put", "block"]
    text: str
    at: int


def tokens(source: str) -> Iterator[Token]:
    """Yield the parts of a template. A remark is left out, and so is the line of a block tag or remark that stands there alone.

    Raises:
        Faulty: a tag is not closed.
    """
    at = 0
    while (opening := _OPENING.search(source, at)) is not None:
        begin, sign = opening.start(), opening[0]
        body_at, end = _body(source, sign, begin)
        body = source[body_at : end - 2]
        text, after = source[at:begin], end
        if body[:1] == "-":
            text, body, body_at = text.rstrip(), body[1:], body_at + 1
        trimmed = body[-1:] == "-" and sign != "{#"
        if sign != "{{" and (alone := _alone(source, begin, end)):
            text, after = text[: len(text) - alone[0]] if text[len(text) - alone[0] :].strip() == "" else text, alone[1]
        if trimmed or (sign == "{#" and body[-1:] == "-"):
            body = body[:-1]
            after = len(source) - len(source[end:].lstrip())
        if text:
            yield Token("text", text, at)
        if sign != "{#":
            yield Token("put" if sign == "{{" else "block", body, body_at)
        at = after
    if at < len(source):
        yield Token("text", source[at:], at)


def _body(source: str, sign: str, begin: int) -> tuple[int, int]:
    """Return where what stands in a tag begins, and where the tag ends."""
    closing = _CLOSING[sign]
    if sign == "{#":
        end = source.find(closing, begin + 2)
    else:
        found = _BODY[sign].match(source, begin + 2)
        end = found.end() if found is not None and source.startswith(closing, found.end()) else -1
    if end < 0:
        what = f'"{sign}" is not closed by "{closing}"'
        raise Faulty(
            place_at(source, begin), what, "A text in quotation marks ends on its line." if sign != "{#" else ""
        )
    return begin + 2, end + 2


def _alone(source: str, begin: int, end: int) -> tuple[int, int] | None:
    """Return how many blanks stand before a tag on its line and where the line ends, if nothing else stands on it."""
    rest = _REST_OF_LINE.match(source, end)
    if rest is None:
        return None
    line = source.rfind("\n", 0, begin) + 1
    return None if source[line:begin].strip(" \t") else (begin - line, rest.end())


def place_at(source: str, at: int) -> Place:
    """Return the place of a position in a template."""
    return Place(source.count("\n", 0, at) + 1, at - (source.rfind("\n", 0, at) + 1) + 1)


def shifted(place: Place, source: str, at: int) -> Place:
    """Return the place in a template of a place within a part of it, which begins at a position."""
    start = place_at(source, at)
    return Place(start.line + place.line - 1, place.column + (start.column - 1 if place.line == 1 else 0))
