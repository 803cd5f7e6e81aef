"""Content-transfer-encodings, undone as far as the bytes allow.

A wrong, unknown or broken encoding is never an error: what cannot be decoded is handed on as it came.
"""

from __future__ import annotations

import binascii
import re

_NOT_BASE64 = bytes(set(range(256)) - set(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/="))
_WHITE = b" \t\r\n"
_PLAIN = frozenset(
    ("", "7bit", "8bit", "binary", "7-bit", "8-bit", "8bits", "7bits", "none", "plain", "us-ascii", "utf-8")
)
_UU_BEGIN = re.compile(rb"^begin(?:-base64)? [0-7]{3,4} ([^\r\n]{1,255})\r?\n", re.M)
_UU_END = re.compile(rb"^(?:end|====)[ \t]*\r?$", re.M)


def decode_transfer(octets: bytes, encoding: str) -> tuple[bytes, str]:
    """The decoded bytes, and in a few words what was wrong ('' when nothing was)."""
    name = encoding.split(";", 1)[0].strip().strip("\"'").lower() if encoding else ""
    if name in _PLAIN:
        return octets, ""
    if name == "base64" or name.startswith("base64") or name == "b":
        return decode_base64(octets)
    if name.startswith("quoted") or name == "q":
        return binascii.a2b_qp(octets), ""
    if name in ("x-uuencode", "uuencode", "x-uue", "uue", "x-uu"):
        found = _UU_BEGIN.search(octets)
        if found is None:
            return octets, "nothing uuencoded where stated"
        return uudecode(octets[found.end() :]), ""
    return octets, "unknown transfer encoding"


def decode_base64(octets: bytes) -> tuple[bytes, str]:
    """Base64 with strange characters, missing padding or several pieces one after the other."""
    packed = octets.translate(None, _NOT_BASE64)
    stray = len(octets.translate(None, _WHITE)) - len(packed)
    if stray > 4 and stray * 20 > len(packed):
        return octets, "not base64 where stated"
    bare = packed.rstrip(b"=")
    if b"=" not in bare:
        return _base64(bare), "damaged base64" if stray else ""
    return b"".join(map(_base64, filter(None, packed.split(b"=")))), "base64 in pieces"


def _base64(bare: bytes) -> bytes:
    if len(bare) % 4 == 1:
        bare = bare[:-1]
    try:
        return binascii.a2b_base64(bare + b"=" * (-len(bare) % 4))
    except binascii.Error:
        return b""


def uudecode(octets: bytes) -> bytes:
    """The content of uuencoded lines, up to `end` or the first line that is none."""
    out = []
    for line in octets.splitlines():
        if line in (b"end", b"`", b" ", b""):
            break
        try:
            out.append(binascii.a2b_uu(line))
        except binascii.Error:
            wanted = (((line[0] - 32) & 63) * 4 + 5) // 3  # trailing garbage of broken encoders
            try:
                out.append(binascii.a2b_uu(line[:wanted]))
            except binascii.Error:
                break
    return b"".join(out)


def take_uuencoded(octets: bytes) -> tuple[bytes, list[tuple[bytes, bytes]]]:
    """A plain body without its uuencoded blocks, and the blocks as (name, content)."""
    if b"begin" not in octets:
        return octets, []
    kept, files, at = [], [], 0
    while (begin := _UU_BEGIN.search(octets, at)) is not None:
        end = _UU_END.search(octets, begin.end())
        if end is None:
            break
        block = octets[begin.end() : end.start()]
        content = decode_base64(block)[0] if begin[0].startswith(b"begin-base64") else uudecode(block)
        kept.append(octets[at : end.end() if not content else begin.start()])
        if content:
            files.append((begin[1].strip(), content))
        at = end.end()
    kept.append(octets[at:])
    return b"".join(kept), files
