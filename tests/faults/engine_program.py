"""A real engine process under test: it says on its standard output when it begins and ceases to act, and what it wrote.

Lines: `acting`, `standing by HOLDER`, `wrote ID ID...` (the journal rows of a commit), `inside` (the hold: it is inside its
transaction and stays there).
"""

from __future__ import annotations

import argparse
import functools
import logging
import os
import time
from collections.abc import Callable
from typing import Any

from console.engine_process import run_engine
from core.engine import outbox
from core.engine.engine import Step
from data.actor import ENGINE, Actor
from data.desk import Desk
from data.transaction import Tx
from intake.email import imap


def say(line: str) -> None:
    os.write(1, f"{line}\n".encode())  # one write: a process that is killed leaves no half lines


class WatchedDesk(Desk):
    """A desk that tells which journal rows its commits wrote."""

    def run(self, actor: Actor, action: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Any:
        written: list[object] = []

        @functools.wraps(action)
        def watched(tx: Tx, *args: Any, **kwargs: Any) -> Any:
            result = action(tx, *args, **kwargs)
            written.extend(row["id"] for row in tx.pending())
            return result

        result = super().run(actor, watched, *args, **kwargs)
        if written:
            say("wrote " + " ".join(map(str, written)))
        return result


def acting(step: Step) -> None:
    say("acting" if step.acting else f"standing by {step.holder}")


def hold(tx: Tx, seconds: float) -> None:
    """Stay inside a transaction that has changed something."""
    tx.connection.exec_driver_sql("update desk_settings set value = 'changed by nobody' where name = 'name'")
    say("inside")
    time.sleep(seconds)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("desk")
    parser.add_argument("--name", default="an engine")
    parser.add_argument("--lease", type=float, default=1.0)
    parser.add_argument("--patience", type=float, default=10.0)
    parser.add_argument("--no-mail", action="store_true")
    parser.add_argument("--hold", type=float)
    given = parser.parse_args()
    logging.basicConfig(
        level=logging.INFO, format="%(asctime)s.%(msecs)03d %(name)s %(levelname)s %(message)s", datefmt="%H:%M:%S"
    )
    # The pauses of the product would be most of a test's time; what follows them is the same.
    imap.FIRST_PAUSE, imap.LONGEST_PAUSE = 0.1, 0.5
    imap.FIRST_LOGIN_PAUSE, imap.LONGEST_LOGIN_PAUSE = 0.2, 0.5
    outbox.FIRST_PAUSE_S = 1
    with WatchedDesk.open(given.desk, name=given.name, patience=given.patience) as desk:
        if given.hold is not None:
            desk.run(ENGINE, hold, given.hold)
        else:
            run_engine(desk, lease_s=given.lease, mail=not given.no_mail, acting=acting)


if __name__ == "__main__":
    main()
