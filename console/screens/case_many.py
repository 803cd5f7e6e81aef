"""Commands of the list of cases: on the case under the cursor as everywhere, and on all selected ones where several are selected."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from console.i18n import _, ngettext
from console.screens.case_bulk import on_each, said
from console.screens.case_commands import CaseCommands
from console.screens.choosing import Choice, Chooser
from console.widgets.paint import safe
from console.words import case_status
from data import screen_queries

if TYPE_CHECKING:
    from console.widgets.case_table import CaseTable

_OPENED_S, _LOOK_S = 2.0, 0.02


class ManyCases(CaseCommands, inherit_bindings=False):
    """Commands on one case or on several."""

    @property
    def table(self) -> CaseTable:
        """The list of cases."""
        raise NotImplementedError

    @property
    def number(self) -> int | None:
        """The number of the case under the cursor."""
        row = self.table.row
        return row.number if row is not None else None

    def _why_no_case(self) -> str | None:
        return None if self.number is not None else _("There is no case under the cursor.")

    def _why_not_in(self, *statuses: str) -> str | None:
        row = self.table.row
        if row is not None and row.status in statuses:
            return _("#{case} is {status} already.").format(case=row.number, status=case_status(row.status))
        return self._why_no_case()

    def why_not_case_reopen(self) -> str | None:
        """Say why the case cannot be reopened."""
        row = self.table.row
        if row is not None and row.status not in ("resolved", "closed"):
            return _("#{case} is open.").format(case=row.number)
        return self._why_no_case()

    def why_not_case_files(self) -> str | None:
        """Say that the files of a case are reached where it is open."""
        if self.sight is None and self.number is not None:
            return _("Show the preview first: it says which files there are.")
        return super().why_not_case_files()

    # -- several

    def why_not_case_transfer(self) -> str | None:
        """Say why nothing can go elsewhere; of several cases each is tried."""
        return None if self.table.selected else super().why_not_case_transfer()

    def why_not_case_resolve(self) -> str | None:
        """Say why nothing can be resolved; of several cases each is tried."""
        return None if self.table.selected else super().why_not_case_resolve()

    def why_not_case_take(self) -> str | None:
        """Say why nothing can be taken; of several cases each is tried."""
        return None if self.table.selected else super().why_not_case_take()

    async def do_case_transfer(self) -> None:
        """Send the case, or all selected ones, to a queue's line or to an agent."""
        chosen = len(self.table.selected)
        if not chosen:
            await super().do_case_transfer()
            return
        queues, agents = await self.desk_app.link.read(
            lambda fetch: (fetch(screen_queries.QUEUE_CHOICES, {}), fetch(screen_queries.AGENT_CHOICES, {}))
        )
        choices = [Choice(f"queue:{row['name']}", safe(row["label"]), _("queue")) for row in queues]
        choices += [Choice(f"agent:{row['name']}", safe(row["label"]), _("agent")) for row in agents]
        title = ngettext("Where does {n} case go?", "Where do {n} cases go?", chosen).format(n=chosen)
        target = await self.desk_app.push_screen_wait(Chooser(title, choices))
        if target is not None:
            kind, _sep, name = target.partition(":")
            await self._on_selected("case.assign", **{kind: name})

    async def do_case_resolve(self) -> None:
        """Mark the case, or all selected ones, as solved."""
        if self.table.selected:
            await self._on_selected("case.resolve")
        else:
            await super().do_case_resolve()

    async def do_case_take(self) -> None:
        """Give the case, or all selected ones, to oneself."""
        if self.table.selected:
            await self._on_selected("case.assign", agent=self.desk_app.link.agent)
        else:
            await super().do_case_take()

    async def _on_selected(self, action: str, **parameters: Any) -> None:
        """Carry out an action on each selected case; those refused stay selected."""
        done, refused = await on_each(self.desk_app, sorted(self.table.selected), action, **parameters)
        self.table.selected.difference_update(done)
        self.table.refresh()
        self.desk_app.flash(said(len(done), refused), kind="alert" if refused else "muted")

    # -- writing happens on the work screen

    def why_not_case_reply(self) -> str | None:
        """Say why no answer can be written."""
        row = self.table.row
        if row is not None and row.status == "closed":
            return _("#{case} is closed; reopen it to answer.").format(case=row.number)
        return self._why_no_case()

    def why_not_case_note(self) -> str | None:
        """Say that there is no case."""
        return self._why_no_case()

    async def do_case_reply(self) -> None:
        """Open the case where one works on it, and write an answer."""
        await self._write_in_work("case.reply")

    async def do_case_note(self) -> None:
        """Open the case where one works on it, and write a note."""
        await self._write_in_work("case.note")

    async def _write_in_work(self, command: str) -> None:
        number = self._number()
        await self.desk_app.open_in_work(number)
        screen = self.desk_app.desk_screen
        for _try in range(round(_OPENED_S / _LOOK_S)):
            if screen is None or getattr(getattr(screen, "sight", None), "number", None) == number:
                break
            await asyncio.sleep(_LOOK_S)
        if screen is not None and screen is self.desk_app.desk_screen:
            screen.action_command(command)
