"""The text catalogue: complete, up to date, and of use."""

from __future__ import annotations

import gettext
import string

import pytest

from console import catalogue, i18n
from core.errors import NotFound


def test_the_catalogue_is_up_to_date() -> None:
    assert catalogue.TARGET.read_text() == catalogue.catalogue(), "run: python -m console.catalogue"


def test_it_holds_texts_error_messages_and_help() -> None:
    text = catalogue.catalogue()
    assert 'msgid "Customer"' in text
    assert 'msgid "There is no {what} {which}."' in text
    assert 'msgid "Set a case aside until a date brings it back."' in text
    assert 'msgid_plural "▸ {n} offers"' in text


class _Upper(gettext.NullTranslations):
    """A language that is English in capitals, placeholders apart."""

    def gettext(self, message: str) -> str:
        parts = string.Formatter().parse(message)
        return "".join(text.upper() + (f"{{{name}}}" if name is not None else "") for text, name, _, _ in parts)


def test_an_error_is_translated_before_its_values_are_filled_in(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LANGUAGE", "xx")
    monkeypatch.setitem(i18n._loaded, "xx", _Upper())
    assert i18n.message_of(NotFound(what="case", which="#9")) == "THERE IS NO case #9."


@pytest.mark.parametrize(
    ("variables", "wanted"),
    [
        ({}, ""),
        ({"LANG": "C.UTF-8"}, ""),
        ({"LANG": "en_GB.UTF-8"}, ""),
        ({"LANG": "fr_FR.UTF-8"}, "fr_FR.UTF-8"),
        ({"LC_ALL": "C", "LANG": "fr"}, ""),
    ],
)
def test_the_language_is_the_environments(
    monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], wanted: str
) -> None:
    for name in ("LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert i18n.language() == wanted


def test_a_language_without_a_catalogue_is_english(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LANGUAGE", "tlh")
    assert i18n._("Customer") == "Customer"
    assert i18n.ngettext("{n} byte", "{n} bytes", 1) == "{n} byte"
