"""Calendars on both databases: stored, exported, removed, and read as the value that sums are made with."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from sqlalchemy import text

from core.actions.desk import apply
from core.calendars import loading
from core.calendars.hours import is_open
from core.config import stored
from core.config.document import Calendar, Desk, Document
from core.config.reading import read
from core.config.starter import starter
from core.config.writing import dump
from core.errors import NotFound
from data.actor import LOCAL_ADMIN
from data.desk import Desk as TheDesk
from data.queries import Query
from tests.core.verified import findings

OFFICE = Calendar(
    week={"mon-fri": ("08:00-12:00", "13:00-17:30")}, holidays=("DE-BY",), exceptions={"2026-12-24": ("08:00-12:00",)}
)
WANTED = Document(desk=Desk(time_zone="Europe/Berlin", calendar="office", language="de"), calendars={"office": OFFICE})


def run(desk: TheDesk, action: Any, *args: Any, **kwargs: Any) -> Any:
    return desk.run(LOCAL_ADMIN, action, *args, **kwargs)


@pytest.fixture(autouse=True)
def begun(desk: TheDesk) -> None:
    run(desk, apply, starter())


def test_applying_what_was_exported_changes_nothing(desk: TheDesk) -> None:
    run(desk, apply, WANTED)
    current = run(desk, stored.current)
    assert current.calendars == {"office": OFFICE}
    again, lines = read(dump(current), "desk.yaml", current, prune=True)
    assert run(desk, apply, again, prune=True, lines=lines).changes == ()
    assert findings(desk) == []


def test_a_calendar_that_was_removed_comes_back_as_the_same_row(desk: TheDesk) -> None:
    def rows() -> list[tuple[Any, ...]]:
        with desk.reading() as connection:
            return [tuple(each) for each in connection.execute(text("select id, name, active from calendars"))]

    run(desk, apply, WANTED)
    [(number, _, _)] = rows()
    run(desk, apply, Document(desk=Desk()), prune=True)
    assert rows() == [(number, "office", 0)]
    with pytest.raises(NotFound):
        run(desk, loading.load, "office")
    run(desk, apply, WANTED)
    assert rows() == [(number, "office", 1)]


def test_a_change_of_a_calendar_is_in_the_journal(desk: TheDesk) -> None:
    run(desk, apply, WANTED)
    run(desk, apply, Document(calendars={"office": Calendar(week={"mon-fri": ("08:00-12:00",)})}))
    with desk.reading() as connection:
        told = connection.execute(
            text("select data from journal where kind = 'desk.configured' order by id desc")
        ).scalar()
    assert "change the calendar office: week.mon-fri without 13:00-17:30" in str(told)


def test_a_calendar_is_loaded_as_a_value_and_what_it_knows_is_kept_while_it_stays_the_same(desk: TheDesk) -> None:
    run(desk, apply, WANTED)
    first = run(desk, loading.load, "office")
    assert first.zone == "Europe/Berlin"
    assert first.intervals_on(date(2026, 12, 24)) == ((480, 720),)
    assert first.holiday_on(date(2026, 12, 25)) == "Erster Weihnachtstag"
    assert run(desk, loading.load, "office") is first
    run(desk, apply, Document(desk=Desk(time_zone="Europe/Lisbon", calendar="office")))
    second = run(desk, loading.load, "office")
    assert second.zone == "Europe/Lisbon"


def test_the_desk_s_calendar_counts_and_without_one_it_is_always_open(desk: TheDesk) -> None:
    sunday = 1_800_000_000_000_000 + 2 * 86_400_000_000
    assert is_open(run(desk, loading.load_of_desk), sunday)
    run(desk, apply, WANTED)
    assert not is_open(run(desk, loading.load_of_desk), sunday)


def test_a_read_finds_the_same_calendar(desk: TheDesk) -> None:
    run(desk, apply, WANTED)
    with desk.reading() as connection:

        def fetch(query: Query, params: Any) -> list[dict[str, Any]]:
            result = connection.execute(text(query.sql), params)
            return query.rows(list(result.keys()), result)

        assert loading.read(fetch, "office") == run(desk, loading.load, "office")
        assert loading.read_of_desk(fetch).name == "office"
        with pytest.raises(NotFound, match='There is no calendar "offic"'):
            loading.read(fetch, "offic")
