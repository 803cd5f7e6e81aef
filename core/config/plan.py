"""From what a desk has to what a file wants: the changes between, in an order in which each can be made.

An entry that the file names is taken whole: a field it leaves out has its default. So the file, and nothing else,
says what its entries are; a change made by a screen meanwhile shows in the plan, also in a field that the file leaves
out; and an export, which leaves defaults out, restores what it was made from. What the file does not name stays, or
with `prune` goes. Prune spares the desk itself and what every desk starts with.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any, Literal, NamedTuple

from core.config.calendar_checks import unfit_calendars
from core.config.checks import Finding, Reference, check, missing_entry, still_named
from core.config.document import SECTIONS, Document, Entry
from core.config.language_checks import what_is_misspoken
from core.config.problems import ConfigRefused, Lines
from core.config.refusing import problems_of
from core.config.starter import starter

# Each section after those that it refers to. Only the fallback queue of a channel looks forward, see `_fallbacks`.
BY_DEPENDENCY = (
    "fields",
    "calendars",
    "channels",
    "presence_statuses",
    "presence_configurations",
    "routing_configurations",
    "agents",
    "queues",
    "mailboxes",
    "templates",
    "classifications",
    "views",
    "desk",
)


class FieldChange(NamedTuple):
    """One field by its attribute name, its values as the document holds them; None where there is no entry."""

    field: str
    old: Any
    new: Any


class Change(NamedTuple):
    """One step. An added entry lists all its fields, a changed one those that differ, a removed one all that it had."""

    kind: Literal["add", "change", "remove"]
    section: str
    name: str
    fields: tuple[FieldChange, ...]


def merge(current: Document, wanted: Document, prune: bool) -> Document:
    """The document that results; it is not checked here."""
    kept = starter()
    merged: dict[str, Any] = {"desk": wanted.desk if wanted.names_desk() else current.desk}
    for section in SECTIONS:
        if section != "desk":
            spared = kept.section(section)
            old = current.section(section)
            staying = {name: entry for name, entry in old.items() if not prune or name in spared}
            merged[section] = {**staying, **wanted.section(section)}
    return Document.model_construct(**merged)


def plan(current: Document, wanted: Document, prune: bool, lines: Lines | None = None) -> tuple[Change, ...]:
    """The changes that turn `current` into the merged document, or ConfigRefused when that would not hold together.

    Args:
        current: what the desk has.
        wanted: what the file names.
        prune: whether what the file does not name is removed.
        lines: where the file's fields stand, for the problems.
    """
    if problems := problems_of(what_would_not_hold(current, wanted, prune), lines or Lines("the plan")):
        raise ConfigRefused(problems)
    return steps(current, wanted, prune)


def steps(current: Document, wanted: Document, prune: bool) -> tuple[Change, ...]:
    """The changes that turn `current` into the merged document, which is known to hold together."""
    return tuple(_steps(current, merge(current, wanted, prune)))


def what_would_not_hold(
    current: Document, wanted: Document, prune: bool, doubtful: Collection[str] = ()
) -> list[Finding]:
    """What is wrong with the merged document.

    Args:
        doubtful: the names of fields that a file declares wrongly: what follows from that is not told.
    """
    merged = merge(current, wanted, prune)

    def missing(reference: Reference, hints: bool) -> Finding:
        if reference.name not in current.section(reference.section):
            return missing_entry(reference, merged, hints)
        return still_named(reference, reference.name if reference.listed else None)

    leaving = {name: entry for name, entry in current.fields.items() if name not in merged.fields}
    misspoken = what_is_misspoken(merged, leaving, doubtful)
    return [*check(merged, missing), *unfit_calendars(merged, current), *misspoken]


def applied(current: Document, changes: Iterable[Change]) -> Document:
    """The document after these changes, made one after the other."""
    sections: dict[str, dict[str, Entry]] = {section: dict(current.section(section)) for section in SECTIONS}
    for change in changes:
        entries = sections[change.section]
        values = {field.field: field.new for field in change.fields}
        match change.kind:
            case "add":
                entries[change.name] = SECTIONS[change.section].model_construct(**values)
            case "change":
                entries[change.name] = entries[change.name].model_copy(update=values)
            case "remove":
                del entries[change.name]
    return Document.model_construct(**{**sections, "desk": sections["desk"][""]})  # type: ignore[arg-type]


def _steps(current: Document, merged: Document) -> Iterator[Change]:
    """Additions, changes, removals: a change may then name what is new, and lets go of what is leaving."""
    late: list[Change] = []
    for section in BY_DEPENDENCY:
        for name, entry in sorted(merged.section(section).items()):
            if name not in current.section(section):
                fields = _fields(None, entry)
                early, rest = _fallbacks(section, fields, current)
                yield Change("add", section, name, early)
                if rest:
                    late.append(Change("change", section, name, rest))
    yield from late
    for section in BY_DEPENDENCY:
        for name, entry in sorted(merged.section(section).items()):
            old = current.section(section).get(name)
            if old is not None and (fields := _fields(old, entry)):
                yield Change("change", section, name, fields)
    yield from _removals(current, merged)


def _removals(current: Document, merged: Document) -> Iterator[Change]:
    leaving: Mapping[str, list[str]] = {
        section: sorted(set(current.section(section)) - set(merged.section(section))) for section in SECTIONS
    }
    released = set()
    for name in leaving["channels"]:
        queue = current.channels[name].fallback_queue
        if queue is not None and queue not in merged.queues:
            # Channel and queue both leave, and the queue goes first.
            released.add(name)
            yield Change("change", "channels", name, (FieldChange("fallback_queue", queue, None),))
    for section in reversed(BY_DEPENDENCY):
        for name in leaving[section]:
            fields = _fields(current.section(section)[name], None)
            if section == "channels" and name in released:
                fields = tuple(
                    field._replace(old=None) if field.field == "fallback_queue" else field for field in fields
                )
            yield Change("remove", section, name, fields)


def _fallbacks(
    section: str, fields: tuple[FieldChange, ...], current: Document
) -> tuple[tuple[FieldChange, ...], tuple[FieldChange, ...]]:
    """A new channel may fall back on a new queue, whose members may reach it again by their statuses: so later."""
    later = tuple(
        field
        for field in fields
        if section == "channels" and field.field == "fallback_queue" and field.new and field.new not in current.queues
    )
    return tuple(field._replace(new=None) if field in later else field for field in fields), later


def _fields(old: Entry | None, new: Entry | None) -> tuple[FieldChange, ...]:
    entry = new if new is not None else old
    assert entry is not None
    pairs = ((field, getattr(old, field, None), getattr(new, field, None)) for field in type(entry).model_fields)
    both = old is not None and new is not None
    return tuple(FieldChange(*pair) for pair in pairs if not both or pair[1] != pair[2])
