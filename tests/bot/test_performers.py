"""Work is done once where it can be, again where it must be, and never left lying."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import pytest
from shell_house import RULES, SPEECH, reception, soon, texts, words
from shell_makers import DOWN, NOW, ORDER, Clock, Shop, order
from shell_performing import performing

from bot import performers as module
from bot.orders.demo import DemoShop
from bot.performers import LEASE, Performers
from bot.ports import CancelReport, OrderBackend, Press, ShopUnreachable
from bot.reception import Reception
from dialogs.conversation import Conversation, Mode
from dialogs.effects import CallPerson, CancelOrder, HandoffReason, LookUpOrder, Say, Text
from dialogs.engine import Step
from dialogs.events import CancelEnded, Event, OrderFound, OrderMissing, Outcome, Said, TimeCame
from dialogs.events import ShopUnreachable as NoAnswer
from dialogs.orders import Order, Stage
from dialogs.understanding import Understanding
from storage.store import Limits, Store
from tests.outbox_marks import marks_written
from tests.stage_hands import placed

LOOK_UP = LookUpOrder(1, "1042", "ann@shop.test")
CANCEL = CancelOrder(1, "1042", "ann@shop.test", ORDER, RULES.policy.decide(ORDER).rule, "7K2M-9QXD-1")


@dataclass
class Heard:
    """A dialogue that asks for work at the customer's word, and keeps what comes back."""

    asks: dict[str, LookUpOrder | CancelOrder | CallPerson]
    events: list[Event]

    def __call__(self, c: Conversation, event: Event) -> Step:
        c = replace(c, turn=c.turn + 1)
        if isinstance(event, Said):
            return Step(c, (self.asks[event.text],))
        self.events.append(event)
        return Step(c, (Say((Text("button-value", {"value": type(event).__name__}),)),))


def hears(**asks: LookUpOrder | CancelOrder | CallPerson) -> Heard:
    return Heard(asks, [])


async def events_of(store: Store, shop: OrderBackend, work: LookUpOrder | CancelOrder) -> list[Event]:
    heard = hears(go=work)
    async with performing(store, shop, heard) as (door, performers):
        await door.receive(words("go"))
        await soon(lambda: performers.idle)
    return heard.events


async def left(store: Store) -> int:
    await marks_written(store)
    return len(await store.claim(NOW.replace(year=2027), 10, timedelta()))


# ---- looking up


@pytest.mark.parametrize(
    ("shown", "expected"),
    [
        (ORDER, OrderFound(NOW, 1, ORDER, NOW)),
        (None, OrderMissing(NOW, 1)),
        (order(email="bob@shop.test"), OrderMissing(NOW, 1)),
        (order(number="1043"), OrderMissing(NOW, 1)),
        (DOWN, NoAnswer(NOW, 1)),
        (ValueError("a mistake in the adapter"), NoAnswer(NOW, 1)),
    ],
    ids=["found", "unknown", "another's", "another order", "down", "mistake"],
)
async def test_a_look_up_is_answered_by_what_the_shop_says_and_matched_by_us(
    store: Store, shown: Order | Exception | None, expected: Event
) -> None:
    assert await events_of(store, Shop([shown]), LOOK_UP) == [expected]
    assert await left(store) == 0


# ---- cancelling


async def test_a_mistake_in_the_adapter_during_a_cancel_is_an_unknown_outcome(store: Store) -> None:
    (ended,) = await events_of(store, Shop([ORDER], ValueError("mistake")), CANCEL)
    assert isinstance(ended, CancelEnded)
    assert ended.outcome is Outcome.UNKNOWN


async def test_two_chats_cancel_one_order_at_once_and_one_of_them_does(store: Store, tmp_path: Path) -> None:
    """The real dialogue, shop and store: both have the question before them and say yes together."""
    now = Clock()
    async with DemoShop(tmp_path / "shop.sqlite3", now=now) as shop:
        await shop.run(lambda file: file.put([placed("1042, ann@shop.test, paid, paypal", NOW)]))
        async with performing(store, shop, None, understanding=Understanding(), clock=now) as (
            door,
            performers,
        ):
            chats = [f"web:{n}" for n in range(4)]
            yes = [await _asked(door, performers, store, key) for key in chats]
            pressed = (
                door.receive(replace(words("", "2", key), what=Press(value, "Yes, cancel it")))
                for key, value in zip(chats, yes, strict=True)
            )
            await asyncio.gather(*pressed)
            await soon(lambda: performers.idle)
        attempts = await shop.run(lambda file: file.attempts("1042"))
    assert [attempt.report for attempt in attempts] == [CancelReport.ACCEPTED]
    told = [(await texts(store, key))[-1] for key in chats]
    done = SPEECH.text(Text("told-cancelled", {"number": "1042"}), "en")
    already = SPEECH.text(Text("told-already-cancelled", {"number": "1042"}), "en")
    assert sorted((done in text, already in text) for text in told) == [(False, True)] * 3 + [(True, False)]


async def test_a_yes_costs_two_turns_one_reading_before_the_request_and_one_after(store: Store) -> None:
    shop, read_before = Shop([ORDER, ORDER, order(Stage.CANCELLED)]), []
    shop.on_cancel = lambda: read_before.append(shop.reads)
    async with performing(store, shop, None, understanding=Understanding()) as (door, performers):
        yes = await _asked(door, performers, store, "web:1")
        asked = await store.load("web:1", fresh=True)
        await door.receive(replace(words("", "2"), what=Press(yes, "Yes, cancel it")))
        await soon(lambda: performers.idle)
    told = await store.load("web:1", fresh=True)
    assert asked is not None
    assert told is not None
    assert told.conversation.turn - asked.conversation.turn == 2  # the yes, and how it ended
    assert (read_before, shop.reads) == ([2], 3)  # one of them was for the question


async def _asked(door: Reception, performers: Performers, store: Store, key: str) -> str:
    """The value of the button that says yes."""
    await door.receive(words("cancel order 1042, ann@shop.test", "1", key))
    await soon(lambda: performers.idle)
    return next(c.value for c in (await store.entries(key))[-1].choices if c.value.startswith("yes:"))


async def test_an_order_locked_elsewhere_is_waited_for(store: Store, database_url: str) -> None:
    other = await Store.open(database_url, perform=False, owner="another process")
    try:
        assert await other.lock_order("#1042", NOW + LEASE, NOW)
        heard = hears(go=CANCEL)
        shop = Shop([ORDER, order(Stage.CANCELLED)])
        async with performing(store, shop, heard) as (door, performers):
            await door.receive(words("go"))
            await asyncio.sleep(0.4)
            assert shop.asked == []
            await other.unlock_order("1042")
            await soon(lambda: performers.idle)
        assert [event.outcome for event in heard.events if isinstance(event, CancelEnded)] == [
            Outcome.CANCELLED
        ]
    finally:
        await other.close()


async def test_the_lock_of_a_dead_process_ends_by_itself(store: Store, database_url: str) -> None:
    other = await Store.open(database_url, perform=False, owner="a dead process")
    await other.lock_order("1042", NOW + LEASE, NOW)
    await other.close()
    clock, heard = Clock(), hears(go=CANCEL)
    async with performing(store, Shop([ORDER, order(Stage.CANCELLED)]), heard, clock=clock) as (
        door,
        performers,
    ):
        await door.receive(words("go"))
        clock.now += LEASE
        await soon(lambda: performers.idle)
    assert len(heard.events) == 1


# ---- what is left by others


async def test_work_left_by_a_dead_process_is_taken_up_when_its_lease_ends(database_url: str) -> None:
    clock, heard = Clock(), hears(look=LOOK_UP, cancel=CANCEL)
    async with _store(database_url) as dead:
        door = reception(dead, heard)
        await door.receive(words("cancel"))  # nobody performs: it died right then
    async with _store(database_url) as store:
        shop = Shop([order(Stage.CANCELLED)])  # the dead one's request had reached the shop
        clock.now = NOW + LEASE + timedelta(seconds=1)
        async with performing(store, shop, heard, clock=clock) as (_, performers):
            await soon(lambda: performers.idle and heard.events)
    (ended,) = heard.events
    assert isinstance(ended, CancelEnded)
    assert ended.outcome is Outcome.CANCELLED  # by our own request, though unseen


async def test_another_living_process_keeps_its_work(postgres_url: str) -> None:
    heard = hears(go=LOOK_UP)
    async with _store(postgres_url) as living, _store(postgres_url) as other:
        clock = Clock()
        await reception(living, heard, clock=clock).receive(words("go"))
        async with performing(other, Shop([ORDER]), heard, clock=clock) as (_, performers):
            await performers.go_round()
            assert performers.idle
            clock.now += LEASE
            await performers.go_round()
            await soon(lambda: heard.events)


async def test_work_begun_elsewhere_for_the_first_time_is_no_repetition(
    store: Store, database_url: str
) -> None:
    """As from the command line, which saves work and does not perform it."""
    heard = hears(go=CANCEL)
    writer = await Store.open(database_url, perform=False)
    await reception(writer, heard).receive(words("go"))
    await writer.close()
    async with performing(store, Shop([order(Stage.CANCELLED)]), heard) as (_, performers):
        await soon(lambda: performers.idle and heard.events)
    (ended,) = heard.events
    assert isinstance(ended, CancelEnded)
    assert ended.outcome is Outcome.ALREADY_CANCELLED


async def test_leases_and_locks_of_work_under_way_are_renewed(store: Store, database_url: str) -> None:
    clock, gate = Clock(), asyncio.Event()

    class Slow(Shop):
        async def find(self, number: str) -> Order | None:
            await gate.wait()
            return await super().find(number)

    async with performing(store, Slow([ORDER, order(Stage.CANCELLED)]), hears(go=CANCEL), clock=clock) as (
        door,
        performers,
    ):
        await door.receive(words("go"))
        await soon(lambda: performers._locked)
        for _ in range(4):
            clock.now += LEASE * 0.8
            await performers.go_round()
        other = await Store.open(database_url, perform=False)
        try:
            assert await other.claim(clock.now, 10, LEASE) == ()
            assert not await other.lock_order("1042", clock.now + LEASE, clock.now)
        finally:
            await other.close()
        gate.set()
        await soon(lambda: performers.idle)


# ---- failures


async def test_work_we_fail_at_is_tried_again_and_in_the_end_handed_to_a_person(
    store: Store, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    clock, tries = Clock(), 0

    async def fails(*_: object) -> Event:
        nonlocal tries
        tries += 1
        raise ZeroDivisionError

    monkeypatch.setattr(Performers, "_look_up", fails)
    with caplog.at_level(logging.CRITICAL):
        async with performing(store, Shop([ORDER]), hears(go=LOOK_UP), clock=clock) as (door, performers):
            await door.receive(words("go"))
            for _ in range(20):
                await soon(lambda: performers.idle)
                clock.now += LEASE * 2
                await performers.go_round()
            await soon(lambda: performers.idle)
    stored = await store.load("web:1", fresh=True)
    assert stored is not None
    assert stored.conversation.mode is Mode.WAITING
    assert tries == module._ATTEMPTS
    assert await left(store) == 0


async def test_a_person_wanted_is_noted_once(store: Store) -> None:
    heard = hears(go=CallPerson(HandoffReason.CUSTOMER_ASKED, "7K2M-9QXD"))
    async with performing(store, Shop([ORDER]), heard) as (door, performers):
        await door.receive(words("go"))
        await soon(lambda: performers.idle)
    assert await left(store) == 0


async def test_one_conversation_that_cannot_be_woken_stops_no_other(store: Store) -> None:
    woken: list[str] = []

    def act(c: Conversation, event: Event) -> Step:
        wake_at = None if isinstance(event, TimeCame) else NOW + timedelta(hours=1)
        return Step(replace(c, turn=c.turn + 1, wake_at=wake_at), ())

    clock = Clock()
    async with performing(store, Shop([ORDER]), act, clock=clock) as (door, performers):
        for n in range(3):
            await door.receive(words("hello", key=f"web:{n}"))
        happen = door.happen

        async def sometimes(key: str, event: Event, settles: tuple[int, ...] = ()) -> object:
            if key == "web:0":
                raise ZeroDivisionError
            assert isinstance(event, TimeCame)
            woken.append(key)
            return await happen(key, event, settles)

        door.happen = sometimes  # type: ignore[assignment,method-assign]
        clock.now += timedelta(hours=2)
        await performers.go_round()
        assert sorted(woken) == ["web:1", "web:2"]
        await performers.go_round()
        assert sorted(woken) == ["web:1", "web:2"]  # and the failing one is not tried again at once


async def test_the_rounds_go_on_whatever_happens_in_one(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_ROUND", 0.01)
    async with performing(store, Shop([ORDER]), hears()) as (_, performers):
        rounds = 0

        async def fails() -> None:
            nonlocal rounds
            rounds += 1
            raise ZeroDivisionError

        monkeypatch.setattr(performers, "go_round", fails)
        await soon(lambda: rounds > 3)


# ---- the end


async def test_stopping_finishes_what_is_under_way_and_what_follows_from_it(store: Store) -> None:
    class Slow(Shop):
        async def find(self, number: str) -> Order | None:
            await asyncio.sleep(0.1)
            return await super().find(number)

    heard = hears(go=LOOK_UP)
    async with performing(store, Slow([ORDER]), heard) as (door, performers):
        await door.receive(words("go"))
        await performers.stop()
        assert performers.idle
    assert await texts(store) == ["go", "OrderFound"]
    assert await left(store) == 0


async def test_what_takes_too_long_to_finish_is_left_for_the_next_start(store: Store) -> None:
    class Stuck(Shop):
        async def find(self, number: str) -> Order | None:
            await asyncio.sleep(60)
            raise ShopUnreachable(number)

    async with performing(store, Stuck([ORDER]), hears(go=LOOK_UP)) as (door, performers):
        await door.receive(words("go"))
        await performers.stop(0.05)
        assert performers.idle
        await door.receive(words("go", "2"))  # comes too late to be begun
        assert performers.idle
    assert await left(store) == 2


@asynccontextmanager
async def _store(url: str) -> AsyncIterator[Store]:
    store = await Store.open(url, limits=Limits(lease=LEASE))
    try:
        yield store
    finally:
        await store.close()
