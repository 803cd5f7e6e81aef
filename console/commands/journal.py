"""`deskline journal`: what happened, in words, and what happens from now on.

Following reads from a position that was taken before the first page, so nothing is missed between the two.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Generator
from contextlib import ExitStack, closing
from typing import TYPE_CHECKING, Annotated, Any

import typer

from console import telling
from console.commands.options import AsOption, DeskOption, JsonOption, command, noun, number, opened
from console.i18n import _
from console.render import TEXT, as_json, folded, room, say
from data import queries
from data.queries import fetch_over

if TYPE_CHECKING:
    from asyncio import AbstractEventLoop, Event

    from console.render import Item
    from data.desk import Desk
    from data.journal import Entry, Position

app = noun(_("The journal: everything that happened at the desk."))
POLL_S = 1.0
"""After how many seconds without a hint one who follows looks nevertheless: hints may be lost, and without an engine there are none."""

Follow = Callable[["Desk", "Position", "Interrupts"], Generator["list[Entry]", None, None]]


class Interrupts:
    """Keeps in mind that the user interrupts, from `with` on; who interrupts again is not kept waiting.

    Python raises KeyboardInterrupt wherever it is, and loses it in a callback of an import, of the garbage collector or of the connection
    pool: one who follows would go on.
    """

    def __init__(self) -> None:
        self.came = False
        self._wake: Callable[[], object] = bool
        self._before: Any = None

    def __enter__(self) -> Interrupts:
        import signal
        import threading

        if threading.current_thread() is threading.main_thread():
            self._before = signal.signal(signal.SIGINT, self._note)
        return self

    def __exit__(self, *_error: object) -> None:
        import signal

        if self._before is not None:
            signal.signal(signal.SIGINT, self._before)

    def _note(self, number: int, _frame: object) -> None:
        import signal

        self.came = True
        signal.signal(number, signal.default_int_handler)
        self._wake()

    def event(self, loop: AbstractEventLoop) -> Event:
        """Return an event of a loop that is set when the user interrupts, or has done so."""
        import asyncio

        event = asyncio.Event()
        self._wake = lambda: loop.call_soon_threadsafe(event.set)
        if self.came:
            event.set()
        return event


def feed(desk: Desk, position: Position, interrupts: Interrupts) -> Generator[list[Entry], None, None]:
    """Yield what happens after a position, as it happens, until the user interrupts.

    Raises:
        KeyboardInterrupt: between two batches, or at once where the user interrupts again.
        DatabaseAway: the server went away.
    """
    import asyncio

    from data.feed import Feed

    with asyncio.Runner() as runner:
        interrupted = interrupts.event(runner.get_loop())
        found = runner.run(Feed.open(desk, after=position))
        try:
            while not interrupts.came:
                entries = found.read()
                if entries:
                    yield entries
                else:
                    runner.run(_first(found.wait(POLL_S), interrupted.wait()))
            raise KeyboardInterrupt
        finally:
            runner.run(found.close())


async def _first(*awaited: Coroutine[None, None, object]) -> None:
    """Wait until one of several is done, and cancel the others.

    Raises:
        Exception: what the one that is done has raised.
    """
    import asyncio

    tasks = [asyncio.ensure_future(each) for each in awaited]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for each in done:
            each.result()
    finally:
        for each in tasks:
            each.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


follow: Follow = feed
"""How `--follow` learns of new entries."""


class Names:
    """Names of agents and queues by id, read again when an id is new."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._agents: dict[int, str] = {}
        self._queues: dict[int, str] = {}

    def row(self, entry: Entry) -> Item:
        """Return an entry as the named query of the journal hands it out."""
        if (entry.agent_id or 0) not in {0, *self._agents} or (entry.queue_id or 0) not in {0, *self._queues}:
            with self._desk.reading() as connection:
                fetch = fetch_over(connection)
                self._agents = {row["id"]: row["name"] for row in fetch(queries.AGENT_NAMES, {})}
                self._queues = {row["id"]: row["name"] for row in fetch(queries.QUEUE_NAMES, {})}
        return {
            "id": entry.id,
            "at": entry.at,
            "kind": entry.kind,
            "actor_kind": entry.actor_kind,
            "actor_name": entry.actor_name,
            "case_id": entry.case_id,
            "work_id": entry.work_id,
            "agent": self._agents.get(entry.agent_id or 0),
            "queue": self._queues.get(entry.queue_id or 0),
            "data": entry.data,
        }


@command(app, "tail", "deskline journal tail -n 50 --follow --case 412")
def tail(
    count: Annotated[
        int, typer.Option("-n", "--count", min=0, max=1_000_000, help=_("How many of the last events."))
    ] = 20,
    follow_: Annotated[bool, typer.Option("--follow", "-f", help=_("Go on with what happens, until ctrl+c."))] = False,
    case: Annotated[
        int | None, typer.Option("--case", parser=number, metavar="NUMBER", help=_("Only this case's."))
    ] = None,
    desk: DeskOption = None,
    as_: AsOption = None,
    json: JsonOption = False,
) -> int:
    """Show the last events in words; with --json one object a line."""
    with ExitStack() as stack:
        interrupts = stack.enter_context(Interrupts()) if follow_ else Interrupts()
        place = stack.enter_context(opened(desk, "journal tail", as_))
        position = place.end()
        with place.reading() as connection:
            fetch = fetch_over(connection)
            if case is not None and not fetch(queries.CASE, {"case": case}):
                from core.errors import NotFound

                raise NotFound(what=_("case"), which=f"#{case}")
            query = queries.JOURNAL if case is None else queries.HISTORY
            rows = fetch(query, {"limit": count, "case": case})[::-1]
        code = say(_written(rows, json))
        if follow_ and code == 0:
            shown = {row["id"] for row in rows}
            names = Names(place)
            with closing(follow(place, position, interrupts)) as batches:
                for entries in batches:
                    wanted = [each for each in entries if each.id not in shown and case in (None, each.case_id)]
                    say(_written([names.row(each) for each in wanted], json))
    return code


def _written(rows: list[Item], json: bool) -> str:
    if json:
        return "".join(f"{as_json(telling.as_item(row))}\n" for row in rows)
    cells = room(TEXT)
    return "".join(f"{part}\n" for row in rows for part in folded(telling.line(row, seconds=True), cells))
