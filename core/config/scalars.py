"""What a plain scalar of YAML means, and which texts must be quoted so that they stay text.

YAML has changed its mind twice (`no` is false in 1.1 and text in 1.2; `010` is 8 or 10). Only readings on which its
versions agree count as numbers here; a name that any of them would read as something else must be quoted.
"""

from __future__ import annotations

import re
from decimal import Decimal

_WORDS: dict[str, bool | None] = {
    "": None,
    "~": None,
    "null": None,
    **dict.fromkeys(("true", "yes", "on"), True),
    **dict.fromkeys(("false", "no", "off"), False),
}
# At most 20 digits: `int` refuses thousands of them, and `Decimal` rounds beyond 28.
_WHOLE = re.compile(r"[-+]?(0|[1-9][0-9]{0,19})")
_FRACTION = re.compile(r"(?=.{1,20}$)[-+]?(0|[1-9][0-9]*)?\.[0-9]+")
_NUMBER_TO_SOME = re.compile(
    r"[-+]?(\.?[0-9][0-9_]*(\.[0-9_]*)?([eE][-+]?[0-9]+)?|0[xob][0-9a-fA-F_]+|[0-9][0-9_]*(:[0-9]+)+(\.[0-9_]*)?|\.(inf|Inf|INF))"
    r"|\.(nan|NaN|NAN)|[yYnN=]|<<"
)
_DATE_TO_SOME = re.compile(r"[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}([Tt \t].*)?")


def resolve(text: str) -> bool | int | Decimal | str | None:
    """The value of a scalar that stands without quotes."""
    # YAML knows `no`, `No` and `NO`, and takes `nO` for text.
    if text in {text.lower(), text.upper(), text.capitalize()} and text.lower() in _WORDS:
        return _WORDS[text.lower()]
    if _WHOLE.fullmatch(text):
        return int(text)
    if _FRACTION.fullmatch(text):
        return Decimal(text)
    return text


def reads_as_other(text: str) -> str:
    """What some reader of YAML takes an unquoted text for, if not for text: `true or false`, `a number`, `a date`, `nothing`."""
    value = resolve(text)
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return "true or false"
    if _DATE_TO_SOME.fullmatch(text):
        return "a date"
    if isinstance(value, str) and not _NUMBER_TO_SOME.fullmatch(text):
        return ""
    return "true or false" if text.isalpha() else "a number"
