"""The functions that make texts and numbers, as functions and as filters."""

from __future__ import annotations

import urllib.parse
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.calendars.loading import made_of
from core.conditions import compiling, tree
from core.conditions.case_fields import of_configuration
from core.conditions.checking import check_value
from core.conditions.faults import ConditionFailed, Faulty
from core.conditions.functions import DIRECTIVES, FUNCTIONS, duration_in_words
from core.conditions.reading import read
from core.conditions.types import DAY, HOUR, MINUTE, SECOND, Value
from core.conditions.world import World

VOCABULARY = of_configuration()
NOW = 1_795_417_200_000_000  # Monday, 23 November 2026, 8:00 in Berlin
OFFICE = made_of("office", "Europe/Berlin", {"mon-fri": ["09:00-17:00"]}, [], {}, "en")
WORLD = World(NOW, ZoneInfo("Europe/Berlin"), {"": OFFICE})
EXAMPLES = {
    "text": "case.subject",
    "number": "case.number",
    "time": "case.opened_at",
    "duration": "age(case.opened_at)",
    "list": "case.tags",
    "flag": "case.is_open",
}
CONSTANTS = {("matches", 1): "'a'", ("instant", 0): "'2026-11-23'", ("clock", 1): "'%d'"}


def value(text: str, **facts: Value) -> Value:
    node = read(text, value=True)
    check_value(node, VOCABULARY, calendars=("office", "old", ""))
    known = {path: facts.get(path.replace(".", "_")) for path in tree.paths(node)}
    return compiling.value_of(node)(known, WORLD)


@pytest.mark.parametrize(
    ("text", "subject", "expected"),
    [
        ("case.subject | truncate(5)", "abcde", "abcde"),
        ("case.subject | truncate(5)", "abcdef", "abcd…"),
        ("case.subject | truncate(5)", "abc def", "abc…"),
        ("case.subject | truncate(5.9)", "abcdef", "abcd…"),
        ("case.subject | truncate(1)", "abcdef", "…"),
        ("case.subject | truncate(0)", "abcdef", "…"),
        ("case.subject | truncate(-5)", "abcdef", "…"),
        ("case.subject | truncate(0)", "", ""),
        ("case.subject | truncate(999999999999999999)", "a", "a"),
        ("case.subject | trim", " \t\na b\u2003\n", "a b"),
        ("case.subject | quote", "a\r\nb\n\nc", "> a\n> b\n> \n> c"),
        ("case.subject | quote", "", ""),
        ("case.subject | first_line", "\n \n  a b \nc", "a b"),
        ("case.subject | first_line", " \n", ""),
        ("case.subject | capitalize", "éA bC", "ÉA bC"),
        ("case.subject | capitalize", "", ""),
        ("case.subject | replace('a', '')", "banana", "bnn"),
        ("case.subject | replace('', 'x')", "banana", "banana"),
        ("case.subject | replace('an', 'ana')", "banana", "banaanaa"),
        ("case.subject | url_part", "a b/c?d&e=ü#%", "a%20b%2Fc%3Fd%26e%3D%C3%BC%23%25"),
        ("case.subject | url_part", "\ud800", "%3F"),
        ("case.subject | default('x')", None, "x"),
        ("case.subject | default('x')", "", ""),
        ("case.subject | upper | default('x')", None, "x"),
        ("case.subject | default(contact.name) | default('x') | upper", None, "X"),
        ("case.subject | default(contact.name)", None, None),
        ("case.subject | trim | truncate(3) | upper", "  abcd ", "AB…"),
        ("length(case.subject | trim) + 1", " a ", 2),
        ("case.subject | upper == 'A'", "a", True),
        ("case.subject | trim", None, None),
    ],
)
def test_texts(text: str, subject: str | None, expected: Value) -> None:
    assert value(text, case_subject=subject) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("round(2.5)", 3),
        ("round(-2.5)", -3),
        ("round(2.4)", 2),
        ("round(-0.4)", 0),
        ("round(7)", 7),
        ("round(7, 3)", 7),
        ("round(1.005, 2)", Decimal("1.01")),
        ("round(1.2345678, 6)", Decimal("1.234568")),
        ("round(1.25, 3 - 2)", Decimal("1.3")),
        ("round(10 / 3, 2)", Decimal("3.33")),
        ("decimals(149.5, 2)", "149.50"),
        ("decimals(-0.001, 2)", "0.00"),
        ("decimals(-0.005, 2)", "-0.01"),
        ("decimals(2.5, 0)", "3"),
        ("decimals(7, 6)", "7.000000"),
        ("decimals(10 / 3, 2)", "3.33"),
        ("decimals(999999999999999999 * 999999999999999999, 1)", "999999999999999998000000000000000001.0"),
        ("decimals(case.number, 2) | default('none')", "none"),
        ("round(999999999999999999 * 999999999999999999)", 999999999999999998000000000000000001),
        ("round(999999999999999999 * 999999999999999999 * 999999999999999999.5, 6) > 1", True),
        ("case.tags | join(', ')", "a, b"),
        ("join([], ', ')", ""),
    ],
)
def test_numbers_and_lists(text: str, expected: Value) -> None:
    assert value(text, case_tags=("a", "b")) == expected


@given(
    st.decimals(allow_nan=False, allow_infinity=False, places=8, min_value=-(10**12), max_value=10**12),
    st.integers(0, 6),
)
def test_a_rounded_number_is_the_nearest(number: Decimal, digits: int) -> None:
    found = FUNCTIONS["round"].call(number, digits)
    assert abs(Decimal(found) - number) <= Decimal(5).scaleb(-digits - 1)
    assert Decimal(found).scaleb(digits) % 1 == 0


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("clock(case.opened_at)", "2026-11-23 08:00"),
        ("case.opened_at | clock('%d.%m.%Y')", "23.11.2026"),
        ("clock(case.opened_at, 'at %H:%M (100%%)')", "at 08:00 (100%)"),
        ("clock(instant('2026-03-29 03:30'), '%H:%M')", "03:30"),
        ("clock(instant('2026-10-25T00:30+00:00'))", "2026-10-25 02:30"),
        ("clock(instant('2026-10-25T01:30+00:00'))", "2026-10-25 02:30"),
        ("clock(case.opened_at, '')", ""),
        ("clock(case.closed_at)", None),
    ],
)
def test_moments(text: str, expected: str | None) -> None:
    assert value(text, case_opened_at=NOW) == expected


@pytest.mark.parametrize("name", ["clock", "date", "hour", "weekday"])
@pytest.mark.parametrize("days", ["999999999999999999", "2950000", "-800000", "-999999999999999999"])
def test_a_moment_that_no_clock_shows_is_an_error_and_not_another_moment(name: str, days: str) -> None:
    with pytest.raises(ConditionFailed, match="a moment lies outside the years 1 to 9999"):
        value(f"{name}(case.opened_at + days({days}))", case_opened_at=NOW)


@pytest.mark.parametrize("text", ["is_open({})", "business_age({})", "business_between(now(), {})"])
@pytest.mark.parametrize("days", [100_000, -40_000])
def test_a_moment_beyond_the_years_of_calendars_is_told_in_words(text: str, days: int) -> None:
    with pytest.raises(ConditionFailed, match="outside the years 1970 to 2199, which calendars know"):
        value(text.format(f"now() + days({days})"))


def test_a_calendar_that_is_gone_is_told_in_words() -> None:
    with pytest.raises(ConditionFailed, match='there is no calendar "old"'):
        value("is_open(now(), 'old')")


@pytest.mark.parametrize("directive", DIRECTIVES)
def test_every_directive_of_a_clock_is_carried_out(directive: str) -> None:
    shown = value(f"clock(case.opened_at, '{directive}')", case_opened_at=NOW)
    assert isinstance(shown, str)
    assert shown.isdigit() or shown == "%"


@pytest.mark.parametrize(
    ("duration", "words"),
    [
        (0, "0 s"),
        (999_999, "0 s"),
        (SECOND, "1 s"),
        (59 * SECOND, "59 s"),
        (MINUTE, "1 min"),
        (61 * SECOND, "1 min 1 s"),
        (HOUR, "1 h"),
        (HOUR + 5 * SECOND, "1 h"),
        (2 * HOUR + 5 * MINUTE + SECOND, "2 h 5 min"),
        (DAY, "1 d"),
        (DAY + MINUTE, "1 d"),
        (400 * DAY + 23 * HOUR, "400 d 23 h"),
        (-90 * MINUTE, "-1 h 30 min"),
        (-1, "0 s"),
        (Decimal(SECOND) / 2, "0 s"),
    ],
)
def test_durations(duration: int | Decimal, words: str) -> None:
    assert duration_in_words(duration) == words


@given(st.integers(-(10**20), 10**20))
def test_a_duration_in_words_is_off_by_less_than_its_smallest_unit(duration: int) -> None:
    words = duration_in_words(duration)
    parts = words.lstrip("-").split(" ")
    sizes = {"d": DAY, "h": HOUR, "min": MINUTE, "s": SECOND}
    told = sum(int(count) * sizes[unit] for count, unit in zip(parts[::2], parts[1::2], strict=True))
    smaller = {"d": HOUR, "h": MINUTE, "min": SECOND, "s": SECOND}
    assert 0 <= abs(duration) - told < smaller[parts[1]]
    assert words.startswith("-") == (duration <= -SECOND)


# -- as filters


def _example(name: str, at: int, kind: str) -> str:
    return CONSTANTS.get((name, at)) or ("''" if at in FUNCTIONS[name].constant else EXAMPLES[kind])


@pytest.mark.parametrize("name", [name for name, each in FUNCTIONS.items() if each.takes])
def test_a_filter_is_its_function(name: str) -> None:
    """Of every function, with every number of arguments that it takes."""
    function = FUNCTIONS[name]
    for count in range(max(function.least, 1), len(function.takes) + 1):
        kinds = function.takes[:count]
        given_ones = [_example(name, at, kind[0]) for at, kind in enumerate(kinds)]
        first, more = given_ones[0], given_ones[1:]
        plain = read(f"{name}({', '.join(given_ones)})", value=True)
        for filtered in (f"{first} | {name}({', '.join(more)})", *([f"{first}|{name}"] if not more else [])):
            found = read(filtered, value=True)
            assert tree.written(found) == tree.written(plain)
            assert check_value(found, VOCABULARY) == check_value(plain, VOCABULARY)


def written_texts() -> st.SearchStrategy[str]:
    """What may stand between quotation marks: no control characters, however they are written."""
    return st.text(st.characters(exclude_categories=("Cc", "Cs", "Zl", "Zp")), max_size=3)


@settings(max_examples=200)
@given(st.text(), st.integers(-3, 12), written_texts(), written_texts())
def test_a_chain_of_filters_is_read_from_left_to_right(text: str, most: int, part: str, other: str) -> None:
    node = read(f"case.subject | trim | truncate({most}) | replace({part!a}, {other!a}) | url_part", value=True)
    nested = read(f"url_part(replace(truncate(trim(case.subject), {most}), {part!a}, {other!a}))", value=True)
    assert tree.written(node) == tree.written(nested)
    check_value(node, VOCABULARY)
    cut = text.strip() if len(text.strip()) <= most else text.strip()[: max(most - 1, 0)].rstrip() + "…"
    expected = urllib.parse.quote(cut.replace(part, other) if part else cut, safe="", errors="replace")
    assert compiling.value_of(node)({"case.subject": text}, WORLD) == expected


@pytest.mark.parametrize(
    ("text", "place", "said"),
    [
        ("case.subject | uper", 16, 'Did you mean "upper"?'),
        ("case.subject | upper(1)", 16, "upper takes 1 values, got 2"),
        ("case.subject | 'upper'", 16, 'after "|" stands a function'),
        ("case.subject | case.type", 16, 'after "|" stands a function'),
        ("case.subject | upper(x=1)", 16, 'after "|" stands a function'),
        ("case.subject | upper()()", 16, 'after "|" stands a function'),
        ("case.number | upper", 1, "upper takes text here, got a number"),
        ("case.number + 1 | upper", 1, "upper takes text here, got a number"),
        (
            "case.tags | default('a')",
            1,
            "default takes text or a number or yes or no or a point in time or a duration here, got a list",
        ),
        ("case.number | default('a')", 23, "default takes a number here, as the first is, got text"),
        ("case.tags | join(1)", 18, "join takes text here, got a number"),
        ("round(case.number, -1)", 20, "round takes a whole number of decimals, from 0 to 6, got -1"),
        ("round(case.number, 1.5)", 20, "round takes a whole number of decimals, from 0 to 6, got 1.5"),
        ("round(case.number, 7)", 20, "round takes a whole number of decimals, from 0 to 6, got 7"),
        ("case.number | decimals(9)", 24, "decimals takes a whole number of decimals, from 0 to 6, got 9"),
        ("case.number | decimals", 15, "decimals takes 2 values, got 1"),
        ("clock(now(), '%A')", 14, '"%A" says nothing of a moment'),
        ("clock(now(), '%-d')", 14, '"%-" says nothing of a moment'),
        ("clock(now(), '%Y%')", 14, '"%" says nothing of a moment'),
        (r"clock(now(), '\ud800')", 14, "U+D800 does not belong in a text"),
        ("case.type | default('nothing') == case.type | default('x') | foo", 62, 'no function "foo"'),
    ],
)
def test_a_filter_is_refused_at_its_place(text: str, place: int, said: str) -> None:
    with pytest.raises(Faulty) as caught:
        check_value(read(text, value=True), VOCABULARY)
    assert said in caught.value.fault.message + ". " + caught.value.fault.hint
    assert tuple(caught.value.fault.place) == (1, place)


def test_what_has_a_default_has_the_type_and_not_the_choices_of_its_first() -> None:
    node = read("case.status | default('nothing')", value=True)
    assert check_value(node, VOCABULARY).kind == "text"
    check_value(read("(case.status | default('nothing')) == 'nothing'"), VOCABULARY)


def test_defaults_within_the_bounds_cost_nothing() -> None:
    """Each level that doubled what is written would make this hang."""
    left = "default(" * 28 + "case.subject" + ", contact.name)" * 28
    right = "default(case.subject, " * 28 + "contact.name" + ")" * 28
    for text in (left, right):
        assert value(text, case_subject=None, contact_name="b") == "b"
        assert value(f"{text} == 'b' and {text} is not missing", case_subject="b") is True


# -- bounds


@pytest.mark.parametrize(
    "text",
    [
        "case.subject" + " | replace('a', 'aa')" * 25,
        "case.subject | replace('a', contact.name)",
        "case.subject | quote",
        "case.subject | url_part",
        "case.tags | join(case.subject)",
        "case.subject | replace('a', 'aa') | quote | url_part",
    ],
)
def test_no_text_grows_beyond_all_use(text: str) -> None:
    with pytest.raises(ConditionFailed, match="a text grows beyond 1,000,000 characters"):
        value(text, case_subject="a\n\ud83e" * 400_000, contact_name="b" * 400_000, case_tags=tuple("abc"))


def test_a_join_is_reckoned_before_it_fills_the_memory() -> None:
    """Joined, this would be a hundred billion characters."""
    with pytest.raises(ConditionFailed, match="a text grows beyond 1,000,000 characters"):
        value("case.tags | join(case.subject)", case_subject="a" * 1_000_000, case_tags=("",) * 100_000)


@pytest.mark.parametrize("name", ["round", "decimals"])
@pytest.mark.parametrize("digits", [-1, 7, Decimal("1.5")])
def test_decimals_that_there_cannot_be_are_told_when_they_are_found(name: str, digits: int | Decimal) -> None:
    with pytest.raises(ConditionFailed, match=f"a number is rounded to 0 to 6 decimals, and not to {digits}"):
        value(f"{name}(1.25, case.number)", case_number=digits)


def test_a_pattern_searches_any_text_that_mail_may_hold() -> None:
    assert value("matches(case.subject, 'E-31$')", case_subject="\ud83e E-31") is True
    assert value("matches(case.subject, '^Größe')", case_subject="Größe 3") is True


def test_a_text_that_is_too_long_for_a_large_pattern_is_told() -> None:
    """Without a bound this would take seconds for each of them."""
    text = f"matches(case.subject, '[ab]*a[ab]{{{900}}}x')"
    assert value(text, case_subject="ab" * 1_000) is False
    with pytest.raises(ConditionFailed, match="a text of 1,000,000 characters is too long for so large a pattern"):
        value(text, case_subject="ab" * 500_000)
    assert value("matches(case.subject, 'E-[0-9]+')", case_subject="ab" * 500_000) is False


def test_a_text_within_the_bounds_is_made() -> None:
    assert len(str(value("case.subject | replace('a', 'bb')", case_subject="a" * 500_000))) == 1_000_000
