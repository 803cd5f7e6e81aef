"""Values of declared fields: what is read is what is kept, and the same once more."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.fields import CustomField, Kind, WrongValue, keeps_values, plain, read_value, stored_value
from core.fields import _columns as columns

BERLIN = ZoneInfo("Europe/Berlin")
KINDS: tuple[Kind, ...] = ("text", "number", "flag", "moment", "choice", "choices")
CHOICES = ("a", "b, c", "B, C", " d", "Ä")


def field(kind: Kind) -> CustomField:
    return CustomField("it", kind, CHOICES if kind.startswith("choice") else ())


def kept(kind: Kind, value: Any) -> Any:
    """A value as the tables give it back."""
    if kind == "choices":
        return tuple(kept("choice", each) for each in value)
    row = columns(field(kind), value)
    return stored_value(kind, row["text"].raw if row["text"] is not None else row["number"])  # type: ignore[attr-defined,arg-type]


anything = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.decimals(),
    st.text(),
    st.sampled_from(CHOICES),
    st.lists(st.one_of(st.sampled_from(CHOICES), st.none(), st.integers()), max_size=4),
    st.dictionaries(st.text(), st.integers(), max_size=2),
    st.datetimes().map(str),
    st.binary(max_size=3),
)


@given(st.sampled_from(KINDS), anything)
def test_whatever_is_given_is_refused_with_the_fields_name_or_kept_exactly(kind: Kind, given: object) -> None:
    try:
        value = read_value(field(kind), given, BERLIN)
    except WrongValue as refused:
        said = str(refused)
    else:
        assert value is None or kept(kind, value) == value
        assert value is None or kind == "moment" or read_value(field(kind), value, BERLIN) == value
        return
    assert said.startswith("it: ")
    assert len(said) < 300


@given(st.decimals(-(10**12) + 1, 10**12 - 1, places=6))
def test_every_number_with_six_decimals_is_kept_to_the_last(number: Decimal) -> None:
    for written in (number, str(number), f" {number:f}000 "):
        value = read_value(field("number"), written, BERLIN)
        assert value == number
        assert kept("number", value) == number
        assert read_value(field("number"), plain(value, field("number"), BERLIN), BERLIN) == number


@pytest.mark.parametrize(
    "given",
    [
        "123456789012.12345600000000000000000000001",
        "0.00000000000000000000000000000000000000001",
        "1e12",
        "1e999999999",
        "sNaN",
        "-Infinity",
        "0x10",
        "1,5",
        "",
    ],
)
def test_a_number_that_would_be_rounded_is_refused(given: str) -> None:
    if not given:
        assert read_value(field("number"), given, BERLIN) is None
        return
    with pytest.raises(WrongValue):
        read_value(field("number"), given, BERLIN)


@given(
    st.datetimes(datetime.fromisoformat("1970-01-02"), datetime.fromisoformat("2199-12-30")),
    st.timedeltas(-timedelta(hours=23), timedelta(hours=23)),
)
def test_a_moment_with_an_offset_is_that_moment(local: datetime, offset: timedelta) -> None:
    minutes = int(offset.total_seconds() // 60)
    written = f"{local.isoformat()}{'-' if minutes < 0 else '+'}{abs(minutes) // 60:02}:{abs(minutes) % 60:02}"
    value = read_value(field("moment"), written, BERLIN)
    expected = local.replace(tzinfo=UTC) - timedelta(minutes=minutes)
    assert value == (expected - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)


@given(st.lists(st.sampled_from(CHOICES), min_size=1))
def test_choices_are_kept_in_their_order_each_once(chosen: list[str]) -> None:
    assert read_value(field("choices"), chosen, BERLIN) == tuple(dict.fromkeys(chosen))


def test_one_choice_that_holds_a_comma_can_be_typed() -> None:
    assert read_value(field("choices"), "b, c", BERLIN) == ("b, c",)
    assert read_value(field("choices"), "a,Ä", BERLIN) == ("a", "Ä")
    with pytest.raises(WrongValue):
        read_value(field("choices"), "a,b, c", BERLIN)


def test_a_kind_takes_over_the_values_of_another_only_where_they_mean_the_same() -> None:
    taken = {(old, new) for old in KINDS for new in KINDS if old != new and keeps_values(old, new)}
    assert taken == {("text", "choice"), ("text", "choices"), ("choice", "text"), ("choice", "choices")}
