"""Merging: one case goes into another, with all that was said on it, and leaves a redirect behind."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from sqlalchemy import BindParameter, bindparam, delete, insert, or_, select, update

from core import cases, events, fields, settings
from data.inserts import add_missing
from data.schema import (
    case_followers,
    case_links,
    case_participants,
    case_redirects,
    case_tags,
    case_values,
    custom_fields,
    delayed_actions,
    drafts,
    mail_threads,
    messages,
    webhook_calls,
)
from data.text import OutsideText
from data.transaction import Tx

_OF: BindParameter[int] = bindparam("b_case")
_NEWEST = select(messages.c.id, messages.c.direction, messages.c.auto).order_by(messages.c.id.desc()).limit(1)
_NEWEST_OF = _NEWEST.where(messages.c.case_id == _OF)
_MAIL_IDS = select(mail_threads.c.mail_id).where(mail_threads.c.case_id == _OF)
_PEOPLE = select(case_participants.c.contact_id).where(case_participants.c.case_id == _OF)
_FOLLOWERS = select(case_followers.c.agent_id, case_followers.c.part).where(case_followers.c.case_id == _OF)
_TAGS = select(case_tags.c.tag).where(case_tags.c.case_id == _OF)
_FILLED = select(case_values.c.field_id).where(case_values.c.case_id == _OF)
_VALUES = select(case_values).where(case_values.c.case_id == _OF)
_LINKS = select(case_links).where(or_(case_links.c.case_id == _OF, case_links.c.other_id == _OF))
_DRAFTS = select(drafts.c.agent_id, drafts.c.kind, drafts.c.text).where(drafts.c.case_id == _OF)


def merge(tx: Tx, number: int, into: int) -> bool:
    """Move all that was said on a case to another one, and lead there whoever looks for it.

    What the other case has already stays: a field that is filled, an agent's part, a draft that an agent is writing there.
    The case itself is left as it is; its work and status are its caller's.

    Returns:
        Whether the newest message on the other case is now one of the customer's that came from this one.
    """
    newest = tx.first(_NEWEST_OF, {"b_case": number})
    before = tx.first(_NEWEST_OF, {"b_case": into})
    _move_messages(tx, number, into)
    _add_people(tx, number, into)
    _add_marks(tx, number, into)
    _move_drafts(tx, number, into)
    _move_links(tx, number, into)
    for table in (webhook_calls, delayed_actions):
        tx.execute(update(table).where(table.c.case_id == number).values(case_id=into))
    tx.execute(update(case_redirects).where(case_redirects.c.into_id == number).values(into_id=into))
    tx.execute(insert(case_redirects), {"case_id": number, "into_id": into, "at": tx.now})
    cases.touch(tx, into)
    tx.record(events.CaseMerged(case_id=number, into=into))
    tx.record(events.CaseTookOver(case_id=into, other=number))
    if newest is None or newest.direction != "inbound" or newest.auto:
        return False
    return before is None or newest.id > before.id


def _move_messages(tx: Tx, number: int, into: int) -> None:
    tx.execute(update(messages).where(messages.c.case_id == number).values(case_id=into))
    rows = [{"mail_id": row.mail_id, "case_id": into} for row in tx.all(_MAIL_IDS, {"b_case": number})]
    if rows:
        add_missing(tx, mail_threads, rows)
        tx.execute(delete(mail_threads).where(mail_threads.c.case_id == number))


def _add_people(tx: Tx, number: int, into: int) -> None:
    for row in tx.all(_PEOPLE, {"b_case": number}):
        cases.join(tx, into, row.contact_id)
    present = {row.agent_id for row in tx.all(_FOLLOWERS, {"b_case": into})}
    for row in tx.all(_FOLLOWERS, {"b_case": number}):
        if row.agent_id not in present:
            cases.follow(tx, into, row.agent_id, row.part)


def _add_marks(tx: Tx, number: int, into: int) -> None:
    for row in tx.all(_TAGS, {"b_case": number}):
        cases.tag(tx, into, row.tag)
    filled = {row.field_id for row in tx.all(_FILLED, {"b_case": into})}
    declared = {row.id: fields.of_row(row._mapping) for row in tx.all(select(custom_fields))}
    new = [row for row in tx.all(_VALUES, {"b_case": number}) if row.field_id not in filled]
    if new:
        tx.execute(insert(case_values), [{**row._mapping, "case_id": into} for row in new])
    zone = ZoneInfo(settings.get(tx, "time_zone"))
    for field_id in dict.fromkeys(row.field_id for row in new):
        field = declared[field_id]
        value = fields.plain(fields.value_of(tx, field, into), field, zone)
        tx.record(events.CaseChanged(case_id=into, name=field.name, new=value))


def _move_links(tx: Tx, number: int, into: int) -> None:
    for row in tx.all(_LINKS, {"b_case": number}):
        other = row.other_id if row.case_id == number else row.case_id
        cases.unlink(tx, number, other)
        if other != into:
            cases.link(tx, into, other, row.why)


def _move_drafts(tx: Tx, number: int, into: int) -> None:
    """Move what agents are writing; where one writes on both, the texts stand below each other, and none is lost.

    An answer and a note become a note: what was meant for colleagues must not go to the customer.
    """
    there = {row.agent_id: row for row in tx.all(_DRAFTS, {"b_case": into})}
    for row in tx.all(_DRAFTS, {"b_case": number}):
        own = (drafts.c.agent_id == row.agent_id, drafts.c.case_id == number)
        if row.agent_id not in there:
            tx.execute(update(drafts).where(*own).values(case_id=into))
            continue
        other = there[row.agent_id]
        both = OutsideText(f"{other.text.raw}\n\n{row.text.raw}")
        kind = other.kind if other.kind == row.kind else "note"
        tx.execute(delete(drafts).where(*own))
        tx.execute(
            update(drafts)
            .where(drafts.c.agent_id == row.agent_id, drafts.c.case_id == into)
            .values(text=both, kind=kind)
        )
