"""Whether the house is in order, told to whoever asks, without a word too much."""

import asyncio
import logging
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from types import MappingProxyType

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from bot.web import Check, application

NOTHING: Mapping[str, Check] = MappingProxyType({})
SECRETS = ("4242:AAF-test_token_which_must_never_be_seen", "ann@shop.test", "postgresql://bot:pa55@db/x")

Client = TestClient[web.Request, web.Application]


async def well() -> None:
    """All is well."""


def failing(error: Exception) -> Check:
    async def check() -> None:
        raise error

    return check


@asynccontextmanager
async def served(needed: Mapping[str, Check], beside: Mapping[str, Check] = NOTHING) -> AsyncIterator[Client]:
    async with TestClient(TestServer(application([], needed, beside))) as client:
        yield client


async def test_it_lives_as_long_as_it_answers_whatever_else_fails() -> None:
    async with served({"database": failing(OSError())}) as client:
        answer = await client.get("/healthz")
        assert (answer.status, await answer.json()) == (200, {"status": "ok"})


async def test_it_is_ready_when_everything_works() -> None:
    async with served({"database": well, "shop": well}, {"desk": well}) as client:
        answer = await client.get("/readyz")
        assert answer.status == 200
        checks = {"database": "ok", "shop": "ok", "desk": "ok"}
        assert await answer.json() == {"status": "ok", "checks": checks}


async def test_it_is_not_ready_when_one_thing_fails_and_says_which() -> None:
    async with served({"database": well, "telegram": failing(ConnectionError())}) as client:
        answer = await client.get("/readyz")
        assert answer.status == 503
        checks = {"database": "ok", "telegram": "ConnectionError"}
        assert await answer.json() == {"status": "not ready", "checks": checks}


async def test_what_customers_do_without_takes_it_from_none_of_them_and_is_told() -> None:
    async with served({"database": well}, {"desk": failing(ConnectionError())}) as client:
        answer = await client.get("/readyz")
        assert answer.status == 200
        checks = {"database": "ok", "desk": "ConnectionError"}
        assert await answer.json() == {"status": "degraded", "checks": checks}


@pytest.mark.parametrize("beside", [well, failing(ConnectionError())])
async def test_without_what_customers_need_it_is_not_ready_however_the_rest_is(beside: Check) -> None:
    async with served({"database": failing(OSError()), "shop": well}, {"desk": beside}) as client:
        answer = await client.get("/readyz")
        assert (answer.status, (await answer.json())["status"]) == (503, "not ready")


@pytest.mark.parametrize("secret", SECRETS)
async def test_nothing_secret_is_told_of_a_failure(secret: str, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        failed = failing(RuntimeError(secret))
        async with served({secret[:3]: failed}, {secret[:4]: failed}) as client:
            assert secret not in await (await client.get("/readyz")).text()
    assert secret not in caplog.text


async def test_a_check_that_hangs_is_a_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.web._CHECK_SECONDS", 0.05)

    async def hangs() -> None:
        await asyncio.sleep(60)

    async with served({"shop": hangs, "database": well}, {"desk": hangs}) as client:
        answer = await client.get("/readyz")
        checks = {"shop": "TimeoutError", "database": "ok", "desk": "TimeoutError"}
        assert (answer.status, (await answer.json())["checks"]) == (503, checks)


async def test_the_channels_routes_are_served() -> None:
    async def hello(_: web.Request) -> web.Response:
        return web.Response(text="hello")

    async with TestClient(TestServer(application([web.get("/chat/hello", hello)], {}))) as client:
        assert await (await client.get("/chat/hello")).text() == "hello"
