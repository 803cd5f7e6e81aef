"""What the demo's customers do, decided from a seed and the time: nothing here waits or sends."""

from __future__ import annotations

import struct
import zlib
from collections import Counter
from itertools import pairwise
from random import Random

import pytest

from console.demo import crowd
from console.demo.cast import agents_text, away_note, back_text, first_letter, photo, the_cast
from console.demo.company import ADDRESSES
from console.demo.crowd import AwayNote, Back, CrowdState, Rest, Write

CAST = the_cast()


def played(
    seed: int, seconds: float, *, answer_after: float = 10.0, lively: bool = False
) -> list[tuple[float, crowd.Act]]:
    """Let a crowd act for a time, at a desk that answers every mail after some seconds."""
    rng, now = Random(seed), 0.0
    state = crowd.begin(CAST, now, lively=lively)
    told: list[tuple[float, crowd.Act]] = []
    answers: list[tuple[float, str]] = []
    while now < seconds:
        act = crowd.next_act(rng, state, now)
        if not isinstance(act, Rest):
            told.append((now, act))
            crowd.did(rng, state, act, now)
            if not isinstance(act, AwayNote):
                answers.append((now + answer_after, act.person.address))
            continue
        now = min([act.until, *(when for when, _ in answers)])
        for each in [each for each in answers if each[0] <= now]:
            answers.remove(each)
            crowd.answered(rng, state, each[1], now)
    return told


def test_everything_that_is_written_is_there() -> None:
    people = CAST.people.values()
    assert len(people) >= 12
    assert {each.language for each in people} == {"en", "de", "fr", "es"}
    assert {each.mood for each in people} == {"calm", "hurried", "angry", "grateful"} == set(CAST.moods)
    assert len({each.box for each in people}) == len(people)
    assert any(each.html for each in people)
    assert any(each.away for each in people)
    values = {"serial": "S", "invoice": "I", "percent": "P", "kw": "K", "street": "T"}
    for topic in CAST.topics.values():
        assert f"{topic.to}@ursamajor.example" in ADDRESSES
        for person in (each for each in people if each.language == topic.language):
            letter = first_letter(CAST, person, topic, values)
            texts = [letter.subject, letter.text, back_text(CAST, person, topic, "question", values)]
            texts += [agents_text(CAST, person.name, topic, again=again, agent="Sam") for again in (False, True)]
            texts += away_note(CAST, person, letter.subject)
            assert not [each for each in texts if "$" in each or not each.strip()]
            assert "?" in back_text(CAST, person, topic, "question", values)  # by which a colleague knows it
            assert "?" not in back_text(CAST, person, topic, "thanks", values)
    assert {each.language for each in CAST.topics.values()} == set(CAST.letters)
    assert all(CAST.topics[each.opening].language == each.language for each in people if each.opening)


def test_the_first_mail_comes_at_once_and_the_others_at_the_pace() -> None:
    written = [when for when, act in played(1, 1800) if isinstance(act, Write)]
    assert written[0] < 1
    gaps = [later - earlier for earlier, later in pairwise(written)]
    assert all(gap < 15 for gap in gaps[:2])
    assert all(15 <= gap <= 45.1 for gap in gaps[2:])
    assert len(set(gaps)) > len(gaps) / 2


def test_the_same_seed_makes_the_same_play() -> None:
    assert played(3, 600) == played(3, 600)
    assert played(3, 600) != played(4, 600)


def test_everybody_and_every_topic_has_its_turn() -> None:
    told = played(5, 3600)
    assert len({act.topic.name for _w, act in told if isinstance(act, Write)}) == len(CAST.topics)
    assert len({act.person.name for _w, act in told if isinstance(act, Write)}) == len(CAST.people)


@pytest.mark.parametrize("mood", ["calm", "hurried", "angry", "grateful"])
def test_moods_answer_back_differently_and_within_twenty_seconds(mood: str) -> None:
    person = next(each for each in CAST.people.values() if each.mood == mood)
    topic = next(each for each in CAST.topics.values() if each.language == person.language)
    said: Counter[str] = Counter()
    for seed in range(300):
        state = CrowdState(CAST, 30, False, 1e9)
        crowd.did(Random(0), state, Write(person, topic, {}), 0)
        crowd.answered(Random(seed), state, person.address, 100)
        thread = state.threads.get(person.address)
        if thread is None:
            said["silence"] += 1
        else:
            assert thread.back is not None
            assert 105 <= thread.back[0] <= 120
            said[thread.back[1]] += 1
    assert set(said) == {"thanks", "question", "silence"}
    assert (said["thanks"] > said["question"]) == (mood in ("calm", "grateful"))


def test_after_a_question_comes_no_second_one() -> None:
    backs: dict[str, list[str]] = {}
    for _when, act in played(6, 3600):
        if isinstance(act, Write):
            backs[act.person.address] = []
        elif isinstance(act, Back):
            backs[act.person.address].append(act.said)
            assert backs[act.person.address] in (["thanks"], ["question"], ["question", "thanks"])


def test_who_is_away_answers_by_itself_once_for_each_story() -> None:
    told = played(7, 3600)
    notes = Counter(act.person.address for _when, act in told if isinstance(act, AwayNote))
    mails = Counter(act.person.address for _when, act in told if isinstance(act, Write) and act.person.away)
    assert notes
    assert all(abs(notes[each] - mails[each]) <= 1 for each in mails)


def test_customers_hold_back_while_nobody_answers() -> None:
    told = played(8, 3600, answer_after=1e9)
    assert len(told) == crowd.MOST_WAITING


def test_a_newcomer_with_nothing_to_do_gets_a_mail_soon() -> None:
    rng, state = Random(1), crowd.begin(CAST, 0)
    crowd.did(rng, state, crowd.next_act(rng, state, 1), 1)
    assert isinstance(crowd.next_act(rng, state, 2), Rest)
    crowd.hurry(state, 2)
    crowd.hurry(state, 3)  # said again, it comes no later
    assert isinstance(crowd.next_act(rng, state, 4), Write)


def test_on_a_tour_everybody_is_content_and_quick() -> None:
    told = played(9, 900, lively=True)
    assert {act.said for _when, act in told if isinstance(act, Back)} == {"thanks"}
    first = next(when for when, act in told if isinstance(act, Back))
    assert first <= told[0][0] + 10 + 7


def test_the_photo_is_a_picture() -> None:
    raw = photo()
    width, height = struct.unpack(">II", raw[16:24])
    start = raw.index(b"IDAT") + 4
    length = struct.unpack(">I", raw[start - 8 : start - 4])[0]
    assert len(zlib.decompress(raw[start : start + length])) == height * (1 + 3 * width)
