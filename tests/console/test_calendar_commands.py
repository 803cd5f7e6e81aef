"""`deskline calendar`: times as they are typed and shown in the calendar's zone, and what a clock does not show once."""

from __future__ import annotations

import json

import pytest

from core.actions import desk as actions
from core.config.document import Calendar, Desk, Document
from data.actor import LOCAL_ADMIN
from tests.builders import Story
from tests.console.conftest import Deskline

SUPPORT = Calendar(
    zone="Europe/Berlin",
    week={"mon-fri": ("08:00-12:00", "13:00-17:30"), "sat": ("09:00-12:00",)},
    holidays=("DE-BY",),
    exceptions={"2026-12-24": ("08:00-12:00",), "2026-12-31": ()},
)
ALWAYS = Calendar(zone="America/St_Johns", week={"mon-sun": ("00:00-24:00",)})


@pytest.fixture(autouse=True)
def calendars(story: Story) -> None:
    wanted = Document(
        desk=Desk(calendar="support", fallback_queue="tier-1"), calendars={"support": SUPPORT, "always": ALWAYS}
    )
    story.desk.run(LOCAL_ADMIN, actions.apply, wanted)  # it is Friday, 15 January 2027, 09:00 in Berlin


def test_list_says_which_is_open_until_when(deskline: Deskline) -> None:
    ran = deskline("calendar", "list")
    always, support = ran.out.splitlines()[1:]
    assert always.split() == ["always", "America/St_Johns", "mon-sun", "00:00-24:00", "open"]
    assert support.startswith("support   the desk's")
    assert support.endswith("DE-BY     open until 12:00")
    items = json.loads(deskline("calendar", "list", "--json").out)["calendars"]
    assert [(each["calendar"], each["open"], each["changes_at"]) for each in items] == [
        ("always", True, None),
        ("support", True, "2027-01-15T11:00:00.000000Z"),
    ]


def test_show_tells_the_week_the_openings_and_the_days_that_are_not_as_usual(deskline: Deskline) -> None:
    ran = deskline("calendar", "show", "support", "--from", "2026-12-23", "--days", "4")
    assert ran.code == 0
    assert "\n  mon-fri  08:00-12:00  13:00-17:30\n  sat      09:00-12:00\n" in ran.out
    assert (
        """
Openings from 2026-12-23
  Wed 2026-12-23  08:00-12:00  13:00-17:30
  Thu 2026-12-24  08:00-12:00
  Fri 2026-12-25  closed: Christmas Day
  Sat 2026-12-26  closed: Second Day of Christmas

Holidays (DE-BY) and exceptions up to 2027-12-23
  Thu 2026-12-24  08:00-12:00  exception
  Fri 2026-12-25  closed       Christmas Day
  Sat 2026-12-26  closed       Second Day of Christmas
  Thu 2026-12-31  closed       exception
"""
        in ran.out
    )
    assert max(map(len, ran.out.splitlines())) <= 80
    item = json.loads(deskline("calendar", "show", "support", "--from", "2026-12-24", "--days", "3", "--json").out)
    assert item["openings"] == [{"opens_at": "2026-12-24T07:00:00.000000Z", "closes_at": "2026-12-24T11:00:00.000000Z"}]
    assert item["to_come"][0] == {
        "date": "2026-12-24",
        "kind": "exception",
        "holiday": None,
        "intervals": ["08:00-12:00"],
    }


def test_a_day_that_an_exception_closes_is_not_said_to_be_a_holiday(deskline: Deskline, story: Story) -> None:
    closed = SUPPORT.model_copy(update={"exceptions": {"2026-12-25": ()}})
    story.desk.run(LOCAL_ADMIN, actions.apply, Document(calendars={"support": closed}))
    ran = deskline("calendar", "show", "support", "--from", "2026-12-25", "--days", "2")
    assert "\n  Fri 2026-12-25  closed\n  Sat 2026-12-26  closed: Second Day of Christmas\n" in ran.out


def test_a_holiday_is_named_in_the_language_of_the_desk(deskline: Deskline, story: Story) -> None:
    german = Document(desk=Desk(language="de", calendar="support", fallback_queue="tier-1"))
    story.desk.run(LOCAL_ADMIN, actions.apply, german)
    ran = deskline("calendar", "show", "support", "--from", "2026-12-25", "--days", "1")
    assert "\n  Fri 2026-12-25  closed: Erster Weihnachtstag\n" in ran.out


def test_between_counts_open_time(deskline: Deskline) -> None:
    span = ("2026-11-24T16:00", "2026-11-26T10:30")
    assert deskline("calendar", "between", "support", *span).out == "12 h 30 min\n"
    assert deskline("calendar", "between", "support", *reversed(span)).out == "-12 h 30 min\n"
    assert deskline("calendar", "between", "support", "2026-11-24", "2026-11-24T08:00").out == "0 min\n"
    offset = deskline("calendar", "between", "support", "2026-11-24T15:00Z", "2026-11-26T10:30+01:00", "--json")
    assert json.loads(offset.out)["business_seconds"] == 12.5 * 3600


@pytest.mark.parametrize(
    ("duration", "reached"),
    [
        ("4h", "Wed 2026-11-25 10:30 +01:00"),
        ("90m", "Tue 2026-11-24 17:30 +01:00"),
        ("1h30m1s", "Wed 2026-11-25 08:00:01 +01:00"),
        ("-4h", "Tue 2026-11-24 11:00 +01:00"),
        ("0h", "Tue 2026-11-24 16:00 +01:00"),
    ],
)
def test_add_says_when_so_much_open_time_has_passed(deskline: Deskline, duration: str, reached: str) -> None:
    ran = deskline("calendar", "add", "support", "2026-11-24T16:00", duration)
    assert (ran.code, ran.out) == (0, f"{reached}\n")


def test_a_local_time_that_is_there_twice_or_not_at_all_is_told(deskline: Deskline) -> None:
    twice = deskline("calendar", "between", "always", "2026-11-01T01:30", "2026-11-01T03:00")
    assert twice.out == "2 h 30 min\n"
    assert (
        "2026-11-01T01:30 is there twice in America/St_Johns; the first, 2026-11-01T01:30-02:30, is taken" in twice.err
    )
    missing = deskline("calendar", "add", "always", "2026-03-08T02:30", "0m")
    assert missing.out == "Sun 2026-03-08 03:30 -02:30\n"
    assert "2026-03-08T02:30 is skipped by the clocks of America/St_Johns" in missing.err
    item = json.loads(deskline("calendar", "add", "always", "2026-03-08T02:30", "0m", "--json").out)
    assert len(item["notes"]) == 1


@pytest.mark.parametrize(
    ("argv", "code", "words"),
    [
        (("show", "suport"), 3, 'There is no calendar "suport".'),
        (("between", "suport", "2026-11-24", "2026-11-25"), 3, 'There is no calendar "suport".'),
        (("show", "support", "--days", "0"), 2, "--days is a number from 1 to 366."),
        (("show", "support", "--from", "soon"), 2, "Expected a date such as 2026-11-24, got 'soon'."),
        (("show", "support", "--from", "9999-12-31"), 2, "from the year 1970 to 2199"),
        (("between", "support", "soon", "2026-11-25"), 2, "Expected a moment such as 2026-11-24T09:00"),
        (("between", "support", "0001-01-01", "2026-11-25"), 2, "from the year 1970 to 2199"),
        (("add", "support", "2026-11-24", "2d"), 2, "say it in hours and minutes, such as 16h"),
        (("add", "support", "2026-11-24", "soon"), 2, "Expected a duration such as 4h, 90m, 1h30m or -4h"),
        (("add", "support", "2026-11-24", "-"), 2, "Expected a duration"),
        (("add", "support", "2026-11-24", "2020320h"), 2, "from the year 1970 to 2199"),
        (("add", "support", "2026-11-24", "2020321h"), 2, "A duration is at most 2020320h: calendars are known from"),
        (
            ("add", "support", "2026-11-24", "99999999999h"),
            2,
            "A duration is at most 2020320h: calendars are known from",
        ),
        (("add", "support", "2026-11-24", "-" + 99 * "9" + "m"), 2, "A duration is at most 2020320h"),
    ],
)
def test_what_cannot_be_answered_is_refused_in_words(
    deskline: Deskline, argv: tuple[str, ...], code: int, words: str
) -> None:
    ran = deskline("calendar", *argv)
    assert (ran.code, ran.out) == (code, "")
    assert words in ran.err


def test_a_desk_without_calendars_says_so(deskline: Deskline, story: Story) -> None:
    story.desk.run(LOCAL_ADMIN, actions.apply, Document(desk=Desk(fallback_queue="tier-1")))
    with story.desk._writing() as connection:
        connection.exec_driver_sql("update calendars set active = 0")
    ran = deskline("calendar", "list")
    assert (ran.code, ran.out) == (0, "")
    assert "the desk is always open" in ran.err
