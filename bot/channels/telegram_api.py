"""Calls to the Bot API, with errors in our words.

The library's errors, and those below it, can carry the address, and with it the bot's token. None leaves this
file: what is raised here is made new and names the call and the kind of error only.
"""

from collections.abc import Awaitable, Mapping
from functools import cache
from typing import TypeVar, cast

from aiogram import Bot
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import PRODUCTION, TelegramAPIServer
from aiogram.exceptions import (
    ClientDecodeError,
    TelegramAPIError,
    TelegramBadRequest,
    TelegramConflictError,
    TelegramForbiddenError,
    TelegramMigrateToChat,
    TelegramNetworkError,
    TelegramNotFound,
    TelegramRetryAfter,
    TelegramServerError,
    TelegramUnauthorizedError,
)
from aiogram.methods import AnswerCallbackQuery, SendMessage, TelegramMethod
from aiohttp import BytesPayload, ClientError, ClientTimeout
from msgspec import Raw
from msgspec.json import encode
from yarl import URL

from bot.channels.telegram_settings import TelegramSettings
from bot.channels.telegram_updates import key_of
from bot.channels.telegram_wire import result_of
from bot.ports import ChannelBusy, ChatGone, ChatMoved

T = TypeVar("T")

CALL_LIMIT = 20
"""Seconds a call may take."""

_CONNECTIONS = 256
"""How many calls may be under way at once: one chat may have a message, a sign and an answer to a button."""
_GOOD = range(200, 227)
"""Statuses of an answer that may be `ok`, as the library sees it."""
_GONE = ("chat not found", "user is deactivated", "bot was blocked", "peer_id_invalid", "user_is_blocked")


class ApiFailed(Exception):
    """A call did not succeed. `detail` is the server's own explanation, without secrets."""

    def __init__(self, method: str, cause: str, detail: str = "") -> None:
        super().__init__(f"Telegram's {method} failed: {cause}")
        self.detail = detail


class ApiUnreachable(ApiFailed):
    """No answer, or none that makes sense; the call may have had its effect."""


class ApiConflict(ApiFailed):
    """Somebody else takes this bot's updates."""


class TokenRefused(ApiFailed):
    """Telegram knows no bot of this token."""


class _Posted(TelegramMethod[object]):
    """Any call that was made with plain fields: what the library judges an answer by that is not `ok`."""

    __returning__ = object
    __api_method__ = ""


_OFTEN = (SendMessage, AnswerCallbackQuery)
"""Of the library's own calls, those that agents' groups make often."""


class _Session(AiohttpSession):
    async def make_request(self, bot: Bot, method: TelegramMethod[T], timeout: int | None = None) -> T:  # noqa: ASYNC109 - the library's form
        """Call by JSON where calls are many: the library's own form, made for files, costs more.

        Only fields that were set are sent, so types told apart by a field of fixed content go the other way.
        """
        if type(method) not in _OFTEN:
            return await super().make_request(bot, method, timeout)
        url = URL(self.api.api_url(token=bot.token, method=method.__api_method__))
        body = method.model_dump_json(exclude_unset=True, exclude_none=True).encode()
        status, content = await self.send(url, body, CALL_LIMIT if timeout is None else timeout)
        checked = self.check_response(bot, method, status, content.decode(errors="replace"))
        return cast("T", checked.result)

    async def send(self, url: URL, body: bytes, limit: int) -> tuple[int, bytes]:
        """Post JSON; the answer's status and content."""
        session = await self.create_session()
        payload = BytesPayload(body, content_type="application/json")
        try:
            # Once it is read, or has failed to be, an answer needs no closing.
            answer = await session.post(url, data=payload, timeout=_within(limit))
            return answer.status, await answer.read()
        except (TimeoutError, ClientError) as error:
            raise TelegramNetworkError(method=_Posted(), message=type(error).__name__) from error

    async def close(self) -> None:
        """Close without the library's extra 250 ms: aiohttp waits for its connections by itself."""
        if self._session is not None:
            await self._session.close()


@cache
def _within(seconds: int) -> ClientTimeout:
    return ClientTimeout(total=seconds)


class BotApi:
    """One bot's connection, opened by the first call.

    A call after `close` still works: it opens a connection of its own and closes it again, so that an answer
    that is ready can leave while the program stops.
    """

    def __init__(self, settings: TelegramSettings) -> None:
        token = settings.token.get_secret_value()
        self._secret = token.partition(":")[2]
        server = PRODUCTION if settings.api_url is None else TelegramAPIServer.from_base(settings.api_url)
        self._session = _Session(api=server, timeout=CALL_LIMIT, limit=_CONNECTIONS)
        self._bot = Bot(token, session=self._session)
        self._urls: dict[str, URL] = {}
        self._calls = 0
        self._closed = False

    async def call(self, method: TelegramMethod[T], limit: int = CALL_LIMIT) -> T:
        """Make a call within `limit` seconds.

        Raises `ApiFailed` or one of its kinds, `ChannelBusy`, `ChatGone`, `ChatMoved`.
        """
        return await self._made(method.__api_method__, self._bot(method, request_timeout=limit))

    async def post(self, method: str, fields: Mapping[str, object], limit: int = CALL_LIMIT) -> Raw:
        """Make a call with plain fields, by its name: for those that are made with every message.

        The result is the JSON that came. Raises as `call`.
        """
        return await self._made(method, self._posted(method, fields, limit))

    async def close(self) -> None:
        """Let go of the connections, once the calls under way have ended."""
        self._closed = True
        if not self._calls:
            await self._session.close()

    async def _made(self, name: str, call: Awaitable[T]) -> T:
        self._calls += 1
        try:
            return await call
        except Exception as error:  # noqa: BLE001 - whatever it is, it may hold the token
            trouble = self._translated(error, name)
        finally:
            self._calls -= 1
            if self._closed and not self._calls:
                await self._session.close()
        # Raised out here, the new error holds no reference to the old one.
        raise trouble

    async def _posted(self, method: str, fields: Mapping[str, object], limit: int) -> Raw:
        status, content = await self._session.send(self._url(method), encode(fields), limit)
        if status in _GOOD and (result := result_of(content)) is not None:
            return result
        self._session.check_response(self._bot, _Posted(), status, content.decode(errors="replace"))
        raise ApiUnreachable(method, "an answer of another form")

    def _url(self, method: str) -> URL:
        if (url := self._urls.get(method)) is None:
            url = self._urls[method] = URL(self._session.api.api_url(token=self._bot.token, method=method))
        return url

    def _translated(self, error: Exception, method: str) -> Exception:
        match error:
            case ApiFailed():
                return error
            case TelegramRetryAfter():
                return ChannelBusy(error.retry_after)
            case TelegramMigrateToChat():
                return ChatMoved(key_of(error.migrate_to_chat_id))
            case TelegramForbiddenError():
                return ChatGone()
            case TelegramBadRequest() if any(sign in error.message.lower() for sign in _GONE):
                return ChatGone()
            case _:
                return self._failure(error)(method, type(error).__name__, self._detail(error))

    @staticmethod
    def _failure(error: Exception) -> type[ApiFailed]:
        match error:
            case TelegramUnauthorizedError() | TelegramNotFound():
                return TokenRefused
            case TelegramConflictError():
                return ApiConflict
            case TelegramNetworkError() | TelegramServerError() | ClientDecodeError():
                return ApiUnreachable
            case TelegramAPIError():
                return ApiFailed
            case _:
                return ApiUnreachable

    def _detail(self, error: Exception) -> str:
        if not isinstance(error, TelegramAPIError):
            return ""
        return error.message.replace(self._secret, "***")
