"""What conditions know of an event besides the case that it happened to: what happened, who did it, and which fields it changed.

`message` is then the message that the event is about, where it is about one; all else is the case as it is now.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from core.conditions.case_fields import BUILT_IN, facts_of
from core.conditions.fields import Field, Vocabulary
from core.conditions.types import LIST, TEXT, TIME, Facts, Type, Value
from core.events import VOCABULARY as EVENTS
from data.queries import Query
from data.text import OutsideText

if TYPE_CHECKING:
    from data.queries import Fetch

ACTOR_KINDS = ("agent", "customer", "engine", "intake", "admin")
CHANGED = ("status", "owner", "queue", "subject", "priority", "type", "level", "language", "tags", "flag", "followers")
"""What an event may change on a case besides the fields that the desk declares."""
RECORDS = ("event", "actor", "changes")
"""The records that only an event has."""
_FIELDS = (
    Field("event.kind", Type("text", tuple(sorted(EVENTS))), "What happened.", sample="case.status_changed"),
    Field("event.at", TIME, "When it happened."),
    Field(
        "actor.kind", Type("text", ACTOR_KINDS), "Who acted: a person, or a part of the desk by itself.", sample="agent"
    ),
    Field("actor.name", TEXT, "The short name of who acted.", sample="maya"),
    Field("changes.fields", LIST, "The fields of the case that it changed.", sample=("status",)),
    Field("changes.old", TEXT, "What the field was before; missing where it had no value.", sample="open"),
    Field(
        "changes.new", TEXT, "What the field is afterwards; missing where its value was taken away.", sample="resolved"
    ),
)
_EVENT = Query(
    "condition.event",
    """select j.kind, j.at, j.actor_kind, j.actor_name, j.case_id, j.data, a.name as agent from journal j
left join agents a on a.id = j.agent_id where j.id = cast(:event as bigint)""",
    ("data",),
)
_AGENT = Query("condition.agent", "select name from agents where id = cast(:agent as bigint)")


@dataclass(frozen=True, slots=True)
class Changes:
    """The fields that an event changed, and what the one was and is where it is one."""

    fields: tuple[str, ...] = ()
    old: str | None = None
    new: str | None = None


def of_events(cases: Vocabulary) -> Vocabulary:
    """Return the vocabulary of events on cases: that of the cases, and what only an event knows."""
    declared = (
        path.removeprefix("case.") for path in cases.fields if path.startswith("case.") and path not in BUILT_IN
    )
    changed = Type("list", (*CHANGED, *declared))
    own = (replace(each, type=changed) if each.path == "changes.fields" else each for each in _FIELDS)
    return Vocabulary.of((*cases.fields.values(), *own))


def changes_of(kind: str, data: Mapping[str, Any], *, agent: str | None = None, previous: str | None = None) -> Changes:
    """Return what an event changed.

    Args:
        kind: the kind of the event.
        data: its own fields, as the journal holds them.
        agent: the short name of the agent that it names.
        previous: that of the agent who had the case before.
    """
    match kind:
        case "case.changed":
            return Changes((str(data.get("name")),), _text(data.get("old")), _text(data.get("new")))
        case "case.status_changed":
            return Changes(("status",), _text(data.get("old")), _text(data.get("new")))
        case "case.assigned":
            return Changes(("owner",), previous, agent)
        case "case.tagged":
            return Changes(("tags",), None, _text(data.get("tag")))
        case "case.untagged":
            return Changes(("tags",), _text(data.get("tag")), None)
        case "case.flagged":
            return Changes(("flag",), None, _text(data.get("reason")))
        case "case.unflagged":
            return Changes(("flag",))
        case "case.followed":
            return Changes(("followers",), None, agent)
        case "case.unfollowed":
            return Changes(("followers",), agent, None)
    return Changes()


def _text(value: Any) -> str | None:
    if value is None:
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def facts_of_event(fetch: Fetch, vocabulary: Vocabulary, paths: Iterable[str], event: int) -> Facts | None:
    """Return what is known of an event and its case for some fields; None where there is no such event, or it is about no case."""
    rows = fetch(_EVENT, {"event": event})
    if not rows or rows[0]["case_id"] is None:
        return None
    row = rows[0]
    raw = row["data"].raw if isinstance(row["data"], OutsideText) else row["data"]
    data: dict[str, Any] = json.loads(raw)
    wanted = frozenset(paths)
    of_case = [path for path in wanted if path.partition(".")[0] not in RECORDS]
    facts = facts_of(fetch, vocabulary, of_case, row["case_id"], message=data.get("message_id"))
    if facts is None:
        return None
    previous = data.get("previous")
    before = fetch(_AGENT, {"agent": previous})[0]["name"] if isinstance(previous, int) else None
    changes = changes_of(row["kind"], data, agent=row["agent"], previous=before)
    own: dict[str, Value] = {
        "event.kind": row["kind"],
        "event.at": row["at"],
        "actor.kind": row["actor_kind"],
        "actor.name": row["actor_name"] or None,
        "changes.fields": changes.fields,
        "changes.old": changes.old,
        "changes.new": changes.new,
    }
    return {**facts, **{path: value for path, value in own.items() if path in wanted}}
