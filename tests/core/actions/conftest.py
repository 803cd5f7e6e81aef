from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from core.config.document import Document
from tests.builders import Story, document
from tests.core.conftest import Begin
from tests.core.verified import findings


@pytest.fixture(params=["sqlite", "postgresql"])
def begin(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Begin]:
    """Begin a story, as `tests.core.conftest.begin` does, on either database."""
    stories: list[Story] = []
    with ExitStack() as databases:

        def begin(wanted: Document | None = None, **parts: object) -> Story:
            where: Path | str = tmp_path / f"{len(stories)}.db"
            if request.param == "postgresql":
                where = databases.enter_context(request.getfixturevalue("postgres_server").database())
            story = Story(where, wanted or document(**parts))  # type: ignore[arg-type]
            stories.append(story)
            return story

        yield begin
        for story in stories:
            assert findings(story.desk) == []
            story.desk.close()
