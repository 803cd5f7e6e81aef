"""Reads about webhooks: what is still to be called, what was given up, and why."""

from __future__ import annotations

from console.i18n import _
from console.moment import age, clock, moment
from console.reads import bounded, wrong
from console.render import Column, Listing, clean
from console.words import DELIVERY, signed
from data.queries import Query

TYPE_CHECKING = False
if TYPE_CHECKING:
    from console.render import Item
    from data.queries import Fetch

STATES = ("queued", "sending", "sent", "failed")
_CALLS = Query(
    "webhook.list",
    """select h.id, h.case_id as "case", h.url, h.status, h.answer, h.created_at, o.state, o.tries, o.due_at, o.error, o.ended_at
from webhook_calls h join outbox o on o.webhook_id = h.id
where o.state = cast(:state as text) or cast(:state as text) is null
order by h.id desc limit cast(:limit as bigint)""",
    ("answer", "error"),
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
        {
            "id": row["id"],
            "case": row["case"],
            "host": _host(row["url"]),
            "state": row["state"],
            "tries": row["tries"],
            "status": row["status"],
            "answer": row["answer"],
            "error": row["error"],
            "due_at": moment(row["due_at"]),
            "created_at": moment(row["created_at"]),
            "ended_at": moment(row["ended_at"]),
        }
        for row in rows
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


def _host(url: str) -> str:
    return clean(url.partition("://")[2].partition("/")[0].partition("?")[0])
