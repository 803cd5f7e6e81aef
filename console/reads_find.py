"""What the list of cases shows, read page by page: views, orders, words that are searched, and counts that stop early.

Nothing here reads longer than some tens of milliseconds: a search goes on in slices, and who asks may stop between them.
"""

from __future__ import annotations

import string
from bisect import bisect_left, bisect_right
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, NamedTuple

from console.i18n import N_
from data import find_queries
from data.text import OutsideText, storable

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from console.narrowing import Narrowing
    from data.queries import Fetch, Row

PAGE = 200
"""How many cases are read at a time."""
CAP = 10_000
"""Where a count stops; a view with more is not sorted by priority."""
UNFINISHED = ("new", "open", "waiting_customer", "on_hold")
VIEWS = {
    "mine": N_("Mine"),
    "unassigned": N_("Unassigned"),
    "waiting": N_("Waiting"),
    "open": N_("Open"),
    "all": N_("All"),
}
ORDERS = {"newest": N_("newest"), "oldest": N_("oldest"), "number": N_("number"), "priority": N_("priority")}
_STATUSES = {"unassigned": ("new", "open"), "waiting": ("waiting_customer", "on_hold")}
_FAR = 9_000_000_000_000_000
_MOST_CONTACTS, _MOST_CASES = 300, 5_000
_LONGEST_WORD = 8_000
"""In characters: SQLite refuses a pattern of more than 50,000 bytes."""
_SMALL = str.maketrans(string.ascii_uppercase, string.ascii_lowercase)


class Key(NamedTuple):
    """Where a case stands in every order."""

    priority: int
    updated_at: int
    id: int


FIRST, LAST = Key(9, _FAR, _FAR), Key(0, -1, -1)


@dataclass(frozen=True, slots=True)
class CaseRow:
    """A case as the list shows it."""

    number: int
    subject: OutsideText
    status: str
    priority: int
    updated_at: int
    hold_until: int | None
    owner_id: int | None
    contact_id: int | None
    owner: str | None
    queue: str | None
    customer: OutsideText | None
    address: OutsideText | None
    last_direction: str | None
    more: Mapping[str, str] = field(default_factory=dict)
    """What stands in the columns of its view, by their fields; text from outside is still to be made harmless."""

    @property
    def key(self) -> Key:
        """Where it stands."""
        return Key(self.priority, self.updated_at, self.number)

    @property
    def who(self) -> OutsideText | None:
        """The customer's name, or the address where there is none."""
        return self.customer or self.address


@dataclass(frozen=True, slots=True)
class Sight:
    """What the list is to show.

    Args:
        view: one of VIEWS.
        order: one of ORDERS.
        typed: what stands in the search field.
        condition: what must be true of a case besides, in a view that the configuration declares.
        columns: the fields that such a view shows beside the subject; none where it shows what fits.
    """

    view: str = "open"
    order: str = "newest"
    typed: str = ""
    condition: str = ""
    columns: tuple[str, ...] = ()

    @property
    def narrowed(self) -> bool:
        """Whether cases of the view are looked at one by one."""
        return bool(self.condition or self.words)

    @property
    def words(self) -> tuple[str, ...]:
        """The words that must all occur, in small letters; what is typed behind the last one counted is part of it."""
        return tuple(self.typed.lower().split(maxsplit=find_queries.MOST_WORDS - 1))

    @property
    def number(self) -> int | None:
        """The case's number that was typed, as in `412` or `#412`."""
        text = self.typed.strip().removeprefix("#")
        return int(text) if text.isascii() and text.isdigit() and len(text) < 16 else None


def rank(order: str, key: Key) -> tuple[int, ...]:
    """Return a key as it is compared: what comes first in the order is smaller."""
    columns, descending = find_queries.ORDERS[order]
    sign = -1 if descending else 1
    return tuple(sign * getattr(key, column) for column in columns)


def in_view(view: str, row: CaseRow, me: int) -> bool:
    """Say whether a case belongs to a view."""
    if view == "all":
        return True
    if view == "mine" and row.owner_id != me:
        return False
    if view == "unassigned" and row.owner_id is not None:
        return False
    return row.status in _STATUSES.get(view, UNFINISHED)


def occurs(words: Iterable[str], row: CaseRow) -> bool:
    """Say whether each word occurs in a case's subject, customer or address."""
    text = "\n".join(each.raw.lower() for each in (row.subject, row.customer, row.address) if each is not None)
    return all(word in text for word in words)


@dataclass(frozen=True, slots=True)
class Page:
    """Some cases in a direction, with where it goes on; `edge` is None at the end.

    Args:
        passed: how many cases were looked at.
    """

    rows: tuple[CaseRow, ...]
    edge: Key | None
    passed: int = 0


def page(fetch: Fetch, sight: Sight, me: int, after: Key | None, *, backwards: bool = False, limit: int = PAGE) -> Page:
    """Return the cases of a view behind a key, without looking at words.

    Args:
        after: None begins at the list's first case, or at its last one if `backwards`.
    """
    found = fetch(find_queries.page(sight.view, sight.order, backwards), _from(sight, me, after, backwards, limit))
    rows = _with_columns(fetch, sight, [_row(each) for each in found])
    return Page(rows, rows[-1].key if len(rows) == limit else None, len(rows))


def rows(fetch: Fetch, numbers: Iterable[int], columns: tuple[str, ...] = ()) -> dict[int, CaseRow | None]:
    """Return cases by their numbers, with what they have in some columns; None for one that there is not."""
    found: dict[int, CaseRow | None] = {}
    for number in numbers:
        one = fetch(find_queries.ROW, {"case": number})
        found[number] = _row(one[0]) if one else None
    there = [row for row in found.values() if row is not None]
    return found | {row.number: row for row in _with_columns(fetch, Sight(columns=columns), there)}


def _with_columns(fetch: Fetch, sight: Sight, rows: Sequence[CaseRow]) -> tuple[CaseRow, ...]:
    """Return rows with what they have in the columns of a view."""
    if not sight.columns or not rows:
        return tuple(rows)
    from console.view_columns import cells_of, columns_of, written  # most lists have none, and need none of the rules

    columns = columns_of(fetch, sight.columns)
    cells = cells_of(fetch, columns, [row.number for row in rows])
    paths = [each.field.path for each in columns]
    return tuple(
        replace(row, more=dict(zip(paths, map(written, columns, cells[row.number]), strict=True))) for row in rows
    )


def rows_of(fetch: Fetch, sight: Sight, numbers: Sequence[int]) -> dict[int, CaseRow | None]:
    """Return cases by their numbers; None for one that there is not, or for which the view's condition does not hold."""
    found = rows(fetch, numbers, sight.columns)
    if not sight.condition:
        return found
    from console.narrowing import Narrowing

    holding = Narrowing(fetch, sight.condition).holding(fetch, numbers)
    return {number: row if number in holding else None for number, row in found.items()}


def counts(fetch: Fetch, me: int) -> dict[str, int]:
    """Return how many cases each view has; one that is above CAP has more than CAP, except `all`, which is known."""
    found = {
        view: int(fetch(find_queries.count(view), {"me": me, "limit": CAP + 1})[0]["n"]) for view in find_queries.VIEWS
    }
    if found["all"] > CAP:
        span = fetch(find_queries.SPAN, {})[0]
        found["all"] = span["highest"] - span["lowest"] + 1
    return found


def _from(sight: Sight, me: int, after: Key | None, backwards: bool, limit: int) -> dict[str, object]:
    descending = find_queries.ORDERS[sight.order][1] != backwards
    start = after or (FIRST if descending else LAST)
    return {
        "me": me,
        "limit": limit,
        "from_priority": start.priority,
        "from_updated_at": start.updated_at,
        "from_id": start.id,
    }


def _row(row: Row) -> CaseRow:
    return CaseRow(
        number=row["number"],
        subject=row["subject"],
        status=row["status"],
        priority=row["priority"],
        updated_at=row["updated_at"],
        hold_until=row["hold_until"],
        owner_id=row["owner_id"],
        contact_id=row["contact_id"],
        owner=row["owner"],
        queue=row["queue"],
        customer=row["customer"],
        address=row["address"],
        last_direction=row["last_direction"],
    )


def patterns(words: Sequence[str]) -> dict[str, object]:
    """Return the parameters of words that are looked for anywhere in a text."""
    found: dict[str, object] = {}
    for place, given in enumerate(words):
        word = storable(given[:_LONGEST_WORD])
        for name, form in (("w", word), ("u", word.upper()), ("t", word.title())):
            # a text is compared with its ASCII letters small, and a PostgreSQL may fold no others either
            plain = form.translate(_SMALL).replace("!", "!!").replace("%", "!%").replace("_", "!_")
            found[f"{name}{place}"] = f"%{plain}%"
    return found


@dataclass(slots=True)
class Search:
    """One search through a view, slice by slice.

    Few customers that a word names are looked up before: their cases are known then, and of all others only the subject is compared.
    Where a word names many, each case's customer is compared, and hits come soon anyway.
    """

    sight: Sight
    me: int
    joined: bool = False
    """Whether each case's customer is compared."""
    _named: dict[int, set[int]] = field(default_factory=dict)
    _cases: list[tuple[tuple[int, ...], int]] = field(default_factory=list)
    _below: int = -1
    _narrowing: Narrowing | None = None

    def _narrowed(self, fetch: Fetch) -> Narrowing | None:
        if self._narrowing is None and self.sight.condition:
            from console.narrowing import Narrowing  # most lists have no condition, and need none of the rules

            self._narrowing = Narrowing(fetch, self.sight.condition)
        return self._narrowing

    def look_up(self, fetch: Fetch, ids: int) -> bool:
        """Look for the customers that the words name, among some ids; return whether all were looked at."""
        if not self.sight.words:
            return True
        if self._below < 0:
            self._below = fetch(find_queries.CONTACT_SPAN, {})[0]["below"]
        start = max(0, self._below - ids)
        for place, word in enumerate(self.sight.words):
            params = {**patterns([word]), "from": start, "below": self._below, "limit": _MOST_CONTACTS + 1}
            for row in fetch(find_queries.contacts_named(word.isascii()), params):
                self._named.setdefault(row["id"], set()).add(place)
        self._below = start
        if len(self._named) > _MOST_CONTACTS:
            self.joined = True
        elif start == 0:
            self._look_up_cases(fetch)
        return self.joined or start == 0

    def _look_up_cases(self, fetch: Fetch) -> None:
        for contact in self._named:
            params = {"contact": contact, "limit": _MOST_CASES + 1}
            for row in fetch(find_queries.CASES_OF_CONTACT, params):
                key = Key(row["priority"], row["updated_at"], row["id"])
                self._cases.append((rank(self.sight.order, key), row["id"]))
            if len(self._cases) > _MOST_CASES:
                self.joined = True
                return
        self._cases.sort()

    def step(self, fetch: Fetch, after: Key | None, scan: int, *, backwards: bool = False, limit: int = PAGE) -> Page:
        """Return what is found among the next `scan` cases of the view, up to `limit`."""
        sight = self.sight
        start = _from(sight, self.me, after, backwards, scan)
        edge = fetch(find_queries.edge(sight.view, sight.order, backwards), start)
        if not edge:
            return Page((), None)
        end = Key(edge[0]["priority"], edge[0]["updated_at"], edge[0]["id"])
        passed = edge[0]["passed"]
        narrowing = self._narrowed(fetch)
        query = find_queries.hits(
            sight.view,
            sight.order,
            backwards,
            tuple(word.isascii() for word in sight.words),
            contacts=self.joined,
            where=narrowing.clause if narrowing else "",
            joins=narrowing.joins if narrowing else "",
        )
        to = {"to_priority": end.priority, "to_updated_at": end.updated_at, "to_id": end.id}
        params = start | to | patterns(sight.words) | (narrowing.params if narrowing else {}) | {"limit": limit}
        found = [_row(each) for each in fetch(query, params)]
        full = len(found) == limit
        undecided = narrowing is not None and not narrowing.exact
        if not self.joined and self._cases:
            found = self._with_customers(fetch, found, after, found[-1].key if full else end, backwards)
            full = full or len(found) > limit
            found = found[:limit]
            undecided = narrowing is not None  # those of customers were not asked of the database
        last = found[-1].key if full else end if passed == scan else None
        if narrowing is not None and undecided:
            holding = narrowing.holding(fetch, [row.number for row in found])
            found = [row for row in found if row.number in holding]
        return Page(_with_columns(fetch, sight, found), last, passed)

    def _with_customers(
        self, fetch: Fetch, found: list[CaseRow], after: Key | None, end: Key, backwards: bool
    ) -> list[CaseRow]:
        """Add the cases of the named customers between two keys."""
        order = self.sight.order
        near, far = (end, after) if backwards else (after, end)
        low = 0 if near is None else bisect_left(self._cases, (rank(order, near), -1))
        high = len(self._cases) if far is None else bisect_right(self._cases, (rank(order, far), _FAR))
        known = {row.number for row in found}
        for row in rows(fetch, (number for _rank, number in self._cases[low:high] if number not in known)).values():
            if row is not None and in_view(self.sight.view, row, self.me) and self._named_or_in_subject(row):
                found.append(row)
        if after is not None:
            found = [row for row in found if row.key != after]
        return sorted(found, key=lambda row: rank(order, row.key), reverse=backwards)

    def _named_or_in_subject(self, row: CaseRow) -> bool:
        named = self._named.get(row.contact_id or 0, set())
        subject = row.subject.raw.lower()
        return all(place in named or word in subject for place, word in enumerate(self.sight.words))
