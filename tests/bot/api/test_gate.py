"""Who may ask over HTTP, how often, and what is known of their tokens."""

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.api.gate import Paces
from bot.api.tokens import new_token, proves, taken_apart
from bot.callers import Throttle
from storage.errors import StoreUnreachable
from tests.bot.api.api_shop import NOW, Bench, bench, problem

DAY = timedelta(days=1)


@pytest.fixture
async def api(tmp_path: Path) -> AsyncIterator[Bench]:
    async with bench(f"sqlite:///{tmp_path / 'store.db'}") as served:
        yield served


async def test_without_a_token_that_works_nothing_is_told(api: Bench) -> None:
    other = api.token[:-4] + ("AAAA" if not api.token.endswith("AAAA") else "BBBB")
    for token in ("rsc_nobody1234_" + "x" * 43, other, "nonsense", api.token + "\u00e9"):
        response = await api.ask(token=token)
        assert response.status == 401
        assert response.headers["WWW-Authenticate"] == 'Bearer realm="rescind", error="invalid_token"'
        assert "rescind api-tokens add" in str((await problem(response))["detail"])
    bare = await api.ask(token="")
    assert (bare.status, bare.headers["WWW-Authenticate"]) == (401, 'Bearer realm="rescind"')
    assert api.shop.asked == []


async def test_a_token_ends_when_it_expires(api: Bench) -> None:
    token = await api.token_of("stage:read", expires_in=DAY)
    api.now += DAY - timedelta(seconds=1)
    assert (await api.ask(token=token)).status == 200
    api.now += timedelta(seconds=1)
    assert (await api.ask(token=token)).status == 401


async def test_a_revoked_token_opens_nothing_from_the_next_request_on(api: Bench) -> None:
    assert (await api.ask()).status == 200
    await api.store.revoke_api_token(api.id_of(api.token), api.now)
    assert (await api.ask()).status == 401


async def test_a_missing_scope_is_named(api: Bench) -> None:
    response = await api.ask(token=await api.token_of("refunds:read"))
    assert response.status == 403
    assert "stage:read" in str((await problem(response))["detail"])
    assert 'error="insufficient_scope", scope="stage:read"' in response.headers["WWW-Authenticate"]
    assert api.shop.asked == []


async def test_a_use_is_noted_at_most_once_a_minute_and_else_nothing_is_written(
    api: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    token_id = api.id_of(api.token)
    noted, written = [], 0
    note = api.store.note_api_token_used

    async def counted(token_id: str, at: datetime, every: timedelta) -> bool:
        nonlocal written
        written += 1
        return await note(token_id, at, every)

    monkeypatch.setattr(api.store, "note_api_token_used", counted)
    for _ in range(13):
        await asyncio.gather(*(api.ask() for _ in range(3)))
        token = await api.store.api_token(token_id)
        assert token is not None
        noted.append(token.used_at)
        api.now += timedelta(seconds=10)
    assert written == 3
    assert noted == [NOW] * 6 + [NOW + timedelta(minutes=1)] * 6 + [NOW + timedelta(minutes=2)]


async def test_a_store_that_cannot_note_a_use_keeps_nobody_from_reading(
    api: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def full(*_: object) -> bool:
        raise StoreUnreachable("disk full")

    monkeypatch.setattr(api.store, "note_api_token_used", full)
    assert (await api.ask()).status == 200


async def test_a_store_that_does_not_answer_is_not_taken_for_a_wrong_token(
    api: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def gone(_: str) -> None:
        raise StoreUnreachable("postgresql://bot:pa55@db")

    monkeypatch.setattr(api.store, "api_token", gone)
    response = await api.ask()
    assert (response.status, response.headers["Retry-After"]) == (503, "2")
    assert "pa55" not in str(await problem(response))


async def test_a_token_that_asks_too_often_waits_as_told_and_others_do_not(tmp_path: Path) -> None:
    async with bench(f"sqlite:///{tmp_path / 'store.db'}", paces=Paces(0.01, 1000)) as api:
        first = await api.ask()
        assert first.headers["RateLimit-Policy"] == '"token";q=1;w=100'
        assert first.headers["RateLimit"] == '"token";r=0;t=100'
        second = await api.ask()
        assert second.status == 429
        assert 90 < int(second.headers["Retry-After"]) <= 100
        await problem(second)
        assert (await api.ask(token=await api.token_of("stage:read"))).status == 200
        assert api.shop.asked == ["1002", "1002"]


async def test_an_address_that_fails_too_often_waits_but_holds_no_right_token_up(tmp_path: Path) -> None:
    async with bench(f"sqlite:///{tmp_path / 'store.db'}", paces=Paces(1000, 2)) as api:
        statuses = [(await api.ask(token="wrong")).status for _ in range(4)]
        assert statuses == [401, 401, 429, 429]
        response = await api.ask(token="wrong")
        assert 1 <= int(response.headers["Retry-After"]) <= 30
        await problem(response)
        assert (await api.ask()).status == 200


def test_a_token_is_its_holders_alone() -> None:
    text, kept = new_token(" a script ", ["stage:read"], now=NOW)
    parts = taken_apart(text)
    assert parts is not None
    token_id, secret = parts
    assert (token_id, kept.name, kept.scopes) == (kept.id, "a script", frozenset({"stage:read"}))
    assert secret not in repr(kept)
    assert proves(kept, secret, NOW)
    assert not proves(kept, secret + "x", NOW)
    assert not proves(None, secret, NOW)
    assert new_token("b", ["stage:read"], now=NOW)[0] != text


@pytest.mark.parametrize(
    ("name", "scopes", "says"),
    [
        ("a", [], "at least one scope"),
        ("a", ["stage:write"], "stage:write"),
        (" ", ["stage:read"], "name"),
        ("a\nb", ["stage:read"], "name"),
    ],
)
def test_a_token_nobody_could_tell_or_use_is_not_made(name: str, scopes: list[str], says: str) -> None:
    with pytest.raises(ValueError, match=says):
        new_token(name, scopes, now=NOW)


@given(st.text())
def test_whatever_is_shown_is_no_token_or_has_its_form(text: str) -> None:
    parts = taken_apart(text)
    assert parts is None or text == "rsc_{}_{}".format(*parts)


@given(
    rate=st.floats(0.1, 100),
    burst=st.integers(1, 20),
    pauses=st.lists(st.floats(0, 3), max_size=20),
)
def test_what_is_said_to_be_left_is_what_would_be_granted(
    rate: float, burst: int, pauses: list[float]
) -> None:
    now = 1000.0
    throttle = Throttle(rate, burst, clock=lambda: now)
    for pause in pauses:
        now += pause
        throttle.wait("ann")
    left, whole = throttle.left("ann")
    assert 0 <= left <= burst
    assert [throttle.wait("ann") == 0 for _ in range(left + 1)] == [True] * left + [False]
    now += whole + (left / rate) + 1e-3
    assert throttle.left("ann")[0] == burst
