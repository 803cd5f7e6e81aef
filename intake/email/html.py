"""Text from HTML mail: links, lists, tables and quotes as a plain mail would write them.

The tree builder is quadratic in depth, so markup that nests absurdly or is huge goes through a flat tokenizer instead; both feed the
same writer, and neither recurses.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape

from selectolax.lexbor import LexborHTMLParser, LexborNode

from intake.email.charsets import clean
from intake.email.html_writer import ATTRIBUTION_MARK, HISTORY_MARK, SIGNATURE_MARK, Writer

_NOT_MARKS = {0xFDD0: "\ufffd", 0xFDD1: "\ufffd", 0xFDD2: "\ufffd"}
_MOST_BYTES = 3_000_000
_UNSEEN = re.compile(r"<(style|script)\b(?:(?!<(?:style|script)\b).)*?</\1\s*>", re.S | re.I)
_LINE_TAG = re.compile(r"<(?:br|/p|/div|/tr|/li|/h[1-6]|/table)\b[^<>]*>", re.I)
_ANY_TAG = re.compile(r"<[^<>]*>")
_DEEPEST = 2_000
_DEEPEST_STYLE = 200
_WHITE = re.compile("[ \t\r\n\f\xa0]+")
_TAG = re.compile(r"<(/?)([a-zA-Z][^\s/>]{0,40})|<!--", re.S)
_FLAT = re.compile(r"<!--.*?(?:-->|\Z)|<(/?)([a-zA-Z][^\s/>]{0,40})([^>]*)>|<[!?/][^>]*>", re.S)
_FLAT_ATTRIBUTE = re.compile(r"""([a-zA-Z-]{1,30})\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))""")
_NEVER_NESTED = frozenset(
    (
        "p",
        "li",
        "td",
        "th",
        "tr",
        "dt",
        "dd",
        "option",
        "br",
        "hr",
        "img",
        "input",
        "meta",
        "link",
        "area",
        "base",
        "col",
        "embed",
        "source",
        "track",
        "wbr",
        "html",
        "body",
        "head",
        "tbody",
    )
)
_STYLES = frozenset(("a", "b", "big", "code", "em", "font", "i", "nobr", "s", "small", "strike", "strong", "tt", "u"))
_SKIPPED = frozenset(("head", "title", "style", "script", "template", "object", "svg", "noframes"))


def html_to_text(html: str, marks: bool = False) -> str:
    """The text of an HTML body; with marks, lines that say where history and signature begin (see the constants)."""
    html = clean(html)
    if not html.isascii() and any(mark in html for mark in (HISTORY_MARK, ATTRIBUTION_MARK, SIGNATURE_MARK)):
        html = html.translate(_NOT_MARKS)
    if len(html) > _MOST_BYTES:
        return _stripped(html)
    writer = Writer(marks)
    if _too_deep(html):
        _feed_flat(html, writer)
    else:
        _feed_tree(html, writer)
    return clean(writer.finish())


def _stripped(html: str) -> str:
    """The bare words of a body that is too long to be laid out."""
    html = _UNSEEN.sub(" ", html)
    return clean(unescape(_ANY_TAG.sub("", _LINE_TAG.sub("\n", _WHITE.sub(" ", html)))).strip())


def _too_deep(html: str) -> bool:
    if html.count("<") < _DEEPEST_STYLE:
        return False
    depth = deepest = style = deepest_style = 0
    for found in _TAG.finditer(html):
        name = (found[2] or "br").lower()
        if name in _NEVER_NESTED:
            continue
        step = -1 if found[1] else 1
        if name in _STYLES:
            style = max(style + step, 0)
            deepest_style = max(deepest_style, style)
        else:
            depth = max(depth + step, 0)
            deepest = max(deepest, depth)
    return deepest > _DEEPEST or deepest_style > _DEEPEST_STYLE


def _feed_tree(html: str, writer: Writer) -> None:
    node: LexborNode | None = LexborHTMLParser(html).root
    opened: list[tuple[LexborNode, str]] = []
    while node is not None:
        tag = node.tag or ""
        inner = None
        if tag == "-text":
            writer.text(node.text_content or "")
        elif tag not in _SKIPPED and tag[:1] not in "-_!":
            writer.start(tag, node.attributes if tag not in ("b", "i", "br", "tr", "tbody", "strong") else {})
            inner = node.child
            if inner is None:
                writer.end(tag)
            else:
                opened.append((node, tag))
        following = inner or node.next
        while following is None and opened:
            node, tag = opened.pop()
            writer.end(tag)
            following = node.next
        node = following


def _feed_flat(html: str, writer: Writer) -> None:
    at, skipping = 0, ""
    for found in _tags(html):
        if not skipping and found.start() > at:
            writer.text(unescape(html[at : found.start()]))
        at = found.end()
        name = (found[2] or "").lower()
        if skipping:
            skipping = "" if found[1] and name == skipping else skipping
        elif name in ("style", "script", "title") and not found[1]:
            skipping = name
        elif name and found[1]:
            writer.end(name)
        elif name:
            attributes = _FLAT_ATTRIBUTE.findall(found[3][:4000]) if "=" in found[3] else ()
            writer.start(name, {key.lower(): unescape(a or b or c) for key, a, b, c in attributes})
    if not skipping:
        writer.text(unescape(html[at:]))


def _tags(html: str) -> Iterator[re.Match[str]]:
    end = html.rfind(">") + 1  # beyond it every `<` would be searched to the end in vain
    return _FLAT.finditer(html, 0, end)
