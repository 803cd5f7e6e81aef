"""What sends the outbox: takes what is due of one kind, hands it over, and settles it.

Between taking and settling nothing is locked. Who dies there leaves the row to be sent again under the same key.
"""

from __future__ import annotations

import logging
import threading
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence

from core.access import ENGINE
from core.engine import lease, outbox
from core.errors import LeaseLost, Unavailable
from data.clock import MICROSECONDS
from data.desk import Desk
from data.transaction import Tx

log = logging.getLogger("deskline.outbox")

LONGEST_REST_S = 5.0


class DueSender(ABC):
    """Sends what the outbox holds of one kind, in a thread of its own, as long as its engine holds the lease."""

    kind: outbox.Kind

    def __init__(self, desk: Desk, fence: Callable[[], int | None]) -> None:
        self._desk = desk
        self._fence = fence
        self.wake = threading.Event()
        """Set when something may have been queued."""

    def run(self, stop: threading.Event) -> None:
        """Send what is due until told to stop."""
        while not stop.is_set():
            rest = LONGEST_REST_S
            if self._fence() is not None:
                try:
                    rest = self.send_due(stop)
                except (LeaseLost, Unavailable) as error:
                    log.warning("%s", error)
                    rest = 1.0
                except Exception:
                    log.exception("the outbox could not be sent")
            self.wake.wait(rest)
            self.wake.clear()

    def send_due(self, stop: threading.Event | None = None) -> float:
        """Send everything that is due now and return how many seconds nothing will be."""
        while stop is None or not stop.is_set():
            with self._desk.reading() as connection:
                due = outbox.next_due(connection, self.kind)
            if due is None:
                return LONGEST_REST_S
            if due > (now := self._desk.clock()):
                return min(LONGEST_REST_S, (due - now) / MICROSECONDS)
            self.deliver(self._desk.run(ENGINE, self._take))
        return 0.0

    @abstractmethod
    def deliver(self, rows: Sequence[outbox.Taken]) -> None:
        """Hand over what was taken, and settle each row."""

    def _take(self, tx: Tx) -> Sequence[outbox.Taken]:
        lease.check(tx, self._fence() or -1)
        return outbox.take_due(tx, self.kind)
