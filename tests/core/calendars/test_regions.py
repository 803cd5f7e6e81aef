"""Public holidays: by region, by year, in a language, and only when they are asked for."""

from __future__ import annotations

import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest

from core.calendars.loading import made_of
from core.calendars.regions import PublicHolidays, is_region, regions_like
from core.errors import UnknownRegion

ROOT = Path(__file__).parents[3]


def test_a_part_of_a_country_has_holidays_of_its_own() -> None:
    epiphany = date(2027, 1, 6)
    assert epiphany in PublicHolidays(("DE-BY",)).in_year(2027)
    assert epiphany not in PublicHolidays(("DE-BE",)).in_year(2027)


def test_a_day_off_in_lieu_belongs_to_the_year_in_which_it_is() -> None:
    holidays = PublicHolidays(("US",))
    assert "observed" in holidays.in_year(2021)[date(2021, 12, 31)]
    assert all(day.year == 2022 for day in holidays.in_year(2022))


def test_names_are_in_the_language_asked_for_whoever_runs_the_command(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LANGUAGE", "uk")
    christmas = date(2026, 12, 25)
    assert PublicHolidays(("DE",), "de-AT").in_year(2026)[christmas] == "Erster Weihnachtstag"
    assert PublicHolidays(("DE",), "en").in_year(2026)[christmas] == "Christmas Day"
    assert PublicHolidays(("DE",), "xx").in_year(2026)[christmas] == "Erster Weihnachtstag"


def test_of_two_regions_all_holidays_count_and_one_day_has_one_name_of_each() -> None:
    both = PublicHolidays(("DE", "FR"), "en").in_year(2026)
    assert {date(2026, 7, 14), date(2026, 10, 3)} <= set(both)
    assert both[date(2026, 12, 25)] == "Christmas Day"


def test_a_region_that_there_is_not() -> None:
    assert [is_region(each) for each in ("DE-BY", "FR", "DE-XX", "XX")] == [True, True, False, False]
    assert "DE-BY" in regions_like("DE-XX")
    assert "DE" in regions_like("XX")
    with pytest.raises(UnknownRegion, match='no holidays for "XX"'):
        PublicHolidays(("XX",)).in_year(2026)


def test_a_category_adds_holidays_that_count_only_in_some_places() -> None:
    assumption, christmas = date(2026, 8, 15), date(2026, 12, 25)
    assert assumption not in PublicHolidays(("DE-BY",)).in_year(2026)
    catholic = PublicHolidays(("DE-BY:catholic",), "de").in_year(2026)
    assert catholic[assumption] == "Mariä Himmelfahrt"
    assert catholic[christmas] == "Erster Weihnachtstag"


def test_a_category_that_there_is_not() -> None:
    asked = ("DE-BY:catholic", "DE-BY:cathlic", "FR:catholic", "XX:catholic")
    assert [is_region(each) for each in asked] == [True, False, False, False]
    assert "DE-BY:catholic" in regions_like("DE-BY:cathlic")
    assert "DE" in regions_like("XX:catholic")
    with pytest.raises(UnknownRegion, match='no holidays for "DE-BY:cathlic"'):
        PublicHolidays(("DE-BY:cathlic",)).in_year(2026)


def test_an_exception_opens_a_holiday_and_closes_a_day() -> None:
    calendar = made_of(
        "office",
        "Europe/Berlin",
        {"mon-fri": ["08:00-17:00"]},
        ["DE-BY"],
        {"2027-01-06": ["10:00-12:00"], "2027-01-07": []},
    )
    assert calendar.intervals_on(date(2027, 1, 6)) == ((600, 720),)
    assert calendar.holiday_on(date(2027, 1, 6)) == "Epiphany"
    assert calendar.intervals_on(date(2027, 1, 7)) == ()
    assert calendar.intervals_on(date(2027, 1, 1)) == ()


def test_a_calendar_without_regions_costs_no_import_of_them() -> None:
    code = (
        "import sys; from core.calendars.loading import made_of; from core.calendars.hours import next_opening; "
        "next_opening(made_of('a', 'Europe/Berlin', {'mon': ['08:00-12:00']}), 1800000000000000); "
        "sys.exit('holidays' in sys.modules or 'sqlalchemy' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT).returncode == 0
