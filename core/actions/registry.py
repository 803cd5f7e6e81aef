"""The registry: one typed function with a name, a role and a docstring is an action, and is usable everywhere.

An action also says what it may touch and which action takes it back, so that a screen can offer
to undo it and the author of a rule can judge it.

Commands, screens, rules and programs look actions up here; what an action does stays in the module of its capability.
"""

from __future__ import annotations

import functools
import inspect
import re
import typing
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Concatenate, Literal, ParamSpec, TypeVar

from core.access import Role, require
from data.transaction import Tx

P = ParamSpec("P")
T = TypeVar("T")
_PARAMETER = re.compile(r" {4}([a-z_]+): (.*)")


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter of an action: its name, its type and whether it must be given."""

    name: str
    type: Any
    required: bool
    default: Any = None
    meaning: str = ""


Touch = Literal["case", "work", "message", "mail", "presence", "configuration", "outside"]
"""What an action may change; `outside` is what leaves the desk by a webhook."""


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
    touches: tuple[Touch, ...] = ()
    undone_by: str = ""

    @property
    def on_case(self) -> bool:
        """Whether it is done to a case, which its first parameter names."""
        return bool(self.parameters) and self.parameters[0].name == "case"


REGISTRY: dict[str, Action] = {}


def action(
    name: str, *, touches: tuple[Touch, ...], role: Role = "agent", intake: bool = False, undone_by: str = ""
) -> Callable[[Callable[Concatenate[Tx, P], T]], Callable[Concatenate[Tx, P], T]]:
    """Register a function over a transaction as the action `name`, and check at each call that the actor has the role.

    Args:
        name: noun and verb, as the journal's kinds: `case.resolve`.
        touches: what it may change.
        role: the lowest role of a person who may do it.
        intake: whether mail intake may do it.
        undone_by: the action that takes it back; none where it cannot be taken back.
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
            parameters=_parameters(function, _meanings(description)),
            call=checked,
            touches=touches,
            undone_by=undone_by,
        )
        return checked

    return register


def _parameters(function: Callable[..., Any], meanings: Mapping[str, str]) -> tuple[Parameter, ...]:
    hints = typing.get_type_hints(function)
    found = list(inspect.signature(function).parameters.values())[1:]
    return tuple(
        Parameter(
            name=each.name,
            type=hints.get(each.name, Any),
            required=each.default is inspect.Parameter.empty,
            default=None if each.default is inspect.Parameter.empty else each.default,
            meaning=meanings.get(each.name, ""),
        )
        for each in found
    )


def _meanings(description: str) -> dict[str, str]:
    """Return what a docstring says of each parameter."""
    found: dict[str, str] = {}
    name = ""
    for line in description.partition("Args:\n")[2].splitlines():
        if not line.startswith("    "):
            break
        if begun := _PARAMETER.fullmatch(line):
            name = begun[1]
            found[name] = begun[2]
        elif name:
            found[name] += f" {line.strip()}"
    return found
