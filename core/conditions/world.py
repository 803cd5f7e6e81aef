"""What a condition may know beside the facts: the time, the desk's zone and its calendars, all handed in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import tzinfo
from zoneinfo import ZoneInfo

from core.calendars.calendar import Calendar
from core.conditions.faults import ConditionFailed


@dataclass(frozen=True, slots=True)
class World:
    """The surroundings of one evaluation.

    Args:
        now: the present moment, in microseconds.
        zone: the desk's time zone.
        calendars: by name; the desk's own under the empty name, if it has one.
    """

    now: int
    zone: tzinfo = field(default_factory=lambda: ZoneInfo("UTC"))
    calendars: Mapping[str, Calendar] = field(default_factory=dict)

    def calendar(self, name: str) -> Calendar | None:
        """Return a calendar; None where the desk has none of its own, and every minute is open.

        Raises:
            ConditionFailed: there is none of that name.
        """
        if name and name not in self.calendars:
            raise ConditionFailed(why=f'there is no calendar "{name}"')
        return self.calendars.get(name)
