"""kill -9 in the middle of many conversations: each comes to its end, and nothing happens twice."""

import asyncio
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from random import Random

import pytest
from fault_customers import Customer, HttpCustomer, Plan, SocketCustomer, unhurried
from fault_reckoning import (
    Record,
    check_shop,
    check_transcript,
    check_words,
    now,
    records,
    shop_file,
    transcript,
)
from fault_server import FaultServer

from bot.orders.demo_schema import Access
from dialogs.conversation import Mode
from storage.store import Store
from tests.stage_hands import placed

pytestmark = [pytest.mark.faults, pytest.mark.xdist_group("faults"), pytest.mark.timeout(400)]

AT_ONCE = 40
OPENINGS = (
    "cancel order {number}, {email}",
    "Hi, I want to cancel my order",
    "please cancel {number}",
    "my e-mail is {email} and I'd like to cancel an order",
)
STAGES = ("paid", "paid", "paid", "allocated", "binding", "placed", "confirmed", "in_logistics", "cancelled")
PAYMENTS = ("paypal", "card", "klarna", "gift_card=20 + card", "bank_transfer", "card/authorised", "barter")


def seeded(seed: int) -> Random:
    return Random(seed)  # noqa: S311  it shuffles customers, and does so again next time


def plans(count: int, random: Random) -> list[Plan]:
    """Who comes. Every tenth order is asked for in two chats."""
    return [
        Plan(
            number := str(70_000 + (n - 1 if n % 10 == 1 else n)),
            f"c{number}@shop.test",
            consents=random.random() < 0.75,
            opening=random.choice(OPENINGS),
            presses=random.random() < 0.5,
            wrong_email=random.random() < 0.1,
        )
        for n in range(count)
    ]


def place(path: Path, wanted: Sequence[Plan], random: Random) -> None:
    file = shop_file(path, Access.CREATE)
    orders = {plan.number: plan.email for plan in wanted}
    specs = [f"{n}, {e}, {random.choice(STAGES)}, {random.choice(PAYMENTS)}" for n, e in orders.items()]
    file.put([placed(spec, now()) for spec in specs])
    file.close()


async def play(server: FaultServer, wanted: Sequence[Plan], random: Random, kills: int) -> list[Customer]:
    """All conversations, while the server is killed at as many random moments of their work."""
    progress, moved = 0, asyncio.Event()

    def accepted() -> None:
        nonlocal progress
        progress += 1
        moved.set()

    kinds = (HttpCustomer, SocketCustomer)
    customers: list[Customer] = [
        kinds[n % 2](server.url, plan, seeded(n), accepted) for n, plan in enumerate(wanted)
    ]
    gate = asyncio.Semaphore(AT_ONCE)

    async def reaper() -> None:
        moments = sorted(random.sample(range(2 * len(wanted)), kills - 1))
        for number, moment in enumerate(moments):
            while progress < moment:
                moved.clear()
                await moved.wait()
            await asyncio.sleep(random.uniform(0, 0.05))
            await server.kill()
            await server.start()
            if number == 1:
                await asyncio.sleep(random.uniform(0.5, 2.5))
                await server.kill()  # while it starts
                await server.start()

    async with unhurried() as client, asyncio.TaskGroup() as group:

        async def one(customer: Customer) -> None:
            async with gate:
                await customer.run(client)

        group.create_task(reaper())
        for customer in customers:
            group.create_task(one(customer))
    return customers


async def reckon(server: FaultServer, customers: Sequence[Customer], before: Mapping[str, Record]) -> None:
    consented = Counter(c.plan.number for c in customers if c.consented)
    shop = records(server.shop, before)
    check_shop(shop, before, consented)
    store = await Store.open(server.database, perform=False)
    try:
        for customer in customers:
            entries = await transcript(store, customer.key)
            check_transcript(entries, customer.said, customer.plan.number)
            assert [e.text for e in entries] == [m["text"] for _, m in sorted(customer.seen.items())]
            check_words(entries, shop[customer.plan.number])
            stored = await store.load(customer.key)
            assert stored is not None
            assert stored.conversation.awaiting is None
            assert stored.conversation.mode is Mode.WAITING or stored.conversation.done, entries[-1].text
    finally:
        await store.close()


async def survive(server: FaultServer, count: int, kills: int, seed: int) -> list[Customer]:
    """All conversations played, with kills, and everything looked at in the end."""
    random = seeded(seed)
    wanted = plans(count, random)
    place(server.shop, wanted, random)
    before = records(server.shop, {plan.number for plan in wanted})
    await server.start()
    try:
        customers = await play(server, wanted, random, kills)
        await server.ready()
        assert await server.stop() == 0
    finally:
        await server.stop()
    assert server.kills == kills
    await reckon(server, customers, before)
    return customers


async def test_two_hundred_conversations_survive_a_dozen_kills(tmp_path: Path) -> None:
    customers = await survive(FaultServer(tmp_path), 200, 12, seed=4)
    assert sum(customer.consented for customer in customers) > 60  # else too little was at stake
    assert sum(customer.repeated for customer in customers) > 20  # else too little was interrupted


async def test_on_postgresql_conversations_survive_kills_too(tmp_path: Path, postgres_url: str) -> None:
    await survive(FaultServer(tmp_path, DATABASE_URL=postgres_url), 60, 3, seed=5)
