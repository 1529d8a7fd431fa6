"""Batch look-ups over HTTP, beside a bare client of the same server. `python -m benchmarks.stage_batch`.

The example server runs in a process of its own with 10,000 orders. A bare aiohttp client asks it for each
of them, reads the JSON by `response.json()` and does nothing with it: that is the server's own throughput.
The product asks for the same orders by `bot.stage_lookup.batch`: adapter, checks, records in our words,
answers in order. Both take turns every 1,000 orders, so that whatever else the machine does meets both, and
the medians of their turns are compared. CPU is this process's for one look-up. Memory is how far this
process grew over all rounds, above what it had taken before the first.
"""

import asyncio
import resource
import socket
import statistics
import sys
import time
from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import aiohttp
import uvloop
from pydantic import SecretStr

from bot.orders.http_shop import HttpShop, HttpShopSettings
from bot.rows import BadRow
from bot.stage_lookup import Answered, Query, StageFound, batch
from dialogs.policy import default_policy

SERVER = Path(__file__).parents[1] / "examples" / "http_shop_server.py"
ORDERS = 10_000
FIRST = 1000
TURN = 1_000
ROUNDS = 5
CONCURRENCIES = (8, 32)
EXPECTED = 0.90
TOKEN = "bench"


@dataclass(frozen=True, slots=True)
class Figures:
    bare: float
    ours: float
    """Look-ups a second."""
    bare_cpu_us: float
    ours_cpu_us: float
    grown_mb: float

    @property
    def share(self) -> float:
        return self.ours / self.bare


async def bare(client: aiohttp.ClientSession, concurrency: int, numbers: range) -> None:
    """Nothing but the requests."""
    waiting = iter(numbers)

    async def worker() -> None:
        for number in waiting:
            async with client.get(f"/orders/H-{number}") as response:
                assert response.status == 200
                await response.json()

    await asyncio.gather(*(worker() for _ in range(concurrency)))


async def ours(shop: HttpShop, concurrency: int, numbers: range) -> None:
    """What `rescind stage --batch` does, but for files."""

    async def queries() -> AsyncIterator[Query | BadRow]:
        for number in numbers:
            yield Query(number, f"H-{number}")

    expected = iter(numbers)
    async for done in batch(shop, queries(), policy=default_policy(), now=now, concurrency=concurrency):
        assert isinstance(done, Answered), done
        assert (done.query.line, type(done.answer)) == (next(expected), StageFound)
    assert next(expected, None) is None


def now() -> datetime:
    return datetime.now(UTC)  # noqa: TID251 — a script's clock


def most_memory() -> float:
    """The most this process took so far, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3


@asynccontextmanager
async def server() -> AsyncIterator[str]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    arguments = ("--port", str(port), "--token", TOKEN, "--count", str(ORDERS))
    process = await asyncio.create_subprocess_exec(
        sys.executable, SERVER, *arguments, stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout is not None
    await process.stdout.readline()  # it says so once it listens
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        await process.communicate()


class Clock:
    """Rates and CPU of one of the two."""

    def __init__(self) -> None:
        self.rates: list[float] = []
        self.cpu = 0.0

    async def time(self, turn: Awaitable[None]) -> None:
        spent, began = time.process_time(), time.perf_counter()
        await turn
        self.rates.append(TURN / (time.perf_counter() - began))
        self.cpu += time.process_time() - spent

    @property
    def rate(self) -> float:
        return statistics.median(self.rates)

    @property
    def cpu_us(self) -> float:
        return 1e6 * self.cpu / TURN / len(self.rates)


async def measure(client: aiohttp.ClientSession, shop: HttpShop, concurrency: int) -> Figures:
    """Turn by turn, and at last all orders in one go."""
    theirs, own = Clock(), Clock()
    memory = most_memory()
    for _ in range(ROUNDS):
        for first in range(FIRST, FIRST + ORDERS, TURN):
            numbers = range(first, first + TURN)
            await theirs.time(bare(client, concurrency, numbers))
            await own.time(ours(shop, concurrency, numbers))
    await ours(shop, concurrency, range(FIRST, FIRST + ORDERS))
    return Figures(theirs.rate, own.rate, theirs.cpu_us, own.cpu_us, most_memory() - memory)


HEADS = ("bare /s", "ours /s", "share", "expected", "bare CPU us", "ours CPU us", "grown MB")


async def main() -> dict[int, Figures]:
    """Measure each concurrency, print a table, and give the figures."""
    print(f"{ORDERS:,} look-ups over HTTP, medians of {ROUNDS * ORDERS // TURN} turns of {TURN:,}")
    print(f"{'at a time':>9}" + "".join(f"{head:>13}" for head in HEADS))
    figures: dict[int, Figures] = {}
    headers = {"Authorization": f"Bearer {TOKEN}"}
    async with server() as url, aiohttp.ClientSession(url, headers=headers) as client:
        shop = HttpShop(HttpShopSettings(url=url, token=SecretStr(TOKEN)), unmapped=print)
        await bare(client, CONCURRENCIES[-1], range(FIRST, FIRST + TURN))
        for concurrency in CONCURRENCIES:
            found = figures[concurrency] = await measure(client, shop, concurrency)
            cells = (
                f"{found.bare:,.0f}",
                f"{found.ours:,.0f}",
                f"{found.share:.0%}",
                f"{EXPECTED:.0%}",
                f"{found.bare_cpu_us:.0f}",
                f"{found.ours_cpu_us:.0f}",
                f"{found.grown_mb:.1f}",
            )
            print(f"{concurrency:>9}" + "".join(f"{cell:>13}" for cell in cells))
        await shop.close()
    return figures


if __name__ == "__main__":
    uvloop.run(main())  # as the product runs
