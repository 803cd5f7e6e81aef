"""The tree of a message's parts, found in one pass over the bytes.

Neither depth nor a forgotten end can hurt: the open boundaries are a stack, each line that could be one is looked up once, and nothing
recurses. An attached message stays one leaf, with its bytes as they came.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from data.errors import DeskError
from intake.email.headers import Fields, header_end, parameters, unfold
from intake.email.transfer import decode_transfer

MAX_BYTES = 256 * 1024 * 1024
MAX_HEADER_BYTES = 8 * 1024 * 1024
MAX_PARTS = 10_000
MAX_DEPTH = 100
"""Multiparts inside multiparts that are opened; a deeper one is kept as one attachment."""
_LONGEST_BOUNDARY = 998

_BLANK = re.compile(rb"\n\r?\n")
_LOST_BOUNDARY = re.compile(rb"(?:\A|\n)--([^\s]{1,200})[ \t]*\r?\n(?:Content-|MIME-)", re.I)
_TYPE = re.compile(r"[a-z0-9!#$&^_.+-]+/[a-z0-9!#$&^_.+-]+")


class Unreadable(DeskError):
    """The message is over a bound of the reader: {reason}."""


@dataclass(slots=True)
class Part:
    """One entity: a leaf with a body, or a multipart with children."""

    fields: Fields
    type: str
    params: dict[str, str]
    body: bytes = b""
    children: list[Part] = field(default_factory=list)
    too_deep: bool = False
    start: int = 0

    def content(self) -> tuple[bytes, str]:
        """The body without its transfer encoding, and what was wrong with that."""
        raw = self.fields.raw(b"content-transfer-encoding")
        return decode_transfer(self.body, raw.decode("latin-1")) if raw else (self.body, "")


class _Reader:
    def __init__(self, raw: bytes) -> None:
        self.raw = raw
        self.defects: dict[str, None] = {}
        self.header_bytes = 0
        self.parts = 0
        self.blank = (-1, -1)
        self.open: list[tuple[bytes, Part]] = []
        self.boundaries: dict[bytes, int] = {}
        self.needle = b"\n--"

    def read(self) -> Part:
        root, at = self.entity(0, "text/plain")
        current: Part | None = root
        raw = self.raw
        if self.enter(root):
            current = None
        at -= 1
        while self.open:
            at = raw.find(self.needle, max(at, 0))
            if at < 0:
                break
            hit = self.delimiter(at)
            if hit is None:
                at += 3
                continue
            level, closing, after = hit
            if current is not None:
                self.close(current, at)
            for _, parent in self.open[level + 1 :]:
                self.finish(parent, at)
            del self.open[level + (0 if closing else 1) :]
            self.index()
            if closing:
                current = None
                at = after - 1
                continue
            parent = self.open[-1][1]
            default = "message/rfc822" if parent.type == "multipart/digest" else "text/plain"
            current, at = self.entity(after, default)
            parent.children.append(current)
            if self.enter(current):
                current = None
            at -= 1
        if current is not None:
            self.close(current, len(raw))
        if self.open and self.open[-1][1].children:
            self.defects["the last boundary is missing"] = None
        for _, parent in self.open:
            self.finish(parent, len(raw))
        return root

    def enter(self, part: Part) -> bool:
        """Open a multipart; False for a leaf."""
        if not part.type.startswith("multipart/"):
            return False
        boundary = part.params.get("boundary", "").encode("utf-8", "replace").rstrip()
        at = max(part.start - 1, 0)
        if not boundary or self.raw.find(b"\n--" + boundary, at, at + 65_536) < 0:
            lost = _LOST_BOUNDARY.search(self.raw, at, at + 16_384)
            if lost is not None and lost[1] not in self.boundaries:
                boundary = lost[1]
                self.defects["a boundary was not as stated"] = None
        if not boundary or len(boundary) > _LONGEST_BOUNDARY:
            self.defects["a multipart without boundary"] = None
            return False
        if len(self.open) >= MAX_DEPTH:
            self.defects[f"nested deeper than {MAX_DEPTH} levels"] = None
            part.too_deep = True
            return False
        self.open.append((boundary, part))
        self.index()
        return True

    def index(self) -> None:
        """What to look for from here on; all open boundaries count, for an inner end may be missing."""
        self.boundaries = {name: number for number, (name, _) in enumerate(self.open)}
        self.needle = b"\n--" + _shared_start(list(self.boundaries))

    def delimiter(self, at: int) -> tuple[int, bool, int] | None:
        """Which open boundary the line after `at` is, whether it closes it, and where the next line begins."""
        raw = self.raw
        end = raw.find(b"\n", at + 1, at + _LONGEST_BOUNDARY + 40)
        if end < 0:
            if len(raw) - at > _LONGEST_BOUNDARY + 40:
                return None
            end = len(raw)
        token = raw[at + 3 : end].rstrip()
        level = self.boundaries.get(token)
        if level is not None:
            return level, False, min(end + 1, len(raw))
        if token.endswith(b"--"):
            level = self.boundaries.get(token[:-2].rstrip())
            if level is not None:
                return level, True, min(end + 1, len(raw))
        return None

    def entity(self, start: int, default: str) -> tuple[Part, int]:
        """A part from its first header byte; its body's start."""
        self.parts += 1
        if self.parts > MAX_PARTS:
            raise Unreadable(reason=f"more than {MAX_PARTS} parts")
        raw = self.raw
        if raw.startswith((b"\n", b"\r\n"), start):
            end = body = raw.index(b"\n", start) + 1
            block = b""
        else:
            end, body = self.next_blank(start)
            at = raw.find(self.needle, start - 1, end) if self.open else -1
            while at >= 0:  # a part of nothing but headers
                if self.delimiter(at) is not None:
                    end = body = at + 1
                    break
                at = raw.find(self.needle, at + 3, end)
            if end - start > MAX_HEADER_BYTES:
                raise Unreadable(reason=f"more than {MAX_HEADER_BYTES} bytes of header")
            block = raw[start:end]
            cut = header_end(block)
            if cut < len(block):
                self.defects["no blank line after the header" if cut else "no header"] = None
                block, body = block[:cut], start + cut
        self.header_bytes += len(block)
        if self.header_bytes > MAX_HEADER_BYTES:
            raise Unreadable(reason=f"more than {MAX_HEADER_BYTES} bytes of header")
        fields = Fields(block)
        stated = fields.raw(b"content-type")
        if stated is None:
            return Part(fields, default, {}, start=body), body
        main, params = parameters(unfold(stated))
        if _TYPE.fullmatch(main) is None:
            self.defects["a content type was not readable"] = None
            main = _repaired_type(main, default)
        return Part(fields, main, params, start=body), body

    def next_blank(self, start: int) -> tuple[int, int]:
        """Where the header that begins at `start` ends and the body begins; asked with growing positions only."""
        if self.blank[0] < start:
            found = _BLANK.search(self.raw, start)
            self.blank = (found.start() + 1, found.end()) if found else (len(self.raw), len(self.raw))
        return self.blank

    def close(self, part: Part, end: int) -> None:
        if end > part.start and self.raw[end - 1 : end] == b"\r":
            end -= 1
        part.body = self.raw[part.start : max(end, part.start)]

    def finish(self, part: Part, end: int) -> None:
        """A multipart in which no boundary was met is the text it holds."""
        if not part.children:
            self.defects["a multipart without parts"] = None
            self.close(part, end)


def _shared_start(names: list[bytes]) -> bytes:
    if not names:
        return b""
    first, last = min(names), max(names)
    same = next((at for at, byte in enumerate(first) if at >= len(last) or last[at] != byte), len(first))
    return first[:same]


def _repaired_type(main: str, default: str) -> str:
    for known in ("text/html", "text/plain", "multipart/mixed", "multipart/alternative"):
        if main.startswith(known):
            return known
    if main in ("text", ""):
        return default
    if main in ("html", "text/htm"):
        return "text/html"
    return "application/octet-stream" if "/" in main or "." in main else default


def read_tree(raw: bytes) -> tuple[Part, list[str]]:
    """The parts of a message and what had to be repaired; raises Unreadable over a bound."""
    if len(raw) > MAX_BYTES:
        raise Unreadable(reason=f"more than {MAX_BYTES} bytes")
    reader = _Reader(raw)
    root = reader.read()
    return root, list(reader.defects)
