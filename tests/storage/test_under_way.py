"""Which conversations of a channel are not over, and which updates were taken in."""

from storage_makers import NOW, SECOND, turn

from dialogs.conversation import Conversation, Handoff, Mode
from dialogs.effects import HandoffReason
from storage.records import UnderWay
from storage.store import Store

HELD = Conversation(
    "seed", mode=Mode.PERSON, handoff=Handoff(HandoffReason.CUSTOMER_ASKED, NOW, agent="Kim"), turn=1
)


async def test_what_is_asked_or_held_by_a_person_is_under_way_and_what_ended_is_not(store: Store) -> None:
    await store.save(turn("telegram:1", wake_at=NOW + SECOND))
    await store.save(turn("telegram:2", conversation=HELD))
    await store.save(turn("telegram:3"))
    await store.save(turn("telegram:4", wake_at=NOW + SECOND))
    await store.save(turn("telegram:4", base=1))
    await store.save(turn("telegram2:5", wake_at=NOW + SECOND))
    await store.save(turn("web:6", wake_at=NOW + SECOND))
    assert await store.under_way("telegram") == (
        UnderWay("telegram:1", "bot", NOW),
        UnderWay("telegram:2", "person", NOW),
    )


async def test_an_update_is_known_in_its_own_conversation_once_it_was_taken_in(store: Store) -> None:
    assert not await store.knows("telegram:1", "77")
    await store.save(turn("telegram:1", update_id="77"))
    assert await store.knows("telegram:1", "77")
    assert not await store.knows("telegram:1", "78")
    assert not await store.knows("telegram:2", "77")
