import asyncio

import pytest
from storage_makers import HOUR, NOW, SECOND, decision, turn, waiting

from dialogs.effects import CaseClosed, CaseOpened
from storage import updates
from storage.records import Case, Decided, Duplicate, Saved, Waiting
from storage.store import Store


async def test_a_case_is_found_by_its_reference_from_opening_to_close(store: Store) -> None:
    await store.save(turn("web:7", records=(CaseOpened("7K2M-9QXD"),)))
    assert await store.case("7K2M-9QXD") == Case("7K2M-9QXD", "web:7", NOW, None, None)
    await store.save(turn("web:7", 1, at=NOW + HOUR, records=(CaseClosed("7K2M-9QXD", "cancelled"),)))
    assert await store.case(" 7k2m-9qxd ") == Case("7K2M-9QXD", "web:7", NOW, NOW + HOUR, "cancelled")
    assert await store.find_by_reference("7K2M-9QXD") == "web:7"
    assert await store.find_by_reference("7K2M-0000") is None
    assert await store.case("7K2M-0000") is None


async def test_a_case_may_open_and_close_in_one_turn(store: Store) -> None:
    await store.save(turn(records=(CaseOpened("A"), CaseClosed("A", "refused"), CaseOpened("B"))))
    first, second = await store.case("A"), await store.case("B")
    assert first is not None
    assert second is not None
    assert (first.result, second.result) == ("refused", None)


async def test_decisions_are_kept_in_order_with_the_policy_as_it_was(store: Store) -> None:
    await store.keep_policy("h1", "[[rule]]", "Clause 1")
    await store.keep_policy("h1", "other", "other")
    await store.keep_policy("h2", "[[rules]]", "Clause 2")
    first, second = decision("A", "h1", "paid"), decision("A", "h2", "binding")
    await store.save(turn(records=(CaseOpened("A"), first, second)))
    unkept = decision("A", "h3")
    await store.save(turn(base=1, at=NOW + SECOND, records=(unkept, decision("B", "h1"))))
    assert await store.decisions("a") == (
        Decided(first, NOW, "[[rule]]", "Clause 1"),
        Decided(second, NOW, "[[rules]]", "Clause 2"),
        Decided(unkept, NOW + SECOND, "", ""),
    )
    assert await store.decisions("Z") == ()


async def test_the_inbox_lists_who_waits_longest_first(store: Store) -> None:
    later, earlier = waiting("web:1", NOW), waiting("web:2", NOW - HOUR)
    held = waiting("web:3", NOW - SECOND, agent="kim")
    for conversation in (later, earlier, held):
        await store.save(turn(conversation.seed, conversation=conversation))
    await store.save(turn("web:4"))
    assert await store.inbox(["waiting"]) == (
        Waiting("web:2", earlier.reference, "waiting", "rule", NOW - HOUR, None),
        Waiting("web:1", later.reference, "waiting", "rule", NOW, None),
    )
    assert [(one.key, one.agent) for one in await store.inbox(["waiting", "person"])] == [
        ("web:2", None),
        ("web:3", "kim"),
        ("web:1", None),
    ]
    await store.save(turn("web:2", 1))
    assert [one.key for one in await store.inbox(["waiting"])] == ["web:1"]


async def test_seen_updates_are_forgotten_once_they_are_old(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(updates, "CHUNK", 3)
    old = [turn(f"web:{n}", update_id="u", at=NOW) for n in range(0, 10, 2)]
    new = [turn(f"web:{n}", update_id="u", at=NOW + HOUR) for n in range(1, 10, 2)]
    await asyncio.gather(*(store.save(one) for one in (*old, *new)))
    assert await store.forget_seen(NOW + HOUR) == len(old)
    assert await store.forget_seen(NOW + HOUR) == 0
    assert isinstance(await store.save(turn("web:0", 1, update_id="u")), Saved)
    assert await store.save(turn("web:1", 1, update_id="u")) == Duplicate()
