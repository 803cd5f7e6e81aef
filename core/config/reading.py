"""A configuration file read: the document that it states and where each field stands, or everything that is wrong
with it.

Each entry is checked by itself, and what is right in a wrong file is still checked against the rest, so that one run
shows all problems; what only follows from a problem already told is left out.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeVar

from pydantic import ValidationError
from pydantic_core import PydanticCustomError

from core.config.checks import Finding
from core.config.document import SECTIONS, Desk, Document, Entry
from core.config.language_checks import fields_named_in, spellings
from core.config.nodes import compose
from core.config.plain import Plain, Plainer, Unreadable
from core.config.plan import what_would_not_hold
from core.config.problems import ConfigRefused, Lines, Path, did_you_mean, got
from core.config.refusing import explain, problems_of
from core.config.values import check_name, nearest_field, nearest_name

Model = TypeVar("Model", bound=Entry)

# What stands for a part that is wrong or missing and that its entry cannot do without: so the other parts are still checked.
_RULE = {"when": "true", "set": {"level": 1}, "reason": "-"}
_STAND_INS: Mapping[str, Mapping[str, Plain]] = {
    "views": {"where": "true"},
    "templates": {"subject": "-", "text": "-"},
    "classifications": _RULE,
}


def read(
    text: str,
    source: str,
    existing: Document | None = None,
    prune: bool = False,
    besides: Callable[[Document], Iterable[Finding]] = lambda _wanted: (),
) -> tuple[Document, Lines]:
    """The document in a text.

    Args:
        text: YAML, one document.
        source: what to call the file in problems.
        existing: what the desk has: it may be referred to though the file does not name it. None for nothing.
        prune: whether what the file does not name is to be removed; then it may not be referred to, nor be in the way.
        besides: what else is wrong with the document, as only the desk's cases tell.

    Raises:
        ConfigRefused: with every problem found.
    """
    node = compose(text, source)
    plainer = Plainer(source)
    plain = plainer.read(node)
    reader = _Reader(plainer)
    document = reader.document(plain)
    reader.check_whole(
        [
            *what_would_not_hold(existing or Document(), document, prune, reader.doubtful_fields(plain, text)),
            *besides(document),
        ]
    )
    if reader.problems:
        raise ConfigRefused(reader.problems)
    return document, plainer.lines


class _Reader:
    """Collects the entries that could be read, and the problems of the others."""

    def __init__(self, plainer: Plainer) -> None:
        self.lines = plainer.lines
        self.problems = plainer.problems
        self.unreadable = plainer.unreadable
        self.told: set[Path] = set()
        self.around_told: set[Path] = set()
        # Entries that are named but could not be read: whoever refers to them is right to.
        self.unread: set[Path] = set()

    def document(self, plain: Plain) -> Document:
        if not isinstance(plain, dict):
            if not isinstance(plain, Unreadable):
                message = f"expected sections such as desk, queues and agents, got {got(plain)}"
                self.problems.append(self.lines.problem((), message))
            return Document()
        stated: dict[str, Any] = {}
        for section, entries in plain.items():
            if section not in SECTIONS:
                self._unknown_section(section)
            elif isinstance(entries, Unreadable):
                self.unread.add((section,))
            elif entries is not None and not isinstance(entries, dict):
                self.unread.add((section,))
                self.problems.append(self.lines.problem((section,), f"expected a mapping, got {got(entries)}"))
            elif section == "desk":
                stated["desk"] = self._entry(Desk, entries or {}, ("desk",)) or Desk()
            else:
                stated[section] = self._entries(section, entries or {})
        # Not `model_construct`: it would count every section as stated, the desk among them.
        return Document(**stated)

    def check_whole(self, findings: Iterable[Finding]) -> None:
        self.around_told = {place[:length] for place in self.told for length in range(1, len(place) + 1)}
        self.problems.extend(problems_of(filter(self._is_news, findings), self.lines))

    def doubtful_fields(self, plain: Plain, text: str) -> set[str]:
        """The names of the fields that the file declares wrongly, in whichever way conditions may spell them."""
        if ("fields",) in self.unread:
            return fields_named_in(text)
        section = plain.get("fields") if isinstance(plain, dict) else None
        places = [place for place in (*self.told, *self.unread) if place[2:] != ("label",)]
        faulty = {place[1] for place in places if place[0] == "fields" and len(place) > 1}
        return {each for name in section or () if name in faulty for each in spellings(name)}

    def _entries(self, section: str, plain: dict[str, Plain]) -> dict[str, Entry]:
        entries = {}
        for name, fields in plain.items():
            path = (section, name)
            entry = self._entry(SECTIONS[section], {} if fields is None else fields, path)
            if self._is_name(path) and entry is not None:
                entries[name] = entry
            else:
                self.unread.add(path)
        return entries

    def _is_name(self, path: tuple[str, str]) -> bool:
        section, name = path
        try:
            check_name(name)
        except PydanticCustomError as error:
            message, hint = (error.context or {})["message"], _name_hint(section, name)
            self.problems.append(self.lines.problem(path, message, hint, at=self.lines.key(path)))
            return False
        return True

    def _entry(self, model: type[Model], plain: Plain, path: Path) -> Model | None:
        """The entry, without its faulty fields if it can do without them: the others are still checked."""
        for attempt in range(5):
            try:
                return model.model_validate(plain, by_alias=True, by_name=False)
            except ValidationError as error:
                for place, problem in explain(error, model, path, self.lines).items():
                    if attempt == 0:
                        self.told.add(place)
                        if place not in self.unreadable:
                            self.problems.append(problem)
                    _drop(plain, place[len(path) :], str(path[0]))
        return None

    def _is_news(self, finding: Finding) -> bool:
        """Whether a finding does not merely follow from a problem that was told already."""
        target = finding.refers_to
        if target is not None and (target in self.unread or target[:1] in self.unread):
            return False
        places = (finding.path, *finding.besides)
        return not any(
            place in self.around_told or any(place[:length] in self.told for length in range(1, len(place)))
            for place in places
        )

    def _unknown_section(self, section: str) -> None:
        known = list(SECTIONS)
        hint = did_you_mean(section, known) or f"Known are {', '.join(known)}."
        self.problems.append(
            self.lines.problem((section,), "there is no such section", hint, at=self.lines.key((section,)))
        )


def _name_hint(section: str, name: str) -> str:
    near = nearest_field(name) if section == "fields" else nearest_name(name)
    if not near:
        return ""
    shown = next((field for field in ("label", "name") if field in SECTIONS[section].model_fields), None)
    return f'Perhaps "{near}"' + (f", with a {shown} for the text that is shown." if shown else ".")


def _drop(plain: Plain, steps: Path, section: str) -> None:
    """Removes the innermost mapping's key on the way to a fault: a faulty item takes its list along, but a rule has a number."""
    stand_ins = _STAND_INS.get(section, {})
    holder: dict[str, Plain] | None = None
    last = ""
    for step in steps:
        if isinstance(plain, dict) and isinstance(step, str) and (step in plain or step in stand_ins):
            holder, last = plain, step
        elif not (isinstance(plain, list) and isinstance(step, int) and step < len(plain)):
            break
        elif last == "rules" and not isinstance(plain[step], dict):
            plain[step] = copy.deepcopy(_RULE)
            return
        plain = plain.get(step) if isinstance(plain, dict) else plain[step]
    if holder is None:
        return
    if last in stand_ins:
        holder[last] = copy.deepcopy(stand_ins[last])
    else:
        holder.pop(last)
