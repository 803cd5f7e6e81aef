"""The desk's terms as people read them: statuses with their sign and word, priorities, units of capacity, sizes.

The sign never stands alone: each state reads right without colour and without the sign.
"""

from __future__ import annotations

from console.i18n import N_, _, ngettext

CASE_STATUSES = {
    "new": ("•", N_("new")),
    "open": ("●", N_("in progress")),
    "waiting_customer": ("‖", N_("waiting for customer")),
    "on_hold": ("‖", N_("on hold")),
    "resolved": ("✓", N_("resolved")),
    "closed": ("✓", N_("closed")),
}
WORK_STATES = {
    "waiting": ("◔", N_("waiting")),
    "offered": ("•", N_("offered")),
    "accepted": ("●", N_("accepted")),
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
    "queued": ("◔", N_("queued")),
    "sent": ("✓", N_("sent")),
    "sending": ("◔", N_("sending")),
    "failed": ("!", N_("Not sent")),
}
DIRECTIONS = {"inbound": N_("customer"), "outbound": N_("answer"), "note": N_("note, not for the customer")}


def signed(words: dict[str, tuple[str, str]], state: str) -> str:
    """Return a state with its sign; one that a newer desk knows is shown by its name."""
    sign, word = words.get(state, ("◌", state))
    return f"{sign} {_(word)}"


def case_status(status: str) -> str:
    """Return a case's status without its sign."""
    return _(CASE_STATUSES[status][1]) if status in CASE_STATUSES else status


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
