"""What waits to be told in topics is found without reading what was told long ago, on both engines."""

import asyncio
import json
from functools import partial
from random import Random

import pytest
from sqlalchemy import Connection, insert, select, text
from storage_makers import NOW, turn

from storage import migrate, outbox, topic_pending
from storage.audit import Record
from storage.codec import encode
from storage.postgres import PostgresDatabase
from storage.records import Deliver, Saved
from storage.schema import given_up, topic_losses, topics
from storage.store import Store
from storage.topic_records import Answer, Pending, Topic
from storage.topics import _values

GROUP = -1001


def topic(key: str) -> Topic:
    return Topic(key, GROUP, int(key.partition(":")[2]), "AAAA-BBBB", "AAAA-BBBB · asked for a person")


def by_looking_at_everything(connection: Connection) -> dict[str, Pending]:
    """What waits, by all that was ever given up and all that was ever told."""
    lost, told = {}, {}
    for key, payload in connection.execute(select(given_up.c.conversation, given_up.c.payload)):
        lost.setdefault(key, set()).add(json.loads(payload)["seq"])
    for key, seq in connection.execute(select(topic_losses)):
        told.setdefault(key, set()).add(seq)
    shown = connection.execute(select(topics.c.conversation)).scalars()
    behind = [key for key in shown if lost.get(key) != told.get(key)]
    return {key: Pending(GROUP, 0, frozenset(lost.get(key, ()))) for key in behind}


async def agrees(store: Store) -> int:
    found = await store.topics.pending()
    assert found == await store.database.read(by_looking_at_everything)
    return len(found)


class Life:
    """What happens to messages and topics, in any order: all of it by the store's own methods."""

    def __init__(self, store: Store, seed: int) -> None:
        self.random = Random(seed)  # noqa: S311  it is no secret
        self.store, self.versions = store, dict[str, int]()
        self.lost, self.under_way = list[tuple[str, int]](), list[tuple[str, int, int]]()

    async def message(self, key: str) -> None:
        base = self.versions.get(key, 0)
        saved = await self.store.save(turn(key, base, work=(Deliver(base + 1),)))
        assert isinstance(saved, Saved)
        self.versions[key] = base + 1
        self.under_way.append((key, base + 1, saved.work_ids[0]))

    async def lose(self, key: str) -> None:
        if not self.under_way:
            return
        key, seq, work = self.under_way.pop(self.random.randrange(len(self.under_way)))
        await self.store.give_up(work, key, "the chat is gone")
        self.lost.append((key, seq))

    async def retry(self, key: str) -> None:
        if not self.lost:
            return
        key, seq = self.lost.pop(self.random.randrange(len(self.lost)))
        assert await self.store.desk.retry(key, seq, at=NOW, record=Record(key, 1, "kim", "Kim", "retry", {}))

    async def begin(self, key: str) -> None:
        await self.store.topics.begin(topic(key))

    async def noted(self, key: str) -> None:
        await self.store.topics.note_made(topic(key), NOW)

    async def drop(self, key: str) -> None:
        await self.store.topics.drop(key)

    async def tell(self, key: str) -> None:
        if (shown := await self.store.topics.of(key)) is not None:
            _, lost = await self.store.desk.deliveries(key)
            await asyncio.sleep(0)  # meanwhile, others go on
            await self.store.topics.shown(shown, answered=0, losses=frozenset(lost))


@pytest.mark.parametrize("seed", range(4))
async def test_what_waits_is_found_whatever_happened_before(store: Store, seed: int) -> None:
    life, keys, most = Life(store, seed), ["telegram:1", "telegram:2", "telegram:3"], 0
    often = [life.message, life.lose, life.tell] * 2 + [life.retry, life.begin, life.noted, life.drop]
    for _ in range(60):
        await life.random.choice(often)(life.random.choice(keys))
        most = max(most, await agrees(store))
    assert most > 0


async def test_what_is_lost_while_a_topic_is_told_of_others_is_not_forgotten(store: Store) -> None:
    key, life = "telegram:1", Life(store, 5)
    await life.begin(key)
    for _ in range(20):
        await asyncio.gather(*(life.lose(key) for _ in range(2)), *(life.tell(key) for _ in range(2)))
        await agrees(store)
        await life.message(key)
        await life.message(key)
        await asyncio.gather(life.lose(key), life.tell(key), life.retry(key), life.tell(key))
        await agrees(store)


async def test_who_tells_of_losses_waits_for_one_that_is_being_noted(postgres_url: str) -> None:
    store = await Store.open(postgres_url)
    key, life = "telegram:1", Life(store, 8)
    await life.begin(key)
    await life.message(key)
    await life.lose(key)
    await life.message(key)
    ((_, _, work),) = life.under_way
    assert isinstance(store.database, PostgresDatabase)
    async with store.database._engine.begin() as transaction:
        await transaction.run_sync(partial(outbox.give_up, key=key, work_id=work, why="the chat is gone"))
        await transaction.run_sync(topic_pending.note_behind, key)
        telling = asyncio.create_task(store.topics.shown(topic(key), answered=0, losses={1}))
        await asyncio.wait({telling}, timeout=0.5)  # without a lock it would end before the other
    await telling
    assert (await store.topics.pending())[key].losses == {1, 2}
    await store.close()


# ---- how much is read


def grow(connection: Connection, first: int, count: int) -> None:
    """So many conversations with a topic, each of which lost ten messages and tells of them."""
    for number in range(first, first + count):
        key = f"telegram:{number}"
        connection.execute(insert(topics).values(conversation=key, **_values(topic(key))))
        rows = [
            {"conversation": key, "id": number * 10 + n, "kind": "Deliver", "payload": encode(Deliver(n))}
            | {"attempts": 1, "why": "the chat is gone"}
            for n in range(10)
        ]
        connection.execute(insert(given_up), rows)
        connection.execute(insert(topic_losses), [{"conversation": key, "seq": n} for n in range(10)])


def rows_read(connection: Connection) -> int:
    """How many rows are read to find out what waits: as PostgreSQL counts them; of SQLite, its steps."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SET LOCAL enable_bitmapscan = off"))  # whose rows are counted elsewhere
        counted = text("SELECT sum(seq_tup_read + coalesce(idx_tup_fetch, 0)) FROM pg_stat_xact_user_tables")
        before = int(connection.execute(counted).scalar_one())
        assert len(topic_pending.pending(connection)) == 2
        return int(connection.execute(counted).scalar_one()) - before
    steps = 0

    def step() -> None:
        nonlocal steps
        steps += 1

    driver = connection.connection.driver_connection
    assert driver is not None
    driver.set_progress_handler(step, 1)
    assert len(topic_pending.pending(connection)) == 2
    driver.set_progress_handler(None, 1)
    return steps


async def test_what_was_told_long_ago_is_not_read_again(store: Store) -> None:
    life = Life(store, 6)
    for key in ("telegram:1", "telegram:2"):
        await life.begin(key)
    await life.message("telegram:1")
    await life.lose("telegram:1")
    await store.topics.answer("telegram:2", Answer(1, "Done."), NOW)
    read = []
    for first, count in ((1_000, 100), (2_000, 400)):
        await store.database.write(partial(grow, first=first, count=count))
        await store.database.write(lambda connection: connection.execute(text("ANALYZE")) and None)
        read.append(await store.database.write(rows_read))
    early, late = read
    assert early < 500
    assert late < early + 10  # after five times as many; a tree that is higher costs a step


# ---- a database of an earlier release


async def test_what_waited_under_an_earlier_release_waits_still(empty_database_url: str) -> None:
    store = await Store.open(empty_database_url)
    life = Life(store, 7)
    for key in ("telegram:1", "telegram:2", "telegram:3"):
        await life.message(key)
        await life.lose(key)
        if key != "telegram:3":
            await life.begin(key)
    told = await store.topics.of("telegram:2")
    assert told is not None
    await store.topics.shown(told, answered=0, losses={1})
    before = await store.topics.pending()
    await store.database.write(lambda connection: migrate.downgrade(connection, "0005"))
    await store.database.write(lambda connection: migrate.upgrade(connection, "head"))
    assert before == await store.topics.pending() == {"telegram:1": Pending(GROUP, 0, frozenset({1}))}
    assert await agrees(store) == 1
    await store.close()
