"""The router's decision and its explanation, as pure functions over a board and the line.

This is a plain scan: a choice costs as much as the queue has members. The interface is what stays; the tests hold it to an oracle.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, NamedTuple

from core.routing.board import Board, Seat, Waiting

Obstacle = Literal["offline", "busy", "channel", "disconnected", "declined", "timed_out", "no_room"]


class Score(NamedTuple):
    """How agents are compared under `least-active`; the lowest is chosen. Ties: longest without new work, then id."""

    open_items: int
    last_assigned_at: int
    agent_id: int


@dataclass(frozen=True, slots=True)
class Choice:
    """A work item and the agent it goes to, with what decided."""

    work: Waiting
    agent_id: int
    score: Score
    eligible: int
    best: tuple[Score, ...]
    """The best three scores, the chosen one first."""
    auto_accept: bool = False


@dataclass(frozen=True, slots=True)
class Decisions:
    """What one look at the line leads to."""

    offers: tuple[Choice, ...]
    exhausted: tuple[Waiting, ...]
    """Items for which everybody who is present was asked in this round."""


@dataclass(frozen=True, slots=True)
class Explanation:
    """Who could take a work item now, best first, and what stands in the way of each other member of its queue."""

    work: Waiting
    eligible: tuple[Score, ...]
    left_out: tuple[tuple[int, Obstacle], ...]


def obstacle(seat: Seat, work: Waiting) -> Obstacle | None:
    """Return the first thing that keeps a member of the item's queue from being asked now, or None."""
    if seat.kind != "available":
        return "offline" if seat.kind == "offline" else "busy"
    if work.channel_id not in seat.channels:
        return "channel"
    if not seat.connected:
        return "disconnected"
    why = work.excluded.get(seat.agent_id)
    if why is not None:
        return "declined" if why == "declined" else "timed_out"
    if seat.room < work.weight:
        return "no_room"
    return None


def score(seat: Seat) -> Score:
    """Return how the agent compares with others now."""
    return Score(seat.open_items, seat.last_assigned_at, seat.agent_id)


def decide(board: Board, line: Iterable[Waiting], now: int) -> Decisions:
    """Choose an agent for each item of the line that somebody can take, in the order of the line.

    An item that nobody can take does not block those behind it. The board counts each choice, so that the next one sees it.

    Args:
        board: who is present; changed by the choices made.
        line: waiting work, in the order of `Waiting.key`. It is read lazily and may prune what nobody has room for.
        now: microseconds since 1970; the time at which the work is given.
    """
    offers: list[Choice] = []
    exhausted: list[Waiting] = []
    for work in line:
        candidates: list[Score] = []
        someone_unasked = someone_asked = False
        for seat in board.members(work.queue_id):
            why = obstacle(seat, work)
            if why is None:
                candidates.append(score(seat))
            elif why == "no_room":
                someone_unasked = True
            elif why in ("declined", "timed_out"):
                someone_asked = True
        if candidates:
            candidates.sort()
            chosen = candidates[0]
            seat = board.seats[chosen.agent_id]
            offers.append(
                Choice(work, chosen.agent_id, chosen, len(candidates), tuple(candidates[:3]), seat.auto_accept)
            )
            board.take(chosen.agent_id, work.weight, now)
        elif someone_asked and not someone_unasked and work.next_round_at is None:
            exhausted.append(work)
    return Decisions(tuple(offers), tuple(exhausted))


def explain(board: Board, work: Waiting) -> Explanation:
    """Say who could take an item now and why the others cannot. The board must hold every member of its queue."""
    eligible: list[Score] = []
    left_out: list[tuple[int, Obstacle]] = []
    for seat in board.members(work.queue_id):
        why = obstacle(seat, work)
        if why is None:
            eligible.append(score(seat))
        else:
            left_out.append((seat.agent_id, why))
    return Explanation(work, tuple(sorted(eligible)), tuple(left_out))


def round_pause_s(first_s: int, finished_round: int) -> int:
    """Return how many seconds to wait after a round in which everybody was asked: doubled each round, at most 15 minutes."""
    doubled = first_s << min(finished_round - 1, 20)
    return min(doubled, max(first_s, 900))
