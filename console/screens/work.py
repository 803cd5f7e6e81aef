"""The agent's workspace: the list of work, the case with its composer, the work guide and the facts, as many as the width allows."""

from __future__ import annotations

from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Any

from textual import on

from console.i18n import _
from console.keys import WORK
from console.link import Away
from console.screens.base import bindings
from console.screens.work_panes import LAYOUT, PANES, WorkPanes
from console.widgets.composer import Composer
from console.widgets.conversation import Conversation
from console.widgets.cursor_list import CursorList
from console.widgets.tabs import Tabs
from console.widgets.work_list import WorkList
from core.errors import NotHeld
from data.topics import topic

if TYPE_CHECKING:
    from collections.abc import Hashable, Sequence

    from textual.timer import Timer

    from console.reads_screens import CaseSight, WorkRow
    from data.journal import Entry

_FOLLOW_S = 0.08
"""How long the cursor rests on an item before its case is read: a held key reads nothing."""


class WorkScreen(WorkPanes, inherit_bindings=False):
    """The agent's home."""

    NAME = WORK
    BINDINGS = bindings(WORK)
    DEFAULT_CSS = LAYOUT

    def __init__(self) -> None:
        super().__init__()
        self._wanted: int | None = None
        self._seen: dict[int, int] = {}
        self._follow_timer: Timer | None = None
        self._was_outgoing = False
        self._following: int | None = None
        """The case that the cursor was put on and that is not opened yet."""
        self._heard: Hashable = None
        """Where the list last said that its cursor is; what it says takes a moment to arrive here."""

    def on_mount(self) -> None:
        """Begin in the list."""
        super().on_mount()
        self.show_panes()
        self.query_one(WorkList).focus()
        if self.desk_app.open_work is not None:
            opening: Any = partial(self._open_work, self.desk_app.open_work)
            self.run_worker(opening)

    async def _open_work(self, work: int) -> None:
        from data import queries

        try:
            rows = await self.desk_app.link.read(lambda fetch: fetch(queries.WORK, {"work": work}))
        except Away:
            return
        if rows:
            self.open_number(rows[0]["case"])
        else:
            self.desk_app.flash(_("There is no work item {work}.").format(work=work), kind="alert")

    def on_resize(self) -> None:
        """Follow the new width."""
        super().on_resize()
        self.show_panes()
        self.call_after_refresh(self._show_case)

    # -- what is shown

    @property
    def open_case(self) -> int | None:
        """The number of the case that is open."""
        return self._sight.number if self._sight is not None else None

    def topics(self) -> int:
        """Return what this screen wants to be woken for: the case that is open."""
        return topic("case", self._wanted) if self._wanted is not None else 0

    def workspace_changed(self) -> None:
        """Show the agent's work as it is now."""
        workspace = self.desk_app.workspace
        if workspace is None or not self.is_mounted:
            return
        rows = (*workspace.mine, *workspace.paused)
        here = self.open_case if self._case_is_seen() else None
        unread = {row.case for row in rows if row.case != here and self._is_unread(row)}
        work_list = self.query_one(WorkList)
        at_rest = work_list.cursor == self._heard
        work_list.show(workspace, unread)
        if self._wanted is None and rows:
            self.open_number(rows[0].case, look=False)
        elif at_rest:
            self._select_open_case()
        self._show_empty(bool(workspace.mine))
        self._show_heads()

    def _select_open_case(self) -> None:
        """Put the cursor on what keys act on, also on a case that was only just accepted; not where it was moved on."""
        workspace = self.desk_app.workspace
        if workspace is None or self._following is not None:
            return
        row = next((row for row in (*workspace.mine, *workspace.paused) if row.case == self._wanted), None)
        if row is not None and self.query_one(WorkList).cursor != row.work:
            self.query_one(WorkList).select(row.work)

    def _is_unread(self, row: WorkRow) -> bool:
        """Say whether the customer's last word came since this agent looked at the case."""
        if row.last_direction != "inbound" or row.last_at is None:
            return False
        if row.case in self._seen:
            return row.last_id > self._seen[row.case]
        return row.opened_at is None or row.last_at > row.opened_at

    def _case_is_seen(self) -> bool:
        return bool(self.query_one("#case").display) and self.desk_app.desk_screen is self

    def desk_changed(self, entries: Sequence[Entry] | None) -> None:
        """Read the open case again where something happened to it, or where nothing says what happened."""
        if self._wanted is not None and (not entries or any(entry.case_id == self._wanted for entry in entries)):
            self._read_case(self._wanted)

    def tick(self) -> None:
        """Say ages anew."""
        self.query_one(WorkList).refresh()
        self.query_one(Conversation).age_changed()
        self._show_heads()

    def count_down(self) -> None:
        """Say anew how long the offers last."""
        if self.desk_app.workspace is not None:
            for row in self.desk_app.workspace.offers:
                self.query_one(WorkList).repaint(row.work)
        if self.desk_app.sender.counting or self._was_outgoing:
            self._was_outgoing = self.desk_app.sender.counting
            self.show_outgoing()

    def open_number(self, number: int, *, look: bool = True) -> None:
        """Open a case.

        Args:
            look: whether the eye and the focus go to it.
        """
        if self._follow_timer is not None:
            self._follow_timer.stop()  # where the cursor has been is not where one wants to go any more
        self._following = None
        if number != self._wanted:
            self.keep_draft()
            self._wanted = number
            self.desk_app.watch_topics()
        workspace = self.desk_app.workspace
        if workspace is not None:
            row = next((each for each in (*workspace.mine, *workspace.paused) if each.case == number), None)
            if row is not None:
                self.query_one(WorkList).select(row.work)
        if look:
            self.look_at("case")
        self._read_case(number)

    @property
    def catching_up(self) -> bool:
        """Whether the cursor is on another case than the one that is shown."""
        return self._following not in (None, self.open_case) or self._wanted not in (None, self.open_case)

    async def catch_up(self) -> None:
        """Open the case under the cursor now."""
        if self._following is not None:
            self.open_number(self._following, look=False)
        await self.reread()

    def _read_case(self, number: int) -> None:
        reading: Any = partial(self._case_read, number)
        self.run_worker(reading, exclusive=True, group="case", exit_on_error=True)

    async def reread(self) -> None:
        """Read the open case again."""
        if self._wanted is not None:
            await self._case_read(self._wanted)

    async def _case_read(self, number: int) -> None:
        from console.reads_screens import case_sight

        try:
            me = self.desk_app.workspace.me.agent_id if self.desk_app.workspace else 0
            sight = await self.desk_app.link.read(lambda fetch: case_sight(fetch, number, agent_id=me))
        except Away:
            return
        if number != self._wanted:
            return
        if sight is None:
            self.desk_app.flash(_("There is no case #{case}.").format(case=number), kind="alert")
            self._wanted = self.open_case
            return
        opened = self.open_case != number
        self._sight = sight
        self._show_case(opened=opened)
        if opened:
            await self._note_opened(sight)

    async def _note_opened(self, sight: CaseSight) -> None:
        """Tell the desk that the work was looked at: what is unopened goes back to the line when the agent signs out."""
        workspace = self.desk_app.workspace
        if workspace is not None and any(row.case == sight.number for row in workspace.mine):
            await self.desk_app.guarded(self._tell_opened(sight.number))

    async def _tell_opened(self, case: int) -> None:
        with suppress(NotHeld):  # it went elsewhere a moment ago, and there is nothing for the agent to do about it
            await self.desk_app.act("work.open", case=case)

    def _show_case(self, *, opened: bool = False) -> None:
        sight = self._sight
        conversation = self.query_one(Conversation)
        if sight is not None:
            newest = sight.messages[-1].id if sight.messages else 0
            seen = self._seen.get(sight.number, 0)
            conversation.show(sight, me=self.desk_app.link.agent, seen=seen or newest)
            if self._case_is_seen():
                self._seen[sight.number] = newest
                if newest != seen:
                    self.workspace_changed()  # it is not unread any more
        self._show_sides()
        self.case_shown(opened=opened)
        self.show_rows()  # other keys work now

    # -- events

    @on(CursorList.Opened, "#work-list")
    def _opened(self, event: CursorList.Opened) -> None:
        row = self.query_one(WorkList).row(event.key)
        if row is None:
            return
        if row.state == "offered":
            self.run("offer.accept")
        else:
            self.open_number(row.case)

    @on(CursorList.Moved, "#work-list")
    def _moved(self, event: CursorList.Moved) -> None:
        if self._follow_timer is not None:
            self._follow_timer.stop()
        self._following, self._heard = None, event.key
        row = self.query_one(WorkList).row(event.key)
        if row is not None and self.focused is self.query_one(WorkList):
            self._following = row.case
            self._follow_timer = self.set_timer(_FOLLOW_S, self._open_followed)
        elif self.query_one(WorkList).cursor == event.key:
            self._select_open_case()

    def _open_followed(self) -> None:
        """Open what the cursor is on now: on a busy machine this comes late, and the cursor may be elsewhere meanwhile."""
        if self._following is not None:
            row = self.query_one(WorkList).row(self.query_one(WorkList).cursor)
            self.open_number(self._following if row is None else row.case, look=False)

    def _follow_cursor(self) -> None:
        """Open what the list's cursor is on, once the list has the focus: the case that is shown may have left the list."""
        work_list, workspace = self.query_one(WorkList), self.desk_app.workspace
        if self.focused is not work_list or workspace is None or self._following is not None:
            return
        row = work_list.row(work_list.cursor)
        listed = (*workspace.mine, *workspace.paused)
        if row in listed and self._wanted is not None and all(each.case != self._wanted for each in listed):
            self.open_number(row.case, look=False)

    @on(Conversation.WantsEarlier)
    async def _wants_earlier(self, event: Conversation.WantsEarlier) -> None:
        from console.reads_screens import messages_before

        try:
            older = await self.desk_app.link.read(lambda fetch: messages_before(fetch, event.case, event.before))
        except Away:
            return
        conversation = self.query_one(Conversation)
        if self.open_case == event.case and conversation.oldest == event.before:
            conversation.prepend(older)

    @on(Tabs.Chosen)
    def _tab(self, event: Tabs.Chosen) -> None:
        self.look_at(event.name)

    def on_descendant_focus(self) -> None:
        """Follow the focus with the eye."""
        super().on_descendant_focus()
        self._follow_cursor()
        focused = self.focused
        if focused is not None:
            for pane in PANES:
                if self.query_one(f"#{pane}") in focused.ancestors:
                    self.pane = pane
            self.call_after_refresh(self._show_heads)

    # -- getting about

    def do_go_next_pane(self) -> None:
        """Go to the next pane; in a narrow terminal to the next tab."""
        self._step(1)

    def do_go_previous_pane(self) -> None:
        """Go to the pane before."""
        self._step(-1)

    def _step(self, by: int) -> None:
        layout = self.width_class
        order = ["list", "case", "composer", "guide", "facts"]
        if layout == "three":
            order = ["list", "case", "composer", self._side]
        if not self.query_one(Composer).is_open:
            order.remove("composer")
        here = "composer" if self.writing else self.pane
        place = (order.index(here) if here in order else 0) + by
        target = order[place % len(order)]
        if target == "composer":
            self.look_at("case", focus=False)
            self.query_one(Composer).area.focus()
        else:
            self.look_at(target)

    def do_go_guide(self) -> None:
        """Go to the work guide; from there to the facts."""
        self.look_at("facts" if self.pane == "guide" else "guide")

    def do_go_zoom(self) -> None:
        """Give the whole width to this pane, or give it back."""
        self._zoomed = not self._zoomed
        self.set_class(self._zoomed, "-zoomed")
        self.show_panes()

    async def do_go_back(self) -> None:
        """Leave the text field, keeping the text; from elsewhere go back to the list."""
        if self.writing:
            await self.leave_composer()
        elif self._zoomed:
            self.do_go_zoom()
        else:
            self.look_at("list")

    def why_not_case_fold(self) -> str | None:
        """Say that no case is open."""
        return self._why_no_case()

    def do_case_fold(self) -> None:
        """Unfold or fold quoted text."""
        self.query_one(Conversation).fold()

    def current_list(self):  # type: ignore[no-untyped-def]
        """Return what the keys of lists move: a list, the conversation, or a pane of lines."""
        return self.focused if hasattr(self.focused, "move_page") else self.query_one(WorkList)
