"""`deskline queue`: list, show, add, join and leave."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from console.commands.options import AsOption, CsvOption, DeskOption, JsonOption, command, form_of, noun, show
from console.i18n import _

if TYPE_CHECKING:
    from console.commands.changing import Fields

app = noun(_("Queues: where work waits, and who takes it."))
Name = Annotated[str, typer.Argument(metavar="QUEUE")]
Agent = Annotated[str, typer.Argument(metavar="AGENT")]


@command(app, "list", "deskline queue list --json")
def list_queues(desk: DeskOption = None, as_: AsOption = None, json: JsonOption = False, csv: CsvOption = False) -> int:
    """List the queues with what waits, is offered and is in hand."""
    from console import reads

    return show(desk, form_of(json, csv), reads.queue_list, who=as_)


@command(app, "show", "deskline queue show tier-1")
def show_queue(name: Name, desk: DeskOption = None, as_: AsOption = None, json: JsonOption = False) -> int:
    """Show a queue: its figures and its members."""
    from console import reads_people

    return show(desk, form_of(json), reads_people.queue_show, who=as_, name=name)


@command(app, "add", "deskline queue add billing --member maya --member tom")
def add(
    name: Name,
    label: Annotated[str, typer.Option("--label", help=_("The text that is shown."))] = "",
    routing: Annotated[
        str, typer.Option("--routing", help=_("Its routing configuration; none for work taken by hand."))
    ] = "normal",
    member: Annotated[list[str] | None, typer.Option("--member", help=_("An agent; as often as you like."))] = None,
    desk: DeskOption = None,
    as_: AsOption = None,
    json: JsonOption = False,
) -> int:
    """Add a queue."""
    from console.commands.changing import change_entry, known_agents
    from core.errors import Refused

    def edit(present: Fields | None) -> Fields:
        if present is not None:
            raise Refused(reason=_('There is a queue "{name}" already.').format(name=name))
        return {"label": label, "routing": None if routing == "none" else routing, "members": member or []}

    return change_entry(desk, as_, json, "queue add", "queues", name, edit, besides=known_agents(member or []))


def _members(name: str, fields: Fields | None) -> tuple[Fields, list[str]]:
    from core.errors import NotFound

    if fields is None:
        raise NotFound(what=_("queue"), which=f'"{name}"')
    return fields, list(fields.get("members", []))


@command(app, "join", "deskline queue join tier-1 maya")
def join(name: Name, agent: Agent, desk: DeskOption = None, as_: AsOption = None, json: JsonOption = False) -> int:
    """Make an agent a member of a queue."""
    from console.commands.changing import change_entry, known_agents

    def edit(present: Fields | None) -> Fields:
        fields, members = _members(name, present)
        return {**fields, "members": sorted({*members, agent})}

    return change_entry(desk, as_, json, "queue join", "queues", name, edit, besides=known_agents([agent]))


@command(app, "leave", "deskline queue leave tier-1 maya")
def leave(name: Name, agent: Agent, desk: DeskOption = None, as_: AsOption = None, json: JsonOption = False) -> int:
    """Take an agent out of a queue."""
    from console.commands.changing import change_entry
    from core.errors import NotFound

    def edit(present: Fields | None) -> Fields:
        fields, members = _members(name, present)
        if agent not in members:
            raise NotFound(what=_("member of {queue}").format(queue=name), which=f'"{agent}"')
        return {**fields, "members": [each for each in members if each != agent]}

    return change_entry(desk, as_, json, "queue leave", "queues", name, edit)
