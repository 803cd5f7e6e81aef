"""`deskline agent`: list, show, add, set and remove."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from console.commands.options import AsOption, CsvOption, DeskOption, JsonOption, command, form_of, noun, show
from console.i18n import _

if TYPE_CHECKING:
    from console.commands.changing import Fields
    from core.config.document import Document

app = noun(_("Agents: who works at the desk."))
Name = Annotated[str, typer.Argument(metavar="NAME")]
FullName = Annotated[str | None, typer.Option("--name", help=_("The full name."))]
Role = Annotated[str | None, typer.Option("--role", help=_("agent, supervisor or admin."))]
Email = Annotated[str | None, typer.Option("--email", help=_("The agent's own mail address."))]
Presence = Annotated[str | None, typer.Option("--presence", help=_("The presence configuration."))]


@command(app, "list", "deskline agent list --present")
def list_agents(
    desk: DeskOption = None,
    as_: AsOption = None,
    present: Annotated[bool, typer.Option("--present", help=_("Only who is not offline."))] = False,
    queue: Annotated[str | None, typer.Option("--queue", help=_("Only members of this queue."))] = None,
    json: JsonOption = False,
    csv: CsvOption = False,
) -> int:
    """List the agents with their status and their load."""
    from console import reads

    return show(desk, form_of(json, csv), reads.agent_list, who=as_, present=present, queue=queue)


@command(app, "show", "deskline agent show maya")
def show_agent(name: Name, desk: DeskOption = None, as_: AsOption = None, json: JsonOption = False) -> int:
    """Show an agent: status, load, queues and the work in hand."""
    from console import reads_people

    return show(desk, form_of(json), reads_people.agent_show, who=as_, name=name)


def _given(name: str | None, role: str | None, email: str | None, presence: str | None) -> Fields:
    stated = {"name": name, "role": role, "email": email, "presence": presence}
    return {field: value for field, value in stated.items() if value is not None}


@command(app, "add", "deskline agent add maya --name 'Maya Lind' --email maya@example.org --queue tier-1")
def add(
    name: Name,
    full_name: FullName = None,
    role: Role = None,
    email: Email = None,
    presence: Presence = None,
    queue: Annotated[
        list[str] | None, typer.Option("--queue", help=_("A queue to join; as often as you like."))
    ] = None,
    desk: DeskOption = None,
    as_: AsOption = None,
    json: JsonOption = False,
) -> int:
    """Add an agent."""
    from console.commands.changing import change_entry, join_queues
    from core.errors import Refused

    def edit(present: Fields | None) -> Fields:
        if present is not None:
            raise Refused(
                reason=_('There is an agent "{name}" already; change it with: deskline agent set').format(name=name)
            )
        return _given(full_name or name, role, email, presence)

    return change_entry(desk, as_, json, "agent add", "agents", name, edit, besides=join_queues(name, queue or []))


@command(app, "set", "deskline agent set maya --role supervisor")
def set_(
    name: Name,
    full_name: FullName = None,
    role: Role = None,
    email: Email = None,
    presence: Presence = None,
    desk: DeskOption = None,
    as_: AsOption = None,
    json: JsonOption = False,
) -> int:
    """Change an agent; what is not given stays."""
    from console.commands.changing import change_entry
    from core.errors import NotFound

    def edit(present: Fields | None) -> Fields:
        if present is None:
            raise NotFound(what=_("agent"), which=f'"{name}"')
        return {**present, **_given(full_name, role, email, presence)}

    return change_entry(desk, as_, json, "agent set", "agents", name, edit)


@command(app, "remove", "deskline agent remove maya")
def remove(name: Name, desk: DeskOption = None, as_: AsOption = None, json: JsonOption = False) -> int:
    """Take an agent off the desk: the work in hand goes back to its queues, the history stays."""
    from console.commands.changing import remove_entry
    from core.errors import NotFound

    def without(document: Document) -> Document:
        if name not in document.agents:
            raise NotFound(what=_("agent"), which=f'"{name}"')
        queues = {
            key: queue.model_copy(update={"members": tuple(each for each in queue.members if each != name)})
            for key, queue in document.queues.items()
        }
        agents = {key: agent for key, agent in document.agents.items() if key != name}
        return document.model_copy(update={"agents": agents, "queues": queues})

    return remove_entry(desk, as_, json, "agent remove", without)
