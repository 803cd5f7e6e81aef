"""The clock that counts for a work item or a case, as sign and words: how long somebody waits, or until when it rests."""

from __future__ import annotations

from typing import TYPE_CHECKING

from console.i18n import _
from console.moment import age, clock, day, now
from console.next_thing import countdown

if TYPE_CHECKING:
    from console.reads_screens import CaseSight, WorkRow
    from console.widgets.paint import Part

_NEAR_US = 20 * 3_600_000_000


def until(at: int) -> str:
    """Return a date to come: the time where it is near, else the day."""
    return clock(at) if at - now() < _NEAR_US else day(at)


def of_work(row: WorkRow) -> Part:
    """Return the clock of a work item in a list."""
    if row.state == "offered":
        return (f"◔ {countdown(row.deadline_at - now())}" if row.deadline_at else "◔", "accent")
    if row.failed:
        return (_("! not sent"), "danger+b")
    if row.status == "on_hold":
        return (f"‖ {until(row.hold_until)}" if row.hold_until else "‖", "muted")
    if row.status == "waiting_customer":
        return (f"‖ {age(row.last_at or row.updated_at)}", "muted")
    if row.last_direction == "inbound":
        from console.reads_screens import waits_since  # after the first paint

        return (f"◔ {age(waits_since(row))}", "muted")
    return (f"{age(row.updated_at)}", "muted")


def as_of(at: int) -> Part:
    """Return what stands in the place of a clock while the desk is away: from when what one sees is."""
    return (_("◌ as of {time}").format(time=clock(at)), "muted+b")


def of_case(sight: CaseSight) -> Part:
    """Return the clock of an open case, in words."""
    last = next((each for each in reversed(sight.messages) if each.direction != "note"), None)
    answer = next((each for each in reversed(sight.messages) if each.direction == "outbound"), None)
    if answer is not None and answer.delivery == "failed":
        return (_("! an answer was not sent"), "danger+b")
    if sight.status in ("resolved", "closed"):
        return (_("✓ resolved {when}").format(when=clock(sight.resolved_at or sight.updated_at)), "muted")
    if sight.status == "on_hold":
        return (_("‖ until {when}").format(when=until(sight.hold_until)) if sight.hold_until else "‖", "muted")
    if last is not None and last.direction == "inbound":
        return (_("◔ waiting {age}").format(age=age(last.at)), "muted")
    if last is not None:
        return (_("‖ answered {age} ago").format(age=age(last.at)), "muted")
    return (_("◔ opened {age} ago").format(age=age(sight.opened_at)), "muted")
