"""Cutting a template into text and tags; what cannot be cut is told with its place."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.conditions.faults import Faulty, Place
from core.templates.lexing import Token, place_at, shifted, tokens


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("", []),
        ("a", [("text", "a", 0)]),
        ("{{a}}", [("put", "a", 2)]),
        ("{{}}", [("put", "", 2)]),
        (
            "a{{ b }}c{# d #}{% e %}f",
            [("text", "a", 0), ("put", " b ", 3), ("text", "c", 8), ("block", " e ", 18), ("text", "f", 23)],
        ),
        ("{{ '}}' }}", [("put", " '}}' ", 2)]),
        ("{{ '\\'}}' }}", [("put", " '\\'}}' ", 2)]),
        ("{{ {1} }}", [("put", " {1} ", 2)]),
        ("{% '%}' %}", [("block", " '%}' ", 2)]),
        ("{# '#}", []),
        ("{{{ a }}}", [("put", "{ a ", 2), ("text", "}", 8)]),
        ("{{- a -}} ", [("put", " a ", 3)]),
        ("{{-}}", [("put", "", 3)]),
        ("} }} %}", [("text", "} }} %}", 0)]),
        ("\n{% a %}\n{% b %}\n", [("text", "\n", 0), ("block", " a ", 3), ("block", " b ", 11)]),
        ("x\n  {% a %}  \ny", [("text", "x\n", 0), ("block", " a ", 6), ("text", "y", 14)]),
        ("x\n  {% a %} z", [("text", "x\n  ", 0), ("block", " a ", 6), ("text", " z", 11)]),
    ],
)
def test_the_parts(source: str, expected: list[tuple[str, str, int]]) -> None:
    assert [(each.kind, each.text, each.at) for each in tokens(source)] == expected


@pytest.mark.parametrize(
    "source", ["{{ a", "{% a", "{# a", "{{ a }", "{{ 'a }}", '{% "a\n" %}', "{{ it's }}", "{{ a %}", "{# a }}"]
)
def test_a_tag_that_is_not_closed_is_told_where_it_opens(source: str) -> None:
    with pytest.raises(Faulty) as caught:
        list(tokens(f"x\n {source}"))
    assert caught.value.fault.place == Place(2, 2)
    assert "is not closed by" in caught.value.fault.message


@given(st.text(alphabet="{}%#-'\"\\ \n\ra"))
def test_every_part_stands_where_it_says(source: str) -> None:
    last = 0
    for each in _found(source):
        assert source[each.at : each.at + len(each.text)] == each.text
        assert each.at >= last
        last = each.at + len(each.text)


def _found(source: str) -> list[Token]:
    """The parts, as far as they can be cut."""
    found: list[Token] = []
    with contextlib.suppress(Faulty):
        for each in tokens(source):
            found.append(each)
    return found


@given(st.text(alphabet="ab\n"), st.data())
def test_a_place_and_a_shifted_place(source: str, data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(source)))
    place = place_at(source, at)
    lines = source.split("\n")
    assert sum(len(line) + 1 for line in lines[: place.line - 1]) + place.column - 1 == at
    within = data.draw(st.integers(0, len(source) - at))
    assert shifted(place_at(source[at:], within), source, at) == place_at(source, at + within)


@pytest.mark.parametrize(
    "source",
    [
        "{{ " + "'" * 99_990,
        "{{ " + '"\\' * 49_990,
        "{{" + "}" * 99_990,
        "{{ " + "'a'" * 33_000,
        "{#-#}" * 20_000,
        "{#" * 50_000,
        "{" * 100_000,
        " " * 50_000 + "{# #}" * 10_000,
    ],
)
def test_hostile_sources_are_cut_at_once(source: str) -> None:
    """Each would hang if a tag were read in more than one way."""
    assert sum(len(each.text) for each in _found(source)) <= len(source)
