"""What a shell offers when one presses tab: names that the desk has, and the fields and functions that conditions know.

Whatever goes wrong, nothing is offered: a prompt is no place for an error.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import typer

from data.queries import Query

if TYPE_CHECKING:
    from collections.abc import Iterable

    from core.conditions.fields import Vocabulary
    from data.queries import Fetch

Complete = Callable[[typer.Context, str], list[str]]
_WORD = re.compile(r"[A-Za-z_.]*\Z")
_FIELDS = Query("complete.fields", "select * from custom_fields where active = 1 order by name")
_TAGS = Query("complete.tags", "select value from desk_settings where name = 'tags'")


def _asked(ctx: typer.Context, question: Callable[[Fetch], Iterable[str]]) -> list[str]:
    """Ask the desk that the command line names so far."""
    from console.commands.options import opened
    from data.queries import fetch_over

    try:
        with opened(ctx.params.get("desk"), "completion") as desk, desk.reading() as connection:
            return list(question(fetch_over(connection)))
    except Exception:  # noqa: BLE001 - see above
        return []


def _names_of(table: str) -> Complete:
    query = Query(f"complete.{table}", f"select name from {table} where active = 1 order by name")  # noqa: S608 - constants

    def complete(ctx: typer.Context, incomplete: str) -> list[str]:
        return _beginning(incomplete, _asked(ctx, lambda fetch: [row["name"] for row in fetch(query, {})]))

    return complete


def _beginning(incomplete: str, names: Iterable[str]) -> list[str]:
    return [each for each in names if each.startswith(incomplete)]


agents, queues, channels = _names_of("agents"), _names_of("queues"), _names_of("channels")
templates, views = _names_of("templates"), _names_of("views")


def tags(ctx: typer.Context, incomplete: str) -> list[str]:
    """Offer the desk's tags."""
    import json

    def known(fetch: Fetch) -> list[str]:
        rows = fetch(_TAGS, {})
        found: list[str] = json.loads(rows[0]["value"]) if rows else []
        return found

    return _beginning(incomplete, _asked(ctx, known))


def condition(ctx: typer.Context, incomplete: str) -> list[str]:
    """Offer what the last word of a condition may become: fields and functions, and behind a dot the fields of its record."""
    from core.conditions.functions import FUNCTIONS

    found = _WORD.search(incomplete)
    word, before = (found[0], incomplete[: found.start()]) if found else ("", incomplete)
    known = [*_asked(ctx, lambda fetch: _vocabulary(fetch).fields), *(f"{name}(" for name in FUNCTIONS)]
    return [f"{before}{each}" for each in known if each.startswith(word)]


def records(ctx: typer.Context, incomplete: str) -> list[str]:
    """Offer the records whose fields conditions know."""
    return _beginning(incomplete, _asked(ctx, lambda fetch: _vocabulary(fetch).records()))


def field_values(ctx: typer.Context, incomplete: str) -> list[str]:
    """Offer the fields of a case that can be set, and behind the sign what a field may be."""
    from core.config.language_checks import SETTABLE

    name, sign, value = incomplete.partition("=")

    def known(fetch: Fetch) -> list[str]:
        from core.fields import of_row

        declared = {row["name"]: of_row(row) for row in fetch(_FIELDS, {})}
        if not sign:
            return [f"{each}=" for each in ("subject", *SETTABLE, *declared)]
        choices = declared[name].choices if name in declared else ()
        return [f"{name}={each}" for each in choices if each.startswith(value)]

    return _beginning(incomplete, _asked(ctx, known))


def actions(_ctx: typer.Context, incomplete: str) -> list[str]:
    """Offer the names of actions."""
    import core.actions.all  # noqa: F401 - makes the registry whole
    from core.actions.arguments import scriptable

    return _beginning(incomplete, [each.name for each in scriptable()])


def arguments(ctx: typer.Context, incomplete: str) -> list[str]:
    """Offer the parameters of the action that is named."""
    import core.actions.all  # noqa: F401 - makes the registry whole
    from core.actions.registry import REGISTRY

    found: Any = REGISTRY.get(str(ctx.params.get("name")))
    return _beginning(incomplete, [f"{each.name}=" for each in found.parameters]) if found else []


def _vocabulary(fetch: Fetch) -> Vocabulary:
    from core.conditions.case_fields import of_desk
    from core.conditions.event_fields import of_events

    return of_events(of_desk(fetch))
