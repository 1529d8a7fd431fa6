"""kill -9 in the middle of agents' work: no message is lost or doubled, claims and notes are kept."""

import asyncio
from collections.abc import Mapping, Sequence
from pathlib import Path
from random import Random

import pytest
from argon2 import PasswordHasher
from desk_shift import PASSWORD, Worker, Writer
from fault_reckoning import now
from fault_server import FaultServer, looked_into

from bot.assembly import open_ground
from bot.desk.accounts import Accounts
from bot.desk.passwords import Passwords
from bot.desk.service import operator
from bot.settings import Settings
from dialogs.conversation import Mode
from storage.desk_records import Role
from storage.records import Author, Entry
from storage.store import Store

pytestmark = [pytest.mark.faults, pytest.mark.xdist_group("faults"), pytest.mark.timeout(300)]

CHATS, KILLS, MESSAGES = 12, 6, 24


async def hire(folder: Path, server: FaultServer, logins: Sequence[str]) -> None:
    """Accounts with passwords, made while nothing serves."""
    await (await Store.open(server.database)).close()
    settings = Settings(_env_file=None, data_dir=folder, database_url=server.database)  # type: ignore[call-arg]
    async with open_ground(settings) as ground:
        accounts = Accounts(ground, Passwords(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)))
        boss = operator("root", now())
        for login in logins:
            await accounts.add(boss, login=login, name=login.capitalize(), role=Role.AGENT, password=PASSWORD)


async def holders(server: FaultServer, keys: Sequence[str]) -> dict[str, str | None]:
    async with looked_into(server) as store:
        found = {key: await store.load(key) for key in keys}
    states = {key: None if one is None else one.conversation for key, one in found.items()}
    return {
        key: c.handoff.agent if c is not None and c.mode is Mode.PERSON and c.handoff else None
        for key, c in states.items()
    }


async def shift(worker: Worker, keys: Sequence[str], go_on: asyncio.Event) -> None:
    """Take what can be had, and answer and note there until it is enough."""
    for key in worker.random.sample(keys, len(keys)):
        await worker.claims(key)
    await go_on.wait()
    for number in range(MESSAGES):
        for key in sorted(worker.won):
            await worker.replies_to(key, f"answer {number} of {worker.login} in {key}")
            if number % 3 == 0:
                await worker.keeps_note(key, f"note {number} of {worker.login} in {key}")
            await asyncio.sleep(worker.random.uniform(0, 0.02))


async def writes(writer: Writer, go_on: asyncio.Event) -> None:
    await go_on.wait()
    for number in range(MESSAGES):
        await writer.says(f"question {number}")
        await asyncio.sleep(writer.random.uniform(0, 0.1))


def check(entries: Sequence[Entry], writer: Writer, worker: Worker) -> None:
    """All of it once, each voice in its own order, and the bot silent once the person is there."""
    key = writer.key
    assert [entry.seq for entry in entries] == list(range(1, len(entries) + 1))
    assert [e.text for e in entries if e.author is Author.CUSTOMER] == writer.said
    assert [e.text for e in entries if e.author is Author.AGENT] == worker.replies[key]
    assert {e.agent for e in entries if e.author is Author.AGENT} == {worker.login.capitalize()}
    here = [e.seq for e in entries if "is here now" in e.text]
    assert len(here) == 1
    assert not [e.text for e in entries if e.author is Author.BOT and e.seq > here[0]]
    assert not any(e.text.startswith("note ") for e in entries)


async def reckon(
    server: FaultServer, writers: Sequence[Writer], had: Mapping[str, Worker], screen: Worker, watched: str
) -> None:
    async with looked_into(server) as store:
        for writer in writers:
            key, worker = writer.key, had[writer.key]
            check(await store.entries(key, 0, 1000), writer, worker)
            notes = [note.text for note in await store.desk.notes(key) if note.author]
            assert notes == worker.notes[key]
        verified = await store.desk.verify()
        assert verified.broken == ()
        assert verified.entries > CHATS * MESSAGES
        entries = await store.entries(watched, 0, 1000)
        assert {seq: line["text"] for seq, line in screen.shown.items()} == {e.seq: e.text for e in entries}
        noted = {str(note.id): note.text for note in await store.desk.notes(watched)}
        assert screen.shown_notes == noted


async def test_agents_work_goes_on_through_half_a_dozen_kills(tmp_path: Path) -> None:
    server, random = FaultServer(tmp_path, WEBCHAT_REQUESTS_PER_SECOND="10000"), Random(11)  # noqa: S311  which moments
    await hire(tmp_path, server, ("kim", "lee"))
    kim, lee = (Worker(server.url, login, Random(n)) for n, login in enumerate(("kim", "lee")))  # noqa: S311
    screen = Worker(server.url, "kim", Random(7))  # noqa: S311  which pauses
    try:
        await server.start()
        await server.ready()
        writers = [Writer(server.url, kim.session, Random(n)) for n in range(CHATS)]  # noqa: S311  which pauses
        for worker in (kim, lee, screen):
            await worker.signs_in()
        await asyncio.gather(*(writer.comes() for writer in writers))
        keys, go_on = [writer.key for writer in writers], asyncio.Event()
        work = [asyncio.create_task(shift(worker, keys, go_on)) for worker in (kim, lee)]
        await _strike(server, random, 0.15)  # while they claim
        while not all((await holders(server, keys)).values()):  # noqa: ASYNC110  another process claims
            await asyncio.sleep(0.1)
        claimed = await holders(server, keys)
        watched = keys[0]

        async def seen_all() -> bool:
            if not all(task.done() for task in work):
                return False
            async with looked_into(server) as store:
                last = (await store.entries(watched, 0, 1000))[-1].seq
                return max(screen.shown, default=0) >= last

        go_on.set()
        work += [asyncio.create_task(writes(writer, go_on)) for writer in writers]
        watching = asyncio.create_task(screen.watches(watched, seen_all))
        for _ in range(KILLS - 1):
            await _strike(server, random, random.uniform(0.1, 1.0))
            assert await holders(server, keys) == claimed, "claims are as they were"
        assert not all(task.done() for task in work), "too little was interrupted"
        await asyncio.gather(*work)
        await asyncio.wait_for(watching, 30)
        assert await server.stop() == 0
    finally:
        await server.stop()
        for worker in (kim, lee, screen):
            await worker.session.close()
    assert server.kills == KILLS
    assert not kim.won & lee.won, "both were told that they have it"
    had = {key: worker for worker in (kim, lee) for key in worker.won}
    assert {key: worker.login.capitalize() for key, worker in had.items()} == claimed
    assert kim.repeated + lee.repeated > KILLS
    assert screen.connections > 1
    await reckon(server, writers, had, screen, watched)


async def _strike(server: FaultServer, random: Random, seconds: float) -> None:
    """Let it serve for a while, kill it, start it again."""
    await asyncio.sleep(seconds)
    await server.kill()
    await asyncio.sleep(random.uniform(0, 0.2))
    await server.start()
    await server.ready()
