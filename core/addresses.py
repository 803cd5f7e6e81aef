"""Mail addresses: which text is one that may stand in a header and an envelope.

A plain address holds nothing that a header or an SMTP command could take for more than an address: no blank, control,
bracket, quote or comma, and no beginning of an encoded word.
"""

from __future__ import annotations

import re

SHAPE = re.compile(r"[^\s@<>,;:\"()\[\]\\]{1,64}@[^\s@<>,;:\"()\[\]\\]{1,190}")


def is_plain(address: str) -> bool:
    """Say whether a text is one bare address, safe to put into a header as it is."""
    return bool(SHAPE.fullmatch(address)) and address.isprintable() and "=?" not in address
