"""Changing an agent's presence; before going offline it is said what becomes of the work in hand."""

from __future__ import annotations

from typing import TYPE_CHECKING

from console.i18n import _, ngettext
from console.reads_status import Leaving, Status, StatusSight, status_sight
from console.screens.asking import Confirm
from console.screens.choosing import Choice, Chooser
from console.words import PRESENCE

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from console.app import DeskApp


async def choose_status(app: DeskApp, agent: str) -> None:
    """Let a status be chosen for an agent, one's own or another's, and set it.

    Raises:
        DeskError: the desk is away, or refuses the change.
    """
    sight = await app.link.read(lambda fetch: status_sight(fetch, agent))
    if sight is None:
        app.flash(_("There is no agent {agent}.").format(agent=agent), kind="alert")
        return
    own = app.workspace is not None and app.workspace.me.agent == agent
    title = _("Your status") if own else _("Status of {name}").format(name=sight.name)
    chosen = await app.push_screen_wait(Chooser(title, choices(sight), current=likely(sight)))
    status = next((each for each in sight.statuses if each.name == chosen), None)
    if status is None or status.name == sight.current:
        return
    lines = told(sight.leaving, own=own) if status.kind == "offline" else []
    if lines:
        question = _("Go offline?") if own else _("Sign {name} out?").format(name=sight.name)
        yes = _("Go offline") if own else _("Sign out")
        if not await app.push_screen_wait(Confirm(question, lines, yes, _("Stay"))):
            return
    await app.act("presence.set", agent=agent, status=status.name)


def likely(sight: StatusSight) -> str:
    """Return the status on which the cursor begins: who is not available most likely wants to be."""
    here = next((each for each in sight.statuses if each.name == sight.current), None)
    available = next((each.name for each in sight.statuses if each.kind == "available"), sight.current)
    return sight.current if here is not None and here.kind == "available" else available


def choices(sight: StatusSight) -> list[Choice]:
    """Return the statuses to choose from: sign and label, the channels at the right, the current one marked."""
    return [
        Choice(
            each.name,
            f"{PRESENCE.get(each.kind, '◌')} {each.label}",
            _takes(each) + (f"   ✓ {_('current')}" if each.name == sight.current else ""),
        )
        for each in sight.statuses
    ]


def _takes(status: Status) -> str:
    if status.kind == "offline":
        return _("signed out")
    if status.kind != "available" or not status.channels:
        return _("no new work")
    return ", ".join(status.channels)


def told(leaving: Sequence[Leaving], *, own: bool) -> list[str]:
    """Return in sentences what becomes of the work in hand, a channel each where there are several; offers alone need no word."""
    work = [each for each in leaving if each.stays or each.goes_back or each.wraps]
    if not work:
        return []
    lines = []
    for each in work:
        sentence = _joined(_fates(each, own=own))
        lines.append(f"{each.channel}: {sentence}" if len(work) > 1 else sentence)
    offers = sum(each.offers for each in leaving)
    if offers:
        lines.append(ngettext("{n} offer is taken back.", "{n} offers are taken back.", offers).format(n=offers))
    return lines


def _fates(each: Leaving, *, own: bool) -> Iterable[str]:
    if each.stays:
        whose = _("you") if own else _("its agent")
        text = ngettext("{n} case stays with {whom}", "{n} cases stay with {whom}", each.stays)
        yield text.format(n=each.stays, whom=whose)
    if each.goes_back:
        text = ngettext("{n} goes back to its queue", "{n} go back to their queues", each.goes_back)
        if not each.stays:
            text = ngettext("{n} case goes back to its queue", "{n} cases go back to their queues", each.goes_back)
        yield text.format(n=each.goes_back)
    if each.wraps:
        yield ngettext("{n} wrap-up ends", "{n} wrap-ups end", each.wraps).format(n=each.wraps)


def _joined(parts: Iterable[str]) -> str:
    return ", ".join(parts) + "."
