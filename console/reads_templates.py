"""Reads about templates: which there are, and what one makes of a case."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from console.i18n import _
from console.moment import now
from console.reads import missing, unknown_among, wrong
from console.render import Column, Listing, Sheet, clean, clean_lines
from core.conditions.at_desk import at_desk
from core.conditions.case_fields import facts_of
from data.queries import Query

if TYPE_CHECKING:
    from console.render import Item
    from core.templates.letter import Variant
    from data.queries import Fetch, Row

_TEMPLATES = Query(
    "template.list", "select name, label, subject, text, languages from templates where active = 1 order by name"
)
_LANGUAGE = Query(
    "template.language",
    """select c.language, k.language as of_contact from cases c left join contacts k on k.id = c.contact_id
where c.id = cast(:case as bigint)""",
)

_DESK_LANGUAGE = Query("template.desk_language", "select value from desk_settings where name = 'language'")


def template_list(fetch: Fetch) -> Listing:
    """List the templates with their languages."""
    items: list[Item] = [
        {
            "template": row["name"],
            "label": row["label"],
            "subject": row["subject"],
            "languages": sorted(json.loads(row["languages"])),
        }
        for row in fetch(_TEMPLATES, {})
    ]
    columns = (
        Column(_("Template"), lambda i: i["template"]),
        Column(_("Label"), lambda i: i["label"], flexible=True, dispensable=1),
        Column(_("Subject"), lambda i: i["subject"], flexible=True),
        Column(_("Languages"), lambda i: ", ".join(i["languages"]), flexible=True, dispensable=2),
    )
    words = "" if items else _("No templates. They are a section of the configuration: deskline export")
    return Listing("templates", items, columns, words=words)


def template_preview(fetch: Fetch, *, name: str, case: int, language: str | None = None, html: bool = False) -> Sheet:
    """Show what a template makes of a case, in the customer's language or another one.

    Args:
        language: the one to show it in, such as `pt-BR`; None for the customer's.
        html: whether the HTML is shown and not the text.

    Raises:
        WrongUsage: the language is none.
        NotFound: there is no such template, or no such case.
    """
    from core.config.values import LANGUAGE
    from core.templates.letter import Letter, Variant

    if language is not None and not LANGUAGE.fullmatch(language):
        text = _("--language takes a language such as en or pt-BR, not {text}.")
        raise wrong(text.format(text=f'"{clean(language)}"'))
    templates = {row["name"]: row for row in fetch(_TEMPLATES, {})}
    if name not in templates:
        raise unknown_among("template", name, list(templates))
    here = at_desk(fetch, now())
    letter = Letter.read(_variants(templates[name], Variant), here.vocabulary, here.calendars)
    facts = facts_of(fetch, here.vocabulary, letter.paths, case)
    if facts is None:
        raise missing("case", f"#{case}")
    if language is None:
        found = fetch(_LANGUAGE, {"case": case})[0]
        language = found["language"] or found["of_contact"]
    written = letter.write(facts, here.world, language)
    item: Item = {
        "template": name,
        "case": case,
        "language": written.language or None,
        "wanted": language or None,
        "variant": written.language or "default",
        "subject": written.subject,
        "text": written.text,
        "html": written.html,
        "missing": list(written.missing),
    }
    head = _("Subject: {subject}").format(subject=clean(written.subject))
    body = clean_lines(written.html if html else written.text).rstrip("\n").split("\n")
    warnings = [
        _("! {field} has no value on this case and was left out.").format(field=clean(each)) for each in written.missing
    ]
    told = _other_language(fetch, language, written.language)
    return Sheet(item, [head, "", *body, *([""] if warnings else []), *warnings], words=told)


def _other_language(fetch: Fetch, wanted: str | None, taken: str) -> str:
    """Say that a template has no variant in the language that is wanted, or nothing where it has."""
    rows = fetch(_DESK_LANGUAGE, {})
    of_desk = rows[0]["value"] if rows else "en"
    if not wanted or wanted.lower().replace("_", "-") == (taken or of_desk).lower():
        return ""
    text = (
        _("There is no variant in {wanted}; this is the one in {taken}.")
        if taken
        else _("There is no variant in {wanted}; this is the default, which is in the desk's language, {taken}.")
    )
    return text.format(wanted=clean(wanted), taken=taken or of_desk)


def _variants(row: Row, variant: type[Variant]) -> dict[str, Variant]:
    others = {tag: variant(**each) for tag, each in json.loads(row["languages"]).items()}
    return {"": variant(row["subject"], row["text"]), **others}
