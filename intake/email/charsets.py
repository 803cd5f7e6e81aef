"""Bytes to text, whatever the mail says about its charset.

A stated charset is tried first but never believed: it may be unknown, misspelt, or contradicted by the bytes. Nothing here raises, and
codecs that are not charsets (`zip`, `rot13`) are never looked up by a name that came from outside.
"""

from __future__ import annotations

import codecs
import re
from functools import lru_cache

# Charsets that mailers name by a smaller set than they use, and names Python does not know.
_ALIASES = {
    "ascii": "us-ascii",
    "ansi_x3.4-1968": "us-ascii",
    "iso646-us": "us-ascii",
    "gb2312": "gb18030",
    "gb_2312-80": "gb18030",
    "gbk": "gb18030",
    "x-gbk": "gb18030",
    "cp936": "gb18030",
    "big5": "cp950",
    "x-x-big5": "cp950",
    "big-5": "cp950",
    "ks_c_5601-1987": "cp949",
    "ks_c_5601": "cp949",
    "ksc5601": "cp949",
    "euc-kr": "cp949",
    "euckr": "cp949",
    "x-windows-949": "cp949",
    "shift_jis": "cp932",
    "shift-jis": "cp932",
    "sjis": "cp932",
    "x-sjis": "cp932",
    "windows-31j": "cp932",
    "iso-2022-jp-ms": "iso2022_jp_ext",
    "cp50220": "iso2022_jp_ext",
    "cp50221": "iso2022_jp_ext",
    "iso-2022-jp": "iso2022_jp_ext",
    "iso-8859-1": "cp1252",
    "iso8859-1": "cp1252",
    "iso_8859-1": "cp1252",
    "latin1": "cp1252",
    "latin-1": "cp1252",
    "8859-1": "cp1252",
    "iso-8859-9": "cp1254",
    "iso-8859-8-i": "iso8859-8",
    "iso-8859-8-e": "iso8859-8",
    "iso-8859-6-i": "iso8859-6",
    "iso-8859-11": "cp874",
    "tis-620": "cp874",
    "windows-874": "cp874",
    "unicode-1-1-utf-7": "utf-7",
    "unicode-1-1-utf-8": "utf-8",
    "utf8mb4": "utf-8",
    "unicode": "utf-16",
    "ucs-2": "utf-16",
    "iso-10646-ucs-2": "utf-16-be",
    "macintosh": "mac-roman",
    "x-mac-roman": "mac-roman",
    "x-mac-cyrillic": "mac-cyrillic",
    "koi8": "koi8-r",
    "ansi": "cp1252",
}
_WESTERN = ("cp1252", "iso8859-15", "cp1250", "iso8859-2", "cp1254", "mac-roman")
_STATELESS_ASCII = re.compile(rb"[\x1b~+]")
_ISO_2022 = re.compile(rb"\x1b(?:\$[@B]|\$\(D|\([JI])")
_ISO_2022_SHIFT = re.compile(rb"\x1b(?=\$[@B]|\$\(D|\([BJI])")
_ISO_2022_KR = re.compile(rb"\x1b\$\)C")
_SURROGATE = re.compile("[\ud800-\udfff]")
_HIGH_RUN = re.compile(rb"[\x80-\xff]+")
_LOOSE_NAME = re.compile(r"(?:(?:windows|win|cp|ibm|x-cp)[-_ ]?)?(\d{3,4})$")
GUESS_FROM = 200
"""Bytes below which a statistical guess is worse than the charset of western Europe."""


@lru_cache(maxsize=512)
def known_charset(name: str) -> str:
    """Python's codec name for a charset as a mail spells it, '' when there is none."""
    key = name.strip().strip("\"'<>;,").strip().lower()
    if key.endswith("'") or "*" in key:
        key = key.split("*", 1)[0].strip("'")
    key = _ALIASES.get(key, key)
    if not key or len(key) > 40:
        return ""
    loose = _LOOSE_NAME.fullmatch(key)
    candidates = [key, key.replace("_", "-"), key.replace(" ", "")]
    if loose:
        candidates.append("cp" + loose.group(1))
    if key.startswith(("charset=", "x-")):
        candidates.append(key.split("=", 1)[-1] if "=" in key else key[2:])
    for candidate in candidates:
        try:
            found = codecs.lookup(_ALIASES.get(candidate, candidate))
        except (LookupError, ValueError, UnicodeError):
            continue
        if getattr(found, "_is_text_encoding", True) and found.name not in (
            "idna", "punycode", "unicode_escape", "raw_unicode_escape", "undefined", "mbcs", "oem", "charmap",
        ):  # fmt: skip
            return found.name
    return ""


def clean(text: str) -> str:
    """The text as valid Unicode without NUL; what is neither becomes U+FFFD, everything else stays."""
    if "\0" in text:
        text = text.replace("\0", "\ufffd")
    if not text.isascii() and _SURROGATE.search(text):
        text = _SURROGATE.sub("\ufffd", text)
    return text


def decode(octets: bytes, declared: str = "", hint: str = "") -> tuple[str, str]:
    """The text of `octets`, and in a few words what was wrong with the stated charset ('' when nothing was).

    `hint` is the charset another part of the same mail stated truthfully.
    """
    codec = known_charset(declared) if declared else ""
    defect = "" if codec or not declared else "unknown charset"
    if octets.isascii() and not _STATELESS_ASCII.search(octets) and b"\0" not in octets:
        return octets.decode("ascii"), defect
    if codec and codec != "ascii":
        text = _strict(octets, codec)
        if text is not None:
            return clean(text), ""
        defect = "bytes do not fit the stated charset"
    elif codec and not octets.isascii():
        defect = "bytes do not fit the stated charset"
    return clean(_undeclared(octets, codec, hint)), defect


def _strict(octets: bytes, codec: str) -> str | None:
    if codec.startswith("utf-16") and b"\0" not in octets and octets.isascii():
        return octets.decode("ascii")  # the charset of the editor, not of the mail
    try:
        return octets.decode("utf-8-sig" if codec == "utf-8" else codec)
    except (UnicodeError, ValueError):
        pass
    if codec == "iso2022_jp_ext":
        return _microsoft_jis(octets)
    if codec == "cp1252" and not _reads_as_utf8(octets):
        return octets.decode("cp1252", "replace") if octets.count(b"\x9d") < 3 else octets.decode("latin-1")
    return None


def _microsoft_jis(octets: bytes) -> str | None:
    """ISO-2022-JP with the characters of Windows (①, ㈱), which Python's codec refuses: as Shift_JIS, which it reads."""
    if b"\x1b" not in octets:
        return None
    out = []
    for number, piece in enumerate(_ISO_2022_SHIFT.split(octets)):
        double = number > 0 and piece[:1] == b"$"
        body = piece[3 if piece[:2] == b"$(" else 2 :] if number else piece
        if double:
            eaten = body[: len(body) // 2 * 2].translate(None, b"\r\n") if len(body) % 2 else body
            pairs = zip(eaten[::2], eaten[1::2], strict=False)
            out.append(b"".join(_shifted(high, low) for high, low in pairs).decode("cp932", "replace"))
        else:
            out.append(body.decode("ascii", "replace"))
    return "".join(out)


def _shifted(high: int, low: int) -> bytes:
    """One JIS X 0208 pair as Shift_JIS."""
    if not (0x21 <= high <= 0x7E and 0x21 <= low <= 0x7E):
        return bytes((high & 0x7F, low & 0x7F)) if high < 0x21 else b"?"
    first = (high + 1) // 2 + (0x70 if high < 0x5F else 0xB0)
    second = low + (0x7E if high % 2 == 0 else 0x1F if low < 0x60 else 0x20)
    return bytes((first, second))


def _reads_as_utf8(octets: bytes) -> bool:
    try:
        octets.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _undeclared(octets: bytes, codec: str, hint: str) -> str:
    marked = _by_mark(octets)
    if marked is not None:
        return marked
    try:
        return octets.decode("utf-8-sig")
    except UnicodeDecodeError:
        pass
    if codec and codec not in ("ascii", "cp1252"):
        # One cut or damaged character in otherwise fitting text: keep the charset, show the damage.
        text = octets.decode(codec, "replace")
        lost = text.count("\ufffd")
        kept = sum(map(len, re.findall(r"[^\x00-\x7f\ufffd]+", text)))
        if lost <= kept // 4 or (codec != "utf-8" and lost <= kept):
            return text
    hinted = known_charset(hint) if hint else ""
    if hinted and hinted not in ("ascii", "utf-8") and not (hinted in _WESTERN and script(octets)):
        try:
            return octets.decode(hinted)
        except UnicodeError:
            pass
    return octets.decode(guess(octets), "replace")


def _by_mark(octets: bytes) -> str | None:
    for mark, codec in ((codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16")):
        if octets.startswith(mark):
            return octets.decode(codec, "replace")
    for pattern, codec in ((_ISO_2022, "iso2022_jp_ext"), (_ISO_2022_KR, "iso2022_kr")):
        if pattern.search(octets):
            return octets.decode(codec, "replace")
    if octets.count(b"\0") * 3 > len(octets) >= 8:  # every other byte of Latin text in UTF-16
        low = octets[1::2].count(b"\0") >= octets[::2].count(b"\0")
        return octets.decode("utf-16-le" if low else "utf-16-be", "replace")
    return None


def guess(octets: bytes) -> str:
    """The codec of bytes that state none and are not UTF-8."""
    by_script = script(octets)
    if by_script:
        return by_script
    if len(octets) >= GUESS_FROM:
        import charset_normalizer  # slow to import, and almost no mail needs it

        try:
            best = charset_normalizer.from_bytes(octets[:20_000]).best()
        except Exception:  # noqa: BLE001 - a guess must not cost the mail
            best = None
        codec = known_charset(best.encoding) if best is not None else ""
        if codec and codec not in ("ascii", "utf-8"):
            return codec
    return "cp1252"


def script(octets: bytes) -> str:
    """The codec of a script whose bytes cannot be mistaken, however few: Cyrillic, Japanese, Chinese, Korean; else ''."""
    part = octets[:100_000]
    runs = _HIGH_RUN.findall(part)
    return _cyrillic(runs) or _kana(part) or _double_byte(part, runs)


def _kana(octets: bytes) -> str:
    """Shift_JIS: its kana begin with bytes that western text does not hold."""
    if sum(octets.count(bytes([lead])) for lead in (0x81, 0x82, 0x83)) < 2:
        return ""
    try:
        text = octets.decode("cp932")
    except UnicodeError:
        return ""
    foreign = [sign for sign in text if sign > "\x7f"]
    kana = sum(1 for sign in foreign if "\u3000" <= sign <= "\u30ff")
    return "cp932" if kana * 2 > len(foreign) else ""


def _cyrillic(runs: list[bytes]) -> str:
    """Words written wholly in high bytes are not western; where most letters lie tells KOI8-R from Windows-1251."""
    high = b"".join(runs)
    letters = sum(1 for byte in high if byte >= 0xC0)
    if not high or letters < len(high) * 0.9 or len(high) < 3 * len(runs) or max(map(len, runs)) < 4:
        return ""
    koi_lower = sum(1 for byte in high if 0xC0 <= byte <= 0xDF)
    return "koi8-r" if koi_lower > letters - koi_lower else "cp1251"


def _double_byte(octets: bytes, runs: list[bytes]) -> str:
    """Pairs of high bytes that all decode, most of them as everyday characters."""
    if not runs or max(map(len, runs)) < 4 or sum(len(run) for run in runs) < 2.5 * len(runs):
        return ""
    for codec, common in (("gb18030", range(0xB0, 0xD8)), ("cp950", range(0xA4, 0xC7)), ("cp949", range(0xB0, 0xC9))):
        try:
            octets.decode(codec)
        except UnicodeError:
            continue
        leads = [byte for run in runs for byte in run[::2]]
        if sum(1 for byte in leads if byte in common) > 0.75 * len(leads):
            return codec
    return ""
