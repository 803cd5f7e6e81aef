"""Reads about one queue, one agent, presence and the outbox, over the same `fetch` port as `console.reads`."""

from __future__ import annotations

from console.i18n import _
from console.moment import age, clock, moment
from console.reads import agent_item, bounded, missing, presence_words, queue_item, stuck, wrong
from console.reads_work import work_list
from console.render import Column, Listing, Sheet, clean, pad, width
from console.words import DELIVERY, PRESENCE, ROLES, signed, units
from data import queries

TYPE_CHECKING = False
if TYPE_CHECKING:
    from console.render import Item
    from data.queries import Fetch

OUTBOX_STATES = ("queued", "sending", "sent", "failed")
_WORK_SHOWN = 200


def queue_show(fetch: Fetch, *, name: str) -> Sheet:
    """Show a queue with its figures and members."""
    rows = fetch(queries.QUEUES, {"queue": name})
    if not rows:
        raise missing("queue", f'"{clean(name)}"')
    item = queue_item(rows[0])
    members = [agent_item(row) for row in fetch(queries.AGENTS, {"agent": None, "present": 0, "queue": name})]
    figures = [
        _("{n} waiting").format(n=item["waiting"])
        + (_(", the oldest {age}").format(age=age(item["oldest_at"])) if item["oldest_at"] else ""),
        _("{n} offered").format(n=item["offered"]),
        _("{n} in hand").format(n=item["accepted"]),
        stuck(item),
    ]
    head = item["queue"] + (f"  {clean(item['label'])}" if item["label"] else "")
    routing = _("routing {name}").format(name=item["routing"]) if item["routing"] else _("no routing")
    lines = [head, "  " + " · ".join(each for each in figures if each), "  " + routing, ""]
    lines += [_("Members"), *_agents(members)] if members else [_("No members.")]
    return Sheet({**item, "agents": members}, lines)


def _agents(items: list[Item]) -> list[str]:
    longest = max(width(each["agent"]) for each in items)
    return [
        f"  {pad(each['agent'], longest)}  {presence_words(each)}  {units(each['used'])}/{units(each['capacity'])}"
        for each in items
    ]


def agent_show(fetch: Fetch, *, name: str) -> Sheet:
    """Show an agent with status, load, queues and the work in hand."""
    rows = fetch(queries.AGENTS, {"agent": name, "present": 0, "queue": None})
    if not rows:
        raise missing("agent", f'"{clean(name)}"')
    item = {**agent_item(rows[0]), "email": rows[0]["email"] or None, "presence": rows[0]["presence"]}
    queues = [row["queue"] for row in fetch(queries.AGENT_QUEUES, {"agent": name})]
    work = work_list(fetch, agent=name, limit=_WORK_SHOWN).items
    since = _(" since {age}").format(age=age(item["since"])) if item["since"] else ""
    load = _("load {used} of {capacity}").format(used=units(item["used"]), capacity=units(item["capacity"]))
    role = _(ROLES[item["role"]]) if item["role"] in ROLES else item["role"]
    lines = [
        f"{item['agent']}  {clean(item['name'])}",
        "  " + " · ".join([presence_words(item) + since, load, role]),
        "  " + (_("queues: {names}").format(names=", ".join(queues)) if queues else _("in no queue")),
    ]
    if work:
        lines += ["", _("Work")]
        lines += [f"  {each['work']}  #{each['case']}  {_state(each)}  {clean(each['subject'])}" for each in work]
    return Sheet({**item, "queues": queues, "work": work}, lines)


def _state(item: Item) -> str:
    from console.words import WORK_STATES

    return signed(WORK_STATES, item["state"])


def presence_show(fetch: Fetch, *, name: str) -> Sheet:
    """Show an agent's status, and which statuses there are."""
    rows = fetch(queries.AGENTS, {"agent": name, "present": 0, "queue": None})
    if not rows:
        raise missing("agent", f'"{clean(name)}"')
    item = agent_item(rows[0])
    statuses: dict[str, Item] = {}
    for row in fetch(queries.STATUSES, {}):
        status = statuses.setdefault(
            row["status"], {"status": row["status"], "label": row["label"], "kind": row["kind"], "channels": []}
        )
        if row["channel"]:
            status["channels"].append(row["channel"])
    since = _(" since {age}").format(age=age(item["since"])) if item["since"] else ""
    lines = [f"{item['agent']}: {presence_words(item)}{since}", "", _("Statuses")]
    for each in statuses.values():
        channels = f"  ({', '.join(each['channels'])})" if each["channels"] else ""
        lines.append(f"  {PRESENCE.get(each['kind'], '◌')} {each['status']}{channels}")
    return Sheet({**item, "statuses": list(statuses.values())}, lines)


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
            "recipients": row["recipients"],
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
        Column(_("Case"), lambda i: f"#{i['case']}" if i["case"] else "", right=True),
        Column(_("State"), lambda i: signed(DELIVERY, i["state"])),
        Column(_("Tries"), lambda i: i["tries"], right=True),
        Column(_("Next try"), lambda i: clock(i["due_at"]) if i["state"] == "queued" else ""),
        Column(_("To"), lambda i: i["recipients"], flexible=True),
        Column(_("Error"), lambda i: i["error"], flexible=True),
    )
    return Listing("outbox", items, columns, words="" if items else _("Nothing in the outbox."))
