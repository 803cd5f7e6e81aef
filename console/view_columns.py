"""The columns of a view: fields of conditions that stand beside the subject, read for the cases of a page and written for people."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, NamedTuple

from console.i18n import _
from console.moment import Moment, desk_clock
from console.words import case_status
from core.conditions import case_fields
from data.queries import Query

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from core.conditions.fields import Field
    from core.conditions.types import Value
    from data.queries import Fetch

_LONGEST = 300
"""In characters, of a text: a message may have millions, and a column has room for some."""
_CELLS = {"number": 8, "flag": 4, "time": 16}
_MOST_CELLS = 16
_STATUS = "case.status"
_ZONE = Query(
    "view.zone", "select coalesce((select s.value from desk_settings s where s.name = 'time_zone'), 'UTC') as zone"
)


class ViewColumn(NamedTuple):
    """One column; `head` may hold text of the admin's, `cells` is how wide it stands on the screen, `right` whether its values stand there.

    Moments are shown by the clock of the desk, whose time zone `zone` names.
    """

    field: Field
    head: str
    cells: int
    right: bool
    zone: str


def columns_of(fetch: Fetch, paths: Iterable[str]) -> tuple[ViewColumn, ...]:
    """Return the columns of some fields; one that the desk does not know any more is left out."""
    vocabulary, zone = case_fields.of_desk(fetch), fetch(_ZONE, {})[0]["zone"]
    return tuple(_column(vocabulary.fields[path], zone) for path in paths if path in vocabulary.fields)


def _column(field: Field, zone: str) -> ViewColumn:
    head = field.path.removeprefix("case.") if field.path in case_fields.BUILT_IN else field.summary
    wide = _CELLS.get(field.type.kind, _MOST_CELLS)
    if field.type.kind == "text" and field.type.choices:
        wide = max(len(case_status(each) if field.path == _STATUS else each) for each in field.type.choices)
    return ViewColumn(field, head, min(_MOST_CELLS, max(wide, len(head))), field.type.kind == "number", zone)


def cells_of(fetch: Fetch, columns: Sequence[ViewColumn], numbers: Sequence[int]) -> dict[int, tuple[Value, ...]]:
    """Return what some cases have in each column, None where a value is missing."""
    single = [each.field for each in columns if each.field.type.kind != "list"]
    lists = [each.field for each in columns if each.field.type.kind == "list"]
    selected = "".join(f", {_short(each)} as f{place}" for place, each in enumerate(single))
    joins = case_fields.joins_of(each.record for each in single)
    some = ", ".join(str(int(number)) for number in numbers)
    query = Query("view.cells", f"select c.id{selected} from cases c {joins} where c.id in ({some})")  # noqa: S608
    found: dict[int, tuple[Value, ...]] = dict.fromkeys(numbers, (None,) * len(columns))
    for row in fetch(query, {}) if numbers else ():
        values = {each.path: case_fields.as_value(each, row[f"f{place}"]) for place, each in enumerate(single)}
        values |= {each.path: case_fields.list_of(fetch, each, row["id"]) for each in lists}
        found[row["id"]] = tuple(values[each.field.path] for each in columns)
    return found


def _short(field: Field) -> str:
    return f"substr({field.sql}, 1, {_LONGEST})" if field.type.kind == "text" else field.sql


def written(column: ViewColumn, value: Value) -> str:
    """Return a value as people read it; text from outside is still to be made harmless."""
    if value is None:
        return ""
    match column.field.type.kind:
        case "time":
            return desk_clock(int(str(value)), column.zone)
        case "flag":
            return _("yes") if value else _("no")
        case "list":
            return ", ".join(value) if isinstance(value, tuple) else str(value)
        case "number":
            return format(value, "f") if isinstance(value, Decimal) else str(value)
    if column.field.path == _STATUS:
        return case_status(str(value))
    return str(value)


def plain(column: ViewColumn, value: Value) -> object:
    """Return a value as programs read it."""
    if column.field.type.kind == "time" and value is not None:
        return Moment(int(str(value)))
    return str(value) if isinstance(value, Decimal) else list(value) if isinstance(value, tuple) else value
