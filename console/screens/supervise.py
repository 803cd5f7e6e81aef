"""The supervisor's screen: queues, agents, the line and the day at a glance, and the commands that set right what is wrong.

It is read anew when something happened, at most twice a second; the journal's hours at most every half minute.
"""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Any

from textual import on
from textual.containers import Horizontal, Vertical

from console.board_reader import BoardReader, Sight
from console.i18n import _
from console.keys import SUPERVISE
from console.link import Away
from console.reads_supervise import AgentRow, Board, LineRow
from console.screens.base import DeskScreen, bindings
from console.supervising import heights, lost, queue_state, row_one, worst
from console.widgets.agent_table import AgentTable
from console.widgets.cursor_list import CursorList
from console.widgets.desk_table import DeskTable, TableHead
from console.widgets.footer import Footer
from console.widgets.last_acts import LastActs
from console.widgets.next_line import NextLine
from console.widgets.paint import Part, safe
from console.widgets.queue_table import QueueTable
from console.widgets.tabs import Tab, Tabs
from console.widgets.today_chart import TodayChart
from console.widgets.waiting_work import WaitingWork
from data.topics import topic

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from textual.timer import Timer
    from textual.widget import Widget

    from console.next_thing import NextThing
    from data.journal import Entry

_BETWEEN_READS_S = 0.5
PANES = ("queues", "agents", "work")


class SuperviseScreen(DeskScreen):
    """Queues, agents and waiting work."""

    NAME = SUPERVISE
    BINDINGS = bindings(SUPERVISE)
    DEFAULT_CSS = """
    SuperviseScreen #tabs { display: none; height: 2; }
    SuperviseScreen #panes { height: 1fr; }
    SuperviseScreen #left { width: 1fr; padding: 1 0 0 0; }
    SuperviseScreen #work-pane { width: 39; border-left: solid $desk-rule; padding: 1 0 0 0; }
    SuperviseScreen #acts-pane { display: none; width: 45; border-left: solid $desk-rule; padding: 1 0 0 0; }
    SuperviseScreen #agents-pane { padding: 1 0 0 0; height: auto; }
    SuperviseScreen #queues-pane { height: auto; }
    SuperviseScreen #work { height: 1fr; }
    SuperviseScreen #today { margin: 1 0 0 0; }
    SuperviseScreen.-four #left { width: 95; }
    SuperviseScreen.-four #work-pane { width: 1fr; }
    SuperviseScreen.-four #acts-pane { display: block; }
    SuperviseScreen.-one #tabs { display: block; }
    SuperviseScreen.-alone #left, SuperviseScreen.-alone #work-pane { width: 1fr; border-left: none; }
    SuperviseScreen.-alone #acts-pane, SuperviseScreen.-alone #today { display: none; }
    SuperviseScreen.-alone #agents-pane { padding: 0; }
    SuperviseScreen.-one #left, SuperviseScreen.-one #work-pane { padding: 0; }
    """

    def __init__(self) -> None:
        super().__init__()
        self.queue: int | None = None
        """The queue that agents and work are narrowed to."""
        self.zoomed = False
        self.wall = False
        self.board: Board | None = None
        self._pane = PANES[0]
        self._reader = BoardReader(self.desk_app.link)
        self._stale = asyncio.Event()
        self._seconds: Timer | None = None

    # -- laying out

    def panes(self) -> Iterable[Widget]:
        """Return tabs and panes."""
        with Vertical():
            yield Tabs(margin=0)
            with Horizontal(id="panes"):
                with Vertical(id="left"):
                    with Vertical(id="queues-pane"):
                        yield TableHead(id="queues-head")
                        yield QueueTable(id="queues")
                    with Vertical(id="agents-pane"):
                        yield TableHead(id="agents-head")
                        yield AgentTable(id="agents")
                    yield TodayChart(id="today")
                with Vertical(id="work-pane"):
                    yield TableHead(id="work-head")
                    yield WaitingWork(id="work")
                with Vertical(id="acts-pane"):
                    yield LastActs(id="acts")

    def on_mount(self) -> None:
        """Begin to read, and to count the seconds while this screen is shown."""
        self.query_one("#queues").focus()
        self.run_worker(self._keep(), name="supervise", exit_on_error=True)
        self._seconds = self.set_interval(1, self._second)

    def on_screen_suspend(self) -> None:
        """Count no seconds while something else is shown."""
        if self._seconds is not None:
            self._seconds.pause()

    def on_screen_resume(self) -> None:
        """Count them again."""
        if self._seconds is not None:
            self._seconds.resume()

    @property
    def alone(self) -> bool:
        """Whether one pane has the whole width."""
        return self.zoomed or self.wall or self.size.width < 100

    def _arrange(self) -> None:
        """Show the panes that there is room for, each as high as it may be."""
        if not self.is_mounted:
            return
        alone = self.alone
        one = self.size.width < 100
        self.set_class(alone, "-alone")
        shown = PANES if not alone else ("queues",) if self.wall else (self._pane,)
        for name in PANES:
            self.query_one(f"#{name}-pane").display = name in shown
        self.query_one("#left").display = shown != ("work",)
        self.query_one("#tabs").display = one and not self.wall
        self.query_one(Footer).display = not self.wall
        queues, agents = self.query_one(QueueTable), self.query_one(AgentTable)
        above = 4 + (0 if self.wall or not one else 2) + (1 if not one else 0)
        available = max(2, self.size.height - above - (0 if self.wall else 1))
        shares = heights(available, len(queues.rows) or 1, len(agents.rows) or 1)
        if queues.spaced != self.wall:
            queues.spaced = self.wall
            queues.items_changed()
        _set_height(queues, available - 1 if alone else shares.queues)
        _set_height(agents, available - 1 if alone else shares.agents)
        _set_height(self.query_one(TodayChart), 0 if alone else shares.today)
        self.query_one(TodayChart).display = not alone and shares.today > 0

    def show_rows(self) -> None:
        """Show header, next line, footer, and the heads of the panes."""
        super().show_rows()
        if self.is_mounted:
            self._show_heads()

    def _show_heads(self) -> None:
        for table in self._tables():
            role = "accent+f" if table.has_focus else "strong"
            self.query_one(f"#{table.id}-head", TableHead).show(table, role)
        if self.size.width < 100:
            self._show_tabs()

    def _show_tabs(self) -> None:
        total = self.board.total if self.board else 0
        queues, agents = len(self._table("queues").rows), len(self._table("agents").rows)
        counts = (("queues", _("Queues"), queues), ("agents", _("Agents"), agents), ("work", _("Work"), total))
        tabs = [Tab(name, label, str(count)) for name, label, count in counts]
        label = self.query_one(WaitingWork).queue
        only: list[Part] = [(_("only {queue}").format(queue=label), "warn")] if label else []
        self.query_one(Tabs).show(tabs, self._pane, only)

    def _tables(self) -> list[DeskTable[Any]]:
        return [self.query_one(QueueTable), self.query_one(AgentTable), self.query_one(WaitingWork)]

    def _table(self, name: str) -> DeskTable[Any]:
        return self.query_one(f"#{name}", DeskTable)

    def on_resize(self) -> None:
        """Follow the new width."""
        self.call_after_refresh(self._arrange)

    def on_descendant_focus(self) -> None:
        """Note which pane the keys are for."""
        focused = self.focused
        if focused is not None and focused.id in PANES:
            self._pane = focused.id

    # -- reading

    def topics(self) -> int:
        """Return what this screen is woken for: everything that moves work or people."""
        return topic("kind", "work") | topic("kind", "agent") | topic("kind", "case") | topic("kind", "desk")

    def desk_changed(self, entries: Sequence[Entry] | None) -> None:
        """Read anew soon where anything happened."""
        if entries is None or entries:
            self._stale.set()

    async def _keep(self) -> None:
        """Read whenever something happened: one read at a time, a burst is one read."""
        while True:
            await self._stale.wait()
            self._stale.clear()
            began = time.monotonic()
            try:
                await self._read()
            except Away:
                self.show_rows()
            await asyncio.sleep(max(0.0, _BETWEEN_READS_S - (time.monotonic() - began)))

    async def _read(self) -> None:
        sight = await self._reader.read(self.queue)
        if sight.queue != self.queue:
            self._stale.set()
        elif self.queue is not None and all(each.id != self.queue for each in sight.board.queues):
            self._narrow(None)  # the queue was taken away
        else:
            self.board = sight.board
            self._show_sight(sight)

    def _show_sight(self, sight: Sight) -> None:
        found = sight.board
        queues, agents, work = self.query_one(QueueTable), self.query_one(AgentTable), self.query_one(WaitingWork)
        counts = (len(queues.rows), len(agents.rows))
        queues.show([queue_state(each, sight.trend) for each in found.queues])
        agents.show([each for each in found.agents if self.queue is None or self.queue in each.queues])
        label = next((each.label for each in found.queues if each.id == self.queue), "")
        work.put(found.line, found.total, safe(label))
        self.query_one(TodayChart).show(sight.today)
        self.query_one(LastActs).show(found.acts)
        if counts != (len(queues.rows), len(agents.rows)):
            self._arrange()
        self.show_rows()

    def _second(self) -> None:
        """Follow the clocks that show seconds; where nothing does, nothing is painted."""
        if self.is_current:
            self.tick()
            if self.board is not None and lost(self.board) is not None:
                self.query_one(NextLine).show(self.desk_app.next_thing(self))

    def tick(self) -> None:
        """Paint what only time has changed, and look at the last hours again when they are old."""
        for table in self._tables():
            table.tick()
        if self.board is not None and self._reader.outdated() and self.desk_app.link.state == "ready":
            self._stale.set()

    # -- row 1 and the footer

    def own_thing(self) -> NextThing | None:
        """Return the worst thing there is, with the keys that help where the cursor is."""
        if self.board is None:
            return None
        return row_one(self.board, self._remedies(self.board))

    def _remedies(self, found: Board) -> list[tuple[str, str]]:
        keys = self.desk_app.keys
        queue, focused = worst(found), self.focused
        if self.wall:
            return [(keys.shown("team.wall"), _("all panes"))]
        if queue is None:
            return []
        if isinstance(focused, QueueTable) and focused.cursor == queue.id and self.queue is None:
            return [(keys.shown("list.open"), _("its work"))]
        if isinstance(focused, AgentTable) and focused.current is not None and self._may_change:
            return [(keys.shown("team.status"), _("set status"))]
        if isinstance(focused, WaitingWork) and focused.current is not None and self._may_change:
            return [(keys.shown("team.move"), _("move work"))]
        return [(keys.shown("go.next_pane"), _("next pane"))]

    @property
    def _may_change(self) -> bool:
        workspace = self.desk_app.workspace
        return workspace is not None and workspace.me.supervises

    def footer(self) -> Sequence[str | tuple[str, str]]:
        """Return the commands that work where the cursor is."""
        narrowed = self.queue is not None and self._table("queues").cursor == self.queue
        filters = _("all queues") if narrowed else _("only this queue")
        zoom = ("go.zoom", _("all panes")) if self.zoomed else ("go.zoom", _("zoom"))
        if self._pane == "queues":
            return (("list.open", filters), "team.wall", zoom, "go.next_pane")
        change = ("team.status", "team.move") if self._pane == "agents" else ("team.move",)
        return ("list.open", *(change if self._may_change else ()), "team.wall", zoom, "go.next_pane")

    # -- commands

    @on(CursorList.Opened)
    async def _opened(self, event: CursorList.Opened) -> None:
        event.stop()
        row = self._row()
        if event.sender.id == "queues":
            self._narrow(None if self.queue == event.key else int(str(event.key)))
            if self.alone and not self.wall and self.queue is not None:
                self._show_pane("work")
        elif isinstance(row, (AgentRow, LineRow)) and row.case is not None:
            await self.desk_app.open_in_work(row.case)
        elif isinstance(row, AgentRow):
            self.desk_app.flash(_("{agent} has nothing in hand.").format(agent=safe(row.label)))

    @on(CursorList.Moved)
    def _moved(self) -> None:
        self.show_rows()

    def _narrow(self, queue: int | None) -> None:
        self.queue = queue
        self._stale.set()

    def _row(self) -> Any:
        focused = self.focused
        return focused.current if isinstance(focused, DeskTable) else None

    def why_not_team_status(self) -> str | None:
        """Say that the cursor is on no agent."""
        return None if isinstance(self._row(), AgentRow) else _("Put the cursor on an agent first.")

    async def do_team_status(self) -> None:
        """Choose a status for the agent under the cursor."""
        from console.screens.status import choose_status

        row = self._row()
        if isinstance(row, AgentRow):
            await choose_status(self.desk_app, row.name)

    def why_not_team_move(self) -> str | None:
        """Say that the cursor is on nothing that can be moved."""
        row = self._row()
        if isinstance(row, LineRow) or (isinstance(row, AgentRow) and row.case is not None):
            return None
        return _("Put the cursor on work, or on an agent who has some.")

    async def do_team_move(self) -> None:
        """Send the work under the cursor to a queue or to an agent."""
        from console.screens.team import move

        row = self._row()
        if self.board is not None and isinstance(row, (AgentRow, LineRow)) and row.case is not None:
            await move(self.desk_app, self.board, row)

    def do_team_wall(self) -> None:
        """Show the queues alone, for a big screen, or everything again."""
        self.wall = not self.wall
        if self.wall:
            self.query_one(QueueTable).focus()
        self._arrange()
        self.call_after_refresh(self.show_rows)

    def do_go_zoom(self) -> None:
        """Give the whole width to the pane that has the focus, or give it back."""
        self.zoomed = not self.zoomed
        self._arrange()
        self.call_after_refresh(self.show_rows)

    def do_go_back(self) -> None:
        """Leave the wall, the zoom, or the one queue."""
        if self.wall:
            self.do_team_wall()
        elif self.zoomed:
            self.do_go_zoom()
        elif self.queue is not None:
            self._narrow(None)

    def do_go_next_pane(self) -> None:
        """Give the focus to the next pane; where one is shown at a time, show it."""
        self._go_pane(1)

    def do_go_previous_pane(self) -> None:
        """Give the focus to the pane before."""
        self._go_pane(-1)

    def _go_pane(self, step: int) -> None:
        if self.wall:
            return
        self._show_pane(PANES[(PANES.index(self._pane) + step) % len(PANES)])

    @on(Tabs.Chosen)
    def _chosen(self, event: Tabs.Chosen) -> None:
        self._show_pane(event.name)

    def _show_pane(self, name: str) -> None:
        self._pane = name
        self._arrange()
        self._table(self._pane).focus()
        self.call_after_refresh(self.show_rows)


def _set_height(widget: Widget, rows: int) -> None:
    height = widget.styles.height
    if height is None or height.value != rows or not height.is_cells:
        widget.styles.height = rows
