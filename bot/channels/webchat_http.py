"""The web chat over plain HTTP: new sessions for everybody, and the whole chat for scripts."""

import asyncio
from collections.abc import Sequence
from http import HTTPStatus

from aiohttp import web
from msgspec import Struct, ValidationError, convert

from bot.callers import Throttle, address_of, neighbourhood
from bot.channels.webchat_frames import (
    MAX_FRAME,
    Code,
    Page,
    Seq,
    Session,
    decode_update,
    encode,
    error,
    posted,
    refusal,
    shown,
)
from bot.channels.webchat_means import BROKEN_SECONDS, Means, NotRead, NotTaken, unwatch
from bot.channels.webchat_settings import WebChatSettings
from bot.channels.webchat_visitors import BadToken
from storage.records import Entry

LONGEST_WAIT = 25
"""Seconds a long poll may last: below the idle time limits of common proxies."""
HEADERS = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer"}


def refused(
    status: HTTPStatus, code: Code, retry_after: float | None = None, update_id: str | None = None
) -> web.Response:
    """An error frame as the body of a response."""
    headers = HEADERS if retry_after is None else HEADERS | {"Retry-After": str(int(retry_after) + 1)}
    body = error(code, update_id, retry_after)
    return web.Response(status=status, body=body, content_type="application/json", headers=headers)


def _answer(frame: Struct) -> web.Response:
    return web.Response(body=encode(frame), content_type="application/json", headers=HEADERS)


class HttpChat:
    """The handlers; those for one chat want its token as `Authorization: Bearer`."""

    def __init__(self, settings: WebChatSettings) -> None:
        self._settings = settings
        self._arrivals = Throttle(settings.sessions_per_minute / 60, settings.sessions_burst)
        self._polls: set[asyncio.Timeout] = set()

    def hurry(self) -> None:
        """Answer every long poll now."""
        now = asyncio.get_running_loop().time()
        for poll in self._polls:
            poll.reschedule(now)

    async def session(self, request: web.Request, means: Means) -> web.Response:
        """A token: a fresh one for the chat that is shown, or for a new one."""
        try:
            chat = means.visitors.chat(_bearer(request))
        except BadToken:
            wait = self._arrivals.wait(neighbourhood(self._address(request)))
            if wait:
                return refused(HTTPStatus.TOO_MANY_REQUESTS, Code.SLOW_DOWN, wait)
            return _answer(Session(means.visitors.invite(), resumed=False))
        return _answer(Session(means.visitors.sign(chat), resumed=True))

    async def post(self, request: web.Request, means: Means) -> web.Response:
        """Take one update in; answered, once it is durable, with the messages of its turn."""
        try:
            key = _key(request, means)
        except BadToken:
            return refused(HTTPStatus.UNAUTHORIZED, Code.BAD_TOKEN)
        wait = means.pace.wait(key)
        if wait:
            return refused(HTTPStatus.TOO_MANY_REQUESTS, Code.SLOW_DOWN, wait)
        if (request.content_length or 0) > MAX_FRAME:
            return refused(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, Code.TOO_BIG)
        return await self._take(request, means, key)

    async def read(self, request: web.Request, means: Means) -> web.Response:
        """The messages after `after`; with `wait`, up to so many seconds until there are some."""
        try:
            key = _key(request, means)
        except BadToken:
            return refused(HTTPStatus.UNAUTHORIZED, Code.BAD_TOKEN)
        try:
            after = _whole(request, "after")
            wait = min(LONGEST_WAIT, _whole(request, "wait"))
        except ValidationError:
            return refused(HTTPStatus.BAD_REQUEST, Code.BAD_FRAME)
        if pause := means.pace.wait(key):
            return refused(HTTPStatus.TOO_MANY_REQUESTS, Code.SLOW_DOWN, pause)
        try:
            entries = await self._poll(means, key, after, wait)
        except NotRead:
            return refused(HTTPStatus.SERVICE_UNAVAILABLE, Code.UNAVAILABLE, BROKEN_SECONDS)
        return _answer(Page(tuple(map(shown, entries))))

    async def _take(self, request: web.Request, means: Means, key: str) -> web.Response:
        try:
            data = await request.read()
        except web.RequestPayloadError:
            return refused(HTTPStatus.BAD_REQUEST, Code.BAD_FRAME)
        if len(data) > MAX_FRAME:
            return refused(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, Code.TOO_BIG)
        try:
            update = decode_update(data)
        except ValueError:
            code, update_id = refusal(data)
            return refused(HTTPStatus.BAD_REQUEST, code, update_id=update_id)
        try:
            receipt = await means.take_in(key, update, None, self._address(request))
        except NotTaken as failure:
            return refused(HTTPStatus.SERVICE_UNAVAILABLE, failure.code, failure.retry_after, update.id)
        return _answer(posted(update, receipt))

    async def _poll(self, means: Means, key: str, after: int, wait: float) -> Sequence[Entry]:
        """What is there; if nothing is, watch first and look again then, so that nothing falls between."""
        entries = await means.read_on(key, after)
        if entries or wait <= 0:
            return entries
        notices = means.feed.watch(key)
        try:
            if entries := await means.read_on(key, after):
                return entries
            async with asyncio.timeout(wait) as poll:
                self._polls.add(poll)
                try:
                    async for notice in notices:
                        if notice.entries:
                            break
                finally:
                    self._polls.discard(poll)
        except TimeoutError:
            pass
        finally:
            await unwatch(notices)
        return await means.read_on(key, after)

    def _address(self, request: web.Request) -> str | None:
        return address_of(request, trust_proxy=self._settings.trust_proxy)


def _bearer(request: web.Request) -> str:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""


def _whole(request: web.Request, name: str) -> int:
    """A number in the question, bounded as it is in frames; 0 if it is left out. Raises `ValidationError`."""
    return convert(request.query.get(name, "0"), Seq, strict=False)


def _key(request: web.Request, means: Means) -> str:
    """The conversation of the token that is shown. Raises `BadToken`."""
    return f"web:{means.visitors.chat(_bearer(request))}"
