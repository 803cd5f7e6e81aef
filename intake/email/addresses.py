"""Address lists as mailers write them: groups, comments, blanks, names in quotes, encoded words anywhere.

Splitting comes before decoding, so a comma inside an encoded name never makes a second address.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from intake.email.headers import decode_words

_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|\\.|=\?[^?\s]{1,60}\?[bBqQ]\?[^?\n]*\?=|[^"\\=<>(),;:]+|.', re.S)
_SPEC = re.compile(r"[^\s<>()\[\],;:\"']+@(?:\[[^\]\s]{1,60}\]|[^\s<>()\[\],;:\"'@]+)")
_ESCAPED = re.compile(r"\\(.)", re.S)
_LONGEST_FIELD = 400_000
_LONGEST = 1_000
"""Characters of one name or address; the patterns below are not linear, so they see no more."""
MOST_ADDRESSES = 5_000
"""Addresses read from one field; a longer list is no correspondence."""


@dataclass(frozen=True, slots=True)
class Address:
    """A display name and an addr-spec, each '' when the mail gives none."""

    name: str
    address: str


def addresses(value: str) -> tuple[Address, ...]:
    """The mailboxes of an unfolded field whose encoded words are still encoded; groups are flattened."""
    value = value[:_LONGEST_FIELD]
    if not value.strip():
        return ()
    simple = value if not any(special in value for special in '"(<,;:\\=') else ""
    if simple:
        return _kept([_mailbox(simple, "", [])])
    found: list[Address] = []
    phrase: list[str] = []
    angle: list[str] | None = None
    comments: list[str] = []
    depth, closed = 0, ""
    comment: list[str] = []
    for sign in _TOKEN.findall(value):
        if depth:
            depth += (sign == "(") - (sign == ")")
            if depth:
                comment.append(sign)
            else:
                comments.append("".join(comment))
                comment = []
        elif sign == "(" and angle is None:
            depth = 1
        elif angle is not None:
            if sign == ">":
                closed, angle = closed or "".join(angle), None
            elif sign in ",;" and "@" in "".join(angle[-3:]):  # the closing bracket was forgotten
                found.append(_mailbox("".join(phrase), "".join(angle), comments))
                phrase, comments, angle, closed = [], [], None, ""
            else:
                angle.append(sign)
        elif sign == "<":
            angle = []
        elif sign in ",;" and not (closed == "" and sign == "," and _name_with_comma(phrase, value)):
            if phrase or closed or comments:
                found.append(_mailbox("".join(phrase), closed, comments))
            phrase, comments, closed = [], [], ""
        elif sign == ":" and not closed and "@" not in "".join(phrase):
            phrase, comments = [], []  # the name of a group
        else:
            phrase.append(sign)
        if len(found) >= MOST_ADDRESSES:
            break
    if comment:
        comments.append("".join(comment))
    if phrase or closed or angle or comments:
        found.append(_mailbox("".join(phrase), closed or "".join(angle or ()), comments))
    return _kept(found)


def _name_with_comma(phrase: list[str], value: str) -> bool:
    """`Smith, Karl <k@example.com>`: one mailbox whose name should have been quoted."""
    text = "".join(phrase)
    return (
        bool(text.strip()) and "@" not in text and value.count("<") == 1 and value.count("@") == 1 and ":" not in value
    )


def _kept(found: list[Address]) -> tuple[Address, ...]:
    return tuple(one for one in found if one.name or one.address)


def _mailbox(phrase: str, angle: str, comments: list[str]) -> Address:
    phrase, angle, comments = phrase[:_LONGEST], angle[:_LONGEST], [one[:_LONGEST] for one in comments[:20]]
    name = _name(phrase)
    spec = _spec(angle) if angle else ""
    if spec:
        return Address(name or (_name(comments[0]) if comments else ""), spec)
    inside = _SPEC.search(phrase)
    if inside:
        name = (phrase[: inside.start()] + phrase[inside.end() :]).strip(" \t<>'")
        return Address(_name(name) or (_name(comments[0]) if comments else ""), inside[0].strip("."))
    for number, comment in enumerate(comments):
        inside = _SPEC.search(comment)
        if inside:
            return Address(name or " ".join(comments[:number]), inside[0])
    joined = "".join(phrase.split())
    if "@" in joined and joined.count("@") == 1 and '"' not in joined:
        return Address("", joined)
    bare = angle.strip() or (
        phrase.strip() if " " not in phrase.strip() and '"' not in phrase and "=?" not in phrase else ""
    )
    if bare and not name_like(bare):
        return Address(name if name != bare else _name(comments[0]) if comments else "", bare)
    return Address(name or (_name(comments[0]) if comments else ""), "")


def name_like(text: str) -> bool:
    """Whether a word without @ is a name rather than a local mailbox such as `root`."""
    return not text.isascii() or bool(re.search(r"[\s,]", text))


def _spec(angle: str) -> str:
    if ":" in angle and angle.lstrip().startswith("@"):
        angle = angle.partition(":")[2]  # a source route
    plain = angle.strip()
    if plain.lower().startswith("mailto:"):
        plain = plain[7:]
    if " " not in plain and "\t" not in plain and "@" in plain:
        return plain.strip("'<>")
    found = _SPEC.findall(angle)
    if found:
        return str(found[-1])
    joined = "".join(angle.split())
    return joined if "@" in joined else ""


def _name(phrase: str) -> str:
    text = phrase.strip()
    if not text:
        return ""
    if '"' in text:
        text = re.sub(r'"((?:[^"\\]|\\.)*)"', r"\1", text).strip().strip('"')
    if "\\" in text:
        text = _ESCAPED.sub(r"\1", text)
    text = decode_words(text).strip()
    if len(text) > 1 and text[0] == text[-1] and text[0] in "'\"":
        text = text[1:-1].strip()
    return text
