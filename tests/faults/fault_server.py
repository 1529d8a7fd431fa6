"""`rescind serve` as a process of its own, to be killed and started again over the same data."""

import asyncio
import os
import signal
import socket
import sys
from asyncio.subprocess import Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from aiohttp import ClientError, ClientSession

from storage.store import Store

_ROOT = Path(__file__).parents[2]
START_SECONDS = 60


def free_port() -> int:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return int(sock.getsockname()[1])


class FaultServer:
    """The server; `url` stays the same over all its lives. `settings` are further variables."""

    def __init__(self, folder: Path, **settings: str) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.log = folder / "server.log"
        self.shop = folder / "shop.sqlite3"
        self.database = f"sqlite:///{folder / 'store.sqlite3'}"
        self.kills = 0
        self._settings = {
            "DATA_DIR": str(folder),
            "DATABASE_URL": self.database,
            "DEMO_SHOP_PATH": str(self.shop),
            "HTTP_PORT": str(self.port),
            "GUESS_PAUSE_SECONDS": "0",
            "LOG_FORMAT": "json",
            "WEBCHAT_FRAMES_PER_SECOND": "1000",
            "WEBCHAT_SESSIONS_PER_MINUTE": "60000",
        } | settings
        self.database = self._settings["DATABASE_URL"]
        self._process: Process | None = None

    async def start(self) -> None:
        """Start it; it may be a while until it answers."""
        environment = {name: value for name, value in os.environ.items() if name in ("PATH", "HOME", "LANG")}
        with self.log.open("a") as log:
            self._process = await asyncio.create_subprocess_exec(
                sys.executable, "-c", "from bot.cli import main; main()", "serve",
                cwd=_ROOT, env=environment | self._settings, stdout=log, stderr=log,
            )  # fmt: skip

    async def ready(self) -> None:
        """Wait until it answers."""
        async with asyncio.timeout(START_SECONDS), ClientSession() as client:
            while True:
                self.must_live()
                try:
                    async with client.get(f"{self.url}/readyz") as answer:
                        if answer.status == 200:
                            return
                except (ClientError, OSError):
                    pass
                await asyncio.sleep(0.05)

    async def kill(self) -> None:
        """kill -9: it has no chance to finish anything."""
        self.must_live()
        assert self._process is not None
        self._process.kill()
        assert await self._process.wait() == -signal.SIGKILL
        self.kills += 1

    async def stop(self) -> int:
        """Ask it to stop; its exit code."""
        assert self._process is not None
        if self._process.returncode is None:
            self._process.terminate()
        async with asyncio.timeout(30):
            return await self._process.wait()

    def must_live(self) -> None:
        """It must not have ended by itself."""
        assert self._process is not None
        assert self._process.returncode is None, self.log.read_text()[-3000:]


@asynccontextmanager
async def looked_into(server: FaultServer) -> AsyncIterator[Store]:
    """The store, from beside the server."""
    store = await Store.open(server.database, perform=False)
    try:
        yield store
    finally:
        await store.close()
