"""`deskline calendar`: list, show, between and add."""

from __future__ import annotations

import re
from typing import Annotated, Any

import typer
from typer.core import TyperCommand

from console.commands.options import AsOption, CsvOption, DeskOption, JsonOption, command, form_of, noun, show
from console.i18n import _

app = noun(_("Calendars: when the desk is open, and how much of that time passes."))
Name = Annotated[str, typer.Argument(metavar="CALENDAR")]
From = Annotated[
    str, typer.Argument(metavar="FROM", help=_("A moment in ISO 8601; without an offset in the calendar's zone."))
]


class TakesNegatives(TyperCommand):
    """A command that takes `-4h` for a value: no option begins with a digit."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Write the minus of a value in the sign that no option begins with."""
        return super().parse_args(ctx, [re.sub(r"^-(?=[0-9])", "\u2212", each) for each in args])


@command(app, "list", "deskline calendar list")
def list_calendars(
    desk: DeskOption = None, as_: AsOption = None, json: JsonOption = False, csv: CsvOption = False
) -> int:
    """List the calendars, and whether each is open now."""
    from console import reads_calendar

    return show(desk, form_of(json, csv), reads_calendar.calendar_list, who=as_)


@command(app, "show", "deskline calendar show support --from 2026-12-21 --days 14")
def show_calendar(
    name: Name,
    first: Annotated[
        str | None, typer.Option("--from", metavar="DATE", help=_("The first day of the openings; else today."))
    ] = None,
    days: Annotated[int, typer.Option("--days", help=_("How many days of openings."))] = 7,
    desk: DeskOption = None,
    as_: AsOption = None,
    json: JsonOption = False,
) -> int:
    """Show a calendar: its week, when it opens next, and the holidays and exceptions to come."""
    from console import reads_calendar

    return show(desk, form_of(json), reads_calendar.calendar_show, who=as_, name=name, first=first, days=days)


@command(app, "between", "deskline calendar between support 2026-11-24T16:00 2026-11-26T10:00")
def between(
    name: Name,
    first: From,
    last: Annotated[
        str, typer.Argument(metavar="TO", help=_("Another moment; the time is negative if it is earlier."))
    ],
    desk: DeskOption = None,
    as_: AsOption = None,
    json: JsonOption = False,
) -> int:
    """Say how much open time lies between two moments."""
    from console import reads_calendar

    return show(desk, form_of(json), reads_calendar.calendar_between, who=as_, name=name, first=first, last=last)


@command(app, "add", "deskline calendar add support 2026-11-24T16:00 4h", cls=TakesNegatives)
def add(
    name: Name,
    first: From,
    duration: Annotated[
        str,
        typer.Argument(metavar="DURATION", help=_("Open time in hours and minutes: 4h, 90m, 1h30m; -4h goes back.")),
    ],
    desk: DeskOption = None,
    as_: AsOption = None,
    json: JsonOption = False,
) -> int:
    """Say when so much open time has passed after a moment.

    It is the earliest such moment: four hours that are over at closing time end then, not at the next opening. With a
    negative duration it is the latest moment from which so much open time leads to the one given.
    """
    from console import reads_calendar

    return show(desk, form_of(json), reads_calendar.calendar_add, who=as_, name=name, first=first, duration=duration)
