"""Lines of text from a stream of HTML tags: how a plain mail would write links, lists, tables and quotes.

With marks it also says where the sender's program put history and signature; the marks are noncharacters, which no mail may hold.
"""

from __future__ import annotations

import re

HISTORY_MARK = "\ufdd0"
"""A line of its own before quoted history that has no quote signs, when marks are asked for."""
ATTRIBUTION_MARK = "\ufdd1"
"""A line of its own before the line that introduces a quote, when marks are asked for."""
SIGNATURE_MARK = "\ufdd2"
"""The first character of a line that the sender's program marked as signature, when marks are asked for."""
_PARAGRAPHS = frozenset(
    ("p", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "dl", "pre", "blockquote", "table", "fieldset", "figure")
)
_BLOCKS = _PARAGRAPHS | frozenset(
    (
        "div",
        "tr",
        "li",
        "dt",
        "dd",
        "center",
        "section",
        "article",
        "header",
        "footer",
        "address",
        "form",
        "main",
        "nav",
        "aside",
        "caption",
        "body",
        "html",
        "legend",
        "hr",
    )
)
_CITE_STYLE = re.compile(r"border-left\s*:|border-left-(?:width|style|color)", re.I)
_INDENT_STYLE = re.compile(r"border\s*:\s*(?:none|0)", re.I)
_OUTLOOK_LINE = re.compile(r"border-top\s*:\s*(?:solid\s+)?#?(?:b5c4df|e1e1e1|rgb\()[^;]*", re.I)
_HISTORY_IDS = re.compile(
    r"(?:x_)*(?:divRplyFwdMsg|appendonsend|stopSpelling|OLK_SRC_BODY_SECTION|zwchr|reply-intro|mail-editor-reference-message-container"
    r"|divtagdefaultwrapper_reply|isReplyContent|replySplit)"
)
_SIGNATURES = re.compile(
    r"(?:x_)*(?:gmail_signature|moz-signature|signature|ms-outlook-mobile-signature|applemailsignature"
    r"|protonmail_signature_block(?:-user)?|zmail_signature|bloop_sign.*)",
    re.I,
)
_WHITE = re.compile("[ \t\r\n\f\xa0]+")
_EMPTY = ("br", "img", "hr", "input", "meta", "link", "wbr", "col", "area", "base", "embed", "source", "track")


class Writer:
    """Takes tags and text in order and folds white space as a browser does."""

    def __init__(self, marks: bool) -> None:
        self.marks = marks
        self.lines: list[str] = []
        self.line: list[str] = []
        self.space = False
        self.want = 0
        self.quotes: list[bool] = []
        self.lists: list[int] = []
        self.bullet = ""
        self.links: list[tuple[str, int, int]] = []
        self.pre = 0
        self.target = ""  # of a link that ended just now: it is shown behind the punctuation that follows
        self.signatures: list[int] = []
        self.depth = 0

    def text(self, text: str) -> None:
        """Text between tags."""
        if self.pre:
            first, *more = text.replace("\r\n", "\n").split("\n")
            self._put(first)
            for part in more:
                self._break()
                self._put(part)
            return
        folded = _WHITE.sub(" ", text)
        if self.target and folded:
            folded = self._after_link(folded)
        if folded == " " or not folded:
            self.space = self.space or bool(folded and self.line)
            return
        if self.space or (folded[0] == " " and self.line):
            self.line.append(" ")
        self.space = folded[-1] == " "
        self.line.append(folded.strip(" "))

    def _after_link(self, folded: str) -> str:
        sign = folded[0] if folded[0] in ".,;:!?)" and not self.space else ""
        if sign:
            self.line.append(sign)
        self._show_target()
        rest = folded[len(sign) :]
        return rest if rest[:1] == " " else f" {rest}" if rest else ""

    def _show_target(self) -> None:
        self.line.append(f" <{self.target}>")
        self.target = ""

    def _put(self, text: str) -> None:
        if text:
            self.line.append(text)

    def start(self, tag: str, attributes: dict[str, str | None]) -> None:
        """A tag opens."""
        self.depth += 1
        if self.marks and attributes and not self.signatures:
            self._mark(tag, attributes)
        if tag == "br":
            self.depth -= 1
            self._break()
        elif tag == "a":
            self.links.append((_target(attributes), len(self.lines), len(self.line)))
        elif tag == "img":
            self.depth -= 1
            alt = _WHITE.sub(" ", attributes.get("alt") or "").strip()
            if alt:
                self.text(f"[{alt}]")
        elif tag in ("td", "th"):
            if self.line:
                self.line.append("  ")
                self.space = False
        elif tag in _BLOCKS:
            tight = tag == "p" and (attributes.get("class") or "").lower().startswith("mso")
            self._block(2 if tag in _PARAGRAPHS and not tight and not (tag in ("ul", "ol") and self.lists) else 1)
            if tag == "blockquote":
                self.quotes.append(self._is_quote(attributes))
            elif tag in ("ul", "ol"):
                self.lists.append(0 if tag == "ol" else -1)
            elif tag == "li":
                self._item()
            elif tag == "pre":
                self.pre += 1
            elif tag == "hr":
                self.depth -= 1
                self.line.append("-" * 30)
                self._block(1)
        elif tag in ("input", "meta", "link", "wbr", "col", "area", "base", "embed", "source", "track"):
            self.depth -= 1

    def end(self, tag: str) -> None:
        """A tag closes."""
        if tag in _EMPTY:
            return
        self.depth = max(self.depth - 1, 0)
        if tag == "a":
            self._link()
        elif tag in _BLOCKS:
            self._block(2 if tag in _PARAGRAPHS and tag not in ("p", "ul", "ol") else 1)
            if tag == "p" and not self.want:
                self.want = 1
            if tag == "blockquote" and self.quotes:
                self.quotes.pop()
            elif tag in ("ul", "ol") and self.lists:
                self.lists.pop()
                self.want = max(self.want, 1 if self.lists else 2)
            elif tag == "pre":
                self.pre = max(self.pre - 1, 0)
        if self.signatures and self.depth <= self.signatures[-1]:
            self._block(1)
            self.signatures.pop()

    def finish(self) -> str:
        """All lines, without blank ones around them."""
        self._flush()
        first, end = 0, len(self.lines)
        while first < end and not self.lines[first].strip():
            first += 1
        while end > first and not self.lines[end - 1].strip():
            end -= 1
        return "\n".join(self.lines[first:end])

    def _is_quote(self, attributes: dict[str, str | None]) -> bool:
        style = attributes.get("style") or ""
        cited = "type" in attributes or "cite" in attributes or "quote" in (attributes.get("class") or "").lower()
        if cited or _CITE_STYLE.search(style):
            return True
        return not self.marks and not _INDENT_STYLE.search(style)  # programs indent by blockquote, too

    def _mark(self, tag: str, attributes: dict[str, str | None]) -> None:
        ident, classes = attributes.get("id") or "", attributes.get("class") or ""
        if ident or classes:
            if _SIGNATURES.fullmatch(ident) or any(_SIGNATURES.fullmatch(one) for one in classes.split()):
                self._block(1)
                self.signatures.append(self.depth - 1)
                return
            if ident and _HISTORY_IDS.fullmatch(ident):
                self._marker(HISTORY_MARK)
                return
            if (
                "yahoo_quoted" in classes
                or "moz-cite-prefix" in classes
                or ("gmail_quote" in classes and tag != "blockquote")
            ):
                self._marker(ATTRIBUTION_MARK)
                return
        if tag in ("div", "p") and _OUTLOOK_LINE.search(attributes.get("style") or ""):
            self._marker(HISTORY_MARK)

    def _marker(self, mark: str) -> None:
        self._block(1)
        if not self.quotes:
            self.lines.append(mark)

    def _item(self) -> None:
        level = self.lists[-1] if self.lists else -1
        if level >= 0:
            self.lists[-1] = level + 1
            self.bullet = f"{level + 1}. "
        else:
            self.bullet = "- "

    def _link(self) -> None:
        if not self.links:
            return
        target, row, column = self.links.pop()
        if not target or row != len(self.lines) or len(self.line) <= column:
            return
        shown = "".join(self.line[column:]).strip()
        if shown and not _same_target(shown, target):
            self.target = target

    def _depth(self) -> int:
        return min(sum(self.quotes[:40]), 40) if self.quotes else 0

    def _flush(self) -> None:
        if self.target and self.line:
            self._show_target()
        if not self.line:
            return
        prefix = "> " * self._depth()
        if self.want == 2 and self.lines and self.lines[-1].strip("> "):
            self.lines.append(prefix.rstrip() if self.lines[-1].startswith(">") else "")
        indent = "  " * min(len(self.lists) - 1, 20) if self.lists else ""
        body = "".join(self.line)
        if not self.pre:
            body = body.strip()
        if self.bullet:
            indent, self.bullet = indent + self.bullet, ""
        elif indent or self.lists:
            indent += "  "
        mark = SIGNATURE_MARK if self.signatures else ""
        self.lines.append(mark + prefix + indent + body)
        self.line, self.space, self.want = [], False, 0

    def _block(self, margin: int) -> None:
        if self.line:
            self._flush()
        self.space = False
        self.want = max(self.want, margin)

    def _break(self) -> None:
        if self.line:
            self._flush()
        elif self.lines and (len(self.lines) < 2 or self.lines[-1].strip("> ") or self.pre):
            self.lines.append(("> " * self._depth()).rstrip())
            self.want = min(self.want, 1)
        self.space = False


def _target(attributes: dict[str, str | None]) -> str:
    href = _WHITE.sub("", attributes.get("href") or "")
    return href if href[:5].lower() in ("http:", "https", "ftp:/") else ""


def _same_target(shown: str, target: str) -> bool:
    bare = target.split("://", 1)[-1].rstrip("/").lower()
    seen = shown.split("://", 1)[-1].rstrip("/").lower()
    return seen in (bare, bare.removeprefix("www.")) or target in shown
