"""One action on several cases: each is tried, a refusal stops nothing, and at the end it is said what was done and what was not."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from console.i18n import _, message_of, ngettext
from console.link import Away
from console.widgets.paint import safe
from data.errors import DeskError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from console.app import DeskApp

_NAMED = 3


async def on_each(
    app: DeskApp, numbers: Iterable[int], action: str, **parameters: Any
) -> tuple[list[int], dict[int, str]]:
    """Carry out an action on each case; return those done, and why the others were refused.

    Raises:
        Away: the desk went away; what was done until then stays done.
    """
    done: list[int] = []
    refused: dict[int, str] = {}
    for number in numbers:
        try:
            await app.act(action, case=number, **parameters)
            done.append(number)
        except Away:
            raise
        except DeskError as error:
            refused[number] = safe(message_of(error))
    return done, refused


def said(done: int, refused: dict[int, str]) -> str:
    """Return in words how many were done, and what was refused: the first few with their reason."""
    text = ngettext("{n} case done.", "{n} cases done.", done).format(n=done)
    if not refused:
        return text
    named = "; ".join(f"#{number}: {why}" for number, why in list(refused.items())[:_NAMED])
    more = len(refused) - _NAMED
    tail = ngettext(" and {n} more", " and {n} more", more).format(n=more) if more > 0 else ""
    return text + " " + _("Refused: {what}").format(what=named + tail)
