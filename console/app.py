"""The console as a Textual application: its screens, its link to the desk, and what belongs to the agent on every screen.

Nothing here or in the widgets waits for the desk: what is known is shown, and what is asked of the desk runs beside the event loop.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from typing import TYPE_CHECKING, Any, ClassVar

from textual.binding import Binding

from console import next_thing as row_one
from console.everywhere import Everywhere
from console.i18n import _, message_of
from console.keys import CASES, SUPERVISE, WORK, Keys
from console.link import Away, DeskLink
from console.moment import now
from console.next_thing import NextThing
from console.notices import Notices
from console.screens.base import DeskScreen
from console.sending import Outgoing, Sender
from console.terminal_app import TerminalApp
from console.theme import PALETTES, Look, Palette, textual_theme, variables
from console.widgets.paint import safe
from data.errors import DeskError
from data.topics import topic

if TYPE_CHECKING:
    from collections.abc import Awaitable, Sequence

    from textual.screen import Screen

    from console.demo.coach import Coach
    from console.drafts import Draft, DraftStore
    from console.reads_screens import WorkRow, Workspace
    from data.journal import Entry

_FLASH_S = 6.0
_ENDS_OF_OFFERS = frozenset(
    f"work.{what}" for what in ("timed_out", "declined", "revoked", "cancelled", "offered", "accepted")
)
_UNDO_S = 5
_YOUNG_US = 120_000_000


def _work() -> Screen[Any]:
    from console.screens.work import WorkScreen

    return WorkScreen()


def _cases() -> Screen[Any]:
    from console.screens.cases import CasesScreen

    return CasesScreen()


def _supervise() -> Screen[Any]:
    from console.screens.supervise import SuperviseScreen

    return SuperviseScreen()


class DeskApp(TerminalApp, inherit_bindings=False):
    """The console of one agent.

    Args:
        where: the desk.
        agent: for whom.
        first: the screen to begin with.
        palette: the theme.
        ascii_signs: whether the terminal shows signs beyond ASCII.
        keys: the keys of this user.
        drafts: where what is written is kept.
        editor: whether the agent may open an editor, a file or another program from here.
        undo_s: how many seconds an answer can be taken back.
        open_work: the work item to open with, from `--work`.
    """

    MODES: ClassVar[dict[str, Any]] = {WORK: _work, CASES: _cases, SUPERVISE: _supervise}
    ENABLE_COMMAND_PALETTE = False
    CSS = """
    * { scrollbar-size-vertical: 1; scrollbar-size-horizontal: 0; }
    CursorList, Conversation, LinesPane, KeySheet { scrollbar-size-vertical: 0; }
    """
    BINDINGS: ClassVar[list[Any]] = [Binding("ctrl+c", "no_interrupt", show=False)]

    def __init__(
        self,
        where: str,
        agent: str,
        *,
        palette: Palette,
        keys: Keys,
        drafts: DraftStore,
        first: str = WORK,
        ascii_signs: bool = False,
        editor: bool = True,
        undo_s: int = _UNDO_S,
        open_work: int | None = None,
        engine: Any = None,
    ) -> None:
        self.look = Look(palette, ascii_signs=ascii_signs)
        self.DEFAULT_MODE = first  # type: ignore[misc]  # no empty screen is painted before the first one
        super().__init__()
        self.keys = keys
        self.drafts = drafts
        self.editor_allowed = editor
        self.undo_s = undo_s
        self.open_work = open_work
        self.engine = engine
        self.coach: Coach | None = None
        """Who stands beside a newcomer, in the demo."""
        self.workspace: Workspace | None = None
        self.notices = Notices(self)
        self.link = DeskLink(where, agent, changed=self._desk_changed, told=self._link_told)
        self.sender = Sender(self)
        self.everywhere = Everywhere(self)
        self._first = first
        self._flash: tuple[float, NextThing] | None = None
        self._stale = asyncio.Event()
        self._last_why: dict[int, Entry] = {}
        for each in PALETTES.values():
            self.register_theme(textual_theme(each))
        self._begin_in(palette)

    def _begin_in(self, palette: Palette) -> None:
        """Take the first theme: set as later ones are, it would have everything styled twice before the first paint."""
        name = f"desk-{palette.name}"
        if palette.ansi:
            self.theme = name
            return
        self.set_reactive(TerminalApp.theme, name)
        self.set_class(palette.dark, "-dark-mode", update=False)
        self.set_class(not palette.dark, "-light-mode", update=False)
        self.stylesheet.set_variables(self.get_css_variables())

    def get_theme_variable_defaults(self) -> dict[str, str]:
        """Give the roles a value before a theme is set."""
        return variables(self.look.palette)

    # -- beginning and ending

    async def on_mount(self) -> None:
        """Show the first screen at once, then look for the desk."""
        if self.keys.keymap():
            self.set_keymap(self.keys.keymap())
        self.catch_signals()
        self.call_after_refresh(self._begin)

    def _begin(self) -> None:
        self.run_worker(self.link.run(), name="link", exit_on_error=True)
        self.run_worker(self._keep_workspace(), name="workspace", exit_on_error=True)
        self.run_worker(self._tick(), name="tick", exit_on_error=True)
        if self.coach is not None:
            self.coach.begin(self)

    def keep_drafts(self) -> None:
        """Keep what is being written, on whichever screen."""
        for screen in self.desk_screens():
            keep = getattr(screen, "keep_draft", None)
            if keep is not None:
                keep()

    async def leave(self, code: int = 0) -> None:
        """Keep what is written, send what is due, say goodbye and end."""
        self.keep_drafts()
        for screen in self.desk_screens():
            if (hand_over := getattr(screen, "hand_over_draft", None)) is not None:
                with contextlib.suppress(DeskError, TimeoutError):
                    await asyncio.wait_for(hand_over(), 2)
        with contextlib.suppress(DeskError, TimeoutError):
            await asyncio.wait_for(self.sender.send_all(), 3)
        with contextlib.suppress(DeskError, TimeoutError):
            await asyncio.wait_for(self.link.close(), 3)
        self.exit(code, return_code=code)

    def action_no_interrupt(self) -> None:
        """Say how to end: an interrupt by mistake must not close the console."""
        self.flash(_("Close the console with {key}.").format(key=self.keys.shown("desk.quit")))

    def desk_screens(self) -> list[DeskScreen]:
        """Return every screen of the desk that was opened, shown or not."""
        found: list[DeskScreen] = []
        for stack in self._screen_stacks.values():
            found += [screen for screen in stack if isinstance(screen, DeskScreen)]
        return found

    def written_on(self, case: int) -> Draft | None:
        """Return what is being written on a case, on whichever screen, or was kept of it."""
        for screen in self.desk_screens():
            current = getattr(screen, "current_draft", None)
            draft: Draft | None = current() if current is not None else None
            if draft is not None and draft.case == case:
                return draft
        return self.drafts.load(case)

    @property
    def desk_screen(self) -> DeskScreen | None:
        """The screen of the desk that is shown, also behind an overlay."""
        return next((each for each in reversed(self.screen_stack) if isinstance(each, DeskScreen)), None)

    @property
    def overlaid(self) -> bool:
        """Whether something lies over the screen of the desk and takes the letters."""
        return self.screen is not self.desk_screen

    # -- what the desk tells

    def _desk_changed(self, entries: Sequence[Entry] | None) -> None:
        if entries is None or entries:
            self._stale.set()
        for entry in entries or ():
            if entry.work_id is not None and entry.kind in _ENDS_OF_OFFERS and not self._is_to_me(entry):
                self._last_why.setdefault(entry.work_id, entry)  # what follows, such as going to the next, is no reason
        if (screen := self.desk_screen) is not None:
            screen.desk_changed(entries)

    def _is_to_me(self, entry: Entry) -> bool:
        me = self.workspace.me.agent_id if self.workspace is not None else None
        return entry.kind == "work.offered" and entry.agent_id == me

    def _link_told(self) -> None:
        self._stale.set()
        self.sender.wake()
        if self.link.state == "ready":
            self.watch_topics()
            if self.engine is not None:
                self.run_worker(self.engine.keep(self), name="engine", exclusive=True, group="engine")
        self._show()

    def watch_topics(self) -> None:
        """Say what this console has to be woken for."""
        topics = topic("kind", "desk")
        if self.workspace is not None:
            topics |= topic("agent", self.workspace.me.agent_id)
            for row in (*self.workspace.offers, *self.workspace.mine, *self.workspace.paused):
                topics |= topic("case", row.case)
        if (screen := self.desk_screen) is not None:
            topics |= screen.topics()
        self.link.watch(topics)

    async def _keep_workspace(self) -> None:
        """Read the agent's own work whenever something may have changed it; a burst is read once."""
        from console.reads_screens import workspace  # after the first paint

        while True:
            await self._stale.wait()
            self._stale.clear()
            try:
                found = await self.link.read(lambda fetch: workspace(fetch, self.link.agent, _midnight()))
            except Away:
                self._show()
                continue
            if found is not None and found != self.workspace:
                before, self.workspace = self.workspace, found
                self.watch_topics()
                self._compare(before, found)
                if (screen := self.desk_screen) is not None:
                    screen.workspace_changed()
                self.sender.wake()
            self._show()

    def _compare(self, before: Workspace | None, after: Workspace) -> None:
        """Tell of offers that came and of offers that went."""
        known = {row.work for row in before.offers} if before else set()
        came = [row for row in after.offers if row.work not in known]
        for row in came:
            self._last_why.pop(row.work, None)
        if came:
            self.notices.offered(came[0])
        if before is None:
            return
        kept = {row.work for row in (*after.offers, *after.mine, *after.paused)}
        for row in before.offers:
            if row.work not in kept:
                self.flash(self._what_became(row), kind="muted")

    def _what_became(self, row: WorkRow) -> str:
        entry = self._last_why.get(row.work)
        kind = entry.kind if entry is not None else ""
        words = {
            "work.timed_out": _("The offer of #{case} was not answered in time."),
            "work.declined": _("You declined #{case}."),
            "work.revoked": _("The offer of #{case} was taken back."),
            "work.cancelled": _("The offer of #{case} was taken back: nobody needs to do it any more."),
            "work.offered": _("The offer of #{case} went to somebody else."),
            "work.accepted": _("The offer of #{case} went to somebody else."),
        }.get(kind, _("The offer of #{case} is over."))
        return words.format(case=row.case)

    # -- what time changes

    async def _tick(self) -> None:
        """Wake once a second while something counts down, else once a minute: an idle console costs nothing."""
        while True:
            wall = time.time()
            await asyncio.sleep(1 - wall % 1 if self._counting() else min(60 - wall % 60, 5))
            minute = time.time() // 60 != wall // 60
            young = self._young()
            if not minute and not self._counting():
                continue
            self.sender.wake()
            self._show()
            if (screen := self.desk_screen) is not None:
                screen.count_down()
                if minute or young:
                    screen.tick()

    def _counting(self) -> bool:
        return bool(
            self.link.state == "away"
            or self._flash
            or self.sender.counting
            or (self.workspace and self.workspace.offers)
            or self._young()
        )

    def _young(self) -> bool:
        """Say whether an age is shown in seconds: those under two minutes are."""
        if self.workspace is None:
            return False
        since = now() - _YOUNG_US
        return any((row.last_at or row.updated_at) > since for row in (*self.workspace.mine, *self.workspace.paused))

    def _show(self) -> None:
        if (screen := self.desk_screen) is not None:
            screen.show_rows()

    # -- row 1

    def flash(self, text: str, *, kind: str = "muted") -> None:
        """Say something in row 1 for some seconds.

        Args:
            kind: `muted` for what is over, `alert` for what went wrong.
        """
        badge = _("Not done") if kind == "alert" else ""
        self._flash = (time.monotonic() + _FLASH_S, NextThing(kind, badge=badge, text=" ".join(text.split())))
        self._show()

    def next_thing(self, screen: DeskScreen) -> NextThing:
        """Return what row 1 says now."""
        keys = self.keys
        if self._flash is not None and time.monotonic() >= self._flash[0]:
            self._flash = None
        if self.link.state == "away":
            return row_one.away(
                self.link.since, self.link.next_try - time.monotonic(), keys.shown("desk.try_now", writing=True)
            )
        if self._flash is not None and self._flash[1].kind == "alert":
            return self._flash[1]
        if self.workspace is not None and self.workspace.offers:
            offers = self.workspace.offers
            typing = screen.writing or self.overlaid
            accept = "offer.accept_anywhere" if typing else "offer.accept"
            decline = keys.shown("offer.decline")
            pairs = [(keys.shown(accept, writing=typing), _("accept"))]
            if self.workspace.me.decline_allowed:
                pairs.append((f"esc {decline}" if typing else decline, _("decline")))
            return row_one.offer(offers[0], len(offers) - 1, now(), tuple(pairs))
        if (outgoing := self.sender.next) is not None:
            return self._outgoing(outgoing, screen)
        if self._flash is not None:
            return self._flash[1]
        if self.workspace is None:
            return NextThing("muted", text=_("Opening the desk"))
        if self.coach is not None and (said := self.coach.say(self)) is not None:
            return said
        named = ("case.reply", "list.open", "desk.new_case", "desk.status", "case.send_again")
        return screen_thing(screen) or row_one.work(
            self.workspace, {name: keys.shown(name) for name in named}, screen.open_case
        )

    def _outgoing(self, outgoing: Outgoing, screen: DeskScreen) -> NextThing:
        left = outgoing.left
        what = _("Note") if outgoing.draft.kind == "note" else _("Answer")
        return NextThing(
            "calm",
            lead=what,
            strong=_("to #{case} goes out").format(case=outgoing.draft.case),
            text=outgoing.trouble or "",
            time=row_one.countdown(left),
            keys=(
                (
                    (f"esc {self.keys.shown('case.undo')}" if screen.writing else self.keys.shown("case.undo")),
                    _("take it back"),
                ),
            ),
            fraction=max(0.0, min(1.0, left / (self.undo_s * 1_000_000))) if self.undo_s else 0.0,
        )

    # -- doing

    async def guarded(self, doing: Awaitable[Any]) -> Any:
        """Wait for something that may be refused, and say in row 1 why it was."""
        try:
            return await doing
        except DeskError as error:
            self.flash(safe(message_of(error)), kind="alert")
            return None

    async def act(self, name: str, /, **parameters: Any) -> Any:
        """Carry out a registered action as this agent; what the desk refuses is raised."""
        return await self.link.act(name, **parameters)

    def set_palette(self, palette: Palette) -> None:
        """Use other colours."""
        self.look = Look(palette, ascii_signs=self.look.ascii_signs)
        self.theme = f"desk-{palette.name}"
        for screen in self.desk_screens():
            for widget in screen.walk_children(with_self=True):
                widget.refresh()

    async def open_in_work(self, case: int) -> None:
        """Show a case on the work screen."""
        await self.switch_mode(WORK)
        if (screen := self.desk_screen) is not None and hasattr(screen, "open_number"):
            screen.open_number(case)


def screen_thing(screen: DeskScreen) -> NextThing | None:
    """Return what a screen wants row 1 to say, such as what is selected, if anything."""
    say = getattr(screen, "own_thing", None)
    found: NextThing | None = say() if say is not None else None
    return found


def _midnight() -> int:
    t = time.localtime()
    return int(time.mktime((t.tm_year, t.tm_mon, t.tm_mday, 0, 0, 0, 0, 0, -1))) * 1_000_000
