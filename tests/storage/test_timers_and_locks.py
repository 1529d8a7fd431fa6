import asyncio

import pytest
from storage_makers import HOUR, LEASE, NOW, SECOND, turn

from dialogs.orders import same_number
from storage.store import Store


async def test_a_conversation_is_woken_when_its_time_has_come(store: Store) -> None:
    await store.save(turn("web:1", wake_at=NOW + 2 * SECOND))
    await store.save(turn("web:2", wake_at=NOW + SECOND))
    await store.save(turn("web:3"))
    assert await store.due(NOW, 10, LEASE) == ()
    assert await store.due(NOW + 2 * SECOND, 10, LEASE) == ("web:2", "web:1")


async def test_who_wakes_a_conversation_has_it_alone_until_the_lease_ends(store: Store) -> None:
    await store.save(turn(wake_at=NOW))
    assert await store.due(NOW, 10, LEASE) == ("web:1",)
    assert await store.due(NOW + LEASE - SECOND, 10, LEASE) == ()
    assert await store.due(NOW + LEASE, 10, LEASE) == ("web:1",)


async def test_the_next_turn_sets_the_timer_anew(store: Store) -> None:
    await store.save(turn(wake_at=NOW))
    await store.save(turn(base=1, wake_at=NOW + HOUR))
    assert await store.due(NOW, 10, LEASE) == ()
    await store.save(turn(base=2))
    assert await store.due(NOW + 2 * HOUR, 10, LEASE) == ()


async def test_of_two_processes_one_wakes_a_conversation(database_url: str) -> None:
    ours = await Store.open(database_url)
    theirs = await Store.open(database_url, perform=False)
    keys = [f"web:{number:02}" for number in range(20)]
    await asyncio.gather(*(ours.save(turn(key, wake_at=NOW)) for key in keys))
    woken = await asyncio.gather(*(store.due(NOW, 6, LEASE) for store in (ours, theirs) for _ in "123"))
    rest = await ours.due(NOW, 100, LEASE)
    assert sorted(key for some in (*woken, rest) for key in some) == keys
    await theirs.close()
    await ours.close()


async def test_of_many_one_gets_the_lock_of_an_order(database_url: str) -> None:
    ours = await Store.open(database_url)
    theirs = await Store.open(database_url, perform=False)
    got = await asyncio.gather(
        *(store.lock_order("1042", NOW + LEASE, NOW) for store in (ours, theirs) for _ in "12345")
    )
    assert got.count(True) == 1
    await theirs.close()
    await ours.close()


@pytest.mark.parametrize("written", ["A-1042", "a-1042", " #A-10 42 "])
async def test_an_order_is_the_same_however_its_number_is_written(store: Store, written: str) -> None:
    assert same_number("A-1042", written)
    assert await store.lock_order("A-1042", NOW + LEASE, NOW)
    assert not await store.lock_order(written, NOW + LEASE, NOW)
    assert await store.lock_order("A-1043", NOW + LEASE, NOW)
    await store.unlock_order(written)
    assert await store.lock_order(written, NOW + LEASE, NOW)


async def test_locks_taken_and_left_at_once_share_one_transaction(store: Store) -> None:
    assert await store.lock_order("left", NOW + LEASE, NOW)
    assert await store.lock_order("kept", NOW + LEASE, NOW)
    assert await store.lock_order("over", NOW + SECOND, NOW)
    commits, now = store.database.transactions, NOW + SECOND
    numbers = ("free", "left", "kept", "over", "free")
    _, *got = await asyncio.gather(
        store.unlock_order("left"), *(store.lock_order(number, now + LEASE, now) for number in numbers)
    )
    assert got == [True, True, False, True, False]
    assert store.database.transactions == commits + 1


async def test_guesses_asked_for_at_once_come_each_to_who_asked(store: Store) -> None:
    await store.note_guess([("order", f"d{n}") for n in range(10)], NOW)
    asked = [[("order", f"d{n}"), ("chat", "c"), ("order", f"d{n + 5}")] for n in range(10)]
    counted = await asyncio.gather(*(store.guesses(subjects, NOW) for subjects in asked))
    one = (1, NOW)
    assert counted[:5] == [{("order", f"d{n}"): one, ("order", f"d{n + 5}"): one} for n in range(5)]
    assert counted[5:] == [{("order", f"d{n}"): one} for n in range(5, 10)]


async def test_a_lock_ends_by_itself_and_only_its_owner_ends_it_sooner(database_url: str) -> None:
    ours = await Store.open(database_url)
    theirs = await Store.open(database_url, perform=False)
    assert await ours.lock_order("1042", NOW + LEASE, NOW)
    await theirs.unlock_order("1042")
    assert not await theirs.lock_order("1042", NOW + 2 * LEASE, NOW + LEASE - SECOND)
    assert await theirs.lock_order("1042", NOW + 2 * LEASE, NOW + LEASE)
    await ours.unlock_order("1042")
    assert not await ours.lock_order("1042", NOW + 2 * LEASE, NOW + LEASE)
    await theirs.close()
    await ours.close()


async def test_guesses_are_counted_by_subject(store: Store) -> None:
    order, address = ("order", "d1"), ("address", "d1")
    await store.note_guess([order, address], NOW)
    await store.note_guess([order, order], NOW + SECOND)
    assert await store.guesses([order, address, ("contact", "d2")], NOW) == {
        order: (2, NOW + SECOND),
        address: (1, NOW),
    }
    assert await store.guesses([order, address], NOW + SECOND) == {order: (2, NOW + SECOND)}
    assert await store.guesses([], NOW) == {}


async def test_a_late_note_does_not_set_the_clock_back(store: Store) -> None:
    await store.note_guess([("order", "d1")], NOW)
    await store.note_guess([("order", "d1")], NOW - SECOND)
    assert await store.guesses([("order", "d1")], NOW - HOUR) == {("order", "d1"): (2, NOW)}


async def test_guesses_at_once_are_all_counted(store: Store) -> None:
    await asyncio.gather(*(store.note_guess([("order", "a"), ("order", "b")], NOW) for _ in range(20)))
    counted = await store.guesses([("order", "a"), ("order", "b")], NOW)
    assert [count for count, _ in counted.values()] == [20, 20]


async def test_old_guesses_are_forgotten(store: Store) -> None:
    await store.note_guess([("order", "old")], NOW)
    await store.note_guess([("order", "new")], NOW + HOUR)
    assert await store.forget_guesses(NOW + HOUR) == 1
    assert list(await store.guesses([("order", "old"), ("order", "new")], NOW)) == [("order", "new")]
