"""What conditions know of a case and of what belongs to it: the fields, and how each is read from the tables.

One expression a field serves both ways of deciding: it is selected for the facts of one case, and stands in the WHERE clause over many.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import TYPE_CHECKING

from core.conditions.fields import Field, Vocabulary
from core.conditions.types import FLAG, NUMBER, TEXT, TIME, Facts, Type, Value
from core.fields import NUMBER_SCALE, CustomField, of_row
from core.settings import DEFAULTS
from data.queries import Query
from data.schema.cases import CASE_STATUSES
from data.schema.configuration import ROLES
from data.schema.work import WORK_STATES

if TYPE_CHECKING:
    from data.queries import Fetch

DIRECTIONS = ("inbound", "outbound", "note")
_LAST_WRITTEN = "(select max(n.id) from messages n where n.case_id = c.id and n.direction = 'inbound')"
_LAST_DIRECTION = (
    "(select z.direction from messages z where z.id = "
    "(select max(n.id) from messages n where n.case_id = c.id and n.direction <> 'note'))"
)
JOINS: Mapping[str, str] = {
    "case": "",
    "contact": "left join contacts k on k.id = c.contact_id",
    "account": "left join contacts ka on ka.id = c.contact_id left join accounts a on a.id = coalesce(c.account_id, ka.account_id)",
    "agent": "left join agents o on o.id = c.owner_id",
    "queue": "left join queues q on q.id = c.queue_id left join queue_loads ql on ql.queue_id = q.id",
    "message": f"left join messages m on m.id = {_LAST_WRITTEN} left join channels mh on mh.id = m.channel_id",
    "work": "left join work_items w on w.id = (select max(v.id) from work_items v where v.case_id = c.id)"
    " left join queues wq on wq.id = w.queue_id",
}
"""What each record is joined by; `cases c` is always there."""
_OPEN = "case when c.status in ('resolved', 'closed') then 0 else 1 end"


def _fields(
    types: Type, channels: tuple[str, ...], queues: tuple[str, ...], agents: tuple[str, ...], tags: Type
) -> Iterable[Field]:
    channel, queue, agent = Type("text", channels), Type("text", queues), Type("text", agents)
    yield Field("case.number", NUMBER, "The number of the case.", "c.id", 412)
    yield Field("case.subject", TEXT, "What it is about.", "c.subject", "Inverter shows E-31")
    yield Field("case.status", Type("text", CASE_STATUSES), "Its status.", "c.status", "open")
    yield Field("case.is_open", FLAG, "Whether it is neither resolved nor closed.", _OPEN, True)
    yield Field("case.priority", NUMBER, "Its priority, 1 low to 5 critical.", "c.priority", 3)
    yield Field(
        "case.type",
        types,
        "Its type; missing where nobody has set it.",
        "c.case_type",
        types.choices[0] if types.choices else "question",
    )
    yield Field(
        "case.channel",
        channel,
        "The channel that it came by.",
        "(select name from channels where id = c.channel_id)",
        "email",
    )
    yield Field(
        "case.queue",
        queue,
        "The queue that it belongs to.",
        "(select name from queues where id = c.queue_id)",
        "tier-1",
    )
    yield Field(
        "case.owner",
        agent,
        "Whose case it is; missing while nobody has it.",
        "(select name from agents where id = c.owner_id)",
        "maya",
    )
    yield Field(
        "case.followers",
        Type("list", agents),
        "Who follows it.",
        "select g.name from case_followers f join agents g on g.id = f.agent_id where f.case_id = c.id order by g.name",
        ("ida",),
    )
    yield Field(
        "case.tags",
        tags,
        "Its tags.",
        "select g.tag as name from case_tags g where g.case_id = c.id order by g.tag",
        tags.choices[:1] or ("vip",),
    )
    yield Field("case.level", NUMBER, "The level of support that it is at, from 1.", "c.level", 1)
    yield Field(
        "case.flag", TEXT, "Why somebody asks a supervisor to look at it.", "c.flag", "Customer threatens to leave"
    )
    yield Field("case.flagged_at", TIME, "Since when it is flagged.", "c.flagged_at")
    yield Field("case.language", TEXT, "The language that the customer writes in.", "c.language", "en")
    yield Field(
        "case.address",
        TEXT,
        "The address that the customer wrote to.",
        "(select address from routing_addresses where id = c.routing_address_id)",
        "help@example.org",
    )
    yield Field("case.continues", NUMBER, "The closed case that it goes on from.", "c.continues_case_id", 398)
    yield Field("case.opened_at", TIME, "When it was opened.", "c.opened_at")
    yield Field("case.updated_at", TIME, "When anything on it last changed.", "c.updated_at")
    yield Field("case.resolved_at", TIME, "When it was resolved.", "c.resolved_at")
    yield Field("case.closed_at", TIME, "When it was closed.", "c.closed_at")
    yield Field("case.hold_until", TIME, "Until when it is on hold.", "c.hold_until")
    yield Field("case.hold_reason", TEXT, "Why it is on hold.", "c.hold_reason", "Part ordered")
    yield Field(
        "case.messages",
        NUMBER,
        "How many messages and notes it has.",
        "(select count(*) from messages n where n.case_id = c.id)",
        3,
    )
    yield Field(
        "case.last_direction",
        Type("text", DIRECTIONS[:2]),
        "Whether the last message with the customer came in or went out; notes do not count.",
        _LAST_DIRECTION,
        "inbound",
    )
    yield Field("contact.name", TEXT, "The customer's name.", "nullif(k.name, '')", "Lena Ortiz")
    yield Field(
        "contact.email",
        TEXT,
        "The customer's first mail address.",
        "(select p.value from contact_points p where p.contact_id = k.id and p.kind = 'email' order by p.id limit 1)",
        "lena@ortiz-farm.example",
    )
    yield Field("contact.language", TEXT, "The customer's language.", "k.language", "en")
    yield Field(
        "contact.cases",
        NUMBER,
        "How many cases the customer has had.",
        "(select count(*) from cases d where d.contact_id = k.id)",
        2,
    )
    yield Field("account.name", TEXT, "The customer's company.", "nullif(a.name, '')", "Ortiz Farm")
    yield Field("account.domain", TEXT, "The company's mail domain.", "a.domain", "ortiz-farm.example")
    yield Field("agent.name", agent, "The short name of the owner.", "o.name", "maya")
    yield Field("agent.full_name", TEXT, "The full name of the owner.", "o.full_name", "Maya Lindqvist")
    yield Field("agent.email", TEXT, "The owner's mail address.", "nullif(o.email, '')", "maya@example.org")
    yield Field("agent.role", Type("text", ROLES), "The owner's role.", "o.role", "agent")
    yield Field("queue.name", queue, "The queue's name.", "q.name", "tier-1")
    yield Field("queue.label", TEXT, "The queue's label.", "nullif(q.label, '')", "First line")
    yield Field("queue.waiting", NUMBER, "How much work waits in it.", "ql.waiting", 7)
    yield Field(
        "message.direction",
        Type("text", DIRECTIONS),
        "Whether the message came in, went out, or is a note. Of a case it is the customer's last one.",
        "m.direction",
        "inbound",
    )
    yield Field("message.channel", channel, "The channel of the customer's last message.", "mh.name", "email")
    yield Field(
        "message.subject", TEXT, "The subject of the customer's last message.", "m.subject", "Inverter shows E-31"
    )
    yield Field(
        "message.text",
        TEXT,
        "The customer's last message, without what it quotes.",
        "m.reply_text",
        "It shows E-31 since this morning.",
    )
    yield Field("message.at", TIME, "When the customer's last message was written.", "m.at")
    yield Field("message.auto", FLAG, "Whether a machine wrote the customer's last message.", "m.auto", False)
    yield Field(
        "message.bounce", FLAG, "Whether the last message that came says that a mail did not arrive.", "m.bounce", False
    )
    yield Field(
        "message.attachments",
        NUMBER,
        "How many files the customer's last message has.",
        "(select count(*) from attachments t where t.message_id = m.id)",
        1,
    )
    yield Field(
        "work.state", Type("text", WORK_STATES), "How the newest work on the case stands.", "w.state", "waiting"
    )
    yield Field("work.queue", queue, "The queue that this work waits in.", "wq.name", "tier-1")
    yield Field("work.priority", NUMBER, "Its place in the line: lower goes first.", "w.priority", 5)
    yield Field("work.round", NUMBER, "How often everybody was asked, from 1.", "w.round", 1)
    yield Field("work.requested_at", TIME, "Since when it waits.", "w.requested_at")


_KINDS: Mapping[str, Type] = {"text": TEXT, "number": NUMBER, "flag": FLAG, "moment": TIME}
_OF_FIELD = "from case_values v where v.field_id = {id} and v.case_id = c.id"


def _declared(field: CustomField) -> Field:
    path, summary, of = f"case.{field.name}", field.label or field.name, _OF_FIELD.format(id=field.id)
    if field.kind == "choices":
        kind, sql = Type("list", field.choices), f"select v.text as name {of} order by v.position"
        return Field(path, kind, summary, sql, field.choices[:1])
    if field.kind == "choice":
        return Field(
            path, Type("text", field.choices), summary, f"(select v.text {of} and v.position = 0)", field.choices[0]
        )
    column = "text" if field.kind == "text" else "number"
    scale = NUMBER_SCALE if field.kind == "number" else 1
    return Field(path, _KINDS[field.kind], summary, f"(select v.{column} {of} and v.position = 0)", scale=scale)


def of_configuration(
    *,
    types: Iterable[str] | None = None,
    channels: Iterable[str] = (),
    queues: Iterable[str] = (),
    agents: Iterable[str] = (),
    tags: Iterable[str] | None = None,
    fields: Iterable[CustomField] = (),
) -> Vocabulary:
    """Return the vocabulary of cases at a desk with such a configuration; where a kind has no names, any text goes.

    Args:
        types: none for any; an empty list where no case can have a type.
        tags: in the same way.
    """
    of_types = Type("text", tuple(types or ()), closed=types is not None)
    of_tags = Type("list", tuple(tags or ()), closed=tags is not None)
    built_in = _fields(of_types, tuple(channels), tuple(queues), tuple(agents), of_tags)
    return Vocabulary.of((*built_in, *map(_declared, fields)))


BUILT_IN: frozenset[str] = frozenset(of_configuration().fields)
"""The paths that every desk has: no declared field may have the name of one."""


_NAMES = {
    each: Query(f"condition.{each}", f"select name from {each} where active = 1 order by name")  # noqa: S608 - constants
    for each in ("channels", "queues", "agents")
}


_DECLARED = Query("condition.custom_fields", "select * from custom_fields where active = 1 order by name")
_SETTINGS = Query("condition.settings", "select name, value from desk_settings where name in ('case_types', 'tags')")


def of_desk(fetch: Fetch) -> Vocabulary:
    """Return the vocabulary of cases at a desk."""
    found = {each: [row["name"] for row in fetch(query, {})] for each, query in _NAMES.items()}
    settings = {**DEFAULTS, **{row["name"]: row["value"] for row in fetch(_SETTINGS, {})}}
    return of_configuration(
        types=json.loads(settings["case_types"]),
        tags=json.loads(settings["tags"]),
        fields=[of_row(row) for row in fetch(_DECLARED, {})],
        **found,
    )


def facts_of(
    fetch: Fetch, vocabulary: Vocabulary, paths: Iterable[str], case: int, *, message: int | None = None
) -> Facts | None:
    """Return what is known of a case for some fields, or None where there is no such case.

    Args:
        message: the message that is meant by `message`, as that of an event; without one the last that came in.
    """
    wanted = [vocabulary.fields[path] for path in sorted(paths)]
    single = [each for each in wanted if each.type.kind != "list"]
    columns = "".join(f", {each.sql} as f{number}" for number, each in enumerate(single))
    joins = joins_of(each.record for each in single)
    params = {"case": case}
    if message is not None and _LAST_WRITTEN in joins:
        joins = joins.replace(_LAST_WRITTEN, "cast(:message as bigint)")
        params["message"] = message
    rows = fetch(
        Query("condition.facts", f"select c.id{columns} from cases c {joins} where c.id = cast(:case as bigint)"),  # noqa: S608
        params,
    )
    if not rows:
        return None
    facts: dict[str, Value] = {each.path: as_value(each, rows[0][f"f{number}"]) for number, each in enumerate(single)}
    for each in wanted:
        if each.type.kind == "list":
            facts[each.path] = list_of(fetch, each, case)
    return facts


def list_of(fetch: Fetch, field: Field, case: int) -> tuple[str, ...]:
    """Return what a case has in a field that is a list."""
    query = Query(f"condition.{field.path}", field.sql.replace("c.id", "cast(:case as bigint)"))
    return tuple(str(row["name"]) for row in fetch(query, {"case": case}))


def joins_of(records: Iterable[str]) -> str:
    """Return the joins that some records need."""
    return " ".join(filter(None, (JOINS[each] for each in dict.fromkeys(records))))


def as_value(field: Field, found: object) -> Value:
    """Return a value of the tables as conditions know it."""
    if field.type == FLAG and found is not None:
        return bool(found)
    if field.scale != 1 and isinstance(found, int):
        number = Decimal(found) / field.scale
        return int(number) if number == int(number) else number
    return found  # type: ignore[return-value]
