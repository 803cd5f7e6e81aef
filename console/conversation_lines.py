"""A conversation as lines: what each message looks like at a width. Pure: nothing here knows a widget.

Customers have no rail, our answers a `│`, notes a `┊` on a ground of their own: three signs, two of which need no colour.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from console import telling
from console.i18n import _, ngettext
from console.moment import age, clock
from console.widgets.paint import Part, safe, wrapped
from console.words import size
from data.text import sanitise

if TYPE_CHECKING:
    from collections.abc import Sequence

    from console.reads_screens import CaseSight, FileRow, MessageRow
    from data.queries import Row

WIDEST = 88
"""Message text wraps here even where there is more room."""
LONGEST = 20_000
"""In characters: what is painted of one message; the rest is said to be there."""
TOLD = frozenset({"work.accepted", "work.transferred", "case.status_changed", "message.bounced"})
"""What of a case's history stands between its messages."""
_QUIET = frozenset({"new", "open", "waiting_customer"})


@dataclass(frozen=True, slots=True)
class LineOf:
    """One line of a conversation."""

    left: tuple[Part, ...]
    right: tuple[Part, ...] = ()
    ground: str = "bg"


BLANK = LineOf(())


def quoted_lines(message: MessageRow) -> int:
    """Return how many lines of a message are quoted text or signature."""
    if message.reply_text == message.text:
        return 0
    whole, own = message.text.raw.rstrip().count("\n"), message.reply_text.raw.rstrip().count("\n")
    return max(0, whole - own)


def whom(sight: CaseSight, message: MessageRow) -> str:
    """Return to whom a message goes: the customer by name, anybody else by address."""
    address = sight.address.raw.casefold() if sight.address else ""
    if all(each.casefold() == address for each in message.recipients):
        return safe(sight.customer)
    return safe(", ".join(message.recipients))


def message_lines(
    message: MessageRow, width: int, *, me: str, to: str, unfolded: bool, fresh: bool, newest: bool, send_again: str
) -> list[LineOf]:
    """Return a message as lines.

    Args:
        width: the cells of a line, rail included.
        me: the name of the agent who looks.
        to: whom an answer of ours went to.
        unfolded: whether quoted text is shown.
        fresh: whether it came since the agent last looked.
        newest: whether it is the newest one, which says its age.
        send_again: the key that sends a failed answer again.
    """
    note = message.direction == "note"
    rail: Part = ("┊ ", "note") if note else ("│ ", "rule") if message.direction == "outbound" else ("  ", "text")
    ground = "notebg" if note else "bg"
    room = max(10, min(width - 2, WIDEST))

    def line(*parts: Part, right: Sequence[Part] = ()) -> LineOf:
        return LineOf((rail, *parts), tuple(right), ground)

    lines = [line(*_head(message, me, to, newest), right=[("• ", "accent"), (_("new"), "accent+b")] if fresh else ())]
    body = sanitise(message.text if unfolded else message.reply_text).rstrip()
    cut = len(body) > LONGEST
    shown = body[:LONGEST]
    lines += [line((each, "text")) for each in wrapped(shown, room)] if shown.strip() else []
    if cut:
        lines.append(line((_("▸ {n} more characters").format(n=len(body) - LONGEST), "muted")))
    for each in message.files:
        lines.append(line(*_file(each)))
    hidden = quoted_lines(message)
    if hidden:
        sign = "▾" if unfolded else "▸"
        text = ngettext("{n} quoted line", "{n} quoted lines", hidden).format(n=hidden)
        lines.append(line((f"{sign} {text}", "muted")))
    if message.delivery == "failed":
        why = safe(message.error) or _("the mail server gave no reason")
        room_left = max(8, room - len(send_again) - 14)
        told = wrapped(_("! Not sent: {why}").format(why=why), room_left)
        lines.append(line((told[0], "danger"), right=[(send_again, "strong"), (" " + _("send again"), "muted")]))
        lines += [line((f"  {each}", "danger")) for each in told[1:4]]
    return lines


def _head(message: MessageRow, me: str, to: str, newest: bool) -> list[Part]:
    when = clock(message.at) + (" · " + _("{age} ago").format(age=age(message.at)) if newest else "")
    if message.direction == "note":
        name = _("You") if message.agent_name == me else safe(message.agent) or _("deskline")
        return [(name, "strong"), ("  " + _("note, not for the customer") + " · " + when, "note")]
    if message.direction == "inbound":
        how = message.channel.lower() + (" · " + _("automatic") if message.auto else "")
        if message.bounce:
            how = _("bounce")
        return [(safe(message.customer) or _("unknown customer"), "strong"), (f"  {how} · {when}", "muted")]
    name = _("You") if message.agent_name == me else safe(message.agent) or _("deskline")
    state = {"queued": _("queued"), "sent": _("sent"), "failed": _("not sent")}.get(message.delivery or "", "")
    whom = to or safe(", ".join(message.recipients))
    how = _("to {whom} by {channel}").format(whom=whom, channel=message.channel.lower())
    return [(name, "strong"), ("  " + " · ".join(each for each in (how, when, state) if each), "muted")]


def _file(each: FileRow) -> list[Part]:
    name = safe(each.name) or _("without a name")
    return [("↓ ", "muted"), (name, "text+u"), (f"  {size(each.size)}", "muted")]


def nothing_open(resolved_today: int, waits: bool, keys: Sequence[tuple[str, str]], width: int) -> list[LineOf]:
    """Return what stands where a conversation would be: that all is well, and what one could do.

    Args:
        waits: whether work of the agent waits, so that only no case is open.
        keys: pairs of a key and what it does.
    """
    indent = " " * max(2, min(6, (width - 34) // 2))
    said = _("No case is open.") if waits else _("All answered.")
    lines = [LineOf(((indent + said, "strong"),)), BLANK]
    if resolved_today:
        text = ngettext("{n} case resolved today.", "{n} cases resolved today.", resolved_today)
        lines += [LineOf(((indent + text.format(n=resolved_today), "text"),)), BLANK]
    longest = max((len(key) for key, _word in keys), default=0) + 2
    lines += [LineOf(((indent + f"{key:>{longest}}", "strong"), (f"  {word}", "text"))) for key, word in keys]
    return lines


def event_line(entry: Row, me: str) -> LineOf | None:
    """Return an entry of the history as one muted line, or None where it says nothing that the messages do not.

    Args:
        me: the name of the agent who looks.
    """
    if entry["kind"] not in TOLD:
        return None
    if entry["kind"] == "case.status_changed":
        changed = telling.content(entry)
        if changed.get("new") in _QUIET and changed.get("old") in _QUIET:
            return None
    return LineOf((("  ", "text"), (f"{clock(entry['at'])}  {telling.act(entry, me)}", "muted")))
