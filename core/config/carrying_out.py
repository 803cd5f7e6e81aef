"""Carrying the steps of a plan out on the tables.

Nothing that history refers to is ever deleted: what leaves the configuration is marked as not active, and comes back as the same
row when it is named again.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from sqlalchemy import Table, delete, insert, select, update

from core import presence, settings
from core.config.describing import describe
from core.config.document import (
    Address,
    Imap,
    Secret,
)
from core.config.filled import refuse_unfit_kind
from core.config.plan import Change
from core.config.stored import revision, thousandths, written_decimal
from core.errors import NotFound
from core.events import DeskConfigured
from core.routing import work
from core.routing.held import held_by
from core.routing.loads import start_queue
from data.schema import (
    agent_loads,
    agents,
    calendars,
    channels,
    classifications,
    custom_fields,
    mail_receipts,
    mailbox_states,
    mailboxes,
    presence_configurations,
    presence_intervals,
    presence_status_channels,
    presence_statuses,
    queue_members,
    queues,
    routing_addresses,
    routing_configurations,
    templates,
    views,
)
from data.transaction import Tx


def carry_out(tx: Tx, changes: Iterable[Change]) -> int:
    """Make the changes of a plan, in its order, and return the new revision; without changes nothing happens."""
    made = list(changes)
    if not made:
        return revision(tx)
    for change in made:
        values = {each.field: each.new for each in change.fields}
        if change.kind == "remove":
            _REMOVE.get(change.section, _retire)(tx, change.section, change.name)
        else:
            _WRITE[change.section](tx, change.name, values)
    number = revision(tx) + 1
    settings.put(tx, "revision", str(number))
    tx.record(DeskConfigured(revision=number, changes=[describe(change) for change in made]))
    return number


_TABLES: dict[str, Table] = {
    "fields": custom_fields,
    "calendars": calendars,
    "channels": channels,
    "presence_statuses": presence_statuses,
    "presence_configurations": presence_configurations,
    "routing_configurations": routing_configurations,
    "queues": queues,
    "agents": agents,
    "mailboxes": mailboxes,
    "templates": templates,
    "classifications": classifications,
    "views": views,
}


def _id(tx: Tx, section: str, name: str | None) -> int | None:
    if name is None:
        return None
    table = _TABLES[section]
    found: int | None = tx.scalar(select(table.c.id).where(table.c.name == name))
    if found is None:
        raise NotFound(what=section.replace("_", " "), which=f'"{name}"')
    return found


def _store(tx: Tx, section: str, name: str, columns: dict[str, Any]) -> tuple[int, bool]:
    """Write an entry's row, the one that it had before where there was one; return its id and whether it is new."""
    table = _TABLES[section]
    found = tx.scalar(select(table.c.id).where(table.c.name == name))
    if found is not None:
        tx.execute(update(table).where(table.c.id == found).values(active=1, **columns))
        return int(found), False
    row_id = tx.new_id(table)
    tx.execute(insert(table), {"id": row_id, "name": name, **columns})
    return row_id, True


def _retire(tx: Tx, section: str, name: str) -> None:
    table = _TABLES[section]
    tx.execute(update(table).where(table.c.name == name).values(active=0))


def _columns(values: dict[str, Any], **names: str) -> dict[str, Any]:
    """Return the columns for those fields that the change states, renamed and turned into what a column holds."""
    columns: dict[str, Any] = {}
    for field, column in names.items():
        if field in values:
            value = values[field]
            if isinstance(value, Decimal):
                value = thousandths(value)
            elif isinstance(value, bool):
                value = int(value)
            elif isinstance(value, tuple):
                value = json.dumps(list(value), ensure_ascii=False)
            elif isinstance(value, Mapping):
                value = json.dumps(dict(value), ensure_ascii=False)
            columns[column] = value
    return columns


def _write_desk(tx: Tx, _name: str, values: dict[str, Any]) -> None:
    for field, value in values.items():
        text = json.dumps(list(value), ensure_ascii=False) if isinstance(value, tuple) else str(value or "")
        if isinstance(value, Secret):
            text = value.model_dump_json(exclude_none=True)
        settings.put(tx, field, "0" if value == 0 and field == "reopen_days" else text)


def _write_field(tx: Tx, name: str, values: dict[str, Any]) -> None:
    if "kind" in values:
        refuse_unfit_kind(tx, name, values["kind"])
    _store(tx, "fields", name, _columns(values, label="label", kind="kind", choices="choices"))


def _write_template(tx: Tx, name: str, values: dict[str, Any]) -> None:
    columns = _columns(values, label="label", subject="subject", text="text")
    if "languages" in values:
        texts = {tag: each.model_dump() for tag, each in sorted(values["languages"].items())}
        columns["languages"] = json.dumps(texts, ensure_ascii=False)
    _store(tx, "templates", name, columns)


def _write_classification(tx: Tx, name: str, values: dict[str, Any]) -> None:
    rules = [each.model_dump(by_alias=True) for each in values["rules"]]
    text = json.dumps(rules, ensure_ascii=False, default=written_decimal)
    _store(tx, "classifications", name, {"rules": text})


def _write_view(tx: Tx, name: str, values: dict[str, Any]) -> None:
    _store(tx, "views", name, _columns(values, label="label", where="condition", columns="columns"))


def _write_calendar(tx: Tx, name: str, values: dict[str, Any]) -> None:
    columns = _columns(values, zone="zone", week="week", holidays="holidays", exceptions="exceptions")
    _store(tx, "calendars", name, columns)


def _write_channel(tx: Tx, name: str, values: dict[str, Any]) -> None:
    columns = _columns(values, label="label", weight="weight", paused_weight="paused_weight", sign_out="sign_out")
    if "fallback_queue" in values:
        columns["fallback_queue_id"] = _id(tx, "queues", values["fallback_queue"])
    _store(tx, "channels", name, columns)


def _write_status(tx: Tx, name: str, values: dict[str, Any]) -> None:
    status_id, _ = _store(tx, "presence_statuses", name, _columns(values, label="label", kind="kind"))
    if "channels" in values:
        tx.execute(delete(presence_status_channels).where(presence_status_channels.c.status_id == status_id))
        rows = [{"status_id": status_id, "channel_id": _id(tx, "channels", each)} for each in values["channels"]]
        if rows:
            tx.execute(insert(presence_status_channels), rows)


def _write_presence_configuration(tx: Tx, name: str, values: dict[str, Any]) -> None:
    columns = _columns(
        values,
        capacity="capacity",
        auto_accept="auto_accept",
        decline_allowed="decline_allowed",
        decline_reason_required="decline_reason_required",
        decline_reasons="decline_reasons",
        wrap_up="wrap_up_s",
        grace="grace_s",
    )
    for field in ("status_after_decline", "status_after_timeout"):
        if field in values:
            columns[f"{field}_id"] = _id(tx, "presence_statuses", values[field])
    _store(tx, "presence_configurations", name, columns)


def _write_routing_configuration(tx: Tx, name: str, values: dict[str, Any]) -> None:
    columns = _columns(
        values,
        priority="priority",
        model="model",
        push_timeout="push_timeout_s",
        weight="weight",
        round_pause="round_pause_s",
    )
    _store(tx, "routing_configurations", name, columns)


def _write_agent(tx: Tx, name: str, values: dict[str, Any]) -> None:
    columns = _columns(values, name="full_name", role="role")
    if "email" in values:
        columns["email"] = values["email"] or ""
    if "presence" in values:
        columns["presence_configuration_id"] = _id(tx, "presence_configurations", values["presence"])
    agent_id, new = _store(tx, "agents", name, columns)
    if new:
        tx.execute(insert(agent_loads), {"agent_id": agent_id})


def _write_queue(tx: Tx, name: str, values: dict[str, Any]) -> None:
    columns = _columns(values, label="label")
    if "routing" in values:
        columns["routing_configuration_id"] = _id(tx, "routing_configurations", values["routing"])
    queue_id, new = _store(tx, "queues", name, columns)
    if new:
        start_queue(tx, queue_id)
    if "members" in values:
        tx.execute(delete(queue_members).where(queue_members.c.queue_id == queue_id))
        rows = [{"queue_id": queue_id, "agent_id": _id(tx, "agents", each)} for each in values["members"]]
        if rows:
            tx.execute(insert(queue_members), rows)


def _write_mailbox(tx: Tx, name: str, values: dict[str, Any]) -> None:
    before = tx.first(select(mailboxes.c.id, mailboxes.c.imap).where(mailboxes.c.name == name))
    columns = _columns(values, sender="from_header")
    for field in ("imap", "smtp"):
        if field in values:
            entry = values[field]
            columns[field] = None if entry is None else entry.model_dump_json(by_alias=True)
    mailbox_id, new = _store(tx, "mailboxes", name, columns)
    if new:
        tx.execute(insert(mailbox_states), {"mailbox_id": mailbox_id})
    elif before is not None and "imap" in values and _account(before.imap) != _account(columns["imap"]):
        _forget_positions(tx, mailbox_id)
    if "addresses" in values:
        _write_addresses(tx, mailbox_id, values["addresses"])


def _account(imap: str | None) -> tuple[object, ...] | None:
    """Return what makes two settings name the same folder on the same server."""
    if imap is None:
        return None
    entry = Imap.model_validate_json(imap)
    return (entry.host, entry.port_number(), entry.user, entry.folder)


def _forget_positions(tx: Tx, mailbox_id: int) -> None:
    """Start anew where a mailbox's mail lies elsewhere now: the numbers that mails had there mean nothing here."""
    tx.execute(
        update(mailbox_states)
        .where(mailbox_states.c.mailbox_id == mailbox_id)
        .values(uidvalidity=None, next_uid=None, polled_at=None, failed_at=None, failure=None)
    )
    tx.execute(update(mail_receipts).where(mail_receipts.c.mailbox_id == mailbox_id).values(uidvalidity=None, uid=None))


def _write_addresses(tx: Tx, mailbox_id: int, wanted: dict[str, Address]) -> None:
    """Bring a mailbox's addresses to those wanted; one that another mailbox had moves over, whichever is written first."""
    rows = tx.all(select(routing_addresses.c.id, routing_addresses.c.address, routing_addresses.c.mailbox_id))
    present = {row.address: row.id for row in rows}
    for row in rows:
        if row.mailbox_id == mailbox_id and row.address not in wanted:
            tx.execute(delete(routing_addresses).where(routing_addresses.c.id == row.id))
    for address, entry in wanted.items():
        columns = {
            "mailbox_id": mailbox_id,
            "queue_id": _id(tx, "queues", entry.queue),
            "priority": entry.priority,
            "case_type": entry.type,
            "language": entry.language,
        }
        if address in present:
            tx.execute(update(routing_addresses).where(routing_addresses.c.id == present[address]).values(**columns))
        else:
            tx.execute(insert(routing_addresses), {"id": tx.new_id(routing_addresses), "address": address, **columns})


_WRITE = {
    "desk": _write_desk,
    "fields": _write_field,
    "calendars": _write_calendar,
    "channels": _write_channel,
    "presence_statuses": _write_status,
    "presence_configurations": _write_presence_configuration,
    "routing_configurations": _write_routing_configuration,
    "agents": _write_agent,
    "queues": _write_queue,
    "mailboxes": _write_mailbox,
    "templates": _write_template,
    "classifications": _write_classification,
    "views": _write_view,
}


def _remove_agent(tx: Tx, section: str, name: str) -> None:
    """Take an agent off the desk: signed out, and everything that was in the agent's hands goes back to its queue."""
    agent_id = _id(tx, section, name)
    assert agent_id is not None
    _sign_out(tx, agent_id, "removed from the desk")
    for held in held_by(tx, agent_id):
        if held.state == "accepted":
            work.transfer(tx, held, held.queue_id, "agent removed")
    tx.execute(delete(queue_members).where(queue_members.c.agent_id == agent_id))
    _retire(tx, section, name)


def _remove_status(tx: Tx, section: str, name: str) -> None:
    """Take a status away: agents who are in it go offline."""
    status_id = _id(tx, section, name)
    present = tx.all(
        select(presence_intervals.c.agent_id).where(
            presence_intervals.c.status_id == status_id, presence_intervals.c.ended_at.is_(None)
        )
    )
    for row in present:
        _sign_out(tx, row.agent_id, "status removed")
    tx.execute(delete(presence_status_channels).where(presence_status_channels.c.status_id == status_id))
    _retire(tx, section, name)


def _sign_out(tx: Tx, agent_id: int, why: str) -> None:
    offline = tx.first(select(presence_statuses).where(presence_statuses.c.kind == "offline").limit(1))
    if offline is not None:
        presence.set_status(tx, agent_id, offline, why)


def _remove_queue(tx: Tx, section: str, name: str) -> None:
    """Take a queue away; the engine moves what waits in it to the fallback queue, with its age."""
    queue_id = _id(tx, section, name)
    _retire(tx, section, name)
    tx.execute(delete(queue_members).where(queue_members.c.queue_id == queue_id))


def _remove_mailbox(tx: Tx, section: str, name: str) -> None:
    """Take a mailbox away: it is polled no more, and its addresses are free for another one."""
    mailbox_id = _id(tx, section, name)
    tx.execute(delete(routing_addresses).where(routing_addresses.c.mailbox_id == mailbox_id))
    _retire(tx, section, name)


_REMOVE = {
    "agents": _remove_agent,
    "queues": _remove_queue,
    "presence_statuses": _remove_status,
    "mailboxes": _remove_mailbox,
}
