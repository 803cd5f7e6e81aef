"""The form of a new case: a call or a visit written down. What is typed is never lost, whatever the desk says to it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from textual import on
from textual.binding import Binding
from textual.widgets import Input, TextArea

from console.i18n import _, message_of
from console.keys import COMMANDS
from console.link import Away
from console.new_case_form import NewCaseForm
from console.reads_new_case import (
    MOST_MATCHES,
    ContactRow,
    contact_span,
    contacts_between,
    contacts_with_address,
    offered,
)
from console.screens.asking import Confirm
from console.screens.choosing import Choice
from console.screens.overlay import MARGIN, Overlay, OverlayList, OverlayRule, key_parts
from console.widgets.form_fields import LABEL, ChoiceField, FormArea, FormField, FormRow, choices_of
from console.widgets.line import Line
from console.widgets.paint import Part, cells, cut, safe, strip
from console.words import PRIORITIES
from data.errors import DeskError

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable

    from textual.strip import Strip
    from textual.timer import Timer
    from textual.widget import Widget

    from console.widgets.cursor_list import CursorList

_TYPED_S = 0.08
_SLICE = 50_000
_ROWS = 21
_USUAL = ("phone", "email")
"""Channels that a case written down by hand most likely came over."""
_NORMAL = 3


class Matches(OverlayList):
    """Contacts that fit what is typed."""

    def __init__(self) -> None:
        super().__init__(id="matches")
        self.found: list[ContactRow] = []

    def show(self, found: list[ContactRow]) -> None:
        """Show these."""
        self.found = found
        self.styles.height = len(found)
        self.display = bool(found)
        self._place, self.cursor = 0, None
        self.items_changed()

    def count(self) -> int:
        """Return how many there are."""
        return len(self.found)

    def key_at(self, place: int) -> Hashable:
        """Return where one stands."""
        return place

    def paint(self, place: int, line: int, width: int, ground: str, bar: str) -> Strip:
        """Return a contact: the name, and the address at the right."""
        row = self.found[place]
        name = safe(row.name) or _("without a name")
        room = width - LABEL - MARGIN - cells(name) - 3
        right: list[Part] = [(cut(safe(row.address), max(0, room)), "muted"), (" " * MARGIN, "text")]
        left: list[Part] = [(" " * (LABEL + 1), "text"), (bar, self.bar_role(ground)), (name, "text")]
        return strip(self.look, width, left, right, ground=ground)


class NewCase(Overlay[int | None]):
    """Writes a case down and answers with its number; None where it was left."""

    WIDTH = 80
    TOP = 4
    BINDINGS: ClassVar[list[Any]] = [
        Binding(",".join(COMMANDS["write.send"].keys), "save", show=False),
        Binding("tab", "app.focus_next", show=False),
        Binding("shift+tab", "app.focus_previous", show=False),
        Binding("down", "move(1)", show=False),
        Binding("up", "move(-1)", show=False),
    ]
    AUTO_FOCUS = "#contact"
    DEFAULT_CSS = """
    NewCase #matches { display: none; }
    NewCase #said { height: 1; }
    """

    def __init__(self) -> None:
        super().__init__()
        self._contact: ContactRow | None = None
        self._touched: set[str] = set()
        self._typing: Timer | None = None
        self._saving = False

    def parts(self) -> Iterable[Widget]:
        """Return the fields, from top to bottom."""
        priorities = [Choice(str(number + 1), _(word)) for number, word in enumerate(PRIORITIES)]
        yield Line(id="title", margin=MARGIN, ground="raised")
        yield OverlayRule()
        yield FormRow(
            "contact", _("contact"), FormField(id="contact", placeholder=_("name or address, finds who is known"))
        )
        yield Matches()
        yield FormRow("name", _("name"), FormField(id="name"))
        yield FormRow("address", _("mail address"), FormField(id="address"))
        yield FormRow("channel", _("came by"), ChoiceField(_("Over which channel did it come?"), [], "", id="channel"))
        yield FormRow("type", _("type"), ChoiceField(_("Which type of case?"), [], "", free=True, id="type"))
        yield FormRow(
            "priority", _("priority"), ChoiceField(_("How urgent is it?"), priorities, str(_NORMAL), id="priority")
        )
        yield FormRow("queue", _("queue"), ChoiceField(_("Which queue takes it?"), [], "", id="queue"))
        yield FormRow("subject", _("subject"), FormField(id="subject"), needed=True)
        yield FormRow("text", _("description"), FormArea(id="text", compact=True, tab_behavior="focus"))
        yield OverlayRule()
        yield Line(id="said", margin=MARGIN, ground="raised")

    def wanted_height(self) -> int:
        """Return the lines that it takes: all of a low terminal, some more for the description of a high one."""
        return _ROWS if self.app.size.height < 30 else _ROWS + 3

    def on_mount(self) -> None:
        """Show what it is, and read what there is to choose."""
        self.query_one("#title", Line).put([(_("New case"), "accent+b")])
        self._say()
        self.run_worker(self._read_offered(), exit_on_error=True)

    def _say(self, wrong: str = "") -> None:
        key = self.desk_app.keys.shown("write.send", writing=True)
        left: list[Part] = [("! ", "danger+b"), (wrong, "danger")] if wrong else []
        if self._saving:
            left = [(_("being saved"), "muted")]
        self.query_one("#said", Line).put(
            left, key_parts(((key, _("save")), ("tab", _("next field")), ("esc", _("back"))))
        )

    async def _read_offered(self) -> None:
        try:
            found = await self.desk_app.link.read(offered)
        except Away as error:
            self._say(safe(message_of(error)))
            return
        names = [name for name, _label in found.channels]
        usual = next((name for name in (*_USUAL, *names) if name in names), "")
        self.query_one("#channel", ChoiceField).offer(choices_of(found.channels), usual)
        self.query_one("#queue", ChoiceField).offer(
            [Choice("", _("as the desk decides")), *choices_of(found.queues)], ""
        )
        self.query_one("#type", ChoiceField).offer(
            [Choice("", _("none")), *(Choice(each, safe(each)) for each in found.types)], ""
        )

    # -- what is in it

    @property
    def form(self) -> NewCaseForm:
        """The fields as they are."""

        def text(name: str) -> str:
            return self.query_one(f"#{name}", FormField).value

        def choice(name: str) -> str:
            return self.query_one(f"#{name}", ChoiceField).value

        contact, name, address = self._contact, text("name"), text("address")
        typed = text("contact").strip()
        if contact is None and typed and not name.strip() and "@" not in typed:
            name = typed
        if contact is None and typed and not address.strip() and "@" in typed:
            address = typed
        return NewCaseForm(
            contact=contact.id if contact else None,
            name=name,
            address=address,
            channel=choice("channel"),
            type=choice("type"),
            priority=int(choice("priority")),
            queue=choice("queue"),
            subject=text("subject"),
            text=self.query_one(FormArea).text,
        )

    def _check(self) -> dict[str, str]:
        problems = self.form.problems()
        for name in ("address", "subject"):
            self.query_one(f"#row-{name}", FormRow).say(problems.get(name, "") if name in self._touched else "")
        return problems

    @on(Input.Changed)
    def _text_changed(self, event: Input.Changed) -> None:
        event.stop()
        name = event.input.id or ""
        if name == "contact":
            self._find_soon()
        elif name in ("name", "address") and self._contact is not None and not self._says(self._contact):
            self._contact = None  # who was found is somebody else than who is written down now
        if name == "subject" and event.value:
            self._touched.add(name)
        self._check()

    def _says(self, contact: ContactRow) -> bool:
        name, address = (self.query_one(f"#{each}", FormField).value for each in ("name", "address"))
        return name == safe(contact.name) and address == safe(contact.address)

    def on_descendant_blur(self, event: Any) -> None:
        """Look at a field when it is left."""
        if event.widget.id == "contact":
            self.query_one(Matches).show([])
        if event.widget.id == "address" or (event.widget.id == "contact" and "@" in event.widget.value):
            self._touched.add("address")
            self._check()

    @on(TextArea.Changed)
    def _area_changed(self) -> None:
        self._say()

    # -- who it is

    def _find_soon(self) -> None:
        if self._typing is not None:
            self._typing.stop()
        self._typing = self.set_timer(_TYPED_S, self._find)

    def _find(self) -> None:
        typed = self.query_one("#contact", FormField).value.strip()
        known = self._contact is not None and typed in (safe(self._contact.name), safe(self._contact.address))
        if not typed or known:
            self.query_one(Matches).show([])
            return
        self.run_worker(self._found(typed), group="contacts", exclusive=True, exit_on_error=True)

    async def _found(self, typed: str) -> None:
        link = self.desk_app.link
        try:
            found = await link.read(lambda fetch: contacts_with_address(fetch, typed))
            self._offer(found)
            below = await link.read(contact_span)
            while below > 0 and len(found) < MOST_MATCHES:
                start = max(0, below - _SLICE)
                here = below
                more = await link.read(lambda fetch: contacts_between(fetch, typed, start, here))  # noqa: B023
                known = {row.id for row in found}
                found = [*found, *(row for row in more if row.id not in known)]
                self._offer(found)
                below = start
        except Away:
            return

    def _offer(self, found: list[ContactRow]) -> None:
        focused = self.focused is not None and self.focused.id == "contact"
        self.query_one(Matches).show(found[:MOST_MATCHES] if focused else [])

    def action_move(self, steps: int) -> None:
        """Move among the contacts found, or among the fields."""
        matches = self.query_one(Matches)
        if matches.found:
            matches.move(steps)
        elif steps > 0:
            self.focus_next()
        else:
            self.focus_previous()

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        event.stop()
        matches = self.query_one(Matches)
        if event.input.id == "contact" and matches.found:
            matches.open()
        else:
            self.focus_next()

    def on_cursor_list_opened(self, event: CursorList.Opened) -> None:
        """Take the contact under the cursor."""
        row = self.query_one(Matches).found[event.key]  # type: ignore[call-overload]
        self._contact = row
        self.query_one("#name", FormField).value = safe(row.name)
        self.query_one("#address", FormField).value = safe(row.address)
        with self.prevent(Input.Changed):
            self.query_one("#contact", FormField).value = safe(row.name) or safe(row.address)
        self.query_one(Matches).show([])
        self.query_one("#channel", ChoiceField).focus()

    # -- the end

    async def action_save(self) -> None:
        """Open the case, or say what is wrong; what is typed stays until the desk has it."""
        if self._saving:
            return
        self._touched |= {"address", "subject"}
        problems = self._check()
        if problems:
            first = next(iter(problems))
            self.query_one(f"#{first}").focus()
            return
        self._saving = True
        self._say()
        self.run_worker(self._save(self.form), group="save", exit_on_error=True)

    async def _save(self, form: NewCaseForm) -> None:
        try:
            number = await self.desk_app.act("case.open", **form.parameters())
        except DeskError as error:
            self._saving = False
            self._say(safe(message_of(error)))
            return
        self.dismiss(number)

    def action_close(self) -> None:
        """Leave the form, after asking where something was written."""
        if self.query_one(Matches).found:
            self.query_one(Matches).show([])
        elif self._saving:
            return
        elif self.form.written:
            self.run_worker(self._ask_to_leave(), group="leave", exclusive=True)
        else:
            self.dismiss(None)

    async def _ask_to_leave(self) -> None:
        sure = await self.app.push_screen_wait(
            Confirm(
                _("Throw away what you wrote?"),
                [_("The case is not saved yet.")],
                _("throw it away"),
                _("go on writing"),
            )
        )
        if sure:
            self.dismiss(None)
