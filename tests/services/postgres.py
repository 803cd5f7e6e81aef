"""A real PostgreSQL on loopback, with a database for each test."""

from __future__ import annotations

import contextlib
import glob
import importlib.util
import os
import re
import shutil
import signal
import subprocess
import tempfile
import time
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    import psycopg
from tests.services.common import DEADLINE, free_port, read_log, unavailable, unprivileged


class Postgres:
    """A running PostgreSQL without durability, whose databases are made one a test."""

    def __init__(self, root: Path, bins: str) -> None:
        self.root, self.port = root, free_port()
        drop, _ = unprivileged(root)
        env = {"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8", "TZ": "UTC"}
        made = subprocess.run(
            [f"{bins}/initdb", "-D", str(root / "data"), "-U", "desk", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8",
             "--no-sync", "--no-instructions"],
            cwd=root, env=env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, **drop,
        )  # fmt: skip
        if made.returncode:
            pytest.fail("initdb failed:\n" + made.stdout.decode(errors="replace"))
        options = ["fsync=off", "synchronous_commit=off", "full_page_writes=off", "max_connections=100"]
        with open(root / "log", "wb") as log:
            self._process = subprocess.Popen(
                [f"{bins}/postgres", "-D", str(root / "data"), "-p", str(self.port), "-k", str(root), "-h", "127.0.0.1",
                 *(word for option in options for word in ("-c", option))],
                cwd=root, env=env, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=log,
                start_new_session=True, **drop,
            )  # fmt: skip
        import psycopg

        ends = time.monotonic() + DEADLINE
        while True:
            try:
                self._connect().close()
                return
            except psycopg.OperationalError:
                if time.monotonic() > ends or self._process.poll() is not None:
                    self.stop()
                    pytest.fail("PostgreSQL does not start:\n" + read_log(root / "log"))
                time.sleep(0.02)

    def _connect(self) -> psycopg.Connection[Any]:
        import psycopg

        return psycopg.connect(host="127.0.0.1", port=self.port, user="desk", dbname="postgres", autocommit=True)

    @contextlib.contextmanager
    def database(self, *, locale: str | None = None) -> Iterator[str]:
        """The URL of a new and empty database, dropped in the end whoever is still connected; `locale` C knows no letter but ASCII."""
        name = f"t_{uuid.uuid4().hex[:12]}"
        words = f" LOCALE '{locale}'" if locale else ""
        with self._connect() as connection:
            connection.execute(f"CREATE DATABASE {name} TEMPLATE template0 STRATEGY file_copy{words}")
        try:
            yield f"postgresql+psycopg://desk@127.0.0.1:{self.port}/{name}"
        finally:
            with self._connect() as connection:
                connection.execute(f"DROP DATABASE {name} WITH (FORCE)")

    def stop(self) -> None:
        try:
            self._process.send_signal(signal.SIGINT)  # "fast": does not wait for clients
            self._process.wait(DEADLINE)
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait(DEADLINE)


@contextlib.contextmanager
def running_postgres() -> Iterator[Postgres]:
    # All programs from one folder: a machine may have several versions, and some of one on PATH.
    found = [folder for folder in glob.glob("/usr/lib/postgresql/*/bin") if os.path.exists(f"{folder}/initdb")]
    if not found:
        unavailable("PostgreSQL is not installed")
    if importlib.util.find_spec("psycopg") is None:
        unavailable("psycopg is not installed (the extra postgres)")
    bins = max(found, key=lambda folder: int(re.findall(r"\d+", folder)[-1]))
    root = Path(tempfile.mkdtemp(prefix="pg-"))
    server = None
    try:
        server = Postgres(root, bins)
        yield server
    finally:
        if server is not None:
            server.stop()
        shutil.rmtree(root, ignore_errors=True)


# SMTP
