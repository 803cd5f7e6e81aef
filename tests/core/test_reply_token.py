"""The signed token in our Message-IDs: only this desk can make one, and it survives what mail programs do to it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.reply_token import find, sign

KEY, OTHER = "ab" * 32, "cd" * 32
ids = st.integers(1, 10**18 - 1)


def mail_id(token: str) -> str:
    return f"<{token}@ursamajor.example>"


@given(ids, ids)
def test_a_token_finds_its_case_again(case: int, message: int) -> None:
    token = sign(KEY, case, message)
    for text in (mail_id(token), f"{token}@ursamajor.example", f"x <{token}@h> y", mail_id(token).upper()):
        assert find(KEY, [text]) == (case, False)


@given(ids, ids)
def test_a_token_of_another_desk_is_seen_as_forged(case: int, message: int) -> None:
    assert find(KEY, [mail_id(sign(OTHER, case, message))]) == (None, True)


@given(ids, ids, ids)
def test_a_token_is_good_for_one_case_and_message_only(case: int, message: int, other: int) -> None:
    signature = sign(KEY, case, message).rpartition(".")[2]
    for forged in (f"{other}.{message}.{signature}", f"{case}.{other}.{signature}"):
        if other not in (case, message):
            assert find(KEY, [mail_id(forged)]) == (None, True)


@given(ids, ids, st.integers(0, 15), st.sampled_from("abcdefghijklmnopqrstuvwxyz234567"))
def test_each_letter_of_the_signature_counts(case: int, message: int, where: int, letter: str) -> None:
    head, _, signature = sign(KEY, case, message).rpartition(".")
    changed = signature[:where] + letter + signature[where + 1 :]
    if changed != signature:
        assert find(KEY, [mail_id(f"{head}.{changed}")]) == (None, True)


def test_the_first_right_token_counts_and_forged_ones_before_it_are_told() -> None:
    forged, right, later = (mail_id(sign(k, c, 1)) for k, c in ((OTHER, 7), (KEY, 8), (KEY, 9)))
    assert find(KEY, [forged, right, later]) == (8, True)
    assert find(KEY, [f"{right} {forged}"]) == (8, False)
    assert find(KEY, []) == (None, False)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "<>",
        "<1.2.@h>",
        "<1.2.3@h>",
        "<12.abcdefghijklmnop@h>",
        f"1.2.{'a' * 17}@h",
        f"<{'9' * 40}.1.{'a' * 16}@h>",
    ],
)
def test_what_is_no_token_is_neither_ours_nor_forged(text: str) -> None:
    assert find(KEY, [text])[0] is None


@given(st.text())
def test_no_text_makes_it_stumble(text: str) -> None:
    assert find(KEY, [text])[0] is None
