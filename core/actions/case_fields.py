"""What people and rules say of a case: its fields, status, priority and tags, and what rules make of it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Literal
from zoneinfo import ZoneInfo

from core import cases, classifying, fields, settings
from core.actions import cases as case_actions
from core.actions.registry import action
from core.conditions.at_desk import at_desk
from core.conditions.case_fields import facts_of
from core.conditions.condition import Condition
from core.config.problems import got, nearest_or_all
from core.config.values import LANGUAGE
from core.errors import EmptyPart, UnknownField, UnknownTag, UnknownType, WrongStatus, WrongUsage
from core.events import CaseChanged, CaseClassified
from data.queries import fetch_over
from data.text import composed, storable
from data.transaction import Tx

BOUNDS = {"priority": 5, "level": 9}
"""Numbers that every case has, from 1 to this."""
_COLUMNS = {"subject": "subject", "type": "case_type", "language": "language", **{each: each for each in BOUNDS}}
_LONGEST_SUBJECT = 1_000


@action("case.set", touches=("case",), undone_by="case.set")
def set_fields(tx: Tx, case: int, fields: Mapping[str, Any]) -> list[str]:
    """Set fields of a case, all or none, and return the names of those that changed.

    Args:
        case: its number.
        fields: values by the field's name: subject, type, priority, level, language, and the desk's own. Nothing, or an empty text,
            takes the value away.
    """
    row = cases.load(tx, case)
    return [name for name, value in fields.items() if _set(tx, row, name, value)]


def _set(tx: Tx, case: Any, name: str, value: object) -> bool:
    if name in BOUNDS:
        return cases.change_column(tx, case, name, _bounded(name, value))
    if name in _COLUMNS:
        return cases.change_column(tx, case, _COLUMNS[name], _text(tx, name, value))
    declared = fields.of_desk(tx)
    if name not in declared:
        raise UnknownField(which=got(name), hint=nearest_or_all(name, (*_COLUMNS, *declared)))
    field = declared[name]
    zone = ZoneInfo(settings.get(tx, "time_zone"))
    new = fields.read_value(field, value, zone)
    old = fields.value_of(tx, field, case.id)
    if new == old:
        return False
    fields.put_value(tx, field, case.id, new)
    cases.touch(tx, case.id)
    tx.record(
        CaseChanged(case_id=case.id, name=name, old=fields.plain(old, field, zone), new=fields.plain(new, field, zone))
    )
    return True


def _bounded(name: str, value: object) -> int:
    # Not more digits than any bound needs: Python refuses to read thousands of them.
    whole = int(value) if isinstance(value, str) and len(value) < 20 and value.strip().isdecimal() else value
    if not isinstance(whole, int) or isinstance(whole, bool) or not 1 <= whole <= BOUNDS[name]:
        raise WrongUsage(reason=f"A {name} is a whole number from 1 to {BOUNDS[name]}, not {got(value)}.")
    return whole


def _text(tx: Tx, name: str, value: object) -> str | None:
    text = storable(" ".join(value.split())) if isinstance(value, str) else ""
    if value is not None and not isinstance(value, str):
        raise WrongUsage(reason=f"The {name} is text, not {got(value)}.")
    if name == "subject":
        if not text:
            raise EmptyPart(what="subject")
        if len(text) > _LONGEST_SUBJECT:
            raise WrongUsage(reason=f"A subject has at most {_LONGEST_SUBJECT:,} characters.")
    if name == "language" and text and not LANGUAGE.fullmatch(text):
        raise WrongUsage(reason=f"A language is written as en or pt-BR, not as {got(text)}.")
    text = composed(text) if name == "type" else text
    if name == "type" and text and text not in (known := json.loads(settings.get(tx, "case_types"))):
        raise UnknownType(which=got(text), hint=nearest_or_all(text, known))
    return text or None


@action("case.set_priority", touches=("case",), undone_by="case.set_priority")
def set_priority(tx: Tx, case: int, priority: int) -> bool:
    """Set the priority of a case, 1 low to 5 critical; return False where it has it."""
    return bool(set_fields(tx, case, {"priority": priority}))


@action("case.set_status", touches=("case", "work"), undone_by="case.set_status")
def set_status(
    tx: Tx,
    case: int,
    status: Literal["open", "waiting_customer", "on_hold", "resolved", "closed"],
    *,
    seconds: int | None = None,
    reason: str = "",
) -> bool:
    """Bring a case into a status, with all that this means for its work; return False where it has it.

    Args:
        case: its number.
        status: the status; `closed` takes a supervisor.
        seconds: for how long, where it is put on hold.
        reason: why, where it is put on hold.
    """
    if status == "on_hold":
        if seconds is None:
            raise WrongUsage(reason="A case is held for a time: say seconds, and a reason.")
        case_actions.hold(tx, case, seconds=seconds, reason=reason)
        return True
    if status == "resolved":
        return case_actions.resolve(tx, case)
    if status == "closed":
        return case_actions.close(tx, case)
    row = cases.load(tx, case)
    if row.status == status:
        return False
    if row.status in ("resolved", "closed"):
        if status == "waiting_customer":
            raise WrongStatus(
                case=case,
                status=row.status,
                action="waiting for the customer",
                possible="not resolved; reopen it first",
            )
        return case_actions.reopen(tx, case)
    case_actions.to_working_status(tx, row, status)
    return True


@action("case.tag", touches=("case",), undone_by="case.untag")
def tag(tx: Tx, case: int, tag: str) -> bool:
    """Give a case one of the desk's tags; return False where it has it."""
    cases.load(tx, case)
    known, tag = json.loads(settings.get(tx, "tags")), composed(tag)
    if tag not in known:
        raise UnknownTag(which=got(tag), hint=nearest_or_all(tag, known))
    return cases.tag(tx, case, tag)


@action("case.untag", touches=("case",), undone_by="case.tag")
def untag(tx: Tx, case: int, tag: str) -> bool:
    """Take a tag off a case; return False where it has not got it."""
    cases.load(tx, case)
    return cases.untag(tx, case, composed(tag))


@action("case.classify", touches=("case",))
def classify(tx: Tx, case: int, classification: str) -> list[str]:
    """Let the rules of a classification set fields of a case, and return the names of those that changed.

    Args:
        case: its number.
        classification: one of the configuration's. Each field is set by the first rule that holds and names it; all
            rules look at the case as it was before.
    """
    row = cases.load(tx, case)
    rules = classifying.rules_of(tx, classification)
    fetch = fetch_over(tx.connection)
    here = at_desk(fetch, tx.now)
    conditions = {rule.when: Condition.read(rule.when.strip(), here.vocabulary, here.calendars) for rule in rules}
    paths = frozenset(path for each in conditions.values() for path in each.paths)
    facts = facts_of(fetch, here.vocabulary, paths, case) or {}
    outcome = classifying.classify(rules, lambda when: conditions[when].holds(facts, here.world))
    changed = [name for name, value in outcome.values.items() if _set(tx, row, name, value)]
    if changed:
        tx.record(
            CaseClassified(case_id=case, classification=classification, fields=changed, reasons=list(outcome.reasons))
        )
    return changed
