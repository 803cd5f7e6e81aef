"""Which cases a condition is true for, page by page, those changed last first."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from core.conditions.case_fields import as_value, facts_of, joins_of
from core.conditions.condition import Condition
from core.conditions.faults import ConditionFailed
from core.conditions.fields import Vocabulary
from core.conditions.sql import where_of
from core.conditions.types import Facts
from core.conditions.world import World
from data.queries import Query

if TYPE_CHECKING:
    from data.queries import Fetch

_PAGE = 500


def cases_where(
    fetch: Fetch,
    condition: Condition,
    vocabulary: Vocabulary,
    world: World,
    *,
    statuses: Sequence[str],
    before: tuple[int, int],
) -> Iterator[int]:
    """Yield the numbers of the cases, by the time of their last change and their number, beginning after a place in that order.

    What the database cannot decide exactly is decided again for each row that it finds.
    """
    where = where_of(condition.root, vocabulary, world)
    # A clause that is exact needs no facts; what it leaves open is decided from the same row.
    fields = [] if where.exact else [vocabulary.fields[path] for path in sorted(condition.paths)]
    single = [each for each in fields if each.type.kind != "list"]
    lists = [each.path for each in fields if each.type.kind == "list"]
    columns = "".join(f", {each.sql} as f{number}" for number, each in enumerate(single))
    joins = joins_of((*where.records, *(each.record for each in single)))
    some = ", ".join(f"'{each}'" for each in statuses)
    page = Query(
        "condition.page",
        f"select c.id, c.updated_at{columns} from cases c {joins} where c.status in ({some}) and {where.clause} "  # noqa: S608
        "and (c.updated_at, c.id) < (cast(:before_at as bigint), cast(:before_id as bigint)) "
        "order by c.updated_at desc, c.id desc limit cast(:page as bigint)",
    )
    while True:
        rows = fetch(page, {**where.params, "before_at": before[0], "before_id": before[1], "page": _PAGE})
        for row in rows:
            if not where.exact:
                facts = {each.path: as_value(each, row[f"f{number}"]) for number, each in enumerate(single)}
                facts |= facts_of(fetch, vocabulary, lists, row["id"]) or {}
                if not holds_on(condition, facts, world, row["id"]):
                    continue
            yield row["id"]
        if len(rows) < _PAGE:
            return
        before = (rows[-1]["updated_at"], rows[-1]["id"])


def holds_on(condition: Condition, facts: Facts, world: World, case: int) -> bool:
    """Say whether a condition is true of a case.

    Raises:
        ConditionFailed: it cannot be decided; with the number of the case.
    """
    try:
        return condition.holds(facts, world)
    except ConditionFailed as failed:
        raise ConditionFailed(why=f"{failed.params['why']}, on case #{case}") from None
