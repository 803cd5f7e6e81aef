from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.config.document import Channel, Imap, PresenceConfiguration, Queue, Secret, Smtp
from core.config.reading import read
from core.config.scalars import reads_as_other, resolve
from core.config.starter import starter
from core.config.values import written_amount, written_duration


@given(st.integers(0, 3650 * 86400))
def test_a_duration_is_written_exactly(seconds: int) -> None:
    assert PresenceConfiguration(wrap_up=written_duration(seconds)).wrap_up == seconds  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("seconds", "written"),
    [(0, "0s"), (45, "45s"), (60, "1m"), (90, "90s"), (3600, "1h"), (5400, "90m"), (86400, "1d"), (90000, "25h")],
)
def test_a_duration_is_written_in_the_largest_unit_that_is_exact(seconds: int, written: str) -> None:
    assert written_duration(seconds) == written


@given(st.integers(0, 1_000_000))
def test_an_amount_is_exact_to_the_thousandth(thousandths: int) -> None:
    amount = Decimal(thousandths) / 1000
    document, _ = read(f"channels: {{c: {{weight: {written_amount(amount):f}}}}}", "desk.yaml")
    assert document.channels["c"].weight * 1000 == thousandths


@pytest.mark.parametrize(
    ("written", "value"),
    [("no", False), ("On", True), ("nO", "nO"), ("~", None), ("12", 12), ("-3", -3), ("012", "012"), ("0.20", Decimal("0.2")),
     ("1:30", "1:30"), ("1_000", "1_000"), ("1e3", "1e3"), ("tier-1", "tier-1"), ("2024-01-01", "2024-01-01")],
)  # fmt: skip
def test_a_scalar_counts_as_a_number_only_where_all_readers_agree(written: str, value: object) -> None:
    assert resolve(written) == value


@pytest.mark.parametrize(
    "name", ["08", "0x1f", "1_000", "1e3", "12:30", "y", "n", "null", "", "off", "2024-01-01", ".5"]
)
def test_names_that_some_reader_takes_for_something_else(name: str) -> None:
    assert reads_as_other(name)


@pytest.mark.parametrize("name", ["maya", "tier-1", "a.b", "2nd-line", "e3", "yes-men", "v1.2"])
def test_names_that_every_reader_takes_for_text(name: str) -> None:
    assert not reads_as_other(name)


def test_quoted_names_may_look_like_anything() -> None:
    document, _ = read('agents: {"08": {name: Eight}}\nqueues: {"no": {members: ["08"]}}', "desk.yaml", starter())
    assert document.queues["no"].members == ("08",)


def test_the_order_of_members_says_nothing() -> None:
    assert Queue(members=("tom", "maya")) == Queue(members=("maya", "tom"))


def test_a_port_follows_from_the_way_of_encryption() -> None:
    secret = Secret(env="DESK_PASSWORD")
    assert Imap(host="h", user="u", password=secret).port_number() == 993
    assert Imap(host="h", user="u", password=secret, tls="starttls").port_number() == 143
    assert [Smtp(host="h", tls=tls).port_number() for tls in ("tls", "starttls", "none")] == [465, 587, 25]  # type: ignore[arg-type]


def test_a_whole_amount_is_exported_without_decimals() -> None:
    assert str(Channel(weight=Decimal("6.000")).model_dump()["weight"]) == "6"
