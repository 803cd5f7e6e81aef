"""What the form of a new case offers: channels, types, queues, and contacts as one types."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from console.reads_find import patterns
from data import find_queries, screen_queries

if TYPE_CHECKING:
    from data.queries import Fetch, Row
    from data.text import OutsideText

MOST_MATCHES = 6
_LAST_LETTER = "\U0010ffff"


@dataclass(frozen=True, slots=True)
class Offered:
    """What the form offers, as pairs of a name and its label."""

    channels: tuple[tuple[str, str], ...]
    queues: tuple[tuple[str, str], ...]
    types: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ContactRow:
    """A contact who is known already."""

    id: int
    name: OutsideText | None
    address: OutsideText | None


def offered(fetch: Fetch) -> Offered:
    """Return what the form offers."""
    types = fetch(find_queries.CASE_TYPES, {})
    if not types:
        from core.settings import DEFAULTS  # in the reader's thread, after the first paint

        types = [{"value": DEFAULTS["case_types"]}]
    return Offered(
        channels=tuple((row["name"], row["label"]) for row in fetch(find_queries.CHANNEL_CHOICES, {})),
        queues=tuple((row["name"], row["label"]) for row in fetch(screen_queries.QUEUE_CHOICES, {})),
        types=tuple(json.loads(types[0]["value"])),
    )


def contacts_with_address(fetch: Fetch, typed: str) -> list[ContactRow]:
    """Return the contacts whose address begins with what is typed."""
    first = typed.strip().casefold()
    params = {"first": first, "beyond": first + _LAST_LETTER, "limit": MOST_MATCHES}
    return [_contact(row) for row in fetch(find_queries.CONTACTS_BY_ADDRESS, params)]


def contact_span(fetch: Fetch) -> int:
    """Return the id below which all contacts and addresses lie."""
    return int(fetch(find_queries.CONTACT_SPAN, {})[0]["below"])


def contacts_between(fetch: Fetch, typed: str, start: int, below: int) -> list[ContactRow]:
    """Return the contacts with what is typed in name or address, among some ids, which an index hands out."""
    word = typed.strip().lower()
    params = {**patterns([word]), "from": start, "below": below, "limit": MOST_MATCHES}
    found = fetch(find_queries.contacts_named(word.isascii()), params)
    rows = [fetch(find_queries.CONTACT, {"contact": row["id"]}) for row in found]
    return [_contact(row[0]) for row in rows if row]


def _contact(row: Row) -> ContactRow:
    return ContactRow(row["id"], row["name"] or None, row["address"])
