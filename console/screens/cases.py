"""The list of all cases: views, search as one types, a preview, and commands on the case under the cursor or on all selected ones."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, ClassVar, TypeVar

from textual.containers import Horizontal, Vertical
from textual.widgets import Input

from console.found_words import count_words, empty_words, found_words, search_words
from console.i18n import _, ngettext
from console.keys import CASES
from console.link import Away
from console.next_thing import NextThing
from console.reads_find import CAP, ORDERS, PAGE, VIEWS, Sight
from console.reads_screens import case_sight
from console.screens.base import bindings
from console.screens.case_reading import CaseReading
from console.screens.overlay import Field
from console.widgets.case_preview import SHOWN, CasePreview
from console.widgets.case_table import CaseHeads, CaseTable
from console.widgets.line import Line
from console.widgets.paint import safe
from console.widgets.tabs import Tab, Tabs
from data.topics import topic

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from textual.timer import Timer
    from textual.widget import Widget

    from console.reads_screens import CaseSight
    from console.saved_views import SavedView
    from console.widgets.cursor_list import CursorList
    from console.widgets.facts import LinesPane

T = TypeVar("T")
_TYPED_S = 0.08
_PREVIEW_S = 0.08
_BESIDE = 120
"""From this width the preview stands beside the list."""


class FindField(Field):
    """Where one types what is looked for."""

    async def action_submit(self) -> None:
        """Give the keys to the list."""
        self.screen.query_one(CaseTable).focus()


class CasesScreen(CaseReading, inherit_bindings=False):
    """All cases of the desk."""

    NAME = CASES
    BINDINGS = bindings(CASES)
    VERTICAL_BREAKPOINTS = [(0, "-short"), (30, "-tall")]  # noqa: RUF012 - as in textual
    AUTO_FOCUS = "#cases"
    DEFAULT_CSS: ClassVar[str] = """
    CasesScreen #list { width: 1fr; padding: 0 1 0 0; }
    CasesScreen #views, CasesScreen #heads { height: 1; }
    CasesScreen #find { height: 1; margin: 1 0; background: $desk-surface; }
    CasesScreen #slash { width: 3; }
    CasesScreen #found { width: 45%; max-width: 34; }
    CasesScreen FindField, CasesScreen FindField:focus, CasesScreen FindField:ansi { width: 1fr; background: $desk-surface; }
    CasesScreen #side { width: 40; border-left: solid $desk-rule; padding: 1 0 0 0; display: none; }
    CasesScreen.-preview #side { display: block; }
    CasesScreen.-short #find { margin: 0; }
    CasesScreen.-short #side { padding: 0; }
    CasesScreen.-one.-preview #list, CasesScreen.-two.-preview #list { display: none; }
    CasesScreen.-one #side, CasesScreen.-two #side { width: 1fr; border-left: none; }
    CasesScreen.-four.-preview #list { width: 97; }
    CasesScreen.-four #side { width: 1fr; }
    """

    def __init__(self) -> None:
        super().__init__()
        self._view = list(VIEWS).index("open")
        self._typing: Timer | None = None
        self._looking: Timer | None = None
        self._preview: bool | None = None
        self._sight: CaseSight | None = None

    # -- what it is made of

    def panes(self) -> Iterable[Widget]:
        """Return the list and the preview."""
        with Vertical(id="list"):
            yield Tabs(id="views")
            with Horizontal(id="find"):
                yield Line(id="slash", ground="surface")
                yield FindField(placeholder=_("number, subject, name or address"))
                yield Line(id="found", ground="surface")
            yield CaseHeads()
            yield CaseTable(self.finding.window)
        with Vertical(id="side"):
            yield CasePreview()

    @property
    def table(self) -> CaseTable:
        """The list of cases."""
        return self.query_one(CaseTable)

    @property
    def field(self) -> FindField:
        """Where one types what is looked for."""
        return self.query_one(FindField)

    @property
    def sight(self) -> CaseSight | None:
        """The case under the cursor, as far as it was read."""
        return self._sight if self._sight is not None and self._sight.number == self.number else None

    @property
    def preview_on(self) -> bool:
        """Whether the preview is shown; without a word of the user's where it has room beside the list."""
        return self.app.size.width >= _BESIDE if self._preview is None else self._preview

    def on_mount(self) -> None:
        """Read the user's own views."""
        self.query_one("#slash", Line).put([(" / ", "accent+b")])
        self.beside(self.read_kept_views, "saved")
        self._show_preview()

    def topics(self) -> int:
        """Return what wakes this screen: cases and what is said on them."""
        return topic("kind", "case") | topic("kind", "message")

    def footer(self) -> Sequence[str | tuple[str, str]]:
        """Return the commands for the footer."""
        if self.writing:
            return (("list.open", _("to the list")), ("go.back", _("back, keeps text")), "list.save_view")
        preview = _("preview off") if self.preview_on else _("preview")
        return (
            "list.open",
            "list.select",
            ("list.find", _("search")),
            "list.sort",
            "list.save_view",
            ("list.preview", preview),
        )

    def own_thing(self) -> NextThing | None:
        """Say what is selected, and what can be done with all of it."""
        chosen = len(self.table.selected)
        if not chosen:
            return None
        pairs = (("case.transfer", _("transfer")), ("case.resolve", _("resolve")), ("case.take", _("take")))
        return NextThing(
            "calm",
            lead=ngettext("{n} selected", "{n} selected", chosen).format(n=chosen),
            text=_("of {found}").format(found=found_words(self.finding, self.counts)),
            keys=tuple((self.desk_app.keys.shown(name), word) for name, word in pairs),
        )

    # -- what is shown

    def wanted(self) -> Sight:
        """Return what the tabs, the order and the field say."""
        order, typed = self.finding.sight.order, self.field.value
        place = self._view
        kept = self.kept_views[place - len(VIEWS)].sight if place >= len(VIEWS) else Sight(list(VIEWS)[place])
        return replace(kept, order=order if self._may_sort(kept.view, order) else "newest", typed=typed)

    @property
    def view_name(self) -> str:
        """The name of the kept view that is shown; empty where it is none."""
        place = self._view - len(VIEWS)
        return self.kept_views[place].name if 0 <= place < len(self.kept_views) else ""

    def _may_sort(self, view: str, order: str) -> bool:
        return order != "priority" or self.counts.get(view, CAP + 1) <= CAP

    def show_found(self) -> None:
        """Show the cases that are known, how many there are, and the heads."""
        if not self.is_mounted:
            return
        finding, table = self.finding, self.table
        highest = max((row.number for row in finding.window.rows[:PAGE]), default=0)
        table.empty = () if finding.stale or finding.began is not None else self._empty()
        goal = "" if finding.began is not None else self.goal
        self.goal = "" if goal else self.goal
        table.show(finding.window, goal=goal, stale=finding.stale and finding.slow, me=finding.me, highest=highest)
        if self.number is None and self._sight is not None:
            self.look_soon()  # no cursor says that the case beside the list is none of it
        self.query_one("#found", Line).put([], [(search_words(finding, self.counts), "muted"), (" ", "text")])
        self._show_heads()
        self.show_tabs()
        if table.selected:
            self.show_rows()

    def _empty(self) -> tuple[str, ...]:
        keys = self.desk_app.keys
        return empty_words(self.finding.sight, keys.shown("list.next_view"), keys.shown("list.find"))

    def show_tabs(self) -> None:
        """Show the views of the desk and the user's own, with their counts."""
        tabs = [
            Tab(str(place), _(label), count_words(self.counts, view))
            for place, (view, label) in enumerate(VIEWS.items())
        ]
        for each in self.kept_views:
            known = {each.sight.view: self.known_counts[each.sight]} if each.sight in self.known_counts else {}
            count = count_words(known if each.sight.narrowed else self.counts, each.sight.view)
            tabs.append(Tab(str(len(tabs)), safe(each.name), count))
        self.query_one(Tabs).show(tabs, str(self._view))

    def views_were_read(self, before: Sequence[SavedView]) -> None:
        """Stay on the kept view that is shown, wherever it stands now; go to the open cases where it is gone, and say so."""
        place = self._view - len(VIEWS)
        if 0 <= place < len(before):
            shown, keys = before[place], [each.key for each in self.kept_views]
            found = keys.index(shown.key) if shown.key in keys else None
            if found is None:
                self.desk_app.flash(_("The view {name} was taken away.").format(name=safe(shown.name)))
            self._view = list(VIEWS).index("open") if found is None else len(VIEWS) + found
            if found is None or self.kept_views[found].sight != shown.sight:
                self.look_for()
        self.show_tabs()

    def _show_heads(self) -> None:
        heads, table = self.query_one(CaseHeads), self.table
        heads.show(table.window, self.finding.sight.order, table.highest, focused=table.has_focus)

    def on_descendant_focus(self) -> None:
        """Say by the heads whether the list has the keys."""
        self.call_after_refresh(self._show_heads)

    def on_resize(self) -> None:
        """Follow the new width."""
        self._show_preview()
        self.call_after_refresh(self.show_found)

    def tick(self) -> None:
        """Show ages anew."""
        self.table.refresh()

    # -- searching

    def find(self) -> None:
        """Give the keys to the search field; what stands there is written over as one types."""
        self.field.focus()
        self.field.action_select_all()

    def do_list_find(self) -> None:
        """Search."""
        if self.preview_on and self.app.size.width < _BESIDE:
            self._preview = False
            self._show_preview()
        self.find()

    def on_input_changed(self, event: Input.Changed) -> None:
        """Search when one pauses typing."""
        event.stop()
        if self._typing is not None:
            self._typing.stop()
        self._typing = self.set_timer(_TYPED_S, self._typed)

    def _typed(self) -> None:
        if self.wanted() != self.finding.sight:
            self.look_for()

    def do_go_back(self) -> None:
        """Go from the field to the list, from a preview over the list back to it, or give the selection up."""
        if self.writing:
            self.table.focus()
        elif self.preview_on and self.app.size.width < _BESIDE:
            self.do_list_preview()
        elif self.table.selected:
            self.table.selected.clear()
            self.table.refresh()
        self.show_rows()

    # -- views and order

    def show_view(self, place: int) -> None:
        """Show a view by its place; a saved one brings its order and its search along."""
        self._view = place
        if place >= len(VIEWS):
            sight = self.kept_views[place - len(VIEWS)].sight
            self.finding.sight = replace(sight, typed=self.finding.sight.typed)
            self.field.value = sight.typed
        self.show_tabs()
        self.look_for()

    def do_list_next_view(self) -> None:
        """Go to the next view."""
        self.show_view((self._view + 1) % (len(VIEWS) + len(self.kept_views)))

    def do_list_previous_view(self) -> None:
        """Go to the view before."""
        self.show_view((self._view - 1) % (len(VIEWS) + len(self.kept_views)))

    def on_tabs_chosen(self, event: Tabs.Chosen) -> None:
        """Show the view that was clicked."""
        self.show_view(int(event.name))

    async def do_list_sort(self) -> None:
        """Choose the order."""
        from console.screens.choosing import Choice, Chooser

        view = self.wanted().view
        told = {
            "newest": _("changed, newest first"),
            "oldest": _("changed, oldest first"),
            "number": _("number, highest first"),
            "priority": _("priority, highest first"),
        }
        choices = [Choice(each, told[each]) for each in ORDERS if self._may_sort(view, each)]
        note = "" if len(choices) == len(ORDERS) else _("By priority only views of up to {n} cases are sorted.")
        chosen = await self.desk_app.push_screen_wait(
            Chooser(_("Order"), choices, note=note.format(n=f"{CAP:,}"), current=self.finding.sight.order)
        )
        if chosen is not None:
            self.finding.sight = replace(self.wanted(), order=chosen, typed=self.finding.sight.typed)
            self.look_for()

    async def do_list_save_view(self) -> None:
        """Keep what is shown under a name; emptying the name of the view that is shown removes it."""
        from console.screens.saving_view import save_view

        here = self._view - len(VIEWS) - len(self.desk_views)
        current = self.own_views[here].name if here >= 0 else ""
        sight = self.wanted()
        kept = await save_view(self.desk_app, sight, current, [each.name for each in self.desk_views])
        if kept is None:
            return
        self.own_views, place = kept
        first = len(VIEWS) + len(self.desk_views)
        self._view = list(VIEWS).index(sight.view) if place is None else first + place
        self.show_tabs()

    # -- the list

    def current_list(self) -> CursorList | LinesPane | None:  # type: ignore[override]
        """Return the list, or the preview where that has the keys."""
        return self.query_one(CasePreview) if isinstance(self.focused, CasePreview) else self.table

    def do_list_first(self) -> None:
        """Go to the first case, which may have to be read."""
        if self.current_list() is self.table and self.finding.window.before is not None:
            self.look_for(goal="first")
        else:
            super().do_list_first()

    def do_list_last(self) -> None:
        """Go to the last case, which may have to be read."""
        if self.current_list() is self.table and self.finding.window.after is not None:
            self.look_for(goal="last")
        else:
            super().do_list_last()

    def do_list_select(self) -> None:
        """Select the case under the cursor, or no longer."""
        self.table.toggle()
        self.show_rows()

    def on_case_table_near_end(self, event: CaseTable.NearEnd) -> None:
        """Read on."""
        self.beside(partial(self._read_on, event.backwards), "more")

    def on_cursor_list_opened(self) -> None:
        """Open the case on the work screen."""
        if self.number is not None:
            self.run_worker(self.desk_app.open_in_work(self.number))

    def on_cursor_list_moved(self) -> None:
        """Show the case under the cursor beside the list, when the cursor rests."""
        self.look_soon()

    # -- the preview

    def do_list_preview(self) -> None:
        """Show the preview or hide it."""
        self._preview = not self.preview_on
        self._show_preview()
        self.show_rows()

    def _show_preview(self) -> None:
        covers = self.preview_on and self.app.size.width < _BESIDE
        self.set_class(self.preview_on, "-preview")
        if covers:
            self.query_one(CasePreview).focus()
        elif isinstance(self.focused, CasePreview) or self.focused is None:
            self.table.focus()
        if self.preview_on:
            self.look_soon()

    def look_soon(self) -> None:
        """Read the case under the cursor for the preview, when the cursor rests."""
        if self._looking is not None:
            self._looking.stop()
        self._looking = self.set_timer(_PREVIEW_S, self._look)

    def _look(self) -> None:
        if self.preview_on:
            self.beside(partial(self._looked, self.number), "preview", exclusive=True)

    async def _looked(self, number: int | None) -> None:
        sight = None
        if number is not None:
            try:
                sight = await self.read(lambda fetch: case_sight(fetch, number, page=SHOWN))
            except Away:
                return
        if number == self.number:
            self._sight = sight
            self.query_one(CasePreview).show(sight, me=self.desk_app.link.agent)
