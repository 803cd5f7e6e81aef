"""A change of the configuration in one line of words, as plans, refusals and the journal show it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from difflib import SequenceMatcher
from itertools import zip_longest
from typing import Any, Literal, TypeGuard

from core.config.document import SECTIONS, SINGULAR, Entry
from core.config.plan import Change
from core.config.problems import printable

_LEFT_OUT = " (left out)"


def describe(change: Change, stated: Entry | None = None) -> str:
    """A change in one line of words.

    Args:
        stated: the entry as the file states it; what is reset because the file leaves it out is then set off.
    """
    who = SINGULAR[change.section] + (f" {printable(change.name)}" if change.name else "")
    if change.kind == "remove":
        return f"remove the {who}"
    after = _leaves(change, 2)
    is_new = change.kind == "add"
    told = list(map(_added, after, after.values())) if is_new else _changed(_leaves(change, 1), after, stated)
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


def _added(field: str, value: Any) -> str:
    if _are_rules(value):
        return "1 rule" if len(value) == 1 else f"{len(value)} {field}"
    return f"{field} {_in_words(value) or 'none'}"


def _changed(before: dict[str, Any], after: dict[str, Any], stated: Entry | None) -> list[str]:
    told: list[str] = []
    for field in {**before, **after}:
        old, new = before.get(field), after.get(field)
        if _are_rules(old) and _are_rules(new):
            told += _changed_rules(old, new)
        elif old != new:
            reset = stated is not None and _is_left_out(field, after, stated)
            told.append(f"{field} {_difference(old, new)}{_LEFT_OUT if reset else ''}")
    return told


def _is_left_out(field: str, after: dict[str, Any], stated: Entry) -> bool:
    """Whether a field has its default because the file does not state it, by itself or with all that it stands in."""
    plain = stated.model_dump(by_alias=True, exclude_unset=True, warnings=False)
    return field.partition(".")[0] not in plain or (field in after and field not in dict(_flat(plain, "")))


def _changed_rules(old: Sequence[Any], new: Sequence[Any]) -> Iterator[str]:
    """What differs between two lists of rules, each by its number: in the new list, or in the old one where it is gone."""
    matched = SequenceMatcher(None, list(map(_identity, old)), list(map(_identity, new)), autojunk=False)
    for kind, first, last, begin, end in matched.get_opcodes():
        if kind == "replace" and last - first == end - begin:
            for number in range(last - first):
                before, after = dict(_flat(old[first + number], "")), dict(_flat(new[begin + number], ""))
                yield f"rule {begin + number + 1} {' and '.join(_changed(before, after, None))}"
        elif kind != "equal":
            yield from (
                f"without rule {number + 1} ({_in_words(old[number]['reason'])})" for number in range(first, last)
            )
            yield from (f"with rule {number + 1} ({_in_words(new[number]['reason'])})" for number in range(begin, end))


def _identity(rule: Any) -> tuple[tuple[str, Any], ...]:
    """What makes two rules the same, in whichever order their fields stand and however a number is written."""
    values = {field: tuple(value) if isinstance(value, list) else value for field, value in _flat(rule, "")}
    return tuple(sorted(values.items(), key=lambda each: each[0]))


def _difference(old: Any, new: Any) -> str:
    if _are_names(old) and _are_names(new) and set(old) != set(new):
        with_, without = (
            _in_words(item for item in one if item not in other) for one, other in ((new, old), (old, new))
        )
        return " and ".join(part for part in (with_ and f"with {with_}", without and f"without {without}") if part)
    if _is_long(old) and _is_long(new):
        return _different_lines(_lines(old), _lines(new))
    return f"from {_in_words(old) or 'none'} to {_in_words(new) or 'none'}"


def _different_lines(old: list[str], new: list[str]) -> str:
    differ = [number for number, (one, other) in enumerate(zip_longest(old, new)) if one != other]
    if not differ:
        return "with another end"
    first, more = differ[0], len(differ) - 1
    before, after = (_in_words(text[first]) if first < len(text) else "none" for text in (old, new))
    return f"in line {first + 1} from {before} to {after}" + (f" and in {more} more" if more else "")


def _is_long(value: Any) -> bool:
    return isinstance(value, str) and len(_lines(value)) > 1


def _lines(text: str) -> list[str]:
    return text.rstrip("\n").split("\n")


def _are_names(value: Any) -> bool:
    return isinstance(value, tuple) and all(isinstance(each, str) for each in value)


def _are_rules(value: Any) -> TypeGuard[Sequence[Any]]:
    return isinstance(value, tuple) and bool(value) and all(isinstance(each, Mapping) for each in value)


def _in_words(value: Any) -> str:
    match value:
        case None:
            return "none"
        case bool():
            return "yes" if value else "no"
        case str():
            return _shortened(value) or '""'
        case Decimal() | int():
            return str(value)
        case Mapping():
            return " ".join(f"{printable(key)} {_in_words(inner)}" for key, inner in value.items())
    return ", ".join(map(_in_words, value))


def _shortened(text: str) -> str:
    """Text in one line: of several its first one, and how many there are. What follows the last line end is no line."""
    lines = _lines(text)
    first = next((line for line in lines if line.strip()), "")
    if len(lines) == 1:
        return printable(first)
    return f"{printable(first, 40)}{'' if len(first) > 40 else ' …'} ({len(lines)} lines)"
