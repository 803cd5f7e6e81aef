"""What the journal says of the last hours: how many waited in each queue, how many were accepted, what came and went today.

Only the journal from a place on is read. The place is found by halving: ids of the journal grow with time.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from data import supervise_queries as reads

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from data.queries import Fetch, Row

STEP_US = 300_000_000
STEPS = 24
"""Two hours in steps of five minutes."""
HOUR_US = 3_600_000_000
_SLACK = 64
"""Entries of transactions that ran at the same time may stand a little out of order."""


@dataclass(frozen=True, slots=True)
class Past:
    """The last two hours of one queue: how many waited at the end of each step, and how many were accepted."""

    waited: tuple[int, ...] = (0,) * STEPS
    accepted: int = 0


@dataclass(frozen=True, slots=True)
class Trend:
    """The last two hours of every queue; `window_us` is shorter where the desk is younger."""

    at: int = 0
    window_us: int = 0
    queues: Mapping[int, Past] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Hour:
    """What came in and what went out within one hour."""

    opened: int = 0
    resolved: int = 0


@dataclass(frozen=True, slots=True)
class Today:
    """Hour by hour from midnight on: `hours` ends with the hour that runs."""

    midnight: int
    hours: tuple[Hour, ...]

    @property
    def opened(self) -> int:
        """How many cases were opened today."""
        return sum(each.opened for each in self.hours)

    @property
    def resolved(self) -> int:
        """How many cases were resolved today."""
        return sum(each.resolved for each in self.hours)


def first_since(fetch: Fetch, since: int) -> int | None:
    """Return an id from which on the journal holds everything since a moment; None where nothing happened since."""
    first, last = fetch(reads.FIRST_ENTRY, {}), fetch(reads.LAST_ENTRY, {})
    if not last or last[0]["at"] < since:
        return None
    low: int = first[0]["id"]
    high: int = last[0]["id"]
    while low < high:
        middle = (low + high) // 2
        found: Row = fetch(reads.ENTRY_FROM, {"id": middle})[0]
        if found["at"] < since:
            low = found["id"] + 1
        else:
            high = middle
    return max(int(first[0]["id"]), low - _SLACK)


def trend(fetch: Fetch, now: int, waiting: Mapping[int, int]) -> Trend:
    """Return how the queues went in the last two hours.

    Args:
        now: the end of the last step, in microseconds.
        waiting: how many wait now in each queue, by its id, in the same snapshot.
    """
    since = now - STEPS * STEP_US
    changes: dict[int, list[int]] = {}
    accepted: dict[int, int] = {}
    began = since
    first = first_since(fetch, since)
    if first is not None:
        began = max(since, fetch(reads.FIRST_ENTRY, {})[0]["at"])
        for row in fetch(reads.STEPS, {"first": first, "since": since, "step": STEP_US}):
            step = min(STEPS - 1, row["step"])
            changes.setdefault(row["queue_id"], [0] * STEPS)[step] += int(row["change"])
            accepted[row["queue_id"]] = accepted.get(row["queue_id"], 0) + int(row["accepted"])
    pasts = {key: Past(backwards(changes.get(key, ()), count), accepted.get(key, 0)) for key, count in waiting.items()}
    return Trend(now, max(0, now - began), pasts)


def backwards(changes: Sequence[int], waiting: int) -> tuple[int, ...]:
    """Return how many waited at the end of each step, going back from how many wait now."""
    values = [waiting]
    for change in reversed(list(changes)[1:] or [0] * (STEPS - 1)):
        values.append(max(0, values[-1] - change))
    return tuple(reversed(values))


def today(fetch: Fetch, midnight: int, now: int, known: Today | None = None) -> Today:
    """Return what came and went today, hour by hour.

    Args:
        known: what was found before; its hours are kept up to the last two, so that a day is read once.
    """
    hour_now = max(0, (now - midnight) // HOUR_US)
    kept = known.hours[: max(0, len(known.hours) - 2)] if known is not None and known.midnight == midnight else ()
    hours = [*kept, *[Hour()] * (hour_now + 1 - len(kept))]
    since = midnight + len(kept) * HOUR_US
    first = first_since(fetch, since)
    if first is not None:
        for row in fetch(reads.HOURS, {"first": first, "since": since}):
            place = min(len(kept) + row["hour"], hour_now)
            hours[place] = Hour(hours[place].opened + int(row["opened"]), hours[place].resolved + int(row["resolved"]))
    return Today(midnight, tuple(hours))
