"""Webhook calls from the outbox to a server and back: told once, tried again, given up, and never beyond what is allowed now."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.actions.desk import apply
from core.actions.webhooks import call
from core.config.document import Secret
from data.actor import LOCAL_ADMIN
from intake.webhooks.call import signature
from intake.webhooks.sender import WebhookSender
from tests.builders import Story, document
from tests.core.verified import findings
from tests.intake.webhooks.servers import Server, saying, serving

TAKEN = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nfine\n"


@pytest.fixture
def story(tmp_path: Path) -> Iterator[Story]:
    made = Story(tmp_path / "desk.db")
    yield made
    assert findings(made.desk) == []
    made.desk.close()


def allow(
    story: Story, port: int, *, networks: tuple[str, ...] = ("127.0.0.0/8",), secret: Secret | None = None
) -> None:
    wanted = document()
    desk = wanted.desk.model_copy(
        update={
            "webhook_hosts": (f"http://localhost:{port}",),
            "webhook_networks": networks,
            "webhook_secret": secret,
        }
    )
    story.desk.run(LOCAL_ADMIN, apply, wanted.model_copy(update={"desk": desk}))


def queue_call(story: Story, server: Server, **more: object) -> int:
    case = story.customer_writes()
    return story.desk.run(
        LOCAL_ADMIN, call, f"http://localhost:{server.port}/hook?a=1", case=case, data={"why": "test"}, **more
    )


def send(story: Story) -> None:
    WebhookSender(story.desk, lambda: story.fence).send_due()


def test_a_call_tells_of_the_case_and_is_settled_with_the_answer(story: Story, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOOK_SECRET", "s3cret")
    with serving(saying(TAKEN)) as server:
        allow(story, server.port, secret=Secret(env="HOOK_SECRET"))
        webhook = queue_call(story, server)
        send(story)
        send(story)
    [request] = server.requests
    head, _, body = request.partition(b"\r\n\r\n")
    told = json.loads(body)
    assert head.startswith(b"POST /hook?a=1 HTTP/1.1\r\n")
    assert (told["case"]["number"], told["case"]["status"], told["data"]) == (1, "new", {"why": "test"})
    assert told["case"]["opened_at"].endswith("+00:00")
    headers = dict(line.split(": ", 1) for line in head.decode().split("\r\n")[1:])
    assert headers["Deskline-Delivery"] == told["delivery"]
    at_s = int(headers["Deskline-Signature"].partition(",")[0].removeprefix("t="))
    assert headers["Deskline-Signature"] == signature(b"s3cret", at_s, body)
    assert story.one("select status from webhook_calls where id = ?", webhook) == 200
    assert story.one("select answer from webhook_calls where id = ?", webhook) == "fine\n"
    assert story.kinds().count("webhook.answered") == 1


def test_a_server_that_is_busy_is_asked_again_under_the_same_key(story: Story) -> None:
    with serving(saying(b"HTTP/1.1 503 Busy\r\nRetry-After: 120\r\nContent-Length: 0\r\n\r\n")) as server:
        allow(story, server.port)
        queue_call(story, server)
        send(story)
        story.clock.advance(60)  # its own pause would be over
        send(story)
        assert len(server.requests) == 1
        story.clock.advance(61)
        send(story)
        assert len(server.requests) == 2
    assert len({json.loads(each.partition(b"\r\n\r\n")[2])["delivery"] for each in server.requests}) == 1
    assert story.one("select state from outbox where kind = 'webhook'") == "queued"


def test_a_call_that_is_refused_is_given_up_and_said_on_the_case(story: Story) -> None:
    with serving(saying(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n")) as server:
        allow(story, server.port)
        queue_call(story, server)
        send(story)
    assert story.one("select state from outbox where kind = 'webhook'") == "failed"
    assert "404" in str(story.one("select data from journal where kind = 'webhook.failed'"))


def test_a_host_that_leads_into_the_own_network_is_never_called(story: Story) -> None:
    with serving(saying(TAKEN)) as server:
        allow(story, server.port, networks=())
        queue_call(story, server)
        send(story)
    assert (server.connections, story.one("select state from outbox where kind = 'webhook'")) == (0, "failed")


def test_a_host_that_is_no_longer_allowed_is_not_called(story: Story) -> None:
    with serving(saying(TAKEN)) as server:
        allow(story, server.port)
        queue_call(story, server)
        allow(story, 1)
        send(story)
    assert (server.connections, story.one("select state from outbox where kind = 'webhook'")) == (0, "failed")


def test_without_its_secret_a_call_waits(story: Story, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("HOOK_SECRET", raising=False)
    with serving(saying(TAKEN)) as server:
        allow(story, server.port, secret=Secret(env="HOOK_SECRET"))
        queue_call(story, server)
        send(story)
        assert server.connections == 0
        monkeypatch.setenv("HOOK_SECRET", "s3cret")
        story.clock.advance(60)
        send(story)
    assert story.one("select state from outbox where kind = 'webhook'") == "sent"


def test_a_mail_that_waits_is_not_the_webhooks_business(story: Story) -> None:
    from core.actions import cases

    case = story.customer_writes()
    story.act("maya", cases.reply, case, "Press reset.")
    send(story)
    assert story.one("select state from outbox") == "queued"
