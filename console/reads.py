"""The reads that a prompt, a pager or a script asks for all day: queues, agents, the badge, and what all reads have in common.

Each is a function over `fetch`, so that the thin path (sqlite3) and the full path (SQLAlchemy) print the same bytes; it takes its
options by the names that the command line gives them.
"""

from __future__ import annotations

from console.i18n import _, ngettext
from console.moment import age, clock, left, moment
from console.render import Column, Listing, Sheet, clean
from console.words import PRESENCE, units
from data import queries
from data.queries import Query
from data.text import OutsideText

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from console.render import Item
    from data.queries import Fetch, Row

_NAMES = {
    "agent": Query("agent.active_names", "select name from agents where active = 1 order by name"),
    "queue": Query("queue.active_names", "select name from queues where active = 1 order by name"),
    "channel": Query("channel.active_names", "select name from channels where active = 1 order by name"),
}
"""Of each kind of thing, the names that may be meant by one that is not there."""


def wrong(reason: str) -> Exception:
    """Return the error for an option that cannot be right."""
    from data.errors import WrongUsage

    return WrongUsage(reason=reason)


def missing(what: str, which: str) -> Exception:
    """Return the error for something that is not there."""
    from data.errors import NotFound

    return NotFound(what=_(what), which=which)


def unknown(fetch: Fetch, what: str, name: str) -> Exception:
    """Return the error for an agent, a queue or a channel that is not there, with the one that may be meant."""
    return unknown_among(what, name, [row["name"] for row in fetch(_NAMES[what], {})])


def unknown_among(what: str, name: str, names: Sequence[str]) -> Exception:
    """Return the error for a name that is none of those that there are, with the one that may be meant."""
    from core.unknown_names import unknown_name  # only a refusal needs it

    return unknown_name(_(what), clean(name), names)


def known(fetch: Fetch, what: str, name: str | None) -> None:
    """Refuse a name that nothing has: an empty list would say that there is no such work."""
    if name is not None:
        query = {"agent": queries.KNOWN_AGENT, "queue": queries.KNOWN_QUEUE, "channel": queries.KNOWN_CHANNEL}[what]
        if not fetch(query, {"name": name}):
            raise unknown(fetch, what, name)


NEWEST_ANSWER = """(select m.delivery from messages m
    where m.case_id = c.id and m.direction = 'outbound' order by m.id desc limit 1)"""
"""Whether the customer has the newest answer of a case `c`; those before it are history."""
NOT_SENT_OF_AGENT = Query(
    "agent.not_sent",
    f"""select count(*) as not_sent from cases c join agents a on a.id = c.owner_id
where a.name = cast(:agent as text) and c.status in ('new', 'open', 'waiting_customer', 'on_hold')
  and {NEWEST_ANSWER} = 'failed'""",  # noqa: S608 - built of constants
)


def server_of(smtp: str | None) -> str:
    """Return host and port of a mailbox's smtp entry, as it is stored."""
    if not smtp:
        return ""
    import json

    entry = json.loads(smtp)
    return f"{entry['host']}:{entry.get('port') or {'tls': 465, 'none': 25}.get(entry.get('tls', 'starttls'), 587)}"


def trying_again(error: OutsideText | str, server: str, due_at: int) -> str:
    """Say of an answer that did not leave the desk: who did not take it and why, that it is kept, and when it is tried again."""
    said = clean(error)
    where = "" if server in said else f"{server}: "
    return _("{where}{error}. The answer is kept and tried again at {when}.").format(
        where=where, error=said.rstrip("."), when=clock(due_at, seconds=True)
    )


def bounded(limit: int) -> int:
    """Refuse a limit that asks for nothing or for everything."""
    if not 1 <= limit <= 100_000:
        raise wrong(_("--limit is a number from 1 to 100000."))
    return limit


# -- queues


def queue_list(fetch: Fetch) -> Listing:
    """List the queues with what waits in them; the figures are kept, never counted."""
    items = [queue_item(row) for row in fetch(queries.QUEUES, {"queue": None})]
    columns = (
        Column(_("Queue"), lambda i: i["queue"], flexible=True),
        Column(_("Waiting"), lambda i: i["waiting"], right=True),
        Column(_("Oldest"), lambda i: age(i["oldest_at"]) if i["oldest_at"] else "", right=True, dispensable=2),
        Column(_("Offered"), lambda i: i["offered"], right=True, dispensable=3),
        Column(_("Accepted"), lambda i: i["accepted"], right=True, dispensable=4),
        Column(_("Present"), lambda i: f"{i['present']}/{i['members']}", right=True, dispensable=1),
        Column("", lambda i: stuck(i)),
    )
    return Listing(
        "queues", items, columns, words="" if items else _("No queues. Add one with: deskline queue add NAME")
    )


def queue_item(row: Row) -> Item:
    """Return a queue as programs read it."""
    return {
        "queue": row["queue"],
        "label": row["label"],
        "routing": row["routing"],
        "waiting": row["waiting"],
        "oldest_at": moment(row["oldest_at"]),
        "offered": row["offered"],
        "accepted": row["accepted"],
        "members": row["members"],
        "present": row["present"],
    }


def stuck(item: Item) -> str:
    """Say in a word what is wrong with a queue, if anything."""
    if item["routing"] is None:
        return _("taken by hand")
    return _("! nobody present") if item["waiting"] and not item["present"] else ""


# -- agents


def agent_list(fetch: Fetch, *, present: bool = False, queue: str | None = None) -> Listing:
    """List the agents with their status and their load."""
    known(fetch, "queue", queue)
    items = [agent_item(row) for row in fetch(queries.AGENTS, {"agent": None, "present": int(present), "queue": queue})]
    columns = (
        Column(_("Agent"), lambda i: i["agent"], flexible=True),
        Column(_("Name"), lambda i: i["name"], flexible=True, dispensable=4),
        Column(_("Role"), lambda i: i["role"], dispensable=5),
        Column(_("Status"), presence_words, flexible=True),
        Column(_("For"), lambda i: age(i["since"]) if i["since"] else "", right=True, dispensable=3),
        Column(_("Load"), lambda i: f"{units(i['used'])}/{units(i['capacity'])}", right=True, dispensable=1),
        Column(_("Items"), lambda i: i["open_items"], right=True, dispensable=2),
    )
    empty = (
        _("Nobody is present.") if present else _("No agents. Add one with: deskline agent add NAME --name 'Full Name'")
    )
    return Listing("agents", items, columns, words="" if items else empty)


def agent_item(row: Row) -> Item:
    """Return an agent as programs read it; capacity in thousandths of a unit."""
    return {
        "agent": row["agent"],
        "name": row["name"],
        "role": row["role"],
        "status": row["status"],
        "kind": row["kind"],
        "connected": row["lost_at"] is None,
        "since": moment(row["since"]),
        "used": row["used"],
        "capacity": row["capacity"],
        "open_items": row["open_items"],
    }


def presence_words(item: Item) -> str:
    """Return an agent's status with its sign."""
    if not item["connected"]:
        return _("◌ {status}, connection lost").format(status=item["status"])
    return f"{PRESENCE.get(item['kind'], '◌')} {item['status']}"


def badge(fetch: Fetch, *, as_: str | None = None) -> Sheet:
    """Say in one short line what wants an agent's attention, for a shell prompt or a status bar."""
    if not as_:
        raise wrong(_("Say for which agent: --as NAME"))
    rows = fetch(queries.BADGE, {"agent": as_})
    if not rows:
        raise unknown(fetch, "agent", as_)
    row = rows[0]
    item = {
        "agent": row["agent"],
        "status": row["status"],
        "offers": row["offers"],
        "deadline_at": moment(row["deadline_at"]),
        "open_items": row["open_items"],
        "not_sent": fetch(NOT_SENT_OF_AGENT, {"agent": as_})[0]["not_sent"],
    }
    parts = []
    if row["offers"]:
        text = ngettext("▸ {n} offer", "▸ {n} offers", row["offers"]).format(n=row["offers"])
        parts.append(text if row["deadline_at"] is None else f"{text} {left(row['deadline_at'])}")
    parts.append(ngettext("{n} open", "{n} open", row["open_items"]).format(n=row["open_items"]))
    if item["not_sent"]:
        parts.append(_("! {n} not sent").format(n=item["not_sent"]))
    return Sheet(item, ["  ".join(parts)])
