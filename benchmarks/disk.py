"""What a conversation leaves on the disk: bytes of the store, by kind. `python -m benchmarks.disk`.

The house as it is served, without its web server: customers' words go in at the reception, an agent works by
the desk's own service, the shop is the demo shop. Bytes are the file's, worked in and without free pages,
after so many conversations, less those of a store that holds none; they include the ids of updates, which
are forgotten after a week, and are told once more without them.
"""

import asyncio
import sqlite3
import tempfile
from collections.abc import Awaitable, Callable
from pathlib import Path

import uvloop

from benchmarks.web_chat import asking, cancelling, stock
from bot import logs
from bot.assembly import House, open_house, utc_now
from bot.desk.service import operator
from bot.ports import Incoming, Words
from bot.settings import Settings
from storage.desk_records import Agent, Role

CHATS = 400
Play = Callable[[House, Agent, str, int], Awaitable[None]]


async def says(house: House, key: str, number: int, text: str) -> None:
    """One message, and all that follows from it."""
    await house.reception.receive(Incoming(key, f"m{number}", Words(text), address="203.0.113.7"))
    while not house.performers.idle:  # noqa: ASYNC110  there is nothing to wait for but the state
        await asyncio.sleep(0.002)


async def cancelled(house: House, agent: Agent, key: str, n: int) -> None:
    """Five messages of a customer: an order is cancelled, and its record read again later."""
    del agent
    for number, line in enumerate(cancelling(n)):
        await says(house, key, number, line.says)


async def no_shop(house: House, agent: Agent, key: str, n: int) -> None:
    """Five messages that the shop has no part in."""
    del agent
    for number, line in enumerate(asking(n)):
        await says(house, key, number, line.says)


async def by_a_person(house: House, agent: Agent, key: str, n: int) -> None:
    """Six messages of a customer, three of an agent and a note, from the claim to the end."""
    await says(house, key, 0, "I want to talk to a person")
    await says(house, key, 1, f"My order {n} came in the wrong colour, and I want to know what to do.")
    await house.desk.chats.claim(agent, key)
    for number in range(3):
        await says(house, key, number + 2, "It was the oak shelf, and it should have been the walnut one.")
        await house.desk.chats.reply(agent, key, "Thank you. I have asked the warehouse, one moment please.")
    await house.desk.chats.note(agent, key, "The warehouse sends a walnut one; the oak one comes back.")
    await says(house, key, 5, "thank you!")
    await house.desk.chats.resolve(agent, key)


KINDS: dict[str, Play] = {
    "an order cancelled": cancelled,
    "no shop asked": no_shop,
    "settled by a person": by_a_person,
}


def size(file: Path) -> tuple[int, int, int]:
    """Bytes of the file as it would be without free pages, of the table `seen`, and of the messages."""
    with sqlite3.connect(file) as connection:
        connection.execute("VACUUM")
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        tables = dict(connection.execute("SELECT name, sum(pgsize) FROM dbstat GROUP BY name"))
    connection.close()
    return file.stat().st_size, tables["seen"], tables["messages"]


async def measure(play: Play) -> tuple[float, float, float]:
    """Bytes a conversation: all, without the ids of updates, and the messages alone."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        await stock(folder, CHATS)
        settings = Settings(_env_file=None, data_dir=folder, guess_pause_seconds=0)  # type: ignore[call-arg]
        file = folder / "rescind.sqlite3"
        async with open_house(settings, lambda _: []):
            pass
        empty, seen_before, said_before = size(file)
        async with open_house(settings, lambda _: []) as house:
            boss = operator("benchmark", utc_now())
            agent = await house.desk.accounts.add(
                boss, login="kim", name="Kim", role=Role.AGENT, password=None
            )
            for n in range(CHATS):
                await play(house, agent, f"web:{n:022d}", n)
        full, seen, said = size(file)
    every = (full - empty) / CHATS
    return every, every - (seen - seen_before) / CHATS, (said - said_before) / CHATS


async def main() -> None:
    """Measure, and print a table."""
    logs.set_up("text", "error")
    print(f"{'bytes a conversation, SQLite':32}{'all':>10}{'after 7 d':>10}{'messages':>10}")
    for name, play in KINDS.items():
        print(f"{name:32}" + "".join(f"{figure:10,.0f}" for figure in await measure(play)))


if __name__ == "__main__":
    uvloop.run(main())
