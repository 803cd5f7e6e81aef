"""The engine: holds the lease, takes turns, and says how long it may rest. Whoever runs it brings the loop and the waiting.

It keeps nothing in memory that matters: killed at any instant, the next engine continues from the database.
"""

from __future__ import annotations

import logging
from typing import NamedTuple

from core.access import ENGINE
from core.engine import lease
from core.engine.turn import Turn, take_turn
from core.errors import LeaseLost, LostRace, Unavailable
from data.clock import MICROSECONDS
from data.desk import Desk
from data.sqlite import DeskGone

log = logging.getLogger("deskline.engine")

LOOK_S = 1.0
"""How often one that stands by looks whether the lease was given back: nobody tells it."""


class Step(NamedTuple):
    """What became of one step. `rest_s`: how long nothing will be due, unless a change wakes the engine earlier."""

    acting: bool
    rest_s: float
    holder: str
    turn: Turn | None = None


class Engine:
    """One candidate for the desk's engine: it stands by until the lease is free."""

    def __init__(self, desk: Desk, holder: str, *, lease_s: float = lease.LEASE_S) -> None:
        self._desk = desk
        self._holder = holder
        self._lease_s = lease_s
        self._failures = 0
        self.fence: int | None = None
        """The fencing number while this engine holds the lease; whatever acts for it checks it."""

    def step(self) -> Step:
        """Take the lease if it is free, and a turn if this engine holds it. Never raises for what passes by itself.

        Raises:
            DeskGone: the desk's file was removed or replaced. It was logged; nothing that this engine does will count any more.
        """
        try:
            if self.fence is None:
                got = self._desk.run(ENGINE, lease.acquire, self._holder, self._lease_s)
                if isinstance(got, lease.Held):
                    left = (got.expires_at - self._desk.clock()) / MICROSECONDS
                    return Step(False, max(0.05, min(left, LOOK_S)), got.holder)
                self.fence = got.fence
                log.info("%s acts for the desk now (fence %d)", self._holder, got.fence)
            turn = self._desk.run(
                ENGINE,
                take_turn,
                self._desk.storage,
                self.fence,
                lease_s=self._lease_s,
                careful=self._failures > 0,
            )
        except LeaseLost as error:
            log.warning("%s", error)
            self.fence = None
            return Step(False, 0.0, self._holder)
        except LostRace:
            return Step(True, 0.0, self._holder)
        except DeskGone as error:
            log.error("%s", error)
            self.fence = None
            raise
        except Unavailable as error:
            log.warning("%s", error)
            return Step(self.fence is not None, 1.0, self._holder)
        except Exception:
            self._failures += 1
            log.exception("a turn failed and was undone; the next one goes carefully")
            return Step(True, min(30.0, 0.1 * 2 ** min(self._failures, 10)), self._holder)
        self._failures = 0
        return Step(True, 0.0 if turn.more else self._rest(turn), self._holder, turn)

    def _rest(self, turn: Turn) -> float:
        rest = self._lease_s / 3
        if turn.next_timer_at is not None:
            rest = min(rest, (turn.next_timer_at - self._desk.clock()) / MICROSECONDS)
        return max(0.0, rest)

    def stop(self) -> None:
        """Give the lease back, so that another engine can act at once."""
        if self.fence is not None:
            fence, self.fence = self.fence, None
            self._desk.run(ENGINE, lease.give_up, fence)
