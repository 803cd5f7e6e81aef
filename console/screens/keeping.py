"""Keeping what is written: on this computer half a second after a key, and in the desk for colleagues and the agent's other consoles."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from textual import on

from console.drafts import Draft, is_alive
from console.i18n import _
from console.moment import clock, now
from console.screens.case_commands import CaseCommands
from console.sending import has_reached
from console.widgets.composer import Composer
from console.widgets.conversation import Conversation
from data.errors import DeskError

if TYPE_CHECKING:
    from textual.timer import Timer

    from console.reads_screens import CaseSight

_KEEP_S = 0.5
"""How long after a key the draft is written down: a crash costs less than a second of typing."""
_TELL_AGAIN_S = 8.0
"""How often the desk is told while nothing is typed: within the time for which it leaves the draft to this console."""
_TELL_S = 5.0
"""How often the desk is told of a draft: so long another console may offer the case for writing too."""


class Keeping(CaseCommands, inherit_bindings=False):
    """The drafts of a screen with a composer."""

    _keep_timer: Timer | None = None
    _tell_timer: Timer | None = None
    _told_at: float = 0.0

    @property
    def composer(self) -> Composer:
        """The composer of this screen."""
        return self.query_one(Composer)

    def kept_on(self, sight: CaseSight) -> Draft | None:
        """Return the agent's draft on a case: the one on this computer, or what the desk knows of another one."""
        here = self._left_behind(sight) or self.desk_app.drafts.load(sight.number)
        there = sight.draft
        if there is None or (here is not None and here.at >= there["updated_at"]):
            return here
        if here is None and self.desk_app.sender.of_case(sight.number) is not None:
            return None  # the desk has not heard yet that it is on its way
        return Draft(sight.number, there["kind"], there["text"].raw, at=there["updated_at"])

    def _left_behind(self, sight: CaseSight) -> Draft | None:
        """Make a draft again of what was on its way when a console of this computer died, unless the desk has it."""
        drafts = self.desk_app.drafts
        found = None
        for left in drafts.left_behind(sight.number):
            if not has_reached(sight, left, self.desk_app.link.agent):
                found = self.desk_app.sender.again_a_draft(left)
            drafts.drop_sent(left)
        return found

    def hold_draft(self) -> None:
        """Tell the desk, now and from time to time, that this console writes on the case."""
        self.run_worker(self._tell_desk())
        if self._tell_timer is None:
            self._tell_timer = self.set_interval(_TELL_AGAIN_S, self._tell_again)

    async def _tell_again(self) -> None:
        """Hold the draft for this console, also while nothing is typed."""
        if self.composer.is_open:
            await self._tell_desk()
        elif self._tell_timer is not None:
            self._tell_timer.stop()
            self._tell_timer = None

    @on(Composer.Edited)
    def _edited(self) -> None:
        if self._keep_timer is None:
            self._keep_timer = self.set_timer(_KEEP_S, self._keep_soon)

    async def _keep_soon(self) -> None:
        self._keep_timer = None
        draft = self.current_draft()
        if draft is None:
            return
        try:
            await asyncio.to_thread(self._keep, draft, self.desk_app.drafts.turn(draft.case))
        except OSError as error:
            self.composer.kept = _("not kept: {why}").format(why=error.strerror or error)
        else:
            here = self.desk_app.link.state != "ready"
            words = _("kept here {time}") if here else _("draft kept {time}")
            self.composer.kept = words.format(time=clock(draft.at)) if draft.text.strip() else ""
        self.composer.show()
        loop = asyncio.get_running_loop()
        if loop.time() - self._told_at >= _TELL_S:
            await self._tell_desk()

    def _keep(self, draft: Draft, turn: int | None = None) -> None:
        if draft.text.strip():
            self.desk_app.drafts.keep(draft, turn)
        else:
            self.desk_app.drafts.drop(draft.case)

    def current_draft(self) -> Draft | None:
        """Return what is being written, if anything is."""
        composer = self.composer
        if composer.case is None:
            return None
        return Draft(composer.case, composer.kind, composer.text, composer.area.cursor_location, now())

    def keep_draft(self) -> None:
        """Write down at once what is being written: the screen is left, or the console ends."""
        if not self.is_mounted:
            return
        draft = self.current_draft()
        if draft is not None:
            try:
                self._keep(draft)
            except OSError as error:
                self.desk_app.flash(
                    _("The draft was not kept: {why}").format(why=error.strerror or error), kind="alert"
                )

    async def _tell_desk(self) -> None:
        """Let colleagues and the agent's other console know that this case is being answered."""
        draft = self.current_draft()
        if draft is None or self.desk_app.link.state != "ready":
            return
        self._told_at = asyncio.get_running_loop().time()
        try:
            ours = await self.desk_app.act(
                "draft.keep", case=draft.case, kind=draft.kind, text=draft.text, session=self.desk_app.link.session
            )
        except DeskError:
            return  # it is kept here, which is what counts
        if not ours and self.composer.case == draft.case and not self._other_console_died():
            self.keep_draft()
            self.composer.end()
            if self.writing:
                self.query_one(Conversation).focus()
            self.desk_app.flash(
                _("You are writing on #{case} in another console.").format(case=draft.case), kind="alert"
            )

    def _other_console_died(self) -> bool:
        """Say whether the console that the desk leaves the case to ran on this computer, and is no more."""
        me, here = self.desk_app.link.agent, self.desk_app.link.session.split(":")[0]
        for writer in self.sight.writers if self.sight is not None else ():
            host, _sep, rest = str(writer["session"]).partition(":")
            process = rest.partition(":")[0]
            if writer["agent"] == me and host == here and process.isdigit():
                return not is_alive(int(process))
        return False

    async def hand_over_draft(self) -> None:
        """Let the desk have what is written as it is now: the console ends in good order."""
        if self.is_mounted and self.composer.is_open:
            await self._tell_desk()
