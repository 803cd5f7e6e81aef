"""What people do with mail that left the desk, or could not."""

from __future__ import annotations

from core.actions.registry import action
from core.engine import outbox
from data.transaction import Tx


@action("mail.send_again", touches=("message", "mail"))
def send_again(tx: Tx, message: int) -> bool:
    """Queue an answer that could not be sent once more, under the Message-ID it has; return False where it has not failed.

    Args:
        message: the id of the answer.
    """
    return outbox.send_again(tx, message)
