"""What the desk's own language says in a configuration: conditions, templates and what a classification sets, all checked
against the fields that the whole would have.

Everything is looked at each time, not only what is new: a field that is taken away may stand in a view that the file does not mention.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from zoneinfo import ZoneInfo

from core import fields
from core.conditions.case_fields import BUILT_IN, of_configuration
from core.conditions.condition import fault_of
from core.conditions.faults import Fault
from core.conditions.fields import Vocabulary
from core.config.checks import Finding
from core.config.document import ClassificationRule, Document, Template
from core.config.problems import Path, did_you_mean, got
from core.config.values import LANGUAGE

SETTABLE = ("type", "priority", "level", "language")
"""What a classification sets besides the desk's own fields."""


def what_is_misspoken(merged: Document) -> Iterator[Finding]:
    """What is wrong with the conditions, templates and classifications of a document."""
    yield from _unfit_fields(merged)
    if not (merged.views or merged.classifications or merged.templates):
        return
    vocabulary, calendars = vocabulary_of(merged), tuple(merged.calendars)
    for name, view in merged.views.items():
        yield from _unfit_condition(("views", name, "where"), view.where, vocabulary, calendars)
        yield from _unfit_columns(("views", name, "columns"), view.columns, vocabulary)
    declared, zone = declared_fields(merged), ZoneInfo(merged.desk.time_zone)
    for name, classification in merged.classifications.items():
        for place, rule in enumerate(classification.rules):
            path: Path = ("classifications", name, "rules", place)
            yield from _unfit_condition((*path, "when"), rule.when, vocabulary, calendars)
            yield from _unfit_values((*path, "set"), rule, merged, declared, zone)
    for name, template in merged.templates.items():
        yield from _unfit_template(("templates", name), template, vocabulary, calendars)


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
            hint = f'Perhaps "{"_".join(filter(str.isidentifier, name.replace("-", "_").replace(".", "_").split()))}".'
            yield Finding(
                ("fields", name), "conditions call it by name, so it has letters, digits and underscores", hint
            )
        elif f"case.{name}" in BUILT_IN:
            yield Finding(("fields", name), "every case has a field of this name", "Take another one.")


def _unfit_condition(path: Path, text: str, vocabulary: Vocabulary, calendars: tuple[str, ...]) -> Iterator[Finding]:
    fault = fault_of(text.rstrip("\n"), vocabulary, calendars)
    if isinstance(fault, Fault):
        yield _finding(path, fault)


def _unfit_columns(path: Path, columns: tuple[str, ...], vocabulary: Vocabulary) -> Iterator[Finding]:
    for column in columns:
        if column not in vocabulary.fields:
            hint = did_you_mean(column, list(vocabulary.fields)) or "`deskline condition fields` lists all."
            yield Finding(path, f"there is no field {got(column)}", hint, column)


def _unfit_template(
    path: Path, template: Template, vocabulary: Vocabulary, calendars: tuple[str, ...]
) -> Iterator[Finding]:
    from core.templates.letter import Letter, LetterRefused, Variant  # the parser of Markdown is heavy

    variants = {"": Variant(template.subject, template.text)}
    variants |= {tag: Variant(each.subject, each.text) for tag, each in template.languages.items()}
    try:
        Letter.read(variants, vocabulary, calendars)
    except LetterRefused as refused:
        for (language, part), faults in refused.faults.items():
            at = (*path, *(("languages", language) if language else ()), part)
            yield from (_finding(at, fault) for fault in faults)


def _finding(path: Path, fault: Fault) -> Finding:
    line, column = fault.place
    where = f"line {line}, column {column}" if line > 1 else f"column {column}"
    return Finding(path, f"{where}: {fault.message}", fault.hint)


def _unfit_values(
    path: Path, rule: ClassificationRule, merged: Document, declared: Mapping[str, fields.CustomField], zone: ZoneInfo
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
        field = built_in.get(name) or declared.get(name)
        if field is None:
            known = [*SETTABLE, *declared]
            hint = did_you_mean(name, known) or f"Known are {', '.join(known)}."
            yield Finding(at, f"there is no field {got(name)} to set", hint)
            continue
        try:
            fields.read_value(field, value, zone)
        except fields.WrongValue as error:
            yield Finding(at, str(error).partition(": ")[2].rstrip("."))
