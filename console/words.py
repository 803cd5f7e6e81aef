"""The desk's terms as people read them: statuses with their sign and word, priorities, units of capacity, sizes.

The sign never stands alone: each state reads right without colour and without the sign. A word that can be typed, as
`--status on_hold`, is shown as it is typed, in every language.
"""

from __future__ import annotations

from console.i18n import N_, _, ngettext

CASE_STATUSES = {
    "new": ("•", "new"),
    "open": ("●", "open"),
    "waiting_customer": ("‖", "waiting_customer"),
    "on_hold": ("‖", "on_hold"),
    "resolved": ("✓", "resolved"),
    "closed": ("✓", "closed"),
}
WORK_STATES = {
    "waiting": ("◔", "waiting"),
    "offered": ("▸", "offered"),
    "accepted": ("●", "accepted"),
    "wrapping": ("◐", N_("wrap-up")),
    "closed": ("✓", N_("done")),
    "cancelled": ("×", N_("cancelled")),
    "transferred": ("→", N_("transferred")),
    "declined": ("×", N_("declined")),
    "timed_out": ("!", N_("not answered in time")),
    "revoked": ("×", N_("taken back")),
}
PRESENCE = {"available": "●", "busy": "◐", "offline": "○"}
PRIORITIES = (N_("low"), N_("minor"), N_("normal"), N_("high"), N_("critical"))
ROLES = {"agent": N_("agent"), "supervisor": N_("supervisor"), "admin": N_("admin")}
DELIVERY = {
    "queued": ("◔", "queued"),
    "sent": ("✓", "sent"),
    "sending": ("◔", "sending"),
    "failed": ("!", "failed"),
}
DIRECTIONS = {"inbound": N_("customer"), "outbound": N_("answer"), "note": N_("note, not for the customer")}


def signed(words: dict[str, tuple[str, str]], state: str) -> str:
    """Return a state with its sign; one that a newer desk knows is shown by its name."""
    sign, word = words.get(state, ("◌", state))
    return f"{sign} {_(word)}"


def priority(number: int) -> str:
    """Return a case's priority in a word."""
    return _(PRIORITIES[number - 1])


def units(thousandths: int) -> str:
    """Return an amount of capacity: 1500 is `1.5`."""
    whole, rest = divmod(thousandths, 1000)
    return f"{whole}.{rest:03d}".rstrip("0").rstrip(".")


def size(count: int) -> str:
    """Return a number of bytes: `310 kB`, `1.2 MB`."""
    if count < 1000:
        return ngettext("{n} byte", "{n} bytes", count).format(n=count)
    if count < 1_000_000:
        return _("{n} kB").format(n=round(count / 1000))
    if count < 1_000_000_000:
        return _("{n:.1f} MB").format(n=count / 1_000_000)
    return _("{n:.1f} GB").format(n=count / 1_000_000_000)


SPOKEN_STATUSES = {"waiting_customer": N_("waiting"), "on_hold": N_("on hold")}
"""How a screen, where nothing is typed, says a status that is not one word."""


def case_status(status: str) -> str:
    """Return a case's status as a screen says it."""
    return _(SPOKEN_STATUSES.get(status, status))
