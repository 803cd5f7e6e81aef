"""Real mail of other projects' test collections, beside the checkout: what was once read must be read."""

from __future__ import annotations

import pytest

from intake.email.parse import Unreadable, parse
from tests.intake.email.corpus_measure import CORPUS, measure

pytestmark = pytest.mark.skipif(not (CORPUS / "MANIFEST.json").exists(), reason="the corpus is not beside the checkout")

FLOORS = {
    "attachment_count": 18,
    "attachments": 73,
    "attachments (number)": 74,
    "body_contains": 147,
    "body_html": 7,
    "body_is_empty": 6,
    "cc": 4,
    "crypto listed": 21,
    "from": 65,
    "from_display_name": 55,
    "from_email": 69,
    "has_html_body": 13,
    "in_reply_to": 2,
    "is_auto": 88,
    "is_bounce": 101,
    "max_seconds": 2,
    "message_id": 4,
    "references": 2,
    "reply never empty": 107,
    "reply_text": 67,
    "reply_text_contains": 1,
    "reply_text_excludes": 4,
    "reply_text_starts": 6,
    "reply_to": 8,
    "signature": 4,
    "subject": 93,
    "tnef": 11,
    "to": 80,
}


def test_every_stated_field_is_met_as_often_as_before() -> None:
    met = measure().met
    assert {name: met[name] for name, floor in FLOORS.items() if met[name] < floor} == {}


def test_every_file_of_the_corpus_is_read_whole_and_cut() -> None:
    for path in sorted(CORPUS.rglob("*")):
        if path.is_file() and path.suffix != ".json":
            raw = path.read_bytes()
            for part in (raw, raw[: len(raw) // 2], raw[len(raw) // 3 :]):
                try:
                    parse(part)
                except Unreadable:
                    pytest.fail(f"{path.name} is over a bound")
