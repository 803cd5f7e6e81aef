"""`deskline presence`: an agent's status."""

from __future__ import annotations

from typing import Annotated

import typer

from console.commands.options import AsOption, DeskOption, JsonOption, act, command, form_of, noun, show
from console.i18n import _
from console.render import Sheet, deliver, say

app = noun(_("Presence: who takes work now."))
ForOption = Annotated[str | None, typer.Option("--agent", help=_("For whom; for somebody else it takes a supervisor."))]


def _whose(agent: str | None, as_: str | None) -> str:
    from core.errors import WrongUsage

    name = agent or as_
    if name is None:
        raise WrongUsage(reason=_("Say for which agent: --as NAME"))
    return name


@command(app, "show", "deskline presence show --as maya")
def show_presence(
    agent: ForOption = None, desk: DeskOption = None, as_: AsOption = None, json: JsonOption = False
) -> int:
    """Show an agent's status, and which statuses there are."""
    from console import reads_people

    return show(desk, form_of(json), reads_people.presence_show, who=as_, name=_whose(agent, as_))


@command(app, "set", "deskline presence set available --as maya")
def set_(
    status: Annotated[str, typer.Argument(metavar="STATUS")],
    agent: ForOption = None,
    desk: DeskOption = None,
    as_: AsOption = None,
    json: JsonOption = False,
) -> int:
    """Put an agent into a status. Offers that it does not allow go back in line."""
    from core.actions import presence

    name = _whose(agent, as_)
    changed = act(desk, as_, "presence set", presence.set_status, name, status)
    if json:
        return deliver(Sheet({"agent": name, "status": status, "changed": changed}, []), "json")
    words = _("{agent} is {status}.") if changed else _("{agent} is {status} already.")
    return say("", words.format(agent=name, status=status))
