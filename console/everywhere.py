"""The commands that every screen has: offers, presence, a new case, palette and help, and going from screen to screen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from console.i18n import _
from console.keys import CASES, SUPERVISE, WORK
from console.theme import PALETTES
from console.widgets.paint import safe

if TYPE_CHECKING:
    from console.app import DeskApp


class Everywhere:
    """Commands by name, for a screen that has no method of its own for one."""

    def __init__(self, app: DeskApp) -> None:
        self._app = app

    def why_not_offer_accept(self) -> str | None:
        """Say that nothing is offered."""
        return None if self._app.workspace and self._app.workspace.offers else _("Nothing is offered to you now.")

    why_not_offer_accept_anywhere = why_not_offer_accept

    def why_not_offer_decline(self) -> str | None:
        """Say why the offer cannot be declined."""
        if self._app.workspace and self._app.workspace.offers and not self._app.workspace.me.decline_allowed:
            return _("You may not decline work here.")
        return self.why_not_offer_accept()

    async def do_offer_accept(self) -> None:
        """Accept the offer that ends first, and open its case unless something is being written."""
        assert self._app.workspace is not None
        row = self._app.workspace.offers[0]
        await self._app.act("work.accept", work=row.work)
        screen = self._app.desk_screen
        if self._app.overlaid or (screen is not None and screen.writing):
            self._app.flash(_("#{case} is yours; it waits in your list.").format(case=row.case))
            return
        await self._app.open_in_work(row.case)

    do_offer_accept_anywhere = do_offer_accept

    async def do_offer_decline(self) -> None:
        """Decline the offer that ends first; ask why where a reason is required or given to choose."""
        from console.screens.choosing import Choice, Chooser

        assert self._app.workspace is not None
        row, me = self._app.workspace.offers[0], self._app.workspace.me
        reason = ""
        if me.decline_reasons or me.decline_reason_required:
            chosen = await self._app.push_screen_wait(
                Chooser(
                    _("Why do you decline #{case}?").format(case=row.case),
                    [Choice(each, safe(each)) for each in me.decline_reasons],
                    free=me.decline_reason_required and not me.decline_reasons,
                )
            )
            if chosen is None:
                return
            reason = chosen
        await self._app.act("work.decline", work=row.work, reason=reason)

    async def do_desk_status(self) -> None:
        """Choose a presence status; going offline with open work says what becomes of it."""
        from console.screens.status import choose_status

        if self._app.workspace is not None:
            await choose_status(self._app, self._app.workspace.me.agent)

    async def do_desk_new_case(self) -> None:
        """Write down a new case."""
        from console.screens.new_case import NewCase

        number = await self._app.push_screen_wait(NewCase())
        if number is not None:
            self._app.flash(_("Case #{case} was opened.").format(case=number))

    async def do_desk_palette(self) -> None:
        """Open the palette of every command."""
        from console.screens.palette import CommandPalette

        if (screen := self._app.desk_screen) is not None:
            chosen = await self._app.push_screen_wait(CommandPalette(screen))
            kind, colon, value = (chosen or "").partition(":")
            if kind == "open" and colon:
                await self._app.open_in_work(int(value))
            elif kind == "theme" and colon:
                self._app.set_palette(PALETTES[value])
            elif chosen:
                screen.action_command(chosen)

    async def do_desk_help(self) -> None:
        """Show all keys of this screen."""
        from console.screens.help import Help

        if (screen := self._app.desk_screen) is not None:
            await self._app.push_screen_wait(Help(screen))

    def do_desk_theme(self) -> None:
        """Change to the next theme."""
        names = list(PALETTES)
        self._app.set_palette(PALETTES[names[(names.index(self._app.look.palette.name) + 1) % len(names)]])
        self._app.flash(_("Theme: {name}").format(name=self._app.look.palette.name))

    def why_not_desk_try_now(self) -> str | None:
        """Say nothing where the desk is there."""
        return None if self._app.link.state == "away" else ""

    def do_desk_try_now(self) -> None:
        """Look for the desk at once."""
        self._app.link.try_now()

    async def do_desk_quit(self) -> None:
        """Close the console."""
        await self._app.leave(0)

    async def do_go_work(self) -> None:
        """Go to one's own work."""
        await self._app.switch_mode(WORK)

    async def do_go_cases(self) -> None:
        """Go to the list of all cases."""
        await self._app.switch_mode(CASES)

    async def do_go_supervise(self) -> None:
        """Go to the queues and agents."""
        await self._app.switch_mode(SUPERVISE)

    async def do_list_find(self) -> None:
        """Go to the list of cases and search it."""
        await self._app.switch_mode(CASES)
        if (screen := self._app.desk_screen) is not None and hasattr(screen, "find"):
            screen.find()
