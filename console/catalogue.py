"""Writes `locale/deskline.pot`: every text of the program that a person reads, found in the source.

Three kinds: arguments of `_`, `N_` and `ngettext`; docstrings of errors, which are their messages; docstrings of commands, which are
their help. Run as `python -m console.catalogue`.
"""

from __future__ import annotations

import ast
import inspect
from collections.abc import Iterable, Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TARGET = ROOT / "console" / "locale" / "deskline.pot"
PACKAGES = ("console", "core", "data", "intake")
_HEAD = 'msgid ""\nmsgstr ""\n"Content-Type: text/plain; charset=UTF-8\\n"\n"Plural-Forms: nplurals=2; plural=(n != 1);\\n"\n'

Message = tuple[str, str | None]


def catalogue(root: Path = ROOT) -> str:
    """Return the catalogue of all texts, in order of file and line."""
    trees = {
        path: ast.parse(path.read_text()) for package in PACKAGES for path in sorted((root / package).rglob("*.py"))
    }
    errors = _errors(trees.values())
    found: dict[Message, list[str]] = {}
    for path, tree in trees.items():
        for message in _texts(tree, errors):
            places = found.setdefault(message, [])
            place = path.relative_to(root).as_posix()
            if place not in places:
                places.append(place)
    return _HEAD + "".join(_entry(message, places) for message, places in found.items())


def _errors(trees: Iterable[ast.Module]) -> set[str]:
    """Return the names of all classes that descend from DeskError."""
    bases: dict[str, set[str]] = {}
    for tree in trees:
        for node in ast.walk(tree):
            if isinstance(node, ast.ClassDef):
                names = {
                    base.id if isinstance(base, ast.Name) else base.attr
                    for base in node.bases
                    if isinstance(base, ast.Name | ast.Attribute)
                }
                bases.setdefault(node.name, set()).update(names)
    known = {"DeskError"}
    while True:
        more = {name for name, parents in bases.items() if parents & known} - known
        if not more:
            return known
        known |= more


def _texts(tree: ast.Module, errors: set[str]) -> Iterator[Message]:
    nodes = [node for node in ast.walk(tree) if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.Call)]
    for node in sorted(nodes, key=lambda each: (each.lineno, each.col_offset)):
        match node:
            case ast.ClassDef(name=name) if name in errors and (text := ast.get_docstring(node, clean=False)):
                yield inspect.cleandoc(text), None
            case ast.FunctionDef(decorator_list=decorators) if any(map(_is_command, decorators)):
                yield inspect.cleandoc(ast.get_docstring(node, clean=False) or ""), None
            case ast.Call(func=ast.Name(id="_" | "N_"), args=[ast.Constant(value=str(text)), *_]) if text:
                yield text, None
            case ast.Call(
                func=ast.Name(id="ngettext"), args=[ast.Constant(value=str(one)), ast.Constant(value=str(many)), *_]
            ):
                yield one, many


def _is_command(decorator: ast.expr) -> bool:
    return isinstance(decorator, ast.Call) and isinstance(decorator.func, ast.Name) and decorator.func.id == "command"


def _entry(message: Message, places: list[str]) -> str:
    one, many = message
    lines = ["", *(f"#: {place}" for place in places)]
    if "{" in one:
        lines.append("#, python-brace-format")
    lines.append(f"msgid {_quoted(one)}")
    if many is None:
        lines.append('msgstr ""')
    else:
        lines += [f"msgid_plural {_quoted(many)}", 'msgstr[0] ""', 'msgstr[1] ""']
    return "\n".join(lines) + "\n"


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\t", "\\t")
    if "\n" not in escaped:
        return f'"{escaped}"'
    return '""\n' + "\n".join(f'"{part}\\n"' for part in escaped.split("\n")[:-1]) + f'\n"{escaped.split(chr(10))[-1]}"'


if __name__ == "__main__":
    TARGET.write_text(catalogue())
