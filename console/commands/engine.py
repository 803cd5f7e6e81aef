"""`deskline engine`: what makes the desk act by itself, as a service or in a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from console import logs
from console.commands.options import DeskOption, JsonOption, command, form_of, noun, opened
from console.i18n import _
from console.render import Sheet, deliver, say

if TYPE_CHECKING:
    from core.engine.engine import Step

app = noun(_("The engine: routing, timers, mail in and out."))


@command(app, "run", "deskline engine run --desk /srv/desk/desk.db")
def run(
    desk: DeskOption = None,
    lease: Annotated[
        float, typer.Option("--lease", min=0.5, max=300, help=_("Seconds after which a silent engine counts as gone."))
    ] = 10.0,
    mail: Annotated[
        bool,
        typer.Option("--mail/--no-mail", help=_("Poll mailboxes and send answers. Webhooks are called either way.")),
    ] = True,
    verbose: Annotated[bool, typer.Option("--verbose", help=_("Log every connection."))] = False,
) -> int:
    """Act for the desk until stopped: route work, mature timers, fetch and send mail. A second engine stands by."""
    from console.engine_process import run_engine

    logs.start(verbose=verbose)
    with opened(desk, "engine") as found:
        run_engine(found, lease_s=lease, mail=mail, acting=_told)
    return say("", _("The engine has stopped."))


def _told(step: Step) -> None:
    if step.acting:
        say("", _("This engine acts for the desk now."))
    else:
        say("", _("Another engine acts for the desk ({holder}); this one stands by.").format(holder=step.holder))


@command(app, "status", "deskline engine status")
def status(desk: DeskOption = None, json: JsonOption = False) -> int:
    """Say which engine acts and how far it has come. Exit code 1 when none does."""
    from sqlalchemy import text

    from console.moment import duration, iso

    with opened(desk) as found, found.reading() as connection:
        now = found.clock()
        lease = connection.execute(text("select holder, expires_at, turned_at from engine_lease")).one()
        behind = connection.execute(
            text(
                "select count(*) from journal where settled = 0 and id > "
                "(select event_id from cursors where name = 'engine')"
            )
        ).scalar_one()
        timers = connection.execute(text("select count(*) from timers where due_at <= :now"), {"now": now}).scalar_one()
    acting = lease.expires_at > now
    item = {
        "acting": acting,
        "holder": lease.holder if acting else None,
        "last_turn": iso(lease.turned_at) if lease.turned_at else None,
        "events_behind": behind,
        "timers_due": timers,
    }
    if acting:
        lines = [_("Acting: {holder}").format(holder=lease.holder)]
    else:
        lines = [_("No engine acts for this desk. Start one with: deskline engine run")]
    if lease.turned_at:
        lines.append(_("Last turn: {ago} ago").format(ago=duration(now - lease.turned_at)))
    lines.append(_("Not handled yet: {n} events, {m} timers").format(n=behind, m=timers))
    code = deliver(Sheet(item, lines), form_of(json))
    return code if acting else 1
