"""A document as a file: readable, stable, and read back as the same document.

Only what differs from a field's default is written, entries by name. The desk and its name always stand, since a file
without a `desk` section says nothing about the desk.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

import yaml

from core.config.document import SECTIONS, Document, Entry
from core.config.scalars import reads_as_other

_WIDTH = 110


class _Flow(dict[str, Any]):
    """A mapping that stands on one line."""


class _Dumper(yaml.SafeDumper):
    """Quotes what any reader of YAML would take for something else, keeps lists on one line, and knows amounts."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


def _represent_text(dumper: yaml.SafeDumper, text: str) -> yaml.Node:
    if "\n" in text:
        return dumper.represent_scalar("tag:yaml.org,2002:str", text, style="|")
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style='"' if reads_as_other(text) else None)


def _represent_amount(dumper: yaml.SafeDumper, amount: Decimal) -> yaml.Node:
    kind = "int" if amount == int(amount) else "float"
    return dumper.represent_scalar(f"tag:yaml.org,2002:{kind}", format(amount, "f"))


def _represent_list(dumper: yaml.SafeDumper, items: Sequence[Any]) -> yaml.Node:
    of_entries = any(isinstance(each, Mapping) for each in items)
    return dumper.represent_sequence("tag:yaml.org,2002:seq", items, flow_style=not of_entries)


def _represent_flow(dumper: yaml.SafeDumper, fields: _Flow) -> yaml.Node:
    return dumper.represent_mapping("tag:yaml.org,2002:map", fields, flow_style=True)


_Dumper.add_representer(str, _represent_text)
_Dumper.add_representer(Decimal, _represent_amount)
_Dumper.add_representer(list, _represent_list)
_Dumper.add_representer(tuple, _represent_list)
_Dumper.add_representer(_Flow, _represent_flow)


def dump(document: Document) -> str:
    """The document as YAML."""
    plain: dict[str, Any] = {"desk": {"name": document.desk.name, **_written(document.desk)}}
    for section in SECTIONS:
        entries = document.section(section)
        if section != "desk" and entries:
            plain[section] = {name: _shaped(_written(entry)) for name, entry in sorted(entries.items())}
    return "\n".join(_dumped({section: entries}) for section, entries in plain.items())


def _dumped(plain: dict[str, Any]) -> str:
    text: str = yaml.dump(plain, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=_WIDTH)
    return text


def _written(entry: Entry) -> dict[str, Any]:
    return entry.model_dump(by_alias=True, exclude_defaults=True)


def _shaped(value: Any) -> Any:
    """Puts a mapping on one line when it holds no other and fits; a mailbox's addresses come by name."""
    if isinstance(value, list | tuple):
        return [_shaped(each) for each in value]
    if not isinstance(value, Mapping):
        return value
    shaped = {key: _shaped(inner) for key, inner in value.items()}
    if "addresses" in shaped:
        shaped["addresses"] = dict(sorted(shaped["addresses"].items()))
    nested = any(isinstance(inner, Mapping) or (isinstance(inner, str) and "\n" in inner) for inner in shaped.values())
    length = sum(len(f"{key}: {inner}, ") for key, inner in shaped.items())
    return _Flow(shaped) if not nested and length < _WIDTH - 30 else shaped
