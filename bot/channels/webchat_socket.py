"""One WebSocket of the web chat, from its hello to its close."""

import asyncio
from collections.abc import AsyncIterator, Iterable

from aiohttp import WSCloseCode, WSMsgType, web
from aiohttp.abc import AbstractStreamWriter

from bot.channels.webchat_frames import (
    MAX_FRAME,
    PONG,
    TYPING,
    Accepted,
    Code,
    Fetch,
    Frame,
    Hello,
    Ping,
    Ready,
    Update,
    decode_frame,
    encode,
    error,
    refusal,
    shown,
)
from bot.channels.webchat_means import Means, NotRead, NotTaken, unwatch
from bot.channels.webchat_visitors import BadToken
from bot.ports import Notice
from storage.records import Entry

DRAIN_SECONDS = 10.0
"""How long a client may take to read what it missed, a buffer at a time."""
PATIENCE = 50
"""Refused frames in a row after which a connection is closed."""
HEARTBEAT = 45.0
NEVER_WAIT = 1 << 30
"""aiohttp's own limit is out of play: a frame is written at once, or the connection is given up."""


class SlowConsumer(ConnectionError):
    """The client does not read what it is sent."""


class Connection:
    """One client's WebSocket. Messages go out in order of `seq`, each once, without gaps."""

    def __init__(self, means: Means, address: str | None) -> None:
        settings = means.settings
        self.key = ""
        """The conversation, once the hello was good."""
        self._means = means
        self._address = address
        self._locale: str | None = None
        self._shown = 0
        self._refused = 0
        self._catching_up = asyncio.Lock()
        self._limit = settings.send_buffer
        self._ws = web.WebSocketResponse(
            timeout=2.0,
            heartbeat=HEARTBEAT,
            compress=False,
            max_msg_size=MAX_FRAME,
            writer_limit=NEVER_WAIT,
            decode_text=False,
        )
        self._writer: AbstractStreamWriter
        self._transport: asyncio.Transport

    async def open(self, request: web.Request) -> web.WebSocketResponse:
        """Shake hands. Raises `aiohttp.web.HTTPBadRequest` if this is no WebSocket request."""
        self._writer = await self._ws.prepare(request)
        transport = request.transport
        if transport is None:
            raise ConnectionResetError
        self._transport = transport
        transport.set_write_buffer_limits(high=self._limit // 2)
        return self._ws

    async def greet(self) -> Hello | None:
        """Take the hello; on None it was not good, and the connection has been told and closed."""
        hello = await self._hello()
        if hello is None:
            await self._part(Code.HELLO_EXPECTED)
            return None
        try:
            self.key = f"web:{self._means.visitors.chat(hello.token)}"
        except BadToken:
            await self._part(Code.BAD_TOKEN)
            return None
        self._locale = hello.known_locale
        return hello

    async def serve(self, hello: Hello) -> None:
        """Send what the client misses, then talk until either side leaves."""
        notices = self._means.feed.watch(self.key)
        try:
            await self._resume(hello.after)
            watcher = asyncio.create_task(self._watch(notices))
            try:
                await self._listen()
            finally:
                watcher.cancel()
                await asyncio.wait([watcher])
        except NotRead:
            await self.leave(WSCloseCode.TRY_AGAIN_LATER)
        except ConnectionError:
            return  # the client resumes by itself
        finally:
            await unwatch(notices)

    async def leave(self, code: int = WSCloseCode.GOING_AWAY) -> None:
        """Close from our side, so that the client comes back (1001: the server goes; 1013: not now)."""
        await self._ws.close(code=code)

    # ---- in

    async def _hello(self) -> Hello | None:
        """The first frame, if it is a hello and comes in time."""
        try:
            async with asyncio.timeout(self._means.settings.hello_seconds):
                message = await self._ws.receive()
            frame = decode_frame(message.data) if message.type is WSMsgType.TEXT else None
        except (TimeoutError, ValueError):
            return None
        return frame if isinstance(frame, Hello) else None

    async def _listen(self) -> None:
        async for message in self._ws:
            if message.type is WSMsgType.TEXT:
                await self._take(message.data)
            elif message.type is WSMsgType.BINARY:
                await self._refuse(error(Code.BAD_FRAME))
            else:
                return

    async def _take(self, data: bytes) -> None:
        try:
            frame = decode_frame(data)
        except ValueError:
            code, update_id = refusal(data)
            await self._refuse(error(code, update_id))
            return
        wait = self._means.pace.wait(self.key)
        if wait:
            await self._refuse(error(Code.SLOW_DOWN, getattr(frame, "id", None), wait))
            return
        self._refused = 0
        await self._act(frame)

    async def _act(self, frame: Frame) -> None:
        if isinstance(frame, Update):
            await self._pass_on(frame)
        elif isinstance(frame, Ping):
            await self._write(PONG)
            await self._catch_up()  # a notice may be lost; a quiet chat is looked at with each ping
        elif isinstance(frame, Fetch):
            await self._catch_up(frame.after)
        else:
            await self._refuse(error(Code.BAD_FRAME))

    async def _pass_on(self, update: Update) -> None:
        try:
            receipt = await self._means.take_in(self.key, update, self._locale, self._address)
        except NotTaken as failure:
            await self._write(error(failure.code, update.id, failure.retry_after))
            return
        await self._write(encode(Accepted(update.id, receipt.duplicate, receipt.locale)))
        if receipt.duplicate:
            await self._catch_up()
        else:
            await self._show(receipt.entries)

    async def _refuse(self, frame: bytes) -> None:
        self._refused += 1
        await self._write(frame)
        if self._refused > PATIENCE:
            await self._ws.close(code=WSCloseCode.POLICY_VIOLATION)

    # ---- out

    async def _watch(self, notices: AsyncIterator[Notice]) -> None:
        try:
            async for notice in notices:
                if notice.typing:
                    await self._write(TYPING)
                await self._show(notice.entries)
        except NotRead:
            await self.leave(WSCloseCode.TRY_AGAIN_LATER)
        except ConnectionError:
            return  # the reading side sees the same end

    async def _resume(self, after: int) -> None:
        """Answer the hello. A client that knows more than the transcript begins anew at message 1."""
        missed = await self._means.read_on(self.key, after)
        if not missed and after and not await self._means.read_on(self.key, after - 1):
            after, missed = 0, await self._means.read_on(self.key, 0)
        self._shown = after
        await self._write(encode(Ready(missed[-1].seq if missed else after)))
        await self._send(missed)

    async def _catch_up(self, after: int | None = None) -> None:
        """Send what the client has not been sent, or once more what comes after a message it names."""
        async with self._catching_up:
            if after is not None:
                self._shown = min(self._shown, after)
            await self._send(await self._means.read_on(self.key, self._shown))

    async def _show(self, entries: Iterable[Entry]) -> None:
        """Send what is new among these; where they leave a gap, the transcript fills it."""
        for entry in entries:
            if entry.seq == self._shown + 1:
                self._shown = entry.seq
                await self._write(encode(shown(entry)))
            elif entry.seq > self._shown:
                await self._catch_up()

    async def _send(self, entries: Iterable[Entry]) -> None:
        """Send a stretch of the transcript, no faster than the client reads."""
        for entry in entries:
            if entry.seq <= self._shown:
                continue  # sent meanwhile, by a notice
            if self._transport.get_write_buffer_size() > self._limit // 2:
                await self._drain()
            if entry.seq > self._shown:
                self._shown = entry.seq
                await self._write(encode(shown(entry)))

    async def _drain(self) -> None:
        try:
            async with asyncio.timeout(DRAIN_SECONDS):
                await self._writer.drain()
        except TimeoutError:
            self._give_up()

    async def _write(self, frame: bytes) -> None:
        """Write one frame at once. Raises `ConnectionError` if the client is gone, or does not read."""
        if self._transport.get_write_buffer_size() > self._limit:
            self._give_up()
        await self._ws.send_frame(frame, WSMsgType.TEXT)

    def _give_up(self) -> None:
        """Cut a client off that does not read; a close frame would only queue behind the rest."""
        self._transport.abort()
        raise SlowConsumer

    async def _part(self, code: Code) -> None:
        if not self._ws.closed:
            await self._ws.send_frame(error(code), WSMsgType.TEXT)
            await self._ws.close(code=WSCloseCode.POLICY_VIOLATION)
