"""A Bot API for the benchmark: as cheap as it can be made, since it shares a machine with what it measures.

It keeps updates for `getUpdates` or posts them to a webhook, reads of each call only the chat and the text,
and answers after `delay` seconds. (What payloads must look like is the tests' emulator's affair.)
"""

import asyncio
import json
import re
from collections import deque
from contextlib import suppress
from time import perf_counter
from typing import Self
from urllib.parse import parse_qs

from aiohttp import ClientSession, TCPConnector, web

TOKEN = "4242:AAF-token_of_the_benchmark"
_ME = {"id": 4242, "is_bot": True, "first_name": "Bench", "username": "BenchBot"}
_ME |= {"can_join_groups": False, "can_read_all_group_messages": False}
_FIELD = re.compile(rb'name="(\w+)"\r\n(?:[\w-]+: [^\r]*\r\n)*\r\n(.*?)\r\n--', re.DOTALL)


class Unexpected(AssertionError):
    """The bot answered something else than it should."""


class BotApi:
    """`async with BotApi(delay) as api`; then `await api.say(chat, text)` is one turn."""

    def __init__(self, delay: float) -> None:
        self.delay = delay
        self.polls = 0
        self.posts = 0
        self._waiting: dict[int, asyncio.Future[str]] = {}
        self._updates: deque[dict[str, object]] = deque()
        self._news = asyncio.Event()
        self._hook = ""
        self._headers: dict[str, str] = {}
        self._update_id = 1_000_000
        self._message_id = 0

    async def __aenter__(self) -> Self:
        self._runner = web.ServerRunner(web.Server(self._serve), access_log=None)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}"
        self._client = ClientSession(connector=TCPConnector(limit=0))
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._client.close()
        self._runner.server.pre_shutdown()
        await self._runner.cleanup()

    @property
    def hooked(self) -> bool:
        """Whether a webhook is set."""
        return bool(self._hook)

    async def say(self, chat: int, text: str, hears: str) -> float:
        """A message, until the bot's answer to it is taken; seconds. Raises `Unexpected`."""
        answer = self._waiting[chat] = asyncio.get_running_loop().create_future()
        began = perf_counter()
        self._happen(chat, text)
        heard = await answer
        took = perf_counter() - began
        if hears not in heard:
            raise Unexpected(f"{text!r} was answered: {heard}")
        return took

    def _happen(self, chat: int, text: str) -> None:
        self._update_id += 1
        self._message_id += 1
        person = {"id": chat, "first_name": "Ann", "language_code": "en"}
        message: dict[str, object] = {
            "message_id": self._message_id,
            "date": 1_795_000_000,
            "chat": {"id": chat, "type": "private", "first_name": "Ann"},
            "from": person | {"is_bot": False},
            "text": text,
        }
        if text.startswith("/"):
            message["entities"] = [{"type": "bot_command", "offset": 0, "length": len(text)}]
        update: dict[str, object] = {"update_id": self._update_id, "message": message}
        if self._hook:
            task = asyncio.create_task(self._post(update))
            task.add_done_callback(lambda done: done.result())
            return
        self._updates.append(update)
        self._news.set()

    async def _post(self, update: dict[str, object]) -> None:
        while True:
            async with self._client.post(self._hook, json=update, headers=self._headers) as answer:
                self.posts += 1
                if answer.status == 200:
                    return
            await asyncio.sleep(0.2)

    # ---- the calls

    async def _serve(self, request: web.BaseRequest) -> web.Response:
        method = request.path.rpartition("/")[2].lower()
        fields = _fields(await request.read(), request.content_type)
        match method:
            case "getupdates":
                result = await self._get_updates(fields)
            case "sendmessage":
                return await self._send(fields)
            case "getme":
                result = _ME
            case "setwebhook":
                self._hook = fields["url"]
                self._headers = {"X-Telegram-Bot-Api-Secret-Token": fields["secret_token"]}
                self._allowed = fields["allowed_updates"]
                result = True
            case "getwebhookinfo":
                result = {"url": self._hook, "has_custom_certificate": False, "pending_update_count": 0}
                result |= {"allowed_updates": json.loads(self._allowed)}
            case _:
                result = True
        await asyncio.sleep(self.delay)
        return _ok(result)

    async def _send(self, fields: dict[str, str]) -> web.Response:
        await asyncio.sleep(self.delay)
        chat = int(fields["chat_id"])
        waiting = self._waiting.pop(chat, None)
        if waiting is not None:
            waiting.set_result(fields["text"])
        self._message_id += 1
        chat_ = {"id": chat, "type": "private"}
        return _ok({"message_id": self._message_id, "date": 1_795_000_000, "chat": chat_, "text": "x"})

    async def _get_updates(self, fields: dict[str, str]) -> object:
        self.polls += 1
        offset = int(fields.get("offset") or 0)
        while self._updates and int(str(self._updates[0]["update_id"])) < offset:
            self._updates.popleft()
        if not self._updates:
            self._news.clear()
            with suppress(TimeoutError):
                async with asyncio.timeout(float(fields.get("timeout") or 0) or 0.001):
                    await self._news.wait()
        return list(self._updates)[:100]


def _ok(result: object) -> web.Response:
    return web.Response(
        body=json.dumps({"ok": True, "result": result}).encode(), content_type="application/json"
    )


def _fields(body: bytes, kind: str) -> dict[str, str]:
    if kind == "multipart/form-data":
        return {name.decode(): value.decode() for name, value in _FIELD.findall(body)}
    if kind == "application/json":
        return {
            name: value if isinstance(value, str) else json.dumps(value)
            for name, value in json.loads(body).items()
        }
    return {name: values[0] for name, values in parse_qs(body.decode()).items()}
