"""Moments of a desk are typed and shown by the desk's clock, wherever the terminal is."""

from __future__ import annotations

import pytest

from core.actions import desk as actions
from core.config.document import CustomField, Document
from core.config.stored import current
from data.actor import LOCAL_ADMIN
from data.transaction import Tx
from tests.builders import Story
from tests.console.conftest import Deskline
from tests.console.driving import program

FIELDS = {"bought": CustomField(kind="moment"), "cost": CustomField(kind="number")}


@pytest.mark.parametrize("zone", ["UTC", "America/New_York", "Asia/Tokyo"])
def test_a_moment_is_shown_as_it_was_typed_wherever_the_reader_is(story: Story, zone: str) -> None:
    def in_berlin(tx: Tx) -> None:
        desk = current(tx).desk.model_copy(update={"time_zone": "Europe/Berlin"})
        actions.apply(tx, Document(desk=desk, fields=FIELDS))

    story.desk.run(LOCAL_ADMIN, in_berlin)
    place = story.desk.where
    assert program("case", "set", "2", "bought=2026-05-04", "cost=0.000001", desk=place, TZ=zone).code == 0
    assert (
        program("case", "set", "3", "bought=2026-05-04 23:30", "cost=-123456789012.123456", desk=place, TZ=zone).code
        == 0
    )
    shown = program("case", "show", "2", desk=place, TZ=zone).out
    assert "  bought: 2026-05-04\n" in shown
    assert "  cost: 0.000001\n" in shown
    shown = program("case", "show", "3", desk=place, TZ=zone).out
    assert "  bought: 2026-05-04 23:30\n" in shown
    assert "  cost: -123456789012.123456\n" in shown
    told = program(
        "condition", "eval", "--case", "3", 'case.bought == instant("2026-05-04 23:30")', desk=place, TZ=zone
    )
    assert told.out.startswith("#3: true\n")
    assert "case.bought = 2026-05-04 23:30 (" in told.out


def test_what_is_still_to_come_is_said_so(deskline: Deskline) -> None:
    assert deskline("case", "hold", "2", "--for", "3h", "--reason", "Part ordered").code == 0
    told = deskline("condition", "eval", "--case", "2", "case.hold_until > now()").out
    assert "(in 2 h 59)" in told or "(in 3 h 00)" in told
