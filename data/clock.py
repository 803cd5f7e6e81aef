"""Time as the desk counts it: whole microseconds since 1970, UTC, from a clock that is handed in."""

from __future__ import annotations

import time
from collections.abc import Callable

Clock = Callable[[], int]
"""Returns the present moment in microseconds since 1970, UTC."""

MICROSECONDS = 1_000_000
FAR_FUTURE = 9_000_000_000_000_000
"""The last moment there is (the year 2255): the deadline of what has none, so that one index orders both."""


def system_clock() -> int:
    """Return the machine's time."""
    return time.time_ns() // 1000
