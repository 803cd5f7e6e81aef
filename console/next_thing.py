"""What row 1 says: the one thing to do next, decided from what the console knows; nothing is painted here.

Where several want the row: the desk that is away, an offer, an answer that can still be taken back, what was just lost, what went wrong,
then the customer who waits longest.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from console.i18n import _
from console.moment import clock, duration
from console.widgets.paint import safe

if TYPE_CHECKING:
    from console.reads_screens import WorkRow, Workspace

HURRY_US = 10_000_000
"""Under ten seconds an offer's time is said in warning colours."""


@dataclass(frozen=True, slots=True)
class NextThing:
    """What row 1 and the rule under it show.

    Args:
        kind: `calm`, `offer`, `warn` (an offer that ends soon), `alert` (something is wrong) or `muted` (it is over).
        badge: the filled word at the left.
        more: how many more of the same wait behind it.
        lead: the word in front where there is no badge.
        time: a countdown.
        keys: the keys that work now, with a word each.
        fraction: which part of the rule is heavy.
        rule: a word at the right end of the rule.
    """

    kind: str
    strong: str = ""
    text: str = ""
    badge: str = ""
    more: int = 0
    lead: str = ""
    time: str = ""
    keys: tuple[tuple[str, str], ...] = ()
    fraction: float = 0.0
    rule: str = ""


def countdown(micro: int) -> str:
    """Return what is left of a time, to the second while it is short."""
    seconds = max(0, -(-micro // 1_000_000))
    return f"{seconds // 60}:{seconds % 60:02d}" if seconds < 600 else duration(micro)


def away(since: int, seconds_to_try: float, try_key: str) -> NextThing:
    """Say that the desk cannot be reached, what is seen meanwhile, and when it is tried again."""
    return NextThing(
        "alert",
        badge=_("Desk away"),
        strong=_("since {time}.").format(time=clock(since)),
        text=_("You see the state of {time}. What you type is kept on this computer.").format(time=clock(since)),
        keys=((try_key, _("try now")),),
        rule=_("next try in {n} s").format(n=max(0, round(seconds_to_try))),
    )


def offer(row: WorkRow, others: int, now: int, keys: tuple[tuple[str, str], ...]) -> NextThing:
    """Say what is offered, and for how long."""
    left = None if row.deadline_at is None else row.deadline_at - now
    whole = None if row.deadline_at is None else max(1, row.deadline_at - row.offered_at)
    return NextThing(
        "warn" if left is not None and left < HURRY_US else "offer",
        badge=_("New {channel}").format(channel=row.channel.lower()),
        more=others,
        strong=safe(row.who) or _("unknown customer"),
        text=safe(row.subject),
        time="" if left is None else countdown(left),
        keys=keys,
        fraction=0.0 if left is None or whole is None else max(0.0, min(1.0, left / whole)),
    )


def work(workspace: Workspace, keys: dict[str, str], open_case: int | None) -> NextThing:
    """Say whom to answer next, or that nobody waits.

    Args:
        keys: the shown key of each command that may be named.
        open_case: the case that is open on the screen.
    """
    if workspace.mine:
        row = next((each for each in workspace.mine if each.failed), workspace.mine[0])
        here = row.case == open_case
        about = f"#{row.case} {safe(row.subject)}"
        acts = ((keys["case.reply"], _("reply")), (keys["list.open"], _("open")))
        if row.failed:
            return NextThing(
                "alert",
                badge=_("Not sent"),
                strong=f"#{row.case}",
                text=_("An answer to {name} was not sent: {subject}").format(
                    name=safe(row.who), subject=safe(row.subject)
                ),
                keys=((keys["case.send_again"], _("send again")),) if here else ((keys["list.open"], _("open")),),
            )
        return NextThing(
            "calm",
            lead=_("Next"),
            strong=_("Answer {name}").format(name=safe(row.who) or f"#{row.case}"),
            text=about,
            keys=acts if here else acts[1:],
        )
    failed = next((each for each in workspace.paused if each.failed), None)
    if failed is not None:
        return NextThing(
            "alert",
            badge=_("Not sent"),
            strong=f"#{failed.case}",
            text=_("An answer to {name} was not sent: {subject}").format(
                name=safe(failed.who), subject=safe(failed.subject)
            ),
            keys=((keys["case.send_again"], _("send again")),)
            if failed.case == open_case
            else ((keys["list.open"], _("open")),),
        )
    me = workspace.me
    if me.kind == "available":
        return NextThing(
            "calm",
            lead=_("Nothing waits for you"),
            text=_("New work comes by itself while you are available."),
            keys=((keys["desk.new_case"], _("new case")), (keys["desk.status"], _("status"))),
        )
    return NextThing(
        "calm",
        lead=_("You are {status}").format(status=me.label.lower()),
        text=_("No work comes to you. Choose a status to begin.")
        if me.kind == "offline"
        else _("No new work comes to you until you are available."),
        keys=((keys["desk.status"], _("status")),),
    )
