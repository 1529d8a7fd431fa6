"""One live connection of a console, from its hello to its close."""

import asyncio
from collections.abc import Mapping

import structlog
from aiohttp import WSCloseCode, WSMsgType, web

from bot.console import frames
from bot.console.answers import told
from bot.console.hub import Hub, Seen
from bot.console.listing import Listing
from bot.console.looking import Looking
from bot.desk.errors import DeskRefusal
from bot.desk.feed import Change
from bot.desk.service import Desk
from storage.desk_records import Filters, Session
from storage.errors import StoreError

_log: structlog.typing.FilteringBoundLogger = structlog.get_logger(__name__)
_HELLO = 10.0
_HEARTBEAT = 25.0
_RECHECK = 30.0
"""Seconds after which the session behind an open connection is looked at again."""
_BUFFER = 1 << 20
"""Bytes that may wait for a page that does not read, before it is cut off."""
_PATIENCE = 20
SIGNED_OUT = 4401
"""The close code that sends the page to sign in."""
_UNREAD = 200


class Connection:
    """Talks with one page. What is sent is sent in the order in which it was looked up."""

    def __init__(self, desk: Desk, hub: Hub, session: Session) -> None:
        self._desk = desk
        self._hub = hub
        self._session = session
        self._ws = web.WebSocketResponse(
            timeout=2.0, heartbeat=_HEARTBEAT, compress=False, max_msg_size=frames.MAX_FRAME * 4
        )
        self._transport: asyncio.Transport | None = None
        self._turn = asyncio.Lock()
        self._listing = Listing(desk.queue)
        self._looking = Looking(desk)
        self._waiting: dict[str, Change] = {}
        self._seen: dict[str, Seen] = {}
        self._recount = True
        self._any = asyncio.Event()
        self._refused = 0
        self._parting = False
        self._used = False
        """Whether the agent did anything since the session was last looked at."""

    async def serve(self, request: web.Request) -> web.WebSocketResponse:
        """Talk until either side leaves."""
        await self._ws.prepare(request)
        self._transport = request.transport
        try:
            if await self._greeted():
                await self._talk()
        except (ConnectionError, StoreError):
            self.lose()  # the page comes back by itself
        except DeskRefusal:
            await self._ws.close(code=SIGNED_OUT)  # disabled meanwhile
        return self._ws

    async def leave(self, code: int = WSCloseCode.GOING_AWAY) -> None:
        """Close from our side, so that the page comes back."""
        await self._ws.close(code=code)

    # ---- Console

    def put(self, changes: tuple[Change, ...], seen: Mapping[str, Seen]) -> None:
        """Take changes over."""
        for change in changes:
            before = self._waiting.get(change.key)
            if before is not None:
                change = Change(change.key, before.kinds | change.kinds, before.entries + change.entries)  # noqa: PLW2901
            self._waiting[change.key] = change
        self._seen.update(seen)
        self._any.set()

    def recount(self) -> None:
        """The numbers are others now."""
        self._recount = True
        self._any.set()

    def lose(self) -> None:
        """Let the page come back: its first look catches up."""
        if self._transport is not None and not self._ws.closed:  # what is being closed is told why
            self._transport.abort()

    # ---- in

    async def _greeted(self) -> bool:
        try:
            async with asyncio.timeout(_HELLO):
                message = await self._ws.receive()
            hello = frames.read(message.data) if message.type is WSMsgType.TEXT else None
        except (TimeoutError, ValueError):
            hello = None
        if isinstance(hello, frames.Hello) and self._desk.sign_in.same_csrf(self._session, hello.csrf):
            return True
        await self._ws.close(code=WSCloseCode.POLICY_VIOLATION)
        return False

    async def _talk(self) -> None:
        self._hub.join(self)
        pump, recheck = asyncio.create_task(self._pump()), asyncio.create_task(self._recheck())
        try:
            await self._welcome()
            self._any.set()  # the numbers, for a start
            async for message in self._ws:
                if message.type is not WSMsgType.TEXT:
                    break
                await self._take(message.data)
        finally:
            pump.cancel()
            if not self._parting:  # otherwise its close frame, with the reason, is on its way
                recheck.cancel()
            await asyncio.gather(pump, recheck, return_exceptions=True)
            self._looking.end(self._session.agent)
            await self._hub.leave(self)

    async def _welcome(self) -> None:
        me = self._session.agent
        mine = await self._desk.queue.list(me, Filters(assignee=me.name), limit=_UNREAD)
        await self._send(frames.Ready(tuple(item.key for item in mine.items if item.awaits_reply)))

    async def _take(self, data: str) -> None:
        try:
            frame = frames.read(data)
        except ValueError:
            self._refused += 1
            if self._refused > _PATIENCE:
                await self._ws.close(code=WSCloseCode.POLICY_VIOLATION)
            return
        try:
            await self._act(frame)
        except DeskRefusal as refused:
            key = frame.key if isinstance(frame, frames.Open) else ""
            about = type(frame).__name__.lower()
            await self._send(frames.Refused(about, key, told(refused)[1]))
        except StoreError:
            self.lose()

    async def _act(self, frame: frames.In) -> None:
        me = self._session.agent
        self._used |= isinstance(frame, frames.List | frames.Open) or (
            isinstance(frame, frames.Alive) and frame.typing
        )
        match frame:
            case frames.List():
                async with self._turn:
                    await self._send(await self._listing.page(me, frame))
            case frames.Open():
                async with self._turn:
                    await self._send(await self._looking.begin(me, frame))
            case frames.Close():
                self._looking.end(me)
            case frames.Alive():
                await self._send(frames.Pong())
                if frame.looking:
                    await self._looking.alive(me, typing=frame.typing)
            case frames.Hello():
                pass

    async def _recheck(self) -> None:
        """Whoever was signed out, disabled or given another role is no longer who they were."""
        while True:
            await asyncio.sleep(_RECHECK)
            try:
                session = await self._desk.sign_in.session(self._session.token, used=self._used)
            except StoreError:
                continue
            self._used = False
            if session is None or session.agent != self._session.agent:
                self._parting = True
                await self._ws.close(code=SIGNED_OUT)
                return

    # ---- out

    async def _pump(self) -> None:
        while True:
            await self._any.wait()
            self._any.clear()
            async with self._turn:
                try:
                    await self._pass_on()
                except DeskRefusal:
                    continue  # what was seen a moment ago may be seen no longer
                except (StoreError, ConnectionError):
                    self.lose()
                    return
                except Exception:  # noqa: BLE001  the page comes back and catches up
                    _log.exception("a console could not be kept up to date")
                    self.lose()
                    return

    async def _pass_on(self) -> None:
        changes, self._waiting = self._waiting, {}
        seen, self._seen = self._seen, {}
        me = self._session.agent
        if changes:
            if rows := self._listing.changed(me, seen):
                await self._send(rows)
            for news in self._listing.news(me, changes, seen):
                await self._send(news)
            for frame in await self._looking.changed(me, changes, seen):
                await self._send(frame)
        if self._recount:
            self._recount = False
            await self._send(frames.Numbers(await self._hub.counts(me)))

    async def _send(self, frame: frames.Out) -> None:
        """Write one frame at once. Raises `ConnectionError` if the page is gone, or does not read."""
        transport = self._transport
        if transport is None or self._ws.closed:
            raise ConnectionResetError
        if transport.get_write_buffer_size() > _BUFFER:
            transport.abort()
            raise ConnectionResetError
        await self._ws.send_frame(frames.written(frame), WSMsgType.TEXT)
