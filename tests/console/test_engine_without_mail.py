"""An engine that leaves the mail alone calls webhooks nevertheless."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

from console.engine_process import EngineProcess
from core.actions import cases, webhooks
from data.actor import LOCAL_ADMIN
from tests.builders import ManualClock, Story, document
from tests.intake.webhooks.servers import saying, serving
from tests.services import until


async def test_without_mail_an_engine_sends_no_answers_and_calls_webhooks(tmp_path: Path) -> None:
    wanted = document()
    with serving(saying(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")) as server:
        told = {"webhook_hosts": (f"http://localhost:{server.port}",), "webhook_networks": ("127.0.0.0/8",)}
        wanted = wanted.model_copy(update={"desk": wanted.desk.model_copy(update=told)})
        story = Story(tmp_path / "desk.db", wanted, ManualClock(time.time_ns() // 1000))
        case = story.desk.run(LOCAL_ADMIN, cases.open_new, "Inverter shows E-31", address="lena@ortiz-farm.example")
        story.desk.run(LOCAL_ADMIN, cases.reply, case, "Press reset.")
        story.desk.run(LOCAL_ADMIN, webhooks.call, f"http://localhost:{server.port}/hook", case=case)
        process = EngineProcess(story.desk, lease_s=30, mail=False)
        running = asyncio.create_task(process.run())

        def called() -> bool:
            return bool(story.one("select state from outbox where kind = 'webhook'") == "sent")

        await asyncio.to_thread(until, called, "the webhook is called")
        process._told_to_stop()
        await running
    assert story.all("select state, tries from outbox where kind = 'mail'") == [("queued", 0)]
    story.desk.close()
