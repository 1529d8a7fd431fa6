import asyncio
from collections.abc import Callable
from dataclasses import replace

import pytest
from sqlalchemy import Connection, func, select
from storage_makers import LEASE, NOW, SECOND, entry, turn

from dialogs.effects import CaseOpened
from storage import schema
from storage.records import Author, Choice, Contact, Deliver, Duplicate, Entry, Notify, Saved, Stale, Stored
from storage.store import Limits, Store


async def count(store: Store) -> dict[str, int]:
    """Rows of every table."""
    tables = schema.metadata.sorted_tables
    return await store.database.read(
        lambda connection: {
            table.name: connection.execute(select(func.count()).select_from(table)).scalar_one()
            for table in tables
        }
    )


async def test_a_saved_turn_is_loaded_as_it_was(store: Store) -> None:
    first = turn(update_id="u1", said=("cancel 1042", "Which e-mail?"))
    assert isinstance(await store.save(first), Saved)
    stored = Stored(first.key, 1, 2, first.conversation, Contact("Ann", "5f0c"))
    assert await store.load(first.key) == stored
    assert await store.load(first.key, fresh=True) == stored
    assert await store.load("web:other") is None


async def test_a_turn_survives_closing_the_store(database_url: str) -> None:
    before = await Store.open(database_url)
    await before.save(turn(said=("one", "two")))
    await before.close()
    after = await Store.open(database_url)
    assert [one.text for one in await after.entries("web:1")] == ["one", "two"]
    assert await after.load("web:1") is not None
    await after.close()


async def test_a_duplicate_update_changes_nothing(store: Store) -> None:
    await store.save(turn(update_id="u1", work=(Deliver(1),)))
    before = await count(store)
    again = turn(base=1, update_id="u1", work=(Deliver(2),), records=(CaseOpened("AAAA-BBBB"),))
    assert await store.save(again) == Duplicate()
    assert await count(store) == before
    loaded = await store.load("web:1", fresh=True)
    assert loaded is not None
    assert loaded.version == 1


async def test_a_duplicate_is_known_as_one_even_if_it_is_also_stale(store: Store) -> None:
    await store.save(turn(update_id="u1"))
    assert await store.save(turn(update_id="u1")) == Duplicate()


async def test_the_same_update_id_in_another_conversation_is_another_update(store: Store) -> None:
    await store.save(turn("web:1", update_id="u1"))
    assert isinstance(await store.save(turn("web:2", update_id="u1")), Saved)


async def test_an_answer_to_work_that_is_settled_already_is_a_duplicate(store: Store) -> None:
    saved = await store.save(turn(work=(Notify("rule", "AAAA-BBBB"),)))
    assert isinstance(saved, Saved)
    assert isinstance(await store.save(turn(base=1, settles=saved.work_ids)), Saved)
    before = await count(store)
    assert await store.save(turn(base=2, settles=saved.work_ids)) == Duplicate()
    assert await count(store) == before


async def test_the_loser_is_stale_and_nothing_of_it_is_saved(store: Store) -> None:
    await store.save(turn())
    await store.save(turn(base=1))
    before = await count(store)
    loser = turn(base=1, update_id="u9", work=(Deliver(2),), records=(CaseOpened("AAAA-BBBB"),), wake_at=NOW)
    assert await store.save(loser) == Stale()
    assert await count(store) == before
    assert await store.due(NOW, 10, LEASE) == ()


async def test_a_loser_that_says_nothing_is_stale_too(store: Store) -> None:
    await store.save(turn(said=()))
    await store.save(turn(base=1, said=()))
    assert await store.save(turn(base=1, said=(), wake_at=NOW)) == Stale()
    assert await store.due(NOW, 10, LEASE) == ()


async def test_a_loser_loads_what_the_winner_saved(database_url: str) -> None:
    ours = await Store.open(database_url)
    theirs = await Store.open(database_url, perform=False)
    await ours.save(turn())
    await theirs.save(turn(base=1))
    assert await ours.save(turn(base=1)) == Stale()
    loaded = await ours.load("web:1")
    assert loaded is not None
    assert loaded.version == 2
    await theirs.close()
    await ours.close()


async def test_of_two_turns_of_one_conversation_saved_at_once_one_wins(store: Store) -> None:
    results = await asyncio.gather(store.save(turn(said=("a",))), store.save(turn(said=("b",))))
    assert [type(result) for result in results] == [Saved, Stale]
    assert [one.text for one in await store.entries("web:1")] == ["a"]


async def test_of_many_stores_at_once_exactly_one_wins_each_turn(database_url: str) -> None:
    stores = [await Store.open(database_url, perform=number == 0) for number in range(4)]
    for base in range(5):
        keys = [f"web:{number}" for number in range(8)]
        results = await asyncio.gather(
            *(store.save(turn(key, base, work=(Deliver(base + 1),))) for key in keys for store in stores)
        )
        kinds = [type(result) for result in results]
        assert kinds.count(Saved) == len(keys)
        assert kinds.count(Stale) == len(keys) * (len(stores) - 1)
    for key in keys:
        assert [one.seq for one in await stores[0].entries(key)] == [1, 2, 3, 4, 5]
    assert (await count(stores[0]))["outbox"] == 5 * len(keys)
    for store in reversed(stores):
        await store.close()


async def test_entries_come_without_gaps_in_pages(store: Store) -> None:
    texts = tuple(str(number) for number in range(1, 8))
    await store.save(turn(said=texts))
    first = await store.entries("web:1", 0, 5)
    rest = await store.entries("web:1", first[-1].seq, 5)
    assert [one.seq for one in first + rest] == [1, 2, 3, 4, 5, 6, 7]
    assert await store.entries("web:1", 7) == ()
    assert await store.entries("web:2") == ()


@pytest.mark.parametrize("seq", [1, 3])
async def test_a_turn_whose_numbers_do_not_go_on_is_refused_alone(store: Store, seq: int) -> None:
    await store.save(turn())
    wrong = replace(turn(base=1), last_seq=seq, entries=(entry(seq),))
    results = await asyncio.gather(
        store.save(turn("web:0")), store.save(wrong), store.save(turn("web:2")), return_exceptions=True
    )
    assert [type(result) for result in results if isinstance(result, Saved)] == [Saved, Saved]
    assert "do not go on" in str(results[1])
    assert [one.seq for one in await store.entries("web:1")] == [1]


async def test_a_gap_within_a_turn_is_refused(store: Store) -> None:
    wrong = replace(turn(), last_seq=3, entries=(entry(1), entry(3)))
    with pytest.raises(ValueError, match="message 1"):
        await store.save(wrong)
    with pytest.raises(ValueError, match="begins with message 1"):
        await store.save(replace(turn(), last_seq=2, entries=(entry(2),)))


async def test_every_field_of_a_message_comes_back(store: Store) -> None:
    said = Entry(
        1, NOW + SECOND, Author.AGENT, "¿Sí? 🙂", (Choice("Sí", "7:yes"), Choice("No", "7:no")), "kim", "u7"
    )
    await store.save(replace(turn(), entries=(said,)))
    assert await store.entries("web:1") == (said,)


async def test_the_last_word_to_the_customer_is_the_bots_or_an_agents(store: Store) -> None:
    entries = (entry(1), entry(2, "Which order?", Author.BOT), entry(3, "what?"))
    assert await store.last_said("web:1") is None
    await store.save(replace(turn(), last_seq=3, entries=entries))
    last = await store.last_said("web:1")
    assert last is not None
    assert last.text == "Which order?"


@pytest.mark.parametrize("text", ["a\0b", "a\ud800b"])
async def test_text_that_no_database_can_hold_is_kept_as_far_as_it_can_be(store: Store, text: str) -> None:
    await store.save(turn(said=(text,)))
    (kept,) = await store.entries("web:1")
    assert (kept.text[0], kept.text[-1], len(kept.text)) == ("a", "b", 3)
    with pytest.raises(ValueError, match="not text"):
        await store.save(turn("web:2", update_id=text))


async def test_loads_at_once_share_one_statement(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    await asyncio.gather(*(store.save(turn(f"web:{n}")) for n in range(20)))
    reads = 0
    real = store.database.read

    async def counting(work: Callable[[Connection], object]) -> object:
        nonlocal reads
        reads += 1
        return await real(work)

    monkeypatch.setattr(store.database, "read", counting)
    loaded = await asyncio.gather(*(store.load(f"web:{n % 25}", fresh=True) for n in range(50)))
    assert reads == 1
    assert [one and one.key for one in loaded[:25]] == [f"web:{n}" for n in range(20)] + [None] * 5


async def test_only_so_many_conversations_are_remembered(database_url: str) -> None:
    store = await Store.open(database_url, limits=Limits(remembered=3))
    for number in range(10):
        await store.save(turn(f"web:{number}"))
    assert [store._recent.get(f"web:{n}") is not None for n in (6, 7, 8, 9)] == [False, True, True, True]
    assert await store.load("web:0") is not None
    await store.close()
