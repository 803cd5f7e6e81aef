"""Reads about mail: what leaves the desk, and what came in and could not be read."""

from __future__ import annotations

from console.i18n import _
from console.moment import clock, moment
from console.reads import bounded, missing, server_of, trying_again, wrong
from console.render import Column, Listing, Sheet, clean
from console.words import DELIVERY, signed, size
from data import queries
from data.text import OutsideText, sanitise

TYPE_CHECKING = False
if TYPE_CHECKING:
    from console.render import Item
    from data.queries import Fetch, Row

OUTBOX_STATES = ("queued", "sending", "sent", "failed")


def outbox_list(fetch: Fetch, *, state: str | None = None, limit: int = 50) -> Listing:
    """List what leaves the desk, the newest first."""
    if state is not None and state not in OUTBOX_STATES:
        raise wrong(
            _("There is no state {state}. Known are {known}.").format(
                state=clean(state), known=", ".join(OUTBOX_STATES)
            )
        )
    rows = fetch(queries.OUTBOX, {"state": state, "limit": bounded(limit)})
    items: list[Item] = [
        {
            "id": row["id"],
            "case": row["case"],
            "message": row["message"],
            "mailbox": row["mailbox"],
            "recipients": _addresses(row["recipients"]),
            "state": row["state"],
            "tries": row["tries"],
            "due_at": moment(row["due_at"]),
            "created_at": moment(row["created_at"]),
            "ended_at": moment(row["ended_at"]),
            "error": row["error"],
        }
        for row in rows
    ]
    columns = (
        Column(_("Message"), lambda i: i["message"], right=True),
        Column(_("Case"), lambda i: f"#{i['case']}" if i["case"] else "", right=True, dispensable=1),
        Column(_("State"), lambda i: signed(DELIVERY, i["state"])),
        Column(_("Tries"), lambda i: i["tries"], right=True, dispensable=4),
        Column(_("Next try"), lambda i: clock(i["due_at"]) if i["state"] == "queued" else "", dispensable=2),
        Column(_("To"), lambda i: ", ".join(map(clean, i["recipients"])), flexible=True, dispensable=3),
        Column(_("Error"), lambda i: i["error"], flexible=True),
    )
    servers = {row["mailbox"]: server_of(row["smtp"]) for row in fetch(queries.MAILBOXES, {})}
    told = [
        trying_again(each["error"], servers.get(each["mailbox"], ""), each["due_at"])
        for each in items
        if each["state"] == "queued" and each["error"]
    ]
    words = "\n".join(dict.fromkeys(told)) if items else _("Nothing in the outbox.")
    return Listing("outbox", items, columns, words=words)


def _addresses(raw: OutsideText | None) -> list[OutsideText]:
    import json

    return [OutsideText(str(each)) for each in json.loads(raw.raw)] if raw else []


def quarantine_list(fetch: Fetch, *, limit: int = 50) -> Listing:
    """List the mails that could not be read, the newest first."""
    items = [_quarantined(row) for row in fetch(queries.QUARANTINE, {"mail": None, "limit": bounded(limit)})]
    columns = (
        Column(_("Mail"), lambda i: i["id"], right=True),
        Column(_("Since"), lambda i: clock(i["at"]), dispensable=1),
        Column(_("Mailbox"), lambda i: i["mailbox"], flexible=True, dispensable=2),
        Column(_("Size"), lambda i: size(i["size"]), right=True, dispensable=3),
        Column(_("Reason"), lambda i: i["reason"], flexible=True),
    )
    return Listing("quarantine", items, columns, words="" if items else _("Nothing in quarantine."))


def quarantine_show(fetch: Fetch, *, mail: int) -> Sheet:
    """Show a mail in quarantine: the reason, and its header as it came."""
    rows = fetch(queries.QUARANTINE, {"mail": mail, "limit": 1})
    if not rows:
        raise missing("mail in quarantine", str(mail))
    [raw] = fetch(queries.QUARANTINED_HEAD, {"mail": mail})
    item = {**_quarantined(rows[0]), "header": _header(bytes(raw["head"]))}
    lines = [
        _("Mail {id}, in quarantine since {at}").format(id=item["id"], at=clock(item["at"])),
        *([_("Mailbox: {name}").format(name=clean(item["mailbox"]))] if item["mailbox"] else []),
        _("Size: {size}").format(size=size(item["size"])),
        _("Reason: {reason}").format(reason=clean(item["reason"])),
        "",
        *sanitise(item["header"]).split("\n"),
    ]
    return Sheet(item, lines)


def _quarantined(row: Row) -> Item:
    return {
        "id": row["id"],
        "at": moment(row["at"]),
        "mailbox": row["mailbox"],
        "size": row["size"],
        "reason": row["reason"],
    }


def _header(raw: bytes) -> OutsideText:
    """Return what stands before a mail's first empty line, or its beginning where there is none."""
    return OutsideText(raw.replace(b"\r\n", b"\n").partition(b"\n\n")[0].decode("utf-8", "replace"))
