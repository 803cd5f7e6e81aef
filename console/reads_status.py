"""What an agent can change to, and what becomes of the work in hand when that is to go offline."""

from __future__ import annotations

from dataclasses import dataclass

from console.reads_screens import me
from data import screen_queries

TYPE_CHECKING = False
if TYPE_CHECKING:
    from data.queries import Fetch


@dataclass(frozen=True, slots=True)
class Status:
    """A presence status of the desk, with the labels of the channels whose work it takes."""

    name: str
    label: str
    kind: str
    channels: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Leaving:
    """What going offline does with the work of one channel, in numbers of work items."""

    channel: str
    stays: int = 0
    goes_back: int = 0
    offers: int = 0
    wraps: int = 0


@dataclass(frozen=True, slots=True)
class StatusSight:
    """An agent's status, and what there is to choose."""

    agent: str
    name: str
    current: str
    statuses: tuple[Status, ...]
    leaving: tuple[Leaving, ...]


def status_sight(fetch: Fetch, agent: str) -> StatusSight | None:
    """Return what an agent can change to, or None where there is no such agent."""
    found = me(fetch, agent)
    if found is None:
        return None
    return StatusSight(agent, found.name, found.status, _statuses(fetch), leaving(fetch, agent))


def _statuses(fetch: Fetch) -> tuple[Status, ...]:
    found: dict[str, Status] = {}
    for row in fetch(screen_queries.STATUS_CHOICES, {}):
        before = found.get(row["status"])
        channels = (*(before.channels if before else ()), *([row["channel"]] if row["channel"] else []))
        found[row["status"]] = Status(row["status"], row["label"], row["kind"], channels)
    return tuple(found.values())


def leaving(fetch: Fetch, agent: str) -> tuple[Leaving, ...]:
    """Return what the channels' sign-out policies do with an agent's work, as `core.presence.sign_out` will do it."""
    found: dict[str, Leaving] = {}
    for row in fetch(screen_queries.SIGN_OUT, {"agent": agent}):
        so_far = found.get(row["channel"], Leaving(row["label"]))
        fate = _fate(row["state"], row["sign_out"], opened=bool(row["opened"]))
        number = row["n"]
        found[row["channel"]] = Leaving(
            so_far.channel,
            so_far.stays + (number if fate == "stays" else 0),
            so_far.goes_back + (number if fate == "goes_back" else 0),
            so_far.offers + (number if fate == "offers" else 0),
            so_far.wraps + (number if fate == "wraps" else 0),
        )
    return tuple(found.values())


def _fate(state: str, policy: str, *, opened: bool) -> str:
    if state == "offered":
        return "offers"
    if state == "wrapping":
        return "wraps"
    requeues = policy == "requeue-all" or (policy == "requeue-unopened" and not opened)
    return "goes_back" if requeues else "stays"
