"""What the rules refuse, on the one tree of errors: each docstring is the message and the remedy."""

from data import errors
from data.errors import DeskError, NotFound, Refused, Unavailable, WrongUsage


class NotAllowed(errors.NotAllowed):
    """This needs the role {needed}; {who} has the role {role}."""


class UnknownActor(NotFound):
    """There is no agent {which}. Who acts is named by --as, else by DESKLINE_AS; who there is says: deskline agent list"""


class UnknownType(NotFound):
    """There is no case type {which}. {hint}"""


class UnknownStatus(NotFound):
    """There is no presence status {which}. Known are {known}."""


class OfferGone(Refused):
    """The offer of work item {work} to {agent} is no longer open: {why}."""


class NotOffered(Refused):
    """Work item {work} is not offered to {agent}."""


class OfferedElsewhere(NotOffered):
    """Work item {work} is not offered to {agent}, but to {other}."""


class DeclineNotAllowed(Refused):
    """{agent} may not decline work: the presence configuration {configuration} does not allow it."""


class ReasonRequired(WrongUsage):
    """A reason is required. Give one of: {reasons}"""


class WrongStatus(Refused):
    """Case #{case} is {status}; {action} is possible when it is {possible}."""


class CaseChanged(Refused):
    """Case #{case} was changed by somebody else meanwhile. Look at it again, then repeat."""


class Merged(Refused):
    """Case #{case} was merged into #{into}: its messages are there."""


class UnknownTag(NotFound):
    """There is no tag {which}. {hint} An admin adds one to the tags of the desk with: deskline apply"""


class UnknownField(NotFound):
    """There is no field {which} to set. {hint}"""


class UnknownAction(NotFound):
    """There is no action {which}. {hint}"""


class NoMerge(Refused):
    """Case #{case} cannot be merged into #{into}: {why}."""


class NoRecipient(Refused):
    """Case #{case} has no customer with a mail address to answer to. Add a note instead, or name a contact."""


class NoMailbox(Refused):
    """Case #{case} cannot be answered by mail: no mailbox with smtp is configured."""


class EmptyText(WrongUsage):
    """There is nothing to send: the text is empty."""


class EmptyPart(EmptyText):
    """The {what} is empty; say something there."""


class NotHeld(Refused):
    """Case #{case} is not accepted work of {agent}, so there is nothing to look into."""


class NotWaiting(NotFound):
    """No delayed action {which} waits: it was carried out, was called off, or never was. What waits says: deskline action pending"""


class NotScriptable(UnknownAction):
    """The action {which} is not for scripts: only consoles and the configuration do it. What scripts can do says: deskline action list"""


class NeverOpens(Refused):
    """The calendar {calendar} is closed for {days} days or more at a stretch, so its open time has no end."""


class BeyondCalendar(WrongUsage):
    """Calendars are known from the year {first} to {last}; this leads beyond them."""


class UnknownRegion(Refused):
    """There are no holidays for {region}: the package that knows them has no such country or part of one."""


class FieldFilled(Refused):
    """The field {field} is {kind} and has values on {cases} cases; it cannot become {wanted}. Declare a field of another name instead."""


class LeaseLost(DeskError):
    """Another engine ({holder}) holds the lease; this one has stopped acting."""


class LostRace(DeskError):
    """Another process changed the same work at the same moment; the turn is done again."""


__all__ = [
    "BeyondCalendar",
    "CaseChanged",
    "DeclineNotAllowed",
    "DeskError",
    "EmptyPart",
    "EmptyText",
    "FieldFilled",
    "LeaseLost",
    "LostRace",
    "Merged",
    "NeverOpens",
    "NoMailbox",
    "NoMerge",
    "NoRecipient",
    "NotAllowed",
    "NotFound",
    "NotHeld",
    "NotOffered",
    "NotScriptable",
    "NotWaiting",
    "OfferGone",
    "OfferedElsewhere",
    "ReasonRequired",
    "Refused",
    "Unavailable",
    "UnknownAction",
    "UnknownActor",
    "UnknownField",
    "UnknownRegion",
    "UnknownStatus",
    "UnknownTag",
    "UnknownType",
    "WrongStatus",
    "WrongUsage",
]
