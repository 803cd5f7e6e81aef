"""The configuration that a desk has, read from its tables as a document."""

from __future__ import annotations

import json
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from sqlalchemy import Table, select

from core import settings
from core.config.document import (
    Address,
    Agent,
    Calendar,
    Channel,
    Classification,
    CustomField,
    Desk,
    Document,
    Imap,
    Mailbox,
    PresenceConfiguration,
    PresenceStatus,
    Queue,
    RoutingConfiguration,
    Secret,
    Smtp,
    Template,
    Variant,
    View,
)
from data.schema import (
    agents,
    calendars,
    channels,
    classifications,
    custom_fields,
    mailboxes,
    presence_configurations,
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

_THOUSAND = 1000
Names = dict[str, dict[int, str]]


def revision(tx: Tx) -> int:
    """Return how often the configuration was changed; a plan made on another revision is refused."""
    return int(settings.get(tx, "revision") or 0)


def current(tx: Tx) -> Document:
    """Return the configuration that the desk has."""
    names = {
        table.name: {row.id: row.name for row in tx.all(select(table.c.id, table.c.name))}
        for table in (channels, presence_statuses, presence_configurations, routing_configurations, queues, agents)
    }
    return Document(
        desk=_desk(tx),
        fields=_fields(tx),
        calendars=_calendars(tx),
        channels=_channels(tx, names),
        presence_statuses=_statuses(tx, names),
        presence_configurations=_presence_configurations(tx, names),
        routing_configurations=_routing_configurations(tx),
        queues=_queues(tx, names),
        agents=_agents(tx, names),
        mailboxes=_mailboxes(tx, names),
        templates=_templates(tx),
        classifications=_classifications(tx),
        views={
            row.name: View(label=row.label, where=row.condition, columns=tuple(json.loads(row.columns)))
            for row in _active(tx, views)
        },
    )


def _desk(tx: Tx) -> Desk:
    secret = settings.get(tx, "webhook_secret")
    return Desk(
        name=settings.get(tx, "name"),
        language=settings.get(tx, "language"),
        time_zone=settings.get(tx, "time_zone"),
        after_reply=settings.get(tx, "after_reply"),  # type: ignore[arg-type]  # checked by the model
        fallback_queue=settings.get(tx, "fallback_queue") or None,
        case_types=tuple(json.loads(settings.get(tx, "case_types"))),
        reopen_days=int(settings.get(tx, "reopen_days")),
        calendar=settings.get(tx, "calendar") or None,
        tags=tuple(json.loads(settings.get(tx, "tags"))),
        webhook_hosts=tuple(json.loads(settings.get(tx, "webhook_hosts"))),
        webhook_networks=tuple(json.loads(settings.get(tx, "webhook_networks"))),
        webhook_secret=Secret.model_validate_json(secret) if secret else None,
    )


def _active(tx: Tx, table: Table) -> Iterable[Any]:
    return tx.all(select(table).where(table.c.active == 1).order_by(table.c.name))


def _calendars(tx: Tx) -> dict[str, Calendar]:
    return {
        row.name: Calendar(
            zone=row.zone,
            week=json.loads(row.week),
            holidays=tuple(json.loads(row.holidays)),
            exceptions=json.loads(row.exceptions),
        )
        for row in _active(tx, calendars)
    }


def _channels(tx: Tx, names: Names) -> dict[str, Channel]:
    return {
        row.name: Channel(
            label=row.label,
            weight=_units(row.weight),
            paused_weight=_units(row.paused_weight),
            sign_out=row.sign_out,
            fallback_queue=names["queues"].get(row.fallback_queue_id),
        )
        for row in _active(tx, channels)
    }


def _statuses(tx: Tx, names: Names) -> dict[str, PresenceStatus]:
    listed: dict[int, list[str]] = {}
    for row in tx.all(select(presence_status_channels)):
        listed.setdefault(row.status_id, []).append(names["channels"][row.channel_id])
    return {
        row.name: PresenceStatus(label=row.label, kind=row.kind, channels=tuple(sorted(listed.get(row.id, []))))
        for row in _active(tx, presence_statuses)
    }


def _presence_configurations(tx: Tx, names: Names) -> dict[str, PresenceConfiguration]:
    statuses = names["presence_statuses"]
    return {
        row.name: PresenceConfiguration(
            capacity=_units(row.capacity),
            auto_accept=bool(row.auto_accept),
            decline_allowed=bool(row.decline_allowed),
            decline_reason_required=bool(row.decline_reason_required),
            decline_reasons=tuple(json.loads(row.decline_reasons)),
            status_after_decline=statuses.get(row.status_after_decline_id),
            status_after_timeout=statuses.get(row.status_after_timeout_id),
            wrap_up=row.wrap_up_s,
            grace=row.grace_s,
        )
        for row in _active(tx, presence_configurations)
    }


def _routing_configurations(tx: Tx) -> dict[str, RoutingConfiguration]:
    return {
        row.name: RoutingConfiguration(
            priority=row.priority,
            model=row.model,
            push_timeout=row.push_timeout_s,
            weight=None if row.weight is None else _units(row.weight),
            round_pause=row.round_pause_s,
        )
        for row in _active(tx, routing_configurations)
    }


def _queues(tx: Tx, names: Names) -> dict[str, Queue]:
    members: dict[int, list[str]] = {}
    for row in tx.all(select(queue_members)):
        members.setdefault(row.queue_id, []).append(names["agents"][row.agent_id])
    return {
        row.name: Queue(
            label=row.label,
            routing=names["routing_configurations"].get(row.routing_configuration_id),
            members=tuple(sorted(members.get(row.id, []))),
        )
        for row in _active(tx, queues)
    }


def _agents(tx: Tx, names: Names) -> dict[str, Agent]:
    return {
        row.name: Agent(
            name=row.full_name,
            email=row.email or None,
            role=row.role,
            presence=names["presence_configurations"][row.presence_configuration_id],
        )
        for row in _active(tx, agents)
    }


def _mailboxes(tx: Tx, names: Names) -> dict[str, Mailbox]:
    listed: dict[int, dict[str, Address]] = {}
    for row in tx.all(select(routing_addresses).order_by(routing_addresses.c.address)):
        listed.setdefault(row.mailbox_id, {})[row.address] = Address(
            queue=names["queues"].get(row.queue_id), priority=row.priority, type=row.case_type, language=row.language
        )
    return {
        row.name: Mailbox(
            imap=Imap.model_validate_json(row.imap) if row.imap else None,
            smtp=Smtp.model_validate_json(row.smtp) if row.smtp else None,
            sender=row.from_header,
            addresses=listed.get(row.id, {}),
        )
        for row in _active(tx, mailboxes)
    }


def _fields(tx: Tx) -> dict[str, CustomField]:
    return {
        row.name: CustomField(label=row.label, kind=row.kind, choices=tuple(json.loads(row.choices)))
        for row in _active(tx, custom_fields)
    }


def _templates(tx: Tx) -> dict[str, Template]:
    return {
        row.name: Template(
            label=row.label,
            subject=row.subject,
            text=row.text,
            languages={tag: Variant(**each) for tag, each in json.loads(row.languages).items()},
        )
        for row in _active(tx, templates)
    }


def _classifications(tx: Tx) -> dict[str, Classification]:
    return {
        row.name: Classification.model_validate({"rules": json.loads(row.rules, object_hook=read_decimal)})
        for row in _active(tx, classifications)
    }


def written_decimal(value: object) -> dict[str, str]:
    """Return a decimal of the document for JSON, which has none; `read_decimal` reads it back."""
    if not isinstance(value, Decimal):
        raise TypeError(f"not for JSON: {value!r}")
    return {"decimal": str(value)}


def read_decimal(found: dict[str, Any]) -> Any:
    """Return the decimal that `written_decimal` wrote, and any other object as it is."""
    return Decimal(found["decimal"]) if found.keys() == {"decimal"} else found


def thousandths(units: Decimal) -> int:
    """Return an amount of the document as the tables hold it."""
    return int(units * _THOUSAND)


def _units(stored: int) -> Decimal:
    return Decimal(stored) / _THOUSAND
