"""The people of the demo and their words, as `crowd.yaml` has them, and letters made of them. Nothing here decides or waits."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from string import Template
from typing import Any, Literal

from console.demo.customers import Letter

Said = Literal["thanks", "question"]
"""What a customer answers back."""
_DOMAIN = "ursamajor.example"


@dataclass(frozen=True, slots=True)
class Person:
    """A customer.

    Args:
        opening: the topic of the first mail, for those with whom a demo begins.
        html: whether the mail program writes HTML.
        away: whether it also answers by itself.
    """

    name: str
    address: str
    box: str
    language: str
    mood: str
    opening: str = ""
    html: bool = False
    away: bool = False


@dataclass(frozen=True, slots=True)
class Mood:
    """How a customer answers back: after so many seconds, and what, each by its weight."""

    after: tuple[float, float]
    thanks: int
    question: int
    silence: int


@dataclass(frozen=True, slots=True)
class Topic:
    """Something to write about, the answer to it, the question back, and the answer to that."""

    name: str
    language: str
    to: str
    subject: str
    text: str
    answer: str
    question: str
    second: str
    file: Mapping[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Cast:
    """Everybody and everything that is written; people by address, topics by name, letters by language."""

    people: Mapping[str, Person]
    moods: Mapping[str, Mood]
    topics: Mapping[str, Topic]
    letters: Mapping[str, Mapping[str, Any]]
    files: Mapping[str, Mapping[str, str]]
    streets: tuple[str, ...]
    signature: str


@cache
def the_cast() -> Cast:
    """Return the cast of the sample company."""
    import yaml

    found = yaml.safe_load(files("console.demo").joinpath("crowd.yaml").read_text(encoding="utf-8"))
    return Cast(
        people={each["address"]: Person(**each) for each in found["people"]},
        moods={
            name: Mood(tuple(each["after"]), each["thanks"], each["question"], each["silence"])
            for name, each in found["moods"].items()
        },
        topics={name: Topic(name=name, **each) for name, each in found["topics"].items()},
        letters=found["letters"],
        files=found["files"],
        streets=tuple(found["streets"]),
        signature=found["signature"],
    )


def first_letter(cast: Cast, person: Person, topic: Topic, values: Mapping[str, str]) -> Letter:
    """Return a customer's first mail about a topic.

    Args:
        values: what the topic's placeholders stand for.
    """
    letters, mood = cast.letters[person.language], person.mood
    parts = (letters["greeting"][mood], _filled(topic.text, values), letters["urge"][mood])
    end = "\n".join(each for each in (letters["closing"][mood], person.name) if each)
    return Letter(
        _filled(topic.subject, values),
        "\n\n".join(each for each in (*parts, end) if each) + "\n",
        to=f"{topic.to}@{_DOMAIN}",
        html=person.html,
        attachment=_file(cast, topic),
    )


def back_text(cast: Cast, person: Person, topic: Topic, said: Said, values: Mapping[str, str]) -> str:
    """Return what a customer answers back."""
    letters = cast.letters[person.language]
    text = letters["thanks"][person.mood] if said == "thanks" else _filled(topic.question, values)
    return f"{text}\n\n{person.name.split()[0]}\n"


def away_note(cast: Cast, person: Person, subject: str) -> tuple[str, str]:
    """Return subject and text of what a mail program answers while its owner is away."""
    note = cast.letters[person.language]["away"]
    return Template(note["subject"]).safe_substitute(subject=subject), f"{note['text']}\n\n{person.name}\n"


def agents_text(cast: Cast, customer: str, topic: Topic | None, *, again: bool, agent: str) -> str:
    """Return what a colleague answers.

    Args:
        customer: the customer's name.
        topic: what the case is about; None where that is not known.
        again: whether it is the answer to a question back.
        agent: who answers.
    """
    letters = cast.letters[topic.language if topic is not None else "en"]
    names = customer.split() or [""]
    salute = Template(letters["salute"]).safe_substitute(first=names[0], name=customer)
    text = letters["unknown"] if topic is None else topic.second if again else topic.answer
    return f"{salute}\n\n{text.strip()}\n\n{agent}\n{cast.signature}"


def _filled(text: str, values: Mapping[str, str]) -> str:
    return Template(text).safe_substitute(values)


def _file(cast: Cast, topic: Topic) -> tuple[str, str, bytes] | None:
    if topic.file is None:
        return None
    kind = cast.files[topic.file["kind"]]
    content = kind["text"].encode() if "text" in kind else photo()
    return topic.file["name"], kind["type"], content


@cache
def photo(width: int = 96, height: int = 64) -> bytes:
    """Return a picture as PNG: an evening sky over a roof, so that what is saved can be looked at."""
    rows = b"".join(
        b"\0" + b"".join(_colour(x / width, y / height) for x in range(width)) for y in range(height)
    )  # each row begins with its filter
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(rows)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data)) for kind, data in chunks
    )


def _colour(x: float, y: float) -> bytes:
    if y > 0.9 - 0.5 * min(x, 1 - x):
        return bytes((38, 52, 92)) if int(x * 16) % 2 else bytes((30, 42, 76))
    return bytes((int(250 - 90 * y), int(190 - 60 * y), int(140 + 60 * y)))
