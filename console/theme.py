"""Colour roles, and the five themes that fill them: dark, light, high contrast, 16 colours, no colour at all.

A widget asks for a role on a ground (`look.style("muted", "sel")`), never for a colour. Sign and word come first, so each theme may
leave colours out: in 16 colours grounds are the terminal's own, and without colour bold and reverse carry what is left.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from rich.style import Style
from textual.theme import Theme

if TYPE_CHECKING:
    from collections.abc import Mapping

ROLES = ("text", "strong", "muted", "faint", "rule", "accent", "warn", "danger", "note")
"""What text can be."""
GROUNDS = ("bg", "surface", "raised", "sel", "selq", "offer", "alert", "notebg")
"""What text can stand on; besides them `badge`, `badge-warn` and `badge-danger`, which are filled with the role's colour."""


class Palette(NamedTuple):
    """The colours of one theme; those of 16 colours are the terminal's names, empty where the terminal's own default stands."""

    name: str
    dark: bool
    colours: Mapping[str, str]
    ink: str
    """What stands on a badge."""
    ansi: bool = False
    monochrome: bool = False


def _full(name: str, dark: bool, ink: str, **colours: str) -> Palette:
    return Palette(name, dark, colours, ink)


_SIXTEEN_DARK = {"accent": "bright_cyan", "warn": "bright_yellow", "danger": "bright_red", "note": "bright_magenta"}
_SIXTEEN_LIGHT = {"accent": "blue", "warn": "red", "danger": "red", "note": "magenta"}

PALETTES = {
    palette.name: palette
    for palette in (
        _full(
            "dark",
            True,
            "#10141b",
            bg="#15181e",
            surface="#1b1f27",
            raised="#232834",
            text="#ccd1da",
            strong="#f3f5f8",
            muted="#98a0ae",
            faint="#5f6775",
            rule="#323945",
            accent="#86b7f7",
            warn="#e7b75f",
            danger="#f28b82",
            note="#bfa8ea",
            sel="#27344a",
            selq="#1f242e",
            offer="#1d3656",
            alert="#47262a",
            notebg="#1e1c28",
        ),
        _full(
            "light",
            False,
            "#ffffff",
            bg="#fbfbf9",
            surface="#f2f2ee",
            raised="#e6e6df",
            text="#2b2f36",
            strong="#0d0f12",
            muted="#5c636e",
            faint="#8b919b",
            rule="#d3d3cc",
            accent="#1c5cad",
            warn="#8a5300",
            danger="#b3261e",
            note="#6a46a8",
            sel="#d6e4f7",
            selq="#e9e9e4",
            offer="#d3e3f8",
            alert="#f9dcd8",
            notebg="#f3eff9",
        ),
        _full(
            "contrast",
            True,
            "#000000",
            bg="#000000",
            surface="#000000",
            raised="#000000",
            text="#ffffff",
            strong="#ffffff",
            muted="#d0d0d0",
            faint="#a0a0a0",
            rule="#8a8a8a",
            accent="#7cc4ff",
            warn="#ffd24a",
            danger="#ff9d94",
            note="#d9c2ff",
            sel="#ffffff",
            selq="#333333",
            offer="#00306e",
            alert="#5c0000",
            notebg="#000000",
        ),
        Palette("sixteen", True, _SIXTEEN_DARK, "black", ansi=True),
        Palette("sixteen-light", False, _SIXTEEN_LIGHT, "white", ansi=True),
        Palette("none", True, {}, "", ansi=True, monochrome=True),
    )
}


class Look:
    """How roles on grounds look in one theme."""

    def __init__(self, palette: Palette, *, ascii_signs: bool = False) -> None:
        self.palette = palette
        self.ascii_signs = ascii_signs
        self.bare = palette.ansi or palette.name == "contrast"
        """Whether surfaces cannot be told from the ground, so fields and buttons are drawn by signs."""
        self._styles: dict[tuple[str, str], Style] = {}

    def style(self, role: str = "text", ground: str = "bg") -> Style:
        """Return how text of a role looks on a ground.

        Args:
            role: one of ROLES, perhaps followed by marks: `+b` bold, `+u` underline, `+s` strike, and `+f` for the head of
                what has the focus: bold, and reverse where there is no colour.
            ground: one of GROUNDS, or a badge.
        """
        key = (role, ground)
        found = self._styles.get(key)
        if found is None:
            found = self._styles[key] = self._made(role, ground)
        return found

    def _made(self, role: str, ground: str) -> Style:
        name, *marks = role.split("+")
        bold = name == "strong" or "b" in marks or "f" in marks
        reverse = dim = False
        fill, ink = self._fill(ground)
        colour: str | None
        if self.palette.monochrome:
            bold = bold or name in ("accent", "danger", "warn") or ground[:5] == "badge"
            reverse = ground in ("sel", "offer", "alert") or ground[:5] == "badge" or "f" in marks
            colour = None
        elif self.palette.ansi:
            bold = bold or name == "danger"
            reverse = ground == "sel"
            colour = None if reverse else self.palette.colours.get(name)
        else:
            colour = self.palette.colours[name]
        if ink is not None:
            colour, bold = ink, True
        elif ground == "sel" and self.palette.name == "contrast":
            colour = "#000000"
        if self.palette.ansi:
            dim = name in ("faint", "rule") and not reverse
        return Style(
            color=colour,
            bgcolor=fill,
            bold=bold or None,
            dim=dim or None,
            reverse=reverse or None,
            underline=("u" in marks) or None,
            strike=("s" in marks) or None,
        )

    def _fill(self, ground: str) -> tuple[str | None, str | None]:
        """Return the colour of a ground, and of what stands on it where that is given."""
        if ground.startswith("badge"):
            if self.palette.monochrome:
                return None, None
            role = ground.partition("-")[2] or "accent"
            colour = self.palette.colours[role]
            return colour.removeprefix("bright_") if self.palette.ansi else colour, self.palette.ink
        return (None if self.palette.ansi else self.palette.colours[ground]), None


def variables(palette: Palette) -> dict[str, str]:
    """Return the palette as variables of a stylesheet: `$desk-text`, `$desk-rule` and so on."""
    default = {**dict.fromkeys(ROLES, "ansi_default"), **dict.fromkeys(GROUNDS, "ansi_default")}
    found = {name: (f"ansi_{value}" if palette.ansi else value) for name, value in palette.colours.items()}
    return {f"desk-{name}": value for name, value in {**default, **found}.items()}


def textual_theme(palette: Palette) -> Theme:
    """Return the palette as a theme of the application."""
    named = variables(palette)
    ground, text = named["desk-bg"], named["desk-text"]
    more = {"ansi-background": "ansi_default", "ansi-foreground": "ansi_default"} if palette.ansi else {}
    return Theme(
        name=f"desk-{palette.name}",
        primary=named["desk-accent"],
        warning=named["desk-warn"],
        error=named["desk-danger"],
        accent=named["desk-accent"],
        foreground=text,
        background=ground,
        surface=named["desk-surface"],
        panel=named["desk-raised"],
        dark=palette.dark,
        ansi=palette.ansi,
        variables={
            **named,
            **more,
            "input-cursor-background": text,
            "input-cursor-foreground": ground,
            "input-cursor-text-style": "reverse" if palette.ansi else "none",
            "input-selection-background": named["desk-sel"],
            "scrollbar": named["desk-rule"],
            "scrollbar-hover": named["desk-muted"],
            "scrollbar-active": named["desk-accent"],
            "scrollbar-background": ground,
            "scrollbar-background-hover": ground,
            "scrollbar-background-active": ground,
            "scrollbar-corner-color": ground,
        },
    )


def pick(chosen: str | None, environ: Mapping[str, str]) -> Palette:
    """Return the theme to use: none where NO_COLOR holds, else what was asked for, else what the terminal can show.

    Raises:
        KeyError: there is no theme of that name.
    """
    if environ.get("NO_COLOR"):
        return PALETTES["none"]
    if chosen:
        return PALETTES[chosen]
    term = environ.get("TERM", "")
    rich_colour = environ.get("COLORTERM", "") in ("truecolor", "24bit") or "256color" in term or "direct" in term
    return PALETTES["dark" if rich_colour or not term else "none" if term in ("dumb", "vt100") else "sixteen"]
