"""What agents do with their drafts."""

from __future__ import annotations

from core import drafts
from core.actions.registry import action
from core.lookups import acting_agent
from data.transaction import Tx


@action("draft.keep", touches=("message",), undone_by="draft.drop")
def keep(tx: Tx, case: int, kind: drafts.Kind, text: str, session: str) -> bool:
    """Keep what the acting agent is writing on a case; return False where it is being written in another console of the agent.

    Args:
        case: its number.
        kind: an answer to the customer, or a note for colleagues.
        text: what is written so far.
        session: the console's name for itself; for 15 seconds after this the draft is locked in the agent's others.
    """
    return drafts.keep(tx, case, acting_agent(tx), kind, text, session)


@action("draft.drop", touches=("message",))
def drop(tx: Tx, case: int, session: str) -> bool:
    """Forget the acting agent's draft on a case; return False where there is none, or it is being written in another console.

    Args:
        case: its number.
        session: the console's name for itself.
    """
    return drafts.drop(tx, case, acting_agent(tx), session)
