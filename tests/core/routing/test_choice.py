"""The router's decision against the oracle, on boards and lines that hypothesis draws."""

from __future__ import annotations

from typing import get_args

from hypothesis import given, settings
from hypothesis import strategies as st

from core.routing.board import Board, LineKey, Seat, Waiting
from core.routing.choice import Obstacle, decide, explain, obstacle, round_pause_s, score
from tests.core.routing.oracle import Item, Person, choose

NOW = 1_000_000
QUEUES = (1, 2, 3)
CHANNELS = (1, 2)

weights = st.one_of(st.sampled_from([1, 100, 200, 333, 500, 1000, 1500, 2000, 6000]), st.integers(1, 9000))
few = st.integers(0, 3)


@st.composite
def seats(draw: st.DrawFn) -> list[Seat]:
    ids = draw(st.lists(st.integers(1, 40), unique=True, max_size=8))
    return [
        Seat(
            agent_id=each,
            name=f"agent {each}",
            queues=frozenset(draw(st.sets(st.sampled_from(QUEUES)))),
            channels=frozenset(draw(st.sets(st.sampled_from(CHANNELS), min_size=1))),
            kind=draw(st.sampled_from(["available", "available", "available", "busy", "offline"])),
            connected=draw(st.sampled_from([True, True, True, False])),
            capacity=draw(st.sampled_from([0, 1000, 1500, 3333, 6000]) | st.integers(0, 20_000)),
            used=draw(st.sampled_from([0, 0, 200, 999, 1000, 7000])),
            open_items=draw(few),
            last_assigned_at=draw(few),
        )
        for each in ids
    ]


@st.composite
def lines(draw: st.DrawFn, people: list[Seat]) -> list[Waiting]:
    ids = draw(st.lists(st.integers(1, 99), unique=True, max_size=12))
    asked = st.sampled_from([s.agent_id for s in people]) if people else st.integers(1, 40)
    return [
        Waiting(
            key=LineKey(draw(few), draw(few), draw(few), draw(few), each),
            case_id=each,
            queue_id=draw(st.sampled_from(QUEUES)),
            channel_id=draw(st.sampled_from(CHANNELS)),
            weight=draw(weights),
            excluded=draw(st.dictionaries(asked, st.sampled_from(["declined", "timed_out"]), max_size=3)),
            next_round_at=draw(st.sampled_from([None, None, NOW + 5])),
        )
        for each in ids
    ]


situations = seats().flatmap(lambda people: st.tuples(st.just(people), lines(people)))


def as_person(seat: Seat) -> Person:
    channels = seat.channels if seat.kind == "available" else frozenset()
    return Person(
        seat.agent_id,
        seat.queues,
        channels,
        seat.connected,
        seat.capacity,
        seat.used,
        seat.open_items,
        seat.last_assigned_at,
    )


def as_item(work: Waiting) -> Item:
    return Item(*work.key, work.queue_id, work.channel_id, work.weight, frozenset(work.excluded))


@settings(max_examples=200, deadline=None)
@given(situations)
def test_the_router_decides_as_the_oracle(situation: tuple[list[Seat], list[Waiting]]) -> None:
    people, line = situation
    expected = choose([as_person(s) for s in people], [as_item(w) for w in line], NOW)
    decisions = decide(Board(people), sorted(line, key=lambda w: w.key), NOW)
    assert [(c.work.work_id, c.agent_id) for c in decisions.offers] == expected


@settings(max_examples=60, deadline=None)
@given(situations)
def test_nobody_is_given_more_than_fits_and_each_item_goes_once(situation: tuple[list[Seat], list[Waiting]]) -> None:
    people, line = situation
    over = {s.agent_id for s in people if s.used > s.capacity}
    board = Board(people)
    decisions = decide(board, sorted(line, key=lambda w: w.key), NOW)
    given_ids = [c.work.work_id for c in decisions.offers]
    assert len(given_ids) == len(set(given_ids))
    assert not {c.agent_id for c in decisions.offers} & over
    assert all(s.used <= s.capacity for s in board.seats.values() if s.agent_id not in over)


@settings(max_examples=60, deadline=None)
@given(situations)
def test_a_second_look_finds_nothing_left_to_do(situation: tuple[list[Seat], list[Waiting]]) -> None:
    people, line = situation
    board = Board(people)
    ordered = sorted(line, key=lambda w: w.key)
    done = {c.work.work_id for c in decide(board, ordered, NOW).offers}
    assert decide(board, [w for w in ordered if w.work_id not in done], NOW).offers == ()


@settings(max_examples=60, deadline=None)
@given(situations)
def test_a_choice_writes_down_what_decided(situation: tuple[list[Seat], list[Waiting]]) -> None:
    people, line = situation
    for work in line:
        board = Board(people)
        before = {s.agent_id: score(s) for s in people}
        explained = explain(board, work)
        offers = decide(board, [work], NOW).offers
        if not offers:
            assert explained.eligible == ()
            continue
        [choice] = offers
        assert choice.eligible == len(explained.eligible)
        assert choice.best == explained.eligible[:3]
        assert choice.score == choice.best[0] == before[choice.agent_id]
        for seat in people:  # undo, so that the next item meets the same board
            seat.used, seat.open_items, seat.last_assigned_at = (
                (seat.used - work.weight, before[seat.agent_id].open_items, before[seat.agent_id].last_assigned_at)
                if seat.agent_id == choice.agent_id
                else (seat.used, seat.open_items, seat.last_assigned_at)
            )


@settings(max_examples=60, deadline=None)
@given(situations)
def test_the_explanation_names_every_member_once_with_a_reason(situation: tuple[list[Seat], list[Waiting]]) -> None:
    people, line = situation
    board = Board(people)
    for work in line:
        explained = explain(board, work)
        members = {s.agent_id for s in people if work.queue_id in s.queues}
        could = [s.agent_id for s in explained.eligible]
        left_out = [agent_id for agent_id, _ in explained.left_out]
        assert sorted(could + left_out) == sorted(members)
        assert list(explained.eligible) == sorted(explained.eligible)
        for agent_id, why in explained.left_out:
            seat = board.seats[agent_id]
            assert why in get_args(Obstacle)
            assert why == obstacle(seat, work)
            assert (why == "no_room") <= (seat.room < work.weight)
            assert (why in ("declined", "timed_out")) <= (agent_id in work.excluded)


@settings(max_examples=60, deadline=None)
@given(situations)
def test_a_round_is_over_when_everybody_who_could_be_asked_was(situation: tuple[list[Seat], list[Waiting]]) -> None:
    people, line = situation
    for work in decide(Board(people), sorted(line, key=lambda w: w.key), NOW).exhausted:
        able = [
            s
            for s in people
            if work.queue_id in s.queues and s.kind == "available" and s.connected and work.channel_id in s.channels
        ]
        assert able
        assert all(s.agent_id in work.excluded for s in able)
        assert work.next_round_at is None


@given(st.integers(1, 86_400), st.integers(1, 1000))
def test_pauses_grow_to_a_quarter_of_an_hour_and_never_shrink(first: int, finished: int) -> None:
    pause = round_pause_s(first, finished)
    assert first <= pause <= max(first, 900)
    assert pause <= round_pause_s(first, finished + 1)


def test_the_order_of_the_line_is_priority_secondary_deadline_age_and_id() -> None:
    later = [
        LineKey(2, 2, 2, 2, 2),
        LineKey(2, 2, 2, 2, 1),
        LineKey(2, 2, 2, 1, 9),
        LineKey(2, 2, 1, 9, 9),
        LineKey(2, 1, 9, 9, 9),
        LineKey(1, 9, 9, 9, 9),
    ]
    assert sorted(later, reverse=True) == later
