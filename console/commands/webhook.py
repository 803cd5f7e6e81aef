"""`deskline webhook`: list."""

from __future__ import annotations

from typing import Annotated

import typer

from console.commands.options import (
    AsOption,
    CsvOption,
    DeskOption,
    JsonOption,
    LimitOption,
    command,
    form_of,
    noun,
    show,
)
from console.i18n import _

app = noun(_("Webhooks: what other systems are told."))


@command(app, "list", "deskline webhook list --state failed")
def list_calls(
    state: Annotated[str | None, typer.Option("--state", help=_("One of queued, sending, sent, failed."))] = None,
    limit: LimitOption = 50,
    desk: DeskOption = None,
    as_: AsOption = None,
    json: JsonOption = False,
    csv: CsvOption = False,
) -> int:
    """List webhook calls, the newest first, with what became of each."""
    from console import reads_webhooks

    return show(desk, form_of(json, csv), reads_webhooks.webhook_list, who=as_, state=state, limit=limit)
