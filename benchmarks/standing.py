"""What the program takes for itself: time to start, memory, a batch. `python -m benchmarks.standing`."""

import asyncio
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from time import perf_counter

import uvloop

from benchmarks.customers import Customer, Line
from benchmarks.served import HERE, served
from benchmarks.web_chat import FIRST, IN_FLIGHT, connected, stock

OPEN = 9_900
"""Conversations: nearly as many as one process lets be connected."""
LOOK_UPS = 20_000
TRIES = 5
MB = 1 << 20
RESCIND = Path(sys.executable).with_name("rescind")
BEGINNING = (Line("I want to cancel my order", "order number"), Line("1042", "e-mail"))


def show(what: str, figure: str, expected: str = "") -> None:
    print(f"{what:62}{figure:>12}{expected:>10}")


def seconds(*arguments: str, **settings: str) -> float:
    """How long a command takes."""
    environment = {**os.environ, "PYTHONPATH": str(HERE), **settings}
    began = perf_counter()
    subprocess.run([RESCIND, *arguments], check=True, env=environment, stdout=subprocess.DEVNULL)
    return perf_counter() - began


async def start_and_memory(folder: Path) -> None:
    async with served("", folder) as server:
        show("rescind serve to the first good /readyz, new data folder", f"{server.ready_after:.1f} s")
    async with served("", folder) as server:
        show("the same, started again", f"{server.ready_after:.1f} s")
        before = server.memory
        show("memory (RSS) when ready", f"{before / MB:.0f} MB")
        customers = await connected(server, OPEN)
        await begin(customers)
        show(f"with {OPEN:,} conversations open, all connected", f"{server.memory / MB:.0f} MB")
        show("a conversation, connected", f"{(server.memory - before) / OPEN / 1024:.0f} kB")


async def begin(customers: Sequence[Customer]) -> None:
    """Bring every conversation to the question for the e-mail address."""
    waiting = iter(customers)

    async def talk() -> None:
        for customer in waiting:
            for each in BEGINNING:
                await customer.say(each)

    await asyncio.gather(*(talk() for _ in range(IN_FLIGHT)))


async def batch(folder: Path) -> None:
    await stock(folder, LOOK_UPS)
    file = folder / "orders.csv"
    rows = (f"{FIRST + n},ann{n}@shop.test\n" for n in range(LOOK_UPS))
    file.write_text("number,email\n" + "".join(rows), "ascii")
    took = seconds("stage", "--batch", str(file), "--out", str(folder / "out.jsonl"), DATA_DIR=str(folder))
    show(f"rescind stage --batch, {LOOK_UPS:,} orders, start included", f"{LOOK_UPS / took:,.0f} /s")


async def main() -> None:
    """Measure, and print a table."""
    show("the program itself", "", "expected")
    show("rescind --help", f"{min(seconds('--help') for _ in range(TRIES)):.2f} s", "0.50 s")
    with tempfile.TemporaryDirectory() as name:
        await start_and_memory(Path(name))
    with tempfile.TemporaryDirectory() as name:
        await batch(Path(name))


if __name__ == "__main__":
    uvloop.run(main())
