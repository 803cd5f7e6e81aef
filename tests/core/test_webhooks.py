"""Which URL may be called: whole and plain ones to hosts that an admin allowed, and no writing that means another place."""

from __future__ import annotations

import re
from ipaddress import IPv4Address
from urllib.parse import urlsplit

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from core.webhooks import LONGEST_URL, Target, WebhookRefused, check_allowed, target_of

HOST = "hooks.example.org"
ALLOWED = [HOST, "*.partner.example", "hooks.example.org:8443", "http://plain.example.org", "müller.example"]


@pytest.mark.parametrize(
    ("url", "target"),
    [
        ("https://hooks.example.org", Target("https", HOST, 443, "/")),
        ("HTTPS://Hooks.Example.ORG./a/b?c=d&e=%2F", Target("https", HOST, 443, "/a/b?c=d&e=%2F")),
        ("https://hooks.example.org?c=d", Target("https", HOST, 443, "/?c=d")),
        ("https://hooks.example.org:443/", Target("https", HOST, 443, "/")),
        ("https://hooks.example.org:8443/in", Target("https", HOST, 8443, "/in")),
        ("https://a.b.partner.example/{x}", Target("https", "a.b.partner.example", 443, "/%7Bx%7D")),
        ("http://plain.example.org/in", Target("http", "plain.example.org", 80, "/in")),
        ("https://MÜLLER.example/in", Target("https", "xn--mller-kva.example", 443, "/in")),
        ("https://xn--mller-kva.example/in", Target("https", "xn--mller-kva.example", 443, "/in")),
        ("https://hooks。example．org/in", Target("https", HOST, 443, "/in")),
        ("https://hooks.example.org/@user", Target("https", HOST, 443, "/@user")),
    ],
)
def test_a_url_to_an_allowed_host_leads_there(url: str, target: Target) -> None:
    assert target_of(url, ALLOWED) == target


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("", "not whole"),
        ("hooks.example.org/in", "not whole"),
        ("https:/hooks.example.org/in", "not whole"),
        ("//hooks.example.org/in", "not whole"),
        ("file:///etc/passwd", "https://"),
        ("gopher://hooks.example.org/", "https://"),
        ("https:///in", "no host"),
        ("https://:443/in", "no host"),
        ("https://./in", "no name of a host"),
        ("https://hooks..example.org/", "no name of a host"),
        ("https://hooks%2eexample.org/", "no name of a host"),
        ("https://-hooks.example.org/", "no name of a host"),
        ("https://lena@hooks.example.org/", "user or a password"),
        ("https://hooks.example.org:secret@evil.example/", "user or a password"),
        ("https://hooks.example.org/#part", "fragment"),
        ("https://hooks.example.org#@evil.example/", "fragment"),
        ("https://evil.example\\.hooks.example.org/", "backslash"),
        ("https://hooks.example.org/a b", "space"),
        (" https://hooks.example.org/", "space"),
        ("https://hooks.example.org/\r\nHost: evil.example", "control"),
        ("https://hooks.exam\tple.org/", "control"),
        ("https://hooks.example.org/ü", "percent-encoded"),
        ("https://hooks.example.org/%zz", "%25"),
        ("https://hooks.example.org:/", "port"),
        ("https://hooks.example.org:0/", "port"),
        ("https://hooks.example.org:65536/", "port"),
        ("https://hooks.example.org:0443/", "port"),
        ("https://hooks.example.org:４４３/", "port"),
        ("https://hooks.example.org:443:443/", "port"),
        ("https://::1/", "brackets"),
        ("https://[::1/", "brackets"),
        ("https://[hooks.example.org]/", "no IPv6 address"),
        ("https://[fe80::1%25eth0]/", "interface"),
        ("https://[fe80::1%eth0]/", "interface"),
        ("https://straße.example/", "no one meaning"),
        ("https://a\u200db.example/", "no one meaning"),
        ("https://hooks.example.org℀.evil.example/", "no name of a host"),
        ("https://" + "a" * LONGEST_URL, "characters"),
        ("https://" + "ü" * 1000 + ".example/", "no one meaning"),
    ],
)
def test_a_url_that_is_not_whole_and_plain_is_refused(url: str, why: str) -> None:
    with pytest.raises(WebhookRefused, match=why) as caught:
        target_of(url, [*ALLOWED, "evil.example"])
    assert str(caught.value).isprintable()
    assert caught.value.exit_code == 2


LITERALS = [
    "127.0.0.1",
    "127.0.0.1.",
    "127.1",
    "0x7f.1",
    "0X7F000001",
    "2130706433",
    "0177.0.0.1",
    "0177.0.0.01",
    "0",
    "0x",
    "１２７.0.0.1",
    "127。0。0。1",
    "①②⑦.0.0.1",
    "169.254.169.254",
    "999.999.999.999",
    "hooks.example.org.1",
    "[::1]",
    "[::]",
    "[::ffff:127.0.0.1]",
    "[::ffff:7f00:1]",
    "[0:0:0:0:0:0:0:1]",
    "[64:ff9b::127.0.0.1]",
    "[2001:db8::1]",
]


@pytest.mark.parametrize("host", LITERALS)
@pytest.mark.parametrize("scheme", ["https", "http"])
def test_an_address_in_any_writing_is_refused(host: str, scheme: str) -> None:
    with pytest.raises(WebhookRefused):
        target_of(f"{scheme}://{host}/in", [*ALLOWED, "*.example.org", "192.0.2.1", "localhost", "http://localhost"])


@settings(deadline=None)
@given(address=st.integers(0, 2**32 - 1), parts=st.integers(1, 4), bases=st.lists(st.sampled_from("dox"), min_size=4))
def test_no_writing_of_an_ipv4_address_is_taken_for_a_name(address: int, parts: int, bases: list[str]) -> None:
    numbers = [address >> 24 & 255, address >> 16 & 255, address >> 8 & 255, address & 255][: parts - 1]
    numbers.append(address & (1 << 8 * (5 - parts)) - 1)
    written = {"d": "{}", "o": "0{:o}", "x": "0x{:x}"}
    host = ".".join(written[base].format(number) for number, base in zip(numbers, bases, strict=False))
    with pytest.raises(WebhookRefused):
        target_of(f"https://{host}/", ["*.example.org"])
    if host != str(IPv4Address(address)):
        with pytest.raises(ValueError, match="unusual writing"):
            check_allowed(host)


@pytest.mark.parametrize(
    ("entry", "url", "host"),
    [
        ("192.0.2.7", "https://192.0.2.7/in", "192.0.2.7"),
        ("[2001:db8::7]", "https://[2001:DB8:0::7]/in", "2001:db8::7"),
    ],
)
def test_exactly_the_address_that_is_allowed_is_taken(entry: str, url: str, host: str) -> None:
    assert target_of(url, [entry]).host == host
    with pytest.raises(WebhookRefused, match="address in numbers"):
        target_of(url.replace("7", "8"), [entry])


@pytest.mark.parametrize(
    "url",
    [
        "https://example.org/",
        "https://partner.example/",
        "https://evilpartner.example/",
        "https://hooks.example.org.evil.example/",
        "https://hooks.example.org:444/",
        "http://hooks.example.org/",
        "https://plain.example.org/",
        "http://hooks.example.org:443/",
        "https://a.partner.example:8443/",
    ],
)
def test_a_host_port_or_scheme_that_is_not_allowed_is_refused(url: str) -> None:
    with pytest.raises(WebhookRefused, match="not allowed"):
        target_of(url, ALLOWED)


def test_a_refusal_names_the_nearest_host_and_those_allowed() -> None:
    with pytest.raises(WebhookRefused) as caught:
        target_of("https://hoks.example.org/T0/secret", [HOST, "*.partner.example", "not an entry"])
    assert str(caught.value) == (
        "The desk does not call this webhook: hoks.example.org is a host that is not allowed. "
        'Did you mean "hooks.example.org"? Allowed are *.partner.example, hooks.example.org.'
    )
    with pytest.raises(WebhookRefused, match="It is allowed with TLS: write https:// in front"):
        target_of("http://hooks.example.org/T0", [HOST])
    with pytest.raises(WebhookRefused, match="No host is allowed yet"):
        target_of("https://hooks.example.org/", [])


@pytest.mark.parametrize(
    "url",
    [
        "https://lena:s3cret@hooks.example.org/",
        "https://lena:s3cret/",
        "https://nowhere.example/s3cret",
        "https://hooks.example.org/s3cret %",
        "https:/lena:s3cret@hooks.example.org",
        "https://hooks.example.org/#s3cret",
    ],
)
def test_a_refusal_quotes_no_part_that_may_be_secret(url: str) -> None:
    with pytest.raises(WebhookRefused) as caught:
        target_of(url, ALLOWED)
    assert "s3cret" not in str(caught.value)


@pytest.mark.parametrize(
    ("entry", "form"),
    [
        ("HOOKS.example.org.", "hooks.example.org"),
        ("https://hooks.example.org", "hooks.example.org"),
        ("hooks.example.org:443", "hooks.example.org"),
        ("hooks.example.org:8443", "hooks.example.org:8443"),
        ("*.Example.org", "*.example.org"),
        ("*.example.org:8443", "*.example.org:8443"),
        ("HTTP://hooks.example.org:80", "http://hooks.example.org"),
        ("http://*.example.org:8080", "http://*.example.org:8080"),
        ("hooks.example.org:80", "hooks.example.org:80"),
        ("Müller.example", "xn--mller-kva.example"),
        ("intranet", "intranet"),
        ("10.0.5.7", "10.0.5.7"),
        ("[2001:DB8:0:0::1]:8443", "[2001:db8::1]:8443"),
    ],
)
def test_an_entry_has_one_form(entry: str, form: str) -> None:
    assert check_allowed(entry) == form
    assert check_allowed(form) == form


@pytest.mark.parametrize(
    ("entry", "why"),
    [
        ("", "no host"),
        ("*", r"\*"),
        ("*.", "no host"),
        ("*.com", "top-level"),
        ("*.com.", "top-level"),
        ("*.*.example.org", r"\*"),
        ("hooks.*.org", r"\*"),
        ("*hooks.example.org", r"\*"),
        ("*.0.0.1", "unusual writing"),
        ("*.127.0.0.1", "numbers"),
        ("*.[::1]", "numbers"),
        ("https://hooks.example.org/", "path"),
        ("https://hooks.example.org/in", "path"),
        ("hooks.example.org/in", "path"),
        ("lena@hooks.example.org", "user"),
        ("hooks.example.org ", "space"),
        ("ftp://hooks.example.org", "https://"),
        ("://hooks.example.org", "https://"),
        ("hooks.example.org:", "port"),
        ("hooks.example.org:99999", "port"),
        ("127.1", "unusual writing"),
        ("::1", "brackets"),
        ("[fe80::1%eth0]", "interface"),
        ("a" * 5000, "characters"),
        ("a\x1b[31m.example.org", "brackets|no name"),
    ],
)
def test_what_is_no_entry_is_refused_in_words(entry: str, why: str) -> None:
    with pytest.raises(ValueError, match=why) as caught:
        check_allowed(entry)
    assert str(caught.value).isprintable()
    with pytest.raises(WebhookRefused):
        target_of("https://hooks.example.org/", [entry])


PARTS = st.sampled_from(
    [
        *("https://", "HTTP://", "hooks.example.org", "evil.example", "127.0.0.1", "::1", "443"),
        *("@", ":", "/", "\\", "?", "#", "[", "]", "{", "*", ".", "%2e", "%0d%0a"),
        *(" ", "\t", "\r\n", "\x00", "ü", "ß", "。", "／", "＠", "\u202e"),
    ]
)


@settings(max_examples=300, deadline=None)
@given(
    url=st.one_of(
        st.lists(PARTS, max_size=8).map("".join), st.text(max_size=40).map("https://hooks.example.org".__add__)
    )
)
@example("https://hooks.example.org/?url=http://evil.example/")
@example("https://hooks.example.org&@evil.example/")
def test_what_is_taken_leads_to_the_allowed_host_by_any_reading(url: str) -> None:
    try:
        target = target_of(url, [HOST, f"http://{HOST}"])
    except WebhookRefused as refusal:
        said = str(refusal)
        assert said.isprintable()
        return
    assert target.host == HOST
    assert re.fullmatch(r"/[!-~]*", target.path)
    other = urlsplit(url)
    assert (other.hostname or "").encode("idna").decode().removesuffix(".") == HOST
    assert (other.username, other.password, other.fragment) == (None, None, "")


@settings(deadline=None)
@given(entry=st.one_of(st.text(max_size=30), st.lists(PARTS, max_size=5).map("".join)))
def test_the_form_of_an_entry_is_stable(entry: str) -> None:
    try:
        form = check_allowed(entry)
    except ValueError:
        return
    assert check_allowed(form) == form
    assert form.isascii()
