"""What the agent's screen shows, read in one snapshot: who I am, my work, one case with its newest messages.

Plain values, made from named reads; nothing here knows a widget.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field

from console.reads_marks import Marks, marks_of
from data import queries, screen_queries
from data.text import OutsideText

TYPE_CHECKING = False
if TYPE_CHECKING:
    from data.queries import Fetch, Row

PAUSED = ("waiting_customer", "on_hold")
PAGE = 20
"""How many messages are read at a time: more than any screen shows."""
_NEWEST = 9_000_000_000_000_000
_HISTORY = 60
_OTHERS = 20


@dataclass(frozen=True, slots=True)
class Me:
    """The agent of this console, with status and load; capacity in thousandths of a unit."""

    agent_id: int
    agent: str
    name: str
    role: str
    status: str
    label: str
    kind: str
    since: int | None
    connected: bool
    used: int
    capacity: int
    waiting: int
    desk: str
    decline_allowed: bool
    decline_reasons: tuple[str, ...]
    decline_reason_required: bool

    @property
    def supervises(self) -> bool:
        """Whether this person may change other people's work."""
        return self.role in ("supervisor", "admin")


@dataclass(frozen=True, slots=True)
class WorkRow:
    """A work item that this agent was offered or has."""

    work: int
    case: int
    subject: OutsideText
    state: str
    status: str
    priority: int
    queue: str
    channel: str
    customer: OutsideText | None
    address: OutsideText | None
    requested_at: int
    offered_at: int
    accepted_at: int | None
    deadline_at: int | None
    opened_at: int | None
    hold_until: int | None
    updated_at: int
    last_id: int
    last_direction: str | None
    last_at: int | None
    failed: bool
    """Whether the newest answer could not be sent."""

    @property
    def who(self) -> OutsideText | None:
        """The customer's name, or the address where there is none."""
        return self.customer or self.address


@dataclass(frozen=True, slots=True)
class Workspace:
    """Everything of an agent's own, at one moment."""

    me: Me
    offers: tuple[WorkRow, ...]
    mine: tuple[WorkRow, ...]
    """What waits for an answer, those that wait longest first."""
    paused: tuple[WorkRow, ...]
    """What waits for the customer or for a date."""
    resolved_today: int


@dataclass(frozen=True, slots=True)
class FileRow:
    """An attachment; its content is read when it is saved."""

    message: int
    position: int
    name: OutsideText
    type: OutsideText
    size: int
    inline: bool


@dataclass(frozen=True, slots=True)
class MessageRow:
    """One thing said on a case."""

    id: int
    direction: str
    at: int
    channel: str
    customer: OutsideText | None
    agent: str | None
    agent_name: str | None
    text: OutsideText
    reply_text: OutsideText
    recipients: tuple[str, ...]
    delivery: str | None
    error: OutsideText | None
    auto: bool
    bounce: bool
    files: tuple[FileRow, ...] = ()


@dataclass(frozen=True, slots=True)
class CaseSight:
    """A case as it is shown: its facts, its newest messages, and what happened."""

    number: int
    subject: OutsideText
    status: str
    priority: int
    type: str | None
    channel: str
    queue: str | None
    owner: str | None
    customer: OutsideText | None
    address: OutsideText | None
    account: OutsideText | None
    opened_at: int
    updated_at: int
    hold_until: int | None
    hold_reason: OutsideText | None
    resolved_at: int | None
    continues: int | None
    work: int | None
    work_state: str | None
    work_agent: str | None
    messages: tuple[MessageRow, ...]
    earlier: int
    """How many messages are older than those."""
    history: tuple[Row, ...] = field(repr=False)
    """Journal entries, the newest first, for `console.telling`."""
    others: tuple[Row, ...] = field(repr=False)
    points: tuple[Row, ...] = field(repr=False)
    marks: Marks
    writers: tuple[Row, ...] = field(default=(), repr=False)
    """Who is writing on it, in which console, and when they were heard of last."""
    draft: Row | None = field(default=None, repr=False)
    """What this agent was writing on it, as the desk knows it."""

    @property
    def who(self) -> OutsideText | None:
        """The customer's name, or the address where there is none."""
        return self.customer or self.address


def me(fetch: Fetch, agent: str) -> Me | None:
    """Return the agent of that name, or None where there is none."""
    rows = fetch(screen_queries.ME, {"agent": agent})
    if not rows:
        return None
    row = rows[0]
    return Me(
        agent_id=row["agent_id"],
        agent=row["agent"],
        name=row["name"] or row["agent"],
        role=row["role"],
        status=row["status"],
        label=row["label"],
        kind=row["kind"],
        since=row["since"],
        connected=row["lost_at"] is None,
        used=row["used"],
        capacity=row["capacity"],
        waiting=int(row["waiting"]),
        desk=row["desk"],
        decline_allowed=bool(row["decline_allowed"]),
        decline_reasons=tuple(json.loads(row["decline_reasons"])),
        decline_reason_required=bool(row["decline_reason_required"]),
    )


def workspace(fetch: Fetch, agent: str, since: int) -> Workspace | None:
    """Return an agent's own work, or None where there is no such agent.

    Args:
        since: when the agent's day began, in microseconds.
    """
    found = me(fetch, agent)
    if found is None:
        return None
    rows = [_work(row) for row in fetch(screen_queries.MY_WORK, {"agent_id": found.agent_id})]
    today = fetch(screen_queries.TODAY, {"agent_id": found.agent_id, "since": since})
    held = [row for row in rows if row.state != "offered"]
    return Workspace(
        me=found,
        offers=tuple(sorted((row for row in rows if row.state == "offered"), key=_deadline)),
        mine=tuple(sorted((row for row in held if row.status not in PAUSED), key=waits_since)),
        paused=tuple(sorted((row for row in held if row.status in PAUSED), key=lambda row: row.updated_at)),
        resolved_today=today[0]["resolved"],
    )


def waits_since(row: WorkRow) -> int:
    """Return since when the customer waits: since the last word, if that was the customer's, else since it was routed."""
    return row.last_at if row.last_direction == "inbound" and row.last_at is not None else row.requested_at


def _deadline(row: WorkRow) -> int:
    return row.deadline_at if row.deadline_at is not None else _NEWEST


def _work(row: Row) -> WorkRow:
    return WorkRow(
        work=row["work"],
        case=row["case"],
        subject=row["subject"],
        state=row["state"],
        status=row["status"],
        priority=row["priority"],
        queue=row["queue"],
        channel=row["channel_label"],
        customer=row["customer"],
        address=row["address"],
        requested_at=row["requested_at"],
        offered_at=row["offered_at"],
        accepted_at=row["accepted_at"],
        deadline_at=row["deadline_at"],
        opened_at=row["opened_at"],
        hold_until=row["hold_until"],
        updated_at=row["updated_at"],
        last_id=row["last_id"] or 0,
        last_direction=row["last_direction"],
        last_at=row["last_at"],
        failed=row["delivery"] == "failed",
    )


def case_sight(fetch: Fetch, number: int, *, agent_id: int = 0, page: int = PAGE) -> CaseSight | None:
    """Return a case as it is shown, or None where there is none of that number.

    Args:
        agent_id: whose draft is wanted with it.
        page: how many of its newest messages.
    """
    rows = fetch(queries.CASE, {"case": number})
    if not rows:
        return None
    row = rows[0]
    work = fetch(queries.WORK_OF_CASE, {"case": number})
    channel = fetch(screen_queries.CHANNEL, {"channel": row["channel"]})
    messages = messages_before(fetch, number, _NEWEST, page)
    earlier = fetch(screen_queries.MESSAGE_COUNT, {"case": number, "before": messages[0].id}) if messages else []
    return CaseSight(
        number=row["number"],
        subject=row["subject"],
        status=row["status"],
        priority=row["priority"],
        type=row["type"],
        channel=channel[0]["label"] if channel else row["channel"],
        queue=row["queue"],
        owner=row["owner"],
        customer=row["customer"],
        address=row["address"],
        account=row["account"],
        opened_at=row["opened_at"],
        updated_at=row["updated_at"],
        hold_until=row["hold_until"],
        hold_reason=row["hold_reason"],
        resolved_at=row["resolved_at"],
        continues=row["continues"],
        work=work[0]["work"] if work else None,
        work_state=work[0]["state"] if work else None,
        work_agent=work[0]["agent"] if work else None,
        messages=messages,
        earlier=earlier[0]["n"] if earlier else 0,
        history=tuple(fetch(screen_queries.HISTORY, {"case": number, "limit": _HISTORY})),
        others=tuple(fetch(screen_queries.OTHER_CASES, {"case": number, "limit": _OTHERS})),
        points=tuple(fetch(screen_queries.CONTACT_POINTS, {"case": number})),
        marks=marks_of(fetch, number),
        writers=tuple(fetch(screen_queries.WRITERS, {"case": number})),
        draft=next(iter(fetch(screen_queries.DRAFT, {"case": number, "agent_id": agent_id})), None),
    )


def messages_before(fetch: Fetch, number: int, before: int, limit: int = PAGE) -> tuple[MessageRow, ...]:
    """Return up to `limit` messages of a case that are older than one, the oldest first."""
    rows = fetch(screen_queries.MESSAGES_BEFORE, {"case": number, "before": before, "limit": limit})[::-1]
    if not rows:
        return ()
    files: dict[int, list[FileRow]] = {}
    between = {"case": number, "first": rows[0]["id"], "last": rows[-1]["id"]}
    for each in fetch(screen_queries.FILES_BETWEEN, between):
        files.setdefault(each["message_id"], []).append(
            FileRow(
                each["message_id"], each["position"], each["name"], each["type"], each["size"], bool(each["inline"])
            )
        )
    return tuple(_message(row, tuple(files.get(row["id"], ()))) for row in rows)


def _message(row: Row, files: tuple[FileRow, ...]) -> MessageRow:
    return MessageRow(
        id=row["id"],
        direction=row["direction"],
        at=row["at"],
        channel=row["channel"],
        customer=row["customer"],
        agent=row["agent"],
        agent_name=row["agent_name"],
        text=row["text"],
        reply_text=row["reply_text"],
        recipients=tuple(json.loads(row["recipients"].raw)) if row["recipients"] else (),
        delivery=row["delivery"],
        error=row["delivery_error"],
        auto=bool(row["auto"]),
        bounce=bool(row["bounce"]),
        files=files,
    )
