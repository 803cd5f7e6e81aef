"""What agents do with work: accept and decline its offers, and look into what they accepted."""

from __future__ import annotations

import json

from sqlalchemy import bindparam, select

from core import cases, presence
from core.actions.registry import action
from core.errors import DeclineNotAllowed, NotFound, NotHeld, NotOffered, OfferGone, ReasonRequired
from core.lookups import acting_agent, acting_for
from core.routing import offers
from core.routing import work as routing_work
from core.routing.held import Held, held_for_case, held_work
from data.schema import agents, assignments, presence_configurations, work_items
from data.text import OutsideText
from data.transaction import Tx

_LAST = (
    select(assignments.c.state, assignments.c.agent_id)
    .where(assignments.c.work_id == bindparam("b_work"), assignments.c.agent_id == bindparam("b_agent"))
    .order_by(assignments.c.id.desc())
    .limit(1)
)
_RULES = (
    select(
        agents.c.name,
        presence_configurations.c.name.label("configuration"),
        presence_configurations.c.decline_allowed,
        presence_configurations.c.decline_reason_required,
        presence_configurations.c.decline_reasons,
        presence_configurations.c.status_after_decline_id,
    )
    .join(presence_configurations, presence_configurations.c.id == agents.c.presence_configuration_id)
    .where(agents.c.id == bindparam("b_agent"))
)
_GONE = {
    "accepted": "it was accepted already",
    "wrapping": "it was accepted already",
    "closed": "it was done already",
    "declined": "it was declined",
    "timed_out": "it was not answered in time",
    "revoked": "it was taken back",
    "cancelled": "nobody needs to do it any more",
    "transferred": "it went elsewhere",
}


@action("work.accept", touches=("case", "work"))
def accept(tx: Tx, work: int, *, agent: str | None = None) -> int:
    """Accept the offer of a work item and return its case's number.

    Args:
        work: the work item.
        agent: for whom; without one the acting agent. For somebody else it takes a supervisor.
    """
    held = _offer(tx, work, _agent(tx, agent, "work.accept"))
    offers.accept(tx, [held])
    routing_work.weigh_accepted(tx, {held.case_id: tx.cause})
    return held.case_id


@action("work.decline", touches=("work", "presence"))
def decline(tx: Tx, work: int, *, reason: str = "", agent: str | None = None) -> None:
    """Decline the offer of a work item: it goes back in line at once, and the agent is not asked again in this round.

    Args:
        work: the work item.
        reason: why; required where the presence configuration says so.
        agent: for whom; without one the acting agent. For somebody else it takes a supervisor.
    """
    agent_id = _agent(tx, agent, "work.decline")
    held = _offer(tx, work, agent_id)
    rules = tx.connection.execute(_RULES, {"b_agent": agent_id}).one()
    if not rules.decline_allowed:
        raise DeclineNotAllowed(agent=rules.name, configuration=rules.configuration)
    reasons = json.loads(rules.decline_reasons)
    if rules.decline_reason_required and (not reason.strip() or (reasons and reason not in reasons)):
        raise ReasonRequired(reasons=", ".join(reasons) or "any text")
    offers.decline(tx, held, OutsideText(reason) if reason.strip() else None)
    presence.force_status(tx, agent_id, rules.status_after_decline_id, "declined")


@action("work.open", touches=("work",))
def look_into(tx: Tx, case: int) -> bool:
    """Note that the acting agent opened the case of accepted work; return False where it was noted before.

    Args:
        case: its number.
    """
    agent_id = acting_agent(tx)
    held = held_for_case(tx, case)
    if held is None or held.agent_id != agent_id or held.state == "offered":
        cases.load(tx, case)
        raise NotHeld(case=case, agent=tx.actor.name)
    return routing_work.opened(tx, case, agent_id)


def _agent(tx: Tx, name: str | None, what: str) -> int:
    return acting_agent(tx) if name is None else acting_for(tx, name, what)


def _offer(tx: Tx, work_id: int, agent_id: int) -> Held:
    for held in held_work(tx, [work_id]):
        if held.agent_id == agent_id and held.state == "offered":
            return held
    if tx.first(select(work_items.c.id).where(work_items.c.id == work_id)) is None:
        raise NotFound(what="work item", which=str(work_id))
    name = tx.scalar(select(agents.c.name).where(agents.c.id == agent_id))
    last = tx.first(_LAST, {"b_work": work_id, "b_agent": agent_id})
    if last is None:
        raise NotOffered(work=work_id, agent=name)
    raise OfferGone(work=work_id, agent=name, why=_GONE.get(last.state, last.state))
