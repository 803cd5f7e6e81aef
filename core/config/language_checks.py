"""What the desk's own language says in a configuration: conditions, templates and what a classification sets, all checked
against the fields that the whole would have.

Everything is looked at each time, not only what is new: a field that is taken away may stand in a view that the file does not mention.
"""

from __future__ import annotations

import keyword
import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from typing import Literal, NamedTuple
from zoneinfo import ZoneInfo

from core import fields
from core.conditions.case_fields import BUILT_IN, of_configuration
from core.conditions.condition import fault_of
from core.conditions.faults import Fault
from core.conditions.fields import Vocabulary
from core.config.checks import Finding, Reference, still_named
from core.config.document import ClassificationRule, CustomField, Document, Template
from core.config.problems import Path, did_you_mean, got
from core.config.values import LANGUAGE, nearest_field

_CASE_FIELD = re.compile(r"\bcase\s*\.\s*(\w+)")

SETTABLE = ("type", "priority", "level", "language")
"""What a classification sets besides the desk's own fields."""


class Words(NamedTuple):
    """What conditions and templates of a document may name.

    Args:
        vocabulary: the fields that they know.
        wider: with those that leave: what only names one of these is told in other words.
        leaving: the names of the desk's own fields that leave.
        doubtful: the names of fields whose declaration is wrong itself; what names one cannot be judged.
    """

    vocabulary: Vocabulary
    wider: Vocabulary
    leaving: frozenset[str]
    doubtful: frozenset[str]
    calendars: tuple[str, ...]


def what_is_misspoken(
    merged: Document, leaving: Mapping[str, CustomField] | None = None, doubtful: Collection[str] = ()
) -> Iterator[Finding]:
    """What is wrong with the conditions, templates and classifications of a document.

    Args:
        leaving: the fields that the desk has and the document has not.
        doubtful: the names of fields that a file declares wrongly: what follows from that is not told.
    """
    yield from _unfit_fields(merged)
    if not (merged.views or merged.classifications or merged.templates):
        return
    words = _words_of(merged, leaving or {}, doubtful)
    for name, view in merged.views.items():
        yield from _unfit_condition(("views", name, "where"), view.where, words)
        yield from _unfit_columns(("views", name, "columns"), view.columns, words)
    declared, zone = declared_fields(merged), ZoneInfo(merged.desk.time_zone)
    for name, classification in merged.classifications.items():
        for place, rule in enumerate(classification.rules):
            path: Path = ("classifications", name, "rules", place)
            yield from _unfit_condition((*path, "when"), rule.when, words)
            yield from _unfit_values((*path, "set"), rule, merged, declared, zone, words)
    for name, template in merged.templates.items():
        yield from _unfit_template(("templates", name), template, words)


def spellings(name: str) -> Iterator[str]:
    """The names by which conditions may call a field that was declared under a name which they do not know."""
    yield from (name, nearest_field(name), re.split(r"\W", name)[0])


def fields_named_in(text: str) -> set[str]:
    """The names that a text calls fields of a case by, without those that every case has; also where it is no condition."""
    return {name for name in _CASE_FIELD.findall(text) if f"case.{name}" not in BUILT_IN}


def _words_of(merged: Document, leaving: Mapping[str, CustomField], doubtful: Collection[str]) -> Words:
    vocabulary = vocabulary_of(merged)
    wider = merged.model_copy(update={"fields": {**merged.fields, **leaving}})
    misnamed = (each for name in merged.fields if not name.isidentifier() for each in spellings(name))
    return Words(
        vocabulary,
        vocabulary_of(wider) if leaving else vocabulary,
        frozenset(leaving),
        frozenset((*doubtful, *misnamed)),
        tuple(merged.calendars),
    )


def vocabulary_of(document: Document) -> Vocabulary:
    """Return the fields that conditions and templates know at a desk of this configuration."""
    return of_configuration(
        types=document.desk.case_types,
        tags=document.desk.tags,
        channels=sorted(document.channels),
        queues=sorted(document.queues),
        agents=sorted(document.agents),
        fields=declared_fields(document).values(),
    )


def declared_fields(document: Document) -> Mapping[str, fields.CustomField]:
    """Return the fields that a document declares, by name."""
    return {
        name: fields.CustomField(name, each.kind, each.choices, each.label) for name, each in document.fields.items()
    }


def _unfit_fields(merged: Document) -> Iterator[Finding]:
    for name in merged.fields:
        if not name.isidentifier():
            hint = f'Perhaps "{near}".' if (near := nearest_field(name)) else ""
            yield Finding(
                ("fields", name), "conditions call it by name, so it has letters, digits and underscores", hint
            )
        elif keyword.iskeyword(name):
            yield Finding(
                ("fields", name), "the language of conditions has this word for itself", f'Perhaps "{name}_".'
            )
        elif f"case.{name}" in BUILT_IN:
            yield Finding(("fields", name), "every case has a field of this name", "Take another one.")


def _unfit_condition(path: Path, text: str, words: Words) -> Iterator[Finding]:
    def faults(vocabulary: Vocabulary) -> Sequence[Fault]:
        fault = fault_of(text.rstrip("\n"), vocabulary, words.calendars)
        return (fault,) if isinstance(fault, Fault) else ()

    yield from _told(path, text, faults, words)


def _told(path: Path, text: str, faults: Callable[[Vocabulary], Sequence[Fault]], words: Words) -> Iterator[Finding]:
    """The faults of a text, without those that come from a field that leaves, which are told once for each such field."""
    if not (found := faults(words.vocabulary)):
        return
    named = fields_named_in(text)
    leaving = sorted(named & words.leaving)
    yield from (_still_named(path, name) for name in leaving)
    if not named & words.doubtful:
        yield from (_finding(path, fault) for fault in (faults(words.wider) if leaving else found))


def _still_named(path: Path, name: str, item: str | None = None) -> Finding:
    return still_named(Reference(path, "fields", name), item)


def _unfit_columns(path: Path, columns: tuple[str, ...], words: Words) -> Iterator[Finding]:
    for column in columns:
        own = column.removeprefix("case.")
        if column in words.vocabulary.fields or own in words.doubtful:
            continue
        if own in words.leaving:
            yield _still_named(path, own, column)
            continue
        known = list(words.vocabulary.fields)
        hint = did_you_mean(column, known) or "`deskline condition fields` lists all."
        yield Finding(path, f"there is no field {got(column)}", hint, column, refers_to=("fields", own))


def _unfit_template(path: Path, template: Template, words: Words) -> Iterator[Finding]:
    from core.templates.letter import Letter, LetterRefused, Variant  # the parser of Markdown is heavy

    variants = {"": Variant(template.subject, template.text)}
    variants |= {tag: Variant(each.subject, each.text) for tag, each in template.languages.items()}

    def faults(vocabulary: Vocabulary) -> Mapping[tuple[str, Literal["subject", "text"]], Sequence[Fault]]:
        try:
            Letter.read(variants, vocabulary, words.calendars)
        except LetterRefused as refused:
            return refused.faults
        return {}

    for language, part in faults(words.vocabulary):
        at = (*path, *(("languages", language) if language else ()), part)
        source: str = getattr(variants[language], part)

        def of_part(
            vocabulary: Vocabulary, key: tuple[str, Literal["subject", "text"]] = (language, part)
        ) -> Sequence[Fault]:
            return faults(vocabulary).get(key, ())

        yield from _told(at, source, of_part, words)


def _finding(path: Path, fault: Fault) -> Finding:
    line, column = fault.place
    where = f"line {line}, column {column}" if line > 1 else f"column {column}"
    return Finding(path, f"{where}: {fault.message}", fault.hint)


def _unfit_values(
    path: Path,
    rule: ClassificationRule,
    merged: Document,
    declared: Mapping[str, fields.CustomField],
    zone: ZoneInfo,
    words: Words,
) -> Iterator[Finding]:
    built_in = {
        "type": fields.CustomField("type", "choice", merged.desk.case_types),
        "language": fields.CustomField("language", "text"),
    }
    for name, value in rule.sets.items():
        at = (*path, name)
        if name in ("priority", "level"):
            most = 5 if name == "priority" else 9
            if not isinstance(value, int) or isinstance(value, bool) or not 1 <= value <= most:
                yield Finding(at, f"expected a whole number from 1 to {most}, got {got(value)}")
            continue
        if name == "language" and not (isinstance(value, str) and LANGUAGE.fullmatch(value)):
            yield Finding(at, f"expected a language such as en or pt-BR, got {got(value)}")
            continue
        if name in words.doubtful:
            continue
        if name in words.leaving:
            yield _still_named(at, name)
            continue
        field = built_in.get(name) or declared.get(name)
        if field is None:
            known = [*SETTABLE, *declared]
            hint = did_you_mean(name, known) or f"Known are {', '.join(known)}."
            yield Finding(at, f"there is no field {got(name)} to set", hint, refers_to=("fields", name))
            continue
        try:
            fields.read_value(field, value, zone)
        except fields.WrongValue as error:
            yield Finding(at, str(error).partition(": ")[2].rstrip("."))
