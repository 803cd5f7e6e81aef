"""The fields that conditions and templates may name: by record, each with its type and a sentence.

A vocabulary is what one place knows: a saved view knows the case and its people, an automation also the message that started it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from core.conditions.types import Type, Value


@dataclass(frozen=True, slots=True)
class Field:
    """One field.

    Args:
        path: record and name, such as `case.priority`.
        type: what it holds.
        summary: what it says, in a sentence.
        sql: the expression that reads it from the tables of its record; empty where only an event knows it.
        sample: a value such as it may hold, for the documentation.
        scale: how many times itself a number is in the tables.
    """

    path: str
    type: Type
    summary: str
    sql: str = ""
    sample: Value = None
    scale: int = 1

    @property
    def record(self) -> str:
        """The record that it belongs to."""
        return self.path.partition(".")[0]


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The fields known in one place, by path."""

    fields: Mapping[str, Field] = field(default_factory=dict)

    @classmethod
    def of(cls, fields: Iterable[Field]) -> Vocabulary:
        """Return the vocabulary of some fields."""
        return cls({each.path: each for each in fields})

    def records(self) -> tuple[str, ...]:
        """Return the records, in order."""
        return tuple(dict.fromkeys(each.record for each in self.fields.values()))
