"""What the desk's own language says in a configuration: every bad word with its place and a hint, and what a change would break."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings

from core.config.document import Document
from core.config.plan import plan
from core.config.problems import ConfigRefused
from core.config.reading import read
from core.config.stored import current
from core.config.writing import dump
from core.errors import FieldFilled
from data.actor import ENGINE
from tests.builders import Story, document
from tests.core.actions import does, marked, value
from tests.core.config.documents import desk_with, documents
from tests.core.conftest import Begin


def told(text: str, existing: Document | None = None, *, prune: bool = False) -> list[tuple[int, int, str]]:
    with pytest.raises(ConfigRefused) as refused:
        read(text, "desk.yaml", existing or desk_with(), prune)
    return [(each.line, each.column, str(each).partition(": ")[2]) for each in refused.value.problems]


FIELDS = """\
fields:
  power: {kind: number}
  model: {kind: choice, choices: [Sun 3, Sun 5]}
"""


@pytest.mark.parametrize(
    ("text", "line", "column", "message"),
    [
        ("fields: {serial-no: {}}\n", 1, 10,
         "fields.serial-no: conditions call it by name, so it has letters, digits and underscores."
         ' Perhaps "serial_no".'),
        ("fields: {priority: {}}\n", 1, 10,
         "fields.priority: every case has a field of this name. Take another one."),
        ("fields: {a: {kind: nmber}}\n", 1, 20,
         "fields.a.kind: expected one of text, number, flag, moment, choice, choices, got \"nmber\"."
         ' Did you mean "number"?'),
        ("fields: {from: {}}\n", 1, 10,
         'fields.from: the language of conditions has this word for itself. Perhaps "from_".'),
        ("fields: {a: {kind: choice}}\n", 1, 13,
         "fields.a: the kind is choice, but choices names none. Such as choices: [small, large]."),
        ("fields: {a: {choices: [x]}}\n", 1, 13,
         "fields.a: choices belong to the kinds choice and choices, and this one is text"),
        ("fields: {a: {kind: choice, choices: [x, x]}}\n", 1, 37, 'fields.a.choices: "x" stands in the list twice'),
        ("views:\n  loud: {where: case.prioritty > 3}\n", 2, 17,
         'views.loud.where: column 1: there is no field "case.prioritty". Did you mean "case.priority"?'),
        ("views:\n  loud: {where: case.power > 3}\n", 2, 17,
         'views.loud.where: column 1: there is no field "case.power".'),
        ("views:\n  loud:\n    where: |\n      case.priority > 3\n      and (\n", 3, 12,
         "views.loud.where: line 2"),
        ("views:\n  loud: {where: case.priority}\n", 2, 17, "views.loud.where: column 1"),
        ("views:\n  loud: {where: \"\"}\n", 2, 17, "views.loud.where: the text is empty"),
        ("views:\n  loud: {}\n", 2, 3, "views.loud.where: is missing"),
        ("views:\n  loud: {where: \"true\", columns: [case.type, case.prioritty]}\n", 2, 46,
         'views.loud.columns[1]: there is no field "case.prioritty". Did you mean "case.priority"?'),
        ("views:\n  loud: {where: \"true\", columns: [case.type, case.type]}\n", 2, 34,
         'views.loud.columns: "case.type" stands in the list twice'),
        ("views:\n  loud: {where: \"true\", columns: [a, b, c, d, e, f, g, h, i]}\n", 2, 34,
         "views.loud.columns: names 9 columns; at most 8 stand side by side"),
        ("templates:\n  t: {subject: x, text: \"{{ contact.nmae }}\"}\n", 2, 25,
         "templates.t.text: column"),
        ("templates:\n  t:\n    subject: \"{{ case.number\"\n    text: x\n", 3, 14, "templates.t.subject: column"),
        ("templates:\n  t:\n    subject: x\n    text: |\n      Hello\n\n      {% if case.priority %}x{% endif %}\n", 4, 11,
         "templates.t.text: line 3"),
        ("templates:\n  t:\n    subject: x\n    text: x\n    languages:\n"
         "      de: {subject: x, text: \"{{ nobody.name }}\"}\n", 6, 30, "templates.t.languages.de.text: column"),
        ("templates: {t: {subject: x, text: x, languages: {german: {subject: x, text: x}}}}\n", 1, 50,
         "templates.t.languages.german: expected a language such as en or pt-BR"),
        ("classifications: {c: {rules: []}}\n", 1, 30, "classifications.c.rules: names nothing"),
        ("classifications: {c: {rules: [{when: \"true\", set: {priority: 6}, reason: x}]}}\n", 1, 62,
         "classifications.c.rules[0].set.priority: expected a whole number from 1 to 5, got 6"),
        ("classifications: {c: {rules: [{when: \"true\", set: {level: true}, reason: x}]}}\n", 1, 59,
         "classifications.c.rules[0].set.level: expected a whole number from 1 to 9, got true"),
        ("classifications: {c: {rules: [{when: \"true\", set: {type: problm}, reason: x}]}}\n", 1, 58,
         "classifications.c.rules[0].set.type: expected one of question, problem, feature request, got \"problm\"."
         ' Did you mean "problem"?'),
        ("classifications: {c: {rules: [{when: \"true\", set: {subject: x}, reason: x}]}}\n", 1, 61,
         'classifications.c.rules[0].set.subject: there is no field "subject" to set.'),
        (FIELDS + "classifications: {c: {rules: [{when: \"true\", set: {powre: 2}, reason: x}]}}\n", 4, 59,
         'classifications.c.rules[0].set.powre: there is no field "powre" to set. Did you mean "power"?'),
        (FIELDS + "classifications: {c: {rules: [{when: \"true\", set: {power: much}, reason: x}]}}\n", 4, 59,
         'classifications.c.rules[0].set.power: expected a number, got "much"'),
        (FIELDS + "classifications: {c: {rules: [{when: \"true\", set: {model: Sun 4}, reason: x}]}}\n", 4, 59,
         "classifications.c.rules[0].set.model: expected one of Sun 3, Sun 5, got \"Sun 4\"."),
        (FIELDS + "classifications: {c: {rules: [{when: case.model == 3, set: {power: 1}, reason: x}]}}\n", 4, 38,
         "classifications.c.rules[0].when: column"),
        ("desk: {webhook_hosts: [\"*.org\"]}\n", 1, 24, "desk.webhook_hosts[0]: \"*.org\" is no host"),
        ("desk: {webhook_hosts: [\"https://a.example/x\"]}\n", 1, 24, "desk.webhook_hosts[0]: "),
        ("desk: {webhook_networks: [10.0.0.1/8]}\n", 1, 27, "desk.webhook_networks[0]: \"10.0.0.1/8\" is no network"),
        ("desk: {webhook_hosts: [a.example/x]}\n", 1, 24,
         'desk.webhook_hosts[0]: "a.example/x" is no host: expected a host such as hooks.example.org,'
         " without path, user or space"),
        ("desk: {webhook_networks: [10.0.5.1/24]}\n", 1, 27,
         'desk.webhook_networks[0]: "10.0.5.1/24" is no network.'
         " The network is 10.0.5.0/24; one address stands without a slash."),
        ("fields: {Größe: {}}\n", 1, 10,
         'fields.Größe: "Größe" is no name: 1 to 40 of a to z, digits, dash, underscore and dot, a letter or digit first.'
         ' Perhaps "groesse", with a label for the text that is shown.'),
        ("fields: {2nd-try: {}}\n", 1, 10,
         "fields.2nd-try: conditions call it by name, so it has letters, digits and underscores."
         ' Perhaps "nd_try".'),
        ("fields: {a: {kind: moment}}\n"
         "classifications: {c: {rules: [{when: \"true\", set: {a: \"0001-01-01\"}, reason: x}]}}\n", 2, 55,
         'classifications.c.rules[0].set.a: expected a moment such as "2026-11-24 09:00" or "2026-11-24"'
         ' in the years 1970 to 2199, got "0001-01-01"'),
        ("desk: {webhook_secret: hunter2}\n", 1, 24, "desk.webhook_secret: expected a mapping"),
        ("desk: {tags: [vip, vip]}\n", 1, 14, 'desk.tags: "vip" stands in the list twice'),
    ],
)  # fmt: skip
def test_what_is_misspoken_is_told_with_its_place_and_a_hint(text: str, line: int, column: int, message: str) -> None:
    [problem] = told(text)
    assert problem[2].startswith(message)
    assert problem[:2] == (line, column)


def test_a_rule_that_sets_nothing_is_told() -> None:
    text = 'classifications: {c: {rules: [{when: "true", set: {}, reason: x}]}}\n'
    assert (1, 51, "classifications.c.rules[0].set: names nothing; at least one is needed") in told(text)


def test_all_that_is_misspoken_is_told_together() -> None:
    text = (
        "fields: {serial-no: {}}\nviews: {a: {where: case.x}, b: {where: case.y}}\n"
        "templates: {t: {subject: '{{ case.z }}', text: '{{ case.w }}'}}\n"
    )
    assert [line for line, _, _ in told(text)] == [1, 2, 2, 3, 3]


@pytest.mark.parametrize(
    "text",
    [
        "views: {a: {where: '" + "(" * 5000 + "'}}\n",
        "views: {a: {where: '" + "not " * 3000 + "true'}}\n",
        "views: {a: {where: 'case.subject == \"" + "x" * 60_000 + "\"'}}\n",
        'views: {a: {where: \'__import__("os").system("x")\'}}\n',
        "templates: {t: {subject: x, text: '" + "{% if case.is_open %}" * 3000 + "'}}\n",
        "templates: {t: {subject: x, text: '{{ case.__class__ }}'}}\n",
        'templates: {t: {subject: x, text: "{{ \\u202e }}"}}\n',
        "classifications: {c: {rules: [{when: 'true', set: {type: \"\\u202e\\e[2J\"}, reason: x}]}}\n",
    ],
    ids=range(8),
)
def test_what_is_hostile_is_refused_in_words_that_are_safe_to_show(text: str) -> None:
    for _, _, message in told(text):
        assert message.isprintable()
        assert len(message) < 600


USED = """\
fields: {power: {kind: number}, model: {kind: choice, choices: [Sun 3, Sun 5]}}
views: {strong: {where: case.power > 2}}
classifications: {c: {rules: [{when: case.power > 2, set: {model: Sun 3}, reason: x}]}}
templates: {t: {subject: x, text: "{{ case.power }} of {{ case.model }}"}}
"""


def with_used() -> Document:
    wanted, _ = read(USED, "desk.yaml", desk_with())
    sections = {name: dict(wanted.section(name)) for name in ("fields", "views", "classifications", "templates")}
    return desk_with(**sections)


@pytest.mark.parametrize(
    ("change", "broken"),
    [
        ("fields: {power: {kind: text}}\n", {"views.strong.where", "classifications.c.rules[0].when"}),
        ("fields: {model: {kind: choice, choices: [Sun 5]}}\n", {"classifications.c.rules[0].set.model"}),
    ],
)
def test_a_change_of_a_field_is_held_against_all_that_uses_it_though_the_file_does_not_mention_it(
    change: str, broken: set[str]
) -> None:
    problems = told(change, with_used())
    assert {message.split(":")[0] for _, _, message in problems} == broken


def test_a_field_that_a_view_uses_cannot_be_taken_away() -> None:
    existing = with_used()
    kept = "\n".join(USED.splitlines()[1:])
    places = {message.split(":")[0] for _, _, message in told(kept, existing, prune=True)}
    assert places == {
        "views.strong.where",
        "classifications.c.rules[0].when",
        "classifications.c.rules[0].set.model",
        "templates.t.text",
    }
    # With all that uses it, it goes.
    wanted, _ = read("fields: {}\n", "desk.yaml", existing, prune=True)
    gone = {(step.section, step.name) for step in plan(existing, wanted, True) if step.kind == "remove"}
    assert {("fields", "power"), ("views", "strong")} <= gone


def test_what_names_a_field_that_the_file_leaves_out_is_told_once_for_each_place_in_words_that_say_why() -> None:
    wanted, _ = read(USED, "desk.yaml", desk_with())
    current = desk_with(fields=dict(wanted.fields))
    kept = "\n".join(USED.splitlines()[1:]).replace("{{ case.model }}", "{{ case.modell }}")
    why = "which the file leaves out and --prune would remove. Name it in the file, or change this field."
    assert sorted(message for _, _, message in told(kept, current, prune=True)) == [
        f'classifications.c.rules[0].set.model: still names the field "model", {why}',
        f'classifications.c.rules[0].when: still names the field "power", {why}',
        'templates.t.text: column 24: there is no field "case.modell". Did you mean "case.model"?',
        f'templates.t.text: still names the field "power", {why}',
        f'views.strong.where: still names the field "power", {why}',
    ]


def test_a_view_that_only_the_desk_has_is_said_to_be_there() -> None:
    with pytest.raises(ConfigRefused) as refused:
        read("fields: {power: {kind: text}}\n", "desk.yaml", with_used())
    lines = str(refused.value).splitlines()
    assert len(lines) == 2
    assert all(line.startswith(("the desk: views.strong.where: ", "the desk: classifications.c.")) for line in lines)


@pytest.mark.parametrize(
    ("declared", "message"),
    [
        ("{power: {kind: nmber}}", "fields.power.kind: expected one of"),
        ("{power: {kind: choice}}", "fields.power: the kind is choice, but choices names none"),
        ("{power-: {kind: number}}", "fields.power-: conditions call it by name"),
        ("{Power: {kind: number}}", 'fields.Power: "Power" is no name'),
        ("[{name: power, kind: number}]", "fields: expected a mapping, got a list"),
    ],
)
def test_of_a_field_that_is_declared_wrongly_only_that_is_told(declared: str, message: str) -> None:
    rest = USED.partition("\n")[2].replace("model: Sun 3", "power: 3").replace(" of {{ case.model }}", "")
    columns = rest.replace("case.power > 2}}\nclass", "case.power > 2, columns: [case.power]}}\nclass")
    [problem] = told(f"fields: {declared}\n{columns}")
    assert problem[2].startswith(message)


def test_a_part_that_is_wrong_hides_no_other_part() -> None:
    text = """\
classifications:
  c:
    rules:
      - {when: "true", set: {}, reason: x}
      - {when: case.x > 1, set: {level: 1}, reason: x}
      - nothing
      - {when: case.y > 1, set: {level: 10}, reason: ""}
views:
  v: {columns: [case.z]}
templates:
  t: {subject: 1, text: "{{ case.w }}"}
"""
    assert [(line, message.split(": ")[0]) for line, _, message in told(text)] == [
        (4, "classifications.c.rules[0].set"),
        (5, "classifications.c.rules[1].when"),
        (6, "classifications.c.rules[2]"),
        (7, "classifications.c.rules[3].when"),
        (7, "classifications.c.rules[3].set.level"),
        (7, "classifications.c.rules[3].reason"),
        (9, "views.v.where"),
        (9, "views.v.columns[0]"),
        (11, "templates.t.subject"),
        (11, "templates.t.text"),
    ]


def test_an_accent_means_the_same_however_a_file_composes_it() -> None:
    apart, whole = "Gro\u0308\u00dfe", "Gr\u00f6\u00dfe"
    text = f"fields: {{a: {{kind: choice, choices: [{apart}]}}}}\ndesk: {{name: {apart}, tags: [{apart}]}}\n"
    text += (
        f"views: {{v: {{where: case.a == '{whole}', columns: [case.a]}}, w: {{where: \"'{apart}' in case.tags\"}}}}\n"
    )
    wanted, _ = read(text, "desk.yaml", desk_with())
    assert (wanted.fields["a"].choices, wanted.desk.name, wanted.desk.tags) == ((whole,), whole, (whole,))
    twice = f"desk: {{tags: [{apart}, {whole}]}}\n"
    assert f'"{whole}" stands in the list twice' in told(twice)[0][2]


def test_a_queue_that_a_view_names_cannot_be_taken_away_and_neither_can_a_tag() -> None:
    text = (
        "desk: {tags: [vip, refund]}\nqueues: {office: {}, other: {}}\n"
        "views: {a: {where: case.queue == 'office'}, b: {where: \"'vip' in case.tags\"}}\n"
    )
    wanted, _ = read(text, "desk.yaml", desk_with())
    existing = desk_with(desk=wanted.desk, queues=dict(wanted.queues), views=dict(wanted.views))
    views = text.splitlines()[2]
    smaller = f"desk: {{tags: [refund]}}\nqueues: {{other: {{}}}}\n{views}\n"
    places = [message.split(":")[0] for _, _, message in told(smaller, existing, prune=True)]
    assert places == ["views.a.where", "views.b.where"]


def test_the_last_tag_and_the_last_type_cannot_be_taken_away_either_while_a_view_names_them() -> None:
    views = "views: {a: {where: \"'vip' in case.tags\"}, b: {where: case.type == 'fault'}}\n"
    wanted, _ = read(f"desk: {{tags: [vip], case_types: [fault]}}\n{views}", "desk.yaml", desk_with())
    existing = desk_with(desk=wanted.desk, views=dict(wanted.views))
    messages = [message for _, _, message in told("desk: {tags: [], case_types: []}\n", existing, prune=False)]
    assert [message.split(":")[0] for message in messages] == ["views.a.where", "views.b.where"]
    assert "case.tags is never" in messages[0]
    assert "There are none yet." in messages[0]
    assert "case.type is never" in messages[1]


def test_a_field_that_stands_in_a_view_as_a_column_cannot_be_taken_away() -> None:
    view = "views: {a: {where: 'true', columns: [case.power, contact.name]}}\n"
    wanted, _ = read(f"fields: {{power: {{}}}}\n{view}", "desk.yaml", desk_with())
    existing = desk_with(fields=dict(wanted.fields), views=dict(wanted.views))
    [(_, _, message)] = told(view, existing, prune=True)
    assert message.startswith('views.a.columns[0]: still names the field "power", which the file leaves out')


def filled(begin: Begin) -> tuple[Story, Document, int]:
    wanted = marked()
    story = begin(wanted)
    case = story.customer_writes()
    does(story, "maya", "case.set", case=case, fields={"product": "Sun 3", "power": "2.5", "parts": ["cable"]})
    return story, wanted, case


@pytest.mark.parametrize(
    ("name", "kind", "choices"),
    [
        ("power", "text", ()),
        ("power", "flag", ()),
        ("product", "number", ()),
        ("product", "moment", ()),
        ("parts", "choice", ("cable",)),
        ("parts", "text", ()),
    ],
)
def test_a_field_with_values_becomes_no_other_kind_and_nothing_of_the_file_is_applied(
    begin: Begin, name: str, kind: str, choices: tuple[str, ...]
) -> None:
    story, wanted, case = filled(begin)
    before = value(story, case, name)
    other = wanted.fields[name].model_copy(update={"kind": kind, "choices": choices})
    changed = wanted.model_copy(
        update={
            "desk": wanted.desk.model_copy(update={"name": "Other"}),
            "fields": {**wanted.fields, name: other},
        }
    )
    with pytest.raises(FieldFilled, match=f"{name} is {wanted.fields[name].kind} and has values on 1 cases"):
        story.configure(changed)
    assert value(story, case, name) == before
    # Nor by leaving and coming back.
    story.configure(
        wanted.model_copy(update={"fields": {each: it for each, it in wanted.fields.items() if each != name}}),
        prune=True,
    )
    with pytest.raises(FieldFilled):
        story.configure(changed)
    story.configure(wanted)
    assert value(story, case, name) == before


def test_text_becomes_a_choice_and_a_field_without_values_anything(begin: Begin) -> None:
    story, wanted, case = filled(begin)
    product = wanted.fields["product"].model_copy(update={"kind": "choice", "choices": ("Sun 3",)})
    warranty = wanted.fields["warranty"].model_copy(update={"kind": "moment"})
    story.configure(wanted.model_copy(update={"fields": {**wanted.fields, "product": product, "warranty": warranty}}))
    assert value(story, case, "product") == "Sun 3"
    assert does(story, "maya", "case.set", case=case, fields={"warranty": "2027-01-01"}) == ["warranty"]
    product = product.model_copy(update={"kind": "choices"})
    story.configure(wanted.model_copy(update={"fields": {**wanted.fields, "product": product, "warranty": warranty}}))
    assert value(story, case, "product") == ("Sun 3",)


@settings(max_examples=15, deadline=None)
@given(documents())
def test_what_a_desk_has_been_given_is_what_it_exports(
    tmp_path_factory: pytest.TempPathFactory, wanted: Document
) -> None:
    where: Path = tmp_path_factory.mktemp("desk") / "desk.db"
    story = Story(where, document())
    story.configure(wanted)
    stored = story.desk.run(ENGINE, current)
    for section in ("fields", "templates", "classifications", "views"):
        assert stored.section(section) == wanted.section(section)
    assert stored.desk == wanted.desk
    again, lines = read(dump(stored), "desk.yaml", stored)
    assert again == stored
    assert plan(stored, again, True, lines) == ()
    story.desk.close()
