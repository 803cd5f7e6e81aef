"""Arguments of actions as they come from outside: text of a command line, values of a file or a program, checked against the types
that an action states, so that whoever wrote them is told what is wrong before anything is done."""

from __future__ import annotations

import json
import types
import typing
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

from pydantic import ConfigDict, TypeAdapter, ValidationError

from core.actions.registry import REGISTRY, Action, Parameter
from core.config.nodes import compose
from core.config.plain import Plainer
from core.config.problems import ConfigRefused, Problem, did_you_mean, got, printable
from core.config.scalars import resolve
from core.errors import NotScriptable, UnknownAction, WrongUsage

_PLAIN = (int, str, bool, float)
_LARGEST = 2**63 - 1
"""The largest number that a database keeps."""


class WrongArguments(WrongUsage):
    """{action}: {problems}"""


def action_named(name: str) -> Action:
    """Return a registered action; `core.actions.all` makes the registry whole.

    Raises:
        UnknownAction: there is none of that name.
        NotScriptable: there is one, and what it takes cannot be written, or only an open console does it.
    """
    found = REGISTRY.get(name)
    if found is not None and not is_scriptable(found):
        raise NotScriptable(which=got(name))
    if found is None:
        hint = did_you_mean(name, [each.name for each in scriptable()]) or "See: deskline action list"
        raise UnknownAction(which=got(name), hint=hint)
    return found


def scriptable() -> list[Action]:
    """Return the actions that can be named with their arguments in text, by name."""
    return [REGISTRY[name] for name in sorted(REGISTRY) if is_scriptable(REGISTRY[name])]


def is_scriptable(action: Action) -> bool:
    """Say whether all that an action takes can be written as text, and it is no act of a console that is open."""
    return all(_is_plain(each.type) for each in action.parameters) and not any(
        each.name == "session" for each in action.parameters
    )


def _is_plain(kind: Any) -> bool:
    origin = typing.get_origin(kind)
    if origin in (typing.Union, types.UnionType):
        return all(each is type(None) or _is_plain(each) for each in typing.get_args(kind))
    if origin is typing.Literal or kind in _PLAIN:
        return True
    return origin is not None and isinstance(origin, type) and issubclass(origin, Mapping)


def bind(action: Action, given: Mapping[str, object]) -> dict[str, Any]:
    """Return the arguments of a call, each of the type that its parameter has.

    Args:
        given: values by the parameter's name, as a file or a program states them.

    Raises:
        WrongArguments: one is missing, unknown or of a wrong type; all problems are told at once.
    """
    problems: list[str] = []
    bound: dict[str, Any] = {}
    known = {each.name: each for each in action.parameters}
    for name, value in given.items():
        if name not in known:
            hint = did_you_mean(name, list(known)) or f"It takes {', '.join(known) or 'nothing'}."
            problems.append(f"there is no parameter {got(name)}. {hint}")
            continue
        try:
            bound[name] = _adapter(known[name].type).validate_python(value)
        except ValidationError:
            problems.append(f"{name} is {written_type(known[name].type)}, not {_shown(value)}.")
            continue
        if isinstance(value, int) and abs(value) > _LARGEST:
            problems.append(f"{name} is a whole number up to {_LARGEST:,}, not {_shown(value)}.")
    problems += [f"{each.name} is missing." for each in action.parameters if each.required and each.name not in given]
    if problems:
        raise WrongArguments(action=action.name, problems=" ".join(problems))
    return bound


def read(action: Action, words: Sequence[str]) -> dict[str, Any]:
    """Return the arguments in words such as `case=412` or `fields={product: inverter}`.

    What is text stays as it was typed; anything else is read as YAML, of which JSON is a part.

    Raises:
        WrongArguments: a word is no assignment, stands twice, or is of a wrong type.
    """
    given: dict[str, object] = {}
    known: dict[str, Parameter] = {each.name: each for each in action.parameters}
    for word in words:
        name, sign, text = word.partition("=")
        if not sign:
            raise WrongArguments(action=action.name, problems=f"{got(word)} is no argument; write NAME=VALUE.")
        if name in given:
            raise WrongArguments(action=action.name, problems=f"{name} stands there twice.")
        is_text = name not in known or _takes_text(known[name].type)
        given[name] = text if is_text else _value(action, name, text)
    return bind(action, given)


def _value(action: Action, name: str, text: str) -> object:
    if text.lstrip()[:1] not in ("{", "["):
        return resolve(text)
    try:
        plainer = Plainer(name)
        value = plainer.read(compose(text, name))
    except ConfigRefused as refused:
        raise WrongArguments(action=action.name, problems=_told(refused.problems)) from None
    if plainer.problems:
        raise WrongArguments(action=action.name, problems=_told(plainer.problems))
    return value


def _told(problems: Sequence[Problem]) -> str:
    return " ".join(f"{each.source}, column {each.column}: {each.message}. {each.hint}".rstrip() for each in problems)


def _takes_text(kind: Any) -> bool:
    if typing.get_origin(kind) is typing.Literal:
        return True
    return kind is str or (typing.get_origin(kind) in (typing.Union, types.UnionType) and str in typing.get_args(kind))


@lru_cache(128)
def _adapter(kind: Any) -> TypeAdapter[Any]:
    return TypeAdapter(kind, config=ConfigDict(strict=True))


def written_type(kind: Any) -> str:
    """Return a parameter's type in words."""
    origin = typing.get_origin(kind)
    if origin in (typing.Union, types.UnionType):
        return " or ".join(written_type(each) for each in typing.get_args(kind) if each is not type(None))
    if origin is typing.Literal:
        return f"one of {', '.join(map(str, typing.get_args(kind)))}"
    return {int: "a whole number", str: "text", bool: "true or false", float: "a number"}.get(
        kind, "values by name" if _is_plain(kind) else str(kind)
    )


def _shown(value: object) -> str:
    if isinstance(value, dict | list):
        return printable(json.dumps(value, ensure_ascii=False, default=str))
    return str(value) if isinstance(value, float) else got(value)
