"""What the rules refuse, on the one tree of errors: each docstring is the message and the remedy."""

from data.errors import DeskError, NotAllowed, NotFound, Refused, Unavailable, WrongUsage


class OfferGone(Refused):
    """The offer of work item {work} to {agent} is no longer open: {why}."""


class NotOffered(Refused):
    """Work item {work} is not offered to {agent}."""


class DeclineNotAllowed(Refused):
    """{agent} may not decline work: the presence configuration {configuration} does not allow it."""


class ReasonRequired(WrongUsage):
    """A reason is required. Give one of: {reasons}"""


class WrongStatus(Refused):
    """Case #{case} is {status}; {action} is possible when it is {possible}."""


class CaseChanged(Refused):
    """Case #{case} was changed by somebody else meanwhile. Look at it again, then repeat."""


class NoRecipient(Refused):
    """Case #{case} has no customer with a mail address to answer to. Add a note instead, or name a contact."""


class NoMailbox(Refused):
    """Case #{case} cannot be answered by mail: no mailbox with smtp is configured."""


class EmptyText(WrongUsage):
    """There is nothing to send: the text is empty."""


class LeaseLost(DeskError):
    """Another engine ({holder}) holds the lease; this one has stopped acting."""


class LostRace(DeskError):
    """Another process changed the same work at the same moment; the turn is done again."""


__all__ = [
    "CaseChanged",
    "DeclineNotAllowed",
    "DeskError",
    "EmptyText",
    "LeaseLost",
    "LostRace",
    "NoMailbox",
    "NoRecipient",
    "NotAllowed",
    "NotFound",
    "NotOffered",
    "OfferGone",
    "ReasonRequired",
    "Refused",
    "Unavailable",
    "WrongStatus",
    "WrongUsage",
]
