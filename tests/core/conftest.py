from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from core.config.document import Document
from tests.builders import Story, document
from tests.core.verified import findings

Begin = Callable[..., Story]


@pytest.fixture
def begin(tmp_path: Path) -> Iterator[Begin]:
    """Begin a story: with a document, or with what `document` is to be told. Each ends with a clean verify."""
    stories: list[Story] = []

    def begin(wanted: Document | None = None, **parts: object) -> Story:
        story = Story(tmp_path / f"{len(stories)}.db", wanted or document(**parts))  # type: ignore[arg-type]
        stories.append(story)
        return story

    yield begin
    for story in stories:
        assert findings(story.desk) == []
        story.desk.close()
