"""What admins do with the configuration."""

from __future__ import annotations

from typing import NamedTuple

from core.actions.registry import action
from core.config.carrying_out import carry_out
from core.config.document import Document
from core.config.plan import Change, plan
from core.config.problems import Lines
from core.config.stored import current, revision
from core.errors import Refused
from data.transaction import Tx


class PlanOutdated(Refused):
    """The configuration was changed since this plan was made (revision {made}, now {now}). Make the plan again."""


class Applied(NamedTuple):
    """The changes made, and the revision of the configuration after them."""

    changes: tuple[Change, ...]
    revision: int


@action("desk.apply", touches=("configuration",), role="admin")
def apply(
    tx: Tx, wanted: Document, *, prune: bool = False, lines: Lines | None = None, made_on: int | None = None
) -> Applied:
    """Bring the configuration to what a document names, all of it or nothing.

    Args:
        wanted: the document.
        prune: whether what it does not name is removed.
        lines: where its fields stand, for the messages.
        made_on: the revision that the plan was made on; refused when it is no longer the present one.
    """
    now = revision(tx)
    if made_on is not None and made_on != now:
        raise PlanOutdated(made=made_on, now=now)
    changes = plan(current(tx), wanted, prune, lines)
    return Applied(changes, carry_out(tx, changes))
