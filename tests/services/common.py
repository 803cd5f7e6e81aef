"""What the services share: a free port, waiting with a deadline, and when to skip or to fail."""

from __future__ import annotations

import os
import pwd
import socket
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    pass

DEADLINE = 20.0  # seconds; only to give up
PASSWORD = "secret"


def unavailable(reason: str) -> None:
    """Skip the test; in CI fail it, since a test that never runs proves nothing."""
    if os.environ.get("CI"):
        pytest.fail(reason)
    pytest.skip(reason)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def until(true: Callable[[], Any], what: str, seconds: float = DEADLINE) -> Any:
    """Wait until `true` returns something true, and return that."""
    ends = time.monotonic() + seconds
    while time.monotonic() < ends:
        if found := true():
            return found
        time.sleep(0.02)
    raise AssertionError(f"{what}: not within {seconds:g} seconds")


def unprivileged(root: Path) -> tuple[dict[str, Any], pwd.struct_passwd]:
    """The arguments of Popen that drop root, and the user the server will run as; `root` is given to that user."""
    if os.getuid() != 0:
        return {}, pwd.getpwuid(os.getuid())
    user = pwd.getpwnam("nobody")
    os.chown(root, user.pw_uid, user.pw_gid)
    return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}, user


def read_log(path: Path) -> str:
    return path.read_text(errors="replace") if path.exists() else ""


# Dovecot
