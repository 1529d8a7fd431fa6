"""A Bot API server on the loopback, for tests: it keeps updates, takes calls, and is strict about both.

Every payload is read by the library's own model of the method; what the model does not know, or the real
server would refuse, is answered with 400 and noted in `complaints`, which fail the test at the end.
"""

import asyncio
import re
import time
from collections import defaultdict, deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Self

from aiogram import methods
from aiogram.methods import TelegramMethod
from aiogram.types import InlineKeyboardMarkup
from aiohttp import ClientError, ClientSession, ClientTimeout, web
from pydantic import BaseModel, ValidationError

from tests.telegram_customer import Customer
from tests.telegram_groups import ForumMethods
from tests.telegram_payloads import read_payload

Json = dict[str, object]
BOT = {"id": 4242, "is_bot": True, "first_name": "Rescind", "username": "RescindTestBot"}
TOKEN = "4242:AAF-test_token_which_must_never_be_seen"
KINDS_BY_DEFAULT = ("message", "edited_message", "callback_query", "my_chat_member")


class Refused(Exception):
    """An answer that is not `ok`."""

    def __init__(self, status: int, description: str, **parameters: int) -> None:
        super().__init__(description)
        self.status = status
        self.description = description
        self.parameters = parameters


@dataclass
class Call:
    """A call that came in, read by the library's model."""

    method: str
    payload: TelegramMethod
    at: float


@dataclass
class Post:
    """An update that was posted to the webhook, and how that was answered (0: not at all)."""

    update_id: int
    status: int
    retry_after: str | None = None
    body: str = ""


@dataclass
class Hook:
    """The webhook as set."""

    url: str = ""
    secret: str | None = None
    max_connections: int = 40
    last_error: str | None = None
    posts: list[Post] = field(default_factory=list)


class TelegramServer(ForumMethods):
    """`async with TelegramServer() as server`. `webhook_limit` is 60 s at the real one, `retry_delay` 1 s."""

    def __init__(self, webhook_limit: float = 60.0, retry_delay: float = 0.02) -> None:
        self.calls: list[Call] = []
        self.complaints: list[str] = []
        self.hook = Hook()
        self.menus: dict[str, list[Json]] = {}
        self.chats: dict[int, list[Json]] = defaultdict(list)
        self.updates: list[Json] = []
        self.confirmed_to = 0
        self.allowed = KINDS_BY_DEFAULT
        super().__init__(Refused, BOT)
        self.webhook_limit = webhook_limit
        self.retry_delay = retry_delay
        self._faults: dict[str, deque[Refused]] = defaultdict(deque)
        self._slow: dict[str, float] = {}
        self._slow_chats: dict[str, float] = {}
        self._lingers: dict[str, float] = {}
        self.blocked_by: set[int] = set()
        """Chats whose customers blocked the bot."""
        self._pulse = asyncio.Event()
        self._ids = iter(range(700_001, 800_000))
        self._message_ids = iter(range(1, 100_000))
        self._poll = 0
        self._posting: dict[int, asyncio.Task[None]] = {}

    async def __aenter__(self) -> Self:
        app = web.Application()
        app.router.add_route("*", "/bot{token}/{method}", self._serve)
        self._runner = web.AppRunner(app, handler_cancellation=True, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}"
        self._client = ClientSession(timeout=ClientTimeout(total=self.webhook_limit))
        return self

    async def __aexit__(self, *_: object) -> None:
        for task in self._posting.values():
            task.cancel()
        await asyncio.gather(*self._posting.values(), return_exceptions=True)
        await self._client.close()
        await self._runner.cleanup()
        assert self.complaints == [], self.complaints

    # ---- for tests

    def customer(self, chat: int = 7, **person: str) -> Customer:
        """Somebody who writes to the bot."""
        return Customer(self, chat, **person)

    def fail(
        self, method: str, status: int, description: str = "", times: int = 1, **parameters: int
    ) -> None:
        """Refuse the next calls of a method; `parameters` may be `retry_after` or `migrate_to_chat_id`."""
        refused = Refused(status, description or f"Error {status}", **parameters)
        self._faults[method].extend([refused] * times)

    def slow(self, method: str, seconds: float) -> None:
        """Let a method take its time from now on."""
        self._slow[method] = seconds

    def linger(self, method: str, seconds: float) -> None:
        """Let the answer to a method, once it had its effect, be so long on its way from now on."""
        self._lingers[method] = seconds

    def slow_chat(self, chat: int, seconds: float) -> None:
        """Let every call about this chat take its time from now on."""
        self._slow_chats[str(chat)] = seconds

    def called(self, method: str) -> list[TelegramMethod]:
        """What came in for one method."""
        return [call.payload for call in self.calls if call.method == method]

    def happen(self, kind: str, what: Json, update_id: int | None = None) -> int:
        """Something happened: an update of this kind, unless the bot did not ask for it."""
        id_ = next(self._ids) if update_id is None else update_id
        if kind in self.allowed:
            self.updates.append({"update_id": id_, kind: what})
            self._post_soon()
            self._wake()
        return id_

    def message_id(self) -> int:
        """A number for a message."""
        return next(self._message_ids)

    async def until(self, true: Callable[[], object], seconds: float = 5.0) -> None:
        """Wait until something is so, looking whenever a call came in or an update was posted."""
        async with asyncio.timeout(seconds):
            while not true():
                await self._pulse.wait()

    # ---- the calls

    async def _serve(self, request: web.Request) -> web.Response:
        name = request.match_info["method"]
        try:
            result = await self._answer(name, request)
        except Refused as refused:
            body = {"ok": False, "error_code": refused.status, "description": refused.description}
            body |= {"parameters": refused.parameters} if refused.parameters else {}
            return web.json_response(body, status=refused.status)
        return web.json_response({"ok": True, "result": result})

    async def _answer(self, name: str, request: web.Request) -> object:
        if request.match_info["token"] != TOKEN:
            raise Refused(401, "Unauthorized")
        model = getattr(methods, name[:1].upper() + name[1:], None)
        handler = getattr(self, f"_on_{name}", None)
        if model is None or handler is None:
            raise self._complaint(404, f"Not Found: {name}")
        try:
            payload = read_payload(model, await _fields(request))
        except (ValueError, ValidationError) as error:
            raise self._complaint(400, f"Bad Request: {name}: {error}") from error
        self.calls.append(Call(name, payload, time.monotonic()))
        self._wake()
        chat = str(getattr(payload, "chat_id", None))
        if chat.startswith("-"):
            self.forums.called(chat, name)
        if pause := max(self._slow.get(name, 0.0), self._slow_chats.get(chat, 0.0)):
            await asyncio.sleep(pause)
        if self._faults[name]:
            raise self._faults[name].popleft()
        result = await handler(payload)
        self._wake()
        if pause := self._lingers.get(name, 0.0):
            await asyncio.sleep(pause)
        return result

    def _complaint(self, status: int, text: str) -> Refused:
        self.complaints.append(text)
        return Refused(status, text)

    async def _on_getMe(self, _: methods.GetMe) -> Json:  # noqa: N802 - the method's name
        return {**BOT, "can_join_groups": False, "can_read_all_group_messages": False}

    async def _on_getUpdates(self, asked: methods.GetUpdates) -> list[Json]:  # noqa: N802
        if self.hook.url:
            raise Refused(409, "Conflict: can't use getUpdates method while webhook is active")
        self._poll += 1
        poll = self._poll
        self._wake()
        if asked.allowed_updates is not None:
            self.allowed = tuple(asked.allowed_updates) or KINDS_BY_DEFAULT
        if asked.offset:
            self._confirm(asked.offset)
        limit = asked.limit or 100
        try:
            await self.until(lambda: self.updates or self._poll != poll, asked.timeout or 0.001)
        except TimeoutError:
            return []
        if self._poll != poll:
            raise Refused(409, "Conflict: terminated by other getUpdates request")
        return self.updates[:limit]

    def _confirm(self, offset: int) -> None:
        self.confirmed_to = max(self.confirmed_to, offset)
        self.updates = [update for update in self.updates if update["update_id"] >= offset]

    async def _on_setWebhook(self, asked: methods.SetWebhook) -> bool:  # noqa: N802
        if asked.url and not asked.url.startswith(("https://", "http://127.0.0.1")):
            raise Refused(400, "Bad Request: bad webhook: An HTTPS URL must be provided for webhook")
        if asked.secret_token is not None and not re.fullmatch(r"[A-Za-z0-9_-]{1,256}", asked.secret_token):
            raise self._complaint(400, "Bad Request: secret token contains unallowed characters")
        self.hook = Hook(asked.url, asked.secret_token, asked.max_connections or 40)
        if asked.allowed_updates is not None:
            self.allowed = tuple(asked.allowed_updates) or KINDS_BY_DEFAULT
        self._poll += 1
        self._post_soon()
        return True

    async def _on_deleteWebhook(self, asked: methods.DeleteWebhook) -> bool:  # noqa: N802
        self.hook = Hook()
        if asked.drop_pending_updates:
            self.updates.clear()
        return True

    async def _on_getWebhookInfo(self, _: methods.GetWebhookInfo) -> Json:  # noqa: N802
        info: Json = {
            "url": self.hook.url,
            "has_custom_certificate": False,
            "pending_update_count": len(self.updates),
            "max_connections": self.hook.max_connections,
            "allowed_updates": list(self.allowed),
        }
        return info | ({"last_error_message": self.hook.last_error} if self.hook.last_error else {})

    async def _on_sendMessage(self, asked: methods.SendMessage) -> Json:  # noqa: N802
        if not asked.text.strip():
            raise self._complaint(400, "Bad Request: message text is empty")
        if len(asked.text.encode("utf-16-le")) // 2 > 4096:
            raise self._complaint(400, "Bad Request: message is too long")
        chat = int(str(asked.chat_id))
        if chat in self.blocked_by:
            raise Refused(403, "Forbidden: bot was blocked by the user")
        message: Json = {
            "message_id": self.message_id(),
            "date": int(time.time()),
            "text": asked.text.strip(),
        }
        message |= {"chat": {"id": chat, "type": "private"}, "from": BOT}
        if asked.reply_markup is not None:
            message["reply_markup"] = self._keyboard(asked.reply_markup)
        if chat < 0:
            return self._into_group(asked, message)
        self.chats[chat].append(message)
        self._wake()
        return message

    async def _on_editMessageReplyMarkup(self, asked: methods.EditMessageReplyMarkup) -> Json:  # noqa: N802
        message = self._message(asked.chat_id, asked.message_id)
        message.pop("reply_markup", None)
        if asked.reply_markup is not None:
            message["reply_markup"] = self._keyboard(asked.reply_markup)
        return message

    async def _on_editMessageText(self, asked: methods.EditMessageText) -> Json:  # noqa: N802
        if str(asked.chat_id).startswith("-"):
            markup = self._keyboard(asked.reply_markup) if asked.reply_markup else None
            return self.forums.change(asked.chat_id, asked.message_id, asked.text, markup)
        message = self._message(asked.chat_id, asked.message_id)
        message["text"] = asked.text
        return message

    async def _on_sendChatAction(self, _: methods.SendChatAction) -> bool:  # noqa: N802
        return True

    async def _on_answerCallbackQuery(self, asked: methods.AnswerCallbackQuery) -> bool:  # noqa: N802
        if len(asked.text or "") > 200:
            raise self._complaint(400, "Bad Request: MESSAGE_TOO_LONG")
        return True

    async def _on_setMyCommands(self, asked: methods.SetMyCommands) -> bool:  # noqa: N802
        for command in asked.commands:
            if (
                not re.fullmatch(r"[a-z0-9_]{1,32}", command.command)
                or not 1 <= len(command.description) <= 256
            ):
                raise self._complaint(400, f"Bad Request: BOT_COMMAND_INVALID: {command.command}")
        commands = [command.model_dump(exclude_none=True) for command in asked.commands]
        scope = asked.scope.type if asked.scope else "default"
        self.menus[f"{scope}:{asked.language_code or ''}"] = commands
        return True

    def _message(self, chat: int | str | None, message_id: int | None) -> Json:
        for message in self.chats[int(str(chat))]:
            if message["message_id"] == message_id:
                return message
        raise self._complaint(400, "Bad Request: message to edit not found")

    def _keyboard(self, markup: BaseModel) -> Json:
        if not isinstance(markup, InlineKeyboardMarkup):
            raise self._complaint(400, "only inline keyboards are known here")
        for button in (button for row in markup.inline_keyboard for button in row):
            if not 1 <= len((button.callback_data or "").encode()) <= 64:
                raise self._complaint(400, "Bad Request: BUTTON_DATA_INVALID")
        return markup.model_dump(exclude_none=True)

    # ---- the webhook

    def _post_soon(self) -> None:
        if not self.hook.url:
            return
        for chat in {_chat(update) for update in self.updates}:
            if chat not in self._posting or self._posting[chat].done():
                self._posting[chat] = asyncio.create_task(self._post_all(chat))

    async def _post_all(self, chat: int) -> None:
        """A chat's updates, one after the other, each until it was taken."""
        while self.hook.url:
            update = next((update for update in self.updates if _chat(update) == chat), None)
            if update is None:
                return
            post = await self._post(update)
            self.hook.posts.append(post)
            if 200 <= post.status < 300:
                self.updates.remove(update)
            else:
                self.hook.last_error = f"Wrong response from the webhook: {post.status}"
            self._wake()
            if post.status >= 300 or not post.status:
                await asyncio.sleep(self.retry_delay)

    async def _post(self, update: Json) -> Post:
        headers = {"X-Telegram-Bot-Api-Secret-Token": self.hook.secret} if self.hook.secret else {}
        id_ = int(str(update["update_id"]))
        try:
            async with self._client.post(self.hook.url, json=update, headers=headers) as answer:
                return Post(id_, answer.status, answer.headers.get("Retry-After"), await answer.text())
        except (TimeoutError, ClientError):
            return Post(id_, 0)

    def _wake(self) -> None:
        self._pulse.set()
        self._pulse = asyncio.Event()


def _chat(update: Json) -> int:
    what = next(value for key, value in update.items() if key != "update_id")
    message = what.get("message", what)
    return message.get("chat", {}).get("id", 0)


async def _fields(request: web.Request) -> Json:
    if request.content_type == "application/json":
        return await request.json()
    return {**request.query, **await request.post()}
