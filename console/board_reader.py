"""Reads what the supervisor's screen shows: the figures each time, the hours of the journal only when they are half a minute old."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from console.moment import now
from console.reads_supervise import Board, board
from console.reads_trend import Today, Trend, today, trend

if TYPE_CHECKING:
    from console.link import DeskLink
    from data.queries import Fetch

EVERY_S = 30.0


@dataclass(frozen=True, slots=True)
class Sight:
    """What was found, and for which queue the line was read; None is every queue."""

    queue: int | None
    board: Board
    trend: Trend
    today: Today


class BoardReader:
    """Reads over a link, keeping what is read less often."""

    def __init__(self, link: DeskLink) -> None:
        self._link = link
        self._hours: tuple[Trend, Today] | None = None
        self._read_at = float("-inf")

    def outdated(self) -> bool:
        """Say whether the hours are old, although nothing happened since."""
        return time.monotonic() - self._read_at >= 2 * EVERY_S

    async def read(self, queue: int | None) -> Sight:
        """Read in one snapshot.

        Args:
            queue: the id of the queue whose part of the line is wanted.

        Raises:
            Away: the desk cannot be reached.
        """
        at, midnight, kept = now(), _midnight(), self._hours
        if time.monotonic() - self._read_at < EVERY_S and kept is not None:
            return Sight(queue, await self._link.read(lambda fetch: board(fetch, queue)), *kept)

        def question(fetch: Fetch) -> tuple[Board, Trend, Today]:
            found = board(fetch, queue)
            waiting = {each.id: each.waiting for each in found.queues}
            return found, trend(fetch, at, waiting), today(fetch, midnight, at, kept[1] if kept else None)

        found, new_trend, new_today = await self._link.read(question)
        self._hours, self._read_at = (new_trend, new_today), time.monotonic()
        return Sight(queue, found, new_trend, new_today)


def _midnight() -> int:
    t = time.localtime()
    return int(time.mktime((t.tm_year, t.tm_mon, t.tm_mday, 0, 0, 0, 0, 0, -1))) * 1_000_000
