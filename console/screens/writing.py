"""Writing on a case: answers and notes, and sending them with time to take it back."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from textual import on

from console.drafts import Draft, Kind
from console.i18n import _
from console.moment import clock, now
from console.next_thing import countdown
from console.screens.keeping import Keeping
from console.terminal_input import LONGEST_PASTE
from console.widgets.composer import WritingArea
from console.widgets.conversation import Conversation
from console.widgets.paint import safe

if TYPE_CHECKING:
    pass

_HEARD_US = 20_000_000
"""For how long somebody who was heard of writes still."""


class Writing(Keeping, inherit_bindings=False):
    """Commands of the composer."""

    def mode_word(self) -> str:
        """Return what changing the mode leads to."""
        return _("as note") if self.composer.kind == "reply" else _("as reply")

    def editor_footer(self) -> tuple[str, ...]:
        """Return the command of the editor where it is allowed."""
        return ("write.editor",) if self.desk_app.editor_allowed else ()

    # -- beginning

    def why_not_case_reply(self) -> str | None:
        """Say why no answer can be written."""
        if self.sight is not None and self.sight.status == "closed":
            return _("#{case} is closed; reopen it to answer.").format(case=self.sight.number)
        return self._why_no_case()

    def why_not_case_note(self) -> str | None:
        """Say that no case is open."""
        return self._why_no_case()

    def do_case_reply(self) -> None:
        """Write an answer to the customer."""
        self._write("reply")

    def do_case_note(self) -> None:
        """Write a note for colleagues."""
        self._write("note")

    def _write(self, kind: Kind) -> None:
        """Open the composer at once: what is typed behind the key is text already, and no command."""
        sight = self.sight
        assert sight is not None
        if not self.composer.is_open:
            draft = self.kept_on(sight)
            self._begin(kind if draft is None else draft.kind, draft)
        if self.composer.kind != kind:
            self.composer.switch_kind()
        self.look_at("case", focus=False)
        self.set_focus(self.composer.area)
        self.show_rows()
        self.hold_draft()

    def look_at(self, pane: str, *, focus: bool = True) -> None:
        """Give the eye to a pane; the screen knows how."""
        raise NotImplementedError

    def _begin(self, kind: Kind, draft: Draft | None) -> None:
        sight = self.sight
        assert sight is not None
        self.composer.begin(
            sight.number,
            kind,
            to=safe(sight.who) or _("the customer"),
            address=safe(sight.address) or _("nobody: no address is known"),
            how=_("{channel}, public").format(channel=sight.channel.lower()),
            text="" if draft is None else draft.text,
            cursor=(0, 0) if draft is None else draft.cursor,
        )
        if draft is not None:
            self.composer.kept = _("draft kept {time}").format(time=clock(draft.at or now()))
            self.composer.show()

    def case_shown(self, *, opened: bool) -> None:
        """Put the composer in step with the case that is shown: its draft, its warnings, what is on its way."""
        sight, composer = self.sight, self.composer
        if sight is None:
            return
        if opened and composer.case != sight.number:
            if composer.is_open:
                composer.end()
            draft = self.kept_on(sight)
            if draft is not None and draft.text.strip():
                self._begin(draft.kind, draft)
        if composer.case == sight.number:
            composer.warning = self._warning()
        self._show_closed()
        composer.show()

    def _warning(self) -> str:
        """Return what one should know before sending: what became of the case, and who else writes on it."""
        sight = self.sight
        assert sight is not None
        if sight.status == "closed":
            return _("closed meanwhile")
        if sight.status == "resolved":
            return _("resolved meanwhile")
        me, heard_since = self.desk_app.link.agent, now() - _HEARD_US
        for writer in sight.writers:
            if writer["updated_at"] < heard_since or writer["session"] == self.desk_app.link.session:
                continue
            if writer["agent"] != me:
                return _("{name} writes here too").format(name=safe(writer["name"] or writer["agent"]))
        return ""

    def _show_closed(self) -> None:
        keys = self.desk_app.keys
        outgoing = self.desk_app.sender.of_case(self.sight.number) if self.sight is not None else None
        if outgoing is not None and outgoing.draft.kind == "reply":
            left = max(0, outgoing.draft.send_at - now()) if outgoing.draft.send_at else 0
            self.composer.closed_words = [
                (_("Answer goes out"), "accent"),
                (f"  {countdown(left)}", "strong"),
                ("   ", "text"),
                (keys.shown("case.undo"), "strong"),
                (" " + _("take it back"), "muted"),
            ]
            return
        self.composer.closed_words = [
            (keys.shown("case.reply"), "strong"),
            (" " + _("reply"), "muted"),
            ("   ", "text"),
            (keys.shown("case.note"), "strong"),
            (" " + _("note"), "muted"),
        ] if self.sight is not None else []  # fmt: skip

    def show_outgoing(self) -> None:
        """Say anew how long the answer to this case can be taken back."""
        if not self.composer.is_open:
            self._show_closed()
            self.composer.show()

    # -- leaving

    async def leave_composer(self) -> None:
        """Leave the text field: what is written stays, and an empty composer closes."""
        self.keep_draft()
        case = self.composer.case
        self.query_one(Conversation).focus()
        if case is not None and not self.composer.text.strip():
            self.composer.end()
            await self.desk_app.guarded(self.desk_app.act("draft.drop", case=case, session=self.desk_app.link.session))

    def draft_came_back(self, case: int) -> None:
        """Show again what the desk refused to take."""
        if self.open_case == case:
            draft = self.desk_app.drafts.load(case)
            if draft is not None:
                self._begin(draft.kind, draft)

    @on(WritingArea.PasteCut)
    def _paste_cut(self, event: WritingArea.PasteCut) -> None:
        self.desk_app.flash(
            _("Only the first {n} of {all} characters were pasted.").format(n=LONGEST_PASTE, all=event.length),
            kind="alert",
        )

    # -- sending

    def why_not_write_send(self) -> str | None:
        """Say why nothing can be sent."""
        if not self.composer.is_open:
            return ""
        if not self.composer.text.strip():
            return _("There is nothing to send yet.")
        return None

    def do_write_send(self) -> None:
        """Send what is written."""
        draft = self.current_draft()
        assert draft is not None
        self.composer.end()
        self.desk_app.sender.put(draft)
        self._show_closed()
        self.composer.show()
        self.query_one(Conversation).focus()
        if self.desk_app.link.state != "ready":
            self.desk_app.flash(_("It goes out when the desk is back."))
        self.show_rows()

    def why_not_case_undo(self) -> str | None:
        """Say that nothing can be taken back."""
        return None if self.desk_app.sender.next is not None else _("Nothing can be taken back now.")

    async def do_case_undo(self) -> None:
        """Take an answer back that is not out yet."""
        draft = self.desk_app.sender.take_back()
        if draft is None:
            self.desk_app.flash(_("It is out already."))
            return
        if self.open_case != draft.case:
            await self.desk_app.open_in_work(draft.case)  # which finds it as the draft of that case
            return
        self._begin(draft.kind, draft)
        self.look_at("case", focus=False)
        self.composer.area.focus()
        self.show_rows()

    def why_not_write_mode(self) -> str | None:
        """Say nothing while nothing is written."""
        return None if self.composer.is_open else ""

    def do_write_mode(self) -> None:
        """Change between answer and note."""
        self.composer.switch_kind()
        self.show_rows()

    def why_not_write_discard(self) -> str | None:
        """Say that there is no draft."""
        return None if self.composer.is_open else _("Nothing is being written.")

    async def do_write_discard(self) -> None:
        """Throw the draft away, after asking."""
        from console.screens.asking import Confirm

        case = self.composer.case
        assert case is not None
        if self.composer.text.strip() and not await self.desk_app.push_screen_wait(
            Confirm(
                _("Discard the draft?"),
                [_("What you wrote on #{case} is gone then.").format(case=case)],
                _("Discard"),
                _("Keep"),
            )
        ):
            return
        self.composer.end()
        self.desk_app.drafts.drop(case)
        await self.desk_app.guarded(self.desk_app.act("draft.drop", case=case, session=self.desk_app.link.session))
        self.query_one(Conversation).focus()

    # -- a failed answer

    def why_not_case_send_again(self) -> str | None:
        """Say that no answer failed."""
        failed = self.sight is not None and any(each.delivery == "failed" for each in self.sight.messages)
        if self.desk_app.link.state == "away":
            return ""  # the same key looks for the desk then
        return None if failed else _("No answer on this case has failed.")

    async def do_case_send_again(self) -> None:
        """Send the last answer that failed once more."""
        assert self.sight is not None
        failed = next(each for each in reversed(self.sight.messages) if each.delivery == "failed")
        await self.desk_app.act("mail.send_again", message=failed.id)
        self.desk_app.flash(_("The answer goes out again."))

    # -- files and editors

    def why_not_write_editor(self) -> str | None:
        """Say why no editor opens."""
        if not self.composer.is_open:
            return ""
        if not self.desk_app.editor_allowed:
            return _("No program may be started on this server.")
        return None

    async def do_write_editor(self) -> None:
        """Write in one's own editor; what it leaves is taken over, unless it fails."""
        from console.editor import edited

        composer = self.composer
        self.keep_draft()
        text, trouble = edited(self.desk_app, composer.text)
        if trouble:
            self.desk_app.flash(trouble, kind="alert")
        if text is not None and composer.is_open and text != composer.text:
            case, kind = composer.case, composer.kind
            assert case is not None
            self._begin(kind, Draft(case, kind, text, (text.count("\n"), 0), now()))
            self.keep_draft()
            composer.area.focus()

    def why_not_write_file(self) -> str | None:
        """Say why the draft cannot be written to a file."""
        if not self.composer.is_open:
            return ""
        return None if self.desk_app.editor_allowed else _("Files are not saved on this server.")

    def do_write_file(self) -> None:
        """Write the draft into the user's folder."""
        from console.saving import folder_for_files, save

        draft = self.current_draft()
        assert draft is not None
        try:
            path = save(folder_for_files(os.environ), f"case-{draft.case}.txt", draft.text.encode("utf-8", "replace"))
        except OSError as error:
            self.desk_app.flash(_("The file was not written: {why}").format(why=error.strerror or error), kind="alert")
            return
        self.desk_app.flash(_("Written to {path}").format(path=safe(str(path))))
