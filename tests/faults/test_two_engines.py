"""Two engines on one desk: one acts, the other stands by, whatever happens to the first."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from core.actions import cases
from core.actions import desk as desk_actions
from core.engine import lease
from core.errors import LeaseLost
from core.verify import verify
from data.actor import ENGINE, LOCAL_ADMIN
from data.desk import Desk
from data.sqlite import DeskBusy
from tests.builders import Story, document
from tests.faults.engines import EngineProgram, Engines, engines_of

pytestmark = pytest.mark.timeout(300)  # to give up only

LONG = 3600.0
"""A lease that nobody waits for: who acts then was told to."""


class Pair:
    """A desk on which two engines run."""

    def __init__(self, where: Path | str, engines: Engines) -> None:
        Story(where, document(agents=("maya",))).desk.close()  # its clock stands at noon of a day; the engines' runs
        self.where, self.engines = where, engines
        self.desk = Desk.open(where, name="a test", patience=30)

    def start(self, *, lease_s: float = 1.0) -> tuple[EngineProgram, EngineProgram]:
        first = self.engines.start("--no-mail", lease_s=lease_s)
        first.wait_acting()
        second = self.engines.start("--no-mail", lease_s=lease_s)
        second.wait(second.stands_by, "the second one stands by")
        assert first.acts()
        return first, second

    def arrival(self) -> int:
        return self.desk.run(LOCAL_ADMIN, cases.open_new, "Inverter", "Dark.", address="lena@ortiz-farm.example")

    def is_routed_by(self, engine: EngineProgram) -> None:
        """Bring a case, and see that this engine routes it."""
        case = self.arrival()
        queued = engine.wait(
            lambda: self.one("select id from journal where kind = 'work.queued' and case_id = ?", case), "it is routed"
        )
        engine.wait(lambda: queued in engine.wrote(), f"{engine.name} routed it")

    def is_routed(self, case: int, engine: EngineProgram) -> None:
        engine.wait(lambda: self.one("select id from work_items where case_id = ?", case), "it is routed")

    def one(self, sql: str, *params: object) -> Any:
        with self.desk.reading() as connection:
            marked = sql if self.desk.storage.dialect == "sqlite" else sql.replace("?", "%s")
            return connection.exec_driver_sql(marked, params).scalar()

    def fence(self) -> int:
        return int(self.one("select fence from engine_lease"))

    def holder_is(self, engine: EngineProgram) -> bool:
        return f":{engine.pid}:" in self.one("select holder from engine_lease")

    def is_clean(self) -> None:
        """Verify; and each row of the journal by an engine was written by exactly one of them."""
        with self.desk.reading() as connection:
            assert verify(connection, deep=True) == []
            rows = (
                connection.exec_driver_sql("select id from journal where actor_kind = 'engine' order by id")
                .scalars()
                .all()
            )
        assert sorted(each for engine in self.engines.all for each in engine.wrote()) == list(rows)


@pytest.fixture(params=["sqlite", "postgres"])
def pair(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Pair]:
    """On each database: on PostgreSQL the engines may be on different machines."""
    where = tmp_path / "desk.db" if request.param == "sqlite" else request.getfixturevalue("postgres")
    with engines_of(where, tmp_path) as engines:
        pair = Pair(where, engines)
        yield pair
        pair.desk.close()


on_sqlite = pytest.mark.parametrize("pair", ["sqlite"], indirect=True)
"""What concerns the one write lock."""


def test_one_acts_and_the_other_stands_by(pair: Pair) -> None:
    first, second = pair.start(lease_s=LONG)
    for _ in range(3):
        pair.is_routed_by(first)
    assert second.wrote() == []
    assert second.stands_by()
    pair.is_clean()


def test_one_that_is_stopped_beyond_its_lease_does_not_act_again(pair: Pair) -> None:
    first, second = pair.start()
    pair.is_routed_by(first)
    before = pair.fence()
    first.stop(pair.where)
    second.wait_acting()
    assert pair.fence() == before + 1
    assert pair.holder_is(second)
    pair.is_routed_by(second)
    wrote = first.wrote()
    with pytest.raises(LeaseLost, match=str(second.pid)):  # what the first one's fence is worth now
        pair.desk.run(ENGINE, lease.check, before)
    first.send(signal.SIGCONT)
    first.wait(first.stands_by, "the first one stands by")
    assert "holds the lease; this one has stopped acting" in first.log()
    for _ in range(3):
        pair.is_routed_by(second)
    assert first.wrote() == wrote
    assert pair.holder_is(second)
    assert pair.fence() == before + 1
    pair.is_clean()


def test_one_that_is_stopped_again_and_again_costs_no_event(pair: Pair) -> None:
    """The lease goes to and fro; every arrival is routed exactly once, by whoever acts."""
    engines = pair.start()
    acting, waiting = engines
    for _ in range(3):
        acting.stop(pair.where)
        case = pair.arrival()
        waiting.wait_acting()
        pair.is_routed(case, waiting)
        acting.send(signal.SIGCONT)
        pair.arrival()
        acting.wait(acting.stands_by, "it stands by")
        acting, waiting = waiting, acting
    acting.wait(lambda: pair.one("select count(*) from work_items") == 6, "all are routed")
    pair.is_clean()


@on_sqlite
def test_one_that_is_stopped_inside_a_transaction_is_named_to_those_who_wait(pair: Pair) -> None:
    name = pair.one("select value from desk_settings where name = 'name'")
    stuck = pair.engines.start("--no-mail", "--hold=3600")
    stuck.wait(lambda: "inside" in stuck.said(), "it is inside its transaction")
    stuck.send(signal.SIGSTOP)
    engine = pair.engines.start("--no-mail", "--patience=0.3")
    with Desk.open(pair.where, name="an impatient test", patience=0.2) as desk:
        told = []
        for _ in range(2):
            with pytest.raises(DeskBusy) as busy:
                desk.run(LOCAL_ADMIN, cases.open_new, "Inverter", "Dark.")
            told.append(str(busy.value))
        assert all(stuck.name in each and f"process {stuck.pid}, which is stopped" in each for each in told), told
        assert all("Nothing was changed" in each for each in told)
        assert pair.one("select count(*) from cases") == 0
        assert pair.one("select value from desk_settings where name = 'name'") == name
        engine.wait(lambda: f"process {stuck.pid}, which is stopped" in engine.log(), "the engine says so too")
        assert not engine.acts()
        stuck.kill()
        engine.wait_acting()
        case = desk.run(LOCAL_ADMIN, cases.open_new, "Inverter", "Dark.")
        pair.is_routed(case, engine)
    assert pair.one("select value from desk_settings where name = 'name'") == name
    pair.is_clean()


@pytest.mark.parametrize("pair", ["postgres"], indirect=True)
def test_one_that_is_stopped_inside_a_transaction_loses_it(pair: Pair) -> None:
    """PostgreSQL itself ends it: its machine may be gone, with nobody there to kill it. What it tries later is refused."""
    name = pair.one("select value from desk_settings where name = 'name'")
    first = pair.engines.start("--no-mail", "--hold=0.1")
    first.wait(lambda: "inside" in first.said(), "it is inside its transaction")
    first.send(signal.SIGSTOP)
    second = pair.engines.start("--no-mail")
    second.wait_acting()
    pair.desk.run(LOCAL_ADMIN, desk_actions.apply, document(agents=("maya", "tom")))
    pair.is_routed_by(second)
    first.send(signal.SIGCONT)
    assert first.wait_ended() != 0
    assert "Nothing was changed" in first.log()
    assert pair.one("select value from desk_settings where name = 'name'") == name
    pair.is_clean()


def test_one_that_is_killed_is_followed_when_its_lease_has_run_out(pair: Pair) -> None:
    first, second = pair.start(lease_s=2.0)
    pair.is_routed_by(first)
    first.kill()
    until = pair.one("select expires_at from engine_lease")
    case = pair.arrival()
    second.wait_acting()
    assert pair.holder_is(second)
    queued = second.wait(
        lambda: pair.one("select at from journal where kind = 'work.queued' and case_id = ?", case), "it is routed"
    )
    assert queued >= until  # never before: the dead one might have been only slow
    pair.is_clean()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_one_that_is_told_to_stop_gives_the_lease_back(pair: Pair, number: signal.Signals) -> None:
    """The lease is an hour long, so whoever acts next does so because it was given back."""
    first, second = pair.start(lease_s=LONG)
    pair.is_routed_by(first)
    first.send(number)
    first.wait_ended()
    # The one that stands by looks each second: it may have the lease already, an hour before it could have without this.
    assert pair.one("select expires_at from engine_lease") == 0 or pair.fence() == 2
    case = pair.arrival()
    second.wait_acting()
    assert pair.fence() == 2
    pair.is_routed(case, second)
    pair.is_clean()


def test_engines_that_start_together_agree(pair: Pair) -> None:
    together = [pair.engines.start("--no-mail", lease_s=LONG) for _ in range(3)]
    decided: Callable[[], bool] = lambda: all(each.acts() or each.stands_by() for each in together)  # noqa: E731
    together[0].wait(decided, "each acts or stands by")
    [acting] = [each for each in together if each.acts()]
    assert pair.holder_is(acting)
    assert pair.fence() == 1
    pair.is_routed_by(acting)
    pair.is_clean()
