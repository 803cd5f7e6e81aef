"""What a compiled condition costs beside the same expression in plain Python."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

from bench.table import Row, compare
from core.conditions.case_fields import of_configuration
from core.conditions.condition import Condition
from core.conditions.types import Facts
from core.conditions.world import World

COUNT = 200_000
TEXT = 'case.priority >= 4 and case.type in ["problem", "question"] and case.subject != "Test" and age(case.opened_at) < hours(4)'


def decisions(folder: Path, rounds: int) -> Row:
    """Four terms over a case, decided many times."""
    world = World(1_795_000_000_000_000)
    facts: Facts = {
        "case.priority": 4,
        "case.type": "problem",
        "case.subject": "Inverter shows E-31",
        "case.opened_at": world.now - 1,
    }
    four_hours = 4 * 3_600_000_000

    def plain(f: Facts, w: World) -> bool:
        return (
            f["case.priority"] >= 4  # type: ignore[operator]
            and f["case.type"] in ("problem", "question")
            and f["case.subject"] != "Test"
            and w.now - f["case.opened_at"] < four_hours  # type: ignore[operator]
        )

    holds = Condition.read(TEXT, of_configuration()).holds

    def cost(decide: Callable[[Facts, World], bool]) -> Callable[[], float]:
        def round_() -> float:
            began = time.process_time()
            for _ in range(COUNT):
                decide(facts, world)
            return (time.process_time() - began) / COUNT * 1e6

        return round_

    return compare(
        "a condition of four terms",
        cost(holds),
        cost(plain),
        rounds=rounds,
        unit="us",
        at_most=10,
        peer_name="the same in plain Python",
    )
