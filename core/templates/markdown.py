"""Plain text and HTML from one source in Markdown, into which values are put only after the Markdown was read.

So whatever a customer wrote, a subject such as `# **x** <script>`, comes out as it is in both. In the source a value is a mark of two
characters of Unicode's private use around its number; no source and no value may hold these characters themselves.

A source can put one value in many times, or a value of many lines into many quotes, so what is put in is counted.
"""

from __future__ import annotations

import re
import urllib.parse
from collections.abc import Callable, Sequence
from functools import lru_cache

from markdown_it import MarkdownIt
from markdown_it.common.normalize_url import normalizeLink, normalizeLinkText
from markdown_it.common.utils import escapeHtml
from markdown_it.token import Token
from markdown_it.tree import SyntaxTreeNode

from core.templates.compiling import MAX_OUTPUT, Quoted
from core.templates.template import TemplateFailed

OPEN, CLOSE = "\ue000", "\ue001"
_RESERVED = re.compile(f"[{OPEN}{CLOSE}]")
_MARK = re.compile(f"{OPEN}([0-9]+){CLOSE}")
_MARK_AS_ENTITY = re.compile(r"&#(?:x0*e00[01]|0*5734[45]);", re.IGNORECASE)
_ALLOWED_LINK = re.compile(r"(?:https?://|mailto:)[^\s]", re.IGNORECASE)
_MAX_NESTING = 16
"""How deep quotes and lists stand inside each other, a list counting for two: what each line takes grows with it."""
_MAX_PUT_IN = 3 * MAX_OUTPUT
"""In characters: what is put into the plain text and the HTML of one letter, together."""
_LONGEST_IN_LINK = 2_000
"""In characters: what the values in an address may have together; no program follows much longer ones."""


class Values:
    """Hands out marks for values, puts the values where the marks are, and counts what it puts in."""

    def __init__(self) -> None:
        self._values: dict[str, str] = {}
        self._links: dict[str, str] = {}
        self._left = _MAX_PUT_IN

    def mark(self, value: str) -> str:
        """Return what stands for a value in the source; nothing for an empty one."""
        if not value:
            return ""
        number = str(len(self._values))
        # What is quoted for an address already has none of the characters that are taken out.
        clean = without_marks(value).replace("\r\n", "\n").replace("\r", "\n")
        self._values[number] = value if isinstance(value, Quoted) else clean
        return f"{OPEN}{number}{CLOSE}"

    def put_in(self, text: str) -> str:
        """Return a text with its values; nothing for a mark that was never handed out.

        Raises:
            TemplateFailed: the letter grows beyond all use.
        """
        return _MARK.sub(self._put_in, text)

    def put_in_link(self, link: str) -> str:
        """Return the address of a link with its values, each as a part of it; nothing where it leads where no link may.

        A value at the very beginning is the whole address or its first part, so it stands as it is.

        Raises:
            TemplateFailed: the letter grows beyond all use.
        """
        if link not in self._links:
            self._links[link] = self._link(link)
        self.grow(len(self._links[link]))
        return self._links[link]

    def grow(self, characters: int) -> None:
        """Count what is put in.

        Raises:
            TemplateFailed: the letter grows beyond all use.
        """
        self._left -= characters
        if self._left < 0:
            raise TemplateFailed(why=f"more than {_MAX_PUT_IN:,} characters are put into it, again and again")

    def _put_in(self, mark: re.Match[str]) -> str:
        value = self._values.get(mark[1], "")
        self.grow(len(value))
        return value

    def _link(self, link: str) -> str:
        if sum(len(self._values.get(number, "")) for number in _MARK.findall(link)) > _LONGEST_IN_LINK:
            return ""
        found = _MARK.match(link)
        first, rest = (self._values.get(found[1], ""), link[found.end() :]) if found else ("", link)
        whole = normalizeLink(first) if first else ""
        plain = "@+" if link.lower().startswith("mailto:") else ""
        whole += _MARK.sub(lambda each: _quoted(self._values.get(each[1], ""), plain), rest)
        return whole if _ALLOWED_LINK.match(whole) else ""


def _quoted(value: str, plain: str) -> str:
    return value if isinstance(value, Quoted) else urllib.parse.quote(value, safe=plain, errors="replace")


def without_marks(text: str) -> str:
    """Return a text without the characters that marks are made of."""
    return _RESERVED.sub("", text)


def written(source: str, values: Values) -> tuple[str, str]:
    """Return a source in Markdown as plain text and as HTML, with its values in both.

    Raises:
        TemplateFailed: the letter grows beyond all use, or quotes and lists stand too deep in each other.
    """
    # An entity would be read as the character of a mark.
    tokens = _reader().parse(_MARK_AS_ENTITY.sub("\ufffd", source))
    if any(each.type in ("blockquote_open", "list_item_open") and each.level + 1 >= _MAX_NESTING for each in tokens):
        # What stands in there was not read, and would be lost.
        raise TemplateFailed(
            why=f"more than {_MAX_NESTING - 1} quotes or {_MAX_NESTING // 2 - 1} lists stand inside each other"
        )
    return _plain(SyntaxTreeNode(tokens), values), _html(tokens, values)


@lru_cache(1)
def _reader() -> MarkdownIt:
    reader = MarkdownIt("commonmark", {"html": False, "breaks": True, "maxNesting": _MAX_NESTING})
    reader.validateLink = _is_allowed  # type: ignore[method-assign]
    reader.normalizeLink = _normalized  # type: ignore[method-assign]
    reader.normalizeLinkText = _shown  # type: ignore[method-assign]
    reader.add_render_rule("text", _text)
    return reader


def _is_allowed(url: str) -> bool:
    """Say whether a link may lead there; where a value comes first, that is decided once the value is known."""
    return bool(_ALLOWED_LINK.match(url) or _MARK.match(url))


def _normalized(url: str) -> str:
    """Return the address of a link as it may stand in HTML, its marks as they are."""
    return _around_marks(normalizeLink, url)


def _shown(link: str) -> str:
    """Return the address of a link as it is read, its marks as they are; what decoding makes is none."""
    return _around_marks(lambda part: without_marks(normalizeLinkText(part)), link)


def _around_marks(change: Callable[[str], str], url: str) -> str:
    parts = _MARK.split(url)
    return "".join(f"{OPEN}{part}{CLOSE}" if place % 2 else change(part) for place, part in enumerate(parts))


# -- HTML


def _html(tokens: Sequence[Token], values: Values) -> str:
    for token in tokens:
        if token.children is not None:
            token.children = _without_images(token.children)
            for child in token.children:
                _fill(child, values)
            token.children = _without_dead_links(token.children)
        elif token.content:
            token.content = values.put_in(token.content)
        if token.info:
            token.info = ""
    html: str = _reader().renderer.render(tokens, _reader().options, {})
    return html


def _without_images(children: Sequence[Token]) -> list[Token]:
    """Return inline tokens with the text of each image in its place: nothing is fetched from outside when a mail is read."""
    found: list[Token] = []
    for each in children:
        found += _without_images(each.children or []) if each.type == "image" else [each]
    return found


def _fill(token: Token, values: Values) -> None:
    if token.type == "link_open":
        token.attrs = {"href": values.put_in_link(str(token.attrs.get("href", "")))}
    elif token.content:
        token.content = values.put_in(token.content)


def _text(_renderer: object, tokens: Sequence[Token], at: int, _options: object, _env: object) -> str:
    """Return text as HTML; only a value has lines in it."""
    return escapeHtml(tokens[at].content).replace("\n", "<br />\n")


def _without_dead_links(children: Sequence[Token]) -> list[Token]:
    """Return inline tokens without links that lead nowhere; their text stays."""
    found: list[Token] = []
    dead = 0
    for each in children:
        if each.type == "link_open" and not each.attrs["href"]:
            dead += 1
        elif each.type == "link_close" and dead:
            dead -= 1
        else:
            found.append(each)
    return found


# -- plain text


def _plain(root: SyntaxTreeNode, values: Values) -> str:
    return "\n".join(_blocks(root.children, values)).strip("\n") + "\n" if root.children else ""


def _blocks(nodes: Sequence[SyntaxTreeNode], values: Values, *, tight: bool = False) -> list[str]:
    lines: list[str] = []
    for node in nodes:
        if lines and not tight:
            lines.append("")
        lines += _block(node, values)
    return lines


def _block(node: SyntaxTreeNode, values: Values) -> list[str]:
    match node.type:
        case "paragraph" | "heading":
            return "".join(_inline(each, values) for each in node.children).split("\n")
        case "fence" | "code_block":
            return values.put_in(node.content).rstrip("\n").split("\n")
        case "blockquote":
            lines = _blocks(node.children, values)
            values.grow(2 * len(lines))
            return [f"> {line}".rstrip() for line in lines]
        case "bullet_list" | "ordered_list":
            return _list(node, values)
        case "hr":
            return ["---"]
    return _blocks(node.children, values)


def _list(node: SyntaxTreeNode, values: Values) -> list[str]:
    tight = all(each.hidden for item in node.children for each in item.children if each.type == "paragraph")
    number = int(node.attrs.get("start", 1))
    lines: list[str] = []
    for place, item in enumerate(node.children):
        sign = f"{number + place}. " if node.type == "ordered_list" else "- "
        inner = _blocks(item.children, values, tight=tight) or [""]
        if lines and not tight:
            lines.append("")
        values.grow(len(sign) * len(inner))
        lines += [f"{sign if not at else ' ' * len(sign)}{line}".rstrip() for at, line in enumerate(inner)]
    return lines


def _inline(node: SyntaxTreeNode, values: Values) -> str:
    match node.type:
        case "text" | "code_inline":
            return values.put_in(node.content)
        case "softbreak" | "hardbreak":
            return "\n"
        case "link":
            text = "".join(_inline(each, values) for each in node.children)
            link = values.put_in_link(str(node.attrs.get("href", "")))
            bare = link.removeprefix("mailto:")
            return text if not link or text in (link, bare) else f"{text} ({bare})"
    return "".join(_inline(each, values) for each in node.children)
