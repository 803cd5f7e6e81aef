"""One row a promise, printed as one table."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Row:
    """A measured promise. `ratio` is ours to the peer, round by round: its median, and the worst round."""

    name: str
    ours: str
    peer: str
    ratio: float
    worst: float
    limit: str
    holds: bool


def compare(
    name: str,
    ours: Callable[[], float],
    peer: Callable[[], float],
    *,
    rounds: int,
    unit: str,
    at_most: float | None = None,
    at_least: float | None = None,
    peer_name: str,
) -> Row:
    """Measure ours and the peer in turn, and judge the median ratio.

    Args:
        ours: one round of ours; returns its figure.
        peer: one round of the peer; returns its figure in the same unit.
        rounds: how many rounds count; one more is run first.
        unit: of both figures.
        at_most: the highest ratio that is promised, for costs.
        at_least: the lowest ratio that is promised, for rates.
        peer_name: what stands beside us.
    """
    mine: list[float] = []
    theirs: list[float] = []
    for turn in range(rounds + 1):
        pair = (ours(), peer()) if turn % 2 else tuple(reversed((peer(), ours())))
        if turn:
            mine.append(pair[0])
            theirs.append(pair[1])
    return judged(name, mine, theirs, unit=unit, at_most=at_most, at_least=at_least, peer_name=peer_name)


def judged(
    name: str,
    mine: Sequence[float],
    theirs: Sequence[float],
    *,
    unit: str,
    at_most: float | None = None,
    at_least: float | None = None,
    peer_name: str,
) -> Row:
    """Return the row of figures measured in pairs."""
    ratios = [a / b for a, b in zip(mine, theirs, strict=True)]
    ratio = statistics.median(ratios)
    if at_most is not None:
        worst, limit, holds = max(ratios), f"at most {at_most:g}", ratio <= at_most
    elif at_least is not None:
        worst, limit, holds = min(ratios), f"at least {at_least:g}", ratio >= at_least
    else:
        worst, limit, holds = max(ratios), "", True
    return Row(
        name=name,
        ours=f"{_figure(statistics.median(mine))} {unit}",
        peer=f"{_figure(statistics.median(theirs))} {unit} ({peer_name})",
        ratio=ratio,
        worst=worst,
        limit=limit,
        holds=holds,
    )


def _figure(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


def printed(rows: Sequence[Row]) -> str:
    """Return the table as text."""
    head = ("measured", "ours", "peer or limit in the same run", "ratio", "worst round", "promised", "")
    lines = [
        (r.name, r.ours, r.peer, f"{r.ratio:.2f}", f"{r.worst:.2f}", r.limit, "holds" if r.holds else "MISSED")
        for r in rows
    ]
    widths = [max(len(line[i]) for line in (head, *lines)) for i in range(len(head))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
        for line in (head, tuple("-" * w for w in widths), *lines)
    )
