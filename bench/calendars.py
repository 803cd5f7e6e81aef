"""What sums of open time cost beside a bare look into the same openings with `bisect`."""

from __future__ import annotations

import time
from bisect import bisect_right
from datetime import date
from itertools import accumulate
from pathlib import Path
from random import Random

from bench.table import Row, compare
from core.calendars.hours import business_add, business_between, openings
from core.calendars.loading import made_of

COUNT = 50_000
YEARS = (2025, 2028)


def sums(folder: Path, rounds: int) -> list[Row]:
    """Open time between two moments, and the moment after so much of it, over four years with lunch and holidays."""
    week = {"mon-fri": ["08:00-12:00", "13:00-17:30"], "sat": ["09:00-12:00"]}
    calendar = made_of("support", "Europe/Berlin", week, ["DE-BY"], {"2026-12-24": ["08:00-12:00"]})
    found = openings(calendar, date(YEARS[0], 1, 1), date(YEARS[1], 12, 31))
    starts, ends = [opens for opens, _ in found], [closes for _, closes in found]
    before = [0, *accumulate(closes - opens for opens, closes in found)]
    random = Random(1)
    pairs = [sorted(random.randrange(starts[0], ends[-1]) for _ in "ab") for _ in range(COUNT)]
    steps = [(start, business_between(calendar, start, end)) for start, end in pairs]

    def open_before(at: int) -> int:
        place = bisect_right(starts, at) - 1
        return before[place] + min(at, ends[place]) - starts[place]

    def bare_add(at: int, duration: int) -> int:
        target = open_before(at) + duration
        place = bisect_right(before, target) - 1
        return starts[place] + target - before[place]

    def ours_between() -> float:
        began = time.perf_counter()
        for start, end in pairs:
            business_between(calendar, start, end)
        return COUNT / (time.perf_counter() - began)

    def bare_between() -> float:
        began = time.perf_counter()
        for start, end in pairs:
            open_before(end) - open_before(start)
        return COUNT / (time.perf_counter() - began)

    def ours_added() -> float:
        began = time.perf_counter()
        for at, duration in steps:
            business_add(calendar, at, duration)
        return COUNT / (time.perf_counter() - began)

    def bare_added() -> float:
        began = time.perf_counter()
        for at, duration in steps:
            bare_add(at, duration)
        return COUNT / (time.perf_counter() - began)

    peer = "bare bisect over the same openings"
    return [
        compare(
            "open time between two moments",
            ours_between,
            bare_between,
            rounds=rounds,
            unit="sums/s",
            at_least=0.2,
            peer_name=peer,
        ),
        compare(
            "the moment after so much open time",
            ours_added,
            bare_added,
            rounds=rounds,
            unit="sums/s",
            at_least=0.2,
            peer_name=peer,
        ),
    ]
