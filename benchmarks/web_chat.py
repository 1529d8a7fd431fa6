"""Whole conversations over the web chat: durable turns a second. `python -m benchmarks.web_chat`.

A turn is one customer message: its state committed, and the bot's reply to it back at the customer's client.
`rescind serve` runs unchanged in a process of its own, on one core; the customers (and PostgreSQL) have the
other one. Every chat is connected before the clock starts and holds one conversation; 64 hold theirs at a
time. Orders, amounts and the words of a request differ from chat to chat. CPU is the server's, all threads.
"""

import asyncio
import itertools
import os
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from time import perf_counter

import uvloop

from benchmarks.customers import Customer, Line
from benchmarks.served import Served, cores, served
from benchmarks.store import line, postgres, sqlite
from bot.assembly import utc_now
from bot.orders.demo import DemoShop
from bot.orders.demo_record import StoredOrder, kept
from dialogs.orders import Line as OrderLine
from dialogs.orders import Order, Payment, PaymentStatus, Stage

IN_FLIGHT = 64
CHATS = 2_000
WARM_UP = 200
EXPECTED = 4_000
FIRST = 500_000
ENGINES = {"SQLite (FULL)": sqlite, "PostgreSQL": postgres}
HEADS = ("turns/s", "expected", "p50 ms", "p99 ms", "CPU us", "core busy")

OPENINGS = ("", "Hello, ", "Hi there! ", "Good morning, ", "Please help. ", "Sorry to bother you, ")
REQUESTS = (
    "I want to cancel my order",
    "I'd like to cancel my order",
    "please cancel my order",
    "can you cancel my order for me",
    "I need to cancel the order I placed",
    "cancel my purchase",
)
ENDINGS = ("", ".", " please", " from this morning", " as soon as possible", ", I ordered by mistake")
WORDINGS = tuple(map("".join, itertools.product(OPENINGS, REQUESTS, ENDINGS)))
QUESTIONS = (
    "how long does a refund to paypal take?",
    "how many days until I get my money back on my card?",
    "how long do refunds by klarna take",
    "how long does a refund to a gift card take",
)

Script = Callable[[int], tuple[Line, ...]]


@dataclass(frozen=True, slots=True)
class Figures:
    turns_per_second: float
    p50_ms: float
    p99_ms: float
    cpu_us: float

    @property
    def busy(self) -> float:
        """The part of a core that the server used."""
        return self.turns_per_second * self.cpu_us / 1e6


def cancelling(n: int) -> tuple[Line, ...]:
    """Five turns, for which the shop is asked for the order four times and to cancel it once."""
    return (
        Line(WORDINGS[n % len(WORDINGS)], "order number"),
        Line(str(FIRST + n), "e-mail"),
        Line(f"ann{n}@shop.test", str(total(n))),
        Line("yes", "cancelled"),
        Line("no thanks", ""),
    )


def asking(n: int) -> tuple[Line, ...]:
    """Five turns that the shop has no part in."""
    return (
        Line(("hello", "Hi!", "good evening")[n % 3], ""),
        Line(QUESTIONS[n % len(QUESTIONS)], ""),
        Line(WORDINGS[n % len(WORDINGS)], "order number"),
        Line("never mind", ""),
        Line("thanks, bye", ""),
    )


KINDS: dict[str, Script] = {"an order cancelled": cancelling, "no shop asked": asking}


def total(n: int) -> Decimal:
    return Decimal(2 * (1_500 + n)) / 100


def order(n: int) -> StoredOrder:
    """An order that stands still, paid by PayPal."""
    placed = utc_now()
    record = Order(
        number=str(FIRST + n),
        email=f"ann{n}@shop.test",
        stage=Stage.PAID,
        placed_at=placed,
        currency="EUR",
        total=total(n),
        lines=(OrderLine("Mug, stoneware", 2, total(n) / 2),),
        payments=(Payment("paypal", total(n), PaymentStatus.CAPTURED),),
    )
    return kept(record, placed, None)


async def stock(folder: Path, count: int) -> None:
    """Put that many orders into the demo shop of a data folder."""
    async with DemoShop(folder / "demo-shop.sqlite3", now=utc_now) as shop:
        await shop.run(lambda file: file.put(order(n) for n in range(count)))


async def connected(server: Served, count: int) -> list[Customer]:
    """That many customers with their chats open."""
    customers: list[Customer] = []
    while len(customers) < count:
        some = min(IN_FLIGHT, count - len(customers))
        customers += await asyncio.gather(*(Customer.enter(server.port, server.token()) for _ in range(some)))
    return customers


async def converse(
    server: Served, customers: Sequence[Customer], scripts: Sequence[tuple[Line, ...]]
) -> Figures:
    """Hold the conversations, 64 at a time."""
    waiting = iter(list(zip(customers, scripts, strict=True)))
    latencies: list[float] = []

    async def talk() -> None:
        for customer, lines in waiting:
            for each in lines:
                latencies.append(await customer.say(each))  # noqa: PERF401  one after the other is the point

    cpu, began = server.cpu, perf_counter()
    await asyncio.gather(*(talk() for _ in range(IN_FLIGHT)))
    wall, cpu = perf_counter() - began, server.cpu - cpu
    latencies.sort()
    count = len(latencies)
    return Figures(
        count / wall, 1e3 * latencies[count // 2], 1e3 * latencies[count * 99 // 100], 1e6 * cpu / count
    )


async def measure(database_url: str, script: Script, chats: int = CHATS) -> Figures:
    """One kind of conversation on one store, after a warm-up that is not counted."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        await stock(folder, WARM_UP + chats)
        async with served(database_url, folder) as server:
            customers = await connected(server, WARM_UP + chats)
            scripts = [script(n) for n in range(WARM_UP + chats)]
            await converse(server, customers[:WARM_UP], scripts[:WARM_UP])
            return await converse(server, customers[WARM_UP:], scripts[WARM_UP:])


async def main() -> dict[str, Figures]:
    """Measure every kind of conversation on every engine, print a table, and give the figures."""
    os.sched_setaffinity(0, cores()[1])
    print(line("the web chat, 64 in flight", HEADS))
    figures: dict[str, Figures] = {}
    for (name, engine), (kind, script) in itertools.product(ENGINES.items(), KINDS.items()):
        async with engine() as url:
            found = figures[f"{name}, {kind}"] = await measure(url, script)
        cells = (
            f"{found.turns_per_second:,.0f}",
            f"{EXPECTED:,}",
            f"{found.p50_ms:.1f}",
            f"{found.p99_ms:.1f}",
            f"{found.cpu_us:.0f}",
            f"{found.busy:.0%}",
        )
        print(line(f"{name}, {kind}", cells))
    os.sched_setaffinity(0, cores()[0] | cores()[1])
    return figures


if __name__ == "__main__":
    uvloop.run(main())
