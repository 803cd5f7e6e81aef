"""`deskline work`: what waits and is in hand, why it went where it went, accept and decline."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, Any

import typer

from console import completing
from console.commands.options import (
    AsOption,
    CsvOption,
    DeskOption,
    JsonOption,
    LimitOption,
    Number,
    act,
    command,
    done,
    form_of,
    looking,
    noun,
    opened,
    show,
)
from console.i18n import _
from console.render import deliver
from data.queries import fetch_over

if TYPE_CHECKING:
    from data.transaction import Tx

app = noun(_("Work: what the router gives to whom, and why."))


@command(app, "list", "deskline work list --queue tier-1 --state waiting")
def list_work(
    desk: DeskOption = None,
    as_: AsOption = None,
    state: Annotated[str | None, typer.Option("--state", help=_("waiting, offered or accepted."))] = None,
    queue: Annotated[
        str | None, typer.Option("--queue", autocompletion=completing.queues, help=_("Only this queue's."))
    ] = None,
    agent: Annotated[
        str | None,
        typer.Option("--agent", autocompletion=completing.agents, help=_("Only what this agent is offered or has.")),
    ] = None,
    limit: LimitOption = 50,
    json: JsonOption = False,
    csv: CsvOption = False,
) -> int:
    """List work: what waits in the order of the line, then offers, then what is in hand."""
    from console import reads_work

    return show(
        desk, form_of(json, csv), reads_work.work_list, who=as_, state=state, queue=queue, agent=agent, limit=limit
    )


def explained(tx: Tx, work: int) -> Any:
    """Return the router's own account of what a waiting item waits for, or None where its queue routes nothing."""
    from core.routing.choice import explain
    from core.routing.loading import load_members, load_waiting

    waiting = load_waiting(tx, work)
    return None if waiting is None else explain(load_members(tx, waiting.queue_id), waiting)


@command(app, "show", "deskline work show 98")
def show_work(number: Number, desk: DeskOption = None, as_: AsOption = None, json: JsonOption = False) -> int:
    """Show why a work item went where it went, or what it waits for."""
    from console import reads_work

    with opened(desk, who=as_) as place, looking(place) as tx:
        view = reads_work.work_show(fetch_over(tx.connection), number=number, explain=lambda work: explained(tx, work))
    return deliver(view, form_of(json))


def answered(tx: Tx, action: Callable[..., Any], number: int, **options: Any) -> Any:
    """Accept or decline an offer; who was not offered it learns who is.

    Raises:
        OfferedElsewhere: somebody else is offered the item now.
    """
    from core.errors import NotOffered, OfferedElsewhere
    from data import queries

    try:
        return action(tx, number, **options)
    except NotOffered as error:
        for row in fetch_over(tx.connection)(queries.WORK, {"work": number}):
            if row["state"] == "offered":
                raise OfferedElsewhere(**error.params, other=row["agent"]) from None
        raise


@command(app, "accept", "deskline work accept 98 --as maya")
def accept(
    number: Number,
    agent: Annotated[
        str | None,
        typer.Option(
            "--agent", autocompletion=completing.agents, help=_("For whom; for somebody else it takes a supervisor.")
        ),
    ] = None,
    desk: DeskOption = None,
    as_: AsOption = None,
    json: JsonOption = False,
) -> int:
    """Accept an offer."""
    from core.actions import work

    case = act(desk, as_, "work accept", answered, work.accept, number, agent=agent)
    return done({"case": case}, json, _("Work {work} accepted: #{case}.").format(work=number, case=case))


@command(app, "decline", "deskline work decline 98 --as maya --reason 'in a meeting'")
def decline(
    number: Number,
    reason: Annotated[str, typer.Option("--reason", help=_("Why; some desks require it."))] = "",
    agent: Annotated[
        str | None,
        typer.Option(
            "--agent", autocompletion=completing.agents, help=_("For whom; for somebody else it takes a supervisor.")
        ),
    ] = None,
    desk: DeskOption = None,
    as_: AsOption = None,
    json: JsonOption = False,
) -> int:
    """Decline an offer: it goes back in line at once."""
    from core.actions import work

    act(desk, as_, "work decline", answered, work.decline, number, reason=reason, agent=agent)
    return done({"work": number}, json, _("Work {work} declined; it is back in line.").format(work=number))
