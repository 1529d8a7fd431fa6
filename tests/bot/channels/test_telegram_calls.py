"""Calls with plain fields: what comes back, and that trouble is told as for the library's own calls."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest
from aiogram.methods import SendChatAction
from aiohttp import web
from pydantic import SecretStr

from bot.channels.telegram_api import ApiFailed, ApiUnreachable, BotApi
from bot.channels.telegram_settings import TelegramSettings
from bot.ports import ChannelBusy, ChatGone, ChatMoved
from tests.telegram_server import TOKEN

FIELDS = {"chat_id": 7, "text": "hello"}
Handler = Callable[[web.Request], Awaitable[web.Response]]


@asynccontextmanager
async def calling(handler: Handler) -> AsyncIterator[BotApi]:
    """A connection to a server that answers as it is told."""
    app = web.Application()
    app.router.add_post(f"/bot{TOKEN}/{{method}}", handler)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    api = BotApi(TelegramSettings(token=SecretStr(TOKEN), api_url=url))
    try:
        yield api
    finally:
        await api.close()
        await runner.cleanup()


def answering(status: int, body: bytes) -> Handler:
    async def handle(_: web.Request) -> web.Response:
        return web.Response(status=status, body=body, content_type="application/json")

    return handle


async def test_the_fields_leave_as_json_and_the_result_comes_back_as_it_was() -> None:
    asked: list[tuple[str, str, object]] = []

    async def handle(request: web.Request) -> web.Response:
        asked.append((request.match_info["method"], request.content_type, await request.json()))
        return web.json_response({"ok": True, "result": {"message_id": 5, "text": "né"}})

    async with calling(handle) as api:
        result = await api.post("sendMessage", FIELDS)
    assert asked == [("sendMessage", "application/json", FIELDS)]
    assert json.loads(bytes(result)) == {"message_id": 5, "text": "né"}


@pytest.mark.parametrize(
    ("status", "body", "result"),
    [
        (200, b'{"ok": true, "result": true}', True),
        (201, b'{"ok": true, "result": [1], "of_2031": {}}', [1]),
        (200, b'{"ok": true}', None),
        (200, b'{"ok": true, "result": "half a pair: \\ud83d"}', "half a pair: \ufffd"),
    ],
)
async def test_an_answer_that_is_ok_is_taken(status: int, body: bytes, result: object) -> None:
    async with calling(answering(status, body)) as api:
        assert json.loads(bytes(await api.post("sendChatAction", FIELDS))) == result


def refusal(status: int, description: str, **parameters: int) -> tuple[int, bytes]:
    told = {"ok": False, "error_code": status, "description": description}
    return status, json.dumps(told | ({"parameters": parameters} if parameters else {})).encode()


@pytest.mark.parametrize(
    "answer",
    [
        refusal(429, "Too Many Requests: retry after 13", retry_after=13),
        refusal(400, "Bad Request: group chat was upgraded", migrate_to_chat_id=-1001),
        refusal(403, "Forbidden: bot was blocked by the user"),
        refusal(400, "Bad Request: chat not found"),
        refusal(400, "Bad Request: BUTTON_DATA_INVALID"),
        refusal(401, "Unauthorized"),
        refusal(404, "Not Found"),
        refusal(409, "Conflict: terminated by other getUpdates request"),
        refusal(413, "Request Entity Too Large"),
        refusal(500, "Internal Server Error"),
        refusal(502, "Bad Gateway: restart"),
        refusal(200, "not ok, whatever the status says"),
        refusal(418, "of 2031"),
        (200, b""),
        (200, b"<html>"),
        (200, b"[]"),
        (200, b'{"ok": "perhaps"}'),
        (200, b'{"result": true}'),
        (200, b'{"ok": true, "result": '),
        (200, b"[" * 100_000),
        (502, b"<html>Bad Gateway</html>"),
        (500, b'{"ok": true, "result": true}'),
        (304, b""),
    ],
)
async def test_trouble_is_told_as_for_any_call(answer: tuple[int, bytes]) -> None:
    async with calling(answering(*answer)) as api:
        told = []
        for call in (
            api.post("sendChatAction", FIELDS),
            api.call(SendChatAction(chat_id=7, action="typing")),
        ):
            with pytest.raises((ApiFailed, ChannelBusy, ChatGone, ChatMoved)) as trouble:
                await call
            told.append((type(trouble.value), str(trouble.value), vars(trouble.value)))
    assert told[0] == told[1]


@pytest.mark.parametrize(
    ("body", "told"),
    [(b'{"ok": 1, "result": true}', "an answer of another form"), (b"\xff\xfe\x00", "ClientDecodeError")],
)
async def test_ok_said_in_another_way_is_not_taken_for_it(body: bytes, told: str) -> None:
    async with calling(answering(200, body)) as api:
        with pytest.raises(ApiUnreachable, match=f"sendMessage failed: {told}"):
            await api.post("sendMessage", FIELDS)


async def test_an_answer_that_does_not_come_is_given_up_in_time() -> None:
    never = asyncio.Event()

    async def handle(_: web.Request) -> web.Response:
        await never.wait()
        return web.Response()

    async with calling(handle) as api:
        with pytest.raises(ApiUnreachable, match="sendMessage failed: TelegramNetworkError"):
            await api.post("sendMessage", FIELDS, 1)
        never.set()


async def test_what_cannot_be_written_is_an_error_as_any_other() -> None:
    async with calling(answering(200, b'{"ok": true}')) as api:
        with pytest.raises(ApiFailed, match="sendMessage failed: UnicodeEncodeError"):
            await api.post("sendMessage", {"text": "\ud83d"})


async def test_hundreds_of_slow_calls_do_not_hold_up_the_next() -> None:
    count, here, all_here = 200, 0, asyncio.Event()

    async def handle(_: web.Request) -> web.Response:
        nonlocal here
        here += 1
        if here == count:
            all_here.set()
        await all_here.wait()
        return web.json_response({"ok": True, "result": True})

    async with calling(handle) as api, asyncio.timeout(10):
        await asyncio.gather(*(api.post("sendMessage", FIELDS) for _ in range(count)))


async def test_a_call_that_is_under_way_at_the_close_is_finished_and_one_after_it_works() -> None:
    here, go = asyncio.Event(), asyncio.Event()

    async def handle(_: web.Request) -> web.Response:
        here.set()
        await go.wait()
        return web.json_response({"ok": True, "result": True})

    async with calling(handle) as api:
        under_way = asyncio.create_task(api.post("sendMessage", FIELDS))
        await here.wait()
        await api.close()
        go.set()
        assert bytes(await under_way) == b"true"
        assert bytes(await api.post("sendMessage", FIELDS)) == b"true"
        assert api._session._session is not None
        assert api._session._session.closed
