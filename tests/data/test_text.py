"""Text from outside: it cannot be painted by mistake, and what is painted holds nothing that steers a terminal."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.text import OutsideText, sanitise, storable

BIDI = {*"\u061c\u200e\u200f", *map(chr, range(0x202A, 0x202F)), *map(chr, range(0x2066, 0x206A))}
anything = st.text(st.characters(exclude_categories=())) | st.text(
    st.sampled_from(["\x1b", "[", "\r", "\n", "\t", "\x9b", "\u202e", "\u2066", "\x7f", "\0", "\ud800", "a", "\u2028"])
)


@given(anything, st.booleans())
def test_nothing_that_steers_a_terminal_is_left(text: str, line: bool) -> None:
    painted = sanitise(OutsideText(text), line=line)
    assert not set(painted) & BIDI
    allowed = set() if line else set("\n\t")
    assert all(unicodedata.category(c) not in ("Cc", "Cs", "Zl", "Zp") or c in allowed for c in painted)
    painted.encode()


@given(anything)
def test_what_is_harmless_stays_as_it_is(text: str) -> None:
    harmless = "".join(c for c in text if unicodedata.category(c) not in ("Cc", "Cs", "Zl", "Zp") and c not in BIDI)
    assert sanitise(harmless) == harmless == sanitise(harmless, line=True)


@given(anything, st.booleans())
def test_painting_twice_is_painting_once(text: str, line: bool) -> None:
    once = sanitise(text, line=line)
    assert sanitise(once, line=line) == once


@given(anything)
def test_a_line_is_one_line(text: str) -> None:
    assert len(sanitise(text, line=True).splitlines()) <= 1


def test_line_ends_of_mail_are_one_line_end_and_a_lone_return_is_shown() -> None:
    assert sanitise("one\r\ntwo\rthree") == "one\ntwo\N{REPLACEMENT CHARACTER}three"


@given(anything)
def test_text_from_outside_cannot_become_a_str_by_mistake(text: str) -> None:
    outside = OutsideText(text)
    for mistake in (
        lambda: str(outside),
        lambda: f"{outside}",
        lambda: f"{outside:>10}",
        lambda: "{}".format(outside),  # noqa: UP032
        lambda: "%s" % outside,  # noqa: UP031
        lambda: "a" + outside,  # type: ignore[operator]
        lambda: " ".join([outside]),  # type: ignore[list-item]
        lambda: print(outside),
    ):
        with pytest.raises(TypeError):
            mistake()
    assert not isinstance(outside, str)
    assert "\x1b" not in repr(outside)


def test_texts_from_outside_are_compared_by_what_they_say() -> None:
    assert OutsideText("a") == OutsideText("a") != OutsideText("b")
    assert len({OutsideText("a"), OutsideText("a"), "a"}) == 2
    assert OutsideText("a") != "a"
    assert not OutsideText("")


@given(anything)
def test_what_is_stored_can_be_encoded_and_has_no_nul(text: str) -> None:
    stored = storable(text)
    assert "\0" not in stored
    stored.encode()
    if "\0" not in text and not any("\ud800" <= c <= "\udfff" for c in text):
        assert stored == text
