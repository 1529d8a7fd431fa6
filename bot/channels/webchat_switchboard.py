"""Every open WebSocket of the web chat: taken in, counted, and closed in good order."""

import asyncio
from collections import defaultdict
from http import HTTPStatus

from aiohttp import WSCloseCode, web

from bot.callers import address_of
from bot.channels.webchat_frames import Code
from bot.channels.webchat_http import refused
from bot.channels.webchat_means import Means
from bot.channels.webchat_settings import WebChatSettings
from bot.channels.webchat_socket import Connection

STOP_SECONDS = 5.0
"""How long leaving connections may take before the server goes without them."""


class Switchboard:
    """Knows the connections of this process, and those of each chat, oldest first."""

    def __init__(self, settings: WebChatSettings) -> None:
        self._settings = settings
        self._open: dict[Connection, asyncio.Task[object] | None] = {}
        self._tabs: defaultdict[str, list[Connection]] = defaultdict(list)
        self._closing: set[asyncio.Task[None]] = set()

    async def connect(self, request: web.Request, means: Means) -> web.StreamResponse:
        """Serve one WebSocket until it ends."""
        if len(self._open) >= self._settings.connections:
            return refused(HTTPStatus.SERVICE_UNAVAILABLE, Code.OVERLOADED, 5.0)
        connection = Connection(means, address_of(request, trust_proxy=self._settings.trust_proxy))
        socket = await connection.open(request)
        self._open[connection] = asyncio.current_task()
        try:
            await self._talk(connection)
        except ConnectionError:
            pass  # gone before or while we answered; it comes back by itself
        finally:
            del self._open[connection]
        return socket

    async def close(self) -> None:
        """Close every connection with 1001 and wait for what was taken in."""
        tasks = [task for task in self._open.values() if task is not None]
        await asyncio.gather(*(each.leave() for each in list(self._open)), return_exceptions=True)
        if tasks:
            await asyncio.wait(tasks, timeout=STOP_SECONDS)

    async def _talk(self, connection: Connection) -> None:
        hello = await connection.greet()
        if hello is None:
            return
        tabs = self._tabs[connection.key]
        tabs.append(connection)
        if len(tabs) > self._settings.connections_per_chat:
            self._dismiss(tabs[0])
        try:
            await connection.serve(hello)
        finally:
            tabs.remove(connection)
            if not tabs:
                self._tabs.pop(connection.key, None)

    def _dismiss(self, oldest: Connection) -> None:
        """Close a chat's oldest connection beside the newest one's work."""
        closing = asyncio.create_task(oldest.leave(WSCloseCode.TRY_AGAIN_LATER))
        self._closing.add(closing)
        closing.add_done_callback(self._closing.discard)
