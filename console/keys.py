"""The one registry of what can be done on a screen: keys, footer, palette, help and the key sheet all come from it.

A command has a name (`case.reply`), and the screens that offer it have a method of that name (`do_case_reply`). A user may give a
command other keys in `keys.yaml`; a clash is refused with both names.
"""

# ruff: noqa: E501 - the registry is a table, a command a line
from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from console.i18n import N_, _
from data.errors import WrongUsage

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

WORK, CASES, SUPERVISE = "work", "cases", "supervise"
SCREENS = {WORK: ("1", N_("Work")), CASES: ("2", N_("Cases")), SUPERVISE: ("5", N_("Supervise"))}
"""Each screen's digit, which stays the same for everybody, and its name."""


class BadKeys(WrongUsage):
    """{path}: {what}"""


@dataclass(frozen=True, slots=True)
class Command:
    """Something that a key, the palette or the footer does.

    Args:
        name: noun and verb, as in `case.reply`.
        label: what it does, in one to three words.
        keys: Textual's names of its keys; the first one is shown.
        group: under which head of the help it stands.
        screens: where it is offered; empty is everywhere.
        explained: what it will do, for the palette's last line.
        role: the lowest role that may.
        writing: whether its keys also work while a text field has the focus.
    """

    name: str
    label: str
    keys: tuple[str, ...]
    group: str
    screens: tuple[str, ...] = ()
    explained: str = ""
    role: str = "agent"
    writing: bool = False


CASE, OFFER, WRITING, LISTS, ABOUT, EVERYWHERE, TEAM = (
    N_("This case"),
    N_("Offer"),
    N_("Writing"),
    N_("Lists"),
    N_("Getting about"),
    N_("Everywhere"),
    N_("Team"),
)
_ON_CASES = (WORK, CASES)

COMMANDS = {
    command.name: command
    for command in (
        Command("case.reply", N_("reply"), ("r",), CASE, _ON_CASES, N_("Opens the composer for an answer to the customer.")),
        Command("case.note", N_("note"), ("n",), CASE, _ON_CASES, N_("Opens the composer for a note that only colleagues see.")),
        Command("case.transfer", N_("transfer"), ("t",), CASE, (WORK, CASES, SUPERVISE), N_("Sends the case to a queue's line or to an agent.")),
        Command("case.resolve", N_("resolve"), ("c",), CASE, _ON_CASES, N_("Marks the case as solved; your capacity is free.")),
        Command("case.close", N_("close for good"), ("C",), CASE, _ON_CASES, N_("Closes the case; an answer to it opens a new one."), "supervisor"),
        Command("case.reopen", N_("reopen"), ("O",), CASE, _ON_CASES, N_("Takes the case up again: it goes back into its queue's line.")),
        Command("case.hold", N_("hold"), ("h",), CASE, _ON_CASES, N_("Sets the case aside with a reason, until a date brings it back.")),
        Command("case.take", N_("take it"), ("T",), CASE, _ON_CASES, N_("Gives the case to you at once.")),
        Command("case.follow", N_("follow"), ("f",), CASE, _ON_CASES, N_("Makes you follow the case.")),
        Command("case.fold", N_("quoted text"), ("x",), CASE, _ON_CASES, N_("Unfolds or folds quoted text and signatures.")),
        Command("case.files", N_("save a file"), ("s",), CASE, _ON_CASES, N_("Saves an attachment to your folder.")),
        Command("case.send_again", N_("send again"), ("ctrl+r",), CASE, (WORK,), N_("Sends the answer that failed once more."), writing=True),
        Command("case.undo", N_("undo the sending"), ("u",), CASE, (WORK,), N_("Takes the answer back into the composer while its time runs.")),
        Command("case.copy", N_("copy the number"), ("y",), CASE, _ON_CASES, N_("Copies the case's number to the clipboard of the terminal.")),
        Command("offer.accept", N_("accept"), ("a",), OFFER, (), N_("Takes the offered work.")),
        Command("offer.accept_anywhere", N_("accept, anywhere"), ("f2",), OFFER, (), N_("Takes the offered work, also while you write."), writing=True),
        Command("offer.decline", N_("decline"), ("d",), OFFER, (), N_("Hands the offered work on; it asks why where a reason is required.")),
        Command("write.send", N_("send"), ("ctrl+s", "f5"), WRITING, (WORK,), N_("Sends the answer after a few seconds in which you can take it back."), writing=True),
        Command("write.mode", N_("note or reply"), ("ctrl+o",), WRITING, (WORK,), N_("Changes between an answer and an internal note."), writing=True),
        Command("write.editor", N_("editor"), ("f4",), WRITING, (WORK,), N_("Opens what you write in your own editor."), writing=True),
        Command("write.file", N_("write to a file"), ("f9",), WRITING, (WORK,), N_("Writes the draft to a file in your folder."), writing=True),
        Command("write.discard", N_("discard the draft"), (), WRITING, (WORK,), N_("Throws the draft away, after asking."), writing=True),
        Command("list.down", N_("down"), ("j", "down"), LISTS),
        Command("list.up", N_("up"), ("k", "up"), LISTS),
        Command("list.first", N_("first"), ("home",), LISTS),
        Command("list.last", N_("last"), ("end",), LISTS),
        Command("list.half_down", N_("half a page down"), ("ctrl+d",), LISTS),
        Command("list.half_up", N_("half a page up"), ("ctrl+u",), LISTS),
        Command("list.open", N_("open"), ("enter",), LISTS, explained=N_("Opens what the cursor is on.")),
        Command("list.find", N_("find"), ("/",), LISTS, (), N_("Goes to the list of cases and searches it.")),
        Command("list.select", N_("select"), ("space",), LISTS, (CASES,), N_("Selects cases for an action on all of them.")),
        Command("list.sort", N_("sort"), ("o",), LISTS, (CASES,), N_("Changes the order of the list.")),
        Command("list.preview", N_("preview"), ("v",), LISTS, (CASES,), N_("Shows or hides the preview.")),
        Command("list.save_view", N_("save view"), ("ctrl+s",), LISTS, (CASES,), N_("Keeps this view and search under a name."), writing=True),
        Command("list.next_view", N_("next view"), ("right_square_bracket",), LISTS, (CASES,)),
        Command("list.previous_view", N_("previous view"), ("left_square_bracket",), LISTS, (CASES,)),
        Command("team.status", N_("set status"), ("s",), TEAM, (SUPERVISE,), N_("Changes the status of the agent under the cursor."), "supervisor"),
        Command("team.move", N_("move work"), ("m",), TEAM, (SUPERVISE,), N_("Sends the work under the cursor to a queue or an agent."), "supervisor"),
        Command("team.wall", N_("wall"), ("W",), TEAM, (SUPERVISE,), N_("Shows the queues alone, for a big screen.")),
        Command("go.work", N_("work"), ("1",), ABOUT, (), N_("Goes to your work.")),
        Command("go.cases", N_("cases"), ("2",), ABOUT, (), N_("Goes to the list of all cases.")),
        Command("go.supervise", N_("supervise"), ("5",), ABOUT, (), N_("Goes to the queues and agents."), "supervisor"),
        Command("go.next_pane", N_("next pane"), ("tab",), ABOUT, writing=True),
        Command("go.previous_pane", N_("previous pane"), ("shift+tab",), ABOUT, writing=True),
        Command("go.zoom", N_("zoom the pane"), ("z",), ABOUT, (), N_("Gives the whole width to this pane, or gives it back.")),
        Command("go.guide", N_("guide"), ("g",), ABOUT, (WORK,), N_("Goes to the work guide; a second time to the facts.")),
        Command("go.back", N_("back, keeps text"), ("escape",), ABOUT, writing=True),
        Command("desk.status", N_("status"), ("p",), EVERYWHERE, (), N_("Changes whether and for what you are present.")),
        Command("desk.new_case", N_("new case"), ("ctrl+n",), EVERYWHERE, (), N_("Writes down a call or a visit as a case."), writing=True),
        Command("desk.palette", N_("commands"), ("ctrl+p", "colon"), EVERYWHERE, writing=True),
        Command("desk.help", N_("help"), ("question_mark", "f1"), EVERYWHERE, writing=True),
        Command("desk.theme", N_("theme"), (), EVERYWHERE, (), N_("Changes the colours: dark, light, contrast, 16 colours, none.")),
        Command("desk.try_now", N_("try now"), ("ctrl+r",), EVERYWHERE, (), N_("Looks for the desk at once when it is away."), writing=True),
        Command("desk.quit", N_("close the console"), ("ctrl+q",), EVERYWHERE, (), N_("Closes the console; drafts are kept."), writing=True),
    )
}  # fmt: skip

_SHOWN = {
    "question_mark": "?",
    "colon": ":",
    "right_square_bracket": "]",
    "left_square_bracket": "[",
    "escape": "esc",
    "home": "Home",
    "end": "End",
}


def shown(key: str) -> str:
    """Return a key as people write it: `F2`, `?`, `esc`."""
    if key[:1] == "f" and key[1:].isdigit():
        return key.upper()
    return _SHOWN.get(key, key)


class Keys:
    """Which keys a command has for this user."""

    def __init__(self, changed: Mapping[str, tuple[str, ...]] | None = None) -> None:
        self._changed = dict(changed or {})

    def of(self, name: str) -> tuple[str, ...]:
        """Return the keys of a command."""
        return self._changed.get(name, COMMANDS[name].keys)

    def shown(self, name: str, *, writing: bool = False) -> str:
        """Return the key to show for a command: while writing the one that a text field leaves alone."""
        keys = self.of(name)
        if writing:
            keys = tuple(key for key in keys if len(key) > 1 and key not in ("question_mark", "colon")) or keys
        return shown(keys[0]) if keys else ""

    def keymap(self) -> dict[str, str]:
        """Return the changes as Textual's keymap."""
        return {name: ",".join(keys) for name, keys in self._changed.items()}


def on_screen(screen: str) -> list[Command]:
    """Return the commands that a screen offers."""
    return [command for command in COMMANDS.values() if not command.screens or screen in command.screens]


def keys_file(environ: Mapping[str, str]) -> Path:
    """Return where a user's own keys stand."""
    base = environ.get("XDG_CONFIG_HOME", "").strip() or os.path.expanduser("~/.config")
    return Path(base) / "deskline" / "keys.yaml"


def read_keys(path: Path) -> Keys:
    """Return the keys with what a user's file changes; the file maps names of commands to a key or to a list of keys.

    Raises:
        BadKeys: it cannot be read, names an unknown command, or gives one key to two commands of one screen.
    """
    if not path.exists():
        return Keys()
    import yaml

    try:
        found = yaml.safe_load(path.read_text(encoding="utf-8")) or {}
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise BadKeys(path=path, what=" ".join(str(error).split())) from error
    if not isinstance(found, dict):
        raise BadKeys(path=path, what=_("write one command a line, as in: case.reply: r"))
    changed: dict[str, tuple[str, ...]] = {}
    for name, value in found.items():
        if name not in COMMANDS:
            import difflib

            near = difflib.get_close_matches(str(name), COMMANDS, 1)
            hint = _(" Did you mean {name}?").format(name=near[0]) if near else ""
            raise BadKeys(path=path, what=_("there is no command {name}.").format(name=name) + hint)
        keys = [value] if isinstance(value, (str, int)) else value
        if not isinstance(keys, list) or not all(isinstance(key, (str, int)) and str(key).strip() for key in keys):
            raise BadKeys(path=path, what=_("{name} takes a key or a list of keys.").format(name=name))
        changed[name] = tuple(_textual(str(key).strip()) for key in keys)
    keys_of = Keys(changed)
    clash = first_clash(keys_of)
    if clash is not None:
        key, one, other = clash
        raise BadKeys(
            path=path, what=_("{key} is given to both {one} and {other}.").format(key=shown(key), one=one, other=other)
        )
    return keys_of


def _textual(key: str) -> str:
    names = {shown_as: name for name, shown_as in _SHOWN.items()}
    return names.get(key, key.lower() if len(key) > 1 else key)


MAY_SHARE = frozenset({frozenset({"case.send_again", "desk.try_now"})})
"""Pairs that share a key on purpose: one of them is possible only while the other is not."""


def first_clash(keys: Keys) -> tuple[str, str, str] | None:
    """Return a key that two commands of one screen have, with both names, or None."""
    for screen in SCREENS:
        owners: dict[str, str] = {}
        for command in on_screen(screen):
            for key in keys.of(command.name):
                other = owners.setdefault(key, command.name)
                if other != command.name and frozenset({other, command.name}) not in MAY_SHARE:
                    return key, other, command.name
    return None


def grouped(names: Iterable[str]) -> dict[str, list[Command]]:
    """Return commands under the heads of the help, in the registry's order."""
    found: dict[str, list[Command]] = {}
    wanted = set(names)
    for command in COMMANDS.values():
        if command.name in wanted:
            found.setdefault(command.group, []).append(command)
    return found
