"""Fields of a case that the admin declares: what their values may be, how they are stored, and how they are set.

Text and choices are stored as text; a number is stored in millionths, a flag as 0 or 1, a moment in microseconds, so that a database
compares them as the desk does.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from decimal import Decimal, InvalidOperation
from typing import Any, Literal

from sqlalchemy import bindparam, delete, insert, select

from core.calendars.calendar import FIRST_YEAR, LAST_YEAR
from core.conditions.types import Value
from core.config.problems import did_you_mean, got, printable
from core.errors import WrongUsage
from data.schema import case_values, custom_fields
from data.text import OutsideText, composed, storable
from data.transaction import Tx

Kind = Literal["text", "number", "flag", "moment", "choice", "choices"]
NUMBER_SCALE = 1_000_000
"""A number is stored as so many times itself."""
LONGEST_TEXT = 2_000
_LARGEST = 10**12
_SMALLEST = Decimal(1) / NUMBER_SCALE
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_FLAGS = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}
_AS_TEXT = ("text", "choice", "choices")

_ACTIVE = select(custom_fields).where(custom_fields.c.active == 1).order_by(custom_fields.c.name)
_VALUES = (
    select(case_values.c.text, case_values.c.number)
    .where(case_values.c.field_id == bindparam("b_field"), case_values.c.case_id == bindparam("b_case"))
    .order_by(case_values.c.position)
)
_FORGET = delete(case_values).where(
    case_values.c.field_id == bindparam("b_field"), case_values.c.case_id == bindparam("b_case")
)


@dataclass(frozen=True, slots=True)
class CustomField:
    """A declared field; `id` is 0 where it is only spoken of, in a document that is being checked."""

    name: str
    kind: Kind
    choices: tuple[str, ...] = ()
    label: str = ""
    id: int = 0


class WrongValue(WrongUsage):
    """{field}: {why}"""


def of_row(row: Any) -> CustomField:
    """Return the field in a row of its table, whichever way it was read."""
    name, kind, choices, label, number = (row[each] for each in ("name", "kind", "choices", "label", "id"))
    return CustomField(name, kind, tuple(json.loads(choices)), label, number)


def of_desk(tx: Tx) -> Mapping[str, CustomField]:
    """Return the fields that the desk declares, by name."""
    return {row.name: of_row(row._mapping) for row in tx.all(_ACTIVE)}


def keeps_values(old: str, new: str) -> bool:
    """Say whether values of one kind are values of another: text may become a choice, one choice several."""
    return old == new or (old in _AS_TEXT and new in _AS_TEXT and old != "choices")


def read_value(field: CustomField, given: object, zone: tzinfo) -> Value:
    """Return a value as conditions know it; None for nothing, an empty text or an empty list.

    Args:
        given: as a person typed it, or as a file or program states it.
        zone: where a moment without an offset is meant.

    Raises:
        WrongValue: the field cannot hold it.
    """
    if given is None or given in ("", (), []) or (isinstance(given, str) and not given.strip()):
        return None
    if isinstance(given, str) and not field.kind.startswith("choice"):
        given = given.strip()
    match field.kind:
        case "text":
            return _text(field, given)
        case "number":
            return _number(field, given)
        case "flag":
            return _flag(field, given)
        case "moment":
            return _moment(field, given, zone)
        case "choice":
            return _choice(field, given)
    some = (
        given
        if not isinstance(given, str)
        else [given]
        if composed(given.strip()) in field.choices
        else _parts(field, given)
    )
    if not isinstance(some, list | tuple):
        raise _wrong(field, f"expected some of {_named(field.choices)}, got {got(given)}")
    return tuple(dict.fromkeys(_choice(field, each) for each in some))


def _parts(field: CustomField, given: str) -> list[str]:
    """Return the choices that a person typed, with commas between; one that holds a comma itself stands in quotation marks."""
    try:
        [parts] = csv.reader([given], skipinitialspace=True)
    except (csv.Error, ValueError):
        parts = []
    if not parts or given.count('"') % 2:  # the reader takes a quotation mark that is not closed for one that is
        raise _wrong(field, f"expected choices with commas between, got {got(given)}")
    return parts


def _text(field: CustomField, given: object) -> str:
    if not isinstance(given, str):
        raise _wrong(field, f"expected text, got {got(given)}")
    if len(given) > LONGEST_TEXT:
        raise _wrong(field, f"the text has {len(given):,} characters; at most {LONGEST_TEXT:,} are kept")
    return storable(given)


def _number(field: CustomField, given: object) -> int | Decimal:
    try:
        # A float as it is written: 0.1 is a tenth.
        plain = str(given) if isinstance(given, float) else given
        number = Decimal(plain) if isinstance(plain, str | int | Decimal) and not isinstance(plain, bool) else None
    except InvalidOperation:
        number = None
    if number is None or not number.is_finite():
        raise _wrong(field, f"expected a number, got {got(given)}")
    # Multiplied, a number of more digits than the context has would be rounded to one that fits.
    if number.copy_abs() >= _LARGEST or number != number.quantize(_SMALLEST):
        raise _wrong(field, f"a number lies below {_LARGEST:,} and has at most six decimals")
    return int(number) if number == int(number) else number


def _flag(field: CustomField, given: object) -> bool:
    found = given if isinstance(given, bool) else _FLAGS.get(str(given).lower())
    if found is None:
        raise _wrong(field, f"expected yes or no, got {got(given)}")
    return found


def _moment(field: CustomField, given: object, zone: tzinfo) -> int:
    try:
        found = datetime.fromisoformat(given) if isinstance(given, str) else None
    except ValueError:
        found = None
    expected = 'expected a moment such as "2026-11-24 09:00" or "2026-11-24"'
    if found is None:
        raise _wrong(field, f"{expected}, got {got(given)}")
    if not FIRST_YEAR <= found.year <= LAST_YEAR:
        raise _wrong(field, f"{expected} in the years {FIRST_YEAR} to {LAST_YEAR}, got {got(given)}")
    local = found if found.tzinfo else found.replace(tzinfo=zone)
    return (local.astimezone(UTC) - _EPOCH) // timedelta(microseconds=1)


def _choice(field: CustomField, given: object) -> str:
    if isinstance(given, str):
        for each in (given, given.strip(), composed(given.strip())):
            if each in field.choices:
                return each
    hint = did_you_mean(given, field.choices) if isinstance(given, str) else ""
    raise _wrong(field, f"expected one of {_named(field.choices)}, got {got(given)}", hint)


def _named(choices: Sequence[str]) -> str:
    return ", ".join(map(printable, choices[:10])) + (" …" if len(choices) > 10 else "")


def _wrong(field: CustomField, why: str, hint: str = "") -> WrongValue:
    return WrongValue(field=field.name, why=f"{why}. {hint}" if hint else f"{why}.")


def value_of(tx: Tx, field: CustomField, case: int) -> Value:
    """Return a case's value of a field, None where it has none."""
    rows = tx.all(_VALUES, {"b_field": field.id, "b_case": case})
    if not rows:
        return None
    if field.kind == "choices":
        return tuple(row.text.raw for row in rows)
    return stored_value(field.kind, rows[0].text.raw if rows[0].text is not None else rows[0].number)


def stored_value(kind: str, found: str | int) -> Value:
    """Return a value of the tables as conditions know it."""
    if kind == "number":
        number = Decimal(found) / NUMBER_SCALE
        return int(number) if number == int(number) else number
    return bool(found) if kind == "flag" else found


def put_value(tx: Tx, field: CustomField, case: int, value: Value) -> None:
    """Store a case's value of a field, as `read_value` returns it; None forgets it."""
    tx.execute(_FORGET, {"b_field": field.id, "b_case": case})
    some = value if isinstance(value, tuple) else () if value is None else (value,)
    rows = [
        {"field_id": field.id, "case_id": case, "position": position, **_columns(field, each)}
        for position, each in enumerate(some)
    ]
    if rows:
        tx.execute(insert(case_values), rows)


def _columns(field: CustomField, value: Value) -> dict[str, object]:
    if isinstance(value, str):
        return {"text": OutsideText(value), "number": None}
    assert isinstance(value, int | Decimal)
    return {"text": None, "number": int(value * NUMBER_SCALE) if field.kind == "number" else int(value)}


def plain(value: Value, field: CustomField, zone: tzinfo) -> object:
    """Return a value as the journal writes it: a moment as the clock of a zone showed it, with its offset."""
    if field.kind == "moment" and isinstance(value, int):
        return (_EPOCH + timedelta(microseconds=value)).astimezone(zone).isoformat(sep=" ", timespec="auto")
    return str(value) if isinstance(value, Decimal) else list(value) if isinstance(value, tuple) else value
