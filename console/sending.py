"""What is on its way out of this console: an answer waits some seconds in which it can be taken back, then it is handed to the desk.

Until the desk has it, it is a draft with a time: a console that dies meanwhile finds it again as a draft, and a desk that is away gets it
when it is back. Closing the console sends what waits.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from console.i18n import _, message_of
from console.link import Away
from console.moment import now
from console.widgets.paint import safe
from data.errors import DeskError, Unavailable

if TYPE_CHECKING:
    from console.app import DeskApp
    from console.drafts import Draft, Kind
    from console.reads_screens import CaseSight

_SKEW_US = 60_000_000
"""How far the clocks of a console and its desk may be apart."""


def has_reached(sight: CaseSight, draft: Draft, agent: str) -> bool:
    """Say whether what was on its way is on the case already: its console died, or the desk was lost, before that was heard."""
    return any(
        message.agent_name == agent
        and message.at >= draft.at - _SKEW_US
        and message.text.raw.strip() == draft.text.strip()
        for message in sight.messages
    )


@dataclass(slots=True)
class Outgoing:
    """An answer or a note on its way."""

    draft: Draft
    due: float
    """When it goes out, as `time.monotonic`: a clock that is set back must not hold it."""
    trouble: str = ""
    """Why it is not out yet, in words."""
    uncertain: bool = False
    """Whether the desk was lost while it was handed over: it may have arrived."""

    @property
    def left(self) -> int:
        """How long it can still be taken back, in microseconds."""
        return max(0, round((self.due - time.monotonic()) * 1_000_000))


class Sender:
    """Everything that one console has on its way, oldest first."""

    def __init__(self, app: DeskApp) -> None:
        self._app = app
        self._waiting: list[Outgoing] = []
        self._sending = False

    @property
    def next(self) -> Outgoing | None:
        """What goes out first."""
        return self._waiting[0] if self._waiting else None

    @property
    def counting(self) -> bool:
        """Whether something waits for its time."""
        return bool(self._waiting)

    def of_case(self, case: int) -> Outgoing | None:
        """Return what is on its way on a case."""
        return next((each for each in self._waiting if each.draft.case == case), None)

    def put(self, draft: Draft) -> None:
        """Send a draft when its time to be taken back is over."""
        delay = self._app.undo_s if draft.kind == "reply" else 0
        timed = replace(draft, send_at=now() + delay * 1_000_000)
        with contextlib.suppress(OSError):
            self._app.drafts.keep(timed)
            self._app.drafts.drop(draft.case)
        self._waiting.append(Outgoing(timed, time.monotonic() + delay))
        self.wake()

    def take_back(self, case: int | None = None) -> Draft | None:
        """Take back what goes out next, or what goes out on a case; None where it is too late."""
        for each in self._waiting:
            if case in (None, each.draft.case) and not (self._sending and each is self._waiting[0]):
                self._waiting.remove(each)
                return self.again_a_draft(each.draft)
        return None

    def wake(self) -> None:
        """Send what is due, unless that is being done."""
        if not self._sending and any(self._is_due(each) for each in self._waiting):
            self._app.run_worker(self._send_due(), name="sender", exit_on_error=True)

    def _is_due(self, each: Outgoing) -> bool:
        return each.due <= time.monotonic() and self._app.link.state == "ready"

    async def send_all(self) -> None:
        """Send everything at once, its time over or not: the console is being closed."""
        while self._sending:
            await asyncio.sleep(0.02)
        for each in self._waiting:
            each.due = 0
        await self._send_due()

    async def _send_due(self) -> None:
        if self._sending:
            return
        self._sending = True
        try:
            while (each := next((one for one in self._waiting if self._is_due(one)), None)) is not None:
                self._waiting.remove(each)
                self._waiting.insert(0, each)
                try:
                    await self._send(each)
                except Unavailable as error:
                    each.trouble = safe(message_of(error))
                    each.uncertain = each.uncertain or not isinstance(error, Away)
                    return
                except DeskError as error:
                    self._waiting.remove(each)
                    self._give_back(each.draft, safe(message_of(error)))
                else:
                    self._waiting.remove(each)
                    self._app.drafts.drop_sent(each.draft)
        finally:
            self._sending = False

    async def _send(self, each: Outgoing) -> None:
        draft, agent = each.draft, self._app.link.agent
        if each.uncertain:
            from console.reads_screens import case_sight

            sight = await self._app.link.read(lambda fetch: case_sight(fetch, draft.case))
            if sight is not None and has_reached(sight, draft, agent):
                return
        if draft.kind == "note":
            await self._app.act("case.note", case=draft.case, text=draft.text)
        else:
            await self._app.act("case.reply", case=draft.case, text=draft.text, then=draft.then)

    def _give_back(self, draft: Draft, why: str) -> None:
        """Keep as a draft what the desk refused, and say why."""
        self.again_a_draft(draft)
        self._app.flash(
            _("Your text on #{case} is kept as a draft: {why}").format(case=draft.case, why=why), kind="alert"
        )
        for screen in self._app.desk_screens():
            if hasattr(screen, "draft_came_back"):
                screen.draft_came_back(draft.case)

    def again_a_draft(self, sent: Draft) -> Draft:
        """Return as a draft what was on its way; what has been written on the case since stands below it.

        Where one of both is a note the whole is a note: what was for colleagues must not slip into an answer.
        """
        later = self._app.written_on(sent.case)
        draft = replace(sent, send_at=None, at=now())
        if later is not None and later.text.strip():
            kind: Kind = "note" if "note" in (sent.kind, later.kind) else "reply"
            draft = replace(draft, kind=kind, text=f"{sent.text}\n\n{later.text}")
        with contextlib.suppress(OSError):
            self._app.drafts.keep(draft)
            self._app.drafts.drop_sent(sent)
        return draft
