"""Texts that a person reads, through the gettext catalogue `deskline` with English as the fallback.

Where the environment asks for English the catalogue is not looked for, and gettext, which costs as much as the database
driver, is not imported.
"""

from __future__ import annotations

import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    import gettext

    from data.errors import DeskError

DOMAIN = "deskline"
FOLDER = os.path.join(os.path.dirname(__file__), "locale")  # pathlib costs 3 ms
_loaded: dict[str, gettext.NullTranslations] = {}


def N_(text: str) -> str:  # noqa: N802 - the name that gettext tools know
    """Mark a text for the catalogue; it is translated where it is used."""
    return text


def _(text: str) -> str:
    """Return a text in the user's language."""
    catalogue = _catalogue()
    return text if catalogue is None else catalogue.gettext(text)


def ngettext(one: str, many: str, count: int) -> str:
    """Return the form of a text that fits a count, in the user's language."""
    catalogue = _catalogue()
    if catalogue is None:
        return one if count == 1 else many
    return catalogue.ngettext(one, many, count)


def language() -> str:
    """Return what the environment asks for, as gettext would find it; empty for English."""
    for name in ("LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG"):
        value = os.environ.get(name, "")
        if value:
            plain = value.partition(":")[0].partition(".")[0]
            return "" if plain in ("C", "POSIX", "") or plain.partition("_")[0] == "en" else value
    return ""


def _catalogue() -> gettext.NullTranslations | None:
    wanted = language()
    if not wanted:
        return None
    if wanted not in _loaded:
        import gettext

        _loaded[wanted] = gettext.translation(DOMAIN, FOLDER, languages=wanted.split(":"), fallback=True)
    return _loaded[wanted]


def message_of(error: DeskError) -> str:
    """Return an error's message and remedy in the user's language."""
    template, params = error.template(), error.params
    return _(template).format(**params) if params else _(template)
