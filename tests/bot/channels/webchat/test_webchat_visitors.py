"""Tokens, limits and settings of the web chat by themselves."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from bot.callers import Throttle, neighbourhood
from bot.channels.webchat_settings import WebChatSettings
from bot.channels.webchat_visitors import BadToken, Visitors


def test_a_token_names_its_chat_to_who_holds_the_secret() -> None:
    visitors = Visitors(b"one", days=1)
    token = visitors.sign("abc")
    assert visitors.chat(token) == "abc"
    with pytest.raises(BadToken):
        Visitors(b"two", days=1).chat(token)


@given(st.text())
def test_no_text_is_a_token_by_chance(text: str) -> None:
    with pytest.raises(BadToken):
        Visitors(b"one", days=1).chat(text)


@given(rate=st.floats(0.1, 100), burst=st.integers(1, 20), pauses=st.lists(st.floats(0, 5), max_size=60))
def test_a_throttle_grants_no_more_than_burst_and_rate(rate: float, burst: int, pauses: list[float]) -> None:
    now = 1000.0
    throttle = Throttle(rate, burst, clock=lambda: now)
    granted = []
    for pause in pauses:
        now += pause
        if not throttle.wait("ann"):
            granted.append(now)
    for first, begin in enumerate(granted):
        for count, end in enumerate(granted[first:], start=1):
            assert count <= burst + rate * (end - begin) + 1e-3


@given(rate=st.floats(0.1, 100), burst=st.integers(1, 20))
def test_who_waits_as_told_is_granted(rate: float, burst: int) -> None:
    now = 1000.0
    throttle = Throttle(rate, burst, clock=lambda: now)
    for _ in range(burst):
        assert throttle.wait("ann") == 0
    wait = throttle.wait("ann")
    assert wait > 0
    assert throttle.wait("ben") == 0
    now += wait + 1e-9
    assert throttle.wait("ann") == 0


def test_a_throttle_forgets_who_needs_no_memory() -> None:
    now = 0.0
    throttle = Throttle(1, 2, most=10, clock=lambda: now)
    for n in range(100):
        throttle.wait(f"visitor {n}")
    assert len(throttle._whole) <= 10
    now = 50.0
    for n in range(11):
        throttle.wait(f"later {n}")
    assert set(throttle._whole) <= {f"later {n}" for n in range(11)}


@pytest.mark.parametrize(
    ("address", "limited_as"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3::4", "2001:db8:1:2::/64"),
        (None, "unknown"),
        ("a socket", "a socket"),
    ],
)
def test_an_ipv6_household_is_one_visitor(address: str | None, limited_as: str) -> None:
    assert neighbourhood(address) == limited_as


def test_an_origin_is_normalised() -> None:
    settings = WebChatSettings(allowed_origins=("https://Shop.Example/", "http://localhost:3000"))
    assert settings.allowed_origins == ("https://shop.example", "http://localhost:3000")


@pytest.mark.parametrize("origin", ["*", "shop.example", "https://shop.example/help", "ftp://shop.example"])
def test_what_is_no_origin_is_refused_with_the_remedy(origin: str) -> None:
    with pytest.raises(ValidationError, match="write it as https://"):
        WebChatSettings(allowed_origins=(origin,))
