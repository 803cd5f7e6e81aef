"""What the agents of the demo besides the newcomer do next: they come, accept, answer, sometimes decline, and go to lunch.

Decisions only, from a seed, what an agent has in mind and sees, and the time; `backstage` carries them out.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from random import Random
from typing import Literal

Said = Literal["first", "question", "thanks", "silence"]
NEVER = float("inf")
REASONS = ("not my field", "too much to do")
"""As `desk.yaml` has them."""
_NOTICE_S = (2.5, 6.0)
_WRITE_S = (9.0, 22.0)
_READ_S = (4.0, 9.0)
_SILENCE_S = (60.0, 120.0)
_LUNCH_S = (30.0, 60.0)
_NEEDED_S = {"first": _WRITE_S, "question": _WRITE_S, "thanks": _READ_S, "silence": _SILENCE_S}
_BACK_FROM_AWAY_S = 5.0
_SENT_HOME_S = 30.0
"""Whom a supervisor signs out comes again after so long."""
_DECLINES = 0.12


@dataclass(frozen=True, slots=True)
class Task:
    """A case in hand, and what the customer said last; nothing at all is an answer too, after a while."""

    work: int
    case: int
    said: Said


@dataclass(frozen=True, slots=True)
class Sight:
    """What an agent sees: the own presence status, offers by work item, and cases in hand."""

    status: str
    offers: tuple[int, ...] = ()
    tasks: tuple[Task, ...] = ()


@dataclass(frozen=True, slots=True)
class Step:
    """Something that an agent does.

    Args:
        what: `status`, `accept`, `decline`, `answer` or `resolve`.
        number: the work item, for an answer or the end the case.
        word: the status, the reason, or what is answered.
    """

    what: Literal["status", "accept", "decline", "answer", "resolve"]
    number: int = 0
    word: str = ""


@dataclass(slots=True)
class Mind:
    """What one agent has in mind.

    Args:
        comes_at: when the agent becomes available.
        lunch_after: after so many accepted cases the agent goes to lunch.
    """

    comes_at: float
    lunch_after: int = 6
    accepted: int = 0
    back_at: float = NEVER
    due: dict[tuple[str, int], float] = field(default_factory=dict)
    """When what has been noticed is done."""
    declined: set[int] = field(default_factory=set)


def next_step(rng: Random, mind: Mind, sight: Sight, now: float) -> Step | None:
    """Return what the agent does now, or None; what is seen for the first time is done some seconds later."""
    _forget(mind, {("offer", work) for work in sight.offers} | {(each.said, each.case) for each in sight.tasks})
    if sight.status != "available":
        return _coming(mind, sight, now)
    for work in sight.offers:
        if _is_due(rng, mind, ("offer", work), _NOTICE_S, now):
            if work not in mind.declined and rng.random() < _DECLINES:
                mind.declined.add(work)
                return Step("decline", work, rng.choice(REASONS))
            mind.accepted += 1
            return Step("accept", work)
    for task in sight.tasks:
        if _is_due(rng, mind, (task.said, task.case), _NEEDED_S[task.said], now):
            if task.said in ("thanks", "silence"):
                return Step("resolve", task.case)
            return Step("answer", task.case, task.said)
    if (
        mind.accepted >= mind.lunch_after
        and not sight.offers
        and not any(each.said != "silence" for each in sight.tasks)
    ):
        mind.accepted = 0
        mind.back_at = now + rng.uniform(*_LUNCH_S)
        return Step("status", word="lunch")
    return None


def _coming(mind: Mind, sight: Sight, now: float) -> Step | None:
    if sight.status == "away" and mind.back_at == NEVER:
        mind.back_at = now + _BACK_FROM_AWAY_S
    if sight.status == "offline" and mind.comes_at == NEVER:
        mind.comes_at = now + _SENT_HOME_S
    when = mind.comes_at if sight.status == "offline" else mind.back_at
    if now < when:
        return None
    mind.back_at = mind.comes_at = NEVER
    return Step("status", word="available")


def _is_due(rng: Random, mind: Mind, what: tuple[str, int], after: tuple[float, float], now: float) -> bool:
    if what not in mind.due:
        mind.due[what] = now + rng.uniform(*after)
    return mind.due[what] <= now


def _forget(mind: Mind, seen: Collection[tuple[str, int]]) -> None:
    for gone in mind.due.keys() - seen:
        del mind.due[gone]
