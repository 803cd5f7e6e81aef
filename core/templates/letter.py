"""A letter: subject and body by templates, in several languages, written out as plain text and HTML."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import ClassVar, Literal

from core.conditions.faults import Fault, Place
from core.conditions.fields import Vocabulary
from core.conditions.types import Facts
from core.conditions.world import World
from core.templates.template import Template, TemplateFailed, TemplateRefused
from data.errors import DeskError

LONGEST_SUBJECT = 250
"""In characters."""
LONGEST_MARKDOWN = 120_000
"""In characters, values not counted: Markdown takes up to 40 microseconds for each."""
Part = Literal["subject", "text"]


class LetterRefused(DeskError):
    """{faults}"""

    exit_code: ClassVar[int] = 2
    http_status: ClassVar[int] = 422

    def __init__(self, faults: Mapping[tuple[str, Part], tuple[Fault, ...]]) -> None:
        self.faults = faults
        """By the variant's language and the part of it that is wrong."""
        lines = [
            f"{language or 'default'} {part}, {fault}" for (language, part), some in faults.items() for fault in some
        ]
        super().__init__(faults="\n".join(lines))


@dataclass(frozen=True, slots=True)
class Variant:
    """The templates of a letter in one language; the text is Markdown."""

    subject: str
    text: str


@dataclass(frozen=True, slots=True)
class Written:
    """A letter to somebody; `missing` names what had no value and was left out, `language` is empty for the default variant."""

    language: str
    subject: str
    text: str
    html: str
    missing: tuple[str, ...]


class Letter:
    """One letter, read and checked once and written many times."""

    def __init__(self, variants: Mapping[str, tuple[Template, Template]]) -> None:
        self._variants = variants
        self._tags = {tag.lower(): tag for tag in variants}
        self.paths: frozenset[str] = frozenset().union(*(each.paths for pair in variants.values() for each in pair))
        """The fields that it needs, in whichever language."""

    @classmethod
    def read(
        cls, variants: Mapping[str, Variant], vocabulary: Vocabulary, calendars: Collection[str] | None = None
    ) -> Letter:
        """Return the letter in some templates.

        Args:
            variants: by language, such as `pt-BR`; the default one under the empty name.
            calendars: the names of the desk's calendars; None where they are not known.

        Raises:
            LetterRefused: with everything that is wrong with them.
        """
        from core.templates.markdown import without_marks

        found: dict[str, tuple[Template, Template]] = {}
        faults: dict[tuple[str, Part], tuple[Fault, ...]] = {}
        for language, variant in variants.items():
            read: list[Template] = []
            parts: tuple[tuple[Part, str, Callable[[str], str] | None], ...] = (
                ("subject", variant.subject, None),
                ("text", variant.text, without_marks),
            )
            for part, source, clean in parts:
                try:
                    read.append(Template.read(source, vocabulary, calendars, clean))
                except TemplateRefused as refused:
                    faults[language, part] = refused.faults
            if len(read) == len(parts):
                found[language] = (read[0], read[1])
        if "" not in variants:
            faults["", "text"] = (Fault(Place(1, 1), "there is no variant for readers of every other language"),)
        if faults:
            raise LetterRefused(faults)
        return cls(found)

    def language_for(self, wanted: str | None) -> str:
        """Return the language of the variant for somebody: the very one, else without its last part, and so on, else the default.

        That is the lookup of RFC 4647, 3.4.
        """
        tag = (wanted or "").lower().replace("_", "-")
        while tag:
            if tag in self._tags:
                return self._tags[tag]
            tag = tag.rpartition("-")[0]
        return ""

    def write(self, facts: Facts, world: World, language: str | None = None) -> Written:
        """Write the letter out.

        Args:
            facts: hold every path in `paths`, None for what is missing.
            language: the reader's, such as `pt-BR`, where it is known.

        Raises:
            TemplateFailed: it grows or takes work beyond all use, or a number is divided by zero.
        """
        from core.templates.markdown import Values, written

        chosen = self.language_for(language)
        subject_template, text_template = self._variants[chosen]
        subject = subject_template.render(facts, world)
        values = Values()
        text = text_template.render(facts, world, values.mark)
        if len(text.text) > LONGEST_MARKDOWN:
            raise TemplateFailed(why=f"it grows beyond {LONGEST_MARKDOWN:,} characters without its values")
        plain, html = written(text.text, values)
        missing = tuple(dict.fromkeys((*subject.missing, *text.missing)))
        return Written(chosen, _on_one_line(subject.text), plain, html, missing)


def _on_one_line(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= LONGEST_SUBJECT else line[: LONGEST_SUBJECT - 1].rstrip() + "…"
