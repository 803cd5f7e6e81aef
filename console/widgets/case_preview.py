"""The case under the cursor beside the list: its facts and the last things said on it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from console import telling
from console.conversation_lines import BLANK, LineOf, message_lines, whom
from console.i18n import _
from console.moment import age, clock, day
from console.widgets.facts import UNTOLD, LinesPane
from console.widgets.paint import safe, wrapped
from console.words import case_status, priority

if TYPE_CHECKING:
    from console.reads_screens import CaseSight

SHOWN = 3
"""How many messages are shown."""
_LINES = 12
"""How many lines of one message."""
_SUBJECT_LINES = 3
_NORMAL = 3


def preview_lines(sight: CaseSight, width: int, *, me: str, send_again: str) -> list[LineOf]:
    """Return a case as lines, the rail's two cells at the left of each.

    Args:
        me: the name of the agent who looks.
    """
    room = max(8, width - 2)
    lines = [LineOf((("  ", "text"), (f"#{sight.number}", "muted")))]
    subject = wrapped(safe(sight.subject) or _("without a subject"), room)
    lines += [LineOf((("  ", "text"), (each, "strong"))) for each in subject[:_SUBJECT_LINES]]
    facts = [
        safe(sight.who) or _("unknown customer"),
        sight.channel.lower(),
        sight.queue or "",
        case_status(sight.status),
    ]
    lines += [_plain(each, "text") for each in wrapped(" · ".join(each for each in facts if each), room)]
    owner = (
        _("with you")
        if sight.owner == me
        else _("with {name}").format(name=sight.owner)
        if sight.owner
        else _("with nobody")
    )
    about = [owner, _("since {time}").format(time=clock(sight.opened_at))]
    if sight.priority != _NORMAL:
        about.append(_("priority {word}").format(word=priority(sight.priority)))
    if sight.status == "on_hold" and sight.hold_until is not None:
        about.append(_("held until {day}").format(day=day(sight.hold_until)))
    lines += [_plain(each, "muted") for each in wrapped(" · ".join(about), room)]
    messages = sight.messages[-SHOWN:]
    for message in messages:
        lines.append(BLANK)
        told = message_lines(
            message,
            width,
            me=me,
            to=whom(sight, message),
            unfolded=False,
            fresh=False,
            newest=False,
            send_again=send_again,
        )
        lines += told[:_LINES]
        if len(told) > _LINES:
            lines.append(LineOf((told[0].left[0], ("…", "muted")), (), told[0].ground))
    entry = next(
        (each for each in sight.history if each["kind"] not in UNTOLD and each["kind"] != "message.received"), None
    )
    if entry is not None:
        lines += [BLANK, LineOf((("  ", "text"), (_("Last change"), "strong")), ((age(entry["at"]), "muted"),))]
        lines += [_plain(each, "text") for each in wrapped(telling.act(entry, me), room)[:_SUBJECT_LINES]]
    return lines


def _plain(text: str, role: str) -> LineOf:
    return LineOf((("  ", "text"), (text, role)))


class CasePreview(LinesPane):
    """The pane of the preview."""

    def __init__(self) -> None:
        super().__init__(id="preview")
        self._sight: CaseSight | None = None
        self._me = ""

    def show(self, sight: CaseSight | None, *, me: str) -> None:
        """Show a case from its first line; the same one stays where one reads it."""
        same = sight is not None and self._sight is not None and sight.number == self._sight.number
        self._sight, self._me = sight, me
        self.lay_out()
        if not same:
            self.scroll_to(y=0, animate=False, immediate=True)

    def lay_out(self) -> None:
        """Lay the case out for the width that there is."""
        width = self.size.width - 1
        if self._sight is None or width < 4:
            self.put([])
            return
        key = self.desk_app.keys.shown("case.send_again")
        self.put(preview_lines(self._sight, width, me=self._me, send_again=key))

    def on_resize(self) -> None:
        """Follow the new width."""
        self.lay_out()
