"""The tour of the demo: eight steps from becoming available to the list of cases, each done when the console knows that it is done."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from console.conversation_lines import BLANK, LineOf
from console.demo.coach import Coach, guide_is_seen, paragraph
from console.i18n import N_, _
from console.keys import CASES, Keys
from console.next_thing import NextThing
from console.widgets.paint import Part, safe, wrapped

if TYPE_CHECKING:
    from console.app import DeskApp

_ENOUGH = 8
"""So many characters are an answer that one may think of sending."""
_GOODBYE_S = 90.0
_USUAL_UNDO_S = 5


@dataclass(frozen=True, slots=True)
class Known:
    """What the console knows that the tour is about.

    Args:
        ready: whether the desk is open.
        case: the case that the tour follows: the first that was accepted, until it is answered the one that is open.
        opened: whether that case is on the screen.
        writing: whether an answer to it is being written; `typed` is how many characters it has.
        field: whether a text field has the focus, where letters are text.
        queued: whether the answer waits for its seconds to be over.
        answered: whether it has reached the desk.
        back: whether the customer has said something since.
        seen_cases: whether the list of cases was looked at.
    """

    ready: bool = False
    available: bool = False
    offered: bool = False
    case: int | None = None
    who: str = ""
    opened: bool = False
    writing: bool = False
    typed: int = 0
    field: bool = False
    queued: bool = False
    answered: bool = False
    back: bool = False
    resolved: bool = False
    seen_cases: bool = False

    @property
    def sent(self) -> bool:
        """Whether the answer is on its way or out."""
        return self.queued or self.answered or self.resolved


@dataclass(frozen=True, slots=True)
class Step:
    """One step.

    Args:
        title: what is done in it, in a few words.
        done: whether it is done, from what is known.
        say: what to do now, in a sentence; `{reply}` and the like stand for keys, `{who}` for the customer.
        keys: the commands whose keys row 1 shows, with a word each.
    """

    title: str
    done: Callable[[Known], bool]
    say: Callable[[Known], str]
    keys: tuple[tuple[str, str], ...] = ()


STEPS = (
    Step(
        N_("Become available"),
        lambda known: known.available or known.case is not None,
        lambda known: (
            _("Press {status} and choose Available: work comes to you only then.")
            if known.ready
            else _("The desk is being opened.")
        ),
        (("desk.status", N_("status")),),
    ),
    Step(
        N_("Accept the offer"),
        lambda known: known.case is not None,
        lambda known: (
            _("A mail is offered to you in the second row. Press {accept} to take it before the line runs out.")
            if known.offered
            else _("A customer is writing. The mail is offered to you in the second row of the screen.")
        ),
    ),
    Step(
        N_("Read it, then reply"),
        lambda known: known.writing or known.sent,
        lambda known: (
            _("Read what {who} wrote, then press {reply} to answer.")
            if known.opened
            else _("Choose #{case} in the list of your work and press {open}.")
        ),
        (("case.reply", N_("reply")),),
    ),
    Step(
        N_("Type an answer"),
        lambda known: known.sent or (known.writing and known.typed >= _ENOUGH),
        lambda known: _("Type what you would say to {who}. It is kept while you type."),
    ),
    Step(
        N_("Send it"),
        lambda known: known.sent,
        lambda known: _("Finish your sentence, then press {send}. It goes out as a real mail."),
        (("write.send", N_("send")),),
    ),
    Step(
        N_("Wait for the customer"),
        lambda known: known.back or known.resolved,
        lambda known: (
            _("It goes out in {seconds} seconds; until then {undo} takes it back.")
            if known.queued
            else _("{who} finds your answer in the mailbox and writes back in a few seconds.")
        ),
    ),
    Step(
        N_("Resolve the case"),
        lambda known: known.resolved,
        lambda known: (
            _("{who} wrote back. Press {back} to leave the text, then {resolve} to resolve the case.")
            if known.field
            else _("{who} wrote back. That settles it: press {resolve} to resolve the case.")
        ),
        (("case.resolve", N_("resolve")),),
    ),
    Step(
        N_("Look at all cases"),
        lambda known: known.seen_cases,
        lambda known: _("Press {cases} for all cases of the desk; {work} brings you back here."),
        (("go.cases", N_("cases")),),
    ),
)
_KEYS = {
    "status": "desk.status", "accept": "offer.accept", "reply": "case.reply", "open": "list.open", "send": "write.send",
    "undo": "case.undo", "resolve": "case.resolve", "cases": "go.cases", "work": "go.work", "back": "go.back", "help": "desk.help",
}  # fmt: skip


def place(known: Known) -> int:
    """Return which step it is, from 0; the number of steps where all are done."""
    return next((number for number, step in enumerate(STEPS) if not step.done(known)), len(STEPS))


def gathered(app: DeskApp, before: Known) -> Known:
    """Return what the console knows now, with what it knew before of things that stay done."""
    workspace, screen = app.workspace, app.desk_screen
    if workspace is None or screen is None:
        return before
    rows = {row.case: row for row in (*workspace.mine, *workspace.paused)}
    opened = screen.open_case
    case = before.case
    if not before.answered:
        case = opened if opened in rows else case if case in rows else next(iter(rows), case)
    row = rows.get(case) if case is not None else None
    composer = getattr(screen, "composer", None)
    writing = composer is not None and composer.case is not None and composer.case == case
    answered = before.answered or (row is not None and row.last_direction == "outbound")
    return Known(
        ready=app.link.state == "ready",
        available=workspace.me.kind == "available",
        offered=bool(workspace.offers),
        case=case,
        who=safe(row.who) if row is not None else before.who,
        opened=opened is not None and opened == case,
        writing=writing,
        typed=len(composer.text.strip()) if writing and composer is not None else 0,
        field=screen.writing,
        queued=case is not None and app.sender.of_case(case) is not None,
        answered=answered,
        back=before.back or (before.answered and row is not None and row.last_direction == "inbound"),
        resolved=before.resolved or (case is not None and (row is None or row.status in ("resolved", "closed"))),
        seen_cases=before.seen_cases or any(each.NAME == CASES for each in app.desk_screens()),
    )


class Tour(Coach):
    """The coach who leads through the steps."""

    known = Known()
    _ended_at: float | None = None
    _words: Mapping[str, str] = {}

    def begin(self, app: DeskApp) -> None:
        """Begin with the first step."""
        self._learn(app.keys, app.undo_s)
        super().begin(app)

    def _learn(self, keys: Keys, undo_s: int) -> None:
        words = {name: keys.shown(command, writing=name in ("send", "back")) for name, command in _KEYS.items()}
        self._words = words | {"seconds": str(undo_s)}

    def look(self, app: DeskApp) -> None:
        """Move on as the newcomer does what was said."""
        super().look(app)
        before, self.known = self.known, gathered(app, self.known)
        if self.known != before:
            if place(self.known) == len(STEPS) and self._ended_at is None:
                self._ended_at = time.monotonic()
                app.set_timer(_GOODBYE_S, lambda: self._show(app))
            self._show(app)

    def sentence(self) -> str:
        """Return what to do now."""
        if not self._words:
            self._learn(Keys(), _USUAL_UNDO_S)  # the console is being opened
        number = place(self.known)
        if number < len(STEPS):
            said = STEPS[number].say(self.known)
        else:
            said = _("That was the tour; the company goes on. {help} shows all keys, docs/agent.md tells the rest.")
        words = {"who": self.known.who or _("the customer"), "case": self.known.case, **self._words}
        return said.format(**words)

    def say(self, app: DeskApp) -> NextThing | None:
        """Return the step for row 1, where the work guide is not seen."""
        number = place(self.known)
        if guide_is_seen(app) or (self._ended_at is not None and time.monotonic() > self._ended_at + _GOODBYE_S):
            return None
        if number == len(STEPS):
            return NextThing("calm", lead=_("Tour"), text=self.sentence())
        step = STEPS[number]
        keys = tuple((app.keys.shown(name, writing=name.startswith("write.")), _(word)) for name, word in step.keys)
        lead = _("Tour {n}/{all}").format(n=number + 1, all=len(STEPS))
        text = self.sentence()
        if len(lead) + len(text) + sum(len(key) + len(word) + 4 for key, word in keys) + 5 > app.size.width:
            return NextThing("calm", lead=lead, strong=_(step.title), keys=keys)
        return NextThing("calm", lead=lead, text=text)

    def lines(self, width: int) -> list[LineOf]:
        """Return the steps, with what to do now under the current one."""
        here = place(self.known)
        progress = _("{n}/{all}").format(n=min(here + 1, len(STEPS)), all=len(STEPS))
        lines = [LineOf(((_("Tour"), "strong"),), ((progress, "muted"),))]
        for number, step in enumerate(STEPS):
            sign, role = ("✓", "muted") if number < here else ("●", "accent+b") if number == here else ("○", "muted")
            title: Part = (_(step.title), "strong" if number == here else "muted")
            lines.append(LineOf(((f"{sign} ", role), title)))
            if number == here:
                lines += [
                    LineOf((("│ ", "accent"), (each, "text"))) for each in wrapped(self.sentence(), max(8, width - 2))
                ]
        if here == len(STEPS):
            lines += [BLANK, *paragraph(self.sentence(), width, "text")]
        if here in (0, len(STEPS)):
            lines += [BLANK, *self.second_terminal(width)]
        return lines
