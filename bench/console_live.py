"""Many consoles on one desk with a real engine: from the transaction that offers work to the offer on its owner's screen.

Each console is a process in a terminal of its own, drained by a thread of its own. The moment of an offer is the one that its journal
entry has, which lies before the commit, so what is measured is longer than what is promised.
"""

from __future__ import annotations

import contextlib
import itertools
import json
import os
import signal
import statistics
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from bench.desks import engine, hand_over
from bench.table import Row, judged
from bench.terminal import Terminal, deskline, environment
from core.actions import cases, presence
from core.config.document import PresenceConfiguration, PresenceStatus, RoutingConfiguration
from data.actor import LOCAL_ADMIN
from data.desk import Desk
from tests.builders import ManualClock, Story, document

EVENTS_A_SECOND = 10
SECONDS = 20.0
OFFER_MS, PANE_MS = 150.0, 1000.0
MB_A_CONSOLE = 75
"""About what a console holds of its own; as many are started as there is memory for."""
_PACER = "aaron"
_PANE_EVERY = 2.0
_STATUSES = tuple(f"zq{i}" for i in range(10))
_SUBJECT = "Offer {0:05d}"


# -- what runs in each terminal


def probe() -> None:
    """Be the console of an agent, and write down what it knows whenever it is told to: `probe DESK AGENT FILE`."""
    from console.keys import WORK
    from console.launch import built

    desk, agent, file = sys.argv[-3:]
    app = built(WORK, desk, agent, {}, os.environ)

    def write(*_: Any) -> None:
        Path(f"{file}.new").write_text(json.dumps(_known(app.workspace)))
        os.replace(f"{file}.new", file)

    signal.signal(signal.SIGUSR1, write)
    app.run()


def _known(workspace: Any) -> dict[str, Any]:
    """Return what an agent's screen says, as plain values."""
    me = asdict(workspace.me)
    del me["since"]
    return {
        "me": json.loads(json.dumps(me)),
        **{
            part: [[row.work, row.case, row.state, row.status, row.deadline_at] for row in getattr(workspace, part)]
            for part in ("offers", "mine", "paused")
        },
    }


# -- the measuring side


@dataclass
class Found:
    """What a run showed; times in milliseconds."""

    offers_ms: list[float] = field(default_factory=list)
    panes_ms: list[float] = field(default_factory=list)
    unseen: int = 0
    """Offers whose owner's screen never showed them."""
    different: int = 0
    """Consoles that in the end knew another state than the desk's."""
    events: int = 0


def _story(path: Path, agents: Sequence[str]) -> None:
    wanted = document(
        agents=(_PACER, *agents),
        queues={"tier-1": agents},
        supervisors=("sam",),
        presence_configuration=PresenceConfiguration(capacity=12),  # type: ignore[arg-type]
        routing=RoutingConfiguration(push_timeout=600),
    )
    statuses = {name: PresenceStatus(label=name, kind="available", channels=("email",)) for name in _STATUSES}
    wanted = wanted.model_copy(update={"presence_statuses": {**wanted.presence_statuses, **statuses}})
    story = Story(path, wanted, ManualClock(time.time_ns() // 1000 - 60_000_000))
    story.present(_PACER, *agents)  # who is there stands first in the supervisor's pane
    hand_over(story)


def run(folder: Path, count: int, seconds: float = SECONDS) -> Found:
    """Let so many consoles look while work comes in, and return what they showed."""
    place = folder / f"live{count}-{time.monotonic_ns()}"
    place.mkdir()
    path, environ = place / "desk.db", environment(place)
    agents = [f"agent{i:03d}" for i in range(count)]
    _story(path, agents)
    with contextlib.ExitStack() as stack:
        stack.enter_context(engine(path, environ))
        consoles: dict[str, Terminal] = {}
        for agent in agents:
            words = ["from bench.console_live import probe; probe()", str(path), agent, str(place / f"{agent}.json")]
            consoles[agent] = stack.enter_context(Terminal([sys.executable, "-c", *words], environ))
            consoles[agent].seen("Available")  # one after the other: a start takes a core
        panes = stack.enter_context(Terminal(deskline("supervise", "--desk", str(path), "--as", "sam"), environ))
        panes.seen(_PACER.title())
        time.sleep(5)
        desk = stack.enter_context(Desk.open(path, name="a bench"))
        found = Found()
        _play(desk, panes, found, seconds)
        time.sleep(4)
        _look(desk, place, consoles, found)
        return found


def _play(desk: Desk, panes: Terminal, found: Found, seconds: float) -> None:
    """Let customers write so often that the journal grows by ten events a second, and somebody change status now and then."""
    offset = desk.end().event_id
    began = time.monotonic()
    pacer = _actor(desk, _PACER)
    pane_due, statuses = began, itertools.cycle(_STATUSES)
    marks: list[tuple[str, int, int]] = []
    number = 0
    while (passed := time.monotonic() - began) < seconds:
        if desk.end().event_id - offset < EVENTS_A_SECOND * passed:
            number += 1
            desk.run(
                LOCAL_ADMIN, cases.open_new, _SUBJECT.format(number), "It is dark.", address=f"a{number}@example.test"
            )
            time.sleep(0.05)
        if time.monotonic() >= pane_due:
            pane_due += _PANE_EVERY
            status = next(statuses)
            before = panes.length
            desk.run(pacer, presence.set_status, _PACER, status)
            marks.append((status, before, time.monotonic_ns()))
        time.sleep(0.01)
    found.events = desk.end().event_id - offset
    for status, before, at in marks:
        with contextlib.suppress(TimeoutError):
            found.panes_ms.append((panes.seen(status, before, 2) - at) / 1e6)
    found.unseen += len(marks) - len(found.panes_ms)


def _actor(desk: Desk, name: str) -> Any:
    from data.actor import Actor

    with desk.reading() as connection:
        row = connection.exec_driver_sql("select id, role from agents where name = ?", (name,)).one()
    return Actor("agent", row.role, row.id, name)


def _look(desk: Desk, place: Path, consoles: Mapping[str, Terminal], found: Found) -> None:
    """Find every offer on its owner's screen, and compare what each console knows with the desk."""
    monotonic_less_wall = time.monotonic_ns() - time.time_ns()
    with desk.reading() as connection:
        offers = connection.exec_driver_sql(
            "select a.name, k.subject, s.offered_at from assignments s join agents a on a.id = s.agent_id "
            "join work_items w on w.id = s.work_id join cases k on k.id = w.case_id"
        ).all()
    for name, subject, at in offers:
        seen = consoles[name].was_seen(str(subject))
        if seen is None:
            found.unseen += 1
        else:
            found.offers_ms.append((seen - at * 1000 - monotonic_less_wall) / 1e6)
    for terminal in consoles.values():
        terminal.signal(signal.SIGUSR1)
    time.sleep(3)
    found.different = sum(_told(place / f"{name}.json") != _on_desk(desk, name) for name in consoles)


def _told(file: Path) -> Any:
    return json.loads(file.read_text()) if file.exists() else None


def _on_desk(desk: Desk, name: str) -> Any:
    from sqlalchemy import text

    from console.reads_screens import workspace

    with desk.reading() as connection:

        def fetch(query: Any, params: Mapping[str, object]) -> Any:
            rows = connection.execute(text(query.sql), params)
            return query.rows(list(rows.keys()), rows)

        return json.loads(json.dumps(_known(workspace(fetch, name, 0))))


def _p99(times: Sequence[float]) -> float:
    return statistics.quantiles(times, n=100, method="inclusive")[-1] if len(times) > 1 else float("inf")


def room_for() -> int:
    """Return how many consoles there is memory for."""
    free = next(line for line in Path("/proc/meminfo").read_text().splitlines() if line.startswith("MemAvailable"))
    return int(int(free.split()[1]) / 1024 * 0.7 / MB_A_CONSOLE)


def live(folder: Path, rounds: int) -> list[Row]:
    """Twenty consoles with their limits, and a hundred without one but with nothing missed."""
    few = [run(folder, 20) for _ in range(min(rounds, 2))]
    many_count = min(100, room_for())
    many = run(folder, many_count)
    short = "" if many_count == 100 else ", no memory for 100"
    missed = many.unseen + many.different
    return [
        judged(
            f"offer's transaction to its owner's screen, p99, 20 consoles, {statistics.mean(e.events for e in few) / SECONDS:.0f} events/s",
            [_p99(each.offers_ms) for each in few],
            [OFFER_MS] * len(few),
            unit="ms",
            at_most=1.0,
            peer_name="the limit",
        ),
        judged(
            "a change of status to the supervisor's pane, the longest, 20 consoles",
            [max(each.panes_ms, default=float("inf")) for each in few],
            [PANE_MS] * len(few),
            unit="ms",
            at_most=1.0,
            peer_name="the limit",
        ),
        judged(
            f"offer's transaction to its owner's screen, p99, {many_count} consoles{short}",
            [_p99(many.offers_ms)],
            [_p99([each for one in few for each in one.offers_ms])],
            unit="ms",
            peer_name="with 20 consoles",
        ),
        Row(
            name=f"offers not shown and consoles that know another state, {many_count} consoles{short}",
            ours=f"{many.unseen} and {many.different}",
            peer=f"0 of {len(many.offers_ms) + many.unseen} and of {many_count}",
            ratio=float(missed),
            worst=float(missed + sum(each.unseen + each.different for each in few)),
            limit="none",
            holds=missed == 0,
        ),
    ]
