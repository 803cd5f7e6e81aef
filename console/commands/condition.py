"""`deskline condition`: check and eval, and what a condition may name."""

from __future__ import annotations

from typing import Annotated

import typer

from console import completing
from console.commands.options import AsOption, CsvOption, DeskOption, JsonOption, command, form_of, noun, number, show
from console.i18n import _

app = noun(_("Conditions: what routing, views and rules ask, in one language."))
Text = Annotated[str, typer.Argument(metavar="CONDITION", autocompletion=completing.condition)]


@command(app, "check", "deskline condition check 'case.priority >= 4'")
def check(
    text: Text,
    event: Annotated[
        bool, typer.Option("--event", help=_("It is asked of an event, and may speak of actor and changes."))
    ] = False,
    desk: DeskOption = None,
    as_: AsOption = None,
    json: JsonOption = False,
) -> int:
    """Say whether a condition can be read at this desk, and which fields it speaks of."""
    from console import reads_conditions

    return show(desk, form_of(json), reads_conditions.condition_check, who=as_, text=text, event=event)


@command(app, "eval", "deskline condition eval --case 412 'case.is_open'")
def evaluate(
    text: Text,
    case: Annotated[
        int | None, typer.Option("--case", parser=number, metavar="NUMBER", help=_("The case to try it on."))
    ] = None,
    event: Annotated[
        int | None,
        typer.Option("--event", parser=number, metavar="ID", help=_("Or an event, by its id in the journal.")),
    ] = None,
    desk: DeskOption = None,
    as_: AsOption = None,
    json: JsonOption = False,
) -> int:
    """Say what a condition comes to on a case or an event, part by part, with the values that decided."""
    from console import reads_conditions

    return show(desk, form_of(json), reads_conditions.condition_eval, who=as_, text=text, case=case, event=event)


@command(app, "fields", "deskline condition fields contact")
def fields(
    record: Annotated[str | None, typer.Argument(metavar="RECORD", autocompletion=completing.records)] = None,
    desk: DeskOption = None,
    as_: AsOption = None,
    json: JsonOption = False,
    csv: CsvOption = False,
) -> int:
    """List the fields that conditions know at this desk, with their types and values."""
    from console import reads_conditions

    return show(desk, form_of(json, csv), reads_conditions.condition_fields, who=as_, record=record)


@command(app, "functions", "deskline condition functions")
def functions(json: JsonOption = False, csv: CsvOption = False) -> int:
    """List the functions that conditions know."""
    from console import reads_conditions
    from console.render import deliver

    return deliver(reads_conditions.condition_functions(), form_of(json, csv))
