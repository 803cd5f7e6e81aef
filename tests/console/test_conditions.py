"""`deskline condition` and `case list --where`: tried as an admin does, on a desk with cases."""

from __future__ import annotations

import json

from tests.builders import Story
from tests.console.conftest import Deskline


def test_a_condition_is_tried_on_a_case_part_by_part(story: Story, deskline: Deskline) -> None:
    story.customer_writes("Inverter shows E-31")
    text = "contains(case.subject, 'e-31') and (case.type is missing or case.priority > 4)"
    ran = deskline("condition", "eval", "--case", "1", text, "--json")
    item = json.loads(ran.out)
    assert (ran.code, item["verdict"]) == (0, True)
    assert [(each["text"], each["verdict"]) for each in item["terms"]] == [
        ('contains(case.subject, "e-31")', True),
        ("case.type is missing", True),
        ("case.priority > 4", False),
    ]
    assert item["terms"][2]["values"] == {"case.priority": 3}
    shown = deskline("condition", "eval", "--case", "#1", "case.language == 'de'").out
    assert "#1: unknown: a value is missing" in shown
    assert "case.language = missing" in shown
    assert deskline("condition", "eval", "--case", "99", "true").code == 3


def test_what_is_wrong_is_said_with_column_and_hint(story: Story, deskline: Deskline) -> None:
    ran = deskline("condition", "check", "case.owner == 'maja'")
    assert ran.code == 2
    assert ran.err.strip() == 'column 15: case.owner is never "maja". Did you mean "maya"?'
    assert ran.out == ""


def test_a_check_says_what_the_condition_speaks_of(story: Story, deskline: Deskline) -> None:
    item = json.loads(deskline("condition", "check", "contact.name == 'x' and case.is_open", "--json").out)
    assert (item["fields"], item["exact_in_sql"]) == (["case.is_open", "contact.name"], True)
    item = json.loads(deskline("condition", "check", "contains(contact.name, 'x')", "--json").out)
    assert item["exact_in_sql"] is False
    assert "narrows the search" in deskline("condition", "check", "contains(contact.name, 'x')").out


def test_a_hostile_subject_is_shown_harmless(story: Story, deskline: Deskline) -> None:
    story.customer_writes("\x1b[2J[@click=app.quit]\u202e")
    ran = deskline("condition", "eval", "--case", "1", "case.subject == 'x'")
    assert ran.code == 0
    assert "\x1b" not in ran.out
    assert "\u202e" not in ran.out


def test_the_list_shows_the_cases_for_which_a_condition_is_true(story: Story, deskline: Deskline) -> None:
    first, second, third = (story.customer_writes(each) for each in ("Pump X-31", "Battery", "Pump X-07"))

    def listed(*words: str) -> list[int]:
        return [each["number"] for each in json.loads(deskline("case", "list", "--json", *words).out)["cases"]]

    assert listed("--where", "matches(case.subject, 'X-[0-9]+')") == [third, first]
    assert listed("--where", f"case.number in [{first}, {second}]") == [second, first]
    assert listed("--where", f"case.status == 'resolved' and case.number >= {first}", "--all") == []
    page = json.loads(
        deskline("case", "list", "--json", "--limit", "1", "--where", "contains(case.subject, 'PUMP')").out
    )
    assert [each["number"] for each in page["cases"]] == [third]
    rest = listed("--where", "contains(case.subject, 'PUMP')", "--before", page["next"])
    assert rest == [first]
    assert deskline("case", "list", "--where", "case.number >").code == 2
    assert deskline("case", "list", "--where", "case.is_open", "--owner", "maya").code == 2
    assert "with --all" in deskline("case", "list", "--where", "case.number > 100").err
    assert "No cases like that." in deskline("case", "list", "--all", "--where", "case.number > 100").err


def test_fields_and_functions_are_listed(story: Story, deskline: Deskline) -> None:
    fields = {each["field"]: each for each in json.loads(deskline("condition", "fields", "--json").out)["fields"]}
    assert "maya" in fields["case.owner"]["choices"]
    assert "waiting_customer" in fields["case.status"]["choices"]
    only = json.loads(deskline("condition", "fields", "work", "--json").out)["fields"]
    assert {each["field"].partition(".")[0] for each in only} == {"work"}
    assert deskline("condition", "fields", "ticket").code == 3
    functions = json.loads(deskline("condition", "functions", "--json").out)["functions"]
    assert {"contains", "business_age"} <= {each["function"] for each in functions}


def test_a_part_that_cannot_be_decided_is_told_beside_what_decided(deskline: Deskline) -> None:
    told = deskline(
        "condition", "eval", "--case", "1", "case.number == 1 or 1 / (case.number - 1) > 2"
    ).out.splitlines()
    assert told[0] == "#1: true"
    assert told[2].startswith("  ? 1 / (case.number - 1) > 2    case.number = 1    a number is divided by zero")
    ran = deskline("condition", "eval", "--case", "1", "1 / (case.number - 1) > 2")
    assert (ran.code, ran.out.splitlines()[0]) == (0, "#1: it cannot be decided: a number is divided by zero")
    found = json.loads(deskline("condition", "eval", "--case", "1", "1 / (case.number - 1) > 2", "--json").out)
    assert (found["verdict"], found["why"]) == (None, "a number is divided by zero")


def test_a_list_names_the_case_for_which_it_cannot_be_decided(deskline: Deskline) -> None:
    ran = deskline("case", "list", "--where", "1 / (case.number - 2) > 0 or case.is_open")
    assert (ran.code, "a number is divided by zero, on case #2" in ran.err) == (1, True)
    assert deskline("case", "list", "--where", "case.number == 2 or 1 / (case.number - 2) > 0").code == 0


def test_a_condition_is_tried_on_an_event_of_the_journal(deskline: Deskline, story: Story) -> None:
    event = story.one("select max(id) from journal where kind = 'case.status_changed' and case_id = 6")
    ran = deskline("condition", "eval", "--event", str(event), 'changes.new == "resolved" and actor.kind == "admin"')
    assert ran.code == 0
    assert ran.out.startswith(f"event {event}: true\n")
    assert deskline("condition", "check", "--event", '"status" in changes.fields').code == 0
    refused = deskline("condition", "check", '"status" in changes.fields')
    assert (refused.code, '"changes.fields" is known of events only' in refused.err) == (2, True)
    assert deskline("condition", "eval", "--event", "999999", "true").code == 3
    assert deskline("condition", "eval", "true").code == 2
    assert "events only" in deskline("condition", "fields", "actor").out
