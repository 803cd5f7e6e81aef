"""What the customers of the demo do next: decisions only, from a seed, a state and the time; mails are sent and read elsewhere.

Seconds are those of any clock that only goes forward.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from random import Random

from console.demo.cast import Cast, Person, Said, Topic

_FIRST_S = 0.3
_OPENING_GAP = 0.25
"""The first mails come faster than the pace, so that a newcomer soon has a choice; on a tour one case is enough."""
_OPENINGS = 3
_HURRY_S = 1.5
_LIVELY_S = (4.0, 7.0)
_AWAY_S = 2.0
MOST_WAITING = 7
"""So many customers wait for a first answer at once; the rest hold back until the desk has caught up."""


@dataclass(frozen=True, slots=True)
class Write:
    """A customer writes a new mail."""

    person: Person
    topic: Topic
    values: dict[str, str]


@dataclass(frozen=True, slots=True)
class Back:
    """A customer answers the desk's last answer."""

    person: Person
    topic: Topic
    said: Said
    values: dict[str, str]


@dataclass(frozen=True, slots=True)
class AwayNote:
    """A customer's mail program answers by itself."""

    person: Person


@dataclass(frozen=True, slots=True)
class Rest:
    """Nothing is due before a moment."""

    until: float


Act = Write | Back | AwayNote | Rest


@dataclass(slots=True)
class Thread:
    """One customer's exchange with the desk."""

    topic: Topic
    values: dict[str, str]
    answered: int = 0
    asked: bool = False
    back: tuple[float, Said] | None = None
    away_at: float | None = None
    over: bool = False
    """Whether nothing but the mail program answers any more."""


@dataclass(slots=True)
class CrowdState:
    """What the crowd is about.

    Args:
        pace_s: how many seconds lie between two new mails, on the average.
        lively: whether everybody answers back soon and is content, as a tour wants it.
        write_at: when the next new mail is due.
        threads: exchanges that are not over, by the customer's address.
        lately: names of topics, the last used at the end.
    """

    cast: Cast
    pace_s: float
    lively: bool
    write_at: float
    threads: dict[str, Thread] = field(default_factory=dict)
    lately: list[str] = field(default_factory=list)
    written: int = 0

    @property
    def waiting(self) -> int:
        """How many customers have had no answer yet."""
        return sum(1 for each in self.threads.values() if not each.answered)


def begin(cast: Cast, now: float, *, pace_s: float = 30.0, lively: bool = False) -> CrowdState:
    """Return a crowd that is about to write its first mail."""
    return CrowdState(cast, pace_s, lively, now + _FIRST_S)


def next_act(rng: Random, state: CrowdState, now: float) -> Act:
    """Return what is due now, or until when nothing is; who is answered back goes before a new mail."""
    due: list[tuple[float, Act]] = []
    for address, thread in state.threads.items():
        person = state.cast.people[address]
        if thread.away_at is not None:
            due.append((thread.away_at, AwayNote(person)))
        if thread.back is not None:
            due.append((thread.back[0], Back(person, thread.topic, thread.back[1], thread.values)))
    if due:
        when, act = min(due, key=lambda each: each[0])
        if when <= now:
            return act
    later = min((when for when, _act in due), default=now + 1.0)
    if state.write_at > now:
        return Rest(min(later, state.write_at) if due else state.write_at)
    return _new_mail(rng, state) or Rest(later)


def _new_mail(rng: Random, state: CrowdState) -> Write | None:
    if state.waiting >= MOST_WAITING:
        return None
    cast = state.cast
    free = [each for each in cast.people.values() if each.address not in state.threads]
    if not free:
        return None
    opening = next((each for each in free if each.opening and each.opening not in state.lately), None)
    if opening is not None and state.written < _OPENINGS:
        person, name = opening, opening.opening
    else:
        person = rng.choice(free)
        fitting = [each.name for each in cast.topics.values() if each.language == person.language]
        fresh = [each for each in fitting if each not in state.lately[-len(cast.topics) // 2 :]]
        name = rng.choice(fresh or fitting)
    return Write(person, cast.topics[name], _values(rng, cast))


def _values(rng: Random, cast: Cast) -> dict[str, str]:
    return {
        "serial": f"UM-{rng.randrange(10_000, 99_999)}",
        "invoice": f"2026-{rng.randrange(1_000, 9_999)}",
        "percent": str(rng.randrange(8, 40)),
        "kw": str(rng.randrange(3, 12)),
        "street": rng.choice(cast.streets),
    }


# -- what becomes of it


def did(rng: Random, state: CrowdState, act: Act, now: float) -> None:
    """Take note that something was done."""
    if isinstance(act, Write):
        state.threads[act.person.address] = Thread(act.topic, act.values)
        state.lately.append(act.topic.name)
        state.written += 1
        gap = state.pace_s * rng.uniform(0.5, 1.5)
        state.write_at = now + gap * (_OPENING_GAP if state.written < _OPENINGS and not state.lively else 1.0)
    elif isinstance(act, Back):
        thread = state.threads[act.person.address]
        thread.back = None
        if act.said == "thanks":
            del state.threads[act.person.address]
        else:
            thread.asked = True
    elif isinstance(act, AwayNote):
        thread = state.threads[act.person.address]
        thread.away_at = None
        if thread.over:
            del state.threads[act.person.address]


def answered(rng: Random, state: CrowdState, address: str, now: float) -> None:
    """Take note that a customer found an answer, and decide what comes back: thanks, a question, or silence, by mood."""
    thread = state.threads.get(address)
    if thread is None or thread.over or thread.back is not None:
        return
    person = state.cast.people[address]
    mood = state.cast.moods[person.mood]
    thread.answered += 1
    if person.away and thread.answered == 1:
        thread.away_at = now + _AWAY_S
    if state.lively:
        thread.back = (now + rng.uniform(*_LIVELY_S), "thanks")
        return
    weights = (mood.thanks, 0 if thread.asked else mood.question, mood.silence)
    said = rng.choices(("thanks", "question", "silence"), weights)[0]
    if said == "silence":
        thread.over = True
        if thread.away_at is None:
            del state.threads[address]
    else:
        thread.back = (now + rng.uniform(*mood.after), "thanks" if said == "thanks" else "question")


def hurry(state: CrowdState, now: float) -> None:
    """Let the next mail come soon: somebody is there who has nothing to do."""
    state.write_at = min(state.write_at, now + _HURRY_S)
