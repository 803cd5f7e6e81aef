"""What conditions and templates know at a desk: its fields, the time, its zone and calendars, read from its tables."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from core.calendars import loading
from core.conditions import case_fields
from core.conditions.fields import Vocabulary
from core.conditions.world import World
from data import queries

if TYPE_CHECKING:
    from data.queries import Fetch


@dataclass(frozen=True, slots=True)
class AtDesk:
    """The vocabulary of a desk and the world of one moment."""

    vocabulary: Vocabulary
    world: World

    @property
    def calendars(self) -> tuple[str, ...]:
        """The names of the desk's calendars."""
        return tuple(filter(None, self.world.calendars))


def at_desk(fetch: Fetch, now: int) -> AtDesk:
    """Read what conditions and templates know at a moment, in microseconds."""
    desk = loading.read_of_desk(fetch)
    calendars = {row["calendar"]: loading.of_row(row) for row in fetch(queries.CALENDARS, {"calendar": None})}
    return AtDesk(case_fields.of_desk(fetch), World(now, ZoneInfo(desk.zone), {**calendars, "": desk}))
