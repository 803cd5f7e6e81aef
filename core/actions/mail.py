"""What people do with mail that left the desk, or could not."""

from __future__ import annotations

from sqlalchemy import bindparam, select

from core.actions.registry import action
from core.engine import outbox
from core.errors import NotFound
from data.schema import messages
from data.transaction import Tx

_MESSAGE = select(messages.c.id).where(messages.c.id == bindparam("b_message"))


@action("mail.send_again", touches=("message", "mail"))
def send_again(tx: Tx, message: int) -> bool:
    """Queue an answer that could not be sent once more, under the Message-ID it has; return False where it has not failed.

    Args:
        message: the id of the answer.
    """
    if tx.first(_MESSAGE, {"b_message": message}) is None:
        raise NotFound(what="message", which=str(message))
    return outbox.send_again(tx, message)
