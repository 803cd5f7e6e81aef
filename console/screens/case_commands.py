"""What can be done with the case that a screen shows or has the cursor on: every screen with cases has the same commands."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from console.i18n import _
from console.screens.base import DeskScreen
from console.widgets.paint import safe
from data import screen_queries

if TYPE_CHECKING:
    from console.reads_screens import CaseSight

HOLD_TIMES = (
    ("1h", 3600),
    ("4h", 4 * 3600),
    ("1d", 86_400),
    ("3d", 3 * 86_400),
    ("1w", 7 * 86_400),
    ("2w", 14 * 86_400),
)


class CaseCommands(DeskScreen, inherit_bindings=False):
    """Commands on one case."""

    @property
    def sight(self) -> CaseSight | None:
        """The case that the commands are for, as far as it was read."""
        return None

    @property
    def number(self) -> int | None:
        """The number of the case that the commands are for."""
        return self.sight.number if self.sight is not None else None

    async def reread(self) -> None:
        """Read the case again after one's own act, before anything is said of it; a list follows by the feed."""

    async def _act(self, action: str, **parameters: Any) -> Any:
        """Carry out an action and show what it did: the next key is for the case as it is then."""
        result = await self.desk_app.act(action, **parameters)
        await self.reread()
        return result

    def _why_no_case(self) -> str | None:
        return None if self.number is not None else _("No case is open.")

    def _why_not_in(self, *statuses: str) -> str | None:
        """Say why the case's status forbids something."""
        if self.sight is None:
            return self._why_no_case()
        if self.sight.status in statuses:
            return _("#{case} is {status} already.").format(case=self.sight.number, status=_(self.sight.status))
        return None

    def _number(self) -> int:
        assert self.number is not None
        return self.number

    # -- transfer

    def why_not_case_transfer(self) -> str | None:
        """Say why the case cannot go elsewhere."""
        return self._why_not_in("resolved", "closed")

    async def do_case_transfer(self) -> None:
        """Send the case to a queue's line, or to an agent at once."""
        from console.screens.choosing import Choice, Chooser

        number = self._number()

        def ask(fetch):  # type: ignore[no-untyped-def]
            return fetch(screen_queries.QUEUE_CHOICES, {}), fetch(screen_queries.AGENT_CHOICES, {})

        queues, agents = await self.desk_app.link.read(ask)
        choices = [Choice(f"queue:{row['name']}", safe(row["label"]), _("queue")) for row in queues]
        choices += [Choice(f"agent:{row['name']}", safe(row["label"]), _("agent")) for row in agents]
        chosen = await self.desk_app.push_screen_wait(Chooser(_("Where does #{case} go?").format(case=number), choices))
        if chosen is None:
            return
        kind, _sep, name = chosen.partition(":")
        label = next(choice.label for choice in choices if choice.value == chosen)
        done = await self._act("case.assign", case=number, **{kind: name})
        words = _("#{case} went to {name}.") if done else _("#{case} is there already: {name}.")
        self.desk_app.flash(words.format(case=number, name=label))

    # -- status

    def why_not_case_resolve(self) -> str | None:
        """Say why the case cannot be resolved."""
        return self._why_not_in("resolved", "closed")

    async def do_case_resolve(self) -> None:
        """Mark the case as solved; an answer that is written and not sent is asked about first."""
        number = self._number()
        if self.unsent_on(number) and not await self._wants_unsent(number):
            return
        await self._act("case.resolve", case=number)
        self.desk_app.flash(_("#{case} is resolved.").format(case=number))

    def unsent_on(self, number: int) -> bool:
        """Say whether an answer to the customer is written on a case that is neither sent nor on its way."""
        draft = self.desk_app.written_on(number)
        return draft is not None and draft.kind == "reply" and bool(draft.text.strip())

    async def _wants_unsent(self, number: int) -> bool:
        from console.screens.choosing import Choice, Chooser

        choices = [Choice("back", _("Go back to the answer")), Choice("on", _("Resolve, and keep it as a draft"))]
        title = _("Your answer to #{case} is not sent.").format(case=number)
        return await self.desk_app.push_screen_wait(Chooser(title, choices)) == "on"

    def why_not_case_close(self) -> str | None:
        """Say why the case cannot be closed."""
        return self._why_not_in("closed")

    async def do_case_close(self) -> None:
        """Close the case for good."""
        number = self._number()
        await self._act("case.close", case=number)
        self.desk_app.flash(_("#{case} is closed.").format(case=number))

    def why_not_case_reopen(self) -> str | None:
        """Say why the case cannot be reopened."""
        if self.sight is not None and self.sight.status not in ("resolved", "closed"):
            return _("#{case} is open.").format(case=self.sight.number)
        return self._why_no_case()

    async def do_case_reopen(self) -> None:
        """Take the case up again."""
        number = self._number()
        await self._act("case.reopen", case=number)
        self.desk_app.flash(_("#{case} is open again and back in line.").format(case=number))

    def why_not_case_hold(self) -> str | None:
        """Say why the case cannot be set aside."""
        return self._why_not_in("resolved", "closed")

    async def do_case_hold(self) -> None:
        """Set the case aside until a date, with a reason."""
        from console.screens.asking import Ask
        from console.screens.choosing import Choice, Chooser

        number = self._number()
        times = [Choice(str(seconds), name) for name, seconds in HOLD_TIMES]
        seconds = await self.desk_app.push_screen_wait(
            Chooser(_("Hold #{case} for how long?").format(case=number), times)
        )
        if seconds is None:
            return
        reason = await self.desk_app.push_screen_wait(
            Ask(
                _("Why does #{case} wait?").format(case=number),
                check=lambda text: None if text.strip() else _("A reason is needed."),
            )
        )
        if reason is None:
            return
        await self._act("case.hold", case=number, seconds=int(seconds), reason=reason)
        self.desk_app.flash(_("#{case} is on hold.").format(case=number))

    def why_not_case_take(self) -> str | None:
        """Say why the case cannot be taken."""
        me = self.desk_app.workspace.me.agent if self.desk_app.workspace else None
        if self.sight is not None and self.sight.work_agent == me and self.sight.work_state == "accepted":
            return _("#{case} is yours already.").format(case=self.sight.number)
        return self._why_not_in("resolved", "closed")

    async def do_case_take(self) -> None:
        """Give the case to oneself."""
        number = self._number()
        await self._act("case.assign", case=number, agent=self.desk_app.link.agent)
        self.desk_app.flash(_("#{case} is yours.").format(case=number))

    def why_not_case_follow(self) -> str | None:
        """Say that no case is open."""
        return self._why_no_case()

    async def do_case_follow(self) -> None:
        """Follow the case."""
        number = self._number()
        await self._act("case.follow", case=number, agent=self.desk_app.link.agent)
        self.desk_app.flash(_("You follow #{case}.").format(case=number))

    # -- carrying something away

    def why_not_case_copy(self) -> str | None:
        """Say that no case is open."""
        return self._why_no_case()

    async def do_case_copy(self) -> None:
        """Copy the case's number."""
        from console.clipboard import copy

        word = copy(self.desk_app, f"#{self._number()}")
        self.desk_app.flash(f"#{self._number()}: {word}")

    def why_not_case_files(self) -> str | None:
        """Say why no file can be saved."""
        if not self.desk_app.editor_allowed:
            return _(
                "Files are not saved on this server. From your own computer: ssh desk attachment get {case}/1"
            ).format(case=self.number or "CASE")
        if self.sight is not None and not any(message.files for message in self.sight.messages):
            return _("#{case} has no files.").format(case=self.sight.number)
        return self._why_no_case()

    async def do_case_files(self) -> None:
        """Save an attachment into the user's folder."""
        import os

        from console.saving import folder_for_files, save
        from console.screens.choosing import Choice, Chooser
        from console.words import size

        assert self.sight is not None
        files = [each for message in reversed(self.sight.messages) for each in message.files]
        choices = [
            Choice(f"{each.message}:{each.position}", safe(each.name) or _("without a name"), size(each.size))
            for each in files
        ]
        chosen = choices[0].value
        if len(choices) > 1:
            picked = await self.desk_app.push_screen_wait(Chooser(_("Which file?"), choices))
            if picked is None:
                return
            chosen = picked
        message, _sep, position = chosen.partition(":")
        rows = await self.desk_app.link.read(
            lambda fetch: fetch(screen_queries.FILE, {"message": int(message), "position": int(position)})
        )
        if not rows:
            return
        try:
            path = save(folder_for_files(os.environ), rows[0]["name"], bytes(rows[0]["content"]))
        except OSError as error:
            self.desk_app.flash(_("The file was not saved: {why}").format(why=error.strerror or error), kind="alert")
            return
        self.desk_app.flash(_("Saved as {path}").format(path=safe(str(path))))
