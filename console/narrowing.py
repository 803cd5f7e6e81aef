"""A view of the configuration as the list of cases looks for it: a part of the search, and asked of each case that SQL cannot decide."""

from __future__ import annotations

from typing import TYPE_CHECKING

from console.moment import now
from core.conditions.at_desk import at_desk
from core.conditions.case_fields import facts_of, joins_of
from core.conditions.condition import Condition
from core.conditions.finding import holds_on
from core.conditions.sql import where_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from data.queries import Fetch


class Narrowing:
    """A condition, read once a search; its moment stays that of the beginning, so that a search ends with what it began with."""

    def __init__(self, fetch: Fetch, text: str) -> None:
        here = at_desk(fetch, now())
        self._vocabulary, self._world = here.vocabulary, here.world
        self._condition = Condition.read(text, here.vocabulary, here.calendars)
        where = where_of(self._condition.root, here.vocabulary, here.world)
        self.clause = f" and {where.clause}"
        joins = joins_of(where.records)
        self.joins = f" {joins}" if joins else ""
        self.params = dict(where.params)
        self.exact = where.exact

    def holding(self, fetch: Fetch, numbers: Iterable[int]) -> set[int]:
        """Return those of some cases for which the condition is true."""
        return {
            number
            for number in numbers
            if (facts := facts_of(fetch, self._vocabulary, self._condition.paths, number)) is not None
            and holds_on(self._condition, facts, self._world, number)
        }
