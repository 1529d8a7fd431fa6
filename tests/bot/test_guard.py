"""Guessing slows down and tells nothing: not in words, not in buttons, not in time."""

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta

import pytest
from shell_house import soon, words
from shell_makers import NOW, Clock, Shop, order
from shell_performing import performing

from bot import guard as guarding
from bot.guard import Guard, Pace
from dialogs.understanding import Understanding
from storage.records import Entry
from storage.store import Store

WRONG = ("1042", "bob@shop.test")
UNKNOWN = ("9999", "ann@shop.test")


def guard(store: Store, clock: Clock | None = None, **pace: float) -> Guard:
    return Guard(store, clock or Clock(), lambda value: f"digest-{value}", Pace(**pace))  # type: ignore[arg-type]


async def missed(
    over: Guard, times: int, key: str = "web:1", number: str = "1042", address: str = "a"
) -> None:
    for _ in range(times):
        await over.missed(over.subjects(key, number, address))


async def delay(over: Guard, key: str = "web:2", number: str = "2000", address: str | None = "b") -> float:
    return await over.delay(over.subjects(key, number, address))


async def test_the_first_guesses_cost_nothing_and_each_further_one_twice_as_much(store: Store) -> None:
    over, delays = guard(store), []
    for _ in range(10):
        delays.append(await delay(over, "web:1", "1042", "a"))
        await missed(over, 1)
    assert delays == [0, 0, 0, 1, 2, 4, 8, 16, 30, 30]


@pytest.mark.parametrize(
    "same", [{"key": "web:1"}, {"number": "1042"}, {"number": " #1042 "}, {"address": "a"}], ids=str
)
async def test_guesses_slow_down_by_chat_by_order_and_by_address(store: Store, same: dict[str, str]) -> None:
    over = guard(store)
    await missed(over, 5)
    assert await delay(over) == 0  # who shares nothing is not slowed
    assert await delay(over, **same) == 4


async def test_a_guess_long_ago_is_forgotten(store: Store) -> None:
    clock = Clock()
    over = guard(store, clock)
    await missed(over, 9)
    clock.now += timedelta(hours=1, seconds=1)
    assert await delay(over, "web:1") == 0
    await over.forget()
    clock.now = NOW
    assert await delay(over, "web:1") == 0  # and the counts are gone


async def test_a_right_pair_is_slowed_but_never_blocked(store: Store) -> None:
    over = guard(store)
    await missed(over, 100)
    assert await delay(over, "web:1") == 30


class Time:
    """The loop and its sleep, where time passes only while somebody sleeps."""

    def __init__(self) -> None:
        self.now = 1_000.0

    def get_running_loop(self) -> "Time":
        return self

    def time(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.now += seconds


@pytest.fixture
def time(monkeypatch: pytest.MonkeyPatch) -> Time:
    passing = Time()
    monkeypatch.setattr(guarding, "asyncio", passing)
    return passing


@pytest.mark.parametrize(
    ("took", "answered_after"), [(0.0, 0.1), (0.03, 0.1), (0.09, 0.1), (0.15, 0.2), (0.31, 0.4)]
)
async def test_a_miss_is_answered_at_a_multiple_of_the_pause_however_long_the_shop_took(
    store: Store, time: Time, took: float, answered_after: float
) -> None:
    began = time.now
    await time.sleep(took)
    await guard(store, miss=0.1).hold(began, 0.0, missed=True)
    assert time.now - began == pytest.approx(answered_after)


async def test_a_delay_holds_for_a_hit_too_and_no_longer(store: Store, time: Time) -> None:
    began = time.now
    await guard(store, miss=0.1).hold(began, 0.05, missed=False)
    assert time.now - began == pytest.approx(0.05)


# ---- end to end


@asynccontextmanager
async def chats(store: Store) -> AsyncIterator[object]:
    class Only1042(Shop):
        async def find(self, number: str) -> object:  # type: ignore[override]
            found = await super().find(number)
            return found if number == "1042" else None

    async with performing(store, Only1042([order()]), None, understanding=Understanding()) as both:
        yield both


def _plain(entry: Entry, number: str, email: str) -> tuple[object, ...]:
    """What a customer sees of a message, but for what they themselves wrote and a reference of chance."""
    text = re.sub(r"\b[2-9A-Z]{4}-[2-9A-Z]{4}\b", "REF", entry.text)
    text = text.replace(number, "NUMBER").replace(email, "EMAIL")
    return entry.seq, entry.author, text, entry.choices, entry.agent


async def test_an_unknown_order_and_a_wrong_address_cannot_be_told_apart(store: Store) -> None:
    seen = []
    async with chats(store) as (door, performers):  # type: ignore[misc]
        for n, (number, email) in enumerate((WRONG, UNKNOWN)):
            key = f"web:{n}"
            for turn, text in enumerate(
                (f"cancel order {number}, {email}", f"{number}, {email}", f"{number} {email}")
            ):
                await door.receive(words(text, str(turn), key))
                await soon(lambda: performers.idle)
            stored = await store.load(key, fresh=True)
            assert stored is not None
            entries = [_plain(entry, number, email) for entry in await store.entries(key)]
            blank = replace(stored.conversation, seed="", number="NUMBER", email="EMAIL")
            case = await store.case(stored.conversation.reference)
            assert case is not None
            seen.append((entries, blank, case.closed_at, case.result, stored.version))
    assert seen[0] == seen[1]
    assert len(seen[0][0]) > 5  # there was something to compare


async def test_an_unknown_order_and_a_wrong_address_take_the_same_time(store: Store) -> None:
    """Though the shop takes its time over an order it knows."""
    loop = asyncio.get_running_loop()
    took: dict[str, list[float]] = {WRONG[0]: [], UNKNOWN[0]: []}
    async with chats(store) as (door, performers):  # type: ignore[misc]
        performers._guard.pace = Pace(miss=0.3)
        find = performers._backend.backend.find

        async def find_slowly(number: str) -> object:
            await asyncio.sleep(0.1 if number == "1042" else 0)
            return await find(number)

        performers._backend.backend.find = find_slowly
        for n, (number, email) in enumerate((WRONG, UNKNOWN) * 3):
            began = loop.time()
            await door.receive(words(f"cancel order {number}, {email}", "1", f"web:{n}"))
            await soon(lambda: performers.idle)
            took[number].append(loop.time() - began)
    quickest = [min(seconds) for seconds in took.values()]  # a machine that stands still only adds to it
    assert all(seconds >= 0.3 for seconds in quickest)
    assert abs(quickest[0] - quickest[1]) < 0.08
