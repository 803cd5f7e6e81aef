"""Named reads of the list of cases: pages of a view in an order, the same pages narrowed to words, and capped counts.

A page is handed out by an index and continues behind the last row seen, never by an offset. A search walks the same way in slices: an
edge is looked up first (so many cases further on), then the cases up to it are compared, so that no single read is long.
"""

# ruff: noqa: S608 - the statements are built of constants
from __future__ import annotations

from functools import cache, lru_cache

from data.queries import Query

_UNFINISHED = ("new", "open", "waiting_customer", "on_hold")
_ME = "c.owner_id = cast(:me as bigint)"

VIEWS: dict[str, tuple[str, ...]] = {
    "mine": tuple(f"{_ME} and c.status = '{status}'" for status in _UNFINISHED),
    "unassigned": tuple(f"c.owner_id is null and c.status = '{status}'" for status in ("new", "open")),
    "waiting": tuple(f"c.status = '{status}'" for status in ("waiting_customer", "on_hold")),
    "open": tuple(f"c.status = '{status}'" for status in _UNFINISHED),
    "all": ("",),
}
"""Each view as branches, one a status: within a branch an index hands the cases out in order."""

ORDERS: dict[str, tuple[tuple[str, ...], bool]] = {
    "newest": (("updated_at", "id"), True),
    "oldest": (("updated_at", "id"), False),
    "number": (("id",), True),
    "priority": (("priority", "updated_at", "id"), True),
}
"""Each order as the columns of its key, and whether it descends. By priority a view is sorted as a whole: for short ones only."""

MOST_WORDS = 4
"""How many words one search compares; what is typed behind them counts as part of the last one."""

OUTSIDE = ("subject", "customer", "address")
_COLUMNS = """select c.id as number, c.subject, c.status, c.priority, c.updated_at, c.hold_until, c.owner_id, c.contact_id, q.name as queue,
       coalesce(nullif(a.full_name, ''), a.name) as owner, t.name as customer,
       (select p.value from contact_points p where p.contact_id = t.id and p.kind = 'email' order by p.id desc limit 1) as address,
       (select m.direction from messages m where m.id =
          (select max(n.id) from messages n where n.case_id = c.id and n.direction <> 'note')) as last_direction"""
_JOINS = """left join queues q on q.id = c.queue_id left join agents a on a.id = c.owner_id
left join contacts t on t.id = c.contact_id"""


def _key(columns: tuple[str, ...], table: str = "c.") -> str:
    return "(" + ", ".join(f"{table}{column}" for column in columns) + ")"


def _bound(columns: tuple[str, ...], prefix: str) -> str:
    return "(" + ", ".join(f"cast(:{prefix}_{column} as bigint)" for column in columns) + ")"


def _sorted(columns: tuple[str, ...], descending: bool, table: str = "c.") -> str:
    return ", ".join(f"{table}{column}{' desc' if descending else ''}" for column in columns)


def _branches(view: str, order: str, backwards: bool, *, until: str = "", where: str = "", joins: str = "") -> str:
    """Build the ids and keys of the next cases of a view, in order.

    Args:
        until: a bound of its own for the end.
        where: what else a case must fulfil.
    """
    columns, descends = ORDERS[order]
    descending = descends != backwards
    beyond = "<" if descending else ">"
    bounds = f"{_key(columns)} {beyond} {_bound(columns, 'from')}{until}{where}"
    branches = "\n  union all ".join(
        f"""select * from (select c.id, c.updated_at, c.priority from cases c{joins}
    where {branch + " and " if branch else ""}{bounds}
    order by {_sorted(columns, descending)} limit cast(:limit as bigint)) as b{place}"""
        for place, branch in enumerate(VIEWS[view])
    )
    return f"""select w.* from ({branches}) as w
  order by {_sorted(columns, descending, "w.")} limit cast(:limit as bigint)"""


def _rows(walked: str, order: str, backwards: bool) -> str:
    columns, descends = ORDERS[order]
    return f"""with walked as ({walked})
{_COLUMNS} from walked join cases c on c.id = walked.id {_JOINS} order by {_sorted(columns, descends != backwards)}"""


@cache
def page(view: str, order: str, backwards: bool) -> Query:
    """Return the read of a page of a view: `limit` cases behind the key `from_…`.

    Args:
        backwards: whether it goes towards the beginning; the rows come in that direction.
    """
    name = f"find.{view}.{order}.{'before' if backwards else 'after'}"
    return Query(name, _rows(_branches(view, order, backwards), order, backwards), OUTSIDE)


@cache
def edge(view: str, order: str, backwards: bool) -> Query:
    """Return the read of the key that stands `limit` cases behind `from_…`, with how many cases lie between."""
    columns, descends = ORDERS[order]
    sql = f"""with walked as ({_branches(view, order, backwards)})
select w.id, w.updated_at, w.priority, (select count(*) from walked) as passed from walked w
order by {_sorted(columns, descends == backwards, "w.")} limit 1"""
    return Query(f"find.{view}.{order}.edge", sql)


@lru_cache(256)
def hits(
    view: str, order: str, backwards: bool, words: tuple[bool, ...], *, contacts: bool, where: str = "", joins: str = ""
) -> Query:
    """Return the read of up to `limit` cases between two keys in which each word occurs.

    Args:
        words: for each word whether it is plain ASCII; another one is compared in small, capital and title letters, because
            SQLite folds ASCII only. Their patterns are `w0`, and `u0` and `t0` where not ASCII.
        contacts: whether the customer's name and addresses are compared too, which costs ten times as much a case.
        where: what else must hold of a case, with `and` before it; `joins` brings what it speaks of.
    """
    columns, descends = ORDERS[order]
    within = ">=" if descends != backwards else "<="
    branches = _branches(
        view,
        order,
        backwards,
        until=f" and {_key(columns)} {within} {_bound(columns, 'to')}",
        where="".join(f" and {_word(place, ascii_only, contacts)}" for place, ascii_only in enumerate(words)) + where,
        joins=(" left join contacts t on t.id = c.contact_id" if contacts else "") + joins,
    )
    return Query(f"find.{view}.{order}.words", _rows(branches, order, backwards), OUTSIDE)


def _like(column: str, place: int, ascii_only: bool) -> str:
    names = (f"w{place}",) if ascii_only else (f"w{place}", f"u{place}", f"t{place}")
    return " or ".join(f"{column} like cast(:{name} as text) escape '!'" for name in names)


def _word(place: int, ascii_only: bool, contacts: bool) -> str:
    subject = _like("lower(c.subject)", place, ascii_only)
    if not contacts:
        return f"({subject})"
    return f"""({subject} or {_like("lower(t.name)", place, ascii_only)} or exists (select 1 from contact_points p
      where p.contact_id = c.contact_id and ({_like("p.folded", place, ascii_only)})))"""


@cache
def contacts_named(ascii_only: bool) -> Query:
    """Return the read of the contacts with a word in the name, or in an address, among the ids `from` to `below`, up to `limit`.

    Names and addresses are numbered apart from each other: the ids are those of either.
    """
    ids = "{0}.id >= cast(:from as bigint) and {0}.id < cast(:below as bigint)"
    sql = f"""select t.id from contacts t where {ids.format("t")} and ({_like("lower(t.name)", 0, ascii_only)})
union select p.contact_id as id from contact_points p where {ids.format("p")} and ({_like("p.folded", 0, ascii_only)})
limit cast(:limit as bigint)"""
    return Query("find.contacts_named", sql)


CONTACT_SPAN = Query(
    "find.contact_span",
    """select greatest_id + 1 as below from (
  select case when a.id > b.id then a.id else b.id end as greatest_id
  from (select coalesce(max(id), 0) as id from contacts) as a, (select coalesce(max(id), 0) as id from contact_points) as b) as g""",
)
CASES_OF_CONTACT = Query(
    "find.cases_of_contact",
    """select c.id, c.updated_at, c.priority from cases c where c.contact_id = cast(:contact as bigint)
order by c.id desc limit cast(:limit as bigint)""",
)
ROW = Query("find.row", f"{_COLUMNS} from cases c {_JOINS} where c.id = cast(:case as bigint)", OUTSIDE)
"""One case as the list shows it."""
SPAN = Query("find.span", "select min(c.id) as lowest, max(c.id) as highest from cases c")
"""The lowest and the highest number: numbers are given in order and no case is removed, so they tell how many there are."""


@cache
def count(view: str) -> Query:
    """Return the count of a view, which stops at `limit`."""
    branches = "\n  union all ".join(
        f"select * from (select 1 as one from cases c{' where ' + branch if branch else ''} limit cast(:limit as bigint)) as b{place}"
        for place, branch in enumerate(VIEWS[view])
    )
    return Query(f"find.{view}.count", f"select count(*) as n from ({branches}) as b")


CONTACTS_BY_ADDRESS = Query(
    "find.contacts_by_address",
    """select t.id, t.name, p.value as address from contact_points p join contacts t on t.id = p.contact_id
where p.kind = 'email' and p.folded >= cast(:first as text) and p.folded < cast(:beyond as text) and t.merged_into_id is null
order by p.folded limit cast(:limit as bigint)""",
    ("name", "address"),
)
"""Contacts whose address begins with what was typed; an index hands them out."""
CONTACT = Query(
    "find.contact",
    """select t.id, t.name,
       (select p.value from contact_points p where p.contact_id = t.id and p.kind = 'email' order by p.id desc limit 1) as address
from contacts t where t.id = cast(:contact as bigint) and t.merged_into_id is null""",
    ("name", "address"),
)
CHANNEL_CHOICES = Query(
    "find.channel_choices",
    "select name, coalesce(nullif(label, ''), name) as label from channels where active = 1 order by id",
)
CASE_TYPES = Query("find.case_types", "select value from desk_settings where name = 'case_types'")
