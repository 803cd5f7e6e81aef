"""What a mail comes to: every user-visible part of reading one, and that nothing can stop it."""

from __future__ import annotations

import base64
from time import perf_counter

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from intake.email.parse import Address, ParsedMail, Unreadable, as_object, parse

HEAD = (
    b"From: Ann <ann@example.com>\nTo: desk@example.com\nSubject: Help\n"
    b"Message-ID: <1@example.com>\nDate: Tue, 24 Nov 2026 10:00:00 +0100\n"
)


def mail(headers: str | bytes = b"", body: str | bytes = b"hello\n") -> ParsedMail:
    more = headers.encode() if isinstance(headers, str) else headers
    text = body.encode() if isinstance(body, str) else body
    return parse(HEAD + (more + b"\n" if more else b"") + b"\n" + text)


def multipart(kind: str, *parts: str | bytes) -> bytes:
    body = b"".join(b"--BB\n" + (part.encode() if isinstance(part, str) else part) + b"\n" for part in parts)
    return HEAD + f"Content-Type: multipart/{kind}; boundary=BB\n\n".encode() + body + b"--BB--\n"


def subject(raw: bytes) -> str:
    return parse(b"Subject: " + raw + b"\n\nx").subject


def test_an_ordinary_mail_is_read_whole() -> None:
    read = mail("In-Reply-To: <0@example.com>\nReferences: <a@b> <0@example.com>\nDelivered-To: q@desk.example")
    assert as_object(read) == {
        "from": {"name": "Ann", "address": "ann@example.com"},
        "to": [{"name": "", "address": "desk@example.com"}],
        "cc": [],
        "subject": "Help",
        "date": "2026-11-24T09:00:00Z",
        "message_id": "<1@example.com>",
        "in_reply_to": "<0@example.com>",
        "references": ["<a@b>", "<0@example.com>"],
        "text": "hello\n",
        "reply_text": "hello",
        "attachments": [],
        "auto": False,
        "bounce": False,
    }
    assert read.delivered_to == ("q@desk.example",)
    assert read.defects == ()


def test_the_same_mail_has_the_same_digest_with_any_line_ends() -> None:
    raw = HEAD + b"\nhello\nworld\n"
    assert len({parse(raw.replace(b"\n", end)).digest for end in (b"\n", b"\r\n", b"\r")}) == 1
    assert {parse(raw.replace(b"\n", end)).text for end in (b"\n", b"\r\n", b"\r")} == {"hello\nworld\n"}


@pytest.mark.parametrize(
    ("raw", "read"),
    [
        (b"=?utf-8?q?Gr=C3=BC=C3=9Fe?=", "Grüße"),
        (b"=?utf-8?b?8J+Y?= =?utf-8?b?gA==?=", "😀"),
        (b'"=?iso-8859-1?Q?M=FCller?=" meint', '"Müller" meint'),
        (b"=?utf-8?Q?a?==?utf-8?Q?b?=", "ab"),
        (b"=?utf-8?Q?with blank inside?=", "with blank inside"),
        (b"=?unknown-8bit?Q?caf=C3=A9?=", "café"),
        ("naïve".encode(), "naïve"),
        ("Müller fragt".encode("latin-1"), "Müller fragt"),
        ("тест тест".encode("koi8-r"), "тест тест"),
        ("ツール".encode("cp932"), "ツール"),
        (b"a\n  b", "a  b"),
        (b"=?utf-8?q?=00=1b[31m?=", "\ufffd\x1b[31m"),
    ],
)
def test_a_subject_reads_as_its_writer_meant_it(raw: bytes, read: str) -> None:
    assert subject(raw) == read


@pytest.mark.parametrize(
    ("raw", "read"),
    [
        ('"Smith, Karl" <k@x.de>', (Address("Smith, Karl", "k@x.de"),)),
        ("Smith, Karl <k@x.de>", (Address("Smith, Karl", "k@x.de"),)),
        ("k@x.de (Karl Smith)", (Address("Karl Smith", "k@x.de"),)),
        ("=?utf-8?Q?M=C3=BCller=2C_B?= <b@x.de>, c@x.de", (Address("Müller, B", "b@x.de"), Address("", "c@x.de"))),
        ("team: a@x.de, B <b@x.de>;, c@x.de", (Address("", "a@x.de"), Address("B", "b@x.de"), Address("", "c@x.de"))),
        ("undisclosed-recipients:;", ()),
        ("A < a @ x.de >", (Address("A", "a@x.de"),)),
        ("a@x.de,", (Address("", "a@x.de"),)),
        ('"O\\"Neil" <o@x.de>', (Address('O"Neil', "o@x.de"),)),
        ("MAILER-DAEMON (Mail System)", (Address("Mail System", "MAILER-DAEMON"),)),
    ],
)
def test_addresses_are_found_however_they_are_written(raw: str, read: tuple[Address, ...]) -> None:
    assert parse(b"To: " + raw.encode() + b"\n\nx").to == read


def test_a_sender_without_address_is_looked_for_in_the_reply_address() -> None:
    assert parse(b'From: "Ann" <>\nReply-To: ann@example.com\n\nx').sender == Address("Ann", "ann@example.com")


@pytest.mark.parametrize(
    ("charset", "body", "text"),
    [
        ("utf-8", "größe", "größe"),
        ("no-such", "größe", "größe"),
        ("us-ascii", "größe", "größe"),
        ("1252", "größe", "größe"),
        ("gb2312", "您好", "您好"),
        ("iso-2022-jp", "日本語", "日本語"),
        ("utf-16", "größe", "größe"),
        ("utf-7", "größe", "größe"),
        ("zip", "größe", "größe"),
    ],
)
def test_a_body_is_readable_whatever_its_charset_is_called(charset: str, body: str, text: str) -> None:
    codec = {"no-such": "utf-8", "us-ascii": "cp1252", "1252": "cp1252", "zip": "utf-8"}.get(charset, charset)
    encoded = base64.encodebytes(body.encode(codec))
    assert mail(f"Content-Type: text/plain; charset={charset}\nContent-Transfer-Encoding: base64", encoded).text == text


@pytest.mark.parametrize("encoding", ["utf-8", "8bits", "7-bit", "x-unknown", "base64;", "BASE64 ", "quoted-printable"])
def test_a_wrong_transfer_encoding_never_hides_the_words(encoding: str) -> None:
    body = "aGVsbG8gd29ybGQ=" if encoding.lower().startswith("base64") else "hello world"
    assert mail(f"Content-Transfer-Encoding: {encoding}", body).text.strip() == "hello world"


def test_of_text_and_html_the_text_is_read_and_the_html_kept() -> None:
    read = parse(
        multipart("alternative", "Content-Type: text/plain\n\nwords", "Content-Type: text/html\n\n<p>words</p>")
    )
    assert (read.text, read.html, read.attachments) == ("words", "<p>words</p>", ())


def test_an_empty_text_form_gives_way_to_the_html() -> None:
    read = parse(multipart("alternative", "Content-Type: text/plain\n\n ", "Content-Type: text/html\n\n<p>words</p>"))
    assert read.text == "words"


def test_no_part_vanishes() -> None:
    read = parse(
        multipart(
            "mixed",
            "Content-Type: text/plain\n\nfirst",
            "Content-Type: image/png; name=a.png\nContent-ID: <i@x>\nContent-Transfer-Encoding: base64\n\nAAEC",
            "Content-Type: text/calendar\n\nBEGIN:VCALENDAR",
            "Content-Type: message/rfc822\n\nSubject: =?utf-8?q?Gr=C3=BC=C3=9Fe?=\n\ninner",
            "Content-Type: application/octet-stream\n\nx",
            "Content-Type: text/plain\n\nlast",
        )
    )
    assert read.text == "first\n\nlast\n"
    assert [(one.name, one.inline) for one in read.attachments] == [
        ("a.png", True),
        ("invite.ics", False),
        ("Grüße.eml", False),
        ("application-4.bin", False),
    ]
    assert read.attachments[0].content == b"\0\1\2"


@pytest.mark.parametrize(
    ("parameter", "name"),
    [
        ("filename*=utf-8''na%C3%AFve.txt", "naïve.txt"),
        ("filename*0*=utf-8''na%C3; filename*1*=%AFve; filename*2=.txt", "naïve.txt"),
        ("filename*=us-ascii''W%F6lbung.jpg", "Wölbung.jpg"),
        ('filename="=?utf-8?Q?na=C3=AFve.txt?="', "naïve.txt"),
        ("filename=two words.txt", "two words.txt"),
        ('filename="a;b.txt"', "a;b.txt"),
        ('filename="a \\"b\\".txt"', 'a "b".txt'),
    ],
)
def test_file_names_are_read_in_every_spelling(parameter: str, name: str) -> None:
    part = f"Content-Type: application/pdf\nContent-Disposition: attachment; {parameter}\n\nx"
    assert parse(multipart("mixed", part)).attachments[0].name == name


def test_a_signed_text_is_the_body_and_its_signature_a_file() -> None:
    read = parse(
        multipart("signed", "Content-Type: text/plain\n\nsigned", "Content-Type: application/pgp-signature\n\nxx")
    )
    assert (read.text, [one.name for one in read.attachments]) == ("signed", ["signature.asc"])


def test_a_uuencoded_file_in_the_text_is_an_attachment() -> None:
    read = mail(body="see this\nbegin 644 cat.txt\n#0V%T\n`\nend\nthanks\n")
    assert [(one.name, one.content) for one in read.attachments] == [("cat.txt", b"Cat")]
    assert read.text == "see this\n\nthanks\n"


def test_flowed_text_is_joined_again() -> None:
    assert mail("Content-Type: text/plain; format=flowed", "one \ntwo\n> q \n> r\n").text == "one two\n> q r\n"


def test_html_is_read_with_its_links_lists_tables_and_quotes() -> None:
    html = (
        "<p>See <a href='https://x.example/a'>this page</a>.</p><ul><li>one<li>two</ul><ol><li>first</ol>"
        "<table><tr><td>a<td>b</table><blockquote type=cite>said<br>before</blockquote><script>no</script>"
    )
    assert mail("Content-Type: text/html", html).text == (
        "See this page. <https://x.example/a>\n\n- one\n- two\n\n1. first\n\na  b\n\n> said\n> before"
    )


def test_a_missing_boundary_or_a_wrong_one_loses_no_words() -> None:
    assert parse(HEAD + b"Content-Type: multipart/mixed\n\nwords").text == "words"
    wrong = HEAD + b"Content-Type: multipart/mixed; boundary=AA\n\n--BB\nContent-Type: text/plain\n\nwords\n--BB--\n"
    assert parse(wrong).text == "words"


def test_mbox_lines_and_notes_before_the_header_are_skipped() -> None:
    assert parse(b"From ann@example.com Tue Nov 24\n" + HEAD + b"\nx").sender.address == "ann@example.com"
    assert parse(b"--- original ---\nReceived: from x\n" + HEAD + b"\nx").sender.address == "ann@example.com"


@pytest.mark.parametrize(
    ("header", "reason"),
    [
        ("Auto-Submitted: auto-replied", "Auto-Submitted: auto-replied"),
        ("Precedence: bulk", "Precedence: bulk"),
        ("List-Id: <l.example.com>", "List-Id"),
        ("X-Auto-Response-Suppress: All", "X-Auto-Response-Suppress"),
        ("Return-Path: <>", "null sender"),
    ],
)
def test_mail_of_machines_is_known_by_its_headers(header: str, reason: str) -> None:
    read = mail(header)
    assert (read.auto, read.bounce, read.auto_reason) == (True, False, reason)


@pytest.mark.parametrize(
    ("headers", "sender", "machine"),
    [
        (("List-Id: <l.example.com>",), "ann@example.com", False),
        (("Precedence: list", "X-Loop: l", "Mailing-List: l"), "ann@example.com", False),
        ((), "no-reply@example.com", False),
        (("List-Id: <l.example.com>", "Subject: Out of Office: away"), "ann@example.com", True),
        (("List-Id: <l.example.com>", "X-Autoreply: yes"), "ann@example.com", True),
        (("Precedence: list", "X-Auto-Response-Suppress: All"), "ann@example.com", True),
        (("Subject: Automatic reply: away",), "noreply@example.com", True),
        (("X-Loop: me",), "ann@example.com", True),
        ((), "mailer-daemon@example.com", True),
        ((), "postmaster@example.com", True),
        ((), "autoresponder@example.com", True),
    ],
)
def test_every_sign_of_a_machine_counts_not_only_the_first(
    headers: tuple[str, ...], sender: str, machine: bool
) -> None:
    read = parse("\n".join((*headers, f"From: {sender}", "", "Hello", "")).encode())
    assert (read.auto, read.by_machine) == (True, machine)


def test_a_bounce_is_a_machines_whatever_gave_it_away() -> None:
    read = parse(b"From: MAILER-DAEMON@x.example\nSubject: failure notice\n\nI was unable to deliver your message.\n")
    assert (read.bounce, read.by_machine) == (True, True)


def test_a_person_is_no_machine() -> None:
    assert not mail("Auto-Submitted: no").auto


def test_a_delivery_report_is_a_bounce_and_a_receipt_is_not() -> None:
    def report(kind: str) -> ParsedMail:
        parts = b"--B\n\nsorry\n--B\nContent-Type: message/%s\n\nx: y\n--B--\n" % kind.encode()
        return parse(HEAD + b"Content-Type: multipart/report; report-type=%s; boundary=B\n\n" % kind.encode() + parts)

    assert (report("delivery-status").auto, report("delivery-status").bounce) == (True, True)
    assert (report("disposition-notification").auto, report("disposition-notification").bounce) == (True, False)


def test_a_bounce_in_plain_words_is_a_bounce() -> None:
    raw = b"From: MAILER-DAEMON@x.example\nSubject: failure notice\n\nHi. I was unable to deliver your message.\n"
    assert parse(raw).bounce


@pytest.mark.parametrize(
    "raw", [b"", b"\n", b"\0" * 50, b"\xff" * 50, b"no mail at all", HEAD[:40], b"From \n", b"--\n--"]
)
def test_what_is_hardly_a_mail_is_still_read(raw: bytes) -> None:
    read = parse(raw)
    assert read.sender is not None
    assert read.message_id in ("", "<1@example.com>")


def test_ten_thousand_levels_are_kept_as_one_attachment() -> None:
    raw = b"Subject: n\n" + b"".join(
        b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (level, level) for level in range(10_000)
    )
    read = parse(raw)
    assert len(read.attachments) == 1
    assert "nested deeper than 100 levels" in read.defects


def test_more_parts_than_the_bound_are_refused_with_the_reason() -> None:
    with pytest.raises(Unreadable, match="10000 parts"):
        parse(HEAD + b"Content-Type: multipart/mixed; boundary=b\n\n" + b"--b\n\nx\n" * 20_000)


@pytest.mark.parametrize(
    "raw",
    [
        b"Subject: " + b"=?utf-8?q?x?= " * 70_000,
        b"From: " + b'"\\' * 500_000,
        b"To: " + b"a, " * 300_000 + b"<x@y.z>",
        b"References: " + b"a@" * 500_000,
        b"Content-Type: text/plain" + b'; a="' * 200_000,
        HEAD + b"\n" + b"--\n" * 1_000_000,
        HEAD + b"\n" + b"Subject: x\n" * 300_000,
        HEAD + b"Content-Type: multipart/mixed; boundary=b\n\n" + b"--c\n" * 2_000_000,
        HEAD + b"Content-Type: text/html\n\n" + b"<div>" * 100_000,
        HEAD + b"Content-Type: text/html\n\n" + b"<b x=1>" * 100_000,
    ],
    ids=range(10),
)
def test_hostile_bytes_take_no_time(raw: bytes) -> None:
    begun = perf_counter()
    parse(raw)
    assert perf_counter() - begun < 8


SEEDS = [
    multipart(
        "mixed",
        "Content-Type: text/html; charset=utf-16\n\n<p>x<a href=y>z",
        "Content-Type: message/rfc822\n\nSubject: y\n\nz",
    ),
    multipart(
        "alternative",
        "Content-Transfer-Encoding: base64\n\nQUJD=",
        "Content-Type: text/plain; format=flowed\n\n> a \n> b",
    ),
    HEAD
    + b'Subject: =?iso-2022-jp?b?GyRCJCIbKEI=?= =?x?q?=FF?=\nTo: a: "b" <c@d>, (e) f@g;\n\nOn 1 May 2026 x@y wrote:\n> z\n-- \nAnn',
    HEAD + b"Content-Type: application/ms-tnef; name*0*=utf-8''a%; name*1=b\n\n\x78\x9f\x3e\x22\x00\x00",
]


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.sampled_from(SEEDS), st.data())
def test_no_damage_stops_the_reader(seed: bytes, data: st.DataObject) -> None:
    raw = bytearray(seed)
    for _ in range(data.draw(st.integers(0, 8))):
        at = data.draw(st.integers(0, max(len(raw) - 1, 0)))
        raw[at : at + data.draw(st.integers(0, 6))] = data.draw(st.binary(max_size=6))
    read = parse(bytes(raw[: data.draw(st.integers(0, len(raw)))]))
    assert len(read.reply_text) <= len(read.text) + 400
    for text in (
        read.subject,
        read.text,
        read.reply_text,
        read.html,
        read.sender.name,
        *(one.name for one in read.attachments),
    ):
        assert "\0" not in text
        text.encode("utf-8")
    assert bool(read.reply_text.strip()) == bool(read.text.strip())
