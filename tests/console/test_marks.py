"""Fields, tags, links, merges, flags, views, templates and actions from the command line."""

from __future__ import annotations

import json

import pytest

from core.actions import case_fields, case_links
from core.actions import desk as actions
from core.config.document import CustomField, Document, Template, Variant, View
from core.config.stored import current
from core.engine import outbox
from data.actor import ENGINE, LOCAL_ADMIN
from data.transaction import Tx
from tests.builders import Story
from tests.console.conftest import Deskline
from tests.console.driving import HOSTILE, program
from tests.core.verified import findings

COLUMNS = ("case.cost", "case.parts", "case.bought", "case.legal", "case.note", "contact.name", "case.status")
TEXT = """Hello {{ contact.name | default("there") }},

we have **{{ case.subject }}**.
{% if case.priority >= 4 %}
At once.
{% endif %}
{{ agent.full_name }}
"""


@pytest.fixture(autouse=True)
def declared(story: Story) -> None:
    def declare(tx: Tx) -> None:
        desk = current(tx).desk.model_copy(update={"tags": ("vip", "late")})
        wanted = Document(
            desk=desk,
            fields={
                "product": CustomField(kind="choice", choices=("inverter", "battery"), label="Product"),
                "parts": CustomField(kind="choices", choices=("fan", "board")),
                "cost": CustomField(kind="number"),
                "bought": CustomField(kind="moment"),
                "legal": CustomField(kind="flag"),
                "note": CustomField(),
            },
            templates={
                "ack": Template(
                    subject="Re: {{ case.subject }}",
                    text=TEXT,
                    languages={"de": Variant(subject="AW: {{ case.subject }}", text="Guten Tag")},
                )
            },
            views={
                "vip": View(label="VIPs", where='"vip" in case.tags'),
                "dear": View(where="case.cost > 100", columns=COLUMNS),
            },
        )
        actions.apply(tx, wanted)

    story.desk.run(LOCAL_ADMIN, declare)


def test_fields_are_set_shown_and_found(deskline: Deskline, story: Story) -> None:
    ran = deskline(
        "case",
        "set",
        "1",
        "product=inverter",
        "parts=board, fan",
        "cost=149.50",
        "bought=2026-05-04",
        "legal=yes",
        "priority=4",
    )
    assert (ran.code, ran.err) == (0, "#1: product, parts, cost, bought, legal, priority set.\n")
    shown = deskline("case", "show", "1").out
    for line in ("  Product: inverter", "  parts: board, fan", "  cost: 149.5", "  legal: yes"):
        assert f"\n{line}\n" in shown
    fields = json.loads(deskline("case", "show", "1", "--json").out)["fields"]
    assert fields["parts"] == ["board", "fan"]
    assert fields["bought"] == "2026-05-04T00:00:00.000000Z"
    found = deskline("case", "list", "--json", "--where", 'case.cost > 149 and "fan" in case.parts and case.legal')
    assert [each["number"] for each in json.loads(found.out)["cases"]] == [1]
    assert deskline("case", "set", "1", "cost=").err == "#1: cost set.\n"
    assert "cost" not in json.loads(deskline("case", "show", "1", "--json").out)["fields"]
    assert findings(story.desk) == []


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("cost=much",), 2, 'cost: expected a number, got "much".'),
        (("cost=0.0000001",), 2, "cost: a number lies below 1,000,000,000,000 and has at most six decimals."),
        (("product=invertre",), 2, 'Did you mean "inverter"?'),
        (("bought=tomorrow",), 2, 'expected a moment such as "2026-11-24 09:00"'),
        (("legal=perhaps",), 2, 'expected yes or no, got "perhaps"'),
        (("prodct=x",), 3, 'There is no field "prodct" to set. Did you mean "product"?'),
        (("priority=9",), 2, "A priority is a whole number from 1 to 5"),
        (("type=nothing-like-it",), 3, "There is no case type"),
        (("cost=5", "product=x"), 2, "product: expected one of"),
        (("cost",), 2, "cost sets nothing; write FIELD=VALUE."),
        (("cost=1", "cost=2"), 2, "A field is set once."),
    ],
)
def test_what_a_field_cannot_hold_is_refused_and_nothing_is_set(
    deskline: Deskline, story: Story, words: tuple[str, ...], code: int, said: str
) -> None:
    ran = deskline("case", "set", "1", *words)
    assert ran.code == code
    assert said in ran.err
    assert story.all("select * from case_values") == []


def test_a_hostile_value_is_painted_without_its_controls(deskline: Deskline) -> None:
    assert deskline("case", "set", "1", f"note={HOSTILE}").code == 0
    shown = deskline("case", "show", "1").out
    assert "note: Rechnung" in shown
    assert not {"\x1b", "\x07", "\u202e", "\x9b"} & set(shown)


def test_tags_links_and_flags(deskline: Deskline, story: Story) -> None:
    assert deskline("case", "tag", "1", "vip").err == "#1: tagged.\n"
    assert deskline("case", "tag", "1", "vip").err == "#1: has that tag already.\n"
    refused = deskline("case", "tag", "1", "vop")
    assert (refused.code, 'There is no tag "vop". Did you mean "vip"?' in refused.err) == (3, True)
    assert deskline("case", "link", "1", "3", "--why", "same roof").code == 0
    assert "linked to #1 (same roof)" in deskline("case", "show", "3").out
    assert deskline("case", "flag", "1", "--reason", "Threatens to leave").code == 0
    assert "! flagged" in deskline("case", "show", "1").out
    assert deskline("case", "unflag", "1").err == "#1: the flag is down.\n"
    assert deskline("case", "untag", "1", "vip").err == "#1: the tag is off.\n"
    assert findings(story.desk) == []


def test_the_desks_views_list_what_their_conditions_hold_for(deskline: Deskline) -> None:
    deskline("case", "tag", "7", "vip")  # closed: a view says by itself which statuses it means
    deskline("case", "tag", "2", "vip")
    found = json.loads(deskline("case", "list", "--view", "vip", "--json").out)["cases"]
    assert sorted(each["number"] for each in found) == [2, 7]
    open_ones = json.loads(deskline("case", "list", "--view", "vip", "--status", "new,open", "--json").out)["cases"]
    assert [each["number"] for each in open_ones] == [2]
    refused = deskline("case", "list", "--view", "vop")
    assert (refused.code, refused.err) == (3, 'There is no view "vop". Known are dear, vip.\n')
    within = deskline("case", "list", "--view", "vip", "--where", "case.number > 5 or false", "--json").out
    assert [each["number"] for each in json.loads(within)["cases"]] == [7]
    wrong = deskline("case", "list", "--view", "vip", "--where", "case.nmber > 5")
    assert (wrong.code, wrong.err.startswith('column 1: there is no field "case.nmber".')) == (2, True)


def test_a_view_shows_its_columns_and_programs_get_their_values(deskline: Deskline) -> None:
    deskline("case", "set", "2", "cost=149.50", "parts=fan,board", "bought=2026-05-04", "legal=yes", f"note={HOSTILE}")
    deskline("case", "set", "3", "cost=101")
    head, *rows = deskline("case", "list", "--view", "dear").out.splitlines()
    assert head.split() == ["Case", "Subject", "cost", "parts", "bought", "legal", "note", "contact.name", "status"]
    [second] = [row for row in rows if row.startswith("  #2")]
    assert "149.5  fan, board" in second
    assert "  2026-05-04  " in second
    assert "  yes  " in second
    assert not {"\x1b", "\x07", "\u202e", "\x9b"} & set(second)
    cases = {
        each["number"]: each for each in json.loads(deskline("case", "list", "--view", "dear", "--json").out)["cases"]
    }
    assert cases[2]["case.cost"] == "149.5"
    assert cases[2]["case.parts"] == ["fan", "board"]
    assert cases[2]["case.bought"] == "2026-05-04T00:00:00.000000Z"
    assert cases[2]["case.legal"] is True
    assert cases[2]["subject"]
    assert (cases[3]["case.cost"], cases[3]["case.parts"], cases[3]["case.legal"]) == (101, [], None)
    names, *lines = deskline("case", "list", "--view", "dear", "--csv").out.splitlines()
    assert "hold_until" in names
    assert names.endswith("not_sent,case.cost,case.parts,case.bought,case.legal,case.note,contact.name,case.status")
    assert len(lines) == 2


def test_a_view_without_a_case_says_so_whatever_its_columns(deskline: Deskline) -> None:
    ran = deskline("case", "list", "--view", "dear")
    assert (ran.code, ran.out, ran.err) == (0, "", "No cases like that.\n")


def test_both_paths_show_marks_alike(story: Story) -> None:
    story.act(
        "admin",
        case_fields.set_fields,
        1,
        {"product": "battery", "cost": "2.5", "parts": "fan", "bought": "2026-01-02"},
    )
    story.act("admin", case_fields.tag, 1, "vip")
    story.act("admin", case_links.merge, 3, 1)
    for words in (("case", "show", "1"), ("case", "show", "3", "--json"), ("case", "list", "--view", "vip")):
        thin = program(*words, desk=story.desk.where)
        full = program(*words, "--as", "maya", desk=str(story.desk.where), DESKLINE_FULL_PATH="1")
        assert thin.code == full.code == 0
        assert thin.out == full.out


def test_a_merged_case_says_where_it_went(deskline: Deskline, story: Story) -> None:
    ran = deskline("case", "merge", "3", "--into", "1")
    assert (ran.code, ran.err) == (0, "#3: merged into #1.\n")
    assert "  merged into #1\n" in deskline("case", "show", "3").out
    refused = deskline("case", "note", "3", "--text", "x")
    assert (refused.code, refused.err) == (1, "Case #3 was merged into #1: its messages are there.\n")
    assert len(json.loads(deskline("case", "show", "1", "--json").out)["messages"]) > 1
    assert deskline("case", "merge", "1", "--into", "1").code == 1
    assert findings(story.desk) == []


def test_a_template_is_previewed_on_a_case_and_says_what_is_missing(deskline: Deskline) -> None:
    listed = deskline("template", "list").out.splitlines()
    assert listed[1].split() == ["ack", "Re:", "{{", "case.subject", "}}", "de"]
    ran = deskline("template", "preview", "ack", "--case", "3")
    assert ran.out == (
        "Subject: Re: Panel 0 is warm\n\nHello Lena Ortiz,\n\nwe have Panel 0 is warm.\n\n"
        "! agent.full_name has no value on this case and was left out.\n"
    )
    german = json.loads(deskline("template", "preview", "ack", "--case", "3", "--language", "de-AT", "--json").out)
    assert (german["language"], german["subject"], german["html"]) == (
        "de",
        "AW: Panel 0 is warm",
        "<p>Guten Tag</p>\n",
    )
    assert "<strong>Panel 0 is warm</strong>" in deskline("template", "preview", "ack", "--case", "3", "--html").out
    assert deskline("template", "preview", "nack", "--case", "3").code == 3
    assert deskline("template", "preview", "ack", "--case", "99").code == 3


def test_a_hostile_subject_is_text_in_a_preview(deskline: Deskline) -> None:
    ran = deskline("template", "preview", "ack", "--case", "2", "--html")
    assert not {"\x1b", "\x07", "\u202e", "\x9b"} & set(ran.out)
    assert ran.code == 0


def test_actions_are_listed_shown_and_run(deskline: Deskline, story: Story) -> None:
    names = [each["action"] for each in json.loads(deskline("action", "list", "--json").out)["actions"]]
    assert {"case.route", "case.classify", "case.send_template", "webhook.call", "action.delay"} <= set(names)
    assert not {"presence.beat", "draft.keep", "desk.apply"} & set(names)
    shown = deskline("action", "show", "case.escalate").out
    assert "level=…   a whole number · else nothing" in shown
    ran = deskline("action", "run", "case.set", "case=1", "fields={priority: 5, product: battery}")
    assert (ran.code, ran.err) == (0, "case.set: done. Set: priority, product.\n")
    assert deskline("action", "run", "case.tag", "case=1", "tag=vip", "--as", "maya").code == 0
    assert deskline("action", "run", "case.tag", "case=1", "tag=vip").err == "case.tag: it was so already.\n"
    refused = deskline("action", "run", "case.close", "case=1", "--as", "maya")
    assert (refused.code, "needs the role supervisor" in refused.err) == (4, True)
    ran = deskline("action", "run", "action.delay", "action=case.untag", "arguments={case: 1, tag: vip}", "seconds=60")
    assert ran.code == 0
    story.wait(61)
    assert story.all("select * from case_tags") == []
    assert findings(story.desk) == []


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("case.tagg", "case=1"), 3, 'There is no action "case.tagg". Did you mean "case.tag"?'),
        (("case.tag", "case=x"), 2, 'case.tag: case is a whole number, not "x". tag is missing.'),
        (("case.tag", "case=1", "tag=vip", "tags=vip"), 2, 'there is no parameter "tags". Did you mean "tag"?'),
        (("case.tag", "case"), 2, '"case" is no argument; write NAME=VALUE.'),
        (("case.set", "case=1", "fields={a: "), 2, "case.set:"),
        (("presence.beat", "agent=maya"), 3, 'The action "presence.beat" is not for scripts'),
        (("case.hold", "case=1", "seconds=99999999999999999", "reason=x"), 2, "ten years at most"),
        (("case.hold", "case=1", "seconds=315360001", "reason=x"), 2, "ten years at most"),
        (("case.unlink", "case=1", "other=99999999999999999999"), 2, "other is a whole number up to"),
        (("case.unlink", "case=1", "other=-9999999999999999999"), 2, "other is a whole number up to"),
        (("case.unlink", "case=1", "other=-1"), 3, "There is no case #-1."),
        (("case.unlink", "case=1", "other=1"), 2, "not to itself"),
        (("mail.send_again", "message=999"), 3, "There is no message 999."),
        (("action.withdraw", "delayed=999"), 3, "No delayed action 999 waits"),
        (("work.open", "case=3", "--as", "tom"), 1, "Case #3 is not accepted work of tom"),
        (("work.open", "case=999", "--as", "tom"), 3, "There is no case #999."),
        (("case.open", "subject=x", "address=keine"), 2, 'not as "keine"'),
        (("case.open", "subject="), 2, "The subject is empty"),
        (("case.set", "case=1", "fields={subject: }"), 2, "The subject is empty"),
        (("case.hold", "case=1", "seconds=60", "reason="), 2, "The reason is empty"),
        (("case.escalate", "case=1", "reason="), 2, "The reason is empty"),
        (("case.flag", "case=1", "reason="), 2, "The reason is empty"),
        (("case.note", "case=1", "text="), 2, "The note is empty"),
        (("webhook.call", "url=http://169.254.169.254/"), 2, "The desk does not call this webhook"),
    ],
)
def test_a_wrong_call_is_refused_with_what_to_do(
    deskline: Deskline, words: tuple[str, ...], code: int, said: str
) -> None:
    ran = deskline("action", "run", *words)
    assert ran.code == code
    assert said in ran.err


def test_webhook_calls_are_listed_and_the_doctor_says_what_was_given_up(deskline: Deskline, story: Story) -> None:
    def allow(tx: Tx) -> None:
        desk = current(tx).desk.model_copy(update={"webhook_hosts": ("hooks.example.org",)})
        actions.apply(tx, Document(desk=desk))

    story.desk.run(LOCAL_ADMIN, allow)
    assert deskline("webhook", "list").err == "No webhook was called.\n"
    url = "https://hooks.example.org/services/SECRET?key=SECRET"
    assert deskline("action", "run", "webhook.call", f"url={url}", "case=1").code == 0
    listed = deskline("webhook", "list")
    assert "hooks.example.org" in listed.out
    assert "SECRET" not in listed.out + deskline("webhook", "list", "--json").out
    assert deskline("mail", "outbox", "--json").out.count('"id"') == len(
        story.all("select id from outbox where kind = 'mail' and state <> 'sent'")
    )
    [taken] = story.desk.run(ENGINE, outbox.take_due, "webhook")
    story.desk.run(ENGINE, outbox.not_sent, taken, "it redirects", permanent=True)
    assert (
        json.loads(deskline("webhook", "list", "--state", "failed", "--json").out)["webhooks"][0]["error"]
        == "it redirects"
    )
    assert deskline("webhook", "list", "--state", "lost").code == 2
    assert "! look  webhooks" in deskline("doctor").out or "1 call was given up" in deskline("doctor").out
    assert findings(story.desk) == []
