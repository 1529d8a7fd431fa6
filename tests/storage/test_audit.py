import asyncio

import pytest
from sqlalchemy import text
from storage_makers import NOW

from storage import audit
from storage.audit import Record
from storage.store import Store
from storage.times import micros

CHAIN = "web:1"


def record(act: str, chain: str = CHAIN, **details: str) -> Record:
    return Record(chain, micros(NOW), "a1", "Kim", act, details)


async def filled(store: Store, chain: str = CHAIN, entries: int = 5) -> None:
    for n in range(entries):
        await store.desk.record(record(f"act {n}", chain, n=str(n), says='quotes " and 🙂'))


async def tampered(store: Store, sql: str, **values: object) -> None:
    await store.database.write(lambda connection: connection.execute(text(sql), values))


async def test_an_untouched_log_holds(store: Store) -> None:
    await filled(store)
    await filled(store, "web:2", 1)
    found = await store.desk.verify()
    assert (found.chains, found.entries, found.erased, found.broken) == (2, 6, 0, ())
    assert [entry.act for entry in await store.desk.trail(CHAIN)] == [f"act {n}" for n in range(5)]
    assert (await store.desk.trail(CHAIN))[0].details == {"n": "0", "says": 'quotes " and 🙂'}


TAMPERING = {
    "an edited act": ("UPDATE audit SET act = 'nothing' WHERE chain = :c AND seq = 3", 3),
    "an edited name": ("UPDATE audit SET name = 'Lee' WHERE chain = :c AND seq = 3", 3),
    "an edited time": ("UPDATE audit SET at = at + 1 WHERE chain = :c AND seq = 3", 3),
    "edited details": ("UPDATE audit SET details = '{}' WHERE chain = :c AND seq = 3", 3),
    "details that are no JSON": ("UPDATE audit SET details = 'gone' WHERE chain = :c AND seq = 3", 3),
    "a deleted middle": ("DELETE FROM audit WHERE chain = :c AND seq = 3", 3),
    "a deleted beginning": ("DELETE FROM audit WHERE chain = :c AND seq = 1", 1),
    "a deleted tail": ("DELETE FROM audit WHERE chain = :c AND seq >= 4", 4),
    "all deleted": ("DELETE FROM audit WHERE chain = :c", 1),
    "an inserted entry": (
        (
            "INSERT INTO audit SELECT chain, 6, at, actor, name, act, details, hash FROM audit "
            "WHERE chain = :c AND seq = 5"
        ),
        6,
    ),
    "an entry of another chain": ("UPDATE audit SET chain = :c, seq = 6 WHERE chain = 'web:2'", 6),
    "a head put back": (
        (
            "UPDATE audit_heads SET seq = 3, hash = (SELECT hash FROM audit WHERE chain = :c AND seq = 3) "
            "WHERE chain = :c"
        ),
        5,
    ),
    "a deleted head": ("DELETE FROM audit_heads WHERE chain = :c", 5),
    "a feigned tombstone": (
        (
            'UPDATE audit SET act = \'erased\', details = \'{"entries":"0","head":"x"}\' '
            "WHERE chain = :c AND seq = 1"
        ),
        1,
    ),
}


@pytest.mark.parametrize("how", TAMPERING)
async def test_tampering_shows_and_where(store: Store, how: str) -> None:
    sql, seq = TAMPERING[how]
    await filled(store)
    await filled(store, "web:2", 1)
    await tampered(store, sql, **({"c": CHAIN} if ":c" in sql else {}))
    for found in (await store.desk.verify(CHAIN), await store.desk.verify()):
        mine = [wrong for wrong in found.broken if wrong.chain == CHAIN]
        assert mine, how
        assert mine[0].seq == seq
        assert mine[0].what
    others = {wrong.chain for wrong in (await store.desk.verify()).broken} - {CHAIN}
    assert others == ({"web:2"} if "another chain" in how else set())


async def test_two_entries_that_changed_places_show(store: Store) -> None:
    await filled(store)
    await tampered(store, "UPDATE audit SET seq = 99 WHERE chain = :c AND seq = 2", c=CHAIN)
    await tampered(store, "UPDATE audit SET seq = 2 WHERE chain = :c AND seq = 3", c=CHAIN)
    await tampered(store, "UPDATE audit SET seq = 3 WHERE chain = :c AND seq = 99", c=CHAIN)
    assert next(wrong.seq for wrong in (await store.desk.verify(CHAIN)).broken) == 2


async def test_erasing_leaves_a_tombstone_and_the_chain_goes_on(store: Store) -> None:
    await filled(store)
    assert await store.desk.erase_trail(record("erase")) == 5
    await store.desk.record(record("after"))
    found = await store.desk.verify(CHAIN)
    assert (found.broken, found.erased, found.entries) == ((), 1, 2)
    stone, after = await store.desk.trail(CHAIN)
    assert (stone.act, stone.seq, stone.details["entries"]) == ("erased", 6, "5")
    assert after.seq == 7
    assert await store.desk.erase_trail(record("erase", "web:none")) == 0
    await tampered(store, "DELETE FROM audit WHERE chain = :c AND seq = 7", c=CHAIN)
    assert (await store.desk.verify(CHAIN)).broken


async def test_entries_written_at_once_make_one_chain(store: Store) -> None:
    await asyncio.gather(*(store.desk.record(record(f"act {n}")) for n in range(30)))
    found = await store.desk.verify()
    assert (found.entries, found.broken) == (30, ())


async def test_a_log_of_many_pages_is_checked_whole(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(audit, "_PAGE", 2)
    for n in range(4):
        await filled(store, f"web:{n}", 5)
    found = await store.desk.verify()
    assert (found.chains, found.entries, found.broken) == (4, 20, ())
    await tampered(store, "DELETE FROM audit WHERE chain = 'web:2' AND seq = 4")
    assert next((wrong.chain, wrong.seq) for wrong in (await store.desk.verify()).broken) == ("web:2", 4)


async def test_checking_while_others_write_raises_no_false_alarm(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(audit, "_PAGE", 2)  # so that a chain grows between two pages of it

    async def write() -> None:
        for n in range(120):
            await store.desk.record(record(f"act {n}", f"web:{n % 3}"))
            if n % 10 == 0:
                await store.desk.erase_trail(record("erase", f"web:{n % 3}"))

    writing = asyncio.create_task(write())
    while not writing.done():
        assert (await store.desk.verify()).broken == ()
    await writing


async def test_the_digest_of_all_heads_tells_that_a_whole_chain_is_gone(store: Store) -> None:
    await filled(store)
    await filled(store, "web:2", 1)
    before = (await store.desk.verify()).digest
    await tampered(store, "DELETE FROM audit WHERE chain = 'web:2'")
    await tampered(store, "DELETE FROM audit_heads WHERE chain = 'web:2'")
    after = await store.desk.verify()
    assert after.broken == ()
    assert after.digest != before
