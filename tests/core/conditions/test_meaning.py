"""What conditions mean, beside a plain interpreter of the same tree: true, false, or unknown where a value is missing."""

from __future__ import annotations

import operator
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings

from core.calendars.loading import made_of
from core.conditions import tree
from core.conditions.case_fields import of_configuration
from core.conditions.condition import Condition
from core.conditions.faults import ConditionFailed
from core.conditions.types import DAY, HOUR, Facts, Value
from core.conditions.world import World
from tests.core.conditions.making import PATHS, conditions, facts_like

VOCABULARY = of_configuration()
NOW = 1_795_000_000_000_000
WORLD = World(NOW, ZoneInfo("Europe/Berlin"))
SIGNS = {"==": operator.eq, "!=": operator.ne, "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge}


def oracle(node: tree.Node, facts: Facts) -> Value:
    """Kleene's logic, written as one would explain it; None is unknown."""
    match node:
        case tree.Constant(value=value):
            return value
        case tree.FieldOf(path=path):
            return facts[path]
        case tree.ListOf(items=items):
            return tuple(oracle(each, facts) for each in items)  # type: ignore[misc]
        case tree.Not(part=part):
            found = oracle(part, facts)
            return None if found is None else not found
        case tree.Every(terms=terms):
            found_all = [oracle(each, facts) for each in terms]
            return False if False in found_all else None if None in found_all else True
        case tree.Either(terms=terms):
            found_all = [oracle(each, facts) for each in terms]
            return True if True in found_all else None if None in found_all else False
        case tree.IsMissing(part=part, negated=negated):
            return (oracle(part, facts) is None) != negated
        case tree.Compare(sign=sign, left=left, right=right):
            one, other = oracle(left, facts), oracle(right, facts)
            return None if one is None or other is None else SIGNS[sign](one, other)
        case tree.Among(item=item, group=group, negated=negated):
            one, some = oracle(item, facts), oracle(group, facts)
            return None if one is None or some is None else (one in some) != negated  # type: ignore[operator]
        case tree.Sum(sign=sign, left=left, right=right):
            one, other = oracle(left, facts), oracle(right, facts)
            if one is None or other is None:
                return None
            return {"+": operator.add, "-": operator.sub, "*": operator.mul}[sign](one, other)  # type: ignore[no-any-return]
        case tree.Call(name="now"):
            return NOW
        case tree.Call(name="age", arguments=(at,)):
            found = oracle(at, facts)
            return None if found is None else NOW - found  # type: ignore[operator]
        case tree.Call(name="hours", arguments=(count,)):
            found = oracle(count, facts)
            return None if found is None else int(found * HOUR)  # type: ignore[operator]
        case tree.Call(name="default", arguments=(wanted, instead)):
            found = oracle(wanted, facts)
            return oracle(instead, facts) if found is None else found
        case tree.Call(name="contains", arguments=(text, part)):
            one, other = oracle(text, facts), oracle(part, facts)
            return None if one is None or other is None else other.casefold() in one.casefold()  # type: ignore[union-attr]
    raise AssertionError(node)


@settings(max_examples=600, deadline=None)
@given(conditions(), facts_like())
def test_a_condition_is_what_a_plain_interpreter_says(text: str, facts: Facts) -> None:
    condition = Condition.read(text, VOCABULARY)
    expected = oracle(condition.root, facts)
    assert condition.verdict(facts, WORLD) is expected
    assert condition.holds(facts, WORLD) is (expected is True)
    assert condition.paths <= set(PATHS)


@settings(max_examples=300, deadline=None)
@given(conditions(), facts_like())
def test_what_is_written_out_again_means_the_same(text: str, facts: Facts) -> None:
    condition = Condition.read(text, VOCABULARY)
    again = Condition.read(tree.written(condition.root), VOCABULARY)
    assert tree.written(again.root) == tree.written(condition.root)
    assert again.verdict(facts, WORLD) is condition.verdict(facts, WORLD)


def verdict(text: str, **facts: Value) -> bool | None:
    condition = Condition.read(text, VOCABULARY, calendars=("office",))
    known = {path: facts.get(path.replace(".", "_")) for path in condition.paths}
    office = made_of("office", "Europe/Berlin", {"mon-fri": ["09:00-17:00"]}, [], {}, "en")
    return condition.verdict(known, World(NOW, ZoneInfo("Europe/Berlin"), {"office": office, "": office}))


# 23 November 2026 is a Monday; Berlin is one hour ahead of UTC then.
MONDAY_8 = 1_795_417_200_000_000
TUESDAY_11 = MONDAY_8 + DAY + 3 * HOUR


@pytest.mark.parametrize(
    ("text", "facts", "expected"),
    [
        ("contains(case.subject, 'STRASSE')", {"case_subject": "Hauptstraße 3"}, True),
        ("case.priority / 4 == 0.75", {"case_priority": 3}, True),
        ("case.priority * 0.1 == 0.3", {"case_priority": 3}, True),
        ("1 < case.priority < 3", {"case_priority": 3}, False),
        ("instant('2026-11-23 08:00') == case.opened_at", {"case_opened_at": MONDAY_8}, True),
        ("instant('2026-11-23T07:00+00:00') == case.opened_at", {"case_opened_at": MONDAY_8}, True),
        ("weekday(case.opened_at) == 'mon' and hour(case.opened_at) == 8", {"case_opened_at": MONDAY_8}, True),
        ("date(case.opened_at) == '2026-11-23'", {"case_opened_at": MONDAY_8}, True),
        ("is_open(case.opened_at)", {"case_opened_at": MONDAY_8}, False),
        ("business_between(case.opened_at, case.closed_at) == hours(10)", {"case_opened_at": MONDAY_8, "case_closed_at": TUESDAY_11}, True),
        ("business_between(case.opened_at, now(), 'office') > hours(10)", {"case_opened_at": None}, None),
        ("matches(case.subject, '^E-[0-9]+$')", {"case_subject": "E-31"}, True),
        ("length(case.followers) == 0", {"case_followers": ()}, True),
        ("contains(case.followers, 'MAYA')", {"case_followers": ("maya",)}, True),
        ("not (case.type == 'x')", {"case_type": None}, None),
        ("case.type == 'x' or case.priority == 3", {"case_type": None, "case_priority": 3}, True),
        ("case.type == 'x' and case.priority == 3", {"case_type": None, "case_priority": 4}, False),
        ("case.type not in ['x']", {"case_type": None}, None),
        ("case.type is missing", {"case_type": None}, True),
        ("lower(case.type) is not missing", {"case_type": None}, False),
        ("message.auto == message.bounce", {"message_auto": True, "message_bounce": True}, True),
        ("(message.auto and case.is_open) == true", {"message_auto": None, "case_is_open": False}, False),
    ],
)  # fmt: skip
def test_what_it_says(text: str, facts: dict[str, Value], expected: bool | None) -> None:
    assert verdict(text, **facts) is expected


def test_a_division_by_zero_is_an_error_and_not_false() -> None:
    with pytest.raises(ConditionFailed, match="divided by zero"):
        verdict("case.priority / (case.priority - 3) > 1", case_priority=3)
    assert verdict("case.priority / 0 > 1", case_priority=None) is None


def test_terms_say_what_decided() -> None:
    condition = Condition.read("not case.priority > 3 and (case.type == 'x' or message.auto)", VOCABULARY)
    facts = {"case.priority": 4, "case.type": None, "message.auto": Decimal(1) == 1}
    assert [(each.text, each.verdict) for each in condition.terms(facts, WORLD)] == [
        ("case.priority > 3", True),
        ('case.type == "x"', None),
        ("message.auto", True),
    ]


def test_a_term_that_cannot_be_decided_says_why() -> None:
    condition = Condition.read("case.continues == 0 or 1 / case.continues > 2", VOCABULARY)
    facts = {"case.continues": 0}
    assert condition.verdict(facts, WORLD) is True
    assert [(each.verdict, each.why) for each in condition.terms(facts, WORLD)] == [
        (True, ""),
        (None, "a number is divided by zero"),
    ]
