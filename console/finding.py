"""Finding cases beside the event loop: pages of a view, and searches that show what they have and can be left at any key.

One `Finding` belongs to a list. Each read is short; between two of them it tells how far it is, and a newer question stops it.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, TypeVar

from console import reads_find
from console.case_window import CaseWindow
from console.reads_find import PAGE, CaseRow, Key, Page, Search, Sight

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from console.view_columns import ViewColumn
    from data.queries import Fetch

T = TypeVar("T")

SLOW_S = 0.3
"""After this the screen says how far the search is."""
_SLICE_S = (0.02, 0.06)
"""A slice that takes less grows, one that takes more shrinks: other reads wait for it."""
_LEAST, _MOST = 500, 50_000
_CONTACTS = 50_000


class Finding:
    """What a list shows, how far its search is, and reading on at its ends.

    Args:
        read: answers a question from the desk, as `DeskLink.read`.
        told: called whenever there is something new to show.
    """

    def __init__(self, read: Callable[..., Awaitable[Any]], told: Callable[[], None]) -> None:
        self._read = read
        self._told = told
        self._search: Search | None = None
        self._slice = 5_000
        self._reading_on = False
        self.me = 0
        self.sight = Sight()
        """What was asked for last."""
        self.window = CaseWindow(self.sight)
        """What is known; of an earlier question while the newer one is not answered."""
        self.began: float | None = None
        """Since when a question is open, as `time.monotonic`; None while none is."""
        self.passed = 0
        """How many cases the open question has looked at."""
        self.took_ms = 0

    @property
    def stale(self) -> bool:
        """Whether what is known belongs to an earlier question."""
        return self.window.sight != self.sight

    @property
    def slow(self) -> bool:
        """Whether the question is open for so long that it is to be said."""
        return self.began is not None and time.monotonic() - self.began >= SLOW_S

    async def find(self, sight: Sight, *, keep: int = 0, at_end: bool = False) -> None:
        """Answer a question anew; the list is replaced when there is something to show, or nothing to be found.

        Args:
            keep: how many rows the list has, where it is only read anew.
            at_end: whether the end of the list is wanted.
        """
        self.sight, self.began, self.passed, self._search = sight, time.monotonic(), 0, None
        self._told()
        pinned = await self._pinned(sight)
        columns = await self._columns(sight)
        window = CaseWindow(sight, pinned, columns)
        if not sight.narrowed:
            me, limit = self.me, max(PAGE, keep)
            page = await self._asked(
                lambda fetch: reads_find.page(fetch, sight, me, None, backwards=at_end, limit=limit)
            )
            self._add(window, page, at_end)
        else:
            search = Search(sight, self.me)
            if sight.words and not keep and not at_end:
                await self._first_look(window, search)
                window = CaseWindow(sight, pinned, columns)
            while not await self._asked(lambda fetch: search.look_up(fetch, _CONTACTS)):
                self._told()
            await self._walk(window, search, None, backwards=at_end, wanted=max(PAGE, keep))
            self._search = search
        self.took_ms = round((time.monotonic() - self.began) * 1000)
        self.began = None
        self.window = window
        self._told()

    async def _pinned(self, sight: Sight) -> CaseRow | None:
        number = sight.number
        if number is None:
            return None
        return (await self._asked(lambda fetch: reads_find.rows(fetch, [number], sight.columns)))[number]

    async def _columns(self, sight: Sight) -> tuple[ViewColumn, ...]:
        if not sight.columns:
            return ()
        from console.view_columns import columns_of

        return await self._asked(lambda fetch: columns_of(fetch, sight.columns))

    async def _first_look(self, window: CaseWindow, search: Search) -> None:
        """Show what the newest cases' subjects give, before customers are looked up."""
        page = await self._asked(lambda fetch: search.step(fetch, None, self._slice))
        if page.rows or window.pinned:
            window.extend(page.rows, page.edge)
            self.window = window
            self._told()

    async def _walk(
        self, window: CaseWindow, search: Search, start: Key | None, *, backwards: bool, wanted: int
    ) -> None:
        """Go on until enough is found or the end is reached, showing what there is."""
        after, found = start, 0
        while True:
            began, scan = time.monotonic(), self._slice
            here = after
            page = await self._asked(lambda fetch: search.step(fetch, here, scan, backwards=backwards))  # noqa: B023
            self._adapt(time.monotonic() - began)
            self.passed += page.passed
            found += len(page.rows)
            self._add(window, page, backwards)
            after = page.edge
            if after is None or found >= wanted:
                return
            if self.slow and window.rows:
                self.window = window
            self._told()

    def _adapt(self, took: float) -> None:
        if took < _SLICE_S[0]:
            self._slice = min(_MOST, self._slice * 2)
        elif took > _SLICE_S[1]:
            self._slice = max(_LEAST, self._slice // 2)

    @staticmethod
    def _add(window: CaseWindow, page: Page, backwards: bool) -> None:
        if backwards:
            window.extend_before(page.rows, page.edge)
        else:
            window.extend(page.rows, page.edge)

    def give_up(self) -> None:
        """End the open question without an answer: nothing is known of it."""
        self.began, self._search, self.window = None, None, CaseWindow(self.sight)
        self._told()

    async def read_on(self, *, backwards: bool) -> None:
        """Read the next page at an end of the list; nothing happens while another one is read or a question is open."""
        window = self.window
        edge = window.before if backwards else window.after
        if edge is None or self._reading_on or self.began is not None:
            return
        self._reading_on = True
        try:
            if self._search is not None:
                await self._walk(window, self._search, edge, backwards=backwards, wanted=1)
            else:
                sight, me = window.sight, self.me
                page = await self._asked(lambda fetch: reads_find.page(fetch, sight, me, edge, backwards=backwards))
                self._add(window, page, backwards)
        finally:
            self._reading_on = False
        self._told()

    def take(self, found: dict[int, CaseRow | None]) -> None:
        """Take over cases as they are now: changed ones, new ones, and those that no longer belong here."""
        window, words = self.window, self.window.sight.words
        for number, row in found.items():
            known = window.place_of(number) is not None
            if row is None or not reads_find.in_view(window.sight.view, row, self.me):
                window.drop(number)
            elif known or reads_find.occurs(words, row):
                window.put(row)
        self._told()

    async def _asked(self, question: Callable[[Fetch], T]) -> T:
        found: T = await self._read(question)
        return found
