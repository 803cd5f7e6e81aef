"""The registry of commands and the keys that a user gives them."""

from __future__ import annotations

from pathlib import Path

import pytest

from console.keys import COMMANDS, SCREENS, BadKeys, Keys, first_clash, on_screen, read_keys, shown
from tests.console.small_screen import desk_of_today, ready, small_app, until


def test_no_key_is_given_twice_on_a_screen():
    assert first_clash(Keys()) is None


def test_keys_that_work_while_writing_are_not_letters():
    for command in COMMANDS.values():
        if command.writing and command.keys:
            assert any(len(key) > 1 and key not in ("question_mark", "colon") for key in command.keys), command.name


def test_every_command_of_a_screen_belongs_to_one_and_says_what_it_does():
    for command in COMMANDS.values():
        assert set(command.screens) <= set(SCREENS), command.name
        assert command.label
        assert command.label == command.label.strip()
        assert not command.label.endswith(".")
        assert not command.explained or command.explained.endswith("."), command.name
    assert {"case.reply", "desk.quit"} <= {command.name for command in on_screen("work")}


def keys_in(folder: Path, text: str) -> Keys:
    path = folder / "keys.yaml"
    path.write_text(text, encoding="utf-8")
    return read_keys(path)


def test_without_a_file_the_keys_are_the_usual_ones(tmp_path: Path):
    assert read_keys(tmp_path / "none.yaml").of("case.reply") == ("r",)
    assert keys_in(tmp_path, "").of("case.reply") == ("r",)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("case.replay: R", "there is no command case.replay. Did you mean case.reply?"),
        ("zzz: R", "there is no command zzz."),
        ("case.reply: n", "n is given to both case.reply and case.note."),
        ("case.reply: [R, F4]", "F4 is given to both case.reply and write.editor."),
        ("case.reply: {a: b}", "case.reply takes a key or a list of keys."),
        ("case.reply: ['']", "case.reply takes a key or a list of keys."),
        ("case.reply: [", "flow"),
        ("- case.reply", "write one command a line, as in: case.reply: r"),
        ("case.reply", "write one command a line, as in: case.reply: r"),
    ],
)
def test_a_file_that_cannot_hold_is_refused_with_what_is_wrong(tmp_path: Path, text: str, told: str):
    with pytest.raises(BadKeys) as refused:
        keys_in(tmp_path, text)
    assert told in str(refused.value)
    assert "keys.yaml" in str(refused.value)


def test_a_file_that_is_no_text_is_refused(tmp_path: Path):
    (tmp_path / "keys.yaml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(BadKeys):
        read_keys(tmp_path / "keys.yaml")


def test_two_commands_may_change_places_and_keys_are_written_as_people_write_them(tmp_path: Path):
    found = keys_in(
        tmp_path, "case.reply: n\ncase.note: [r, F7]\nlist.first: Home\ndesk.help: ['?', F1]\nlist.sort: 0\n"
    )
    assert found.of("case.reply") == ("n",)
    assert found.of("case.note") == ("r", "f7")
    assert found.of("desk.help") == ("question_mark", "f1")
    assert found.of("list.sort") == ("0",)
    assert [shown(key) for key in ("f7", "question_mark", "escape", "ctrl+s", "C")] == ["F7", "?", "esc", "ctrl+s", "C"]


async def test_a_users_keys_work_and_the_old_ones_no_longer_do(tmp_path: Path):
    desk_of_today(tmp_path).desk.close()
    keys = keys_in(tmp_path, "case.reply: [';', F7]\ndesk.theme: F12\ncase.note: r\ndesk.palette: [ctrl+b, ':']\n")
    app = small_app(tmp_path, keys=keys)
    async with app.run_test(size=(120, 36)) as pilot:
        await ready(pilot, app)
        await pilot.press("r")
        await pilot.pause()
        assert app.small.ran == []
        await pilot.press("semicolon", "f7")
        await until(pilot, lambda: app.small.ran == ["reply", "reply"])
        before = app.look.palette.name
        await pilot.press("f12")
        await until(pilot, lambda: app.look.palette.name != before)
        await pilot.press("ctrl+b")
        await until(pilot, lambda: app.screen is not app.small)
        await pilot.press("escape")
        await until(pilot, lambda: app.screen is app.small)
        await app.leave(0)
