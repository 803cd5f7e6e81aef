"""What a supervisor has to know, decided from plain figures: what is worst, what grows, how long a wait will be, what gets room.

Nothing is painted here.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from console.i18n import _, ngettext
from console.moment import age, duration, now
from console.next_thing import NextThing
from console.reads_trend import STEPS
from console.widgets.paint import safe

if TYPE_CHECKING:
    from collections.abc import Sequence

    from console.reads_supervise import AgentRow, Board, QueueRow
    from console.reads_trend import Past, Trend

BARS = " ▁▂▃▄▅▆▇█"
_RECENT = 3
"""Three steps of five minutes: a quarter of an hour."""
_HOUR = 12
_FEW = 3
"""Fewer accepted than this say nothing about the next wait."""
_TODAY_MIN, _TODAY_MAX = 7, 11
_LIST_MIN = 3


@dataclass(frozen=True, slots=True)
class QueueState:
    """A queue with what follows from its figures. `word` is `nobody`, `hand`, `grows`, `falls` or empty."""

    row: QueueRow
    waited: tuple[int, ...] = ()
    expected_us: int | None = None
    word: str = ""


def queue_state(row: QueueRow, trend: Trend) -> QueueState:
    """Return a queue with its trend up to now."""
    past = trend.queues.get(row.id)
    waited = () if past is None else (*past.waited[:-1], row.waiting)
    return QueueState(row, waited, expected(row, past, trend.window_us), _word(row, waited))


def _word(row: QueueRow, waited: Sequence[int]) -> str:
    if not row.routed:
        return "hand"
    return "nobody" if row.abandoned else direction(waited)


def direction(waited: Sequence[int]) -> str:
    """Return `grows` or `falls` where the last quarter of an hour differs plainly from the one an hour before, else nothing."""
    if len(waited) < STEPS:
        return ""
    recent = sum(waited[-_RECENT:]) / _RECENT
    before = sum(waited[-_HOUR - _RECENT : -_HOUR]) / _RECENT
    enough = max(2.0, before / 4)
    return "grows" if recent - before >= enough else "falls" if before - recent >= enough else ""


def expected(row: QueueRow, past: Past | None, window_us: int) -> int | None:
    """Return how long who waits last will wait if work is accepted as in the last hours; None where that says nothing."""
    if past is None or not row.waiting or not row.present or past.accepted < _FEW:
        return None
    return row.waiting * window_us // past.accepted


def sparkline(values: Sequence[int], width: int, highest: int) -> str:
    """Return values as a line of bars, as wide as there is room.

    Args:
        highest: what the highest bar stands for, the same for all lines of a table; the lowest is always drawn.
    """
    if not values or width <= 0:
        return ""
    cells = []
    for cell in range(width):
        part = values[
            cell * len(values) // width : max(cell * len(values) // width + 1, (cell + 1) * len(values) // width)
        ]
        cells.append(BARS[1 + round(7 * max(part) / max(1, highest))])
    return "".join(cells)


@dataclass(frozen=True, slots=True)
class Heights:
    """How many rows the tables get, and the chart of today; 0 leaves it out."""

    queues: int
    agents: int
    today: int


def heights(available: int, queues: int, agents: int) -> Heights:
    """Share the rows of the left pane: heads and blanks come first, then the tables, then the chart where room is left.

    Args:
        available: rows between the rule and the footer.
        queues: how many queues there are.
        agents: how many agents there are.
    """
    room = max(2, available - 3)  # two heads, one blank
    rows = max(1, min(queues, room - 1, max(_LIST_MIN, room - min(agents, room // 2))))
    rest = room - rows
    left = rest - agents - 1
    today = min(_TODAY_MAX, left) if left >= _TODAY_MIN else 0
    return Heights(rows, max(1, min(agents, rest) if today else rest), today)


def worst(board: Board) -> QueueRow | None:
    """Return the queue in which somebody waits and nobody is there, the fullest first."""
    return next((each for each in board.queues if each.abandoned and each.routed), None)


def lost(board: Board) -> AgentRow | None:
    """Return the agent with work in hand whose connection is lost, the one with the least grace first."""
    found = [each for each in board.agents if each.lost_at is not None and each.open_items]
    return min(found, key=lambda each: each.grace_until or 0, default=None)


def row_one(board: Board, keys: Sequence[tuple[str, str]]) -> NextThing:
    """Say the worst thing there is, or how things are.

    Args:
        keys: the keys that help, with a word each.
    """
    queue = worst(board)
    if queue is not None:
        return NextThing(
            "alert",
            badge=_("Nobody present"),
            strong=safe(queue.label),
            text=_("{waiting}, oldest {age}").format(
                waiting=_waiting(queue.waiting), age=age(queue.oldest_at or now())
            ),
            keys=tuple(keys),
        )
    agent = lost(board)
    if agent is not None:
        left = max(0, (agent.grace_until or 0) - now())
        in_hand = ngettext("{n} case in hand", "{n} cases in hand", agent.open_items).format(n=agent.open_items)
        return NextThing(
            "warn",
            badge=_("Line lost"),
            strong=safe(agent.label),
            text=_("{in_hand}, {left} of grace left").format(in_hand=in_hand, left=duration(left)),
            keys=tuple(keys),
        )
    present = sum(each.kind == "available" and each.lost_at is None for each in board.agents)
    calm = tuple(keys)
    people = _("{n} of {all} agents available").format(n=present, all=len(board.agents))
    waiting = sum(each.waiting for each in board.queues)
    oldest = min((each.oldest_at for each in board.queues if each.oldest_at is not None), default=None)
    if not waiting or oldest is None:
        return NextThing("calm", lead=_("Nothing waits"), text=people, keys=calm)
    text = _("oldest {age}, {people}").format(age=age(oldest), people=people)
    return NextThing("calm", lead=_("Desk"), strong=_waiting(waiting), text=text, keys=calm)


def _waiting(count: int) -> str:
    return ngettext("{n} waiting", "{n} waiting", count).format(n=count)
