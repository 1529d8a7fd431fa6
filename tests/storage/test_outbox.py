import asyncio
from datetime import timedelta

from storage_makers import LEASE, NOW, ORDER, SECOND, turn

from dialogs.effects import CancelOrder, LookUpOrder
from storage.records import Claimed, Deliver, Notify, Saved, Work
from storage.store import Limits, Store

WORK: tuple[Work, ...] = (
    Deliver(1),
    LookUpOrder(1, "1042", "ann@shop.test"),
    CancelOrder(1, "1042", "ann@shop.test", ORDER, "paid-is-cancellable", "r1"),
    Notify("rule", "AAAA-BBBB"),
)
LATER = NOW + LEASE


async def saved_work(store: Store, *work: Work, key: str = "web:1") -> tuple[int, ...]:
    saved = await store.save(turn(key, work=work))
    assert isinstance(saved, Saved)
    return saved.work_ids


async def test_work_of_a_turn_belongs_to_the_saving_process_until_its_lease_ends(store: Store) -> None:
    ids = await saved_work(store, *WORK)
    assert sorted(set(ids)) == list(ids)
    assert await store.claim(LATER - SECOND, 10, LEASE) == ()
    claimed = await store.claim(LATER, 10, LEASE)
    assert claimed == tuple(Claimed(id_, "web:1", work, 1) for id_, work in zip(ids, WORK, strict=True))


async def test_work_of_a_dead_process_is_taken_up_by_another_after_the_lease(postgres_url: str) -> None:
    dead = await Store.open(postgres_url)
    ids = await saved_work(dead, *WORK)
    await dead.database.close()  # as a kill does: nothing is settled, nothing is given back
    other = await Store.open(postgres_url)
    assert await other.claim(LATER - SECOND, 10, LEASE) == ()
    assert [one.id for one in await other.claim(LATER, 10, LEASE)] == list(ids)
    await other.close()


async def test_on_sqlite_work_of_a_dead_process_is_taken_up_at_start(sqlite_url: str) -> None:
    dead = await Store.open(sqlite_url)
    ids = await saved_work(dead, *WORK)
    await dead.postpone(ids[0], "web:1", NOW + LEASE)
    await dead.close()
    other = await Store.open(sqlite_url)
    assert [one.id for one in await other.claim(NOW, 10, LEASE)] == list(ids[1:]), "a delay is no lease"
    await other.close()


async def test_claimed_work_is_leased_anew_and_its_attempts_are_counted(store: Store) -> None:
    await saved_work(store, Deliver(1))
    counts = [
        [one.attempts for one in await store.claim(NOW + number * LEASE, 10, LEASE)] for number in (1, 2, 3)
    ]
    assert counts == [[1], [2], [3]]
    assert await store.claim(NOW + 3 * LEASE + SECOND, 10, LEASE) == ()


async def test_settled_work_is_never_claimed_again(store: Store) -> None:
    first, second = await saved_work(store, Deliver(1), Deliver(1))
    await store.settle(first, "web:1")
    await store.save(turn("web:2"))
    assert [one.id for one in await store.claim(LATER, 10, LEASE)] == [second]


async def test_postponed_work_waits_for_its_time_and_no_lease(store: Store) -> None:
    (one,) = await saved_work(store, Deliver(1))
    await store.postpone(one, "web:1", NOW + 2 * SECOND)
    assert await store.claim(NOW + SECOND, 10, LEASE) == ()
    assert [claimed.id for claimed in await store.claim(NOW + 2 * SECOND, 10, LEASE)] == [one]


async def test_work_postponed_at_once_shares_transactions(store: Store) -> None:
    ids = await saved_work(store, *[Deliver(1)] * 20)
    commits = store.database.transactions
    await asyncio.gather(*(store.postpone(one, "web:1", NOW + n * SECOND) for n, one in enumerate(ids)))
    assert store.database.transactions <= commits + 2
    assert [claimed.id for claimed in await store.claim(NOW + 9 * SECOND, 100, LEASE)] == list(ids[:10])


async def test_a_lease_is_extended_only_by_who_has_it(database_url: str) -> None:
    ours = await Store.open(database_url, owner="ours")
    theirs = await Store.open(database_url, owner="theirs", perform=False)
    (one,) = await saved_work(ours, Deliver(1))
    await theirs.extend([one], NOW + 10 * LEASE)
    await theirs.postpone(one, "web:1", NOW + 10 * LEASE)
    assert [claimed.id for claimed in await theirs.claim(LATER, 10, LEASE)] == [one]
    await ours.extend([one], NOW + 10 * LEASE)
    assert [claimed.id for claimed in await ours.claim(LATER + LEASE, 10, LEASE)] == [one]
    await ours.extend([one], NOW + 10 * LEASE)
    await ours.extend([], NOW)
    assert await theirs.claim(NOW + 9 * LEASE, 10, LEASE) == ()
    await theirs.close()
    await ours.close()


async def test_a_limited_claim_takes_the_oldest_work_first(store: Store) -> None:
    ids = [one for number in range(6) for one in await saved_work(store, Deliver(1), key=f"web:{number % 6}")]
    claims = [await store.claim(LATER, 4, LEASE), await store.claim(LATER, 4, LEASE)]
    assert [[one.id for one in claim] for claim in claims] == [ids[:4], ids[4:]]


async def test_of_two_processes_each_piece_of_work_is_claimed_by_one(database_url: str) -> None:
    ours = await Store.open(database_url)
    theirs = await Store.open(database_url, perform=False)
    ids = [one for number in range(30) for one in await saved_work(ours, Deliver(1), key=f"web:{number}")]
    claims = await asyncio.gather(
        *(store.claim(LATER, 7, LEASE) for store in (ours, theirs) for _ in "12345")
    )
    rest = await ours.claim(LATER, 100, LEASE)  # what was being claimed is passed over, for the next time
    assert sorted(one.id for claim in (*claims, rest) for one in claim) == ids
    await theirs.close()
    await ours.close()


async def test_work_given_up_leaves_the_outbox_and_keeps_its_reason(store: Store) -> None:
    first, second = await saved_work(store, Deliver(1), Notify("rule", "AAAA-BBBB"))
    await store.give_up(first, "web:1", "the customer blocked the bot")
    assert [one.id for one in await store.claim(LATER, 10, LEASE)] == [second]
    assert await store.given_up("web:1") == ((first, Deliver(1), "the customer blocked the bot"),)


async def test_a_process_that_does_not_perform_leaves_its_work_to_one_that_does(database_url: str) -> None:
    performer = await Store.open(database_url)
    desk = await Store.open(database_url, perform=False)
    ids = await saved_work(desk, Deliver(1))
    assert await performer.claim(NOW, 10, LEASE) == (Claimed(ids[0], "web:1", Deliver(1), 0),)
    await desk.close()
    await performer.close()


async def test_the_lease_of_a_turns_work_is_the_stores_own(database_url: str) -> None:
    store = await Store.open(database_url, limits=Limits(lease=timedelta(seconds=5)))
    ids = await saved_work(store, Deliver(1))
    assert [one.id for one in await store.claim(NOW + 5 * SECOND, 10, LEASE)] == list(ids)
    await store.close()
