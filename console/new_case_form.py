"""What is written into the form of a new case, and what is wrong with it. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from console.i18n import _

LONGEST_SUBJECT = 1_000


@dataclass(frozen=True, slots=True)
class NewCaseForm:
    """The fields as they are.

    Args:
        contact: the id of a contact who was found; None for a new one.
        channel: over which channel it came; empty while the desk has not said which there are.
        queue: where it is to go; empty leaves that to the desk.
    """

    contact: int | None = None
    name: str = ""
    address: str = ""
    channel: str = ""
    type: str = ""
    priority: int = 3
    queue: str = ""
    subject: str = ""
    text: str = ""

    @property
    def written(self) -> bool:
        """Whether anything was typed or chosen that would be lost."""
        return bool(self.contact or any(each.strip() for each in (self.name, self.address, self.subject, self.text)))

    def problems(self) -> dict[str, str]:
        """Return what is wrong, by the name of the field, in the order of the form."""
        from core.addresses import is_plain

        found: dict[str, str] = {}
        if self.address.strip() and not is_plain(self.address.strip()):
            found["address"] = _("That is no mail address, as in lena@example.com.")
        if not self.subject.strip():
            found["subject"] = _("A case needs a subject.")
        elif len(self.subject) > LONGEST_SUBJECT:
            found["subject"] = _("A subject has up to {n} letters.").format(n=f"{LONGEST_SUBJECT:,}")
        return found

    def parameters(self) -> dict[str, Any]:
        """Return the parameters of the action `case.open`."""
        found: dict[str, Any] = {
            "subject": self.subject.strip(),
            "text": self.text.strip(),
            "address": self.address.strip(),
            "name": self.name.strip(),
            "priority": self.priority,
            "case_type": self.type.strip() or None,
            "queue": self.queue or None,
            "contact": self.contact,
        }
        return found | ({"channel": self.channel} if self.channel else {})
