"""Reads about one queue, one agent and presence, over the same `fetch` port as `console.reads`."""

from __future__ import annotations

from console.i18n import _
from console.moment import age
from console.reads import agent_item, presence_words, queue_item, stuck, unknown
from console.reads_work import work_list
from console.render import Sheet, clean, pad, width
from console.words import PRESENCE, ROLES, WORK_STATES, signed, units
from data import queries

TYPE_CHECKING = False
if TYPE_CHECKING:
    from console.render import Item
    from data.queries import Fetch

_WORK_SHOWN = 200


def queue_show(fetch: Fetch, *, name: str) -> Sheet:
    """Show a queue with its figures and members."""
    rows = fetch(queries.QUEUES, {"queue": name})
    if not rows:
        raise unknown(fetch, "queue", name)
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
    names, statuses = ([each["agent"] for each in items], [presence_words(each) for each in items])
    longest, widest = max(map(width, names)), max(map(width, statuses))
    return [
        f"  {pad(name, longest)}  {pad(status, widest)}  {units(each['used'])}/{units(each['capacity'])}"
        for name, status, each in zip(names, statuses, items, strict=True)
    ]


def agent_show(fetch: Fetch, *, name: str) -> Sheet:
    """Show an agent with status, load, queues and the work in hand."""
    rows = fetch(queries.AGENTS, {"agent": name, "present": 0, "queue": None})
    if not rows:
        raise unknown(fetch, "agent", name)
    item = {**agent_item(rows[0]), "email": rows[0]["email"] or None, "presence": rows[0]["presence"]}
    queues = [row["queue"] for row in fetch(queries.AGENT_QUEUES, {"agent": name})]
    work = work_list(fetch, agent=name, limit=_WORK_SHOWN).items
    since = _(" for {age}").format(age=age(item["since"])) if item["since"] else ""
    load = _("load {used} of {capacity}").format(used=units(item["used"]), capacity=units(item["capacity"]))
    role = _(ROLES[item["role"]]) if item["role"] in ROLES else item["role"]
    lines = [
        f"{item['agent']}  {clean(item['name'])}",
        "  " + " · ".join([presence_words(item) + since, load, role]),
        "  " + (_("queues: {names}").format(names=", ".join(queues)) if queues else _("in no queue")),
    ]
    if work:
        lines += ["", _("Work")]
        lines += _work_lines(work)
    return Sheet({**item, "queues": queues, "work": work}, lines)


def _work_lines(work: list[Item]) -> list[str]:
    rows = [(str(each["work"]), f"#{each['case']}", signed(WORK_STATES, each["state"])) for each in work]
    widths = [max(map(width, cells)) for cells in zip(*rows, strict=True)]
    return [
        f"  {pad(number, widths[0], right=True)}  {pad(case, widths[1], right=True)}  {pad(state, widths[2])}"
        f"  {clean(each['subject'])}"
        for (number, case, state), each in zip(rows, work, strict=True)
    ]


def presence_show(fetch: Fetch, *, name: str) -> Sheet:
    """Show an agent's status, and which statuses there are."""
    rows = fetch(queries.AGENTS, {"agent": name, "present": 0, "queue": None})
    if not rows:
        raise unknown(fetch, "agent", name)
    item = agent_item(rows[0])
    statuses: dict[str, Item] = {}
    for row in fetch(queries.STATUSES, {}):
        status = statuses.setdefault(
            row["status"], {"status": row["status"], "label": row["label"], "kind": row["kind"], "channels": []}
        )
        if row["channel"]:
            status["channels"].append(row["channel"])
    since = _(" for {age}").format(age=age(item["since"])) if item["since"] else ""
    lines = [f"{item['agent']}: {presence_words(item)}{since}", "", _("Statuses")]
    for each in statuses.values():
        channels = f"  ({', '.join(each['channels'])})" if each["channels"] else ""
        lines.append(f"  {PRESENCE.get(each['kind'], '◌')} {each['status']}{channels}")
    return Sheet({**item, "statuses": list(statuses.values())}, lines)
