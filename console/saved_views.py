"""Views of the list of cases under a name: those of the configuration, and a user's own in `views.json` of the user's folder."""

from __future__ import annotations

import contextlib
import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from console.i18n import _
from console.reads_find import ORDERS, VIEWS, Sight
from data.errors import WrongUsage

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from data.queries import Fetch

LONGEST_NAME = 40
_MOST = 40


class BadViews(WrongUsage):
    """Your saved views cannot be read: {what}. The file is left as it is: {path}"""


@dataclass(frozen=True, slots=True)
class SavedView:
    """What is shown under a name; `declared` is what the configuration calls it, empty where it is a user's own."""

    name: str
    sight: Sight
    declared: str = ""

    @property
    def key(self) -> tuple[bool, str]:
        """What it is known by, whatever it shows and is labelled."""
        return (True, self.declared) if self.declared else (False, self.name)


def views_file(environ: Mapping[str, str]) -> Path:
    """Return where a user's views stand."""
    base = environ.get("XDG_CONFIG_HOME", "").strip() or os.path.expanduser("~/.config")
    return Path(base) / "deskline" / "views.json"


def read_views(path: Path) -> tuple[SavedView, ...]:
    """Return the user's views; none where there is no file.

    Raises:
        BadViews: the file cannot be read or says something else.
    """
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return ()
    except (OSError, ValueError) as error:
        raise BadViews(path=path, what=" ".join(str(error).split())) from error
    rows = found.get("views") if isinstance(found, dict) else None
    if not isinstance(rows, list):
        raise BadViews(path=path, what=_("it holds no list of views"))
    return tuple(_view(path, row) for row in rows[:_MOST])


def _view(path: Path, row: object) -> SavedView:
    if isinstance(row, dict):
        name, view, order, typed = (row.get(each) for each in ("name", "view", "order", "search"))
        condition, columns = row.get("condition", ""), row.get("columns", [])
        texts = [name, view, order, typed, condition, *(columns if isinstance(columns, list) else [None])]
        if all(isinstance(each, str) for each in texts) and str(name).strip() and view in VIEWS and order in ORDERS:
            sight = Sight(str(view), str(order), str(typed), str(condition), tuple(columns))
            return SavedView(str(name).strip()[:LONGEST_NAME], sight)
    raise BadViews(path=path, what=_("a view needs name, view, order and search"))


def desk_views(fetch: Fetch) -> tuple[SavedView, ...]:
    """Return the views that the configuration declares for everybody, by name."""
    from console.reads_cases import VIEWS as DECLARED

    return tuple(
        SavedView(
            row["label"] or row["name"],
            Sight("all", condition=row["condition"].rstrip("\n"), columns=tuple(json.loads(row["columns"]))),
            declared=row["name"],
        )
        for row in fetch(DECLARED, {})
    )


def with_view(views: Sequence[SavedView], new: SavedView) -> tuple[SavedView, ...]:
    """Return the views with one more; one of the same name is replaced in its place."""
    if any(each.name.casefold() == new.name.casefold() for each in views):
        return tuple(new if each.name.casefold() == new.name.casefold() else each for each in views)
    return (*views, new)


def _row(view: SavedView) -> dict[str, object]:
    sight = view.sight
    row: dict[str, object] = {"name": view.name, "view": sight.view, "order": sight.order, "search": sight.typed}
    if sight.condition:
        row |= {"condition": sight.condition, "columns": list(sight.columns)}
    return row


def write_views(path: Path, views: Sequence[SavedView]) -> None:
    """Write the user's views, whole or not at all.

    Raises:
        OSError: they cannot be written.
    """
    rows = [_row(each) for each in views]
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_suffix(f".{os.getpid()}.new")
    try:
        with open(beside, "w", encoding="utf-8") as file:
            json.dump({"views": rows}, file, indent=2)
            file.write("\n")
            file.flush()
            os.fsync(file.fileno())
        os.replace(beside, path)
    except OSError:
        with contextlib.suppress(OSError):
            beside.unlink()
        raise
