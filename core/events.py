"""The vocabulary of the journal: every kind of thing that happens, as a frozen dataclass.

A field named `case_id`, `work_id`, `agent_id` or `queue_id` becomes an indexed column of the journal; the others are its JSON.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, ClassVar, TypeVar, cast, dataclass_transform

from data.journal import Entry
from data.text import OutsideText, storable

REFERENCES = ("case_id", "work_id", "agent_id", "queue_id")
_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
VOCABULARY: dict[str, type[Event]] = {}
_FIELDS: dict[type[Event], tuple[str, ...]] = {}


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Something that happened. `kind` names it, `subject` says what kind of record it happened to."""

    kind: ClassVar[str] = ""
    subject: ClassVar[str] = ""

    def row(self) -> dict[str, object]:
        """Return the journal columns that the event itself decides."""
        columns: dict[str, object] = {
            "kind": self.kind,
            "subject_kind": self.subject,
            "subject_id": getattr(self, f"{self.subject}_id", 0),
            "case_id": None,
            "work_id": None,
            "agent_id": None,
            "queue_id": None,
        }
        data: dict[str, object] = {}
        for name in _fields(type(self)):
            value = getattr(self, name)
            if name in REFERENCES:
                columns[name] = value
            elif isinstance(value, OutsideText):
                data[name] = storable(value.raw)
            elif value is not None:
                data[name] = value
        columns["data"] = _encode(data) if data else "{}"
        return columns


@dataclass(frozen=True, slots=True, kw_only=True)
class UnknownEvent(Event):
    """An event of a kind that this program does not know, written by a newer one: kept, not dropped."""

    name: str
    content: dict[str, Any] = field(default_factory=dict)


def _fields(kind: type[Event]) -> tuple[str, ...]:
    names = _FIELDS.get(kind)
    if names is None:
        names = _FIELDS[kind] = tuple(f.name for f in dataclasses.fields(kind))
    return names


def decode(entry: Entry) -> Event:
    """Return the event that a journal row holds. Fields that this program does not know are left out."""
    content = cast("dict[str, Any]", json.loads(entry.data))
    kind = VOCABULARY.get(entry.kind)
    if kind is None:
        return UnknownEvent(name=entry.kind, content=content)
    values: dict[str, Any] = {}
    for each in dataclasses.fields(kind):
        if each.name in REFERENCES:
            values[each.name] = getattr(entry, each.name)
        elif each.name in content:
            value = content[each.name]
            values[each.name] = OutsideText(value) if "OutsideText" in str(each.type) else value
    return kind(**values)


_E = TypeVar("_E", bound=Event)


@dataclass_transform(frozen_default=True, kw_only_default=True)
def _event(kind: str, subject: str) -> Callable[[type[_E]], type[_E]]:
    """Name an event class and put it into the vocabulary."""

    def register(cls: type[_E]) -> type[_E]:
        made = dataclass(frozen=True, slots=True, kw_only=True)(cls)
        made.kind, made.subject = kind, subject
        VOCABULARY[kind] = made
        return made

    return register


# -- the desk


@_event("desk.configured", "desk")
class DeskConfigured(Event):
    """The configuration was changed; `changes` says each change in words."""

    revision: int
    changes: list[str]


@_event("engine.stumbled", "desk")
class EngineStumbled(Event):
    """The engine could not handle an entry or a timer and went on without it; `error` says why, for somebody to look at."""

    what: str
    entry_id: int | None = None
    case_id: int | None = None
    work_id: int | None = None
    agent_id: int | None = None
    error: OutsideText


# -- contacts and cases


@_event("contact.created", "contact")
class ContactCreated(Event):
    """A person wrote for the first time, or was entered by hand."""

    contact_id: int
    case_id: int | None = None


@_event("case.opened", "case")
class CaseOpened(Event):
    """A case came into being."""

    case_id: int
    channel: str
    contact_id: int | None = None
    continues: int | None = None
    queue_id: int | None = None


@_event("case.status_changed", "case")
class CaseStatusChanged(Event):
    """A case went from one status to another."""

    case_id: int
    old: str
    new: str
    reason: OutsideText | None = None


@_event("case.changed", "case")
class CaseChanged(Event):
    """A field of a case got another value."""

    case_id: int
    name: str
    old: Any = None
    new: Any = None


@_event("case.assigned", "case")
class CaseAssigned(Event):
    """A case got an owner, `agent_id`; without one it was taken from its owner."""

    case_id: int
    agent_id: int | None = None
    previous: int | None = None


@_event("case.followed", "case")
class CaseFollowed(Event):
    """An agent follows a case or works on it with its owner."""

    case_id: int
    agent_id: int
    part: str


@_event("case.unfollowed", "case")
class CaseUnfollowed(Event):
    """An agent no longer follows a case."""

    case_id: int
    agent_id: int


@_event("case.linked", "case")
class CaseLinked(Event):
    """A case was linked to another one, and why."""

    case_id: int
    other: int
    why: str


@_event("case.unlinked", "case")
class CaseUnlinked(Event):
    """A case no longer has to do with another one."""

    case_id: int
    other: int


@_event("case.merged", "case")
class CaseMerged(Event):
    """A case went into another one: its messages are there now, and whoever looks for it is led there."""

    case_id: int
    into: int


@_event("case.took_over", "case")
class CaseTookOver(Event):
    """A case took over the messages of another one."""

    case_id: int
    other: int


@_event("case.tagged", "case")
class CaseTagged(Event):
    """A case got a tag."""

    case_id: int
    tag: str


@_event("case.untagged", "case")
class CaseUntagged(Event):
    """A tag was taken off a case."""

    case_id: int
    tag: str


@_event("case.classified", "case")
class CaseClassified(Event):
    """Rules set fields of a case; `reasons` says why, one a rule that held."""

    case_id: int
    classification: str
    fields: list[str]
    reasons: list[str]


@_event("case.escalated", "case")
class CaseEscalated(Event):
    """A case goes to a higher level of support; `queue_id` where it was sent to another queue."""

    case_id: int
    level: int
    queue_id: int | None = None
    reason: OutsideText


@_event("case.flagged", "case")
class CaseFlagged(Event):
    """Somebody asks a supervisor to look at a case."""

    case_id: int
    reason: OutsideText


@_event("case.unflagged", "case")
class CaseUnflagged(Event):
    """The flag of a case was taken down."""

    case_id: int


# -- actions for later, and webhooks


@_event("action.delayed", "action")
class ActionDelayed(Event):
    """An action is to be carried out at `due_at` (microseconds)."""

    case_id: int | None = None
    action_id: int
    action: str
    due_at: int


@_event("action.withdrawn", "action")
class ActionWithdrawn(Event):
    """A delayed action was called off."""

    case_id: int | None = None
    action_id: int
    action: str


@_event("action.failed", "action")
class ActionFailed(Event):
    """A delayed action could not be carried out; nothing of it was done."""

    case_id: int | None = None
    action_id: int
    action: str
    error: OutsideText


@_event("webhook.queued", "webhook")
class WebhookQueued(Event):
    """A webhook is to be called."""

    case_id: int | None = None
    webhook_id: int
    host: str


@_event("webhook.answered", "webhook")
class WebhookAnswered(Event):
    """The server of a webhook took the call."""

    case_id: int | None = None
    webhook_id: int
    status: int
    tries: int


@_event("webhook.failed", "webhook")
class WebhookFailed(Event):
    """A webhook could not be called and is not tried again."""

    case_id: int | None = None
    webhook_id: int
    error: OutsideText


# -- messages and mail


@_event("message.received", "case")
class MessageReceived(Event):
    """A customer's message arrived on a case. `auto`: no person wrote it."""

    case_id: int
    message_id: int
    contact_id: int | None = None
    auto: bool = False
    bounce: bool = False


@_event("message.queued", "case")
class MessageQueued(Event):
    """A public answer was written and waits in the outbox."""

    case_id: int
    message_id: int
    agent_id: int | None = None


@_event("message.sent", "case")
class MessageSent(Event):
    """The mail server took an answer."""

    case_id: int
    message_id: int
    tries: int


@_event("message.failed", "case")
class MessageFailed(Event):
    """An answer could not be sent and is not tried again. `earlier` is what the answer's state had said until then."""

    case_id: int
    message_id: int
    error: OutsideText
    earlier: OutsideText | None = None


@_event("message.bounced", "case")
class MessageBounced(Event):
    """The mail system reported that an answer did not reach the customer. `earlier` is what the answer's state had said until then."""

    case_id: int
    message_id: int
    bounce_message_id: int
    error: OutsideText | None = None
    earlier: OutsideText | None = None


@_event("message.held_back", "case")
class MessageHeldBack(Event):
    """An automatic message was not sent, since a machine wrote last: two machines would answer each other for ever."""

    case_id: int
    why: str


@_event("message.noted", "case")
class MessageNoted(Event):
    """An internal note was added."""

    case_id: int
    message_id: int
    agent_id: int | None = None


@_event("mail.quarantined", "mail")
class MailQuarantined(Event):
    """A mail could not be read; it is kept with the reason."""

    mail_id: int
    reason: OutsideText


@_event("mail.released", "mail")
class MailReleased(Event):
    """A mail that had been in quarantine was taken after all, or is one that was taken before; `state` says which."""

    mail_id: int
    case_id: int | None = None
    state: str = "taken"


# -- work


@_event("work.queued", "work")
class WorkQueued(Event):
    """A work item waits in a queue."""

    work_id: int
    case_id: int
    queue_id: int
    why: str


@_event("work.offered", "work")
class WorkOffered(Event):
    """A work item was offered to an agent."""

    work_id: int
    case_id: int
    queue_id: int
    agent_id: int
    assignment_id: int


@_event("work.accepted", "work")
class WorkAccepted(Event):
    """An agent has a work item: accepted, accepted automatically, or given by hand."""

    work_id: int
    case_id: int
    queue_id: int
    agent_id: int
    assignment_id: int
    how: str = "accepted"


@_event("work.declined", "work")
class WorkDeclined(Event):
    """An agent declined an offer."""

    work_id: int
    case_id: int
    queue_id: int
    agent_id: int
    reason: OutsideText | None = None


@_event("work.timed_out", "work")
class WorkTimedOut(Event):
    """An offer was not answered in time."""

    work_id: int
    case_id: int
    queue_id: int
    agent_id: int


@_event("work.revoked", "work")
class WorkRevoked(Event):
    """An offer was taken back, without a mark against the agent."""

    work_id: int
    case_id: int
    queue_id: int
    agent_id: int
    why: str


@_event("work.cancelled", "work")
class WorkCancelled(Event):
    """A work item left the line: nobody needs to do it any more."""

    work_id: int
    case_id: int
    queue_id: int
    agent_id: int | None = None
    why: str = ""


@_event("work.transferred", "work")
class WorkTransferred(Event):
    """An agent's work went elsewhere; `successor` is the new work item."""

    work_id: int
    case_id: int
    queue_id: int
    agent_id: int | None = None
    successor: int | None = None
    why: str = ""


@_event("work.wrapping", "work")
class WorkWrapping(Event):
    """The work is done and the agent wraps up until `until` (microseconds)."""

    work_id: int
    case_id: int
    queue_id: int
    agent_id: int
    until: int


@_event("work.closed", "work")
class WorkClosed(Event):
    """A work item is done and its capacity is free. Durations in seconds."""

    work_id: int
    case_id: int
    queue_id: int
    agent_id: int
    handle_s: float
    speed_to_answer_s: float


@_event("work.reweighed", "work")
class WorkReweighed(Event):
    """A work item counts more or less against its agent's capacity, in thousandths."""

    work_id: int
    case_id: int
    queue_id: int
    agent_id: int
    weight: int


@_event("work.round_exhausted", "work")
class WorkRoundExhausted(Event):
    """Everyone present was asked in this round; the next one starts at `until` (microseconds)."""

    work_id: int
    case_id: int
    queue_id: int
    round: int
    until: int


@_event("work.round_started", "work")
class WorkRoundStarted(Event):
    """A new round: everyone may be asked again."""

    work_id: int
    case_id: int
    queue_id: int
    round: int


@_event("work.routing_failed", "work")
class WorkRoutingFailed(Event):
    """The place that a case should have gone to does not exist; it went to the fallback queue instead."""

    work_id: int
    case_id: int
    queue_id: int
    error: str


# -- agents


@_event("agent.presence_changed", "agent")
class PresenceChanged(Event):
    """An agent's status changed."""

    agent_id: int
    old: str
    new: str
    why: str = ""


@_event("agent.connection_lost", "agent")
class ConnectionLost(Event):
    """The last console of a present agent is gone; the grace time runs until `until` (microseconds)."""

    agent_id: int
    until: int


@_event("agent.connection_restored", "agent")
class ConnectionRestored(Event):
    """An agent came back inside the grace time."""

    agent_id: int
