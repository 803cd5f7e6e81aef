"""From findings and pydantic's errors to problems with a place and words.

A password that somebody wrote into the file by mistake must not be repeated in a message, so values below `password`
are never quoted.
"""

from __future__ import annotations

import typing
from collections.abc import Iterable
from dataclasses import replace
from decimal import Decimal
from typing import Any

from pydantic import BaseModel, ValidationError

from core.config.checks import Finding
from core.config.problems import Lines, Mark, Path, Problem, did_you_mean, got

_EXPECTED = {
    "string_type": "text",
    "bool_type": "true or false",
    "tuple_type": "a list",
    "mapping_type": "a mapping",
    "dict_type": "a mapping",
    "model_type": "a mapping",
}


def problems_of(findings: Iterable[Finding], lines: Lines) -> list[Problem]:
    """Findings with their places: at the field, or beside it when the file does not state the field but its cause."""
    problems = []
    for finding in findings:
        path = finding.path if finding.item is None else lines.item(finding.path, finding.item)
        places = (path, *finding.besides)
        # A field that the file states says more than an entry which only leaves the field to its default.
        stated = [place for place in places if lines.names(place)] or [
            place for place in places if lines.names(_entry(place))
        ]
        mark = _place(stated[0], lines) if stated else Mark(0, 0)
        problem = lines.problem(path, finding.message, finding.hint, at=mark)
        # What the file does not name stands on the desk. Without a file everything does, and the source says what was tried.
        problems.append(problem if stated or not lines.keys else replace(problem, source="the desk"))
    return problems


def _place(path: Path, lines: Lines) -> Mark:
    """Of the value, but of an entry or address its name: a mapping may begin a line below."""
    named = lines.names(path) and path != _entry(path) and path[-2] != "addresses"
    return lines.value(path) if named else lines.key(path)


def _entry(path: Path) -> Path:
    return path[:1] if path[0] == "desk" else path[:2]


def explain(error: ValidationError, model: type[BaseModel], at: Path, lines: Lines) -> dict[Path, Problem]:
    """What pydantic found in one entry, by the field's path."""
    problems: dict[Path, Problem] = {}
    for detail in error.errors(include_url=False):
        # For a key of a mapping pydantic appends "[key]" to the location.
        steps = tuple(step for step in detail["loc"] if step != "[key]")
        path = (*at, *steps, *detail.get("ctx", {}).get("within", ()))
        message, hint = _words(detail["type"], detail, model, steps)
        on_key = detail["type"] in {"missing", "extra_forbidden"} or "[key]" in detail["loc"]
        where = lines.key(path[:-1] if detail["type"] == "missing" else path) if on_key else lines.value(path)
        problems.setdefault(path, lines.problem(path, message, hint, at=where))
    return problems


def _words(kind: str, detail: Any, model: type[BaseModel], steps: Path) -> tuple[str, str]:
    context, value = detail.get("ctx", {}), detail["input"]
    if kind == "refused":
        return context["message"], context["hint"]
    if kind == "missing":
        return "is missing", ""
    if kind == "extra_forbidden":
        known = _keys(model, steps[:-1])
        return "there is no such field", did_you_mean(str(steps[-1]), known) or f"Known are {', '.join(known)}."
    if kind == "too_short":
        return "names nothing; at least one is needed", ""
    if "password" in steps:
        hint = "Name a command, a file or an environment variable (env) that yields it; change one that stood here."
        return "a password is never in the configuration", hint
    if kind == "literal_error":
        choices = context["expected"].replace("'", "").replace(" or ", ", ").split(", ")
        hint = did_you_mean(value, choices) if isinstance(value, str) else ""
        if steps[-1] == "model":
            return f"there is no routing model {got(value)}; known so far: {', '.join(choices)}", hint
        return f"expected one of {', '.join(choices)}, got {got(value)}", hint
    if kind in _EXPECTED:
        quotable = kind == "string_type" and isinstance(value, bool | int | Decimal)
        hint = "Write it in quotes if it is meant as text." if quotable else ""
        return f"expected {_EXPECTED[kind]}, got {got(value)}", hint
    return f"is not right: {detail['msg']}", ""


def _keys(model: type[BaseModel], steps: Path) -> list[str]:
    """The fields known at a place inside a model, as the file writes them."""
    for step in steps:
        annotation = model.model_fields[str(step)].annotation if str(step) in model.model_fields else None
        model = _inner(annotation) or model
    return [field.validation_alias or name for name, field in model.model_fields.items()]  # type: ignore[misc]


def _inner(annotation: Any) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next((found for part in typing.get_args(annotation) if (found := _inner(part))), None)
