"""`deskline webhook`: list, show and again."""

from __future__ import annotations

from typing import Annotated

import typer

from console.commands.options import (
    AsOption,
    CsvOption,
    DeskOption,
    JsonOption,
    LimitOption,
    act,
    command,
    done,
    form_of,
    noun,
    number,
    show,
)
from console.i18n import _

app = noun(_("Webhooks: what other systems are told."))
Call = Annotated[int, typer.Argument(parser=number, metavar="CALL", help=_("Its number in the list."))]


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


@command(app, "show", "deskline webhook show 12")
def show_call(call: Call, desk: DeskOption = None, as_: AsOption = None, json: JsonOption = False) -> int:
    """Show a webhook call: what its server is sent, what became of it, and when it is tried next.

    The whole address is shown to admins alone, since a part of it may be a secret; what signs a call is never shown.
    """
    from console import reads_webhooks

    return show(desk, form_of(json), reads_webhooks.webhook_show, who=as_, call=call, as_=as_)


@command(app, "again", "deskline webhook again 12")
def call_again(call: Call, desk: DeskOption = None, as_: AsOption = None, json: JsonOption = False) -> int:
    """Make a webhook call that was given up once more, under the key by which its server knows it."""
    from core.actions import webhooks
    from core.errors import Refused

    if not act(desk, as_, "webhook again", webhooks.send_again, call):
        words = _(
            "Webhook call {n} was not given up, so it is not made again; when it is tried next says: deskline webhook show {n}"
        )
        raise Refused(reason=words.format(n=call))
    words = _("Webhook call {n} is queued again.").format(n=call)
    return done({"webhook": call, "state": "queued"}, json, words)
