"""The form of a new case: what it finds, what it refuses, what it opens, and that nothing typed is lost."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot

from console.app import DeskApp
from console.keys import CASES
from console.new_case_form import NewCaseForm
from console.screens.asking import Confirm
from console.screens.new_case import Matches, NewCase
from console.widgets.form_fields import ChoiceField, FormArea, FormField
from core.actions import cases
from core.errors import NotFound
from data.actor import LOCAL_ADMIN
from data.errors import DeskError
from tests.builders import Story
from tests.console.screen_driving import a_day, console, opened, shown, typed, until


async def form(pilot: Pilot[Any], app: DeskApp) -> NewCase:
    await pilot.press("ctrl+n")
    await until(pilot, lambda: isinstance(app.screen, NewCase) and app.screen.query_one("#channel", ChoiceField).value)
    assert isinstance(app.screen, NewCase)
    return app.screen


async def into(pilot: Pilot[Any], screen: NewCase, name: str, text: str) -> None:
    screen.query_one(f"#{name}").focus()
    await pilot.pause()
    await typed(pilot, text)


def newest(story: Story) -> int:
    return int(story.one("select max(id) from cases"))


def test_a_form_says_what_is_wrong_by_field() -> None:
    assert NewCaseForm().problems() == {"subject": "A case needs a subject."}
    assert list(NewCaseForm(address="lena at home", subject=" ").problems()) == ["address", "subject"]
    assert list(NewCaseForm(subject="x" * 1_001).problems()) == ["subject"]
    assert NewCaseForm(address=" lena@ortiz.example ", subject="Dark").problems() == {}
    assert not NewCaseForm(channel="email", priority=5).written
    assert NewCaseForm(text="x").written


async def test_a_known_contact_is_found_as_typed_and_the_case_is_theirs(tmp_path: Path) -> None:
    story = a_day(tmp_path)
    app = console(story, tmp_path, first=CASES)
    async with opened(app, (80, 24)) as pilot:
        screen = await form(pilot, app)
        await typed(pilot, "jon@")
        await until(pilot, lambda: screen.query_one(Matches).found)
        assert "ctrl+s save" in shown(app)
        await pilot.press(*["backspace"] * 4)
        await typed(pilot, "ortiz-farm")
        await until(
            pilot, lambda: len(screen.query_one(Matches).found) == 1 and "lena@ortiz-farm.example" in shown(app)
        )
        await pilot.press("enter")
        await until(pilot, lambda: screen.query_one("#address", FormField).value == "lena@ortiz-farm.example")
        await into(pilot, screen, "subject", "Called about the relay")
        await into(pilot, screen, "text", "It clicks\nat night")
        screen.query_one("#priority").focus()
        await pilot.press("right", "ctrl+s")
        await until(pilot, lambda: app.screen is not screen)
        await until(pilot, lambda: "was opened" in shown(app))
    case = newest(story)
    row = story.all(
        "select c.subject, c.priority, t.id, (select m.text from messages m where m.case_id = c.id) from cases c "
        "join contacts t on t.id = c.contact_id where c.id = ?",
        case,
    )[0]
    assert row == (
        "Called about the relay",
        4,
        story.one("select contact_id from cases where id = 1"),
        "It clicks\nat night",
    )


async def test_a_new_name_alone_becomes_a_contact_and_a_changed_one_is_somebody_else(tmp_path: Path) -> None:
    story = a_day(tmp_path)
    app = console(story, tmp_path, first=CASES)
    async with opened(app) as pilot:
        screen = await form(pilot, app)
        await typed(pilot, "Walk In")
        await into(pilot, screen, "subject", "At the counter")
        await pilot.press("ctrl+s")
        await until(pilot, lambda: app.screen is not screen)
        await until(pilot, lambda: newest(story) == 6)
        assert (
            story.one("select t.name from cases c join contacts t on t.id = c.contact_id where c.id = 6") == "Walk In"
        )
        screen = await form(pilot, app)
        await typed(pilot, "ortiz-farm")
        await until(pilot, lambda: screen.query_one(Matches).found)
        await pilot.press("enter")
        await until(pilot, lambda: screen.form.contact is not None)
        await into(pilot, screen, "address", "x")
        assert screen.form.contact is None


async def test_what_is_wrong_stands_under_its_field_and_what_the_desk_refuses_stays_in_the_form(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    story = a_day(tmp_path)
    app = console(story, tmp_path, first=CASES)
    async with opened(app, (80, 24)) as pilot:
        screen = await form(pilot, app)
        await into(pilot, screen, "address", "lena at home")
        assert "That is no mail address" not in shown(app)
        await pilot.press("ctrl+s")
        await until(
            pilot, lambda: "! That is no mail address" in shown(app) and "! A case needs a subject." in shown(app)
        )
        assert screen.focused is screen.query_one("#address")
        screen.query_one("#address", FormField).value = "lena@home.example"
        await into(pilot, screen, "subject", "D")
        await until(pilot, lambda: "! " not in shown(app))

        async def refused(*_args: Any, **_more: Any) -> None:
            raise NotFound(what="queue", which='"gone"')

        with monkeypatch.context() as patch:
            patch.setattr(app, "act", refused)
            await pilot.press("ctrl+s")
            await until(pilot, lambda: '"gone"' in shown(app))
        assert app.screen is screen
        assert screen.form.subject == "D"
        await pilot.press("ctrl+s")
        await until(pilot, lambda: app.screen is not screen)
    assert story.one("select subject from cases where id = 6") == "D"


async def test_escape_asks_before_it_throws_words_away_and_an_empty_form_just_closes(tmp_path: Path) -> None:
    app = console(a_day(tmp_path), tmp_path, first=CASES)
    async with opened(app) as pilot:
        screen = await form(pilot, app)
        await pilot.press("escape")
        await until(pilot, lambda: app.screen is not screen)
        screen = await form(pilot, app)
        await into(pilot, screen, "text", "words")
        await pilot.press("escape")
        await until(pilot, lambda: isinstance(app.screen, Confirm))
        await pilot.press("escape")
        await until(pilot, lambda: app.screen is screen)
        assert screen.query_one(FormArea).text == "words"
        await pilot.press("escape")
        await until(pilot, lambda: isinstance(app.screen, Confirm))
        await pilot.press("enter")
        await until(pilot, lambda: app.screen is app.desk_screen)


async def test_a_free_word_is_a_type_and_a_terminal_without_grounds_draws_its_fields(tmp_path: Path) -> None:
    story = a_day(tmp_path)
    app = console(story, tmp_path, first=CASES, theme="none", ascii_signs=True)
    async with opened(app, (80, 24)) as pilot:
        screen = await form(pilot, app)
        assert shown(app).count("_" * 30) >= 6
        assert shown(app).isascii()
        screen.query_one("#type").focus()
        await pilot.press("enter")
        await until(pilot, lambda: app.screen is not screen)
        await typed(pilot, "complaint")
        await pilot.press("enter")
        await until(pilot, lambda: screen.query_one("#type", ChoiceField).value == "complaint")
        assert screen.form.parameters()["case_type"] == "complaint"
    for size in ((40, 10), (200, 50)):
        app = console(story, tmp_path, first=CASES)
        async with opened(app, size) as pilot:
            await form(pilot, app)


def test_a_case_is_opened_for_a_known_contact_through_merges_and_an_unknown_one_is_refused(tmp_path: Path) -> None:
    story = a_day(tmp_path)
    known = story.one("select contact_id from cases where id = 2")
    case = story.desk.run(LOCAL_ADMIN, cases.open_new, "Again", "Hello", contact=known)
    assert story.one("select contact_id from cases where id = ?", case) == known
    with story.desk._writing() as connection:
        connection.exec_driver_sql(f"update contacts set merged_into_id = 1 where id = {known}")
    case = story.desk.run(LOCAL_ADMIN, cases.open_new, "And again", contact=known, name="not looked at")
    assert story.one("select contact_id from cases where id = ?", case) == 1
    with pytest.raises(DeskError, match="contact"):
        story.desk.run(LOCAL_ADMIN, cases.open_new, "No", contact=9_999_999)
    story.desk.close()
