"""What a supervisor does to other people's work: sends it to a queue or to an agent."""

from __future__ import annotations

from typing import TYPE_CHECKING

from console.i18n import _, ngettext
from console.reads_supervise import AgentRow, LineRow
from console.widgets.paint import safe

if TYPE_CHECKING:
    from console.app import DeskApp
    from console.reads_supervise import Board
    from console.screens.choosing import Choice


async def move(app: DeskApp, found: Board, row: AgentRow | LineRow) -> None:
    """Ask where the work under the cursor shall go, send it there, and say so in row 1."""
    from console.screens.choosing import Chooser

    choices = places(found, row)
    title = _("Move #{case} to").format(case=row.case)
    chosen: str | None = await app.push_screen_wait(Chooser(title, choices))
    if chosen is None:
        return
    kind, _colon, name = chosen.partition(":")
    moved = await app.act("case.assign", case=row.case, **{kind: name})
    label = next((each.label for each in choices if each.value == chosen), name)
    words = _("#{case} went to {place}.") if moved else _("#{case} is with {place} already.")
    app.flash(words.format(case=row.case, place=label))


def places(found: Board, row: AgentRow | LineRow) -> list[Choice]:
    """Return where work can go: queues with who is there, then agents, those who are available first; not where it is."""
    from console.screens.choosing import Choice

    choices = []
    for queue in sorted(found.queues, key=lambda each: not each.present):
        if not (isinstance(row, LineRow) and queue.id == row.queue_id):
            waiting = ngettext("{n} waiting", "{n} waiting", queue.waiting).format(n=queue.waiting)
            detail = _("queue, {waiting}, {n} present").format(waiting=waiting, n=queue.present)
            choices.append(Choice(f"queue:{queue.name}", safe(queue.label), detail))
    for agent in found.agents:
        if not (isinstance(row, AgentRow) and agent.id == row.id):
            status = safe(agent.status).lower() or _("offline")
            status = status if agent.lost_at is None else _("line lost")
            choices.append(Choice(f"agent:{agent.name}", safe(agent.label), _("agent, {status}").format(status=status)))
    return choices
