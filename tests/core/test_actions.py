"""The registry: what can be done to a desk, each with its role, its typed parameters and a sentence."""

from __future__ import annotations

import importlib
import pkgutil
from pathlib import Path
from typing import Any

import pytest

import core.actions
from core.access import INTAKE, LOCAL_ADMIN, allowed
from core.actions import cases
from core.actions.registry import REGISTRY, Action, action
from core.errors import NotAllowed
from data.actor import ENGINE
from tests.builders import Story

for module in pkgutil.iter_modules(core.actions.__path__, "core.actions."):
    importlib.import_module(module.name)


@pytest.mark.parametrize("found", [pytest.param(each, id=name) for name, each in sorted(REGISTRY.items())])
def test_each_action_says_what_it_does_and_takes_typed_parameters(found: Action) -> None:
    noun, _, verb = found.name.partition(".")
    assert noun
    assert verb
    assert found.summary.endswith(".")
    assert found.role in ("agent", "supervisor", "admin")
    assert all(each.type is not Any for each in found.parameters)


def test_a_role_is_a_rung_and_the_parts_of_the_desk_have_rights_of_their_own(tmp_path: Path) -> None:
    story = Story(tmp_path / "desk.db")
    maya = story.actor("maya")
    assert allowed(maya, "agent")
    assert not allowed(maya, "supervisor")
    assert allowed(LOCAL_ADMIN, "supervisor")
    assert allowed(ENGINE, "admin")
    assert not allowed(INTAKE, "agent")
    assert allowed(INTAKE, "agent", intake=True)
    case = story.customer_writes()
    with pytest.raises(NotAllowed, match=r"This needs the role supervisor; maya has the role agent"):
        story.desk.run(maya, cases.close, case)
    assert story.status(case) == "new"


def test_a_new_function_under_the_decorator_is_an_action(tmp_path: Path) -> None:
    try:

        @action("case.wave", touches=("case",), role="supervisor", undone_by="case.bow")
        def wave(tx: Any, case: int, *, loudly: bool = False) -> str:
            """Wave at a case.

            Args:
                case: its number.
                loudly: whether it is heard, too,
                    by everybody.
            """
            return f"waved at {case}"

        found = REGISTRY["case.wave"]
        assert [(p.name, p.type, p.required, p.default) for p in found.parameters] == [
            ("case", int, True, None),
            ("loudly", bool, False, False),
        ]
        assert [p.meaning for p in found.parameters] == ["its number.", "whether it is heard, too, by everybody."]
        assert (found.summary, found.touches, found.undone_by) == ("Wave at a case.", ("case",), "case.bow")
        story = Story(tmp_path / "desk.db")
        assert story.desk.run(LOCAL_ADMIN, wave, 3) == "waved at 3"
    finally:
        REGISTRY.pop("case.wave", None)
