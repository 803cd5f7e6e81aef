"""Fields of a form on the raised ground: a line of text, several lines, one of several; each with its label and what is wrong."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, cast

from rich.segment import Segment
from textual.binding import Binding
from textual.containers import Horizontal, Vertical
from textual.message import Message
from textual.strip import Strip

from console.i18n import _
from console.screens.choosing import Choice, Chooser
from console.screens.overlay import MARGIN, Field
from console.widgets.composer import WritingArea
from console.widgets.line import Line, Painted
from console.widgets.paint import Part, cells, column, cut, safe, strip

if TYPE_CHECKING:
    from collections.abc import Sequence

    from textual import events
    from textual.app import ComposeResult
    from textual.widget import Widget

    from console.app import DeskApp

LABEL = 14
"""Cells of the labels."""


class FormField(Field):
    """A field of one line."""

    def render_line(self, y: int) -> Strip:
        """Return the field, drawn to its end also while nothing is in it."""
        line = super().render_line(y)
        look = cast("DeskApp", self.app).look
        rest = self.size.width - line.cell_length
        if not look.bare or rest <= 0:
            return line
        return Strip.join([line, Strip([Segment("_" * rest, look.style("rule", "raised"))])])


class FormArea(WritingArea):
    """A field of several lines, drawn with `_` where its ground cannot be told from the others."""

    def render_line(self, y: int) -> Strip:
        """Return a line of the text."""
        line = super().render_line(y)
        look = cast("DeskApp", self.app).look
        if not look.bare or self.has_focus or "".join(segment.text for segment in line).strip():
            return line
        return Strip([Segment("_" * line.cell_length, look.style("rule", "raised"))])


class ChoiceField(Painted, can_focus=True):
    """A field that holds one of several: left and right go through them, enter shows them all."""

    BINDINGS: ClassVar[list[Any]] = [
        Binding("left", "step(-1)", show=False),
        Binding("right", "step(1)", show=False),
        Binding("enter,space,down", "choose", show=False),
    ]
    DEFAULT_CSS = "ChoiceField { height: 1; width: 1fr; background: $desk-surface; }"

    class Changed(Message):
        """Another one was chosen."""

    def __init__(self, title: str, choices: Sequence[Choice], value: str, *, free: bool = False, id: str) -> None:
        super().__init__(id=id)
        self._title = title
        self._choices = list(choices)
        self._free = free
        self.value = value

    def offer(self, choices: Sequence[Choice], value: str) -> None:
        """Offer these; what was chosen already stays where it is among them."""
        self._choices = list(choices)
        known = any(choice.value == self.value for choice in choices)
        self.value = self.value if known and self.value else value
        self.refresh()

    def action_step(self, steps: int) -> None:
        """Take the next one."""
        if self._choices:
            places = [place for place, choice in enumerate(self._choices) if choice.value == self.value]
            self._take(self._choices[((places or [-1])[0] + steps) % len(self._choices)].value)

    def action_choose(self) -> None:
        """Show all of them."""
        self.run_worker(self._chosen(), exclusive=True)

    async def _chosen(self) -> None:
        # a digit or letters pick: where a free word is an answer, an empty choice would stand in its way
        choices = [choice for choice in self._choices if choice.value] if self._free else self._choices
        found = await self.app.push_screen_wait(Chooser(self._title, choices, self._free, current=self.value))
        if found is not None:
            self._take(found)

    def _take(self, value: str) -> None:
        self.value = value
        self.refresh()
        self.post_message(self.Changed())

    def render_line(self, y: int) -> Strip:
        """Return the value, with a sign that there are others."""
        label = next((choice.label for choice in self._choices if choice.value == self.value), safe(self.value))
        ground = "sel" if self.has_focus else "surface"
        width = self.size.width
        role = "strong" if self.has_focus else "text" if self.value else "muted"
        left: list[Part] = [(cut(label, width - 3), role)]
        if self.look.bare and not self.has_focus:
            left.append(("_" * max(0, width - cells(left[0][0]) - 3), "rule"))
        return strip(self.look, width, left, [(" ▾", "accent" if self.has_focus else "muted")], ground=ground)

    def on_focus(self) -> None:
        """Show that the keys are for this field."""
        self.refresh()

    def on_blur(self) -> None:
        """Show that they no longer are."""
        self.refresh()

    def on_click(self) -> None:
        """Show all of them."""
        self.action_choose()


class FormRow(Vertical):
    """A field with its label; an error stands under it only while there is one.

    Args:
        needed: whether it must be filled.
    """

    DEFAULT_CSS = f"""
    FormRow {{ height: auto; padding: 0 {MARGIN}; }}
    FormRow Horizontal {{ height: 1; }}
    FormRow .label {{ width: {LABEL}; }}
    FormRow .wrong {{ display: none; }}
    FormRow.-wrong .wrong {{ display: block; }}
    FormRow.-area {{ height: 1fr; min-height: 1; }}
    FormRow.-area Horizontal {{ height: 1fr; }}
    FormRow FormField, FormRow FormField:focus, FormRow FormField:ansi {{ width: 1fr; background: $desk-surface; }}
    FormRow FormArea {{
        height: 1fr; width: 1fr; border: none; padding: 0; background: $desk-surface; color: $desk-text;
        scrollbar-size-vertical: 1;
    }}
    FormRow FormArea:focus {{ border: none; }}
    FormRow FormArea .text-area--cursor-line {{ background: $desk-surface; }}
    """

    def __init__(self, name: str, label: str, field: Widget, *, needed: bool = False) -> None:
        super().__init__(id=f"row-{name}", classes="-area" if isinstance(field, FormArea) else "")
        self._label = label
        self._needed = needed
        self._field = field

    def compose(self) -> ComposeResult:
        """Lay label, field and error out."""
        with Horizontal():
            yield Line(ground="raised").add_class("label")
            yield self._field
        yield Line(ground="raised").add_class("wrong")

    def on_mount(self) -> None:
        """Show the label."""
        self._show_label(focused=False)

    def _show_label(self, *, focused: bool) -> None:
        star: list[Part] = [(" *", "accent")] if self._needed else []
        label = column(self._label, LABEL - 2) if not star else self._label
        self.query_one(".label", Line).put([(label, "accent+b" if focused else "muted"), *star])

    def on_descendant_focus(self, _event: events.DescendantFocus) -> None:
        """Show by the label where the keys go."""
        self._show_label(focused=True)

    def on_descendant_blur(self, _event: events.DescendantBlur) -> None:
        """Show that they go elsewhere."""
        self._show_label(focused=False)

    def say(self, wrong: str) -> None:
        """Say what is wrong under the field; empty takes it back."""
        self.set_class(bool(wrong), "-wrong")
        parts: list[Part] = [(" " * LABEL, "text"), ("! ", "danger+b"), (wrong, "danger")] if wrong else []
        self.query_one(".wrong", Line).put(parts)


def choices_of(pairs: Sequence[tuple[str, str]]) -> list[Choice]:
    """Return pairs of a name and its label as choices."""
    return [Choice(name, safe(label) or _("without a name")) for name, label in pairs]
