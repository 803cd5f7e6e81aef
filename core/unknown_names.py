"""The refusal of a name that nothing has, with the one that may be meant."""

from __future__ import annotations

from core.spelling import nearest
from data.errors import NotFound

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence


class UnknownName(NotFound):
    """There is no {what} {which}. {hint}"""


def unknown_name(what: str, name: str, known: Sequence[str]) -> NotFound:
    """Return the refusal of a name.

    Args:
        what: is called so, such as "queue".
        name: as it was typed.
        known: the names that there are.
    """
    near, which = nearest(name, known), f'"{name}"'
    if not near:
        return NotFound(what=what, which=which)
    return UnknownName(what=what, which=which, hint=f'Did you mean "{near}"?')
