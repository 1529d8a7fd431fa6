"""The example hosts as processes of their own, and customers who wait for what is meant for them."""

import asyncio
import os
import signal
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from fake_product import SECRET

from tests.telegram_customer import Customer
from tests.telegram_server import TOKEN, TelegramServer

ROOT = Path(__file__).parents[2]
HOSTS = ("aiogram_host", "ptb_host")
PATIENCE = 20.0
START = 60.0


@dataclass
class HostBot:
    """A shop's own bot that runs; `err` is what it has written."""

    process: Process
    err: list[str] = field(default_factory=list)

    async def stop(self) -> int:
        """Ask it to stop; its exit code."""
        if self.process.returncode is None:
            self.process.send_signal(signal.SIGINT)
        async with asyncio.timeout(PATIENCE):
            return await self.process.wait()


@asynccontextmanager
async def host_bot(name: str, telegram: TelegramServer, url: str) -> AsyncIterator[HostBot]:
    """An example host, polling the emulator, with the assistant at `url` mounted in it."""
    kept = {key: os.environ[key] for key in ("PATH", "HOME", "LANG") if key in os.environ}
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-W", "default", "-m", "bot",
        cwd=ROOT / "examples" / name,
        env=kept | {
            "PYTHONPATH": str(ROOT / "mount"),
            "BOT_TOKEN": TOKEN,
            "BOT_API_URL": telegram.url,
            "RESCIND_URL": url,
            "RESCIND_SECRET": SECRET,
        },
        stderr=PIPE,
    )  # fmt: skip
    bot = HostBot(process)
    reading = asyncio.create_task(_read(bot))
    polls = len(telegram.called("getUpdates"))
    try:
        await telegram.until(lambda: len(telegram.called("getUpdates")) > polls, START)
        yield bot
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()
        await reading


async def _read(bot: HostBot) -> None:
    assert bot.process.stderr is not None
    async for line in bot.process.stderr:
        bot.err.append(line.decode())


class Chat:
    """A customer who waits for what is meant for them."""

    def __init__(self, customer: Customer) -> None:
        self.does = customer
        self._read = 0

    @property
    def texts(self) -> list[str]:
        return [str(message["text"]) for message in self.does.server.chats[self.does.id]]

    async def hears(self, words: str, seconds: float = PATIENCE) -> str:
        """The next message that has these words in it."""

        def found() -> int | None:
            rest = range(self._read, len(self.texts))
            return next((at + 1 for at in rest if words in self.texts[at]), None)

        try:
            await self.does.server.until(found, seconds)
        except TimeoutError:
            raise AssertionError(f"{words!r} was not said: {self.texts[self._read :]}") from None
        self._read = found() or 0
        return self.texts[self._read - 1]
