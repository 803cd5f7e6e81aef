"""`deskline template`: list and preview."""

from __future__ import annotations

from typing import Annotated

import typer

from console import completing
from console.commands.options import AsOption, CsvOption, DeskOption, JsonOption, command, form_of, noun, number, show
from console.i18n import _

app = noun(_("Templates: mails that are written again and again."))


@command(app, "list", "deskline template list")
def list_templates(
    desk: DeskOption = None, as_: AsOption = None, json: JsonOption = False, csv: CsvOption = False
) -> int:
    """List the templates of the desk, with the languages that each has besides the desk's own."""
    from console import reads_templates

    return show(desk, form_of(json, csv), reads_templates.template_list, who=as_)


@command(app, "preview", "deskline template preview acknowledgement --case 412")
def preview(
    name: Annotated[str, typer.Argument(metavar="TEMPLATE", autocompletion=completing.templates)],
    case: Annotated[int, typer.Option("--case", parser=number, metavar="NUMBER", help=_("The case to try it on."))],
    language: Annotated[str | None, typer.Option("--language", help=_("Such as pt-BR; else the customer's."))] = None,
    html: Annotated[bool, typer.Option("--html", help=_("Show the HTML, not the text."))] = False,
    desk: DeskOption = None,
    as_: AsOption = None,
    json: JsonOption = False,
) -> int:
    """Show the mail that a template makes of a case, and what had no value there; nothing is sent."""
    from console import reads_templates

    return show(
        desk,
        form_of(json),
        reads_templates.template_preview,
        who=as_,
        name=name,
        case=case,
        language=language,
        html=html,
    )
