"""The reads about work: what waits, is offered or is in hand, and why a work item went where it went.

What an item still waits for is explained by the router's own code, which needs the full path: `explain` is that port.
"""

from __future__ import annotations

import json

from console.i18n import N_, _, ngettext
from console.moment import age, clock, duration, left, moment
from console.reads import bounded, known, missing, wrong
from console.reads_cases import holder
from console.render import Column, Listing, Sheet, clean
from console.words import WORK_STATES, signed
from data import queries
from data.queries import Query

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from console.render import Item
    from data.queries import Fetch, Row

STATES = ("waiting", "offered", "accepted")
OBSTACLES = {
    "offline": N_("{agent} is {status}"),
    "busy": N_("{agent} is {status}"),
    "channel": N_("{agent} does not take this channel now"),
    "disconnected": N_("{agent} has lost the connection"),
    "declined": N_("{agent} declined it in this round"),
    "timed_out": N_("{agent} did not answer in this round"),
    "no_room": N_("{agent} has no room"),
}


DECLINING = Query(
    "work.declining",
    """select pc.decline_allowed as allowed, pc.decline_reason_required as required, pc.decline_reasons as reasons
from agents a join presence_configurations pc on pc.id = a.presence_configuration_id where a.name = cast(:agent as text)""",
)
_EVERYBODY = {"agent": None, "present": 0, "queue": None}


class NeedsRouter(Exception):
    """The item still waits, and the path that asks has no router to explain why."""


def work_list(
    fetch: Fetch, *, state: str | None = None, queue: str | None = None, agent: str | None = None, limit: int = 50
) -> Listing:
    """List work: what waits in the order of the line, then offers, then what is in hand."""
    if state is not None and state not in STATES:
        raise wrong(
            _("There is no state {state}. Known are {known}.").format(state=clean(state), known=", ".join(STATES))
        )
    known(fetch, "queue", queue)
    known(fetch, "agent", agent)
    bounded(limit)
    rows: list[Row] = []
    if state in (None, "waiting") and agent is None:
        rows += fetch(queries.WORK_WAITING, {"queue": queue, "limit": limit + 1})
    for each, first, second in (("offered", "offered", "offered"), ("accepted", "accepted", "wrapping")):
        if state in (None, each) and len(rows) <= limit:
            rows += fetch(
                queries.WORK_HELD,
                {"first": first, "second": second, "queue": queue, "agent": agent, "limit": limit + 1 - len(rows)},
            )
    items = [_work_item(row) for row in rows[:limit]]
    words = "" if items else _("No work.")
    if len(rows) > limit:
        words = _("There is more; raise --limit, or name a --state or a --queue.")
    return Listing("work", items, columns(), words=words)


def columns() -> tuple[Column, ...]:
    """Return the columns of a list of work."""
    return (
        Column(_("Work"), lambda i: i["work"], right=True),
        Column(_("Case"), lambda i: f"#{i['case']}", right=True, dispensable=1),
        Column(_("State"), lambda i: signed(WORK_STATES, i["state"])),
        Column(_("Queue"), lambda i: i["queue"], flexible=True, dispensable=5),
        Column(_("Agent"), lambda i: i["agent"], flexible=True, dispensable=2),
        Column(_("Waited"), _waited, right=True, dispensable=4),
        Column(_("Left"), lambda i: left(i["deadline_at"]) if _counts_down(i) else "", right=True, dispensable=3),
        Column(_("Subject"), lambda i: i["subject"], flexible=True),
    )


def _waited(item: Item) -> str:
    """Return how long a work item waits for somebody to accept it, or waited."""
    return duration(item["accepted_at"] - item["requested_at"]) if item["accepted_at"] else age(item["requested_at"])


def _counts_down(item: Item) -> bool:
    return item["state"] == "offered" and item["deadline_at"] is not None


def _work_item(row: Row) -> Item:
    return {
        "work": row["work"],
        "case": row["case"],
        "subject": row["subject"],
        "state": row["state"],
        "queue": row["queue"],
        "channel": row["channel"],
        "agent": row["agent"],
        "priority": row["priority"],
        "weight": row["weight"],
        "round": row["round"],
        "requested_at": moment(row["requested_at"]),
        "offered_at": moment(row["offered_at"]),
        "accepted_at": moment(row["accepted_at"]),
        "deadline_at": moment(row["deadline_at"]),
        "next_round_at": moment(row["next_round_at"]),
    }


def work_show(fetch: Fetch, *, number: int, explain: Callable[[int], Any] | None = None) -> Sheet:
    """Show a work item: why it went where it went, or what it waits for."""
    rows = fetch(queries.WORK, {"work": number})
    if not rows:
        raise missing("work item", str(number))
    item = {**_work_item(rows[0]), "ended_at": moment(rows[0]["ended_at"])}
    if item["state"] == "waiting" and explain is None:
        raise NeedsRouter
    names = {row["id"]: row["name"] for row in fetch(queries.AGENT_NAMES, {})}
    offers = [_offer_item(row, names) for row in fetch(queries.ASSIGNMENTS, {"work": number})]
    head = _("Work {work}: #{case} {subject}").format(
        work=item["work"], case=item["case"], subject=clean(item["subject"])
    )
    lines = [head, f"  {holder(item)}"]
    case = fetch(queries.CASE, {"case": item["case"]})[0]
    if case["status"] == "on_hold":
        when = clock(case["hold_until"], seconds=True)
        lines.append("  " + _("on hold until {when}: {reason}").format(when=when, reason=clean(case["hold_reason"])))
    if item["state"] == "offered":
        lines += _reasons(fetch, item["agent"])
    lines += [part for each in offers for part in _offer_lines(each)]
    item["assignments"] = offers
    item["waits"] = None
    if item["state"] == "waiting" and explain is not None:
        found = explain(number)
        statuses = {row["agent"]: row["status"] for row in fetch(queries.AGENTS, _EVERYBODY)}
        item["waits"], told = _waits(found, item, names, statuses)
        lines += ["", *told]
    return Sheet(item, lines)


def _offer_item(row: Row, names: dict[int, str]) -> Item:
    choice = json.loads(row["choice"])
    best = [
        {"agent": names.get(agent_id, f"{agent_id}"), "open_items": items}
        for items, _since, agent_id in choice.get("best", ())
    ]
    return {
        "agent": row["agent"],
        "state": row["state"],
        "round": row["round"],
        "by_hand": bool(row["forced"]),
        "offered_at": moment(row["offered_at"]),
        "deadline_at": moment(row["deadline_at"]),
        "accepted_at": moment(row["accepted_at"]),
        "ended_at": moment(row["ended_at"]),
        "reason": row["reason"],
        "eligible": choice.get("eligible"),
        "best": best,
    }


def _offer_lines(offer: Item) -> list[str]:
    state = signed(WORK_STATES, offer["state"]) + (f": {clean(offer['reason'])}" if offer["reason"] else "")
    if offer["by_hand"]:
        why = _("Given by hand; nobody was compared.")
    elif not offer["eligible"]:
        why = _("Why is not recorded.")
    else:
        counted = [
            ngettext("{agent} with {n} open item", "{agent} with {n} open items", each["open_items"]).format(
                agent=each["agent"], n=each["open_items"]
            )
            for each in offer["best"]
        ]
        why = ngettext("{n} agent could take it", "{n} agents could take it", offer["eligible"]).format(
            n=offer["eligible"]
        )
        why += "; " + _("fewest open items first: {best}.").format(best=", ".join(counted))
    when = _("{when}  to {agent}, round {round}: {state}").format(
        when=clock(offer["offered_at"]), agent=offer["agent"], round=offer["round"], state=state
    )
    return ["", f"  {when}", f"    {why}"]


def _reasons(fetch: Fetch, agent: str) -> list[str]:
    """Return what an agent has to say who declines, if anything."""
    rows = fetch(DECLINING, {"agent": agent})
    if not rows or not rows[0]["allowed"]:
        return ["  " + _("{agent} may not decline it.").format(agent=agent)]
    reasons = json.loads(rows[0]["reasons"])
    if not rows[0]["required"]:
        return []
    known = ", ".join(map(clean, reasons))
    return ["  " + (_("To decline it, give a reason: {known}.").format(known=known or _("any text")))]


def _waits(found: Any, item: Item, names: dict[int, str], statuses: dict[str, str]) -> tuple[Item, list[str]]:
    """Return what an item waits for, as an object and in words. `found` is the router's explanation, None where nothing routes it."""
    if found is None:
        text = _(
            "  Its queue has no routing configuration: somebody takes it by hand (deskline case assign {case} --agent NAME)."
        )
        return {"routed": False, "eligible": [], "left_out": []}, [text.format(case=item["case"])]
    eligible = [names.get(each.agent_id, str(each.agent_id)) for each in found.eligible]
    left_out = [(names.get(agent_id, str(agent_id)), why) for agent_id, why in found.left_out]
    lines = []
    if eligible:
        lines.append(
            "  " + _("Next in line for {agent}; the engine offers it at its next turn.").format(agent=eligible[0])
        )
    elif left_out:
        lines.append("  " + _("Nobody can take it now:"))
    else:
        lines.append(
            "  "
            + _("Its queue has no members. Add one with: deskline queue join {queue} NAME").format(queue=item["queue"])
        )
    lines += [
        "    " + _(OBSTACLES.get(why, why)).format(agent=agent, status=statuses.get(agent, why))
        for agent, why in sorted(left_out)
    ]
    if item["next_round_at"]:
        when = clock(item["next_round_at"], seconds=True)
        lines.append("  " + _("Everybody present was asked; asked again at {when}.").format(when=when))
    waits = {
        "routed": True,
        "eligible": eligible,
        "left_out": [{"agent": agent, "why": why} for agent, why in sorted(left_out)],
    }
    return waits, lines
