"""Holidays of countries and their parts, as the package `holidays` knows them: the public ones, and those of a category that is named.

Some holidays count only in places that are no part of a country by themselves, such as 15 August in most of Bavaria: the package has
them in a category, so `DE-BY:catholic` is the public holidays of `DE-BY` and those.

The package is imported at the first question: it takes about as long as all else that a command imports.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any

from core.errors import UnknownRegion


@dataclass(frozen=True)
class PublicHolidays:
    """The holidays of regions such as `DE-BY`, `FR` or `DE-BY:catholic`, with days off in lieu, in a language where it has names."""

    regions: tuple[str, ...]
    language: str = "en"

    def in_year(self, year: int) -> Mapping[date, str]:
        """The holidays of a year with their names."""
        return _in_year(self.regions, self.language, year) if self.regions else {}


def is_region(region: str) -> bool:
    """Whether there are holidays for a region."""
    try:
        _entity(region, "", ())
    except UnknownRegion:
        return False
    return True


def regions_like(region: str) -> Sequence[str]:
    """The regions that may be meant by one that there is not: with its categories, else those of its country, else the countries."""
    import holidays

    region, _, category = region.partition(":")
    if category and is_region(region):
        return [f"{region}:{each}" for each in sorted(_known(region).supported_categories) if each != "public"]
    countries = holidays.list_supported_countries(include_aliases=False)
    country = region.partition("-")[0]
    return [f"{country}-{part}" for part in countries[country]] if country in countries else sorted(countries)


@lru_cache(maxsize=1024)
def _in_year(regions: tuple[str, ...], language: str, year: int) -> Mapping[date, str]:
    found: dict[date, list[str]] = {}
    for region in regions:
        # A day off in lieu may lie in the year before or after its holiday.
        for day, name in _entity(region, language, (year - 1, year, year + 1)).items():
            if day.year == year and name not in found.setdefault(day, []):
                found[day].append(name)
    return {day: ", ".join(names) for day, names in sorted(found.items())}


def _entity(region: str, language: str, years: tuple[int, ...]) -> Any:
    place, _, category = region.partition(":")
    try:
        known = _known(place)
        # Without a language it would be that of whoever runs the command.
        named = _nearest(language, known.supported_languages) or known.default_language
        categories = (known.default_category, category) if category else None
        return _known(place, years=years, language=named, categories=categories)
    except (NotImplementedError, ValueError):
        raise UnknownRegion(region=f'"{region}"') from None


def _known(place: str, **more: Any) -> Any:
    """The package's own answer for a country or a part of one; without `more` of no year yet."""
    import holidays

    country, _, part = place.partition("-")
    return holidays.country_holidays(country, subdiv=part or None, **more)


def _nearest(language: str, supported: Sequence[str]) -> str | None:
    wanted = language.replace("-", "_")
    return next((each for each in supported if each == wanted or each.split("_")[0] == wanted.split("_")[0]), None)
