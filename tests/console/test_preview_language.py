"""`deskline template preview` says in which language it shows a mail where that is not the one asked for."""

from __future__ import annotations

import json

import pytest

from core.actions import desk as actions
from core.config.document import Document, Template, Variant
from data.actor import LOCAL_ADMIN
from tests.builders import Story
from tests.console.conftest import Deskline

PREVIEW = ("template", "preview", "ack", "--case", "1")


@pytest.fixture(autouse=True)
def template(story: Story) -> None:
    ack = Template(subject="Hello", text="Hello.", languages={"de": Variant(subject="Hallo", text="Hallo.")})
    story.desk.run(LOCAL_ADMIN, actions.apply, Document(templates={"ack": ack}))


@pytest.mark.parametrize("language", ["Deutsch", "x", "de_DE\x1b[2J", ""])
def test_what_is_no_language_is_refused(language: str, deskline: Deskline) -> None:
    ran = deskline(*PREVIEW, "--language", language)
    assert (ran.code, ran.out) == (2, "")
    assert ran.err.startswith("--language takes a language such as en or pt-BR, not ")
    assert "\x1b" not in ran.err


@pytest.mark.parametrize(
    ("language", "head", "said"),
    [
        ("de", "Subject: Hallo", ""),
        ("de-AT", "Subject: Hallo", "There is no variant in de-AT; this is the one in de.\n"),
        ("en", "Subject: Hello", ""),
        (
            "xx",
            "Subject: Hello",
            "There is no variant in xx; this is the default, which is in the desk's language, en.\n",
        ),
    ],
)
def test_another_variant_than_the_one_asked_for_is_said(
    language: str, head: str, said: str, deskline: Deskline
) -> None:
    ran = deskline(*PREVIEW, "--language", language)
    assert (ran.code, ran.err) == (0, said)
    assert ran.out.startswith(head)


def test_programs_learn_which_variant_was_taken(deskline: Deskline) -> None:
    def taken(*more: str) -> tuple[str | None, str | None, str]:
        item = json.loads(deskline(*PREVIEW, *more, "--json").out)
        return item["wanted"], item["language"], item["variant"]

    assert taken("--language", "de-AT") == ("de-AT", "de", "de")
    assert taken("--language", "xx") == ("xx", None, "default")
    assert taken() == (None, None, "default")
