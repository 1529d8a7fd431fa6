"""Whole conversations over Telegram: durable turns a second, beside the same dialogue written by hand.

`python -m benchmarks.telegram`. A turn is one customer message and the bot's reply, taken by the Bot API. Six
bots hold the same conversation of five messages, an order cancelled: the dialogue written by hand on each
library with its own state in memory, where nothing is durable; the product as a bot of its own by polling
and by webhook; and mounted in the example hosts on aiogram and on PTB (product and host together). All of a
bot's processes share one core; the Bot API and the customers have the other one. The Bot API answers at once,
or after 50 ms, which goes for every call, `getUpdates` too. CPU is that of all of a bot's processes.

Every bot is measured in several rounds, all bots in turn, and its best round counts: what else the machine
does can only slow a bot down, and it seldom slows all of them alike.
"""

import asyncio
import itertools
import os
import signal
import sys
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter

import uvloop

from benchmarks.served import HERE, TICK, cores, free_port, served
from benchmarks.store import line
from benchmarks.telegram_api import TOKEN, BotApi
from benchmarks.web_chat import FIRST, stock

SECONDS = float(os.environ.get("BENCH_TELEGRAM_SECONDS", "4"))
ROUNDS = int(os.environ.get("BENCH_TELEGRAM_ROUNDS", "2"))
WARM_UP = 2.0
ORDERS = 12_000
SECRET = "a-secret_of_the_benchmark"
HEADS = ("turns/s", "expected", "p50 ms", "p99 ms", "CPU us", "core busy")
CONDITIONS = (("answers at once, 32 chats", 0.0, 32, 4.0), ("answers after 50 ms, 64 chats", 0.05, 64, 2.0))
Bot = Callable[[BotApi, Path], AbstractAsyncContextManager[list[int]]]


@dataclass(frozen=True, slots=True)
class Figures:
    turns_per_second: float
    p50_ms: float
    p99_ms: float
    cpu_us: float

    @property
    def busy(self) -> float:
        """The part of a core that the bot used."""
        return self.turns_per_second * self.cpu_us / 1e6


def cancelling(n: int) -> tuple[tuple[str, str], ...]:
    """What customer `n` says, and what the answers must hold."""
    return (
        ("/cancel_order", "order number"),
        (str(FIRST + n), "e-mail"),
        (f"ann{n}@shop.test", "Shall I cancel it?"),
        ("yes", str(FIRST + n)),
        ("no thanks", ""),
    )


@asynccontextmanager
async def own(api: BotApi, folder: Path, **more: str) -> AsyncIterator[list[int]]:
    """The product, as a bot of its own by polling unless told otherwise."""
    settings = {"TELEGRAM_BOT_TOKEN": TOKEN, "TELEGRAM_API_URL": api.url, "GUESS_PAUSE_SECONDS": "0"} | more
    async with served("", folder, **settings) as server:
        yield [server.pid, server.port]


@asynccontextmanager
async def polling(api: BotApi, folder: Path) -> AsyncIterator[list[int]]:
    async with own(api, folder) as (pid, _):
        yield [pid]


@asynccontextmanager
async def webhook(api: BotApi, folder: Path) -> AsyncIterator[list[int]]:
    port = free_port()
    url = f"http://127.0.0.1:{port}/telegram/webhook"
    more = {"TELEGRAM_WEBHOOK_URL": url, "TELEGRAM_WEBHOOK_SECRET": SECRET, "HTTP_PORT": str(port)}
    async with own(api, folder, TELEGRAM_MODE="webhook", **more) as (pid, _):
        yield [pid]


def mounted(host: str) -> Bot:
    @asynccontextmanager
    async def bot(api: BotApi, folder: Path) -> AsyncIterator[list[int]]:
        settings = {"TELEGRAM_MODE": "mounted", "TELEGRAM_MOUNT_SECRET": SECRET}
        async with own(api, folder, **settings) as (pid, port):
            environment = {
                "PYTHONPATH": str(HERE / "mount"),
                "BOT_TOKEN": TOKEN,
                "BOT_API_URL": api.url,
                "RESCIND_URL": f"http://127.0.0.1:{port}",
                "RESCIND_SECRET": SECRET,
            }
            async with script(api, HERE / "examples" / host, ("-m", "bot"), environment) as other:
                yield [pid, other]

    return bot


def by_hand(name: str) -> Bot:
    @asynccontextmanager
    async def bot(api: BotApi, folder: Path) -> AsyncIterator[list[int]]:
        command = (str(HERE / "benchmarks" / "telegram_by_hand" / name), TOKEN, api.url, str(ORDERS))
        async with script(api, folder, command, {}) as pid:
            yield [pid]

    return bot


BOTS: dict[str, Bot] = {
    "by hand, aiogram's FSM": by_hand("on_aiogram.py"),
    "by hand, PTB's handler": by_hand("on_ptb.py"),
    "own bot, polling": polling,
    "own bot, webhook": webhook,
    "mounted in aiogram": mounted("aiogram_host"),
    "mounted in PTB": mounted("ptb_host"),
}


@asynccontextmanager
async def script(
    api: BotApi, folder: Path, command: tuple[str, ...], environment: dict[str, str]
) -> AsyncIterator[int]:
    """A bot in Python, once it polls; its process."""
    before = api.polls
    process = await asyncio.create_subprocess_exec(
        sys.executable, *command, cwd=folder, env={"PATH": os.environ["PATH"]} | environment,
        stderr=asyncio.subprocess.DEVNULL,
    )  # fmt: skip
    os.sched_setaffinity(process.pid, cores()[0])
    try:
        while api.polls == before:
            if process.returncode is not None:
                raise RuntimeError(f"{command} ended with {process.returncode}")
            await asyncio.sleep(0.05)
        yield process.pid
    finally:
        if process.returncode is None:
            process.send_signal(signal.SIGINT)
        try:
            async with asyncio.timeout(15):
                await process.wait()
        except TimeoutError:
            process.kill()
            await process.wait()


def cpu(pids: list[int]) -> float:
    """Seconds of processor time they have used, in all their threads."""
    used = 0
    for pid in pids:
        fields = Path(f"/proc/{pid}/stat").read_text("ascii").rpartition(")")[2].split()
        used += int(fields[11]) + int(fields[12])
    return used / TICK


async def measure(api: BotApi, pids: list[int], chats: int) -> Figures:
    """So many customers at once, each with a conversation after the other, for some seconds."""
    latencies: list[tuple[float, float]] = []
    numbers: Iterator[int] = itertools.count()
    over = False

    async def talk() -> None:
        while not over:
            n = next(numbers)
            for text, hears in cancelling(n):
                latencies.append((await api.say(1_000 + n, text, hears), perf_counter()))

    async def watch() -> tuple[float, float, float]:
        nonlocal over
        await asyncio.sleep(WARM_UP)
        began, before = perf_counter(), cpu(pids)
        await asyncio.sleep(SECONDS)
        ended, after = perf_counter(), cpu(pids)
        over = True
        return began, ended, after - before

    async with asyncio.TaskGroup() as group:
        for _ in range(chats):
            group.create_task(talk())
        watching = group.create_task(watch())
    began, ended, used = watching.result()
    taken = sorted(took for took, at in latencies if began <= at < ended)
    count = len(taken)
    return Figures(
        count / (ended - began),
        1e3 * taken[count // 2],
        1e3 * taken[count * 99 // 100],
        1e6 * used / count,
    )


async def main() -> dict[str, Figures]:
    """Measure every bot in both conditions, print tables, and give the figures."""
    os.sched_setaffinity(0, cores()[1])
    figures: dict[str, Figures] = {}
    for condition, delay, chats, factor in CONDITIONS:
        print(line(f"Bot API {condition}", HEADS), flush=True)
        best = await best_rounds(delay, chats)
        expected = factor * max(best[name].turns_per_second for name in BOTS if _is_by_hand(name))
        for name, found in best.items():
            figures[f"{condition}: {name}"] = found
            cells = (
                f"{found.turns_per_second:,.0f}",
                "" if _is_by_hand(name) else f"{expected:,.0f}",
                f"{found.p50_ms:.1f}",
                f"{found.p99_ms:.1f}",
                f"{found.cpu_us:.0f}",
                f"{found.busy:.0%}",
            )
            print(line(name, cells), flush=True)
    os.sched_setaffinity(0, cores()[0] | cores()[1])
    return figures


async def best_rounds(delay: float, chats: int) -> dict[str, Figures]:
    """Each bot's best round, by its turns a second."""
    best: dict[str, Figures] = {}
    for _ in range(ROUNDS):
        for name in BOTS:
            found = await one_round(name, delay, chats)
            if name not in best or best[name].turns_per_second < found.turns_per_second:
                best[name] = found
    return best


async def one_round(name: str, delay: float, chats: int) -> Figures:
    """A bot from its start to its end, with orders and a store of its own."""
    with tempfile.TemporaryDirectory() as folder:
        if not _is_by_hand(name):
            await stock(Path(folder), ORDERS)
        async with BotApi(delay) as api, BOTS[name](api, Path(folder)) as pids:
            return await measure(api, pids, chats)


def _is_by_hand(name: str) -> bool:
    return name.startswith("by hand")


if __name__ == "__main__":
    uvloop.run(main())
