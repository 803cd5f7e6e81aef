"""A condition finds over many cases in the database what it says of each of them in memory, on SQLite and PostgreSQL."""

from __future__ import annotations

import random
from collections.abc import Iterator
from decimal import Decimal
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text as sql

from console.view_columns import cells_of, columns_of
from core import fields
from core.actions import cases
from core.actions.desk import apply
from core.conditions import case_fields
from core.conditions.condition import Condition
from core.conditions.finding import cases_where
from core.conditions.sql import where_of
from core.conditions.types import Value
from core.conditions.world import World
from core.config.document import CustomField, Desk, Document
from data.actor import LOCAL_ADMIN
from data.queries import Query, fetch_over
from data.schema.cases import CASE_STATUSES
from data.transaction import Tx
from tests.builders import Story
from tests.core.conditions.making import TIMES, WORDS, conditions

if TYPE_CHECKING:
    from data.queries import Fetch

NOW = 1_795_000_000_000_000
WORLD = World(NOW, ZoneInfo("UTC"))
FAR = (9_000_000_000_000_000, 0)


def opened(tx: Tx) -> None:
    """Open cases, most of them with a note."""
    for number in range(60):
        case = cases.open_new(tx, f"Case {number}", address=f"c{number % 9}@customer.example")
        if number % 3:
            cases.note(tx, case, "Seen")


def scattered(tx: Tx) -> None:
    """Give the cases of a desk values of every kind, many of them missing."""
    rng = random.Random(7)
    for (number,) in tx.all(sql("select id from cases")):
        values = {
            "subject": rng.choice(WORDS),
            "language": rng.choice((None, *WORDS)),
            "priority": rng.randint(1, 5),
            "opened_at": rng.choice(TIMES),
            "updated_at": rng.choice(TIMES),
            "resolved_at": rng.choice((None, *TIMES)),
            "hold_until": rng.choice((None, *TIMES)),
            "continues_case_id": rng.choice((None, 1, 2, 3)),
        }
        sets = ", ".join(f"{name} = :{name}" for name in values)
        tx.execute(sql(f"update cases set {sets} where id = :id"), {**values, "id": number})
        if rng.random() < 0.3:
            tx.execute(sql("update cases set contact_id = null where id = :id"), {"id": number})
        for agent in rng.sample((1, 2), rng.randint(0, 2)):
            tx.execute(sql("insert into case_followers (case_id, agent_id) values (:c, :a)"), {"c": number, "a": agent})
        if rng.random() < 0.5:
            tx.execute(sql("update messages set auto = 1 where case_id = :id"), {"id": number})
    for (contact,) in tx.all(sql("select id from contacts")):
        tx.execute(sql("update contacts set name = :n where id = :id"), {"n": rng.choice(WORDS), "id": contact})


@pytest.fixture(scope="module", params=["sqlite", "postgres"])
def story(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Story]:
    if request.param == "sqlite":
        made = Story(tmp_path_factory.mktemp("twin") / "desk.db")
        yield from _filled(made)
    else:
        with request.getfixturevalue("postgres_server").database() as url:
            yield from _filled(Story(url))


DECLARED = Document(
    desk=Desk(tags=("vip", "late")),
    fields={
        "note": CustomField(),
        "cost": CustomField(kind="number"),
        "spent": CustomField(kind="number"),
        "legal": CustomField(kind="flag"),
        "seen": CustomField(kind="moment"),
        "size": CustomField(kind="choice", choices=("small", "large")),
        "parts": CustomField(kind="choices", choices=("fan", "board")),
    },
)
VALUES: dict[str, tuple[Value, ...]] = {
    "note": WORDS[1:],
    "cost": (0, 1, -2, Decimal("2.5"), Decimal("0.000001")),
    "spent": (0, 1, Decimal("2.5")),
    "legal": (True, False),
    "seen": TIMES,
    "size": ("small", "large"),
    "parts": ((), ("fan",), ("board", "fan")),
}


def declared(tx: Tx) -> None:
    """Declare fields and tags, and give some of the cases values of them."""
    apply(tx, DECLARED)
    rng = random.Random(8)
    known = fields.of_desk(tx)
    for (number,) in tx.all(sql("select id from cases")):
        for name, values in VALUES.items():
            if rng.random() < 0.7:
                fields.put_value(tx, known[name], number, rng.choice(values))
        for tag in rng.sample(("vip", "late"), rng.randint(0, 2)):
            tx.execute(sql("insert into case_tags (case_id, tag) values (:c, :t)"), {"c": number, "t": tag})


@st.composite
def of_declared(draw: st.DrawFn) -> str:
    """A condition over the fields that only this desk has."""
    order, equal = draw(st.sampled_from(("==", "<", "<=", ">", ">=", "!="))), draw(st.sampled_from(("==", "!=")))
    number = draw(
        st.sampled_from(("0", "2.5", "-2", "0.000001", "0.0000001", "1.5 + 1", "case.spent", "case.priority"))
    )
    within, tag = draw(st.sampled_from(("in", "not in"))), draw(st.sampled_from(("vip", "late")))
    return draw(
        st.sampled_from(
            (
                f"case.cost {order} {number}",
                f"case.priority {order} case.cost",
                f"case.cost {within} [0, 2.5, 7]",
                f"case.note {equal} {draw(st.sampled_from(WORDS))!r}",
                f"case.legal {equal} true",
                f"case.seen {order} now() - hours(2)",
                f"case.size {equal} 'small'",
                f"case.size {within} ['small']",
                f"{draw(st.sampled_from(('fan', 'board')))!r} {within} case.parts",
                f"{tag!r} {within} case.tags",
                f"length(case.tags) {order} 1",
                f"case.{draw(st.sampled_from(tuple(VALUES)))} is missing",
                f"case.level {order} 1",
                "case.flag is missing",
            )
        )
    )


def joined(one: str, other: str, word: str) -> str:
    """Two conditions as one."""
    return f"({one}) {word} not ({other})"


def _filled(made: Story) -> Iterator[Story]:
    made.desk.run(LOCAL_ADMIN, opened)
    made.desk.run(LOCAL_ADMIN, scattered)
    made.desk.run(LOCAL_ADMIN, declared)
    yield made
    made.desk.close()


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.one_of(conditions(), st.builds(joined, conditions(1), of_declared(), st.sampled_from(("and", "or")))))
def test_it_finds_in_the_database_what_it_says_of_each(story: Story, text: str) -> None:
    with story.desk.reading() as connection:
        fetch = fetch_over(connection)
        # The agents and queues of the desk bind what some fields may be; any text goes here.
        vocabulary = case_fields.of_configuration(fields=known_fields(fetch))
        condition = Condition.read(text, vocabulary)
        expected = set()
        for number in range(1, 61):
            facts = case_fields.facts_of(fetch, vocabulary, condition.paths, number)
            assert facts is not None
            if condition.holds(facts, WORLD):
                expected.add(number)
        found = list(cases_where(fetch, condition, vocabulary, WORLD, statuses=CASE_STATUSES, before=FAR))
        where = where_of(condition.root, vocabulary, WORLD)
        joins = case_fields.joins_of(where.records)
        statement = sql(f"select c.id from cases c {joins} where {where.clause}")
        clause = {row[0] for row in connection.execute(statement, dict(where.params))}
    assert set(found) == expected
    assert len(found) == len(expected)
    assert clause == expected if where.exact else clause >= expected


def known_fields(fetch: Fetch) -> list[fields.CustomField]:
    """The fields that the desk declares, with the numbers of their rows."""
    return [fields.of_row(row) for row in fetch(Query("test.fields", "select * from custom_fields"), {})]


def test_it_goes_on_behind_a_page(story: Story, monkeypatch: pytest.MonkeyPatch) -> None:
    from core.conditions import finding

    monkeypatch.setattr(finding, "_PAGE", 7)
    vocabulary = case_fields.of_configuration()
    with story.desk.reading() as connection:
        fetch = fetch_over(connection)
        for text in ("case.priority > 2", "contains(case.subject, 'a')"):
            condition = Condition.read(text, vocabulary)
            found = list(cases_where(fetch, condition, vocabulary, WORLD, statuses=CASE_STATUSES, before=FAR))
            order = [
                row[0] for row in connection.execute(sql("select id from cases order by updated_at desc, id desc"))
            ]
            assert found == [each for each in order if each in set(found)]
            assert len(found) > 7


def test_every_field_can_be_read_on_both_databases(story: Story) -> None:
    with story.desk.reading() as connection:
        fetch = fetch_over(connection)
        vocabulary = case_fields.of_desk(fetch)
        facts = case_fields.facts_of(fetch, vocabulary, vocabulary.fields, 1)
        assert facts is not None
        assert set(facts) == set(vocabulary.fields)
        for field in vocabulary.fields.values():
            value = facts[field.path]
            kinds = {"text": str, "number": (int, Decimal), "flag": bool, "time": int, "list": tuple}
            assert value is None or isinstance(value, kinds[field.type.kind]), field.path


def test_the_columns_of_a_view_hold_what_conditions_see(story: Story) -> None:
    with story.desk.reading() as connection:
        fetch = fetch_over(connection)
        vocabulary = case_fields.of_desk(fetch)
        paths = tuple(vocabulary.fields)
        numbers = [row["id"] for row in fetch(Query("numbers", "select id from cases order by id"), {})]
        cells = cells_of(fetch, columns_of(fetch, paths), numbers)
        for number in numbers:
            assert case_fields.facts_of(fetch, vocabulary, paths, number) == dict(
                zip(paths, cells[number], strict=True)
            )


@pytest.mark.parametrize(
    ("text", "clause"),
    [
        ("case.is_open and 1 / 0 == 1", "({open} = 1 and 1 = 1)"),
        ("case.is_open and case.priority > 1 / 0", "({open} = 1 and 1 = 1)"),
        ("case.is_open or not is_open(now(), 'gone')", "({open} = 1 or 1 = 1)"),
    ],
)
def test_a_part_that_cannot_be_decided_is_left_to_the_cases_that_come_to_it(text: str, clause: str) -> None:
    vocabulary = case_fields.of_configuration()
    where = where_of(Condition.read(text, vocabulary).root, vocabulary, WORLD)
    assert where.clause == clause.format(open=vocabulary.fields["case.is_open"].sql)
    assert not where.exact
