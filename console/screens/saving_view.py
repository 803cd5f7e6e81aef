"""Keeping a view of the list of cases under a name."""

from __future__ import annotations

import asyncio
import os
from typing import TYPE_CHECKING

from console.i18n import _
from console.reads_find import VIEWS
from console.saved_views import (
    LONGEST_NAME,
    BadViews,
    SavedView,
    read_views,
    views_file,
    with_view,
    write_views,
)
from console.screens.asking import Ask
from console.widgets.paint import safe

if TYPE_CHECKING:
    from collections.abc import Sequence

    from console.app import DeskApp
    from console.reads_find import Sight


async def save_view(
    app: DeskApp, sight: Sight, current: str, of_desk: Sequence[str]
) -> tuple[tuple[SavedView, ...], int | None] | None:
    """Ask for a name and keep a view under it; return all views and the place of the new one, or None where nothing changed.

    The file is read anew before: another console of this user may have written it. An empty name removes the current view.

    Args:
        current: the name of the saved view that is shown; empty where it is none.
        of_desk: the names of the views that the desk declares.
    """
    path = views_file(os.environ)

    def wrong(name: str) -> str | None:
        if not name.strip() and not current:
            return _("A view needs a name.")
        if name.strip().casefold() in {each.casefold() for each in (*map(_, VIEWS.values()), *of_desk)}:
            return _("That is the name of a view of the desk.")
        if len(name) > LONGEST_NAME:
            return _("A name has up to {n} letters.").format(n=LONGEST_NAME)
        return None

    hint = _("an empty name removes it") if current else _("name of the view")
    question = (
        _("Keep this view under which name? An empty one removes it.")
        if current
        else _("Keep this view under which name?")
    )
    name = await app.push_screen_wait(Ask(question, current, hint, check=wrong))
    if name is None:
        return None
    try:
        views = await asyncio.to_thread(read_views, path)
        if name.strip():
            views = with_view(views, SavedView(safe(name).strip(), sight))
        else:
            views = tuple(each for each in views if each.name != current)
        await asyncio.to_thread(write_views, path, views)
    except BadViews as error:
        app.flash(safe(str(error)), kind="alert")
        return None
    except OSError as error:
        app.flash(_("The view was not kept: {why}").format(why=safe(error.strerror or str(error))), kind="alert")
        return None
    folded = name.strip().casefold()
    place = next((place for place, each in enumerate(views) if folded and each.name.casefold() == folded), None)
    app.flash(_("The view is kept as {name}.").format(name=safe(name)) if folded else _("The view is removed."))
    return views, place
