"""A change of the configuration in one line of words, as plans, refusals and the journal show it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any, Literal

from core.config.document import SECTIONS, SINGULAR
from core.config.plan import Change
from core.config.problems import printable


def describe(change: Change) -> str:
    """A change in one line of words."""
    who = SINGULAR[change.section] + (f" {printable(change.name)}" if change.name else "")
    if change.kind == "remove":
        return f"remove the {who}"
    after = _leaves(change, 2)
    if change.kind == "add":
        told = [f"{field} {_in_words(value) or 'none'}" for field, value in after.items()]
    else:
        before = _leaves(change, 1)
        fields = [field for field in {**before, **after} if before.get(field) != after.get(field)]
        told = [f"{field} {_difference(before.get(field), after.get(field))}" for field in fields]
    return f"{change.kind} the {who}" + (f": {', '.join(told)}" if told else "")


def _leaves(change: Change, position: Literal[1, 2]) -> dict[str, Any]:
    """The old or the new values as a file states them: `imap.port` and what it is. Of a new entry only what it has set."""
    fields: dict[str, Any] = {field.field: field[position] for field in change.fields}
    # Without validation: an entry of which only some fields are known, for the sake of its serializers.
    part = SECTIONS[change.section].model_construct(None, **fields)
    new = change.kind == "add"
    plain = part.model_dump(by_alias=True, include=set(fields), exclude_defaults=new, warnings=False)
    return dict(_flat(plain, ""))


def _flat(value: Any, path: str) -> Iterator[tuple[str, Any]]:
    if isinstance(value, Mapping):
        for key, inner in value.items():
            yield from _flat(inner, f"{path}.{printable(key)}" if path else printable(key))
    else:
        yield path, value


def _difference(old: Any, new: Any) -> str:
    if _are_names(old) and _are_names(new) and set(old) != set(new):
        with_, without = (
            _in_words(item for item in one if item not in other) for one, other in ((new, old), (old, new))
        )
        return " and ".join(part for part in (with_ and f"with {with_}", without and f"without {without}") if part)
    return f"from {_in_words(old) or 'none'} to {_in_words(new) or 'none'}"


def _are_names(value: Any) -> bool:
    return isinstance(value, tuple) and all(isinstance(each, str) for each in value)


def _in_words(value: Any) -> str:
    match value:
        case None:
            return "none"
        case bool():
            return "yes" if value else "no"
        case str():
            return printable(value) or '""'
        case Decimal() | int():
            return str(value)
        case Mapping():
            return " ".join(f"{printable(key)} {_in_words(inner)}" for key, inner in value.items())
    return ", ".join(map(_in_words, value))
