"""How much of what real mail states is read: counts per field, and each miss.

Run `python tests/intake/email/corpus_measure.py [FIELD]` for the counts, and with a field for its misses.
"""

from __future__ import annotations

import json
import re
import sys
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path
from time import perf_counter
from typing import Any

# ruff: noqa: E402
ROOT = Path(__file__).resolve().parents[3]
if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))

from intake.email.attachments import open_tnef
from intake.email.parse import ParsedMail, parse
from intake.email.quotes import reply_from_html, reply_from_text

CORPUS = ROOT.parent / "shared" / "corpus" / "mail"


@dataclass
class Tally:
    met: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    asked: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    misses: list[tuple[str, str, Any, Any]] = field(default_factory=list)

    def add(self, name: str, file: str, ok: bool, wanted: Any, got: Any) -> None:
        self.asked[name] += 1
        self.met[name] += ok
        if not ok:
            self.misses.append((name, file, wanted, got))


def squeeze(text: str) -> str:
    return " ".join(text.split())


def bare(text: str) -> str:
    return squeeze(re.sub(r"<[^<>]*>", " ", text))


def mails_in(text: str) -> list[str]:
    return [one.lower() for one in re.findall(r"[^\s<>,;:()\"]+@[^\s<>,;:()\"]+", text)]


def measure() -> Tally:
    tally = Tally()
    for entry in json.loads((CORPUS / "MANIFEST.json").read_text("utf-8"))["entries"]:
        raw = (CORPUS / entry["file"]).read_bytes()
        wanted = {key: value for key, value in entry["expected"].items() if key not in entry.get("disputed", ())}
        if entry["kind"] == "message":
            _message(tally, entry["file"], wanted, parse(raw))
        elif entry["kind"] in ("text-body", "html-body"):
            _trimmed(tally, entry, wanted, raw)
        elif entry["kind"] == "tnef":
            opened = open_tnef(raw)
            got = [one.name for one in opened.attachments] if opened else None
            _files(tally, "tnef", entry["file"], wanted["attachments"], got or [])
    return tally


def _files(tally: Tally, name: str, file: str, wanted: list[dict[str, Any]], got: list[str]) -> None:
    left = list(got)
    lost = []
    for one in wanted:
        if one.get("name_invented_by_source"):
            continue
        if "filename" in one and one["filename"] in left:
            left.remove(one["filename"])
        elif "filename" in one:
            lost.append(one["filename"])
    tally.add(name, file, not lost, wanted, got)
    if name == "attachments":
        tally.add("attachments (number)", file, len(got) == len(wanted), wanted, got)


def _message(tally: Tally, file: str, wanted: dict[str, Any], mail: ParsedMail) -> None:
    add = tally.add
    if "from_email" in wanted:
        add(
            "from_email",
            file,
            mail.sender.address.lower() == wanted["from_email"].lower(),
            wanted["from_email"],
            mail.sender,
        )
    if "from" in wanted and mails_in(wanted["from"]):
        add("from", file, mail.sender.address.lower() in mails_in(wanted["from"]), wanted["from"], mail.sender)
    if "from_display_name" in wanted:
        add(
            "from_display_name",
            file,
            mail.sender.name == wanted["from_display_name"],
            wanted["from_display_name"],
            mail.sender,
        )
    for name, got in (("to", mail.to), ("cc", mail.cc), ("reply_to", mail.reply_to)):
        if name in wanted:
            have = [one.address.lower() for one in got if one.address]
            add(name, file, have == mails_in(wanted[name]), wanted[name], got)
    if "to_email" in wanted:
        add("to", file, bool(mail.to) and mail.to[0].address == wanted["to_email"], wanted["to_email"], mail.to)
    if "subject" in wanted:
        add("subject", file, squeeze(mail.subject) == squeeze(wanted["subject"]), wanted["subject"], mail.subject)
    for phrase in wanted.get("body_contains", ()):
        ok = bare(phrase) in bare(mail.text)
        add("body_contains", file, ok, phrase, mail.text[:1500])
        add("body_contains (strict)", file, squeeze(phrase) in squeeze(mail.text), phrase, mail.text[:600])
    names = [one.name for one in mail.attachments]
    if "attachments" in wanted:
        if all("filename" in one for one in wanted["attachments"]):
            _files(tally, "attachments", file, wanted["attachments"], names)
        for one in wanted["attachments"]:
            if "size" in one:
                add(
                    "attachment size",
                    file,
                    one["size"] in [a.size for a in mail.attachments],
                    one,
                    [(a.name, a.size) for a in mail.attachments],
                )
    if "attachment_count" in wanted:
        add("attachment_count", file, len(names) == wanted["attachment_count"], wanted["attachment_count"], names)
    if "is_auto" in wanted:
        add(
            "is_auto",
            file,
            mail.auto == wanted["is_auto"],
            wanted["is_auto"],
            (mail.auto_reason, mail.sender, mail.subject),
        )
    if "is_bounce" in wanted:
        add(
            "is_bounce",
            file,
            mail.bounce == wanted["is_bounce"],
            wanted["is_bounce"],
            (mail.auto_reason, mail.sender, mail.subject),
        )
    if "reply_text" in wanted:
        add(
            "reply_text",
            file,
            squeeze(mail.reply_text) == squeeze(wanted["reply_text"]),
            wanted["reply_text"],
            mail.reply_text,
        )
    if "message_id" in wanted:
        add(
            "message_id",
            file,
            mail.message_id.strip("<>") == wanted["message_id"],
            wanted["message_id"],
            mail.message_id,
        )
    if "in_reply_to" in wanted:
        add(
            "in_reply_to",
            file,
            mail.in_reply_to.strip("<>") == wanted["in_reply_to"],
            wanted["in_reply_to"],
            mail.in_reply_to,
        )
    for one in wanted.get("references_include", ()):
        add("references", file, any(one in have for have in mail.references), one, mail.references)
    if wanted.get("body_is_empty"):
        add("body_is_empty", file, not mail.text.strip(), "", mail.text[:300])
    if "body_html" in wanted:
        add("body_html", file, squeeze(mail.html) == squeeze(wanted["body_html"]), wanted["body_html"], mail.html)
    if "has_html_body" in wanted:
        add("has_html_body", file, bool(mail.html) == wanted["has_html_body"], wanted["has_html_body"], mail.html[:200])
    if "crypto" in wanted:
        add("crypto listed", file, bool(mail.text.strip() or mail.attachments), wanted["crypto"], mail.text[:100])


def _trimmed(tally: Tally, entry: dict[str, Any], wanted: dict[str, Any], raw: bytes) -> None:
    text = raw.decode("utf-8", "replace")
    begun = perf_counter()
    got = reply_from_html(text) if entry["kind"] == "html-body" else reply_from_text(text)
    took = perf_counter() - begun
    file, add = entry["file"], tally.add
    if "reply_text" in wanted:
        same = re.sub(r"\s", "", got) == re.sub(r"\s", "", wanted["reply_text"])
        add("reply_text", file, same, wanted["reply_text"], got)
        add("reply_text (exact)", file, got.strip() == wanted["reply_text"].strip(), wanted["reply_text"], got)
    if "reply_text_starts" in wanted:
        add(
            "reply_text_starts",
            file,
            squeeze(got).startswith(squeeze(wanted["reply_text_starts"])),
            wanted["reply_text_starts"],
            got,
        )
    for one in wanted.get("reply_text_contains", ()):
        add("reply_text_contains", file, one in got, one, got)
    for one in wanted.get("reply_text_excludes", ()):
        add("reply_text_excludes", file, one not in got, one, got)
    if wanted.get("signature"):
        plain = squeeze(wanted["signature"].replace("#sig#", ""))
        add("signature", file, plain not in squeeze(got), wanted["signature"], got)
    if "max_seconds" in wanted:
        add("max_seconds", file, took < wanted["max_seconds"], wanted["max_seconds"], took)
    add("reply never empty", file, bool(got.strip()) or not text.strip(), "text", got)


def main() -> None:
    tally = measure()
    for name, asked in sorted(tally.asked.items()):
        print(f"{name:26} {tally.met[name]:4} of {asked}")
    for name, file, wanted, got in tally.misses:
        if len(sys.argv) > 1 and name == sys.argv[1]:
            print(f"\n### {name} {file}\n--- wanted\n{wanted}\n--- got\n{got}")


if __name__ == "__main__":
    main()
