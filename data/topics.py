"""What a change concerns, as a 64-bit mask: a reader is woken when its mask and the change's share a bit.

Two topics may share a bit: a reader is then woken for nothing, never missed.
"""

from __future__ import annotations

from functools import lru_cache
from zlib import crc32

EVERYTHING = (1 << 64) - 1


@lru_cache(8192)
def topic(kind: str, key: object) -> int:
    """Return the mask of one topic, for example `topic("agent", 3)` or `topic("kind", "work")`."""
    return 1 << (crc32(f"{kind}:{key}".encode()) & 63)
