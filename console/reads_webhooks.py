"""Reads about webhooks: what is still to be called, what was given up, and why."""

from __future__ import annotations

from console.i18n import _, ngettext
from console.moment import age, clock, moment
from console.reads import bounded, missing, wrong
from console.render import Column, Listing, Sheet, clean, clean_lines
from console.words import DELIVERY, signed
from data import queries
from data.queries import Query

TYPE_CHECKING = False
if TYPE_CHECKING:
    from console.render import Item
    from data.queries import Fetch, Row

STATES = ("queued", "sending", "sent", "failed")
_CALLS = Query(
    "webhook.list",
    """select h.id, h.case_id as "case", h.url, h.status, h.answer, h.created_at, o.state, o.tries, o.due_at, o.error, o.ended_at
from webhook_calls h join outbox o on o.webhook_id = h.id
where o.state = cast(:state as text) or cast(:state as text) is null
order by h.id desc limit cast(:limit as bigint)""",
    ("answer", "error"),
)
_CALL = Query(
    "webhook.show",
    """select h.id, h.case_id as "case", h.url, h.body, h.status, h.answer, h.created_at, o.state, o.tries, o.due_at, o.error,
       o.ended_at, o.delivery_key as key,
       coalesce((select s.value from desk_settings s where s.name = 'webhook_secret'), '') as secret
from webhook_calls h join outbox o on o.webhook_id = h.id where h.id = cast(:call as bigint)""",
    ("body", "answer", "error"),
)
FAILED_SINCE = Query(
    "webhook.failed_since",
    """select count(*) as n from outbox o where o.kind = 'webhook' and o.state = 'failed'
and o.ended_at >= cast(:since as bigint)""",
)


def webhook_list(fetch: Fetch, *, state: str | None = None, limit: int = 50) -> Listing:
    """List webhook calls, the newest first; of an address only its host is shown, since the rest may be a secret."""
    if state is not None and state not in STATES:
        raise wrong(
            _("There is no state {state}. Known are {known}.").format(state=clean(state), known=", ".join(STATES))
        )
    rows = fetch(_CALLS, {"state": state, "limit": bounded(limit)})
    items: list[Item] = [
        {"id": row["id"], "case": row["case"], "host": _host(row["url"]), **_what_became_of(row)} for row in rows
    ]
    columns = (
        Column(_("Call"), lambda i: i["id"], right=True),
        Column(_("Case"), lambda i: f"#{i['case']}" if i["case"] else "", right=True, dispensable=1),
        Column(_("State"), lambda i: signed(DELIVERY, i["state"])),
        Column(_("Tries"), lambda i: i["tries"], right=True, dispensable=4),
        Column(_("Next try"), lambda i: clock(i["due_at"]) if i["state"] == "queued" else "", dispensable=2),
        Column(_("Host"), lambda i: i["host"], flexible=True),
        Column(_("Answer"), lambda i: i["status"] or i["error"], flexible=True),
        Column(_("Asked"), lambda i: age(i["created_at"]), right=True, dispensable=3),
    )
    words = "" if items else _("No webhook was called.") if state is None else _("No calls like that.")
    return Listing("webhooks", items, columns, words=words)


def _what_became_of(row: Row) -> Item:
    return {
        "state": row["state"],
        "tries": row["tries"],
        "status": row["status"],
        "answer": row["answer"],
        "error": row["error"],
        "due_at": moment(row["due_at"]),
        "created_at": moment(row["created_at"]),
        "ended_at": moment(row["ended_at"]),
    }


def webhook_show(fetch: Fetch, *, call: int, as_: str | None = None) -> Sheet:
    """Show a webhook call as its server gets it, and what became of it.

    Args:
        as_: who looks; an agent or a supervisor sees of its address the host alone, since the rest may be a secret.
    """
    rows = fetch(_CALL, {"call": call})
    if not rows:
        raise missing("webhook call", str(call))
    row = rows[0]
    whole = as_ is None or any(each["role"] == "admin" for each in fetch(queries.ACTOR, {"agent": as_}))
    headers = {"Content-Type": "application/json", "Deskline-Delivery": row["key"]}
    if row["secret"]:
        headers["Deskline-Signature"] = _("made anew at each try")
    item: Item = {
        "id": row["id"],
        "case": row["case"],
        **_what_became_of(row),
        "method": "POST",
        "url": row["url"] if whole else f"{row['url'].partition('://')[0]}://{_host(row['url'])}/…",
        "headers": headers,
        "body": row["body"],
    }
    lines = [
        _("Webhook call {id}: {state}").format(id=item["id"], state=signed(DELIVERY, item["state"])),
        f"  {_so_far(item)}",
        *([f"  ! {clean(item['error'])}"] if item["error"] else []),
        *([f"  {item['status']} {clean(item['answer'])}".rstrip()] if item["status"] else []),
        "",
        f"POST {clean(item['url'])}",
        *(f"{name}: {value}" for name, value in headers.items()),
        "",
        *_body(item["body"].raw),
    ]
    return Sheet(item, lines)


def _so_far(item: Item) -> str:
    """Say of which case a call tells, since when, and how often it was tried."""
    parts = [
        f"#{item['case']}" if item["case"] else "",
        _("asked {age} ago").format(age=age(item["created_at"])),
        ngettext("{n} try", "{n} tries", item["tries"]).format(n=item["tries"]),
        _("next try at {when}").format(when=clock(item["due_at"], seconds=True)) if item["state"] == "queued" else "",
    ]
    return " · ".join(filter(None, parts))


def _body(text: str) -> list[str]:
    """Return the lines of what a server is told, each value on its own."""
    import json

    return clean_lines(json.dumps(json.loads(text), indent=2, ensure_ascii=False)).split("\n")


def _host(url: str) -> str:
    return clean(url.partition("://")[2].partition("/")[0].partition("?")[0])
