"""Which chats are ours, as the store has it, and leases across stores."""

from datetime import UTC, datetime, timedelta

from bot.leases import StoreLeases
from bot.open_chats import OpenChats
from dialogs.conversation import Awaited, Conversation, Errand, Handoff, Mode
from dialogs.effects import HandoffReason
from storage.records import Contact, Turn
from storage.store import Store

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
SILENCE = timedelta(hours=1)
ASKED = Conversation("seed", wake_at=NOW + timedelta(minutes=15))
LOOKING = Conversation("seed", awaiting=Awaited(Errand.LOOK_UP, 1, NOW))
HELD = Conversation("seed", mode=Mode.WAITING, handoff=Handoff(HandoffReason.CUSTOMER_ASKED, NOW))
OVER = Conversation("seed", turn=1)
A_WEEK = 7 * 24 * 3600


def saved(key: str, conversation: Conversation, base: int = 0) -> Turn:
    return Turn(
        key=key, base=base, last_seq=0, at=NOW, conversation=conversation, contact=Contact(),
        update_id=f"u{base}", wake_at=conversation.wake_at,
    )  # fmt: skip


async def test_a_chat_is_open_while_a_question_the_shop_or_a_person_is_and_not_after(store: Store) -> None:
    chats = OpenChats(store, SILENCE)
    for key, conversation in {"a": ASKED, "b": LOOKING, "c": HELD, "d": OVER}.items():
        await store.save(saved(f"telegram:{key}", conversation))
    lengths = [await chats.open_for(f"telegram:{key}") for key in "abcde"]
    assert lengths == [3600, 3600, A_WEEK, 0, 0]
    assert await chats.all_open("telegram") == {"telegram:a": 3600, "telegram:c": A_WEEK}
    assert await chats.knows("telegram:a", "u0")
    assert not await chats.knows("telegram:a", "u1")


async def test_a_chat_that_another_process_went_on_with_is_open(database_url: str) -> None:
    ours, theirs = await Store.open(database_url), await Store.open(database_url, perform=False)
    await ours.save(saved("telegram:7", OVER))
    await theirs.save(saved("telegram:7", ASKED, base=1))
    assert await OpenChats(ours, SILENCE).open_for("telegram:7") == 3600
    await theirs.close()
    await ours.close()


class Clock:
    now = NOW

    def __call__(self) -> datetime:
        return self.now


async def test_one_process_has_a_lease_until_it_leaves_it_or_lets_it_run_out(database_url: str) -> None:
    clock = Clock()
    ours, theirs = await Store.open(database_url), await Store.open(database_url, perform=False)
    one, other = StoreLeases(ours, clock), StoreLeases(theirs, clock)
    assert await one.take("polling", 15)
    assert not await other.take("polling", 15)
    assert await other.take("polling of another bot", 15)
    clock.now += timedelta(seconds=10)
    await one.keep("polling", 15)
    clock.now += timedelta(seconds=10)
    assert not await other.take("polling", 15)
    await other.leave("polling")  # not theirs to leave
    assert not await other.take("polling", 15)
    await one.leave("polling")
    assert await other.take("polling", 15)
    clock.now += timedelta(seconds=15)
    assert await one.take("polling", 15)
    await theirs.close()
    await ours.close()


async def test_a_lease_is_no_lock_of_an_order_of_the_same_name(store: Store) -> None:
    leases = StoreLeases(store, lambda: NOW)
    assert await leases.take("1042", 15)
    assert await store.lock_order("1042", NOW + SILENCE, NOW)
