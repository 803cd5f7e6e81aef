"""What is wrong with a template is said with its place and what to do, all of it at once; nothing of Python is within reach."""

from __future__ import annotations

import pytest

from core.templates.template import Template
from tests.core.templates.making import VOCABULARY, faults


@pytest.mark.parametrize(
    ("text", "place", "said"),
    [
        ("Dear {{ contact.name", (1, 6), 'column 6: "{{" is not closed by "}}". A text in quotation marks ends on its line.'),
        ("a\n  {% if case.is_open", (2, 3), 'line 2, column 3: "{%" is not closed by "%}"'),
        ("{# a", (1, 1), '"{#" is not closed by "#}"'),
        ("{{ case.subjekt }}", (1, 4), 'there is no field "case.subjekt". Did you mean "case.subject"?'),
        ("a\n{{- case.subjekt -}}", (2, 5), "there is no field"),
        ("{{\n  case.subjekt\n}}", (2, 3), "line 2, column 3: there is no field"),
        ("ä🦊{{ 'ä🦊' | replace('ä', case.subjekt) }}", (1, 26), "there is no field"),
        ("{{ ticket.id }}", (1, 4), '"ticket" is not known here. Known are case, contact'),
        ("{{ subject }}", (1, 4), 'there is no "subject" by itself. Write case.subject'),
        ("{{ case.subject | uper }}", (1, 19), 'there is no function "uper". Did you mean "upper"?'),
        ("{{ case.subject | safe }}", (1, 19), 'there is no function "safe". Known are contains'),
        ("{{ case.subject | truncate }}", (1, 19), "truncate takes 2 values, got 1"),
        ("{{ case.subject | case.type }}", (1, 19), 'after "|" stands a function. Such as: case.subject | upper'),
        ("{{ case.subject | default(3) }}", (1, 27), "default takes text here, as the first is, got a number"),
        ("{{ case.opened_at | clock('%B') }}", (1, 27), '"%B" says nothing of a moment. Known are %Y'),
        ("{{ case.opened_at | clock('%') }}", (1, 27), '"%" says nothing of a moment'),
        (r"{{ case.opened_at | clock('\ud800') }}", (1, 27), "U+D800 does not belong in a text"),
        (r"{{ case.opened_at | clock('%d\x00') }}", (1, 27), "U+0000 does not belong in a text"),
        ("{{ case.opened_at | clock(case.subject) }}", (1, 27), "must stand in the text"),
        ("{{ }}", (1, 4), "the expression is empty. What is put in reads like: case.subject"),
        ("{{}}", (1, 3), "the expression is empty"),
        ("{% if %}{% endif %}", (1, 7), "the condition is empty. A condition reads like: case.priority >= 4"),
        ("{% if case.subject %}{% endif %}", (1, 7), "a condition is true or false, and this is text. Compare it"),
        ("{% if case.priority = 3 %}{% endif %}", (1, 21), 'To compare, write "==".'),
        ("{%  iff case.is_open %}", (1, 5), 'there is no tag "iff". Did you mean "if"?'),
        ("{% include 'a' %}", (1, 4), 'there is no tag "include". Known are if, elif, else, endif, for, endfor.'),
        ("{% %}", (1, 4), "the tag is empty"),
        ("{% for x in case.subject %}{% endfor %}", (1, 13), "a loop goes over a list, and this is text. Such as: {% for follower"),
        ("{% for x in case.followerz %}{% endfor %}", (1, 13), "there is no field"),
        ("{% for x, y in case.tags %}{% endfor %}", (1, 4), "a loop names an item and a list. Such as"),
        ("{% for x of case.tags %}{% endfor %}", (1, 4), "a loop names an item and a list"),
        ("{% for x in %}{% endfor %}", (1, 12), "the expression is empty"),
        ("{% for x-y in case.tags %}{% endfor %}", (1, 4), '"x-y" is no name for an item'),
        ("{% for not in case.tags %}{% endfor %}", (1, 4), '"not" is no name for an item'),
        ("{% for ä in case.tags %}{% endfor %}", (1, 4), '"ä" is no name for an item'),
        ("{% for case in case.tags %}{% endfor %}", (1, 4), '"case" is something else already. Take another name'),
        ("{% for upper in case.tags %}{% endfor %}", (1, 4), '"upper" is something else already'),
        ("{% for true in case.tags %}{% endfor %}", (1, 4), '"true" is something else already'),
        ("{% for x in case.tags %}{% for x in case.followers %}{% endfor %}{% endfor %}", (1, 28), '"x" is something else already'),
        ("{% for x in case.tags %}{% endfor %}{{ x }}", (1, 40), '"x" is not known'),
        ("{% for x in case.tags %}{{ x.name }}{% endfor %}", (1, 28), 'there is no field "x.name"'),
        ("{{ loop.index }}{% for x in case.tags %}{% endfor %}", (1, 4), '"loop" is not known here'),
        ("{% for x in case.tags %}{% else %}{{ loop.index }}{% endfor %}", (1, 38), '"loop" is not known here'),
        ("{% for x in case.tags %}{% else %}{{ x }}{% endfor %}", (1, 38), '"x" is not known'),
        ("{% for x in case.tags %}{% endfor %}{{ loop.last }}", (1, 40), '"loop" is not known here'),
        ("{% for x in case.tags %}{{ loop.indx }}{% endfor %}", (1, 28), 'there is no field "loop.indx". Did you mean "loop.index"?'),
        ("{% for x in case.tags %}{% if loop.index %}{% endif %}{% endfor %}", (1, 31), "a condition is true or false, and this is a"),
        ("{% for loop in case.tags %}{% endfor %}", (1, 4), '"loop" is something else already'),
        ("{% if case.is_open %}{% else %}{% else %}{% endif %}", (1, 35), '"else" stands behind "else"'),
        ("{% if case.is_open %}{% else %}{% elif case.is_open %}{% endif %}", (1, 35), '"elif" stands behind "else"'),
        ("{% else %}", (1, 4), '"else" has no "if" before it'),
        ("{% for x in case.tags %}{% elif case.is_open %}{% endfor %}", (1, 28), '"elif" has no "if" before it'),
        ("{% for x in case.tags %}{% else %}{% else %}{% endfor %}", (1, 38), '"else" stands behind "else"'),
        ("{% for x in case.tags %}{% else %}{% elif case.is_open %}{% endfor %}", (1, 38), '"elif" has no "if" before it'),
        ("{% for x in case.tags %}{% else x %}{% endfor %}", (1, 28), '"else" stands alone in its tag'),
        ("{% for x in case.tags %}{% else %}", (1, 4), '"for" is not ended'),
        ("{{ case.subject\r\n | upper\r\n | uper }}", (3, 4), 'there is no function "uper"'),
        ("{% endif %}", (1, 4), '"endif" ends nothing. There is no {% if %} before it.'),
        ("{% endfor %}", (1, 4), '"endfor" ends nothing. There is no {% for %} before it.'),
        ("{% if case.is_open %}{% endif case.is_open %}", (1, 25), '"endif" stands alone in its tag'),
        ("\n{% if case.is_open %}", (2, 4), '"if" is not ended. Write {% endif %} where it ends.'),
        ("{% for x in case.tags %}", (1, 4), '"for" is not ended. Write {% endfor %} where it ends.'),
        ("{{ case.subject if case.is_open else 'x' }}", (1, 4), "Join two conditions by or; a template has {% if … %}."),
        ("{{ case.subject.upper() }}", (1, 4), '"upper" is no function. Functions stand before their brackets: upper(case.subject)'),
        ("{{ case.tags[0] }}", (1, 4), "square brackets after a name have no meaning here"),
        ("{{ case['subject'] }}", (1, 4), "square brackets after a name"),
        ("{{ case.subject ~ 'x' }}", (1, 17), "this is not understood. What is put in reads like"),
        ("{{ case.subject | default('a', true) }}", (1, 19), "default takes 2 values, got 3"),
        ("{{ case.subject || 'x' }}", (1, 17), '"||" is not understood. Write "or".'),
        ("{{ 'x }}", (1, 1), "is not closed"),
    ],
)  # fmt: skip
def test_a_fault_is_told_with_its_place_and_what_to_do(text: str, place: tuple[int, int], said: str) -> None:
    [(found, words)] = faults(text)
    assert said in words
    assert found == place


def test_several_faults_are_told_at_once() -> None:
    text = (
        "Dear {{ contact.nam }},\n{% if case.priorty > 3 %}\n{{ case.subject | uper }}\n{% else %}\n"
        "{% for x in case.subject %}{{ x }}{% endfor %}\n{% foo %}\n{% endif %}\n{{ case.number }}\n{% if case.is_open %}\n"
    )
    assert [place for place, _words in faults(text)] == [(1, 9), (2, 7), (3, 19), (5, 13), (6, 4), (9, 4)]
    assert len(faults("{{ a }}" * 100)) == 20


def test_an_else_if_of_another_language_is_hinted_at() -> None:
    [(place, words), *_] = faults("{% if case.is_open %}a{% else if case.priority > 3 %}b{% endif %}")
    assert place == (1, 26)
    assert words.endswith('A second condition is an "elif".')
    [(_place, words)] = faults("{% if case.is_open %}a{% elseif case.priority > 3 %}b{% endif %}")
    assert "Did you mean" in words


# -- bounds


def nested(count: int) -> str:
    return "{% if case.is_open %}" * count + "a" + "{% endif %}" * count


def test_blocks_inside_each_other_have_a_bound() -> None:
    Template.read(nested(15), VOCABULARY)
    first = faults(nested(16))[0]
    assert first == ((1, 15 * 21 + 4), "column 319: more than 15 blocks inside each other")
    assert len(faults("{% if case.is_open %}" * 2_000)) == 1


def test_a_source_and_its_tags_have_bounds() -> None:
    Template.read("a" * 100_000, VOCABULARY)
    assert faults("a" * 100_001) == [
        ((1, 1), "column 1: the template has 100,001 characters; at most 100,000 are read")
    ]
    Template.read("{{ case.number }}" * 2_000, VOCABULARY)
    assert faults("{{ case.number }}" * 2_001) == [
        ((1, 2_000 * 17 + 3), "column 34003: the template has more than 2,000 tags")
    ]


def test_the_parts_of_all_expressions_have_a_bound() -> None:
    """Python takes long to compile many, however short they are."""
    loop, many = "{% for a in case.tags %}", "{{ a" + " == a" * 130 + " }}"
    Template.read(loop + many * 51 + "{% endfor %}", VOCABULARY)
    [(place, said)] = faults(loop + many * 52 + "{{ case.subjekt }}{% endfor %}")
    assert place == (1, len(loop) + 51 * len(many) + 4)
    assert "the expressions of the template have more than 20,000 parts up to here" in said


def test_an_expression_has_bounds() -> None:
    assert "at most 4,000 are read" in faults("{{ " + "a" * 4_001 + " }}")[0][1]
    assert "more than 30" in faults("{{ case.subject" + " | upper" * 40 + " }}")[0][1]
    assert "more than 30" in faults("{{ " + "(" * 31 + "1" + ")" * 31 + " }}")[0][1]
    assert "more than 400 parts" in faults("{{ " + " and ".join(["true"] * 401) + " }}")[0][1]


# -- the way to Python


@pytest.mark.parametrize(
    "expression",
    [
        "__import__('os').system('true')",
        "case.__class__",
        "case.__class__.__mro__[1].__subclasses__()",
        "''.__class__",
        "().__class__.__bases__",
        "case.subject.__class__",
        "case.subject.format(case)",
        "'{0.__class__}'.format(case.subject)",
        "'%s' % case.subject",
        "f'{case.subject}'",
        "f'{case.subject.__class__}'",
        "(lambda: 1)()",
        "lambda: 1",
        "(x := 1)",
        "[x for x in case.tags]",
        "{x for x in case.tags}",
        "{x: x for x in case.tags}",
        "list(x for x in case.tags)",
        "upper(*case.tags)",
        "upper(**case.tags)",
        "upper(text=case.subject)",
        "case.subject | upper(*case.tags)",
        "case.subject | upper(x=1)",
        "case.subject | __import__",
        "case.subject | 'upper'",
        "case.subject | (upper)()()",
        "*case.tags",
        "{'a': 1}",
        "b'a'",
        "...",
        "1j",
        "1e400",
        "9 ** 9 ** 9",
        "9 ** 9",
        "9 // 2",
        "9 % 2",
        "9 << 99999999",
        "~9",
        "+9",
        "9 ^ 9",
        "9 & 9",
        "9 @ 9",
        "99999999999999999999",
        "0x" + "f" * 3000,
        "'a' * 1000000000",
        "1000000000 * 'a'",
        "case.subject * 1000000000",
        "case.tags * 1000000000",
        "[1] * 1000000000",
        "'a' + 'b'",
        "await case",
        "yield",
        "yield 1",
        "print(1)",
        "open('/etc/passwd')",
        "eval('1')",
        "exec('1')",
        "globals()",
        "getattr(case, 'subject')",
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
        "k1",
        "t1",
        "f['case.subject']",
        "w.now",
        "w.zone",
        "o.append('a')",
        "e('a')",
        "full()",
        "divided(1, 2)",
        "case",
        "case.",
        ".subject",
        "case..subject",
        "self.__dict__",
        "config",
        "True.real",
        "None",
        "missing",
        "case.subject; import os",
        "case.subject\nimport os",
        "import os",
        "case.subject := 1",
        "\x00",
        "\u2028",
        "case.subject) and (",
    ],
)
def test_what_is_not_of_the_language_is_refused(expression: str) -> None:
    for text in (
        f"{{{{ {expression} }}}}",
        f"{{% if {expression} == 1 %}}{{% endif %}}",
        f"{{% for q in {expression} %}}{{% endfor %}}",
    ):
        assert faults(text)


@pytest.mark.parametrize(
    "name", ["f.x", "x[0]", "*x", "x,", "(x)", "x:=1", "x=1", "1", "'x'", "x;y", "class", "None", "x\u00adx", "ⅹ"]
)
def test_an_item_has_a_plain_name(name: str) -> None:
    assert faults(f"{{% for {name} in case.tags %}}{{% endfor %}}")


def test_a_tag_of_blanks_is_read_at_once() -> None:
    """It would take minutes if its blanks were read in more than one way."""
    assert faults("{% if a" + " " * 90_000 + "b %}{% endif %}") != []
