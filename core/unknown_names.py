"""The refusal of a name that nothing has, with the one that may be meant."""

from __future__ import annotations

from collections.abc import Sequence

from core.config.problems import did_you_mean
from core.errors import NotFound


class UnknownName(NotFound):
    """There is no {what} {which}. {hint}"""


def unknown_name(what: str, name: str, known: Sequence[str]) -> NotFound:
    """Return the refusal of a name.

    Args:
        what: is called so, such as "queue".
        name: as it was typed.
        known: the names that there are.
    """
    hint = did_you_mean(name, known)
    which = f'"{name}"'
    return UnknownName(what=what, which=which, hint=hint) if hint else NotFound(what=what, which=which)
