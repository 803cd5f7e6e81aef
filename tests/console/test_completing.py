"""What the shell offers at the tab key: names of the desk, fields of conditions, and nothing where there is nothing to ask."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.actions.desk import apply
from core.config.document import CustomField, Document, Template, View
from core.config.stored import current
from data.actor import LOCAL_ADMIN
from data.transaction import Tx
from tests.builders import Story
from tests.console.driving import program


def offered(desk: Path | str, line: str) -> list[str]:
    """What bash is told for a line whose last word is not finished."""
    words = line.split(" ")
    quoted = next((place for place, word in enumerate(words) if word.startswith("'")), len(words) - 1)
    ran = program(
        desk=str(desk), _DESKLINE_COMPLETE="complete_bash", COMP_WORDS=line, COMP_CWORD=str(min(quoted, len(words) - 1))
    )
    assert (ran.code, ran.err) == (0, "")
    return list(filter(None, ran.out.split("\n")))


@pytest.fixture
def desk(story: Story) -> str:
    def declare(tx: Tx) -> None:
        wanted = Document(
            desk=current(tx).desk.model_copy(update={"tags": ("vip", "late")}),
            fields={"product": CustomField(kind="choice", choices=("inverter", "battery")), "cost": CustomField()},
            templates={"ack": Template(subject="a", text="b")},
            views={"vips": View(where='"vip" in case.tags')},
        )
        apply(tx, wanted)

    story.desk.run(LOCAL_ADMIN, declare)
    return str(story.desk.where)


@pytest.mark.parametrize(
    ("line", "names"),
    [
        ("deskline templ", ["template"]),
        ("deskline case set 1 pro", ["product="]),
        ("deskline case set 1 product=b", ["product=battery"]),
        ("deskline case tag 1 v", ["vip"]),
        ("deskline case list --view v", ["vips"]),
        ("deskline case list --owner m", ["maya"]),
        ("deskline case note 1 --as id", ["ida"]),
        ("deskline template preview a", ["ack"]),
        ("deskline condition fields ac", ["account", "actor"]),
        ("deskline action run case.esc", ["case.escalate"]),
        ("deskline action run case.tag ta", ["tag="]),
        ("deskline condition check 'case.pri", ["case.priority"]),
        ("deskline case list --where 'case.is_open and case.pro", ["case.is_open and case.product"]),
        ("deskline case list --where 'not is_o", ["not is_open("]),
        ("deskline case tag 1 zzz", []),
    ],
)
def test_what_is_begun_is_offered_whole(desk: str, line: str, names: list[str]) -> None:
    assert offered(desk, line) == names


def test_without_a_desk_nothing_is_offered_and_nothing_is_said(tmp_path: Path) -> None:
    assert offered(tmp_path / "none.db", "deskline case tag 1 v") == []
    assert offered(tmp_path / "none.db", "deskline condition check 'case.pri") == []


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_each_shell_has_its_script(shell: str) -> None:
    assert "deskline" in program(_DESKLINE_COMPLETE=f"source_{shell}").out
