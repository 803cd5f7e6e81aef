"""`deskline mail`: how mail gets in and out."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from console.commands.options import (
    AsOption,
    DeskOption,
    JsonOption,
    LimitOption,
    act,
    actor_of,
    command,
    form_of,
    noun,
    number,
    opened,
    read_bytes,
    show,
)
from console.i18n import _
from console.render import Sheet, clean, clean_lines, deliver, say
from console.words import size
from data.queries import fetch_over

if TYPE_CHECKING:
    from intake.email.addresses import Address
    from intake.email.receive import Receipt

TRY_LATER = 75
"""What a mail server understands as "keep it and try again" (EX_TEMPFAIL of sysexits.h)."""
REFUSED = 65
"""What makes a mail server send it back (EX_DATAERR)."""
LONGEST_MAIL = 128 * 1024 * 1024

app = noun(_("Mail: how it gets in and out."))


@command(app, "parse", "deskline mail parse message.eml --json")
def parse(
    file: Annotated[Path, typer.Argument(metavar="FILE", help=_("A mail as it came, - for stdin."))],
    json: JsonOption = False,
) -> int:
    """Show what the desk reads in a mail, without taking it."""
    from intake.email.parse import as_object
    from intake.email.parse import parse as parse_mail

    mail = parse_mail(read_bytes(file))
    facts = (
        (_("From"), str_of(mail.sender)),
        (_("To"), ", ".join(map(str_of, mail.to))),
        (_("Cc"), ", ".join(map(str_of, mail.cc))),
        (_("Reply to"), ", ".join(map(str_of, mail.reply_to))),
        (_("Subject"), mail.subject),
        (_("Date"), mail.sent_at.isoformat() if mail.sent_at else ""),
        (_("Message-ID"), mail.message_id),
        (_("Automatic"), mail.auto_reason if mail.auto else ""),
        (_("Bounce"), _("yes") if mail.bounce else ""),
        (_("Repaired"), ", ".join(mail.defects)),
    )
    lines = [f"{head}: {clean(value)}" for head, value in facts if value]
    lines += [
        _("Attachment: {name}  {size}").format(name=clean(each.name), size=size(each.size)) for each in mail.attachments
    ]
    lines += ["", *clean_lines(mail.reply_text).rstrip().split("\n")]
    return deliver(Sheet(as_object(mail), lines), "json" if json else "text")


def str_of(address: Address) -> str:
    """Return an address as `Name <address>`."""
    return f"{address.name} <{address.address}>" if address.name else address.address


@command(app, "poll", "deskline mail poll support")
def poll(
    mailbox: Annotated[str | None, typer.Argument(metavar="[MAILBOX]", help=_("One of the desk's; else all."))] = None,
    desk: DeskOption = None,
    json: JsonOption = False,
) -> int:
    """Fetch what is new in the desk's mailboxes once, without an engine. Exit code 1 when one of them failed."""
    from core.errors import NotFound, Unavailable
    from intake.email.desk_store import DeskMailStore
    from intake.email.imap import ImapPoller
    from intake.email.mailboxes import load_mailboxes

    results: list[dict[str, object]] = []
    with opened(desk, "mail poll") as found:
        with found.reading() as connection:
            boxes = [each for each in load_mailboxes(connection) if each.imap and mailbox in (None, each.name)]
        if mailbox is not None and not boxes:
            raise NotFound(what=_("mailbox with imap"), which=f'"{mailbox}"')
        for box in boxes:
            assert box.imap is not None
            try:
                count = ImapPoller(box.imap, DeskMailStore(found, box.id)).poll_once()
                results.append({"mailbox": box.name, "mails": count, "failure": None})
            except Unavailable as error:
                results.append({"mailbox": box.name, "mails": 0, "failure": str(error)})
    lines = [
        f"{each['mailbox']}: "
        + (clean(str(each["failure"])) if each["failure"] else _("{n} mails").format(n=each["mails"]))
        for each in results
    ]
    deliver(Sheet({"mailboxes": results}, lines or [_("The desk has no mailbox with imap.")]), form_of(json))
    return 1 if any(each["failure"] for each in results) else 0


@command(app, "ingest", "deskline mail ingest old-mail.mbox letters/")
def ingest(
    paths: Annotated[list[Path], typer.Argument(metavar="PATH...", help=_("Mails, mbox files, Maildirs or folders."))],
    desk: DeskOption = None,
    json: JsonOption = False,
) -> int:
    """Take mail from files, as if it had just arrived. What was taken before is not taken again.

    A file that is no mail is refused and the others go on; the exit code is 1 then.
    """
    from data.actor import INTAKE
    from intake.email.files import mails_in
    from intake.email.receive import read, take

    results: list[dict[str, object]] = []
    with opened(desk, "mail ingest") as place:
        for found in mails_in(paths):
            if found.problem:
                results.append({"source": found.source, "state": "refused", "case": None, "reason": found.problem})
                say("", _("! {file}: not taken: {why}").format(file=clean(found.source), why=clean(found.problem)))
                continue
            receipt = place.run(INTAKE, take, read(found.raw))
            results.append(_receipt(receipt, found.source))
            say("", f"{clean(found.source)}: {_told(receipt)}")
    states = ("taken", "repeated", "quarantined", "refused")
    counts = {state: sum(each["state"] == state for each in results) for state in states}
    words = _("{taken} taken, {repeated} taken before, {quarantined} in quarantine, {refused} refused.").format(
        **counts
    )
    return deliver(Sheet({"mails": results, **counts}, [words]), form_of(json)) or int(counts["refused"] > 0)


@command(app, "pipe", "deskline mail pipe < message.eml")
def pipe(desk: DeskOption = None, json: JsonOption = False) -> int:
    """Take one mail from stdin: for the alias of a mail server. Exit code 75 asks it to try again later."""
    from core.errors import Unavailable
    from data.actor import INTAKE
    from intake.email.receive import read, take

    raw = sys.stdin.buffer.read(LONGEST_MAIL + 1)
    if len(raw) > LONGEST_MAIL:
        say("", _("This mail is longer than {n} bytes; it was not taken.").format(n=LONGEST_MAIL))
        return REFUSED
    try:
        with opened(desk, "mail pipe") as found:
            receipt = found.run(INTAKE, take, read(raw))
    except Unavailable as error:
        say("", clean_lines(str(error)))
        return TRY_LATER
    return deliver(Sheet(_receipt(receipt, "stdin"), [_told(receipt)]), form_of(json))


def _receipt(receipt: Receipt, source: str) -> dict[str, object]:
    return {"source": source, "state": receipt.state, "case": receipt.case, "reason": receipt.reason or None}


def _told(receipt: Receipt) -> str:
    match receipt.state:
        case "taken":
            return _("Taken: case #{case}.").format(case=receipt.case)
        case "repeated":
            return _("Not taken again: {why}.").format(why=receipt.reason)
        case _:
            return _("Kept in quarantine: {why}").format(why=clean(receipt.reason))


@command(app, "outbox", "deskline mail outbox --state failed")
def outbox(
    state: Annotated[
        str | None,
        typer.Option("--state", metavar="STATE", help=_("Of queued, sending, sent, failed; else all open ones.")),
    ] = None,
    again: Annotated[
        int | None, typer.Option("--again", metavar="MESSAGE", help=_("Send this failed message once more."))
    ] = None,
    limit: LimitOption = 50,
    desk: DeskOption = None,
    as_: AsOption = None,
    json: JsonOption = False,
) -> int:
    """List what waits to be sent and what could not be, or send a failed answer again."""
    from console import reads_mail

    if again is None:
        return show(desk, form_of(json), reads_mail.outbox_list, who=as_, state=state, limit=limit)
    from core.actions import mail
    from core.errors import NotFound, Refused
    from data import queries

    with opened(desk, "mail outbox") as found, found.reading() as connection:
        if not fetch_over(connection)(queries.KNOWN_MESSAGE, {"message": again}):
            raise NotFound(what=_("message"), which=str(again))
    if not act(desk, as_, "mail outbox", mail.send_again, again):
        raise Refused(reason=_("Message {n} has not failed; it is not sent again.").format(n=again))
    return say("", _("Message {n} is queued again.").format(n=again))


quarantine = noun(_("Mail that came in and could not be read."))
app.add_typer(quarantine, name="quarantine")
MailNumber = Annotated[int, typer.Argument(parser=number, metavar="ID", help=_("Its number in the list."))]


@command(quarantine, "list", "deskline mail quarantine list")
def quarantine_list(limit: LimitOption = 50, desk: DeskOption = None, json: JsonOption = False) -> int:
    """List the mails that could not be read, with the reason."""
    from console import reads_mail

    return show(desk, form_of(json), reads_mail.quarantine_list, limit=limit)


@command(quarantine, "show", "deskline mail quarantine show 12")
def quarantine_show(mail: MailNumber, desk: DeskOption = None, json: JsonOption = False) -> int:
    """Show why a mail could not be read, and its header as it came."""
    from console import reads_mail

    return show(desk, form_of(json), reads_mail.quarantine_show, mail=mail)


@command(quarantine, "retry", "deskline mail quarantine retry 12")
def quarantine_retry(mail: MailNumber, desk: DeskOption = None, as_: AsOption = None, json: JsonOption = False) -> int:
    """Take a mail out of quarantine, by the way it would come in today. Exit code 1 when it still cannot be read."""
    from intake.email.receive import kept
    from intake.email.receive import retry as take_again

    with opened(desk, "mail quarantine retry") as place:
        actor = actor_of(place, as_)
        with place.reading() as connection:
            again = kept(connection, mail)
        receipt = place.run(actor, take_again, mail, again)
    words = _("Still in quarantine: {why}").format(why=clean(receipt.reason))
    told = words if receipt.state == "quarantined" else _told(receipt)
    item = {"mail": mail, "state": receipt.state, "case": receipt.case, "reason": receipt.reason or None}
    return deliver(Sheet(item, [told]), form_of(json)) or int(receipt.state == "quarantined")
