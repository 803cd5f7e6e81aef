"""A configuration file read: the document that it states and where each field stands, or everything that is wrong
with it.

Each entry is checked by itself, and what is right in a wrong file is still checked against the rest, so that one run
shows all problems; what only follows from a problem already told is left out.
"""

from __future__ import annotations

from typing import Any, TypeVar

from pydantic import ValidationError
from pydantic_core import PydanticCustomError

from core.config.checks import Finding
from core.config.document import SECTIONS, Desk, Document, Entry
from core.config.nodes import compose
from core.config.plain import Plain, Plainer, Unreadable
from core.config.plan import what_would_not_hold
from core.config.problems import ConfigRefused, Lines, Path, did_you_mean, got
from core.config.refusing import explain, problems_of
from core.config.values import check_name

Model = TypeVar("Model", bound=Entry)


def read(text: str, source: str, existing: Document | None = None, prune: bool = False) -> tuple[Document, Lines]:
    """The document in a text.

    Args:
        text: YAML, one document.
        source: what to call the file in problems.
        existing: what the desk has: it may be referred to though the file does not name it. None for nothing.
        prune: whether what the file does not name is to be removed; then it may not be referred to, nor be in the way.

    Raises:
        ConfigRefused: with every problem found.
    """
    node = compose(text, source)
    plainer = Plainer(source)
    plain = plainer.read(node)
    reader = _Reader(plainer)
    document = reader.document(plain)
    reader.check_whole(document, existing or Document(), prune)
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

    def check_whole(self, document: Document, existing: Document, prune: bool) -> None:
        findings = what_would_not_hold(existing, document, prune)
        self.around_told = {place[:length] for place in self.told for length in range(1, len(place) + 1)}
        self.problems.extend(problems_of(filter(self._is_news, findings), self.lines))

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
        try:
            check_name(path[1])
        except PydanticCustomError as error:
            told = error.context or {}
            self.problems.append(self.lines.problem(path, told["message"], told["hint"], at=self.lines.key(path)))
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
                    _drop(plain, place[len(path) :])
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


def _drop(plain: Plain, steps: Path) -> None:
    """Removes the innermost mapping's key on the way to a fault: a faulty item takes its list along."""
    holder: dict[str, Plain] | None = None
    last = ""
    for step in steps:
        if isinstance(plain, dict) and isinstance(step, str) and step in plain:
            holder, last = plain, step
        elif not (isinstance(plain, list) and isinstance(step, int) and step < len(plain)):
            break
        plain = plain[step]
    if holder is not None:
        holder.pop(last)
