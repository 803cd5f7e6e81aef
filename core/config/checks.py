"""What holds between entries: everything that is named exists, and no case can be left without a queue.

Checked on the whole that would result, not on the file: a file may name what the desk has already, and may break, by
changing one entry, another that it does not mention.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass

from core.config.document import SINGULAR, Document
from core.config.problems import Path, did_you_mean, got, printable

MAIL_CHANNEL = "email"


@dataclass(frozen=True, slots=True)
class Reference:
    """One entry names another. `path` leads to the field; `listed` says that the field is a list of names."""

    path: Path
    section: str
    name: str
    listed: bool = False

    @property
    def owner(self) -> tuple[str, str]:
        """The entry that names the other: its section and name."""
        return str(self.path[0]), "" if self.path[0] == "desk" else str(self.path[1])


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that does not hold.

    `path` is where to say so, `besides` other places to try, `item` a text in a list there, `refers_to` the entry that
    is missed, where one is.
    """

    path: Path
    message: str
    hint: str = ""
    item: str | None = None
    besides: tuple[Path, ...] = ()
    refers_to: Path | None = None


def references(document: Document) -> Iterator[Reference]:
    """Every mention of an entry by another."""
    if document.desk.fallback_queue is not None:
        yield Reference(("desk", "fallback_queue"), "queues", document.desk.fallback_queue)
    if document.desk.calendar is not None:
        yield Reference(("desk", "calendar"), "calendars", document.desk.calendar)
    for name, channel in document.channels.items():
        if channel.fallback_queue is not None:
            yield Reference(("channels", name, "fallback_queue"), "queues", channel.fallback_queue)
    for name, status in document.presence_statuses.items():
        for key in status.channels:
            yield Reference(("presence_statuses", name, "channels"), "channels", key, listed=True)
    for name, presence in document.presence_configurations.items():
        for field in ("status_after_decline", "status_after_timeout"):
            if (after := getattr(presence, field)) is not None:
                yield Reference(("presence_configurations", name, field), "presence_statuses", after)
    for name, queue in document.queues.items():
        if queue.routing is not None:
            yield Reference(("queues", name, "routing"), "routing_configurations", queue.routing)
        for member in queue.members:
            yield Reference(("queues", name, "members"), "agents", member, listed=True)
    for name, agent in document.agents.items():
        yield Reference(("agents", name, "presence"), "presence_configurations", agent.presence)
    for name, mailbox in document.mailboxes.items():
        yield Reference(("mailboxes", name), "channels", MAIL_CHANNEL)
        for address, defaults in mailbox.addresses.items():
            if defaults.queue is not None:
                yield Reference(("mailboxes", name, "addresses", address, "queue"), "queues", defaults.queue)


def dangling(document: Document) -> Iterator[Reference]:
    """The references that lead nowhere."""
    return (found for found in references(document) if found.name not in document.section(found.section))


def named_by(document: Document, section: str, name: str) -> list[Reference]:
    """Who names this entry: what stands in the way of removing it."""
    return [found for found in references(document) if (found.section, found.name) == (section, name)]


def check(document: Document, missing: Callable[[Reference, bool], Finding] | None = None) -> list[Finding]:
    """Everything that does not hold; `missing` words a reference that leads nowhere, with a hint or without."""
    word = missing or (lambda reference, hints: missing_entry(reference, document, hints))
    return [
        # Looking for a near name is slow, and nobody reads the fiftieth hint.
        *(word(found, position < 50) for position, found in enumerate(dangling(document))),
        *_fallbacks_without_routing(document),
        *_addresses_without_queue(document),
        *_addresses_twice(document),
        *_unknown_case_types(document),
    ]


def missing_entry(reference: Reference, document: Document, hints: bool = True) -> Finding:
    """That a reference leads nowhere, with the nearest name that would."""
    message = f"there is no {SINGULAR[reference.section]} {got(reference.name)}"
    hint = did_you_mean(reference.name, list(document.section(reference.section))) if hints else ""
    item = reference.name if reference.listed else None
    return Finding(reference.path, message, hint, item, refers_to=(reference.section, reference.name))


def still_named(reference: Reference, item: str | None = None) -> Finding:
    """That an entry names another one that the desk has and that leaves, since the file does not name it."""
    return Finding(
        reference.path,
        f"still names the {SINGULAR[reference.section]} {got(reference.name)}, "
        "which the file leaves out and --prune would remove",
        "Name it in the file, or change this field.",
        item,
        refers_to=(reference.section, reference.name),
    )


def _fallbacks_without_routing(document: Document) -> Iterator[Finding]:
    for found in references(document):
        queue = document.queues.get(found.name) if found.path[-1] == "fallback_queue" else None
        if queue is not None and queue.routing is None:
            yield Finding(
                found.path,
                f"the queue {got(found.name)} has no routing configuration, and a fallback queue needs one",
                f"Such as queues.{found.name}.routing: normal.",
                besides=(("queues", found.name, "routing"),),
            )


def _addresses_without_queue(document: Document) -> Iterator[Finding]:
    channel = document.channels.get(MAIL_CHANNEL)
    if document.desk.fallback_queue is not None or (channel is not None and channel.fallback_queue is not None):
        return
    for name, mailbox in document.mailboxes.items():
        for address, defaults in mailbox.addresses.items():
            if defaults.queue is None:
                yield Finding(
                    ("mailboxes", name, "addresses", address),
                    "no queue takes its cases",
                    "Give it a queue, or the desk a fallback_queue.",
                    besides=(("desk",), ("channels", MAIL_CHANNEL)),
                )


def _addresses_twice(document: Document) -> Iterator[Finding]:
    first: dict[str, Path] = {}
    for name, mailbox in document.mailboxes.items():
        for address in mailbox.addresses:
            path = ("mailboxes", name, "addresses", address)
            # Mail servers treat Support@ and support@ alike, and so does intake.
            taken = first.setdefault(address.lower(), path)
            if taken != path:
                yield Finding(path, f"the mailbox {got(taken[1])} has this address already", besides=(taken,))


def _unknown_case_types(document: Document) -> Iterator[Finding]:
    types: Collection[str] = document.desk.case_types
    for name, mailbox in document.mailboxes.items():
        for address, defaults in mailbox.addresses.items():
            if defaults.type is not None and defaults.type not in types:
                hint = (
                    did_you_mean(defaults.type, list(types))
                    or f"The desk has: {', '.join(map(printable, types)) or 'none'}."
                )
                path = ("mailboxes", name, "addresses", address, "type")
                yield Finding(
                    path, f"there is no case type {got(defaults.type)}", hint, besides=(("desk", "case_types"),)
                )
