import asyncio
from collections.abc import Sequence

import pytest
from sqlalchemy import Connection, CursorResult, Table
from storage_makers import LEASE, NOW, entry, turn

from storage.dialect import Dialect, Values
from storage.errors import StoreBusy, StoreError, StoreUnreachable
from storage.records import Deliver, Saved
from storage.store import Limits, Store
from storage.work import Committer
from tests.outbox_marks import marks_written


async def test_turns_that_are_ready_share_transactions(store: Store) -> None:
    before = store.database.transactions
    results = await asyncio.gather(*(store.save(turn(f"web:{n}")) for n in range(100)))
    assert all(isinstance(result, Saved) for result in results)
    assert store.database.transactions - before == 1


async def test_a_batch_takes_a_handful_of_statements_however_many_turns_it_has(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    statements: list[str] = []
    real = Connection.exec_driver_sql

    def counting(
        self: Connection, statement: str, parameters: tuple[object, ...] = ()
    ) -> CursorResult[object]:
        assert isinstance(parameters, tuple), "rows one by one give up Python's lock at each"
        statements.append(statement)
        return real(self, statement, parameters or None)

    monkeypatch.setattr(Connection, "exec_driver_sql", counting)
    turns = [turn(f"web:{n}", update_id="u", work=(Deliver(1),)) for n in range(100)]
    await asyncio.gather(*(store.save(one) for one in turns))
    assert len(statements) <= 16, "four tables, and on SQLite 100 = 64 + 32 + 4 rows"


async def test_while_a_batch_is_written_the_next_one_gathers(store: Store) -> None:
    before = store.database.transactions

    async def customer(key: str) -> None:
        for base in range(10):
            assert isinstance(await store.save(turn(key, base)), Saved)

    await asyncio.gather(*(customer(f"web:{n}") for n in range(30)))
    assert 10 <= store.database.transactions - before <= 30


async def test_a_lone_turn_does_not_wait_for_others(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    def no_timer(*_: object) -> None:
        raise AssertionError("a timer was set")

    monkeypatch.setattr(Committer, "_start_in", no_timer)
    before = store.database.transactions
    await store.save(turn())
    assert store.database.transactions - before == 1


async def test_the_culprit_alone_fails_and_the_others_are_saved(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    def failing(
        self: Dialect, connection: Connection, table: Table, rows: Sequence[Values], conflict: str = ""
    ) -> int:
        if any("poison" in row for row in rows):
            raise ZeroDivisionError
        return real(self, connection, table, rows, conflict)

    real = Dialect.insert
    monkeypatch.setattr(Dialect, "insert", failing)
    turns = [turn(f"web:{n:02}", said=("poison" if n in {3, 11} else "fine",)) for n in range(20)]
    results = await asyncio.gather(*(store.save(one) for one in turns), return_exceptions=True)
    assert [n for n, result in enumerate(results) if not isinstance(result, Saved)] == [3, 11]
    assert isinstance(results[3], ZeroDivisionError)
    for number in range(20):
        stored = await store.load(f"web:{number:02}", fresh=True)
        assert (stored is None) == (number in {3, 11})


async def test_when_the_database_fails_every_turn_hears_of_it(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    attempts = 0

    async def down(_: object) -> None:
        nonlocal attempts
        attempts += 1
        raise StoreUnreachable("no answer")

    with monkeypatch.context() as patch:
        patch.setattr(store.database, "write", down)
        results = await asyncio.gather(
            *(store.save(turn(f"web:{n}")) for n in range(8)), return_exceptions=True
        )
    assert [type(result) for result in results] == [StoreUnreachable] * 8
    assert attempts == 1, "no turn is to blame, so none is tried alone"
    assert isinstance(await store.save(turn("web:0")), Saved)


async def test_too_many_waiting_turns_are_refused_at_once(database_url: str) -> None:
    store = await Store.open(database_url, limits=Limits(waiting=5))
    results = await asyncio.gather(*(store.save(turn(f"web:{n}")) for n in range(9)), return_exceptions=True)
    assert [type(result) for result in results] == [Saved] * 5 + [StoreBusy] * 4
    assert isinstance(await store.save(turn("web:8")), Saved)
    await store.close()


async def test_a_caller_that_gives_up_leaves_the_others_alone(store: Store) -> None:
    tasks = [asyncio.create_task(store.save(turn(f"web:{n}"))) for n in range(3)]
    await asyncio.sleep(0)
    tasks[1].cancel()
    results = await asyncio.gather(*tasks, return_exceptions=True)
    assert [type(result) for result in results] == [Saved, asyncio.CancelledError, Saved]


async def test_marks_of_done_work_share_a_transaction_within_moments(store: Store) -> None:
    results = await asyncio.gather(*(store.save(turn(f"web:{n}", work=(Deliver(1),))) for n in range(50)))
    before = store.database.transactions
    for number, saved in enumerate(results):
        assert isinstance(saved, Saved)
        await store.settle(saved.work_ids[0], f"web:{number}")
    assert store.database.transactions == before
    await marks_written(store)
    assert store.database.transactions - before == 1
    assert await store.claim(NOW + 2 * LEASE, 100, LEASE) == ()


async def test_marks_travel_with_the_next_batch(store: Store) -> None:
    saved = await store.save(turn(work=(Deliver(1),)))
    assert isinstance(saved, Saved)
    before = store.database.transactions
    await store.settle(saved.work_ids[0], "web:1")
    await store.save(turn("web:2"))
    assert store.database.transactions - before == 1
    assert await store.claim(NOW + 2 * LEASE, 100, LEASE) == ()


async def test_marks_are_kept_while_the_database_fails(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    saved = await store.save(turn(work=(Deliver(1),)))
    assert isinstance(saved, Saved)

    tried = asyncio.Event()

    async def down(_: object) -> None:
        tried.set()
        raise StoreUnreachable("no answer")

    with monkeypatch.context() as patch:
        patch.setattr(store.database, "write", down)
        await store.settle(saved.work_ids[0], "web:1")
        await asyncio.wait_for(tried.wait(), 10)
    await store.save(turn("web:2"))
    assert await store.claim(NOW + 2 * LEASE, 100, LEASE) == ()


async def test_closing_writes_what_waits_and_then_takes_no_more(database_url: str) -> None:
    store = await Store.open(database_url)
    saved = await store.save(turn(work=(Deliver(1),)))
    assert isinstance(saved, Saved)
    waiting = asyncio.create_task(store.save(turn("web:2")))
    await asyncio.sleep(0)
    await store.settle(saved.work_ids[0], "web:1")
    await store.close()
    assert isinstance(await waiting, Saved)
    with pytest.raises(StoreError, match="closed"):
        await store.save(turn("web:3"))
    after = await Store.open(database_url)
    assert await after.claim(NOW + 2 * LEASE, 100, LEASE) == ()
    assert await after.entries("web:2") == (entry(1),)
    await after.close()


async def test_turns_and_locks_at_once_share_one_transaction(store: Store) -> None:
    commits = store.database.transactions
    first = asyncio.create_task(store.save(turn("web:first")))
    await asyncio.sleep(0)  # it is being written; the others gather
    *saved, locked = await asyncio.gather(
        *(store.save(turn(f"web:{n}")) for n in range(10)), store.lock_order("1042", NOW + LEASE, NOW)
    )
    assert all(isinstance(result, Saved) for result in (await first, *saved))
    assert locked is True
    assert store.database.transactions == commits + 2


async def test_a_guest_of_a_transaction_that_fails_fails_alone(store: Store) -> None:
    def impossible(_: Connection) -> int:
        raise ArithmeticError

    *saved, good, bad = await asyncio.gather(
        *(store.save(turn(f"web:{n}")) for n in range(3)),
        store._committer.along(lambda connection: connection.exec_driver_sql("SELECT 7").scalar()),
        store._committer.along(impossible),
        return_exceptions=True,
    )
    assert all(isinstance(result, Saved) for result in saved)
    assert good == 7
    assert isinstance(bad, ArithmeticError)
