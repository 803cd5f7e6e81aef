"""What templates become, beside the conditions that they share their language with."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.conditions.condition import Condition
from core.conditions.faults import Place
from core.conditions.types import Facts, Value
from core.templates.template import Template, TemplateFailed, TemplateRefused
from tests.core.conditions.making import conditions, facts_like
from tests.core.templates.making import FACTS, VOCABULARY, WORLD, named, rendered

SCRAPS = (
    "{{",
    "}}",
    "{%",
    "%}",
    "{#",
    "#}",
    "-",
    "|",
    "[",
    "]",
    ",",
    "(",
    ")",
    "'",
    '"',
    "\\",
    "\n",
    " ",
    ".",
    "=",
    "==",
    "*",
    "**",
    ":=",
    "if",
    "elif",
    "else",
    "endif",
    "for",
    "endfor",
    "in",
    "x",
    "f",
    "not",
    "and",
    "true",
    "missing",
    "case",
    "case.subject",
    "case.number",
    "case.followers",
    "default",
    "upper",
    "truncate",
    "round",
    "clock",
    "replace",
    "join",
    "1",
    "0",
    "0.5",
    "'%Y'",
    "'a'",
    "{",
    "}",
    "%",
    "#",
    "case.opened_at",
    "now()",
    "hours(1)",
    "lambda",
    "__class__",
    "\r\n",
    "\x00",
    "\ue000",
    "ä",
    "🦊",
)


@given(st.text().filter(lambda text: not any(sign in text for sign in ("{{", "{%", "{#"))))
def test_a_text_without_tags_is_itself(text: str) -> None:
    assert rendered(text).text == text


@settings(max_examples=1_000, deadline=None)
@given(
    st.one_of(
        st.text(), st.lists(st.sampled_from(SCRAPS)).map("".join), st.lists(st.sampled_from(SCRAPS)).map(" ".join)
    )
)
def test_whatever_stands_there_is_rendered_or_refused(text: str) -> None:
    lines = text.split("\n")
    for place in _places(text):
        assert 1 <= place.line <= len(lines)
        assert 1 <= place.column <= len(lines[place.line - 1]) + 1


def _places(text: str) -> list[Place]:
    """Where a template is wrong; one that is not wrong is rendered."""
    try:
        template = Template.read(text, VOCABULARY)
    except TemplateRefused as refused:
        return [each.place for each in refused.faults]
    with contextlib.suppress(TemplateFailed):
        template.render(FACTS, WORLD, escape=str)
    return []


@settings(max_examples=1_000, deadline=None)
@given(st.lists(st.sampled_from(SCRAPS), max_size=8).map(" ".join))
def test_whatever_stands_in_a_tag_is_put_in_or_refused(text: str) -> None:
    for source in (
        f"{{{{ {text} }}}}",
        f"{{% if {text} %}}{{% endif %}}",
        f"{{% for q in {text} %}}{{{{ q }}}}{{% endfor %}}",
    ):
        with contextlib.suppress(TemplateRefused, TemplateFailed):
            assert isinstance(rendered(source).text, str)


@settings(max_examples=150, deadline=None)
@given(conditions(2), conditions(2), facts_like())
def test_a_branch_is_written_where_its_condition_is_true(first: str, second: str, facts: Facts) -> None:
    """What is unknown is not true, as in a rule."""
    text = f"{{% if {first} %}}first{{% elif {second} %}}second{{% else %}}neither{{% endif %}}"
    known = {**FACTS, **facts}
    one, other = (Condition.read(each, VOCABULARY).verdict(known, WORLD) is True for each in (first, second))
    template = Template.read(text, VOCABULARY)
    assert template.render(known, WORLD).text == ("first" if one else "second" if other else "neither")


@pytest.mark.parametrize(
    ("text", "becomes"),
    [
        ("{{ case.number }} {{ case.is_open }} {{ case.opened_at }}", "412 yes 2026-11-23 08:00"),
        ("{{ now() - case.opened_at }}, {{ hours(1.5) }}", "0 s, 1 h 30 min"),
        ("{{ case.priority / 4 }} {{ case.number * 2.50 }} {{ 0 * -0.5 }}", "0.75 1030 0"),
        ("{{ case.tags }}", "solar, vip"),
        ("{{ case.subject | truncate(9) | upper }}", "INVERTER…"),
        ("{{ case.priority > 2 }}", "yes"),
        ("{{ 'a }} b' }}|{{ \"%} {# \\\"\" }}", "a }} b|%} {# \""),
        ("{% if contains(case.subject, '%}') %}a{% else %}b{% endif %}", "b"),
        ("a{# {{ no.field }} {% if %} it's #}b", "ab"),
        ("{%if case.is_open%}a{%endif%}", "a"),
        ("{{\n  case.number\n}}", "412"),
        ("{{ {} }} } }} %} #}".replace("{{ {} }} ", ""), "} }} %} #}"),
        ("{ { case.number } }", "{ { case.number } }"),
        ("{% for x in case.followers %}{% for y in case.tags %}{{ x }}-{{ y }} {% endfor %}{{ x }} {% endfor %}",
         "ida-solar ida-vip ida maya-solar maya-vip maya "),
        ("{% for x in case.tags %}{{ x }}{% endfor %}{% for x in case.followers %}{{ x }}{% endfor %}", "solarvipidamaya"),
        ("{% for x in case.tags %}{% if x == 'vip' %}!{% elif x in ['solar'] %}?{% endif %}{% endfor %}", "?!"),
        ("{% for x in case.tags %}{% endfor %}{% if case.is_open %}{% endif %}", ""),
        ("{% for x in [] %}{{ x }}{% endfor %}", ""),
        ("{{ case.subject\r\n  | truncate(9)\r\n  | upper }}", "INVERTER…"),
        ("{%\r\nif case.is_open\r\nand case.priority > 2 %}a{% endif %}", "a"),
        ("{% for x in case.tags %}{{ x }}{% else %}none{% endfor %}", "solarvip"),
        ("{% for x in [] %}{{ x }}{% else %}none{% endfor %}", "none"),
        ("{% for x in case.followers %}{% for y in [] %}{{ y }}{% else %}{{ x }} {% endfor %}{% endfor %}", "ida maya "),
        ("{% for x in [] %}{% else %}{% for y in case.tags %}{{ y }}{% endfor %}{% if case.is_open %}!{% endif %}{% endfor %}.",
         "solarvip!."),
        ("{% for x in case.tags %}{% else %}{% endfor %}", ""),
        ("{% for x in case.tags %}{{ loop.index }}/{{ loop.first }}/{{ loop.last }} {% endfor %}", "1/yes/no 2/no/yes "),
        ("{% for x in case.tags %}{% for y in case.followers %}{% for z in case.tags %}{{ loop.index }}{% endfor %};{% endfor %}"
         "{{ loop.index }}{{ loop.last }} {% endfor %}", "12;12;1no 12;12;2yes "),
        ("{% for x in case.tags %}{% for y in case.none %}{% else %}{% for z in case.tags %}{{ loop.index }}{% endfor %};{% endfor %}"
         "{{ loop.index }} {% endfor %}".replace("case.none", "case.tags") , "1 2 "),
        ("{% for x in case.tags %}{{ x }}{% if not loop.last %}, {% endif %}{% endfor %}", "solar, vip"),
        ("{% for x in case.tags %}{% for y in ['a', 'b', 'c'] %}{{ loop.index }}{% endfor %}:{{ loop.index }}{{ loop.last }} {% endfor %}",
         "123:1no 123:2yes "),
        ("{% for x in case.tags %}{% for y in [] %}{% else %}{{ loop.index }}{% endfor %}{{ loop.index }} {% endfor %}", "11 22 "),
        ("{% for x in case.tags %}{% for y in case.followers %}{{ y }}{% endfor %}{{ loop.index }} {% endfor %}",
         "idamaya1 idamaya2 "),
        ("{% for x in case.tags %}{% for y in case.tags %}{% if loop.first %}{{ loop.index }}{% endif %}{% endfor %}{% endfor %}", "11"),
    ],
)  # fmt: skip
def test_what_it_becomes(text: str, becomes: str) -> None:
    assert rendered(text).text == becomes


@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
@pytest.mark.parametrize(
    ("text", "becomes"),
    [
        ("a\n{% if case.is_open %}\nb\n{% endif %}\nc", "a\nb\nc"),
        ("a\n \t{% if case.is_open %} \t\nb\n  {% endif %}", "a\nb\n"),
        ("a\n{# remark #}\nb", "a\nb"),
        ("a\n{#\nremark\n#}\nb", "a\nb"),
        ("a\n{{ case.number }}\nb", "a\n412\nb"),
        ("a {% if case.is_open %}\nb{% endif %}\nc", "a \nb\nc"),
        ("{% if case.is_open %}{% endif %}\na", "\na"),
        ("a\n  {{- case.number -}}\n  b", "a412b"),
        ("a  {%- if case.is_open %} b {% endif -%}  c", "a b c"),
        ("a\n{#- remark -#}\n b", "ab"),
        ("a {#-#} b", "a b"),
        ("a\n\n  {%- if case.is_open %}\nb{% endif %}", "ab"),
        ("a{{ case.number -}}   \n   {% if case.is_open %}\nb{% endif %}", "a412b"),
    ],
)
def test_blanks_around_tags(text: str, becomes: str, line_end: str) -> None:
    assert rendered(text.replace("\n", line_end)).text == becomes.replace("\n", line_end)


def test_what_is_missing_is_left_out_and_named_once() -> None:
    found = rendered(
        "{% for x in case.followers %}{{ case.type }}{{ case.owner | upper }}{{ account.name | default('-') }}{% endfor %}"
        "{{ case.type }}{% if case.hold_reason == 'x' %}a{% endif %}{{ case.priority + case.level }}"
    )
    assert found.text == "--"
    assert found.missing == ("case.type", "upper(case.owner)", "case.priority + case.level")


def test_an_else_of_a_loop_is_written_where_the_list_is_missing() -> None:
    assert rendered("{% for x in case.tags %}{{ loop.index }}{% else %}none{% endfor %}", case_tags=None).text == "none"


def test_what_a_loop_tells_of_itself_is_no_field_that_is_needed() -> None:
    template = Template.read("{% for x in case.tags %}{{ loop.index }}{% endfor %}", VOCABULARY)
    assert template.paths == {"case.tags"}


def test_a_loop_over_a_missing_list_is_no_loop() -> None:
    assert rendered("a{% for x in case.tags %}{{ x }}{% endfor %}", case_tags=None).text == "a"


@pytest.mark.parametrize(
    "name",
    [
        "f",
        "w",
        "m",
        "e",
        "o",
        "a",
        "n",
        "r",
        "v",
        "i",
        "x1",
        "x2",
        "k0",
        "k1",
        "k2",
        "k20",
        "t1",
        "t2",
        "t3",
        "full",
        "number",
        "flag",
        "comma",
        "str",
        "len",
        "render",
        "divided",
        "endless",
        "_",
        "__builtins__",
        "__class__",
        "print",
        "match",
        "case_",
        "self",
    ],
)
def test_an_item_may_have_any_name(name: str) -> None:
    """Nothing of how a template is carried out has a name in it."""
    text = (
        f"{{% for {name} in case.followers %}}{{% for z in case.tags %}}{{{{ {name} | default(case.subject) | upper }}}}{{{{ z }}}}"
        f"{{{{ case.type }}}}{{% if {name} == 'maya' and {name} is not missing %}}!{{% endif %}} {{% endfor %}}{{% endfor %}}"
    )
    template = Template.read(text, VOCABULARY)
    assert template.paths == {"case.followers", "case.tags", "case.subject", "case.type"}
    for escape in (None, str):
        found = template.render(FACTS, WORLD, escape)
        assert found.text == "IDAsolar IDAvip MAYAsolar! MAYAvip! "
        assert found.missing == ("case.type",)


def test_every_value_that_is_put_in_is_escaped_and_nothing_else() -> None:
    text = "a{{ case.number }}{% for x in case.tags %}<{{ x }}>{% endfor %}{{ case.opened_at | clock('%d') }}"
    found = Template.read(text, VOCABULARY).render(FACTS, WORLD, lambda value: f"({value})")
    assert found.text == "a(412)<(solar)><(vip)>(23)"


def test_the_facts_are_not_changed() -> None:
    facts = dict(FACTS)
    Template.read("{% for x in case.tags %}{{ x }}{% endfor %}", VOCABULARY).render(facts, WORLD)
    assert facts == FACTS


# -- what fails once it is written


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("{{ 1 / 0 }}", "line 1, column 4"),
        ("a\n {{ case.number / (case.priority - 3) }}", "line 2, column 5"),
        ("{% if case.is_open %}\n{% if 1 / (case.priority - 3) > 1 %}{% endif %}{% endif %}", "line 2, column 4"),
        ("{% if not case.is_open %}\n{% elif 1 / (case.priority - 3) > 1 %}{% endif %}", "line 2, column 4"),
        ("{% for x in case.tags %}\n\n{{ 1 / (case.priority - 3) }}{% endfor %}", "line 3, column 4"),
    ],
)
def test_a_division_by_zero_is_told_with_its_place(text: str, place: str) -> None:
    for escape in (None, str):
        with pytest.raises(TemplateFailed) as caught:
            Template.read(text, VOCABULARY).render(FACTS, WORLD, escape)
        assert f"{place}: a number is divided by zero" in str(caught.value)


def test_a_division_by_something_missing_is_missing() -> None:
    assert rendered("{{ 1 / case.level }}").missing == ("1 / case.level",)


# -- bounds

MANY = tuple(f"agent-{number}" for number in range(100))


def failing(text: str, escape: bool = False, **facts: Value) -> str:
    template = Template.read(text, VOCABULARY)
    with pytest.raises(TemplateFailed) as caught:
        template.render({**FACTS, **named(facts)}, WORLD, _mark if escape else None)
    return str(caught.value)


def _mark(value: str) -> str:
    """Stands for a value, as in a letter."""
    return "#" if value else ""


def nested(count: int, inside: str) -> str:
    heads = "".join(f"{{% for x{number} in case.followers %}}" for number in range(count))
    return heads + inside + "{% endfor %}" * count


@pytest.mark.parametrize("escape", [False, True])
@pytest.mark.parametrize(
    ("text", "place"),
    [
        (nested(2, "{{ message.text }}"), "line 1, column 64"),
        ("{{ message.text }}" * 2_000, "line 1, column 18022"),
        (nested(2, "a" * 90_000), "line 1, column 34"),
        ("{{ message.text | upper }}{{ message.text }}" * 900, ""),
        ("{% if case.is_open %}{{ message.text | replace('a', 'bb') }}{% endif %}" * 600, ""),
    ],
)  # fmt: skip
def test_it_does_not_grow_beyond_all_use(text: str, place: str, escape: bool) -> None:
    """What an escape makes of a value does not count: a mark is short, and the value is put in later."""
    said = failing(text, escape, message_text="a" * 999, case_followers=MANY)
    assert "grows beyond 1,000,000 characters" in said
    assert place in said


def test_the_last_text_counts_too() -> None:
    said = failing("{{ message.text }}" + "a" * 99_000, message_text="a" * 999_999)
    assert "line 1, column 19: it grows beyond" in said
    said = failing("{{ message.text }}{% if case.is_open %}aa{% endif %}", message_text="a" * 999_999)
    assert "line 1, column 22: it grows beyond" in said
    assert len(rendered("{{ message.text }}" + "a", message_text="a" * 999_999).text) == 1_000_000


@pytest.mark.parametrize("count", [2, 3, 15])
def test_loops_do_not_go_round_for_ever(count: int) -> None:
    assert "go round more than 10,000 times" in failing(nested(count, ""), case_followers=(*MANY, "one more"))


def test_a_text_that_doubles_is_given_up() -> None:
    doubled = "message.text" + " | replace('a', 'aa')" * 28
    assert "a text grows beyond 1,000,000 characters" in failing(f"{{{{ {doubled} }}}}", message_text="a" * 10)


@pytest.mark.parametrize("count", [0, 1, 1_997])
def test_many_branches_are_within_the_bounds(count: int) -> None:
    branches = "".join(f"{{% elif case.number == {number} %}}{number}" for number in range(count))
    text = f"{{% if case.number < 0 %}}a{branches}{{% else %}}none{{% endif %}}"

    def deep(frames: int) -> str:
        return deep(frames - 1) if frames else rendered(text, case_number=count - 1 if count else 5).text

    assert deep(400) == (str(count - 1) if count else "none")


def test_values_without_end_are_numbers_still() -> None:
    """Nearly as many digits as the bounds of an expression allow."""
    most = " * ".join(["case.number"] * 12)
    assert rendered(f"{{{{ {most} }}}}", case_number=2**63).text == str((2**63) ** 12)
    assert rendered(f"{{{{ round({most}, 2) }}}}", case_number=2**63).text == str((2**63) ** 12)
    assert rendered(f"{{{{ days({most}) }}}}", case_number=2**63).text.endswith(" d")
