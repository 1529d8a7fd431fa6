"""A door to knock at, and a Telegram channel between it and the emulated Bot API."""

import asyncio
import socket
from collections import defaultdict, deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from aiohttp import ClientSession, web
from pydantic import SecretStr

from bot.channels.telegram import TelegramChannel
from bot.channels.telegram_polling import Tempo
from bot.channels.telegram_settings import TelegramMode, TelegramSettings
from bot.ports import Incoming, Receipt
from storage.records import Author, Choice, Entry
from tests.telegram_server import TOKEN, TelegramServer

SECRET = "a-secret_of_the_webhook"
MOUNT_SECRET = "a-secret_of_the_mount"
QUICK = Tempo(hold=5, first_pause=0.02, longest_pause=0.1, drain=2)


class Door:
    """Remembers what came in, drops what it knows, fails and dawdles as told."""

    def __init__(self) -> None:
        self.asked: list[Incoming] = []
        self.durable: list[Incoming] = []
        self.failures: dict[str, deque[Exception]] = defaultdict(deque)
        self.gates: dict[str, asyncio.Event] = {}
        self._pulse = asyncio.Event()

    async def receive(self, incoming: Incoming) -> Receipt:
        self.asked.append(incoming)
        self._beat()
        if self.failures[incoming.key]:
            raise self.failures[incoming.key].popleft()
        if incoming.key in self.gates:
            await self.gates[incoming.key].wait()
        known = any((other.key, other.id) == (incoming.key, incoming.id) for other in self.durable)
        if not known:
            self.durable.append(incoming)
        self._beat()
        return Receipt(duplicate=known)

    async def has(self, count: int, seconds: float = 5.0) -> list[Incoming]:
        """What is durable, once it is so many."""
        async with asyncio.timeout(seconds):
            while len(self.durable) < count:
                await self._pulse.wait()
        return self.durable

    async def was_asked(self, count: int) -> list[Incoming]:
        """What was brought, durable or not, once it is so many."""
        async with asyncio.timeout(5):
            while len(self.asked) < count:
                await self._pulse.wait()
        return self.asked

    def _beat(self) -> None:
        self._pulse.set()
        self._pulse = asyncio.Event()


@dataclass
class World:
    """Everything of one test."""

    server: TelegramServer
    door: Door
    channel: TelegramChannel
    settings: TelegramSettings


def settings_for(server: TelegramServer, token: str = TOKEN) -> TelegramSettings:
    """A bot at the emulator, by polling."""
    return TelegramSettings(token=SecretStr(token), api_url=server.url)


@asynccontextmanager
async def telegram(*, start: bool = True, tempo: Tempo = QUICK) -> AsyncIterator[World]:
    """A channel that polls the emulator."""
    async with TelegramServer() as server:
        settings = settings_for(server)
        world = World(server, Door(), TelegramChannel(settings, tempo=tempo), settings)
        if start:
            await world.channel.start(world.door)
        try:
            yield world
        finally:
            await world.channel.stop()


@asynccontextmanager
async def webhook(*, start: bool = True, webhook_limit: float = 60.0) -> AsyncIterator[World]:
    """A channel the emulator posts to."""
    listening = socket.create_server(("127.0.0.1", 0))
    url = f"http://127.0.0.1:{listening.getsockname()[1]}/telegram/webhook"
    async with TelegramServer(webhook_limit=webhook_limit) as server:
        settings = TelegramSettings(
            token=SecretStr(TOKEN),
            api_url=server.url,
            mode=TelegramMode.WEBHOOK,
            webhook_url=url,
            webhook_secret=SecretStr(SECRET),
        )
        channel = TelegramChannel(settings, tempo=QUICK)
        app = web.Application()
        app.router.add_routes(channel.routes())
        runner = web.AppRunner(app, shutdown_timeout=0.1)
        await runner.setup()
        await web.SockSite(runner, listening).start()
        world = World(server, Door(), channel, settings)
        try:
            if start:
                await channel.start(world.door)
            yield world
        finally:
            await channel.stop()
            await runner.cleanup()


class Chats:
    """Which chats are open, as a test says; what came in is known by the door."""

    def __init__(self, door: Door) -> None:
        self.open: dict[str, int] = {}
        self._door = door

    async def open_for(self, key: str) -> int:
        return self.open.get(key, 0)

    async def knows(self, key: str, update_id: str) -> bool:
        return any((incoming.key, incoming.id) == (key, update_id) for incoming in self._door.durable)

    async def all_open(self, channel: str) -> dict[str, int]:
        return {key: seconds for key, seconds in self.open.items() if key.startswith(f"{channel}:")}


@dataclass
class Host(World):
    """A shop's own bot, as far as the product sees it: it posts, by hand."""

    chats: Chats
    url: str
    client: ClientSession

    async def post(self, update_id: int, secret: str | None = MOUNT_SECRET) -> tuple[int, object]:
        """Pass on an update that the emulator keeps; the answer's status and content."""
        update = next(each for each in self.server.updates if each["update_id"] == update_id)
        return await self.ask("POST", "/telegram/updates", secret, update)

    async def ask(
        self, method: str, path: str, secret: str | None = MOUNT_SECRET, body: object = None
    ) -> tuple[int, object]:
        """Ask the product something."""
        headers = {} if secret is None else {"Authorization": f"Bearer {secret}"}
        async with self.client.request(method, self.url + path, json=body, headers=headers) as answer:
            told = await answer.json() if answer.content_type == "application/json" else await answer.text()
            return answer.status, told


@asynccontextmanager
async def mounted(*, start: bool = True) -> AsyncIterator[Host]:
    """A channel mounted in a host that posts to it."""
    async with TelegramServer() as server, ClientSession() as client:
        settings = TelegramSettings(
            token=SecretStr(TOKEN),
            api_url=server.url,
            mode=TelegramMode.MOUNTED,
            mount_secret=SecretStr(MOUNT_SECRET),
        )
        door = Door()
        chats = Chats(door)
        channel = TelegramChannel(settings, tempo=QUICK, chats=chats)
        app = web.Application()
        app.router.add_routes(channel.routes())
        runner = web.AppRunner(app, shutdown_timeout=0.1)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        url = f"http://127.0.0.1:{runner.addresses[0][1]}"
        try:
            if start:
                await channel.start(door)
            yield Host(server, door, channel, settings, chats, url, client)
        finally:
            await channel.stop()
            await runner.cleanup()


def entry(text: str, *choices: tuple[str, str], seq: int = 1, author: Author = Author.BOT) -> Entry:
    """A message to a customer; choices are (label, value)."""
    shown = tuple(Choice(label, value) for label, value in choices)
    return replace(Entry(seq, datetime(2026, 11, 23, tzinfo=UTC), author, text), choices=shown)
