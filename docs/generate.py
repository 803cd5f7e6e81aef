"""Writes docs/reference/ from the code: `python docs/generate.py`; `--check` only says whether it is up to date."""

from __future__ import annotations

import dataclasses
import inspect
import sys
import typing
from collections.abc import Iterator
from pathlib import Path
from typing import Any

REFERENCE = Path(__file__).with_name("reference")


def commands() -> str:
    """Return the reference of all commands, from their help."""
    from console.commands.tree import root

    lines = [
        "# Commands",
        "",
        "Each takes `--help`. Exit codes: 0 done, 1 failed, 2 wrong usage, 3 not found, 4 not allowed, 5 desk unavailable.",
        "",
    ]
    for path, command in _leaves(root(), ("deskline",)):
        lines += [f"## {' '.join(path)}", "", inspect.cleandoc(command.help or ""), ""]
        example = (command.epilog or "").strip().splitlines()
        lines += ["```", example[-1].strip() if example else " ".join(path), "```", ""]
        rows = []
        for parameter in command.params:
            names = ", ".join(f"`{each}`" for each in parameter.opts + parameter.secondary_opts)
            if parameter.param_type_name == "argument":
                names = f"`{parameter.metavar or (parameter.name or '').upper()}`"
            text = " ".join((getattr(parameter, "help", None) or "").split())
            if "--help" not in parameter.opts:
                rows.append(f"| {names} | {text} |")
        if rows:
            lines += ["| option | meaning |", "| --- | --- |", *rows, ""]
    return "\n".join(lines).rstrip() + "\n"


def _leaves(command: Any, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], Any]]:
    if hasattr(command, "commands"):
        for name in command.commands:
            yield from _leaves(command.commands[name], (*path, name))
    else:
        yield path, command


def events() -> str:
    """Return the reference of the journal's vocabulary."""
    from core.events import VOCABULARY

    lines = [
        "# Events",
        "",
        "Every kind of thing that the journal holds. `case_id`, `work_id`, `agent_id` and `queue_id` are columns, the rest is `data`.",
        "",
    ]
    for kind, cls in sorted(VOCABULARY.items()):
        names = ", ".join(f"`{each.name}`" for each in dataclasses.fields(cls))
        lines += [f"## {kind}", "", inspect.getdoc(cls) or "", "", f"Fields: {names}.", ""]
    return "\n".join(lines).rstrip() + "\n"


def actions() -> str:
    """Return the reference of the action registry."""
    import core.actions.all  # noqa: F401 - makes the registry whole
    from core.actions.arguments import is_scriptable, written_type
    from core.actions.registry import REGISTRY

    lines = [
        "# Actions",
        "",
        "Everything that a person, a rule or a program can do to a desk, with the lowest role that may.",
        "`deskline action run NAME key=value …` carries one out; those of open consoles are marked.",
        "",
    ]
    for name, found in sorted(REGISTRY.items()):
        undone = f"`{found.undone_by}` takes it back" if found.undone_by else "It cannot be taken back"
        facts = [f"Role: {found.role}", f"touches {', '.join(found.touches)}"]
        facts += ["mail intake may do it too"] if found.intake else []
        facts += [] if is_scriptable(found) else ["only consoles and the configuration do it"]
        body = found.description.partition("\n\nArgs:")[0]
        lines += [f"## {name}", "", body, "", f"{'; '.join(facts)}. {undone}.", ""]
        if found.parameters:
            lines += ["| parameter | type | | |", "| --- | --- | --- | --- |"]
            for each in found.parameters:
                shown = (written_type(each.type) if is_scriptable(found) else _type_name(each.type)).replace("|", "\\|")
                needed = "required" if each.required else f"else `{each.default!r}`"
                lines.append(f"| `{each.name}` | {shown} | {needed} | {each.meaning} |")
            lines.append("")
    return "\n".join(lines).rstrip() + "\n"


def configuration() -> str:
    """Return the reference of the configuration document."""
    from core.config.document import SECTIONS, Address, ClassificationRule, Entry, Imap, Secret, Smtp, Variant
    from core.config.starter import starter
    from core.config.writing import dump

    lines = [
        "# Configuration",
        "",
        "The sections of the YAML document that `deskline apply` takes. A field that is left out has its default.",
        "",
    ]
    parts: list[tuple[str, type[Entry]]] = [*SECTIONS.items()]
    parts += [
        ("mailboxes: imap", Imap),
        ("mailboxes: smtp", Smtp),
        ("mailboxes: password", Secret),
        ("mailboxes: addresses", Address),
        ("templates: languages", Variant),
        ("classifications: rules", ClassificationRule),
    ]
    for title, model in parts:
        lines += [
            f"## {title}",
            "",
            inspect.getdoc(model) or "",
            "",
            "| field | type | default |",
            "| --- | --- | --- |",
        ]
        for name, field in model.model_fields.items():
            default = "required" if field.is_required() else _default(field.get_default(call_default_factory=True))
            shown = _type_name(field.annotation).replace("|", "\\|")
            lines.append(f"| `{field.serialization_alias or name}` | {shown} | {default} |")
        lines.append("")
    lines += ["## What a new desk has", "", "```yaml", dump(starter()).rstrip(), "```"]
    return "\n".join(lines).rstrip() + "\n"


def conditions() -> str:
    """Return the reference of conditions: their fields and functions."""
    from core.conditions.case_fields import of_configuration
    from core.conditions.event_fields import RECORDS, of_events
    from core.conditions.functions import FUNCTIONS

    lines = [
        "# Conditions",
        "",
        "One language wherever the desk asks a question. Fields and values that only your desk has, such as its queues, are told by",
        "`deskline condition fields`.",
        "",
        "| written | means |",
        "| --- | --- |",
        *(f"| {written} | {means} |" for written, means in _LANGUAGE),
        "",
        "Where a value is missing, a comparison is neither true nor false but unknown, and so is its `not`; `and` and `or` go on as far as",
        "the known parts decide. A condition holds when it is true.",
        "",
        "What cannot be decided, such as a division by zero, is not looked at where a part before it decides: `and` and `or` go from left",
        "to right. A list says which case it could not be decided for; so ask first for what makes it possible:",
        "`case.level > 1 and 1 / (case.level - 1) > 2`.",
        "",
    ]
    fields = of_events(of_configuration()).fields.values()
    for record in dict.fromkeys(each.record for each in fields):
        lines += [f"## {record}", ""]
        lines += ["Known only where an event is asked about.", ""] if record in RECORDS else []
        lines += ["| field | type | what it says | such as |", "| --- | --- | --- | --- |"]
        lines += [
            f"| `{each.path}` | {each.type} | {each.summary} | {_sample(each.sample)} |"
            for each in fields
            if each.record == record
        ]
        lines.append("")
    lines += ["## Functions", "", "| function | gives | what it says |", "| --- | --- | --- |"]
    for name, each in FUNCTIONS.items():
        takes = ", ".join(
            " or ".join(kinds) if n < each.least else f"[{kinds[0]}]" for n, kinds in enumerate(each.takes)
        )
        lines.append(f"| `{name}({takes})` | {each.gives or 'as the first'} | {each.summary} |")
    return "\n".join(lines).rstrip() + "\n"


def _sample(value: Any) -> str:
    """Return a sample as a condition writes it."""
    if isinstance(value, tuple):
        return f"`{', '.join(value)}`"
    return "" if value is None else f"`{str(value).lower() if isinstance(value, bool) else value}`"


_LANGUAGE = (
    ('`case.type == "problem"`, `!=`', "equal, not equal; great and small letters differ"),
    ("`case.priority >= 4`, `<`, `<=`, `>`, `1 < case.priority < 4`", "order of numbers, moments and durations"),
    ('`case.status in ["new", "open"]`, `not in`', "one of several values"),
    ('`"maya" in case.followers`', "whether a list holds a value"),
    ("`case.type is missing`, `is not missing`", "whether there is a value"),
    ("`and`, `or`, `not`, `( )`", "as they read"),
    ("`+ - * /`", "numbers, moments and durations; `now() - hours(4)`"),
    ("`message.auto`, `true`, `false`", "yes or no, by itself a condition"),
)


def keys() -> str:
    """Return the key sheet of the console, from its registry of commands."""
    from console.keys import COMMANDS, SCREENS, grouped, shown

    lines = [
        "# Keys",
        "",
        "What can be done on the screens of the console, and by which keys. `ctrl+p` finds each by its label; `?` shows those of a screen.",
        "",
        "Other keys come from `keys.yaml` in `~/.config/deskline`: one command a line, with a key or a list of keys. "
        "A key for two commands of one screen is refused with both names.",
        "",
        "```yaml",
        "case.reply: R",
        "case.transfer: [t, ctrl+t]",
        "```",
        "",
    ]
    for group, found in grouped(COMMANDS).items():
        lines += [f"## {group}", "", "| keys | | command | where | |", "| --- | --- | --- | --- | --- |"]
        for each in found:
            pressed = " ".join(f"`{shown(key)}`" for key in each.keys) or "none"
            where = ", ".join(SCREENS[screen][1] for screen in each.screens) or "everywhere"
            told = each.explained + (f" Takes a {each.role}." if each.role != "agent" else "")
            lines.append(f"| {pressed} | {each.label} | `{each.name}` | {where} | {told.strip()} |")
        lines.append("")
    return "\n".join(lines).rstrip() + "\n"


def _default(value: Any) -> str:
    if value is None or value in ("", (), {}):
        return "none"
    if isinstance(value, tuple):
        return ", ".join(f"`{each}`" for each in value)
    return f"`{str(value).lower() if isinstance(value, bool) else value}`"


def _type_name(annotation: Any) -> str:
    origin = typing.get_origin(annotation)
    if origin is typing.Literal:
        return " | ".join(f"`{each}`" for each in typing.get_args(annotation))
    if origin is not None and hasattr(annotation, "__metadata__"):
        return _type_name(typing.get_args(annotation)[0])
    if origin is not None:
        inner = [_type_name(each) for each in typing.get_args(annotation) if each is not Ellipsis]
        union = getattr(origin, "__name__", "") in ("Union", "UnionType")
        return " | ".join(inner) if union else f"{getattr(origin, '__name__', origin)} of {', '.join(inner)}".lower()
    return {type(None): "nothing"}.get(
        annotation, getattr(annotation, "__name__", str(annotation)).replace("Decimal", "number")
    )


PAGES = {
    "commands": commands,
    "conditions": conditions,
    "events": events,
    "actions": actions,
    "configuration": configuration,
    "keys": keys,
}


def main() -> int:
    """Write the pages, or with --check compare them; 1 when one is out of date."""
    REFERENCE.mkdir(exist_ok=True)
    stale = []
    for name, page in PAGES.items():
        path = REFERENCE / f"{name}.md"
        text = page()
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            stale.append(path.name)
            if "--check" not in sys.argv:
                path.write_text(text, encoding="utf-8")
    if stale and "--check" in sys.argv:
        sys.stderr.write(f"Out of date: {', '.join(stale)}. Run: python docs/generate.py\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
