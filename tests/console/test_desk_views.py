"""Views of the configuration in the list of cases: found by condition, searched within, kept up to date, and left alone by users."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from console.app import DeskApp
from console.keys import CASES
from console.reads_find import Search, Sight, occurs, rows_of
from console.saved_views import SavedView, views_file, write_views
from core.actions import case_fields, cases
from core.actions.desk import apply
from core.config.document import CustomField, Document, View
from core.config.stored import current
from data.actor import LOCAL_ADMIN
from data.queries import fetch_over
from data.transaction import Tx
from tests.builders import Story
from tests.console.screen_driving import a_day, console, lines, opened, typed, until
from tests.console.test_cases_screen import listed, settled

EXACT, OPEN_IN_SQL = "case.cost > 100", 'case.cost > 100 and contains(case.subject, "panel")'


@pytest.fixture(autouse=True)
def own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))


def declare(story: Story) -> None:
    def change(tx: Tx) -> None:
        wanted = Document(
            desk=current(tx).desk.model_copy(update={"tags": ("vip",)}),
            fields={"cost": CustomField(kind="number")},
            views={"dear": View(label="Costly", where=EXACT), "panels": View(where=OPEN_IN_SQL)},
        )
        apply(tx, wanted)

    story.desk.run(LOCAL_ADMIN, change)


def priced(story: Story, count: int) -> list[int]:
    """Let customers write, and give each third case a cost."""

    def write(tx: Tx) -> list[int]:
        dear = []
        for place in range(count):
            about = "Panel" if place % 2 else "Meter"
            number = cases.open_new(
                tx, f"{about} {place}", address=f"c{place % 7}@many.example", name=f"Customer {place % 7}"
            )
            if place % 3 == 0:
                case_fields.set_fields(tx, number, {"cost": 101 + place})
                dear.append(number)
        return dear

    return story.desk.run(LOCAL_ADMIN, write)


@pytest.mark.parametrize("order", ["newest", "oldest", "number"])
@pytest.mark.parametrize("condition", [EXACT, OPEN_IN_SQL])
@pytest.mark.parametrize("words", ["", "customer 3", "panel"])
def test_a_search_in_a_view_finds_in_slices_what_its_condition_and_its_words_say(
    tmp_path: Path, order: str, condition: str, words: str
) -> None:
    story = Story(tmp_path / "desk.db")
    declare(story)
    dear = priced(story, 90)
    sight = Sight("all", order, words, condition)
    with story.desk.reading() as connection:
        fetch = fetch_over(connection)
        everything = rows_of(fetch, Sight("all"), range(1, 91))
        expected = {
            number
            for number in dear
            if (row := everything[number]) is not None
            and (condition == EXACT or "panel" in row.subject.raw.lower())
            and occurs(words.split(), row)
        }
        for backwards in (False, True):
            search = Search(sight, 0)
            while not search.look_up(fetch, 5):
                pass
            after, found = None, []
            while True:
                page = search.step(fetch, after, 13, backwards=backwards, limit=4)
                found += [row.number for row in page.rows]
                after = page.edge
                if after is None:
                    break
            assert len(found) == len(set(found))
            assert set(found) == expected
    story.desk.close()


async def test_a_view_of_the_desk_is_a_tab_is_searched_within_and_follows_what_others_do(tmp_path: Path) -> None:
    story = a_day(tmp_path)
    declare(story)
    dear = priced(story, 30)
    app = console(story, tmp_path, first=CASES)
    async with opened(app) as pilot:
        screen = await settled(pilot, app)
        await until(pilot, lambda: any("Costly" in line for line in lines(app)))
        screen.show_view(5)
        await settled(pilot, app)
        assert sorted(listed(app)) == sorted(dear)
        await pilot.press("slash")
        await typed(pilot, "panel")
        await until(pilot, lambda: len(listed(app)) == 5)
        await pilot.press("escape")
        screen.show_view(5)
        await settled(pilot, app)
        story.act("admin", case_fields.set_fields, dear[0], {"cost": None})
        await until(pilot, lambda: dear[0] not in listed(app))
        story.act("admin", case_fields.set_fields, dear[0], {"cost": 500})
        await until(pilot, lambda: dear[0] in listed(app))
        screen.show_view(6)
        await settled(pilot, app)
        assert set(listed(app)) < set(dear)


async def test_a_condition_that_fails_is_said_and_the_console_goes_on(tmp_path: Path) -> None:
    story = a_day(tmp_path)
    story.desk.run(
        LOCAL_ADMIN, apply, Document(views={"broken": View(where="1 / (case.priority - case.priority) > 0")})
    )
    app = console(story, tmp_path, first=CASES)
    async with opened(app) as pilot:
        screen = await settled(pilot, app)
        await until(pilot, lambda: any("broken" in line for line in lines(app)))
        screen.show_view(5)
        await until(pilot, lambda: any("a number is divided by zero" in line for line in lines(app)))
        assert listed(app) == []
        screen.show_view(4)
        await until(pilot, lambda: listed(app) != [])


async def test_views_that_an_admin_changes_change_in_the_console_that_shows_them(tmp_path: Path) -> None:
    story = a_day(tmp_path)
    declare(story)
    dear = priced(story, 12)
    app = console(story, tmp_path, first=CASES)
    async with opened(app) as pilot:
        screen = await settled(pilot, app)
        await until(pilot, lambda: len(screen.kept_views) == 2)
        screen.show_view(6)
        await settled(pilot, app)
        story.desk.run(LOCAL_ADMIN, apply, Document(views={"all-dear": View(where=EXACT), "panels": View(where=EXACT)}))
        await until(pilot, lambda: len(screen.kept_views) == 3 and sorted(listed(app)) == sorted(dear))
        assert screen.wanted().condition == EXACT
        story.desk.run(LOCAL_ADMIN, apply, Document(views={"panels": View(label="Roofs", where=EXACT)}))
        await until(pilot, lambda: any("Roofs" in line for line in lines(app)))
        assert screen.wanted().condition == EXACT

        def without_views(tx: Tx) -> None:
            apply(tx, current(tx).model_copy(update={"views": {}}), prune=True)

        story.desk.run(LOCAL_ADMIN, without_views)
        await until(pilot, lambda: screen.kept_views == () and screen.wanted().view == "open")
        await until(pilot, lambda: any("The view Roofs was taken away." in line for line in lines(app)))


COLUMNS = ("case.cost", "case.tags", "case.status", "contact.name")


def declare_columns(story: Story) -> None:
    declare(story)
    story.desk.run(LOCAL_ADMIN, apply, Document(views={"dear": View(label="Costly", where=EXACT, columns=COLUMNS)}))


async def test_a_view_shows_its_columns_as_far_as_there_is_room_and_they_follow_what_others_do(tmp_path: Path) -> None:
    story = a_day(tmp_path)
    declare_columns(story)
    [first, second] = priced(story, 6)
    story.act("admin", case_fields.tag, first, "vip")
    app = console(story, tmp_path, first=CASES)
    async with opened(app, (140, 30)) as pilot:
        screen = await settled(pilot, app)
        await until(pilot, lambda: any("Costly" in line for line in lines(app)))
        screen.show_view(5)
        await settled(pilot, app)
        await until(pilot, lambda: "cost" in heads(app))
        assert heads(app).split()[-4:] == ["cost", "tags", "status", "contact.name"]
        assert "newest first" in heads(app)
        row = row_of(app, first)
        assert row.split()[-5:] == ["101", "vip", "new", "Customer", "0"]
        story.act("admin", case_fields.set_fields, first, {"cost": "250.5"})
        await until(pilot, lambda: "250.5" in row_of(app, first))
        assert row_of(app, second).split()[-4:] == ["104", "new", "Customer", "3"]
        await pilot.resize_terminal(70, 20)
        await until(pilot, lambda: "tags" in heads(app) and "contact.name" not in heads(app))
        assert heads(app).index("cost") + len("cost") == row_of(app, first).index("250.5") + len("250.5")
        screen.show_view(3)
        await settled(pilot, app)
        await until(pilot, lambda: "cost" not in heads(app) and "changed" in heads(app))


def heads(app: DeskApp) -> str:
    found = (line for line in lines(app) if line.lstrip().startswith("number") and "subject" in line)
    return next(found, "").partition("│")[0].rstrip()


def row_of(app: DeskApp, number: int) -> str:
    left = (line.partition("│")[0].rstrip() for line in lines(app))
    return next(line for line in left if f"#{number} " in line)


async def test_a_view_of_the_desk_is_kept_as_ones_own_with_a_search_and_its_columns(tmp_path: Path) -> None:
    story = a_day(tmp_path)
    declare_columns(story)
    dear = priced(story, 12)
    app = console(story, tmp_path, first=CASES)
    async with opened(app, (160, 30)) as pilot:
        screen = await settled(pilot, app)
        await until(pilot, lambda: any("Costly" in line for line in lines(app)))
        screen.show_view(5)
        await settled(pilot, app)
        await pilot.press("slash")
        await typed(pilot, "panel")
        await until(pilot, lambda: len(listed(app)) == 2)
        await pilot.press("ctrl+s")
        await until(pilot, lambda: app.screen is not app.desk_screen)
        await typed(pilot, "costly")
        await pilot.press("enter")
        await until(pilot, lambda: any("name of a view of the desk" in line for line in lines(app)))
        await pilot.press(*["backspace"] * 6)
        await typed(pilot, "Dear panels")
        await pilot.press("enter")
        await until(pilot, lambda: any("Dear panels" in line for line in lines(app)) and app.screen is app.desk_screen)
    app = console(story, tmp_path, first=CASES)
    async with opened(app, (160, 30)) as pilot:
        screen = await settled(pilot, app)
        await until(pilot, lambda: any("Dear panels" in line for line in lines(app)))
        screen.show_view(7)
        await settled(pilot, app)
        await until(pilot, lambda: len(listed(app)) == 2)
        assert set(listed(app)) < set(dear)
        assert "cost" in heads(app)


async def test_a_users_view_loses_the_column_of_a_field_that_is_taken_away_and_says_what_it_cannot_ask_any_more(
    tmp_path: Path,
) -> None:
    story = a_day(tmp_path)
    declare(story)
    [first, *_] = priced(story, 6)
    columns = ("case.cost", "case.priority", "case.status")
    own = [
        SavedView("Shown", Sight("all", condition="case.priority > 0", columns=columns)),
        SavedView("Asked", Sight("all", condition="case.cost > 100", columns=columns)),
    ]
    write_views(views_file(os.environ), own)
    app = console(story, tmp_path, first=CASES)
    async with opened(app, (160, 30)) as pilot:
        screen = await settled(pilot, app)
        await until(pilot, lambda: len(screen.kept_views) == 4)
        screen.show_view(7)
        await settled(pilot, app)
        await until(pilot, lambda: row_of(app, first).split()[-3:] == ["101", "3", "new"])

        def without_cost(tx: Tx) -> None:
            apply(tx, current(tx).model_copy(update={"views": {}, "fields": {}}), prune=True)

        story.desk.run(LOCAL_ADMIN, without_cost)
        await until(pilot, lambda: heads(app).split()[-2:] == ["priority", "status"] and "cost" not in heads(app))
        assert row_of(app, first).split()[-2:] == ["3", "new"]
        screen.show_view(6)
        await until(
            pilot, lambda: any('View Asked: column 1: there is no field "case.cost"' in line for line in lines(app))
        )
