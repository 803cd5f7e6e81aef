"""Fields, status, tags and classification: what is set, what is refused, and what the journal says of it."""

from __future__ import annotations

from decimal import Decimal

import pytest

from core.cases import STATUSES
from core.errors import (
    EmptyText,
    Merged,
    NotAllowed,
    NotFound,
    UnknownField,
    UnknownTag,
    UnknownType,
    WrongStatus,
    WrongUsage,
)
from core.fields import WrongValue
from tests.builders import Story
from tests.core.actions import column, does, events, marked, value
from tests.core.conftest import Begin

BERLIN_NOON = 1_796_036_400_000_000
"""2026-11-30 12:00 in Berlin."""


def sets(story: Story, case: int, who: str = "maya", **fields: object) -> list[str]:
    return does(story, who, "case.set", case=case, fields=fields)


KEPT = [
    ("product", "  Sun 3 ", "Sun 3"),
    ("product", "a\0b", "a\ufffdb"),
    ("power", "2.5", Decimal("2.5")),
    ("power", 2.5, Decimal("2.5")),
    ("power", "-0.000001", Decimal("-0.000001")),
    ("power", "999999999999.999999", Decimal("999999999999.999999")),
    ("power", "3.000000000", 3),
    ("warranty", "No", False),
    ("warranty", True, True),
    ("bought_at", "2026-11-30 12:00", BERLIN_NOON),
    ("bought_at", "2026-11-30T12:00+01:00", BERLIN_NOON),
    ("bought_at", "2026-11-30T11:00Z", BERLIN_NOON),
    ("model", " Sun 3 ", "Sun 3"),
    ("model", "Sun 5, black", "Sun 5, black"),
    ("parts", "panel, cable,panel", ("panel", "cable")),
    ("parts", "fuse, 10 A", ("fuse, 10 A",)),
    ("parts", 'panel, "fuse, 10 A" ,cable', ("panel", "fuse, 10 A", "cable")),
    ("parts", ["cable", "fuse, 10 A"], ("cable", "fuse, 10 A")),
]


def test_a_value_of_each_kind_is_kept_as_meant_and_setting_it_again_changes_nothing(begin: Begin) -> None:
    story = begin(marked())
    case = story.customer_writes()
    for field, given, kept in KEPT:
        assert sets(story, case, **{field: given}) == [field]
        assert value(story, case, field) == kept
        assert sets(story, case, **{field: given}) == []
        for nothing in (None, "  "):
            sets(story, case, **{field: given})
            assert sets(story, case, **{field: nothing}) == [field]
            assert value(story, case, field) is None


NOT_KEPT = [
    ("product", 5, "expected text, got 5"),
    ("product", "x" * 2001, "2,001 characters"),
    ("power", "much", 'expected a number, got "much"'),
    ("power", True, "expected a number, got true"),
    ("power", float("nan"), "expected a number"),
    ("power", "Infinity", "expected a number"),
    ("power", "1.0000001", "at most six decimals"),
    ("power", "1e-999999999", "at most six decimals"),
    ("power", "1000000000000", "lies below"),
    ("power", "9" * 5000, "lies below"),
    ("warranty", "perhaps", "expected yes or no"),
    ("warranty", 2, "expected yes or no, got 2"),
    ("bought_at", "yesterday", "expected a moment such as"),
    ("bought_at", "2026-02-30", "expected a moment such as"),
    ("bought_at", "1969-12-31", "expected a moment such as"),
    ("bought_at", "2200-01-01", "expected a moment such as"),
    ("bought_at", 1796036400, "expected a moment such as"),
    ("model", "Sun 4", 'Did you mean "Sun 3"?'),
    ("model", ["Sun 3"], "got a list"),
    ("parts", "panel, cabel", 'Did you mean "cable"?'),
    ("parts", 'panel, "fuse, 10 B"', 'Did you mean "fuse, 10 A"?'),
    ("parts", "panel\r,cable\rfan", "expected"),
    ("parts", 'panel, "fuse, 10 A', "expected choices with commas between"),
    ("parts", 3, "expected some of panel, cable"),
    ("parts", ["panel", None], "got nothing"),
]


def test_a_value_that_a_field_cannot_hold_is_refused_and_nothing_else_of_the_call_is_done(begin: Begin) -> None:
    story = begin(marked())
    case = story.customer_writes()
    for field, given, why in NOT_KEPT:
        with pytest.raises(WrongValue) as refused:
            sets(story, case, subject="Other", priority=5, **{field: given})
        assert str(refused.value).startswith(f"{field}: ")
        assert why in str(refused.value)
        assert column(story, case, "subject") == "Inverter shows E-31"
        assert column(story, case, "priority") == 3
        assert events(story, "case.changed") == []


MOMENTS = [
    ("2026-03-29 01:59", "2026-03-29T00:59Z"),
    ("2026-03-29 02:30", "2026-03-29T01:30Z"),
    ("2026-10-25 02:30", "2026-10-25T00:30Z"),
    ("2026-10-25 02:30+01:00", "2026-10-25T01:30Z"),
    ("2026-07-01", "2026-06-30T22:00Z"),
    ("2199-12-31 23:59", "2199-12-31T22:59Z"),
]


def test_a_moment_without_an_offset_is_meant_in_the_desks_zone_whose_clocks_change(begin: Begin) -> None:
    story = begin(marked())
    case = story.customer_writes()
    for local, utc in MOMENTS:
        sets(story, case, bought_at=local)
        assert sets(story, case, bought_at=utc) == []


def test_what_every_case_has_is_set_within_its_bounds(begin: Begin) -> None:
    story = begin(marked())
    case = story.customer_writes()
    fields = {"subject": " A\n new  one ", "type": "problem", "priority": " 5 ", "level": 9, "language": "pt-BR"}
    assert sets(story, case, **fields) == list(fields)
    told = {each["name"]: (each.get("old"), each["new"]) for each in events(story, "case.changed")}
    assert told == {
        "subject": ("Inverter shows E-31", "A new one"),
        "type": (None, "problem"),
        "priority": (3, 5),
        "level": (1, 9),
        "language": (None, "pt-BR"),
    }
    assert sets(story, case, type="", language=None) == ["type", "language"]
    assert column(story, case, "case_type") is None


BEYOND = [
    ({"priority": 0}, WrongUsage, "from 1 to 5, not 0"),
    ({"priority": 6}, WrongUsage, "from 1 to 5"),
    ({"priority": True}, WrongUsage, "from 1 to 5"),
    ({"priority": None}, WrongUsage, "from 1 to 5"),
    ({"priority": "9" * 5000}, WrongUsage, "from 1 to 5"),
    ({"priority": Decimal("2.5")}, WrongUsage, "from 1 to 5"),
    ({"level": 10}, WrongUsage, "from 1 to 9"),
    ({"subject": " \n "}, EmptyText, ""),
    ({"subject": None}, EmptyText, ""),
    ({"subject": 12}, WrongUsage, "text"),
    ({"subject": "x" * 1001}, WrongUsage, "1,000"),
    ({"type": "problm"}, UnknownType, "problem"),
    ({"language": ["de"]}, WrongUsage, "text"),
    ({"statsu": "open"}, UnknownField, "statsu"),
    ({"status": "open"}, UnknownField, "status"),
]


def test_what_every_case_has_is_refused_beyond_them(begin: Begin) -> None:
    story = begin(marked())
    case = story.customer_writes()
    for fields, error, why in BEYOND:
        with pytest.raises(error) as refused:
            sets(story, case, product="Sun 3", **fields)
        assert why in str(refused.value)
        assert len(str(refused.value)) < 400
        assert value(story, case, "product") is None


def test_text_that_no_database_holds_is_kept_without_it(begin: Begin) -> None:
    story = begin(marked())
    case = story.customer_writes()
    assert sets(story, case, subject="a\0b \ud800c") == ["subject"]
    assert column(story, case, "subject").startswith("a\ufffdb \ufffd")
    assert sets(story, case, subject="a\0b \ud800c") == []
    with pytest.raises(WrongUsage, match="A language is written as en or pt-BR"):
        sets(story, case, language="d\0e")
    sets(story, case, subject="whole again")


def test_what_a_case_has_not_got_cannot_be_set(begin: Begin) -> None:
    story = begin(marked())
    with pytest.raises(NotFound):
        sets(story, 99, priority=1)


PRESENT = ("open", "waiting_customer", "on_hold", "resolved", "closed")


def brought_to(story: Story, status: str) -> int:
    """A case in a status, and where somebody can have it, in Maya's hands."""
    case = story.customer_writes()
    if status == "new":
        return case
    story.present("maya")
    story.accept("maya", case)
    if status != "open":
        does(story, "admin", "case.set_status", case=case, status=status, seconds=60, reason="Part ordered")
    assert story.status(case) == status
    return case


def refuses(start: str, target: str) -> bool:
    """Whether the status table has no such way."""
    if start == "closed":
        return target in ("waiting_customer", "on_hold", "resolved")
    return start == "resolved" and target in ("waiting_customer", "on_hold")


@pytest.mark.parametrize("start", STATUSES)
def test_each_status_leads_to_each_other_as_the_table_says(begin: Begin, start: str) -> None:
    story = begin(marked())
    for target in PRESENT:
        case = brought_to(story, start)
        arguments = {"case": case, "status": target, "seconds": 60, "reason": "Part ordered"}
        if refuses(start, target):
            with pytest.raises(WrongStatus):
                does(story, "admin", "case.set_status", **arguments)
            assert story.status(case) == start
        else:
            changed = does(story, "admin", "case.set_status", **arguments)
            assert changed is (target != start or target == "on_hold")
            assert story.status(case) == target
        if start in ("open", "waiting_customer", "on_hold"):
            weights = {"open": 1000, "waiting_customer": 200, "on_hold": 200}
            assert story.used("maya") == weights.get(target, 0)
        else:  # a case that is reopened goes back into the line, and whoever has room has it offered again
            assert story.used("maya") == (1000 if story.offered_to(case) else 0)
        does(story, "admin", "case.close", case=case)
        assert story.used("maya") == 0


def test_a_case_is_held_for_a_time_and_closed_by_a_supervisor(begin: Begin) -> None:
    story = begin(marked())
    case = story.customer_writes()
    with pytest.raises(WrongUsage, match="say seconds"):
        does(story, "maya", "case.set_status", case=case, status="on_hold", reason="Part ordered")
    with pytest.raises(EmptyText):
        does(story, "maya", "case.set_status", case=case, status="on_hold", seconds=60)
    with pytest.raises(WrongUsage, match="ahead"):
        does(story, "maya", "case.set_status", case=case, status="on_hold", seconds=0, reason="x")
    with pytest.raises(NotAllowed):
        does(story, "maya", "case.set_status", case=case, status="closed")
    assert story.status(case) == "new"
    does(story, "maya", "case.set_status", case=case, status="on_hold", seconds=60, reason="Part ordered")
    story.wait(61)
    assert story.status(case) == "open"


def test_a_priority_is_set_and_taken_back(begin: Begin) -> None:
    story = begin(marked())
    case = story.customer_writes()
    assert does(story, "maya", "case.set_priority", case=case, priority=5) is True
    assert does(story, "maya", "case.set_priority", case=case, priority=5) is False
    with pytest.raises(WrongUsage):
        does(story, "maya", "case.set_priority", case=case, priority=9)
    assert column(story, case, "priority") == 5


def test_only_tags_of_the_desk_are_given_and_any_is_taken_off(begin: Begin) -> None:
    story = begin(marked())
    case = story.customer_writes()
    assert does(story, "maya", "case.tag", case=case, tag="vip") is True
    assert does(story, "maya", "case.tag", case=case, tag="vip") is False
    with pytest.raises(UnknownTag, match=r'Did you mean "refund"\?'):
        does(story, "maya", "case.tag", case=case, tag="refnud")
    with pytest.raises(UnknownTag, match="vip, refund, outage"):
        does(story, "maya", "case.tag", case=case, tag="something else")
    smaller = marked()
    smaller = smaller.model_copy(update={"desk": smaller.desk.model_copy(update={"tags": ("refund",)})})
    story.configure(smaller)
    with pytest.raises(UnknownTag):
        does(story, "maya", "case.tag", case=case, tag="vip")
    assert does(story, "maya", "case.untag", case=case, tag="vip") is True
    assert does(story, "maya", "case.untag", case=case, tag="vip") is False
    assert [each["tag"] for each in events(story, "case.tagged")] == ["vip"]
    assert [each["tag"] for each in events(story, "case.untagged")] == ["vip"]


RULES = """\
classifications:
  triage:
    rules:
      - {when: 'contains(case.subject, "E-31")', set: {type: problem, priority: 4, power: 2.5}, reason: An error code}
      - {when: case.power > 1, set: {level: 9}, reason: The facts are those of before}
      - {when: 'contains(case.subject, "INVERTER")', set: {priority: 5, parts: [cable, panel]}, reason: An inverter}
      - {when: "true", set: {priority: 1, type: question}, reason: Everything is set already}
"""


def test_each_field_is_set_by_the_first_rule_that_holds_and_names_it(begin: Begin) -> None:
    story = begin(marked(RULES))
    case = story.customer_writes()
    assert does(story, "engine", "case.classify", case=case, classification="triage") == [
        "type",
        "priority",
        "power",
        "parts",
    ]
    assert (column(story, case, "case_type"), column(story, case, "priority"), column(story, case, "level")) == (
        "problem",
        4,
        1,
    )
    assert (value(story, case, "power"), value(story, case, "parts")) == (Decimal("2.5"), ("cable", "panel"))
    [told] = events(story, "case.classified")
    assert told["reasons"] == ["An error code", "An inverter"]
    assert told["classification"] == "triage"
    # Now the second rule holds too; what is as it was is no change, and a third time there is nothing to tell.
    assert does(story, "maya", "case.classify", case=case, classification="triage") == ["level"]
    assert does(story, "maya", "case.classify", case=case, classification="triage") == []
    assert len(events(story, "case.classified")) == 2


def test_a_classification_that_the_desk_has_not_got_is_refused(begin: Begin) -> None:
    story = begin(marked())
    case = story.customer_writes()
    with pytest.raises(NotFound):
        does(story, "maya", "case.classify", case=case, classification="triage")


def test_acting_on_a_merged_case_says_where_it_went(begin: Begin) -> None:
    story = begin(marked(RULES))
    case, other = story.customer_writes(), story.customer_writes()
    does(story, "maya", "case.merge", case=case, into=other)
    for name, arguments in (
        ("case.set", {"fields": {"priority": 1}}),
        ("case.set_priority", {"priority": 1}),
        ("case.set_status", {"status": "open"}),
        ("case.tag", {"tag": "vip"}),
        ("case.untag", {"tag": "vip"}),
        ("case.classify", {"classification": "triage"}),
        ("case.escalate", {"reason": "x"}),
        ("case.route", {}),
        ("case.flag", {"reason": "x"}),
        ("case.unflag", {}),
        ("case.post", {"text": "x"}),
        ("case.send_mail", {"to": "customer", "subject": "x", "text": "x"}),
        ("case.reply", {"text": "x"}),
        ("case.note", {"text": "x"}),
        ("case.reopen", {}),
        ("case.close", {}),
        ("case.follow", {"agent": "maya"}),
        ("case.link", {"other": other}),
        ("webhook.call", {"url": "https://hooks.example.org/"}),
    ):
        with pytest.raises(Merged, match=f"#{case} was merged into #{other}"):
            does(story, "admin", name, case=case, **arguments)
