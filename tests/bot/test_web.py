"""Whether the house is in order, told to whoever asks, without a word too much."""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from types import MappingProxyType

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer
from structlog.testing import capture_logs

from bot.web import Check, application, runner

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


# ---- requests that cannot be read

SECRET = "a-visitors-token"
LEFT_OUT = ("Traceback", "Error handling", "Unhandled", SECRET)
NO_REQUESTS = {
    "an unknown method": f"<{SECRET}> / HTTP/1.1\r\nHost: x",
    "a version that is none": f"GET /?token={SECRET} HTTP/9.9\r\nHost: x",
    "another protocol": f"PRI * HTTP/2.0\r\n\r\nSM {SECRET}",
    "a greeting of TLS": f"\x16\x03\x01\x02{SECRET}",
    "a long header": f"GET / HTTP/1.1\r\nHost: x\r\nX: {SECRET * 1000}",
    "a long address": f"GET /{SECRET * 1000} HTTP/1.1\r\nHost: x",
    "a bad address": f"GET http://[{SECRET} HTTP/1.1\r\nHost: x",
    "a control character": f"GET / HTTP/1.1\r\nHost: x\r\nX: \x01{SECRET}",
    "a length that is none": f"POST /read HTTP/1.1\r\nHost: x\r\nContent-Length: {SECRET}",
    "pieces that are none": f"POST /read HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n{SECRET}",
    "a good one before": f"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n<{SECRET}> / HTTP/1.1",
}


async def _read(request: web.Request) -> web.Response:
    return web.Response(text=await request.text())


async def _passed_over(_: web.Request) -> web.Response:
    return web.Response(text="not looked at")


async def _failing(_: web.Request) -> web.Response:
    raise RuntimeError("a mistake of ours")


async def _cut_off(_: web.Request) -> web.Response:
    raise ConnectionResetError("the shop's connection")


@asynccontextmanager
async def listening(*more: web.RouteDef) -> AsyncIterator[int]:
    """The port of a server as the product has it."""
    routes = [web.post("/read", _read), web.post("/passed-over", _passed_over), *more]
    server = runner(application(routes, {}), last_requests=1)
    await server.setup()
    await web.TCPSite(server, "127.0.0.1", 0).start()
    try:
        yield server.addresses[0][1]
    finally:
        await server.cleanup()


async def sent(port: int, request: str) -> str:
    """Everything that is answered until the server closes the connection."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(request.encode("latin-1") + b"\r\n\r\n")
    async with asyncio.timeout(5):
        answer = (await reader.read()).decode("latin-1")
    writer.close()
    await writer.wait_closed()
    return answer


def packed(path: str) -> str:
    """A post whose body is not packed as it says."""
    body = f"{SECRET}, no gzip"
    head = f"POST {path} HTTP/1.1\r\nHost: x\r\nContent-Encoding: gzip\r\nContent-Length: {len(body)}"
    return f"{head}\r\n\r\n{body}"


@pytest.mark.parametrize("request_", NO_REQUESTS.values(), ids=NO_REQUESTS)
async def test_what_is_no_request_is_a_line_of_the_log_without_a_word_of_it(
    request_: str, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG), capture_logs() as lines:
        async with listening() as port:
            assert " 400 Bad Request\r\n" in await sent(port, request_)
    assert [(line["event"], line["log_level"]) for line in lines] == [("a request could not be read", "info")]
    assert not any(word in caplog.text + str(lines) for word in LEFT_OUT)


@pytest.mark.parametrize(
    ("path", "answer"), [("/read", "400 Bad"), ("/passed-over", "200 OK"), ("/none", "404 Not")]
)
async def test_a_body_that_is_not_packed_as_it_says_is_the_senders_affair(
    path: str, answer: str, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG), capture_logs() as lines:
        async with listening() as port:
            got = await sent(port, packed(path))
    assert got.startswith(f"HTTP/1.1 {answer}")
    assert "Connection: close\r\n" in got
    assert [line["event"] for line in lines] == ["a request could not be read"]
    assert not any(word in caplog.text + str(lines) for word in LEFT_OUT)


@pytest.mark.parametrize("path", ["/healthz", "/none"])
@pytest.mark.parametrize("expected", ["\xff", "an answer"])
async def test_what_cannot_be_expected_is_refused(
    path: str, expected: str, caplog: pytest.LogCaptureFixture
) -> None:
    async with listening() as port:
        head = f"GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nExpect: {expected}"
        assert (await sent(port, head)).startswith("HTTP/1.1 417 ")
    assert caplog.records == []


async def test_who_leaves_before_the_end_of_their_body_leaves_no_traceback(
    caplog: pytest.LogCaptureFixture,
) -> None:
    begun, over = asyncio.Event(), asyncio.Event()

    async def slow(request: web.Request) -> web.Response:
        begun.set()
        try:
            return await _read(request)
        finally:
            over.set()

    with caplog.at_level(logging.DEBUG):
        async with listening(web.post("/slow", slow)) as port, asyncio.timeout(5):
            _, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(b"POST /slow HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nhalf")
            await begun.wait()
            writer.close()
            await over.wait()
    assert not any(word in caplog.text for word in LEFT_OUT)


@pytest.mark.parametrize(("handler", "words"), [(_failing, "a mistake of ours"), (_cut_off, "the shop's")])
async def test_a_mistake_of_ours_stays_an_error_with_its_traceback(
    handler: Callable[[web.Request], Awaitable[web.Response]], words: str, caplog: pytest.LogCaptureFixture
) -> None:
    async with listening(web.post("/failing", handler)) as port:
        got = await sent(port, "POST /failing HTTP/1.1\r\nHost: x\r\nConnection: close")
    assert got.startswith("HTTP/1.1 500 ")
    (record,) = caplog.records
    assert (record.name, record.levelname) == ("aiohttp.server", "ERROR")
    assert record.message.startswith("Error handling request")
    assert words in caplog.text
    assert "Traceback" in caplog.text
