"""Consoles at a desk in a PostgreSQL database: an agent's whole work, seen live by others, and a database that goes away and comes back."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from sqlalchemy import make_url

from core.actions import cases
from tests.acceptance.consoles import ConsoleDesk
from tests.acceptance.terminal import PATIENCE, needs_tmux
from tests.acceptance.test_console_tmux import wanted
from tests.acceptance.test_console_violence import is_kept
from tests.builders import ManualClock, Story
from tests.services import SmtpSink, TcpProxy, until

LISTENERS = (
    "select count(*) from pg_stat_activity where application_name like '%%(listens)' and datname = current_database()"
)


class PostgresDesk(ConsoleDesk):
    """A desk whose consoles and engines reach their database over a proxy, and the test past it."""

    def __init__(self, folder: Path, story: Story, through: str) -> None:
        super().__init__(folder, story)
        self.path: Any = through

    def row(self, sql: str, *params: object) -> Any:
        return super().row(sql.replace("?", "%s"), *params)

    def texts(self, case: int, direction: str) -> list[str]:
        with self._desk.reading() as connection:
            sql = "select text from messages where case_id = %s and direction = %s order by id"
            return [row[0] for row in connection.exec_driver_sql(sql, (case, direction))]

    def engines(self) -> list[int]:
        """The engine processes of this desk: a URL stands in their environment, never on their command line."""
        own = f"DESKLINE_DESK={self.path}".encode()
        found = []
        for each in filter(str.isdigit, os.listdir("/proc")):
            with suppress(OSError):
                if own in Path(f"/proc/{each}/environ").read_bytes().split(b"\0"):
                    found.append(int(each))
        return found

    def close(self) -> None:
        super().close()
        for pid in self.engines():
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)


@contextmanager
def postgres_desk(folder: Path, url: str, story: Story, proxy: TcpProxy) -> Iterator[PostgresDesk]:
    # its own Desk is opened anew by the base: over the address that the story has
    desk = PostgresDesk(folder, story, make_url(url).set(port=proxy.port).render_as_string())
    try:
        yield desk
    finally:
        desk.close()
        for log in (folder / "state").rglob("*.log"):
            print(log.read_text(errors="replace"))


def test_an_agents_work_on_postgresql_live_for_others_and_over_an_outage(
    tmp_path: Path, postgres: str, tcp_proxy: Callable[[int], TcpProxy], smtp_sink: SmtpSink
) -> None:
    needs_tmux()
    port = make_url(postgres).port
    assert port is not None
    proxy = tcp_proxy(port)
    story = Story(postgres, wanted(smtp_sink.port), ManualClock(time.time_ns() // 1000 - 60_000_000))
    story.customer_writes("Battery no longer charges")
    with postgres_desk(tmp_path, postgres, story, proxy) as desk:
        # the console starts the engine, and the agent begins to work
        maya = desk.console((120, 36), "maya", "--undo", "0")
        (engine,) = until(desk.engines, "the console starts an engine", PATIENCE)
        assert "postgresql" not in Path(f"/proc/{engine}/cmdline").read_text()  # its URL may hold a password
        maya.type("p")
        maya.until("Your status")
        maya.type("1")
        maya.until("a accept")
        sam = desk.console((120, 36), "sam", screen="supervise")
        sam.until("Battery no longer")
        again = desk.console((120, 36), "maya", "--undo", "0")
        again.until("a accept")
        maya.type("a")
        desk.wait("select state from work_items where case_id = 1", "accepted")
        again.until(lambda shown: "a accept" not in shown)
        maya.until("#1  Battery")
        maya.type("r")
        maya.until("Reply to Lena Ortiz")
        maya.type("Hold the reset key.")
        maya.until("Hold the reset key.")
        maya.press("C-s")
        maya.until("· sent")
        again.until("Hold the reset key.")
        until(lambda: desk.one(LISTENERS) == 4, "three consoles and the engine listen", PATIENCE)

        # the database goes away while an answer is being typed
        maya.type("r")
        maya.until("Reply to Lena Ortiz")
        maya.type("Then wait")
        maya.until("Then wait")
        proxy.refuse = True
        proxy.close_all()
        for each in (maya, sam, again):
            each.until("Desk away")
        maya.type(" ten minutes.")
        maya.until("Then wait ten minutes.")
        is_kept(desk, 1, "Then wait ten minutes.")
        maya.until("kept here")
        time.sleep(3)
        assert desk.one(LISTENERS) == 0
        desk.act("sam", cases.note, 1, "Written meanwhile.")
        proxy.refuse = False
        for each in (maya, sam, again):
            each.until(lambda shown: "Desk away" not in shown)  # by itself
        for each in (maya, again):
            each.until("Written meanwhile.")
        assert "Then wait ten minutes." in maya.screen()

        # and all is live again
        until(lambda: desk.one(LISTENERS) == 4, "three consoles and the engine listen again", PATIENCE)
        desk.act("sam", cases.note, 1, "Written afterwards.")
        for each in (maya, again):
            each.until("Written afterwards.")
        maya.press("C-s")
        maya.until("Then wait ten minutes.")
        until(lambda: len(desk.texts(1, "outbound")) == 2, "the answer is in the desk", PATIENCE)
        desk.wait("select count(*) from messages where delivery = 'sent'", 2)
        again.until("Then wait ten minutes.")
        maya.type("c")
        maya.until("#1 is resolved.")
        assert desk.texts(1, "outbound") == ["Hold the reset key.", "Then wait ten minutes."]
        assert desk.draft(1) is None
        for each in (again, sam, maya):
            each.press("C-q")
            assert each.code() == 0
        until(lambda: not desk.engines(), "the engine ended with its console", PATIENCE)
        assert desk.sessions() == 0
