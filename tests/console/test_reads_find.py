"""Finding cases: the views, the words, the walk in slices, the window around the cursor, and a user's own views."""

from __future__ import annotations

import itertools
import random
import re
from pathlib import Path

import pytest

from console import reads_find
from console.case_window import MOST, CaseWindow
from console.reads_find import CAP, PAGE, CaseRow, Search, Sight, in_view, occurs, rank
from console.saved_views import BadViews, SavedView, read_views, with_view, write_views
from console.screens.case_bulk import said
from console.widgets.case_table import columns_for, matched
from console.widgets.tabs import fitting
from core.actions import cases
from data.actor import LOCAL_ADMIN
from data.queries import fetch_over
from data.text import OutsideText
from tests.builders import Story, document


def filled(where: Path | str) -> Story:
    """Forty cases in all statuses, some of Maya's, with customers of several names."""
    story = Story(where, document(supervisors=("sam",)))
    story.present("maya")
    names = ("Lena Ortiz", "Émile Roth", "K. Yilmaz", "100% Sun_ny")
    for place in range(40):
        name = names[place % 4]
        story.clock.advance(60)
        story.desk.run(
            LOCAL_ADMIN,
            cases.open_new,
            f"{('Inverter hums', 'Roof leaks', 'Été in the garage')[place % 3]} {place}",
            "It is so.",
            address=f"p{place % 4}@{'ortiz' if place % 4 == 0 else 'other'}-farm.example",
            name=name,
            priority=1 + place % 5,
        )
    for case in range(1, 41):
        if case % 4 == 0:
            story.desk.run(LOCAL_ADMIN, cases.assign, case, agent="maya")
        if case % 5 == 0:
            story.desk.run(LOCAL_ADMIN, cases.resolve, case)
        elif case % 7 == 0:
            story.desk.run(LOCAL_ADMIN, cases.hold, case, seconds=9_000, reason="parts")
    return story


def everything(story: Story, me: int) -> list[CaseRow]:
    with story.desk.reading() as connection:
        found = reads_find.rows(fetch_over(connection), range(1, 41))
    return [row for row in found.values() if row is not None]


def walked(story: Story, sight: Sight, me: int, *, scan: int = 7, backwards: bool = False) -> list[int]:
    with story.desk.reading() as connection:
        fetch = fetch_over(connection)
        search = Search(sight, me)
        while not search.look_up(fetch, 3):
            pass
        numbers: list[int] = []
        after = None
        while True:
            found = search.step(fetch, after, scan, backwards=backwards, limit=3)
            numbers += [row.number for row in found.rows]
            after = found.edge
            if after is None:
                return numbers


def expected(story: Story, sight: Sight, me: int) -> list[int]:
    rows = [row for row in everything(story, me) if in_view(sight.view, row, me) and occurs(sight.words, row)]
    return [row.number for row in sorted(rows, key=lambda row: rank(sight.order, row.key))]


@pytest.mark.parametrize("kind", ["sqlite", "postgres"])
def test_every_view_order_and_search_hands_out_the_same_cases_as_a_plain_look(
    kind: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    story = filled(tmp_path / "desk.db" if kind == "sqlite" else request.getfixturevalue("postgres"))
    me = story.one("select id from agents where name = 'maya'")
    for view, order in itertools.product(reads_find.VIEWS, reads_find.ORDERS):
        with story.desk.reading() as connection:
            fetch = fetch_over(connection)
            numbers: list[int] = []
            after = None
            while True:
                page = reads_find.page(fetch, Sight(view, order), me, after, limit=6)
                numbers += [row.number for row in page.rows]
                after = page.edge
                if after is None:
                    break
            back = reads_find.page(fetch, Sight(view, order), me, None, backwards=True)
        assert numbers == expected(story, Sight(view, order), me), (view, order)
        assert [row.number for row in back.rows] == numbers[::-1], (view, order)
    for typed in (
        "inverter",
        "INVERTER hums",
        "ortiz",
        "lena roof",
        "été",
        "émile",
        "p0@ort",
        "100%",
        "sun_ny",
        "%",
        "!",
        "zzz",
    ):
        for view, backwards in (("all", False), ("open", True), ("mine", False)):
            sight = Sight(view, "newest", typed)
            wanted = expected(story, sight, me)
            assert walked(story, sight, me, backwards=backwards) == (wanted[::-1] if backwards else wanted), sight
    with story.desk.reading() as connection:
        counted = reads_find.counts(fetch_over(connection), me)
    assert counted == {view: len(expected(story, Sight(view), me)) for view in reads_find.VIEWS}
    assert counted["mine"] > 0 < counted["waiting"]
    story.desk.close()


def test_where_a_word_names_many_customers_the_same_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    story = filled(tmp_path / "desk.db")
    monkeypatch.setattr(reads_find, "_MOST_CONTACTS", 0)
    sight = Sight("all", "oldest", "lena roof")
    assert walked(story, sight, 0) == expected(story, sight, 0) != []
    story.desk.close()


def test_pages_and_slices_of_a_view_come_out_of_an_index(tmp_path: Path) -> None:
    from data import find_queries

    story = Story(tmp_path / "desk.db")
    for view, order, backwards in itertools.product(reads_find.VIEWS, ("newest", "oldest"), (False, True)):
        for query in (
            find_queries.page(view, order, backwards),
            find_queries.edge(view, order, backwards),
            find_queries.hits(view, order, backwards, (True,), contacts=False),
            find_queries.count(view),
        ):
            names = {name[1:]: 1 for name in re.findall(r":[a-z_0-9]+", query.sql)}
            plan = _plan(story, query.sql, names)
            assert not [line for line in plan if line == "SCAN c"], (query.name, plan)
    story.desk.close()


def _plan(story: Story, sql: str, names: dict[str, int]) -> list[str]:
    with story.desk.reading() as connection:
        return [row[3] for row in connection.exec_driver_sql("explain query plan " + sql, names)]


def a_row(number: int, updated_at: int = 0, status: str = "open") -> CaseRow:
    return CaseRow(number, OutsideText("x"), status, 3, updated_at, None, None, None, None, None, None, None, None)


def test_the_window_keeps_the_order_whatever_changes_and_never_more_than_its_share() -> None:
    pick = random.Random(5)
    sight = Sight("all", "newest")
    desk = {number: a_row(number, number * 10) for number in range(1, 3_001)}

    def ordered() -> list[CaseRow]:
        return sorted(desk.values(), key=lambda row: rank("newest", row.key))

    window = CaseWindow(sight)
    window.extend(ordered()[:PAGE], ordered()[PAGE - 1].key)
    for _step in range(400):
        what = pick.choice(["down", "up", "change", "change", "new", "gone"])
        if what == "down" and window.after is not None:
            edge = rank("newest", window.after)
            more = [row for row in ordered() if rank("newest", row.key) > edge][:PAGE]
            window.extend(more, more[-1].key if len(more) == PAGE else None)
        elif what == "up" and window.before is not None:
            edge = rank("newest", window.before)
            more = [row for row in ordered() if rank("newest", row.key) < edge][::-1][:PAGE]
            window.extend_before(more, more[-1].key if len(more) == PAGE else None)
        elif what in ("change", "new"):
            number = pick.choice(sorted(desk)) if what == "change" else max(desk) + 1
            desk[number] = a_row(number, 40_000 + _step)
            window.put(desk[number])
        elif what == "gone":
            number = pick.choice(sorted(desk))
            del desk[number]
            window.drop(number)
        known = [row.number for row in window.rows]
        every = [row.number for row in ordered()]
        start = every.index(known[0])
        assert known == every[start : start + len(known)], what
        assert len(known) <= MOST + _step  # what changes is taken in; what is far is let go at the next page
        assert start == 0 or window.before is not None
        assert all(window.place_of(number) == place for place, number in enumerate(known))


def test_a_case_asked_for_by_number_stands_first_and_once() -> None:
    window = CaseWindow(Sight("open", "newest", "7"), a_row(7, 5))
    window.extend([a_row(9, 90), a_row(7, 5), a_row(3, 1)], None)
    assert [row.number for row in window.rows] == [7, 9, 3]
    window.put(a_row(7, 100))
    window.drop(7)
    assert [row.number for row in window.rows] == [7, 9, 3]
    assert window.rows[0].updated_at == 100


@pytest.mark.parametrize(
    ("typed", "number"),
    [("412", 412), (" #412 ", 412), ("#", None), ("41a", None), ("4 2", None), ("٤", None), ("9" * 30, None)],
)
def test_a_number_is_read_with_and_without_its_sign(typed: str, number: int | None) -> None:
    assert Sight(typed=typed).number == number


def test_words_of_the_match_are_marked_and_nothing_else_changes() -> None:
    assert matched("Inverter app", ("inv", "app"), "text") == [("Inv", "text+u"), ("erter ", "text"), ("app", "text+u")]
    assert "".join(part[0] for part in matched("İİ inverter", ("inverter",), "text")) == "İİ inverter"


@pytest.mark.parametrize("width", [10, 38, 60, 77, 78, 96, 140])
def test_columns_fill_the_width_and_the_subject_keeps_room(width: int) -> None:
    found = columns_for(width, 1_204_331)
    shown = [each for each in (found.contact, found.owner, found.status, found.changed) if each]
    assert 3 + found.number + 3 + found.subject + 1 + sum(shown) + len(shown) == width or found.subject == 4
    assert found.subject >= 12 or width < 38


def test_the_current_view_is_always_among_those_that_fit() -> None:
    assert fitting([5, 5, 5], 0, 80) == range(3)
    assert 2 in fitting([20, 20, 20], 2, 30)
    assert fitting([50], 0, 10) == range(1)


def test_a_users_views_survive_being_written_and_a_broken_file_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "deskline" / "views.json"
    assert read_views(path) == ()
    views = with_view((), SavedView("Roofs", Sight("all", "oldest", 'roof "ü"')))
    views = with_view(views, SavedView("roofs", Sight("open", "newest", "roof")))
    write_views(path, views)
    assert read_views(path) == (SavedView("roofs", Sight("open", "newest", "roof")),)
    assert [each.name for each in path.parent.iterdir()] == ["views.json"]
    narrowed = SavedView("Dear", Sight("all", "number", "x", "case.priority > 3", ("case.type", "case.tags")))
    write_views(path, [narrowed])
    assert read_views(path) == (narrowed,)
    for broken in (
        "{",
        "[]",
        '{"views": [{"name": 3}]}',
        '{"views": [{"name": "x", "view": "gone", "order": "newest", "search": ""}]}',
        '{"views": [{"name": "x", "view": ["open"], "order": "newest", "search": ""}]}',
        '{"views": [{"name": "x", "view": "all", "order": "newest", "search": "", "condition": 3}]}',
        '{"views": [{"name": "x", "view": "all", "order": "newest", "search": "", "columns": "case.type"}]}',
    ):
        path.write_text(broken)
        with pytest.raises(BadViews, match=r"views\.json"):
            read_views(path)
        assert path.read_text() == broken


def test_what_was_refused_of_many_is_said_with_its_reason() -> None:
    assert said(3, {}) == "3 cases done."
    assert said(1, {4: "It is closed."}) == "1 case done. Refused: #4: It is closed."
    assert said(0, dict.fromkeys(range(5), "No.")).endswith("#2: No. and 2 more")
    assert CAP == 10_000
