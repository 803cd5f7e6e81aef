"""The choice, written down plainly from SEMANTICS 1.3: no sorting, no pruning, no cleverness. What the router does is held to it.

Of the waiting items, in the order of the line, each goes to the member of its queue who may have it, has the fewest open
items, then has been without new work the longest, then has the lowest id. What is given counts at once.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace


@dataclass(frozen=True)
class Person:
    id: int
    queues: frozenset[int]
    channels: frozenset[int]  # of the present status; empty when the status is busy or offline
    connected: bool
    capacity: int
    used: int
    open_items: int
    last_given_at: int


@dataclass(frozen=True)
class Item:
    priority: int
    secondary: int
    accept_by: int
    requested_at: int
    id: int
    queue: int
    channel: int
    weight: int
    refused_by: frozenset[int] = field(default_factory=frozenset)  # in this round


def comes_before(one: Item, other: Item) -> bool:
    for a, b in (
        (one.priority, other.priority),
        (one.secondary, other.secondary),
        (one.accept_by, other.accept_by),
        (one.requested_at, other.requested_at),
    ):
        if a != b:
            return a < b
    return one.id < other.id


def may_be_asked(person: Person, item: Item) -> bool:
    return (
        item.queue in person.queues
        and item.channel in person.channels
        and person.connected
        and person.id not in item.refused_by
        and person.used + item.weight <= person.capacity
    )


def is_better(one: Person, other: Person) -> bool:
    if one.open_items != other.open_items:
        return one.open_items < other.open_items
    if one.last_given_at != other.last_given_at:
        return one.last_given_at < other.last_given_at
    return one.id < other.id


def choose(people: list[Person], items: list[Item], now: int) -> list[tuple[int, int]]:
    """The item and the person of each offer, in the order in which they are made."""
    people = list(people)
    left = list(items)
    offers: list[tuple[int, int]] = []
    while left:
        first = left[0]
        for item in left:
            if comes_before(item, first):
                first = item
        left.remove(first)
        best = None
        for person in people:
            if may_be_asked(person, first) and (best is None or is_better(person, best)):
                best = person
        if best is not None:
            offers.append((first.id, best.id))
            people[people.index(best)] = replace(
                best, used=best.used + first.weight, open_items=best.open_items + 1, last_given_at=now
            )
    return offers
