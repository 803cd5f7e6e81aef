"""Mails whose lines are many and blank."""

from __future__ import annotations

import pytest

from intake.email.html_writer import Writer


@pytest.mark.timeout(20)
def test_blank_lines_without_number_around_the_text_are_left_out() -> None:
    writer = Writer(marks=False)
    writer.start("pre", {})
    writer.text("\n " * 750_000 + "\nHello\n\nLena" + "\n " * 750_000)
    writer.end("pre")
    assert writer.finish() == "Hello\n\nLena"


def test_a_text_of_blank_lines_is_empty() -> None:
    writer = Writer(marks=False)
    writer.start("pre", {})
    writer.text("\n " * 10)
    assert writer.finish() == ""
