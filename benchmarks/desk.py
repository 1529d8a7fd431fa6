"""How soon a customer's message is on the agents' screens. `python -m benchmarks.desk`.

A thousand conversations wait for people or are held by one; 20 agents have the console open over WebSocket,
each with the queue and one chat of their own. Customers write 50 messages a second, evenly spread in time,
to 180 of these chats and, every fifth message, to one that an agent has open. Measured from the moment a
customer's client sends to the moment an agent's client has the frame that shows the words: the open chat at
the agent who has it, and the row of the queue at every one of the 20. `rescind serve` runs unchanged on one
core, with SQLite; customers and agents have the other one.
"""

import asyncio
import os
import random
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from time import perf_counter

import uvloop
from aiohttp import ClientSession, ClientWebSocketResponse, CookieJar, WSMsgType
from argon2 import PasswordHasher

from benchmarks.customers import Customer
from benchmarks.customers import Line as Words
from benchmarks.served import Served, cores, served
from benchmarks.store import line
from bot.assembly import open_ground, utc_now
from bot.channels.webchat_visitors import Visitors
from bot.desk.accounts import Accounts
from bot.desk.passwords import Passwords
from bot.desk.service import operator
from bot.settings import Settings
from storage.desk_records import Agent, Role
from storage.store import Store

OPEN, AGENTS, WRITERS, AT_ONCE = 1_000, 20, 200, 50
A_SECOND, SECONDS, WARM_UP = 50, 20, 5
EXPECTED_MS = 200
HEADS = ("p50 ms", "p99 ms", "max ms", "expected", "CPU us", "core busy")
PASSWORD = "benchmark password"


class Hearing:
    """What was said when, and when each agent saw it."""

    def __init__(self) -> None:
        self.said: dict[str, float] = {}
        self.rows: list[float] = []
        self.chats: list[float] = []
        self.seen: set[tuple[str, str, str]] = set()

    def saw(self, agent: str, where: str, text: str, into: list[float]) -> None:
        """An agent's client has this text."""
        began = self.said.get(text)
        if began is not None and (agent, where, text) not in self.seen:
            self.seen.add((agent, where, text))
            into.append(perf_counter() - began)


class Writer(Customer):
    """A customer who goes on without waiting."""

    def __init__(self, token: str) -> None:
        super().__init__(token)
        self.key = f"web:{token.rsplit('.', 2)[0]}"

    def writes(self, text: str) -> None:
        """Send it; the answer of the bot, if any, is nobody's concern here."""
        self._said += 1
        self._send(b'{"type":"message","id":"m%d","text":"%s"}' % (self._said, text.encode()))


@dataclass
class Console:
    """An agent's page: the queue, and one chat."""

    name: str
    session: ClientSession
    socket: ClientWebSocketResponse
    hearing: Hearing
    frames: int = 0
    octets: int = 0

    async def listens(self) -> None:
        """Until the connection ends."""
        async for message in self.socket:
            if message.type is WSMsgType.TEXT:
                self.frames += 1
                self.octets += len(message.data)
                self._takes(message.json())

    def _takes(self, frame: dict[str, object]) -> None:
        heard = self.hearing
        if frame["type"] == "rows":
            for row in frame["rows"]:  # type: ignore[attr-defined]
                heard.saw(self.name, "rows", row["last"], heard.rows)
        elif frame["type"] == "chat":
            for one in frame["lines"]:  # type: ignore[attr-defined]
                heard.saw(self.name, "chat", one["text"], heard.chats)


@dataclass(frozen=True, slots=True)
class Figures:
    """Milliseconds, sorted, of what agents saw in the queue and in their open chat."""

    rows: Sequence[float]
    chats: Sequence[float]
    expected: tuple[int, int]
    """How many of each there should be."""
    cpu_us: float
    busy: float
    octets: float = field(default=0.0)


async def hire(folder: Path) -> list[Agent]:
    """The agents, before anything serves."""
    settings = Settings(_env_file=None, data_dir=folder)  # type: ignore[call-arg]
    await (await Store.open(settings.store_url)).close()
    async with open_ground(settings) as ground:
        accounts = Accounts(ground, Passwords(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)))
        boss = operator("benchmark", utc_now())
        return [
            await accounts.add(boss, login=f"a{n}", name=f"Agent {n}", role=Role.AGENT, password=PASSWORD)
            for n in range(AGENTS)
        ]


async def waiting(server: Served) -> list[Writer]:
    """A thousand customers who asked for a person and wrote once more; the first of them stay to write."""
    visitors, kept = Visitors(b"benchmark", days=365), list[Writer]()
    for _ in range(0, OPEN, AT_ONCE):
        customers = await asyncio.gather(
            *(Writer.enter(server.port, visitors.invite()) for _ in range(AT_ONCE))
        )
        for says, hears in (("I want to talk to a person", "called a person"), ("thank you", "Noted")):
            await asyncio.gather(*(customer.say(Words(says, hears)) for customer in customers))
        for customer in customers:
            if len(kept) < WRITERS:
                kept.append(customer)
            else:
                customer.leave()
    return kept


async def at_work(
    server: Served, agents: Sequence[Agent], keys: Sequence[str], heard: Hearing
) -> list[Console]:
    """The agents signed in, each with the queue and a chat of their own on the screen."""
    found = []
    url = f"http://127.0.0.1:{server.port}"
    for agent, key in zip(agents, keys, strict=True):
        session = ClientSession(cookie_jar=CookieJar(unsafe=True), headers={"Origin": url})
        form = {"login": agent.login, "password": PASSWORD}
        async with session.post(f"{url}/desk/sign-in", data=form) as answer:
            csrf = (await answer.text()).partition('data-csrf="')[2].partition('"')[0]
        headers = {"X-CSRF-Token": csrf}
        async with session.post(f"{url}/desk/api/chats/{key}/claim", json={}, headers=headers) as answer:
            assert answer.status == 200, await answer.text()
        socket = await session.ws_connect(f"{url}/desk/ws", max_msg_size=0)
        await socket.send_json({"type": "hello", "csrf": csrf})
        await socket.send_json({"type": "list", "view": 1, "limit": 60})
        await socket.send_json({"type": "open", "key": key, "after": None})
        found.append(Console(agent.name, session, socket, heard))
    return found


async def flow(writers: Sequence[Writer], seconds: int, said: dict[str, float], name: str) -> int:
    """50 messages a second; how many went to a chat that is on an agent's screen."""
    chosen, shown = random.Random(1), 0  # noqa: S311  which customers
    loop, began = asyncio.get_running_loop(), asyncio.get_running_loop().time()
    for number in range(A_SECOND * seconds):
        await asyncio.sleep(max(0.0, began + number / A_SECOND - loop.time()))
        to_shown = number % 5 == 0
        writer = chosen.choice(writers[:AGENTS] if to_shown else writers[AGENTS:])
        shown += to_shown
        text = f"{name} message {number}"
        said[text] = perf_counter()
        writer.writes(text)
    return shown


async def measure() -> Figures:
    """The whole path, after a warm-up that is not counted."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        agents = await hire(folder)
        async with served("", folder) as server:
            writers, heard = await waiting(server), Hearing()
            consoles = await at_work(server, agents, [w.key for w in writers[:AGENTS]], heard)
            listening = [asyncio.create_task(console.listens()) for console in consoles]
            await flow(writers, WARM_UP, {}, "early")
            before, began = server.cpu, perf_counter()
            octets = sum(console.octets for console in consoles)
            shown = await flow(writers, SECONDS, heard.said, "timed")
            cpu, wall = server.cpu - before, perf_counter() - began
            octets = sum(console.octets for console in consoles) - octets
            await asyncio.sleep(2)  # what is still on its way
            for console in consoles:
                await console.socket.close()
                await console.session.close()
            await asyncio.gather(*listening)
    count = A_SECOND * SECONDS
    return Figures(
        sorted(1e3 * each for each in heard.rows),
        sorted(1e3 * each for each in heard.chats),
        (count * AGENTS, shown),
        1e6 * cpu / count,
        cpu / wall,
        octets / wall,
    )


def show(what: str, found: Sequence[float], figures: Figures) -> None:
    cells = (
        f"{found[len(found) // 2]:.1f}",
        f"{found[len(found) * 99 // 100]:.1f}",
        f"{found[-1]:.1f}",
        f"{EXPECTED_MS} p99",
        f"{figures.cpu_us:,.0f}",
        f"{figures.busy:.0%}",
    )
    print(line(what, cells))


async def main() -> Figures:
    """Measure, print a table, and give the figures."""
    os.sched_setaffinity(0, cores()[1])
    print(line(f"the desk: {OPEN:,} open, {AGENTS} agents, {A_SECOND}/s", HEADS))
    found = await measure()
    show("the open chat, at its agent", found.chats, found)
    show("the row of the queue, at each agent", found.rows, found)
    # Two messages of one customer within a moment are one change of the row, which shows the later one.
    print(f"seen in chats {len(found.chats):,} of {found.expected[1]:,}", end="; ")
    print(f"in queues {len(found.rows):,} of {found.expected[0]:,}; {found.octets / 1e6:.1f} MB/s to agents")
    os.sched_setaffinity(0, cores()[0] | cores()[1])
    return found


if __name__ == "__main__":
    uvloop.run(main())
