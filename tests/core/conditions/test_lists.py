"""Lists that stand in the text keep their order and everything that is in them, and hold text wherever they are written out."""

from __future__ import annotations

import pytest

from core.conditions.condition import Condition
from core.conditions.faults import ConditionRefused
from core.templates.template import Template, TemplateRefused
from tests.core.templates.making import FACTS, VOCABULARY, WORLD, rendered


def test_a_list_keeps_its_order_and_what_is_twice_in_it() -> None:
    assert rendered('{{ join(["b", "a", "c", "b"], ",") }}').text == "b,a,c,b"
    assert rendered('{{ ["b", "a", "c", "b"] }}').text == "b, a, c, b"
    assert rendered('{% for x in ["b", "a", "c", "b"] %}{{ x }}{% endfor %}').text == "bacb"
    assert rendered('{{ length(["a", "a"]) }}').text == "2"


@pytest.mark.parametrize(
    ("text", "column"),
    [
        ("{{ [1, 2] }}", 5),
        ("{{ [true] }}", 5),
        ("{{ join([1, 2], ',') }}", 10),
        ("{{ [1, 2] | join(',') }}", 5),
        ("{% for x in [1, 2] %}{{ x }}{% endfor %}", 14),
    ],
)
def test_a_list_that_is_written_out_holds_text(text: str, column: int) -> None:
    with pytest.raises(TemplateRefused) as caught:
        Template.read(text, VOCABULARY)
    assert tuple(caught.value.faults[0].place) == (1, column)


def test_a_list_that_a_function_looks_into_holds_text() -> None:
    with pytest.raises(ConditionRefused):
        Condition.read("contains([1, 2], 'a')", VOCABULARY)
    assert Condition.read("contains(['b', 'A'], 'a')", VOCABULARY).verdict({}, WORLD) is True


def test_numbers_are_looked_for_among_numbers() -> None:
    assert (
        Condition.read("case.priority in [1, 3] and case.priority not in [4]", VOCABULARY).verdict(FACTS, WORLD) is True
    )
