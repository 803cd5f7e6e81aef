"""How the list of cases is read: the question that is asked now, pages at its ends, what others change, and the counts of the views."""

from __future__ import annotations

import asyncio
import os
import time
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

from console.finding import Finding
from console.i18n import _, message_of
from console.link import Away
from console.reads_find import PAGE, Sight, counts, rows_of
from console.saved_views import BadViews, SavedView, desk_views, read_views, views_file
from console.screens.case_many import ManyCases
from console.widgets.paint import safe
from data.errors import DeskError

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Sequence

    from textual.timer import Timer

    from data.journal import Entry
    from data.queries import Fetch

T = TypeVar("T")
_LIVE_S = 0.5
"""How often what others change is shown: at most twice a second."""
_COUNT_S = 2.0
_MOST_CHANGED = 200
"""More changed cases than this at once, and the list is read anew."""


class CaseReading(ManyCases, inherit_bindings=False):
    """Reads what the list shows. The screen says what is wanted, and shows what was found."""

    def __init__(self) -> None:
        super().__init__()
        self.finding = Finding(self.read, self.show_found)
        self.counts: dict[str, int] = {}
        """How many cases each view has."""
        self.known_counts: dict[Sight, int] = {}
        """How many cases a search found, once it came to the end."""
        self.desk_views: tuple[SavedView, ...] = ()
        self.own_views: tuple[SavedView, ...] = ()
        self.goal = ""
        """Where the cursor goes when the open question is answered: `first`, `last` or nowhere."""
        self._counted_at = 0.0
        self._live: Timer | None = None
        self._live_at = 0.0
        self._changed: set[int] = set()

    # -- what the screen gives

    def wanted(self) -> Sight:
        """Return what is asked for now."""
        raise NotImplementedError

    def show_found(self) -> None:
        """Show what is known now."""
        raise NotImplementedError

    def show_tabs(self) -> None:
        """Show the views with their counts."""
        raise NotImplementedError

    def views_were_read(self, before: Sequence[SavedView]) -> None:
        """Show the views that were kept, where there were others before."""
        raise NotImplementedError

    def look_soon(self) -> None:
        """Read the case under the cursor anew."""
        raise NotImplementedError

    # -- views that were kept

    @property
    def kept_views(self) -> tuple[SavedView, ...]:
        """The views of the configuration, then the user's own, as they stand behind those that every desk has."""
        return (*self.desk_views, *self.own_views)

    async def read_kept_views(self) -> None:
        """Read the views of the configuration and the user's own."""
        of_desk, own = self.desk_views, self.own_views
        with suppress(Away):
            of_desk = await self.read(desk_views)
        try:
            own = await asyncio.to_thread(read_views, views_file(os.environ))
        except BadViews as error:
            self._say(error)
        if self.is_mounted:
            before, self.desk_views, self.own_views = self.kept_views, of_desk, own
            self.views_were_read(before)

    # -- asking

    def beside(self, work: Callable[[], Coroutine[Any, Any, None]], group: str, *, exclusive: bool = False) -> None:
        """Let something run beside the event loop's other work; if `exclusive`, what the group did before is left."""
        self.run_worker(work, group=group, exclusive=exclusive, exit_on_error=True)  # type: ignore[arg-type]

    def look_for(self, *, keep: int = 0, goal: str = "") -> None:
        """Ask for what the tabs, the order and the field say; what was asked before is left.

        Args:
            keep: how many rows to read, where the same is only read anew.
            goal: `first` or `last`: where the cursor goes then.
        """
        self.goal = goal
        if self.finding.me:
            self.beside(partial(self._find, self.wanted(), keep, goal == "last"), "find", exclusive=True)

    async def _find(self, sight: Sight, keep: int, at_end: bool) -> None:
        try:
            await self.finding.find(sight, keep=keep, at_end=at_end)
        except Away:
            self.finding.began = None
            return
        except DeskError as error:  # a view's condition that fails on a case, or speaks of what there is no longer
            self.finding.give_up()
            self._say(error, self.view_name)
            return
        if self.finding.window.whole:
            self.known_counts[sight] = len(self.finding.window.rows)
            self.show_tabs()

    async def read(self, question: Callable[[Fetch], T]) -> T:
        """Answer a question from the desk, beside the event loop."""
        return await self.desk_app.link.read(question)

    async def _read_on(self, backwards: bool) -> None:
        try:
            await self.finding.read_on(backwards=backwards)
        except Away:
            return
        except DeskError as error:
            self._say(error, self.view_name)

    @property
    def view_name(self) -> str:
        """The name of the view that is shown, where it is the desk's or one's own."""
        return ""

    def _say(self, error: DeskError, view: str = "") -> None:
        text = message_of(error)
        if view:
            text = _("View {name}: {why}").format(name=view, why=text)
        self.desk_app.flash(safe(text), kind="alert")

    # -- what the desk tells

    def workspace_changed(self) -> None:
        """Begin when it is known who I am."""
        me = self.desk_app.workspace.me.agent_id if self.desk_app.workspace else 0
        if me and me != self.finding.me:
            self.finding.me = me
            self.look_for()
            self._count()

    def desk_changed(self, entries: Sequence[Entry] | None) -> None:
        """Read what others changed anew, at most twice a second."""
        if entries is None or any(entry.kind == "desk.configured" for entry in entries):
            self.beside(self._configured, "saved")
        if entries is None:
            if self.finding.began is None:
                self._read_anew()
            self._count()
            return
        self._changed.update(entry.case_id for entry in entries if entry.case_id is not None)
        if self._changed and self._live is None:
            wait = max(0.02, _LIVE_S - (time.monotonic() - self._live_at))
            self._live = self.set_timer(wait, self._take_changes)

    async def _configured(self) -> None:
        """Follow a change of the configuration: other views, and other fields in the one that is shown."""
        before = self.finding.sight
        await self.read_kept_views()
        if before.condition and before == self.finding.sight and self.is_mounted:
            self._read_anew()

    def _take_changes(self) -> None:
        self._live, self._live_at = None, time.monotonic()
        changed, self._changed = self._changed, set()
        if self.number in changed:
            self.look_soon()
        self._count()
        if len(changed) > _MOST_CHANGED:
            self._read_anew()
        else:
            self.beside(partial(self._take, sorted(changed)), "live")

    def _read_anew(self) -> None:
        window = self.finding.window
        if window.before is None:
            self.look_for(keep=len(window.rows))
        else:
            self.beside(partial(self._take, [row.number for row in window.rows]), "live")

    async def _take(self, numbers: Sequence[int]) -> None:
        try:
            for start in range(0, len(numbers), PAGE):
                some = numbers[start : start + PAGE]
                sight = self.finding.window.sight
                self.finding.take(await self.read(lambda fetch: rows_of(fetch, sight, some)))  # noqa: B023
        except Away:
            return
        except DeskError as error:
            self._say(error)

    def _count(self) -> None:
        if self.finding.me and time.monotonic() - self._counted_at >= _COUNT_S:
            self._counted_at = time.monotonic()
            self.beside(self._counted, "count")

    async def _counted(self) -> None:
        me = self.finding.me
        try:
            self.counts = await self.read(lambda fetch: counts(fetch, me))
        except Away:
            return
        self.show_tabs()
