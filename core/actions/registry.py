"""The registry: one typed function with a name, a role and a docstring is an action, and is usable everywhere.

Commands, screens, rules and programs look actions up here; what an action does stays in the module of its capability.
"""

from __future__ import annotations

import functools
import inspect
import typing
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Concatenate, ParamSpec, TypeVar

from core.access import Role, require
from data.transaction import Tx

P = ParamSpec("P")
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter of an action: its name, its type and whether it must be given."""

    name: str
    type: Any
    required: bool
    default: Any = None


@dataclass(frozen=True, slots=True)
class Action:
    """Something that a person, a rule or a program can do."""

    name: str
    role: Role
    intake: bool
    summary: str
    description: str
    parameters: tuple[Parameter, ...]
    call: Callable[..., Any]


REGISTRY: dict[str, Action] = {}


def action(
    name: str, *, role: Role = "agent", intake: bool = False
) -> Callable[[Callable[Concatenate[Tx, P], T]], Callable[Concatenate[Tx, P], T]]:
    """Register a function over a transaction as the action `name`, and check at each call that the actor has the role.

    Args:
        name: noun and verb, as the journal's kinds: `case.resolve`.
        role: the lowest role of a person who may do it.
        intake: whether mail intake may do it.
    """

    def register(function: Callable[Concatenate[Tx, P], T]) -> Callable[Concatenate[Tx, P], T]:
        @functools.wraps(function)
        def checked(tx: Tx, /, *args: P.args, **kwargs: P.kwargs) -> T:
            require(tx.actor, role, name, intake=intake)
            return function(tx, *args, **kwargs)

        description = inspect.cleandoc(function.__doc__ or "")
        REGISTRY[name] = Action(
            name=name,
            role=role,
            intake=intake,
            summary=description.partition("\n")[0],
            description=description,
            parameters=_parameters(function),
            call=checked,
        )
        return checked

    return register


def _parameters(function: Callable[..., Any]) -> tuple[Parameter, ...]:
    hints = typing.get_type_hints(function)
    found = list(inspect.signature(function).parameters.values())[1:]
    return tuple(
        Parameter(
            name=each.name,
            type=hints.get(each.name, Any),
            required=each.default is inspect.Parameter.empty,
            default=None if each.default is inspect.Parameter.empty else each.default,
        )
        for each in found
    )
