"""A template that asks for too much work is given up, however little it writes; whatever is of use stays far below the bound."""

from __future__ import annotations

import pytest

from core.conditions.types import Value
from core.conditions.world import World
from core.templates.letter import Letter, Variant
from core.templates.template import Template, TemplateFailed
from tests.core.templates.making import FACTS, VOCABULARY, WORLD, named, rendered

LONG = "a" * 1_000_000


def given_up(text: str, **facts: Value) -> str:
    with pytest.raises(TemplateFailed) as caught:
        rendered(text, **facts)
    return str(caught.value)


def many(count: int) -> tuple[str, ...]:
    return tuple(map(str, range(count)))


def test_functions_in_a_loop_that_read_a_long_text_again_and_again() -> None:
    text = '{% for tag in case.tags %}{% if contains(message.text, "b") %}b{% endif %}{% endfor %}'
    said = given_up(text, message_text=LONG, case_tags=many(1_000))
    assert "line 1, column 30: it takes too much work" in said


def test_functions_in_one_value_that_read_a_long_text_again_and_again() -> None:
    lengths = " + ".join(["length(upper(lower(message.text)))"] * 20)
    assert "column 4: it takes too much work" in given_up(f"{{{{ {lengths} }}}}", message_text=LONG)


def test_tags_one_behind_the_other_that_read_a_long_text() -> None:
    text = "{{ length(upper(message.text)) }}\n" * 50
    assert "it takes too much work" in given_up(text, message_text=LONG)


def test_texts_that_are_compared_without_a_function() -> None:
    text = "{% for tag in case.tags %}{% if message.text == contact.name %}x{% endif %}{% endfor %}"
    said = given_up(text, message_text=LONG, contact_name=LONG[1:] + "b", case_tags=many(1_000))
    assert "it takes too much work" in said


def test_a_value_that_a_function_made_counts_too() -> None:
    long = 'replace(replace("aaaaaaaaaa", "a", "' + "b" * 300 + '"), "b", "' + "c" * 300 + '")'
    text = "{% for tag in case.tags %}{{ length(" + long + ") }}{% endfor %}"
    assert "it takes too much work" in given_up(text, case_tags=many(1_000))


def test_texts_that_stand_in_the_template_count_in_a_loop() -> None:
    text = (
        '{% for tag in case.tags %}{% if contains("'
        + "a" * 2_490
        + '", "'
        + "a" * 1_240
        + 'ba") %}{% endif %}{% endfor %}'
    )
    assert "it takes too much work" in given_up(text, case_tags=many(5_000))


def test_short_texts_in_which_a_part_is_looked_for_again_and_again() -> None:
    """In them Python may compare each character of the one with each of the other."""
    text = '{% for tag in case.tags %}{% if contains(message.text, "' + "a" * 600 + 'baa") %}{% endif %}{% endfor %}'
    assert "it takes too much work" in given_up(text, message_text="a" * 2_490, case_tags=many(5_000))


def test_a_long_list_in_a_loop_is_told_with_the_place_of_the_loop() -> None:
    text = "\n{% for tag in case.tags %}\n {% for name in case.followers %}x{% endfor %}{% endfor %}"
    said = given_up(text, case_followers=("a" * 900_000,), case_tags=many(100))
    assert "line 3, column 5: it takes too much work" in said


def test_a_long_mail_is_searched_for_each_of_many_tags() -> None:
    text = "{% for tag in case.tags %}{% if contains(message.text, tag) %}{{ tag }} {% endif %}{% endfor %}"
    found = rendered(text, message_text="It is döark. " * 14_300, case_tags=(*many(199), "döark"))
    assert found.text == "döark "


def test_long_lists_that_are_looked_through() -> None:
    text = '{% for tag in case.tags %}{% if "x" in case.tags %}x{% endif %}{% endfor %}'
    assert "it takes too much work" in given_up(text, case_tags=many(9_000))


def test_loops_whose_bodies_hold_much() -> None:
    text = "{% for tag in case.tags %}" + "{% if case.priority > 4 %}x{% endif %}" * 600 + "{% endfor %}"
    assert "it takes too much work" in given_up(text, case_tags=many(9_000))


def test_loops_inside_each_other_whose_inner_one_holds_much() -> None:
    inner = "{% for name in case.followers %}" + "{{ case.priority + 1 }}" * 50 + "{% endfor %}"
    text = "{% for tag in case.tags %}" + inner + "{% endfor %}"
    assert "it takes too much work" in given_up(text, case_tags=many(99), case_followers=many(99))
    assert rendered(text, case_tags=many(99), case_followers=()).text == ""


def test_the_bound_begins_anew_with_each_letter() -> None:
    template = Template.read("{{ length(upper(message.text)) }}\n" * 5, VOCABULARY)
    facts = {**FACTS, **named({"message_text": LONG})}
    for _ in range(10):
        assert template.render(facts, WORLD).text == "1000000\n" * 5


def test_a_large_letter_of_use_is_written() -> None:
    """A message of 200,000 characters quoted and searched, and 500 tags with a condition and two functions each."""
    text = (
        '{% if contains(message.text, "urgent") %}!{% endif %}{{ message.text | trim | quote }}\n'
        '{% for tag in case.tags %}{% if length(tag) > 1 %}- {{ tag | upper | replace("1", "one") }}\n{% endif %}{% endfor %}'
    )
    facts = {**FACTS, **named({"message_text": "It is dark.\n" * 16_000, "case_tags": many(500)})}
    written = Template.read(text, VOCABULARY).render(facts, WORLD).text
    assert written.count("> It is dark.") == 16_000
    assert "- one0one\n" in written


def test_a_letter_whose_own_markdown_grows_too_long() -> None:
    """Values are put in after Markdown was read, so they do not count."""
    loop = "{% for tag in case.tags %}" + "[" * 100 + "{% endfor %}"
    letter = Letter.read({"": Variant("Hello", loop + "{{ message.text }}")}, VOCABULARY)
    facts = {**FACTS, **named({"message_text": "x" * 200_000, "case_tags": many(2)})}
    assert len(letter.write(facts, World(0)).text) > 200_000
    with pytest.raises(TemplateFailed, match="grows beyond 120,000 characters without its values"):
        letter.write({**facts, **named({"case_tags": many(2_000)})}, World(0))
