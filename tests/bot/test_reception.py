"""The one door: an update is taken in once, whole, in order; and never lost, whatever is broken behind it."""

import asyncio
import logging
from dataclasses import replace

import pytest
from shell_house import SPEECH, Taken, echo, reception, texts, words
from shell_makers import NOW

from bot.ports import Incoming, Language, Open, Overloaded, Press, Wordless
from dialogs.conversation import Awaited, Conversation, Errand, Mode
from dialogs.effects import HandoffReason, LookUpOrder, Say, SayAgain, Text
from dialogs.engine import Step
from dialogs.events import Event, OrderMissing, PersonSaid, Said, TimeCame, Unreadable
from dialogs.understanding import Understanding
from storage.errors import StoreBusy
from storage.records import Author, Deliver, Notify, Stored, Turn
from storage.store import Store

SORRY = SPEECH.text(Text("handover-internal-error"), "en")


def broken(c: Conversation, event: Event) -> Step:
    raise KeyError(c.turn, event)


def mute(c: Conversation, event: Event) -> Step:
    return Step(
        replace(c, turn=c.turn + 1, details=(*c.details, str(event.at))), (Say((Text("no-such-text"),)),)
    )


def looking(c: Conversation, event: Event) -> Step:
    step = echo(c, event)
    return Step(
        step.conversation, (*step.effects, LookUpOrder(step.conversation.turn, "1042", "a@shop.test"))
    )


async def known(store: Store, key: str = "web:1") -> Stored:
    stored = await store.load(key, fresh=True)
    assert stored is not None
    return stored


async def test_an_update_that_comes_again_changes_nothing(store: Store) -> None:
    door = reception(store, echo)
    first = await door.receive(words("hello"))
    again = await door.receive(words("hello"))
    assert (first.duplicate, again.duplicate, again.entries) == (False, True, ())
    assert await texts(store) == ["hello", "hello"]
    assert (await known(store)).conversation.turn == 1


async def test_an_update_that_comes_twice_at_once_is_taken_in_once(store: Store) -> None:
    door = reception(store, echo)
    receipts = await asyncio.gather(*(door.receive(words("hello")) for _ in range(8)))
    assert sorted(receipt.duplicate for receipt in receipts) == [False] + [True] * 7
    assert await texts(store) == ["hello", "hello"]


async def test_an_update_known_to_another_process_is_known_here(store: Store, database_url: str) -> None:
    other = await Store.open(database_url, perform=False)
    try:
        await reception(store, echo).receive(words("hello"))
        assert (await reception(other, echo).receive(words("hello"))).duplicate
    finally:
        await other.close()


async def test_what_one_chat_says_is_taken_in_as_it_was_said(store: Store) -> None:
    door = reception(store, echo)
    await asyncio.gather(*(door.receive(words(str(n), str(n))) for n in range(20)))
    assert (await texts(store))[::2] == [str(n) for n in range(20)]


async def test_a_chat_that_waits_holds_no_other_up(store: Store) -> None:
    door = reception(store, echo)
    async with door._lane("web:slow"):
        slow = asyncio.create_task(door.receive(words("one", key="web:slow")))
        async with asyncio.timeout(5):
            await door.receive(words("two", key="web:quick"))
        assert not slow.done()
    await slow
    assert await texts(store, "web:slow") == ["one", "one"]


async def test_two_processes_at_the_same_chat_lose_nothing(store: Store, database_url: str) -> None:
    other = await Store.open(database_url, perform=False)
    try:
        here, there = reception(store, echo), reception(other, echo)
        await here.receive(words("0", "0"))
        await there.receive(words("1", "1"))
        await asyncio.gather(*((here, there)[n % 2].receive(words(str(n), str(n))) for n in range(2, 12)))
        said = (await texts(store))[::2]
        assert sorted(said, key=int) == [str(n) for n in range(12)]
        assert (await known(store)).conversation.turn == 12  # each was stepped from what the one before left
    finally:
        await other.close()


async def test_a_turn_and_its_work_are_saved_together_and_then_begun(store: Store) -> None:
    taken = Taken()
    door = reception(store, looking, pushes=("telegram",))
    door.dispatch = taken
    receipt = await door.receive(words("hello", key="telegram:7"))
    assert [piece for _, _, piece in taken.work] == [Deliver(2), LookUpOrder(1, "1042", "a@shop.test")]
    assert [entry.seq for entry in receipt.entries] == [1, 2]
    left = await store.claim(NOW.replace(year=2027), 10, NOW - NOW)
    assert [(c.key, c.id, c.work) for c in left] == taken.work


async def test_nothing_is_pushed_to_clients_that_fetch(store: Store) -> None:
    taken = Taken()
    door = reception(store, echo, pushes=("telegram",))
    door.dispatch = taken
    await door.receive(words("hello"))
    assert taken.work == []


async def test_the_watchers_see_a_turn_once_it_is_durable(store: Store) -> None:
    door = reception(store, looking)
    watch = door._feed.watch("web:1")
    await door.receive(words("hello"))
    notice = await anext(aiter(watch))
    assert [entry.seq for entry in notice.entries] == [entry.seq for entry in await store.entries("web:1")]
    assert notice.typing


async def test_a_network_address_is_kept_as_a_digest_alone(store: Store) -> None:
    door = reception(store, echo, digest=lambda value: f"digest of {len(value)}")
    await door.receive(words("hello", address="203.0.113.9", name="Ann"))
    await door.receive(words("hello", "2"))
    contact = (await known(store)).contact
    assert (contact.name, contact.address) == ("Ann", "digest of 11")


@pytest.mark.parametrize(
    ("what", "kept"),
    [
        (Press("yes:1", "Yes, cancel it"), ["Yes, cancel it", "Pressed"]),
        (Wordless(Unreadable.STICKER), ["[sticker]", "Sent"]),
        (Open("1042"), ["Opened"]),
        (Language("es"), ["LanguageChosen"]),
    ],
)
async def test_the_transcript_keeps_what_the_customer_did(store: Store, what: Press, kept: list[str]) -> None:
    await reception(store, echo).receive(Incoming("web:1", "1", what))
    assert await texts(store) == kept


async def test_a_language_nobody_has_texts_for_falls_back(store: Store) -> None:
    door = reception(store, echo)
    await door.receive(words("hallo", locale="de-DE"))
    await door.receive(words("hola", locale="es-MX", key="web:2"))
    assert (await known(store)).conversation.locale == "en"
    assert (await known(store, "web:2")).conversation.locale == "es-MX"


async def test_the_receipt_names_the_language_once_the_customer_has_shown_it(store: Store) -> None:
    door = reception(store, None, understanding=Understanding())
    said = ("hi", "quiero cancelar mi pedido", "1042")
    receipts = [await door.receive(words(text, str(n))) for n, text in enumerate(said)]
    assert [receipt.locale for receipt in receipts] == [None, "es", "es"]


async def test_what_is_said_once_more_is_the_last_message_word_for_word(store: Store) -> None:
    def act(c: Conversation, event: Event) -> Step:
        if isinstance(event, Said) and event.text == "again":
            return Step(replace(c, turn=c.turn + 1), (SayAgain(Text("note-again")),))
        return echo(c, event)

    door = reception(store, act)
    for n, text in enumerate(("hello", "again", "again")):
        await door.receive(words(text, str(n)))
    once_more = SPEECH.text(Text("note-again"), "en")
    assert (await texts(store))[1::2] == ["hello", f"{once_more}\nhello", f"{once_more}\nhello"]


# ---- too much


async def test_too_much_at_once_is_refused_before_anything_is_taken_in(store: Store) -> None:
    door = reception(store, echo, backlog=1)
    async with door._lane("web:other"):
        with pytest.raises(Overloaded):
            await door.receive(words("hello"))
    assert not (await door.receive(words("hello"))).duplicate


async def test_a_closed_door_takes_nothing_from_customers_and_still_hears_the_world(store: Store) -> None:
    door = reception(store, echo)
    await door.receive(words("hello"))
    door.close()
    with pytest.raises(Overloaded):
        await door.receive(words("more", "2"))
    await door.happen("web:1", OrderMissing(NOW, 1))
    assert await texts(store) == ["hello", "hello", "OrderMissing"]


async def test_a_full_store_is_too_much(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    async def full(_: Turn) -> None:
        raise StoreBusy("full")

    monkeypatch.setattr(store, "save", full)
    with pytest.raises(Overloaded):
        await reception(store, echo).receive(words("hello"))


# ---- what is broken behind the door


@pytest.mark.parametrize("act", [broken, mute])
async def test_a_message_we_fail_at_is_kept_and_a_person_is_called(
    store: Store, act: object, caplog: pytest.LogCaptureFixture
) -> None:
    taken = Taken()
    door = reception(store, act)  # type: ignore[arg-type]
    door.dispatch = taken
    with caplog.at_level(logging.CRITICAL):
        receipt = await door.receive(words("cancel 1042"))
    stored = await known(store)
    assert (receipt.entries[0].text, receipt.entries[0].author) == ("cancel 1042", Author.CUSTOMER)
    assert receipt.entries[1].text.startswith(SORRY)
    assert stored.conversation.reference in receipt.entries[1].text
    assert stored.conversation.mode is Mode.WAITING
    assert stored.conversation.details == ()  # nothing of the failed step is kept
    assert [type(piece) for _, _, piece in taken.work] == [Notify]
    assert (await store.inbox(["waiting"]))[0].reason == HandoffReason.INTERNAL_ERROR
    case = await store.case(stored.conversation.reference)
    assert case is not None
    assert case.closed_at is None
    assert (await door.receive(words("cancel 1042"))).duplicate


async def test_who_keeps_writing_to_a_broken_bot_is_heard_and_not_told_again(store: Store) -> None:
    door = reception(store, broken)
    for n in range(3):
        await door.receive(words(f"message {n}", str(n)))
    heard = await store.entries("web:1")
    assert [e.text for e in heard if e.author is Author.CUSTOMER] == ["message 0", "message 1", "message 2"]
    assert len([e for e in heard if e.author is Author.BOT]) == 1


async def test_a_text_that_cannot_be_read_is_taken_in_as_not_understood(store: Store) -> None:
    door = reception(store)
    await door.receive(words("stumble"))
    stored = await known(store)
    assert stored.conversation.mode is Mode.BOT
    assert (await texts(store))[0] == "stumble"
    assert len(await texts(store)) == 2


async def test_an_answer_of_the_shop_we_fail_at_is_settled_and_a_person_is_called(store: Store) -> None:
    taken = Taken()
    door = reception(store, looking)
    door.dispatch = taken
    await door.receive(words("hello"))
    ((_, work_id, _),) = taken.work
    door._dialogue = reception(store, broken)._dialogue
    await door.happen("web:1", OrderMissing(NOW, 1), settles=(work_id,))
    left = await store.claim(NOW.replace(year=2027), 10, NOW - NOW)
    assert [type(claimed.work) for claimed in left] == [Notify]
    assert (await known(store)).conversation.mode is Mode.WAITING


async def test_a_conversation_we_fail_to_wake_is_not_woken_again(store: Store) -> None:
    def sleeps(c: Conversation, event: Event) -> Step:
        return Step(replace(echo(c, event).conversation, wake_at=NOW), ())

    await reception(store, sleeps).receive(words("hello"))
    (key,) = await store.due(NOW, 10, NOW - NOW)
    await reception(store, broken).happen(key, TimeCame(NOW))
    assert await store.due(NOW.replace(year=2027), 10, NOW - NOW) == ()
    assert (await known(store)).conversation.mode is Mode.WAITING


async def test_an_agent_whose_words_we_fail_at_is_told_and_the_customer_is_not(store: Store) -> None:
    await reception(store, echo).receive(words("hello"))
    with pytest.raises(KeyError):
        await reception(store, broken).happen("web:1", PersonSaid(NOW, "Sam", "Hello Ann"))
    assert await texts(store) == ["hello", "hello"]


async def test_while_a_person_has_the_chat_a_failure_stays_between_us(store: Store) -> None:
    await reception(store).happen("web:1", PersonSaid(NOW, "Sam", "Hello Ann"))
    await reception(store, broken).receive(words("hi Sam"))
    stored = await known(store)
    assert stored.conversation.mode is Mode.PERSON
    assert await texts(store) == ["Hello Ann", "hi Sam"]


async def test_words_are_kept_even_where_the_apology_has_no_text(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    door = reception(store, broken)
    monkeypatch.setattr("bot.speech.Speech.text", lambda *_: (_ for _ in ()).throw(LookupError("no texts")))
    await door.receive(words("cancel 1042"))
    assert await texts(store) == ["cancel 1042"]
    assert (await known(store)).conversation.mode is Mode.WAITING


async def test_a_cancellation_under_way_is_still_awaited_after_a_failure(store: Store) -> None:
    def cancels(c: Conversation, event: Event) -> Step:
        step = echo(c, event)
        return Step(replace(step.conversation, awaiting=Awaited(Errand.CANCEL, 1, NOW)), step.effects)

    await reception(store, cancels).receive(words("yes"))
    await reception(store, broken).receive(words("?!", "2"))
    awaiting = (await known(store)).conversation.awaiting
    assert awaiting is not None
    assert awaiting.errand is Errand.CANCEL


async def test_work_that_cannot_be_done_is_handed_to_a_person(store: Store) -> None:
    taken = Taken()
    door = reception(store, looking)
    door.dispatch = taken
    await door.receive(words("hello"))
    await door.hand_over("web:1", settles=(taken.work[0][1],))
    assert (await known(store)).conversation.mode is Mode.WAITING
    assert (await door.hand_over("web:1", settles=(taken.work[0][1],))).duplicate
