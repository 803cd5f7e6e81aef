"""How results are written: widths, cuts, JSON, CSV, moments and durations."""

from __future__ import annotations

import csv
import io
import json

import pytest

from console import moment, render
from console.render import Column, Listing, Sheet
from data.text import OutsideText

HOUR = 3_600_000_000


@pytest.mark.parametrize(
    ("text", "cells"),
    [("abc", 3), ("日本語", 6), ("é", 1), ("e\u0301", 1), ("● open", 6), ("a\u200bb", 2), ("ｆ", 2), ("…", 1)],
)
def test_width_counts_cells(text: str, cells: int) -> None:
    assert render.width(text) == cells


def test_columns_are_aligned_by_cells_and_the_flexible_one_gives_way() -> None:
    items = [{"n": 1, "who": OutsideText("日本"), "what": "x" * 50}, {"n": 22, "who": OutsideText("Lena"), "what": "y"}]
    columns = (
        Column("#", lambda i: i["n"], right=True),
        Column("Who", lambda i: i["who"]),
        Column("What", lambda i: i["what"], flexible=True),
    )
    listing = Listing("things", items, columns)
    assert render.written(listing, "text", cells=30).splitlines() == [
        " #  Who   What",
        " 1  日本  " + "x" * 19 + "…",
        "22  Lena  y",
    ]
    assert max(map(render.width, render.written(listing, "text").splitlines())) == 60


def test_a_narrow_terminal_leaves_out_what_is_most_dispensable() -> None:
    columns = (
        Column("#", lambda i: i["n"], right=True),
        Column("Who", lambda i: "lena", dispensable=1),
        Column("Where", lambda i: "tier-1", dispensable=2),
        Column("What", lambda i: "x" * 50, flexible=True),
    )
    listing = Listing("things", [{"n": 1}], columns)

    def heads(cells: int) -> list[str]:
        lines = render.written(listing, "text", cells=cells).splitlines()
        assert all(render.width(line) <= cells for line in lines)
        return lines[0].split()

    assert heads(40) == ["#", "Who", "Where", "What"]
    assert heads(24) == ["#", "Who", "What"]
    assert heads(16) == ["#", "What"]
    assert render.written(listing, "text", cells=6).splitlines()[1] == "1  xx…"


def test_prose_is_broken_at_blanks_and_keeps_its_indentation_and_its_rail() -> None:
    assert render.folded("  │ one two three four", 14) == ["  │ one two", "  │ three four"]
    assert render.folded("aaaaaaaaaaaa bb", 5) == ["aaaaa", "aaaaa", "aa bb"]
    assert render.folded("日本語日本語", 4) == ["日本", "語日", "本語"]
    assert render.folded("short", 80) == ["short"]
    assert render.folded("never when nobody counts the cells", 0) == ["never when nobody counts the cells"]
    assert render.folded("            deep text here", 14)[0] == "deep text here"
    sheet = Sheet({"a": "one two three"}, ["one two three"])
    assert render.written(sheet, "text", cells=8) == "one two\nthree\n"
    assert render.written(sheet, "json", cells=8) == '{"a": "one two three"}\n'


@pytest.mark.parametrize(
    "text",
    [
        *("=1+1", "+1", "-1", "@SUM", "\t=1", "\r=1"),
        *(" =1", "  \n@SUM", "\xa0=1", "\ufeff=1", "\u200b+1", " \u200e\u202e-1", "\xad@SUM"),
        *("\uff1d1", "\uff0b1", "\uff0d1", "\uff20SUM", "\u3000\uff1d1"),
    ],
)
def test_a_formula_is_only_text_in_csv(text: str) -> None:
    written = render.written(Listing("x", [{"a": OutsideText(text), "b": -5}], ()), "csv")
    rows = list(csv.reader(io.StringIO(written)))
    assert rows[0] == ["a", "b"]
    assert rows[1][0].startswith("'")
    assert rows[1][1] == "-5"


def test_a_guarded_cell_still_shows_its_text_and_others_are_left_alone() -> None:
    def cell(text: str) -> str:
        return render.written(Listing("x", [{"a": OutsideText(text)}], ()), "csv").splitlines()[1]

    assert cell("\u200b =1+1") == "'\u200b =1+1"
    assert [cell(text) for text in ("  a=1", "\ufeffa", "\u65e5\u672c=1", "1-1")] == [
        "  a=1",
        "\ufeffa",
        "\u65e5\u672c=1",
        "1-1",
    ]


def test_csv_is_quoted_where_it_must_be() -> None:
    written = render.written(Listing("x", [{"a": OutsideText('say "hi", now'), "b": None}], ()), "csv")
    assert list(csv.reader(io.StringIO(written)))[1] == ['say "hi", now', ""]


def test_json_keeps_text_as_it_came_in_ascii() -> None:
    text = "é\x1b[31m\u202e\U0001f600\ud800"
    written = render.written(
        Sheet({"a": OutsideText(text), "at": moment.Moment(1_800_000_000_000_123), "b": [1, 1.5, True, None]}, []),
        "json",
    )
    assert written.isascii()
    assert "\x1b" not in written
    assert json.loads(written) == {"a": text, "at": "2027-01-15T08:00:00.000123Z", "b": [1, 1.5, True, None]}


def test_json_is_what_the_standard_library_writes() -> None:
    value = {"a": [{"b": 'q"\\\n'}, {}], "c": -1, "d": [], "é": 0.1}
    assert render.as_json(value) == json.dumps(value)


@pytest.mark.parametrize(
    ("micro", "words"),
    [
        (-5, "0:00"),
        (24_000_000, "0:24"),
        (119_000_000, "1:59"),
        (120_000_000, "2 min"),
        (HOUR + 240_000_000, "1 h 04"),
        (52 * HOUR, "2 d 4 h"),
        (21 * 24 * HOUR, "3 w"),
    ],
)
def test_durations_have_two_units_at_most(micro: int, words: str) -> None:
    assert moment.duration(micro) == words


def test_signs_have_an_ascii_form() -> None:
    assert len(render._ASCII) == len(render.SIGNS)
    assert all(chr(code) in render.SIGNS and each.isascii() for code, each in render._ASCII.items())
