from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.acceptance.world import World, a_world, box
from tests.services import Mailbox, SmtpSink


@pytest.fixture
def world(tmp_path: Path, dovecot: Mailbox, smtp_sink: SmtpSink) -> Iterator[World]:
    """A desk with one mailbox of two addresses, the agents maya and tom, and an engine."""
    addresses = ("support@ursamajor.example", "sales@ursamajor.example")
    with a_world(tmp_path, {"support": box(dovecot, tmp_path, *addresses)}, smtp_sink) as world:
        yield world
