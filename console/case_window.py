"""The part of a long list that is known: some pages around the cursor, in order, with where each end goes on. Pure."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from typing import TYPE_CHECKING

from console.reads_find import rank

if TYPE_CHECKING:
    from collections.abc import Sequence

    from console.reads_find import CaseRow, Key, Sight
    from console.view_columns import ViewColumn

MOST = 800
"""How many rows are kept: what is farther from the cursor is read again when one comes back."""


class CaseWindow:
    """Rows of a list in its order.

    Args:
        pinned: the case whose number was typed; it stands first.
        columns: what the rows show beside the subject, where their view says so.
    """

    def __init__(self, sight: Sight, pinned: CaseRow | None = None, columns: Sequence[ViewColumn] = ()) -> None:
        self.sight = sight
        self.columns = tuple(columns)
        self.pinned = pinned
        self.rows: list[CaseRow] = [pinned] if pinned else []
        self.before: Key | None = None
        """Where it goes on towards the beginning; None where the beginning is known."""
        self.after: Key | None = None
        """Where it goes on towards the end; None where the end is known."""
        self._places: dict[int, int] = {row.number: place for place, row in enumerate(self.rows)}

    @property
    def whole(self) -> bool:
        """Whether every case of the list is here."""
        return self.before is None and self.after is None

    def place_of(self, number: object) -> int | None:
        """Return where a case stands."""
        return self._places.get(number)  # type: ignore[call-overload,no-any-return]

    def _reindex(self) -> None:
        self._places = {row.number: place for place, row in enumerate(self.rows)}

    def _ranks(self) -> list[tuple[int, ...]]:
        return [rank(self.sight.order, row.key) for row in self.rows[self._free :]]

    @property
    def _free(self) -> int:
        return 1 if self.pinned else 0

    def extend(self, rows: Sequence[CaseRow], edge: Key | None) -> None:
        """Add rows at the end; far rows at the beginning are let go."""
        self.rows += [row for row in rows if row.number not in self._places]
        self.after = edge
        if len(self.rows) > MOST:
            self.rows = self.rows[:1] * self._free + self.rows[len(self.rows) - MOST + self._free :]
            self.before = self.rows[self._free].key
        self._reindex()

    def extend_before(self, rows: Sequence[CaseRow], edge: Key | None) -> None:
        """Add rows at the beginning, given backwards; far rows at the end are let go."""
        fresh = [row for row in reversed(rows) if row.number not in self._places]
        self.rows[self._free : self._free] = fresh
        self.before = edge
        if len(self.rows) > MOST:
            del self.rows[MOST:]
            self.after = self.rows[-1].key
        self._reindex()

    def put(self, row: CaseRow) -> None:
        """Take over a case as it is now: where it stands among the known ones, or not at all if it stands outside."""
        if self.pinned is not None and self.pinned.number == row.number:
            self.pinned = self.rows[0] = row
            return
        old = self._places.get(row.number)
        if old is not None:
            del self.rows[old]
        here, ranks = rank(self.sight.order, row.key), self._ranks()
        place = bisect_left(ranks, here)
        before_all = self.before is not None and here <= rank(self.sight.order, self.before)
        after_all = self.after is not None and here > rank(self.sight.order, self.after)
        if (place == 0 and before_all) or (place == len(ranks) and after_all):
            self._reindex()
            return
        self.rows.insert(self._free + bisect_right(ranks, here), row)
        self._reindex()

    def drop(self, number: int) -> None:
        """Let go of a case that no longer belongs here; one that was asked for by its number stays."""
        place = self._places.get(number)
        if place is not None and not (self.pinned is not None and place == 0):
            del self.rows[place]
            self._reindex()
