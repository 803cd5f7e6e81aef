"""How the workspace is laid out: which panes the width has room for, and what stands in their heads, tabs and sides."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.containers import Vertical

from console import clocks
from console.conversation_lines import nothing_open
from console.i18n import _
from console.screens.writing import Writing
from console.widgets.composer import Composer
from console.widgets.conversation import Conversation
from console.widgets.facts import LinesPane, fact_lines, guide_lines
from console.widgets.line import Line
from console.widgets.paint import Part, safe
from console.widgets.tabs import Tab, Tabs
from console.widgets.work_list import WorkList
from console.words import case_status, priority, units

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from textual.widget import Widget

    from console.reads_screens import CaseSight

PANES = ("list", "case", "guide", "facts")
LAYOUT = """
WorkScreen #tabs { display: none; }
WorkScreen #body { padding: 0 0 1 1; }
WorkScreen .pane { padding: 1 1 0 0; width: 1fr; height: 1fr; }
WorkScreen #list { width: 30; }
WorkScreen #guide { width: 31; }
WorkScreen #facts { width: 38; }
WorkScreen #case, WorkScreen #guide, WorkScreen #facts { border-left: solid $desk-rule; padding: 1 1 0 1; }
WorkScreen #list > Line { margin: 0 0 1 0; }
WorkScreen #case-about { margin: 0 0 1 0; }
WorkScreen #guide-head { margin: 0 0 1 0; }
WorkScreen.-four #list { width: 40; }
WorkScreen.-four #guide { width: 38; }
WorkScreen.-one #tabs, WorkScreen.-two #tabs { display: block; }
WorkScreen.-one #case, WorkScreen.-one #guide, WorkScreen.-one #facts, WorkScreen.-one #list {
    border-left: none; padding: 1 1 0 0; width: 1fr;
}
WorkScreen.-one #case, WorkScreen.-one #guide, WorkScreen.-one #facts { padding: 1 2 0 1; }
WorkScreen.-one #list-head, WorkScreen.-one #case-head, WorkScreen.-one #case-about { display: none; }
WorkScreen.-two #guide, WorkScreen.-two #facts { width: 1fr; }
"""
"""Where the panes stand (a stylesheet of the screen, which alone has its name in the rules)."""


class WorkPanes(Writing, inherit_bindings=False):
    """The panes of the workspace, as many as the width allows."""

    def __init__(self) -> None:
        super().__init__()
        self.pane = "list"
        """The pane that is looked at; in a narrow terminal it is the only one."""
        self._side = "guide"
        self._zoomed = False
        self._sight: CaseSight | None = None

    def above_panes(self) -> Iterable[Widget]:
        """Return the row of tabs for narrow terminals."""
        yield Tabs()

    def panes(self) -> Iterable[Widget]:
        """Return the four panes."""
        yield Vertical(Line(id="list-head"), WorkList(id="work-list"), id="list", classes="pane")
        yield Vertical(
            Line(id="case-head"),
            Line(id="case-about"),
            Conversation(id="conversation"),
            Composer(),
            id="case",
            classes="pane",
        )
        yield Vertical(Line(id="guide-head"), LinesPane(id="guide-lines"), id="guide", classes="pane")
        yield Vertical(LinesPane(id="fact-lines"), id="facts", classes="pane")

    @property
    def width_class(self) -> str:
        """The layout in use: one, two, three or four."""
        width = self.size.width
        return "one" if width < 100 else "two" if width < 120 else "three" if width < 180 else "four"

    def show_panes(self) -> None:
        """Show the panes that have room."""
        layout = self.width_class
        if layout == "one" or self._zoomed:
            shown = {self.pane}
        elif layout == "two":
            shown = {"list", self.pane if self.pane != "list" else "case"}
        elif layout == "three":
            shown = {"list", "case", self._side}
        else:
            shown = set(PANES)
        for name in PANES:
            self.query_one(f"#{name}").display = name in shown

    def look_at(self, pane: str, *, focus: bool = True) -> None:
        """Give the eye, and the focus, to a pane."""
        self.pane = pane
        if pane in ("guide", "facts"):
            self._side = pane
        self.show_panes()
        if focus:
            target: Widget = {
                "list": self.query_one(WorkList),
                "case": self.query_one(Conversation),
                "guide": self.query_one("#guide-lines"),
                "facts": self.query_one("#fact-lines"),
            }[pane]
            target.focus()
        self._show_heads()

    @property
    def sight(self) -> CaseSight | None:
        """The case that is open."""
        return self._sight

    def _show_empty(self, waits: bool) -> None:
        """Say where no case is open that this is fine, and what one could do."""
        workspace, keys = self.desk_app.workspace, self.desk_app.keys
        assert workspace is not None
        acts = [("list.find", _("find a case")), ("desk.new_case", _("write down a call"))]
        if workspace.me.kind == "offline":
            acts.insert(0, ("desk.status", _("choose a status: work comes then")))
        conversation = self.query_one(Conversation)
        pairs = [(keys.shown(name), words) for name, words in acts]
        conversation.show_empty(nothing_open(workspace.resolved_today, waits, pairs, conversation.size.width))

    def _show_heads(self) -> None:
        if not self.is_mounted:
            return
        workspace, sight = self.desk_app.workspace, self._sight
        focused = self.focused
        list_role = "accent+f" if focused is self.query_one(WorkList) else "strong"
        used = ""
        if workspace is not None:
            used = _("{used} of {capacity}").format(
                used=units(workspace.me.used), capacity=units(workspace.me.capacity)
            )
        self.query_one("#list-head", Line).put([(" ", "text"), (_("My work"), list_role)], [(used, "muted")])
        head, about = self.query_one("#case-head", Line), self.query_one("#case-about", Line)
        if sight is None:
            head.put([])
            about.put([])
        else:
            on_case = focused is self.query_one(Conversation)
            head.put(
                [
                    (f"#{sight.number}  ", "accent+b" if on_case else "muted"),
                    (safe(sight.subject) or _("(no subject)"), "accent+f" if on_case else "strong"),
                ]
            )
            facts: list[Part] = [(safe(sight.who) or _("unknown customer"), "text")]
            facts += [(f" · {sight.queue}", "muted")] if sight.queue else []
            facts += [(" · ", "muted"), (case_status(sight.status), "text"), (" · ", "muted")]
            facts.append((priority(sight.priority), "strong" if sight.priority > 3 else "muted"))
            about.put(facts, [self._clock(sight)])
        guide_role = "accent+f" if focused is self.query_one("#guide-lines") else "strong"
        self.query_one("#guide-head", Line).put([(_("Work guide"), guide_role)])
        self._show_tabs()

    def _clock(self, sight: CaseSight) -> Part:
        """Return the clock of the open case; where the desk is away no clock runs that one could trust."""
        link = self.desk_app.link
        return clocks.of_case(sight) if link.state != "away" else clocks.as_of(link.since)

    def _show_tabs(self) -> None:
        workspace, sight = self.desk_app.workspace, self._sight
        mine = len(workspace.mine) if workspace is not None else 0
        tabs = [Tab("list", _("My work"), str(mine) if mine else "")]
        if sight is not None:
            tabs.append(Tab("case", f"#{sight.number} {safe(sight.who)}"))
        tabs += [Tab("guide", _("Guide")), Tab("facts", _("Facts"))]
        right: list[Part] = []
        if self.pane == "list" and workspace is not None and self.width_class == "one":
            used, capacity = units(workspace.me.used), units(workspace.me.capacity)
            right = [(_("{used} of {capacity}").format(used=used, capacity=capacity), "muted")]
        elif sight is not None:
            right = [self._clock(sight)]
        self.query_one(Tabs).show(tabs, self.pane, right)

    def _show_sides(self) -> None:
        sight = self._sight
        guide, facts = self.query_one("#guide-lines", LinesPane), self.query_one("#fact-lines", LinesPane)
        both = self.width_class == "four"
        lines = guide_lines(sight, guide.size.width, self._suggested())
        me = self.desk_app.link.agent
        if not both and sight is not None:
            from console.conversation_lines import BLANK

            lines += [BLANK, *fact_lines(sight, guide.size.width, me=me)]
        if (coach := self.desk_app.coach) is not None:
            from console.conversation_lines import BLANK

            lines = [*coach.lines(guide.size.width), BLANK, *lines]
        guide.put(lines)
        facts.put(fact_lines(sight, facts.size.width, me=me))

    def show_rows(self) -> None:
        """Show the rows, the clock in the head, and what a coach says in the work guide."""
        super().show_rows()
        self._show_heads()
        if self.desk_app.coach is not None and self.is_mounted:
            self._show_sides()

    def _suggested(self) -> list[tuple[str, str]]:
        """Return what one is likely to do with the case now, with its keys."""
        sight = self._sight
        if sight is None:
            return []
        keys = self.desk_app.keys
        last = next((each for each in reversed(sight.messages) if each.direction != "note"), None)
        if sight.status in ("resolved", "closed"):
            names = [("case.reopen", _("Take it up again")), ("case.note", _("Add a note"))]
        elif last is not None and last.direction == "outbound":
            names = [
                ("case.resolve", _("Resolve it")),
                ("case.note", _("Add a note")),
                ("case.hold", _("Set it aside")),
            ]
        else:
            name = safe(sight.who) or _("the customer")
            names = [
                ("case.reply", _("Answer {name}").format(name=name)),
                ("case.transfer", _("Send it elsewhere")),
                ("case.resolve", _("Resolve it")),
                ("case.hold", _("Set it aside")),
            ]
        return [(keys.shown(name), words) for name, words in names]

    def footer(self) -> Sequence[str | tuple[str, str]]:
        """Return the keys for where the focus is."""
        if self.writing and self.desk_app.link.state == "away":
            return (("write.send", _("send when back")), *self.editor_footer(), "desk.try_now", "write.file")
        if self.writing:
            return (
                "write.send",
                ("write.mode", self.mode_word()),
                *self.editor_footer(),
                "go.next_pane",
                ("go.back", _("back")),
            )
        if self._sight is None:
            return ("desk.new_case", "list.find", "desk.status", "go.next_pane")
        if self._sight.status in ("resolved", "closed"):
            return ("case.reopen", "case.note", "go.guide", "desk.status", "desk.new_case", "go.next_pane")
        return ("case.reply", "case.note", "case.transfer", "case.resolve", "go.guide", "desk.status", "desk.new_case")
