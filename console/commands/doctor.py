"""`deskline doctor`: what is well and what is not, each with what to do; exit code 1 if anything fails.

A check never stops the next one: what cannot be found out is a finding too.
"""

from __future__ import annotations

import json as json_
import os
import platform
import shutil
import stat
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from console.commands.options import DeskOption, JsonOption, command, noun, opened
from console.i18n import N_, _, language, message_of, ngettext
from console.moment import age, now
from console.place import desk_place
from console.reads_webhooks import FAILED_SINCE
from console.render import Sheet, clean, deliver, pad
from console.words import size
from data import queries
from data.queries import Query, fetch_over

if TYPE_CHECKING:
    from data.queries import Row

app = noun("")
OK, WARN, FAIL = "ok", "warn", "fail"
_SIGNS = {OK: "✓", WARN: "◑", FAIL: "!"}
_WORDS = {OK: N_("ok"), WARN: N_("warn"), FAIL: N_("fail")}
_LIBRARIES = ("textual", "rich", "sqlalchemy", "typer", "pydantic", "imapclient")
_DAY = 86_400_000_000
_LITTLE = 500_000_000
_STALE_US = 600 * 1_000_000
NOT_SENT = Query(
    "doctor.not_sent",
    """select m.case_id as "case", m.delivery_error as error from messages m join cases c on c.id = m.case_id
where m.delivery = 'failed' and c.status <> 'closed' and not exists (
    select 1 from messages n where n.case_id = m.case_id and n.direction = 'outbound' and n.id > m.id)
order by m.id desc""",
    ("error",),
)
TRIED_AGAIN = Query(
    "doctor.tried_again",
    """select o.kind, m.case_id as "case", o.error, o.created_at from outbox o left join messages m on m.id = o.message_id
where o.state in ('queued', 'sending') and o.error is not null order by o.id desc""",
    ("error",),
)
WEBHOOK_SECRET = Query("doctor.webhook_secret", "select value from desk_settings where name = 'webhook_secret'")
QUARANTINED = Query("doctor.quarantined", "select count(*) as mails from mail_receipts where state = 'quarantined'", ())


class Finding(NamedTuple):
    """One line: how it stands, with what, and what is to be said about it."""

    state: str
    about: str
    words: str


@command(app, "doctor", "deskline doctor --desk /srv/desk/desk.db")
def doctor(desk: DeskOption = None, json: JsonOption = False) -> int:
    """Check the program, the desk's file, its mailboxes and its engine."""
    place = desk_place(desk)
    findings: list[Finding] = []
    checks: list[Callable[[str], Iterator[Finding]]] = [versions, packages, terminal, time_of_day]
    if "://" not in place:
        checks.append(file_of_desk)
    for check in [*checks, inside]:
        try:
            findings += check(place)
        except Exception as error:  # noqa: BLE001 - what cannot be found out is a finding
            findings.append(Finding(WARN, check.__name__, _("could not be checked: {why}").format(why=repr(error))))
    item = {"checks": [{"state": each.state, "about": each.about, "words": each.words} for each in findings]}
    longest = max(len(each.about) for each in findings)
    lines = [
        f"{_SIGNS[f.state]} {pad(_(_WORDS[f.state]), 4)}  {pad(f.about, longest)}  {clean(f.words)}" for f in findings
    ]
    code = deliver(Sheet(item, lines), "json" if json else "text")
    return 1 if any(each.state == FAIL for each in findings) else code


def versions(_place: str) -> Iterator[Finding]:
    """Say which versions run."""
    import sqlite3
    from importlib.metadata import PackageNotFoundError, version

    python = platform.python_version()
    yield Finding(OK if sys.version_info >= (3, 11) else FAIL, "python", python)
    lite = sqlite3.sqlite_version
    new_enough = sqlite3.sqlite_version_info >= (3, 37)
    yield Finding(
        OK if new_enough else FAIL,
        "sqlite",
        lite if new_enough else _("{found}; 3.37 or newer is needed").format(found=lite),
    )
    for name in ("deskline", *_LIBRARIES):
        try:
            yield Finding(OK, name, version(name))
        except PackageNotFoundError:
            yield Finding(FAIL, name, _("is not installed. Install deskline again, in an environment of its own."))


def packages(_place: str) -> Iterator[Finding]:
    """Look whether another program's package has one of our names."""
    import importlib.util

    home = Path(__file__).resolve().parents[2]
    for name in ("console", "core", "data", "intake"):
        found = importlib.util.find_spec(name)
        where = Path(found.origin).resolve().parent if found and found.origin else None
        if where != home / name:
            text = _("{name} is taken by {where}. Install deskline in an environment of its own: pipx install deskline")
            yield Finding(FAIL, "packages", text.format(name=name, where=where))
            return
    yield Finding(OK, "packages", _("nothing shadows deskline"))


def terminal(_place: str) -> Iterator[Finding]:
    """Look whether the locale can show what customers write."""
    encoding = (getattr(sys.stdout, "encoding", None) or "ascii").lower()
    words = _("{encoding}, language {language}").format(encoding=encoding, language=language() or "en")
    if encoding.replace("-", "") == "utf8":
        yield Finding(OK, "locale", words)
    else:
        yield Finding(
            WARN, "locale", _("{found}. Signs are drawn in ASCII; for all letters set LANG=C.UTF-8").format(found=words)
        )


def time_of_day(_place: str) -> Iterator[Finding]:
    """Look whether the clock can be right: it is not before this program was made."""
    made = int(Path(__file__).stat().st_mtime) * 1_000_000
    if now() + 86_400_000_000 < made:
        yield Finding(FAIL, "clock", _("is behind this program's own files. Set the machine's clock."))
    else:
        yield Finding(OK, "clock", _("plausible"))


def file_of_desk(place: str) -> Iterator[Finding]:
    """Look at the desk's file and its folder."""
    path = Path(place).absolute()
    if not path.exists():
        return  # `inside` says what to do
    folder = path.parent
    for what, about, wanted in ((folder, "folder", 0o700), (path, "file", 0o600)):
        mode = stat.S_IMODE(what.stat().st_mode)
        if mode & ~wanted & 0o077:
            text = _("{path} can be read by others (mode {mode:04o}). Make it private: chmod {wanted:04o} {path}")
            yield Finding(WARN, about, text.format(path=what, mode=mode, wanted=wanted))
        elif not os.access(what, os.W_OK):
            yield Finding(
                FAIL,
                about,
                _("{path} cannot be written. It must belong to the account that runs the desk.").format(path=what),
            )
        else:
            yield Finding(OK, about, f"{what} ({mode:04o})")
    free = shutil.disk_usage(folder).free
    if free < _LITTLE:
        text = _("only {size} free. Make room before the desk stops.")
        yield Finding(FAIL if free < _LITTLE // 10 else WARN, "disk", text.format(size=size(free)))
    else:
        yield Finding(OK, "disk", _("{size} free").format(size=size(free)))


def inside(place: str) -> Iterator[Finding]:
    """Open the desk and look at its engine and its mailboxes."""
    from data.errors import DeskError

    try:
        with opened(place, "doctor") as desk, desk.reading() as connection:
            yield Finding(
                OK, "desk", _("{place}, schema {version}").format(place=_hidden(place), version=queries.SCHEMA)
            )
            if desk.storage.dialect == "sqlite":
                mode = str(connection.exec_driver_sql("pragma journal_mode").scalar())
                yield Finding(OK if mode == "wal" else WARN, "journal mode", mode)
            fetch = fetch_over(connection)
            lease = fetch(queries.LEASE, {})[0]
            not_sent = fetch(NOT_SENT, {})
            tried_again = fetch(TRIED_AGAIN, {})
            webhook_secret = next((each["value"] for each in fetch(WEBHOOK_SECRET, {})), "")
            mailboxes = fetch(queries.MAILBOXES, {})
            quarantined = fetch(QUARANTINED, {})[0]["mails"]
            uncalled = fetch(FAILED_SINCE, {"since": now() - _DAY})[0]["n"]
    except DeskError as error:
        yield Finding(FAIL, "desk", message_of(error))
        return
    if lease["expires_at"] > now():
        yield Finding(OK, "engine", clean(lease["holder"]))
    else:
        since = (
            _("has not run for {age}").format(age=age(lease["turned_at"])) if lease["turned_at"] else _("has never run")
        )
        yield Finding(
            WARN, "engine", _("{since}: nothing is routed or sent. Start it: deskline engine run").format(since=since)
        )
    yield from _answers(not_sent, [each for each in tried_again if each["kind"] == "mail"])
    yield from _webhooks(uncalled, [each for each in tried_again if each["kind"] == "webhook"], webhook_secret)
    if quarantined:
        text = ngettext(
            "{n} mail could not be read and waits in quarantine. Look: deskline mail quarantine list",
            "{n} mails could not be read and wait in quarantine. Look: deskline mail quarantine list",
            quarantined,
        )
        yield Finding(WARN, "quarantine", text.format(n=quarantined))
    if not mailboxes:
        yield Finding(
            WARN, "mailboxes", _("none: no mail comes in or goes out. Add one with: deskline apply desk.yaml")
        )
    for box in mailboxes:
        about = f"mailbox {box['mailbox']}"
        entries = [json_.loads(box[part]) for part in ("imap", "smtp") if box[part]]
        secrets = [each["password"] for each in entries if each.get("password")]
        for why in _missing(secrets):
            yield Finding(WARN, about, why)
        if box["failed_at"] and box["failed_at"] > (box["polled_at"] or 0):
            text = _("failed {age} ago: {why}").format(age=age(box["failed_at"]), why=clean(box["failure"]))
            yield Finding(FAIL, about, text)
        elif box["imap"] is None:
            yield Finding(OK, about, _("mail comes by deskline mail pipe"))
        elif box["polled_at"] is None:
            yield Finding(WARN, about, _("not polled yet"))
        else:
            stale = now() - box["polled_at"] > _STALE_US
            yield Finding(WARN if stale else OK, about, _("polled {age} ago").format(age=age(box["polled_at"])))


def _answers(not_sent: list[Row], tried_again: list[Row]) -> Iterator[Finding]:
    """Say which answers the customers do not have: those that were given up, and those whose tries failed so far."""
    if not_sent:
        text = ngettext(
            "{n} answer was not sent: #{case}: {why}. Look: deskline mail outbox --state failed",
            "{n} answers were not sent, the newest: #{case}: {why}. Look: deskline mail outbox --state failed",
            len(not_sent),
        )
        newest = not_sent[0]
        yield Finding(WARN, "answers", text.format(n=len(not_sent), case=newest["case"], why=_why(newest)))
    if tried_again:
        text = ngettext(
            "{n} answer could not be sent so far and is tried again: #{case}: {why}. It was queued {age} ago. "
            "Look: deskline mail outbox",
            "{n} answers could not be sent so far and are tried again, the newest: #{case}: {why}. "
            "The oldest was queued {age} ago. Look: deskline mail outbox",
            len(tried_again),
        )
        newest, oldest = tried_again[0], tried_again[-1]
        told = {"case": newest["case"], "why": _why(newest), "age": age(oldest["created_at"])}
        yield Finding(WARN, "answers", text.format(n=len(tried_again), **told))
    if not not_sent and not tried_again:
        yield Finding(OK, "answers", _("all were sent, or are still to be"))


def _webhooks(given_up: int, tried_again: list[Row], secret: str) -> Iterator[Finding]:
    """Say which calls other systems do not have, and whether the secret that calls are signed with can be had."""
    for why in _missing([json_.loads(secret)] if secret else []):
        yield Finding(WARN, "webhooks", why)
    if given_up:
        text = ngettext(
            "{n} call was given up since yesterday. Look: deskline webhook list --state failed",
            "{n} calls were given up since yesterday. Look: deskline webhook list --state failed",
            given_up,
        )
        yield Finding(WARN, "webhooks", text.format(n=given_up))
    if tried_again:
        text = ngettext(
            "{n} call failed so far and is tried again: {why}. It was queued {age} ago. "
            "Look: deskline webhook list --state queued",
            "{n} calls failed so far and are tried again, the newest: {why}. The oldest was queued {age} ago. "
            "Look: deskline webhook list --state queued",
            len(tried_again),
        )
        told = {"why": _why(tried_again[0]), "age": age(tried_again[-1]["created_at"])}
        yield Finding(WARN, "webhooks", text.format(n=len(tried_again), **told))


def _why(row: Row) -> str:
    return clean(row["error"]).rstrip(".") or _("the reason is not recorded")


def _missing(secrets: list[dict[str, str]]) -> list[str]:
    """Say of the secrets that cannot be had why not; a command is not run, since it may ask somebody or leave a trace."""
    from core.config.document import Secret
    from intake.secret_sources import NoSecret, fetch_secret

    found = []
    for each in map(Secret.model_validate, secrets):
        try:
            if each.command is None:
                fetch_secret(each)
        except NoSecret as error:
            if each.env is not None:
                text = _(
                    "the secret is to be in the environment variable {name}, which is not set here; the engine needs it."
                )
                found.append(text.format(name=clean(each.env)))
            else:
                text = _("the secret cannot be had here: {why}; the engine needs it.")
                found.append(text.format(why=clean(error.params["why"])))
    return sorted(set(found))


def _hidden(place: str) -> str:
    """Return where the desk is, without the password of a URL."""
    scheme, separator, rest = place.partition("://")
    user, at, host = rest.rpartition("@")
    return place if not separator or not at else f"{scheme}://{user.partition(':')[0]}@{host}"
