"""What a condition of four terms costs in the languages that were weighed, beside the same expression in plain Python.

Not part of `make bench`, since the candidates are no dependencies: install them beside deskline, then run this file.
`pip install simpleeval jinja2 common-expression-language cel-python rule-engine`
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from importlib.metadata import version
from typing import Any

from core.conditions.condition import Condition
from core.conditions.fields import Field, Vocabulary
from core.conditions.types import NUMBER, TEXT
from core.conditions.world import World

ROUNDS = 7
FIELDS = {f"field{number}": number for number in range(16)}
CASE = {**FIELDS, "priority": 4, "type": "problem", "subject": "Inverter E-31", "age": 90}
TEXT_OF_IT = (
    'case.priority >= 4 and case.type in ["problem", "question"] and case.subject == "Inverter E-31" and case.age < 100'
)


def plain() -> Callable[[], Any]:
    """The expression as Python has it, over the same mapping."""
    facts = {f"case.{name}": value for name, value in CASE.items()}
    decide = eval(
        'lambda f: f["case.priority"] >= 4 and f["case.type"] in ("problem", "question") '
        'and f["case.subject"] == "Inverter E-31" and f["case.age"] < 100'
    )
    return lambda: decide(facts)


def ours() -> Callable[[], Any]:
    """An expression of Python's grammar, checked and compiled: core/conditions."""
    fields = [Field(f"case.{name}", TEXT if isinstance(value, str) else NUMBER, "") for name, value in CASE.items()]
    facts = {f"case.{name}": value for name, value in CASE.items()}
    decide, world = Condition.read(TEXT_OF_IT, Vocabulary.of(fields)).holds, World(0)
    return lambda: decide(facts, world)


def simpleeval() -> Callable[[], Any]:
    """simpleeval walks a parsed tree."""
    from simpleeval import EvalWithCompoundTypes

    evaluator = EvalWithCompoundTypes(names={"case": CASE})
    parsed = evaluator.parse(TEXT_OF_IT)
    return lambda: evaluator.eval(TEXT_OF_IT, previously_parsed=parsed)


def jinja() -> Callable[[], Any]:
    """Jinja2's expressions, in its sandbox."""
    from jinja2.sandbox import ImmutableSandboxedEnvironment

    decide = ImmutableSandboxedEnvironment().compile_expression(TEXT_OF_IT)
    return lambda: decide(case=CASE)


_CEL = TEXT_OF_IT.replace(" and ", " && ")


def cel_of_rust() -> Callable[[], Any]:
    """CEL by common-expression-language, compiled once."""
    import cel

    program, given = cel.compile(_CEL), {"case": CASE}
    return lambda: program.execute(given)


def cel_of_python() -> Callable[[], Any]:
    """CEL by cel-python, compiled once."""
    import celpy

    environment = celpy.Environment()
    program = environment.program(environment.compile(_CEL))
    given = {"case": celpy.json_to_cel(CASE)}
    return lambda: program.evaluate(given)


def rule_engine() -> Callable[[], Any]:
    """rule-engine, compiled once."""
    import rule_engine as engine

    rule = engine.Rule(TEXT_OF_IT)
    given = {"case": CASE}
    return lambda: rule.matches(given)


CANDIDATES = {
    "plain Python": (plain, "plain Python"),
    "core/conditions": (ours, "core/conditions"),
    "simpleeval": (simpleeval, "simpleeval"),
    "jinja2 sandbox": (jinja, "jinja2"),
    "common-expression-language": (cel_of_rust, "common-expression-language"),
    "cel-python": (cel_of_python, "cel-python"),
    "rule-engine": (rule_engine, "rule-engine"),
}


def microseconds(decide: Callable[[], Any]) -> float:
    """Return what one decision costs, from a round of about a tenth of a second."""
    count = 1
    while True:
        began = time.process_time()
        for _ in range(count):
            decide()
        took = time.process_time() - began
        if took > 0.1:
            return took / count * 1e6
        count *= 4


def main() -> None:
    """Print each candidate's cost and its ratio to plain Python in the same rounds."""
    decides = {}
    for name, (build, package) in CANDIDATES.items():
        try:
            decides[name] = build()
        except ImportError:
            print(f"{name}: not installed ({package})")
            continue
        assert decides[name](), name
    costs: dict[str, list[float]] = {name: [] for name in decides}
    for _ in range(ROUNDS):
        for name, decide in decides.items():
            costs[name].append(microseconds(decide))
    for name, found in costs.items():
        ratios = [one / other for one, other in zip(found, costs["plain Python"], strict=True)]
        package = CANDIDATES[name][1]
        release = "" if package in ("plain Python", "core/conditions") else version(package)
        print(
            f"{name:28} {release:8} {statistics.median(found):9.2f} us {statistics.median(ratios):9.1f} times (worst {max(ratios):.1f})"
        )


if __name__ == "__main__":
    main()
