"""Fields that cases have values in: a change of their kind that would make those unreadable is refused, with its place in the file."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from sqlalchemy import bindparam, func, select

from core import fields
from core.config.checks import Finding
from core.config.document import Document
from core.errors import FieldFilled
from data.schema import case_values, custom_fields
from data.transaction import Tx

_FILLED = select(func.count(case_values.c.case_id.distinct())).where(case_values.c.field_id == bindparam("b_field"))
# Also those that were taken away: they have kept their values.
_KINDS = select(custom_fields.c.id, custom_fields.c.name, custom_fields.c.kind)


class Filled(NamedTuple):
    """A field's kind, and how many cases have a value of it."""

    kind: str
    cases: int


def unfit_kinds(tx: Tx, wanted: Document) -> Iterator[Finding]:
    """Return the fields of a document that cannot be of the kind that it states, as cases have values of another."""
    for row in tx.all(_KINDS):
        entry = wanted.fields.get(row.name)
        found = None if entry is None else _in_the_way(tx, row, entry.kind)
        if entry is not None and found is not None:
            cases = "1 case" if found.cases == 1 else f"{found.cases} cases"
            message = f"the field is {found.kind} and has values on {cases}; it cannot become {entry.kind}"
            yield Finding(("fields", row.name, "kind"), message, "Declare a field of another name instead.")


def refuse_unfit_kind(tx: Tx, name: str, wanted: str) -> None:
    """Refuse another kind for a field that has values.

    Raises:
        FieldFilled: cases have values in it that the kind does not know.
    """
    row = tx.first(_KINDS.where(custom_fields.c.name == name))
    if row is not None and (found := _in_the_way(tx, row, wanted)):
        raise FieldFilled(field=name, kind=found.kind, wanted=wanted, cases=found.cases)


def cases_with_values(tx: Tx, field_id: int) -> int:
    """Return how many cases have a value in a field."""
    return int(tx.scalar(_FILLED, {"b_field": field_id}) or 0)


def _in_the_way(tx: Tx, before: Any, wanted: str) -> Filled | None:
    """What keeps a field from becoming of a kind, if anything does."""
    if fields.keeps_values(before.kind, wanted):
        return None
    cases = cases_with_values(tx, before.id)
    return Filled(before.kind, cases) if cases else None
