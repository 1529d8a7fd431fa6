"""Calls to the Bot API, with errors in our words.

The library's errors, and those below it, can carry the address, and with it the bot's token. None leaves this
file: what is raised here is made new and names the call and the kind of error only.
"""

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
from aiogram.methods import AnswerCallbackQuery, SendChatAction, SendMessage, TelegramMethod
from aiohttp import ClientError, ClientTimeout

from bot.channels.telegram_settings import TelegramSettings
from bot.channels.telegram_updates import key_of
from bot.ports import ChannelBusy, ChatGone, ChatMoved

T = TypeVar("T")
_JSON = {"Content-Type": "application/json"}

CALL_LIMIT = 20
"""Seconds a call may take."""

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


class GetRawUpdates(TelegramMethod[list[dict[str, object]]]):
    """`getUpdates` without reading the updates, so that one that cannot be read takes no other with it."""

    __returning__ = list[dict[str, object]]
    __api_method__ = "getUpdates"

    offset: int | None = None
    timeout: int = 0
    limit: int = 100
    allowed_updates: list[str]


_OFTEN = (SendMessage, SendChatAction, AnswerCallbackQuery, GetRawUpdates)


class _Session(AiohttpSession):
    async def make_request(self, bot: Bot, method: TelegramMethod[T], timeout: int | None = None) -> T:  # noqa: ASYNC109 - the library's form
        """Call by JSON where a conversation calls often: the library's own form, made for files, costs more.

        Only fields that were set are sent, so types told apart by a field of fixed content go the other way.
        """
        if type(method) not in _OFTEN:
            return await super().make_request(bot, method, timeout)
        url = self.api.api_url(token=bot.token, method=method.__api_method__)
        body = method.model_dump_json(exclude_unset=True, exclude_none=True).encode()
        session = await self.create_session()
        limit = ClientTimeout(total=self.timeout if timeout is None else timeout)
        try:
            async with session.post(url, data=body, headers=_JSON, timeout=limit) as answer:
                content = await answer.text()
        except (TimeoutError, ClientError) as error:
            raise TelegramNetworkError(method=method, message=type(error).__name__) from error
        checked = self.check_response(bot=bot, method=method, status_code=answer.status, content=content)
        return cast("T", checked.result)

    async def close(self) -> None:
        """Close without the library's extra 250 ms: aiohttp waits for its connections by itself."""
        if self._session is not None:
            await self._session.close()


class BotApi:
    """One bot's connection, opened by the first call.

    A call after `close` still works: it opens a connection of its own and closes it again, so that an answer
    that is ready can leave while the program stops.
    """

    def __init__(self, settings: TelegramSettings) -> None:
        token = settings.token.get_secret_value()
        self._secret = token.partition(":")[2]
        server = PRODUCTION if settings.api_url is None else TelegramAPIServer.from_base(settings.api_url)
        self._bot = Bot(token, session=_Session(api=server, timeout=CALL_LIMIT))
        self._calls = 0
        self._closed = False

    async def call(self, method: TelegramMethod[T], limit: int = CALL_LIMIT) -> T:
        """Make a call within `limit` seconds.

        Raises `ApiFailed` or one of its kinds, `ChannelBusy`, `ChatGone`, `ChatMoved`.
        """
        self._calls += 1
        try:
            return await self._bot(method, request_timeout=limit)
        except Exception as error:  # noqa: BLE001 - whatever it is, it may hold the token
            trouble = self._translated(error, type(method).__api_method__)
        finally:
            self._calls -= 1
            if self._closed and not self._calls:
                await self._bot.session.close()
        # Raised out here, the new error holds no reference to the old one.
        raise trouble

    async def close(self) -> None:
        """Let go of the connections, once the calls under way have ended."""
        self._closed = True
        if not self._calls:
            await self._bot.session.close()

    def _translated(self, error: Exception, method: str) -> Exception:
        match error:
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
