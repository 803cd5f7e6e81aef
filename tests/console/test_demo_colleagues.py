"""What the demo's colleagues do, decided from what they see: nothing here waits or opens a desk."""

from __future__ import annotations

from random import Random

from console.demo.colleagues import REASONS, Mind, Sight, Step, Task, next_step


def first(rng: Random, mind: Mind, sight: Sight, now: float, until: float) -> tuple[float, Step] | None:
    """Return the first step of an agent who sees the same for a time, and when."""
    while now < until:
        step = next_step(rng, mind, sight, now)
        if step is not None:
            return now, step
        now += 0.25
    return None


def test_a_colleague_comes_at_the_time() -> None:
    mind = Mind(comes_at=8.0)
    assert first(Random(1), mind, Sight("offline"), 0, 100) == (8.0, Step("status", word="available"))


def test_an_offer_is_noticed_after_seconds_and_mostly_accepted() -> None:
    steps = []
    for seed in range(200):
        found = first(Random(seed), Mind(0.0), Sight("available", offers=(7,)), 0, 30)
        assert found is not None
        assert 2 <= found[0] <= 7
        steps.append(found[1])
    declined = [step for step in steps if step.what == "decline"]
    assert 5 < len(declined) < 60
    assert {step.word for step in declined} == set(REASONS)
    assert all(step.number == 7 for step in steps)


def test_what_was_declined_once_is_taken_when_it_comes_back() -> None:
    for seed in range(50):
        mind = Mind(0.0, declined={7})
        found = first(Random(seed), mind, Sight("available", offers=(7,)), 0, 30)
        assert found is not None
        assert found[1] == Step("accept", 7)


def test_a_case_is_answered_a_question_too_and_thanks_end_it() -> None:
    rng, mind = Random(2), Mind(0.0)
    answered = first(rng, mind, Sight("available", tasks=(Task(7, 3, "first"),)), 0, 60)
    assert answered is not None
    assert answered[1] == Step("answer", 3, "first")
    assert 9 <= answered[0] <= 23
    again = first(rng, mind, Sight("available", tasks=(Task(7, 3, "question"),)), 30, 90)
    assert again is not None
    assert again[1] == Step("answer", 3, "question")
    thanked = first(rng, mind, Sight("available", tasks=(Task(7, 3, "thanks"),)), 90, 120)
    assert thanked is not None
    assert thanked[1] == Step("resolve", 3)


def test_a_customer_who_says_nothing_any_more_is_waited_for_a_minute_or_two() -> None:
    found = first(Random(3), Mind(0.0), Sight("available", tasks=(Task(7, 3, "silence"),)), 0, 300)
    assert found is not None
    assert found[1] == Step("resolve", 3)
    assert 60 <= found[0] <= 121


def test_after_some_work_comes_lunch_and_after_lunch_work() -> None:
    rng, mind = Random(4), Mind(0.0, lunch_after=2, accepted=2)
    busy = Sight("available", tasks=(Task(7, 3, "first"),))
    assert next_step(rng, mind, busy, 0) is None  # not with a customer waiting
    found = first(rng, mind, Sight("available"), 1, 10)
    assert found == (1, Step("status", word="lunch"))
    back = first(rng, mind, Sight("lunch"), 1, 100)
    assert back is not None
    assert back[1] == Step("status", word="available")
    assert 31 <= back[0] <= 62


def test_whom_a_supervisor_signs_out_stays_away_for_a_while() -> None:
    rng, mind = Random(5), Mind(0.0)
    assert first(rng, mind, Sight("offline"), 0, 1) == (0, Step("status", word="available"))
    again = first(rng, mind, Sight("offline"), 100, 200)
    assert again == (130, Step("status", word="available"))


def test_what_is_gone_is_forgotten_and_planned_anew() -> None:
    rng, mind = Random(6), Mind(0.0, declined={7})
    assert next_step(rng, mind, Sight("available", offers=(7,)), 0) is None
    assert next_step(rng, mind, Sight("available"), 1) is None
    assert next_step(rng, mind, Sight("available", offers=(7,)), 50) is None
    assert first(rng, mind, Sight("available", offers=(7,)), 50, 60) is not None
