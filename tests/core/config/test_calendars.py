"""Calendars in a file: what is refused and where, and that what means the same is the same."""

from datetime import date, timedelta

import pytest

from core.config.describing import describe
from core.config.document import Calendar, Desk, Document
from core.config.plan import plan
from core.config.problems import ConfigRefused
from core.config.reading import read
from core.config.starter import starter
from core.config.writing import dump
from tests.core.config.documents import desk_with
from tests.core.config.test_refusals import told

SUPPORT = """\
calendars:
  support:
    zone: Europe/Berlin
    week:
      mon-fri: ["08:00-12:00", "13:00-17:30"]
      sat: ["09:00-12:00"]
    holidays: [DE-BY, FR]
    exceptions: {"2026-12-24": ["08:00-12:00"], "2026-12-31": []}
"""
MORNING = Calendar(week={"mon-fri": ("08:00-12:00",)})


def with_(old: str, new: str) -> str:
    assert old in SUPPORT
    return SUPPORT.replace(old, new)


SAT, FRI = '["09:00-12:00"]', '["08:00-12:00", "13:00-17:30"]'


@pytest.mark.parametrize(
    ("text", "line", "column", "message"),
    [
        (with_(SAT, "[9-12]"), 6, 13, 'week.sat[0]: expected an interval such as "08:00-12:00", got "9-12"'),
        (with_(SAT, "[9:00 – 12:00]"), 6, 13, 'got "9:00 – 12:00". Write "09:00-12:00".'),
        (with_(SAT, '["09:00-24:30"]'), 6, 13, "there is no time 24:30. A day goes from 00:00 to 24:00."),
        (with_(SAT, '["09:60-12:00"]'), 6, 13, "there is no time 09:60."),
        (with_(SAT, '["09:00-00:00"]'), 6, 13, '"09:00-00:00" ends before it begins. Until midnight is "09:00-24:00".'),
        (
            with_(SAT, '["22:00-06:00"]'),
            6,
            13,
            'An interval ends on its day: "22:00-24:00", and "00:00-06:00" on the next one.',
        ),
        (with_(SAT, '["09:00-09:00"]'), 6, 13, '"09:00-09:00" ends as it begins. The whole day is 00:00-24:00;'),
        (with_(FRI, '["08:00-13:30", "13:00-17:30"]'), 5, 32, '[1]: "13:00-17:30" overlaps "08:00-13:30"'),
        (
            with_(FRI, '["13:00-17:30", "08:00-13:00"]'),
            5,
            32,
            'touches "13:00-17:30". Write them as one: "08:00-17:30".',
        ),
        (with_(FRI, '["08:00-12:00", "08:00-12:00"]'), 5, 32, '"08:00-12:00" stands in the list twice'),
        (with_("sat:", "fri:"), 6, 12, 'week.fri: fri stands in "mon-fri" already'),
        (with_("sat:", "fri-sun:"), 6, 16, 'week.fri-sun: fri stands in "mon-fri" already'),
        (with_("sat:", "saturday:"), 6, 7, 'week.saturday: there is no day "saturday". Write sat.'),
        (with_("sat:", "sun-sat:"), 6, 7, '"sun-sat" does not lead from a day to a later one.'),
        (with_("sat:", '"mon, sat":'), 6, 7, "Days are mon, tue, wed, thu, fri, sat, sun, and ranges such as mon-fri."),
        (with_("Europe/Berlin", "Europe/Berln"), 3, 11, 'Did you mean "Europe/Berlin"?'),
        (with_("DE-BY", "de-by"), 7, 16, 'got "de-by". Perhaps "DE-BY".'),
        (with_("DE-BY", "DE-BX"), 7, 16, 'holidays[0]: there are no holidays for "DE-BX". Did you mean "DE-'),
        (
            with_("DE-BY", "DE-BY:cathlic"),
            7,
            16,
            'holidays[0]: there are no holidays for "DE-BY:cathlic". Did you mean "DE-BY:catholic"?',
        ),
        (with_("FR]", "XX]"), 7, 23, 'holidays[1]: there are no holidays for "XX".'),
        (with_("DE-BY", "DE-XX"), 7, 16, 'holidays[0]: there are no holidays for "DE-XX". Such as DE-BB, '),
        (with_("FR]", "NO]"), 7, 23, "expected text, got false. Write it in quotes if it is meant as text."),
        (with_("FR]", "DE-BY]"), 7, 15, '"DE-BY" stands in the list twice'),
        (with_("2026-12-24", "2026-12-32"), 8, 18, 'expected a date such as "2026-12-24", got "2026-12-32"'),
        (with_("2026-12-24", "20261224"), 8, 18, 'expected a date such as "2026-12-24", got "20261224"'),
        (with_("2026-12-24", "1914-12-24"), 8, 18, "1914-12-24 lies outside the years 1970 to 2199"),
        (with_('"2026-12-31"', "2026-12-31"), 8, 49, 'Write it in quotes: "2026-12-31".'),
        (
            "calendars: {a: {week: {}}}\n",
            1,
            23,
            'no minute of the week is open. Such as week: {mon-fri: ["09:00-17:00"]}.',
        ),
        ("calendars: {a: {week: {mon: []}}}\n", 1, 23, "calendars.a.week: no minute of the week is open"),
        ("calendars:\n  a: {}\n", 2, 3, "calendars.a.week: is missing"),
        ("desk: {calendar: suport}\n" + SUPPORT, 1, 18, 'there is no calendar "suport". Did you mean "support"?'),
    ],
)
def test_a_calendar_that_is_wrong_is_refused_at_its_place(text: str, line: int, column: int, message: str) -> None:
    (problem,) = told(text)
    assert message in problem[2]
    assert problem[:2] == (line, column)


def test_a_calendar_that_exceptions_close_for_too_long_is_refused_whatever_day_it_is() -> None:
    first = date(2040, 1, 1)
    days = [(first + timedelta(days=n)).isoformat() for n in range(401)]

    def closed(*but: str) -> str:
        exceptions = ", ".join(f'"{day}": []' for day in days if day not in but)
        return f'calendars: {{a: {{week: {{mon-sun: ["08:00-09:00"]}}, exceptions: {{{exceptions}}}}}}}\n'

    (problem,) = told(closed())
    assert "calendars.a.week: no minute is open in the 400 days from 2039-12-31 on" in problem[2]
    assert read(closed(days[200]), "desk.yaml", starter())[0].calendars


def test_what_the_desk_has_already_is_not_looked_at_again() -> None:
    gone = Calendar(week={"mon": ("08:00-12:00",)}, holidays=("XX",))
    desk = desk_with(calendars={"old": gone})
    assert read("queues: {a: {}}\n", "desk.yaml", desk)[0].calendars == {}
    assert read(dump(desk), "desk.yaml", desk)[0].calendars == {"old": gone}


def test_two_weeks_that_mean_the_same_are_the_same() -> None:
    one = 'calendars: {a: {week: {mon: ["13:00-17:30", "08:00-12:00"], tue-fri: ["08:00-12:00", "13:00-17:30"], sat: []}}}'
    two = 'calendars: {a: {week: {mon-fri: ["08:00-12:00", "13:00-17:30"]}}}'
    assert read(one, "desk.yaml", starter())[0] == read(two, "desk.yaml", starter())[0]


def test_a_calendar_that_the_desk_still_names_is_not_removed() -> None:
    desk = desk_with(desk=Desk(calendar="office"), calendars={"office": MORNING})
    with pytest.raises(ConfigRefused, match=r'desk\.calendar: still names the calendar "office"'):
        plan(desk, Document(), True)
    changes = plan(desk, Document(desk=Desk()), True)
    assert [describe(each) for each in changes] == [
        "change the desk: calendar from office to none",
        "remove the calendar office",
    ]


def test_a_new_calendar_is_told_in_words() -> None:
    wanted, lines = read(SUPPORT, "desk.yaml", starter())
    assert [describe(each) for each in plan(starter(), wanted, False, lines)] == [
        "add the calendar support: zone Europe/Berlin, week.mon-fri 08:00-12:00, 13:00-17:30, week.sat 09:00-12:00, "
        "holidays DE-BY, FR, exceptions.2026-12-24 08:00-12:00, exceptions.2026-12-31 none"
    ]
