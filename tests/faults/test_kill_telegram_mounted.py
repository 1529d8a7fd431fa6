"""kill -9 of the product that is mounted in a shop's bot: what it acknowledged to the bot is never lost."""

import asyncio
import json
import sqlite3
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

import pytest
from fault_customers import CONFIRM, words
from fault_reckoning import now, records, shop_file, transcript
from fault_server import FaultServer
from rescind_mount.product import Product, Unreached

from bot.orders.demo_schema import Access
from storage.records import Author
from storage.store import Store
from tests.stage_hands import placed
from tests.telegram_customer import Customer
from tests.telegram_server import TOKEN, TelegramServer

pytestmark = [pytest.mark.faults, pytest.mark.xdist_group("faults"), pytest.mark.timeout(400)]

CHATS = 40
SECRET = "a-mount_secret-nobody-may-see"
LIMIT = 0.5
PATIENCE = 60.0


@dataclass
class Host:
    """The shop's bot: hands an update over within its time limit, and tells the customer if it could not."""

    telegram: TelegramServer
    product: Product
    acknowledged: dict[int, set[int]] = field(default_factory=dict)
    count: int = 0
    over: int = 0
    """Hand-overs that ended, one way or the other."""
    pulse: asyncio.Event = field(default_factory=asyncio.Event)

    async def hand_over(self, customer: Customer, update_id: int) -> bool:
        """Whether it was acknowledged."""
        update = next(each for each in self.telegram.updates if each["update_id"] == update_id)
        try:
            answer = await self.product.take(
                json.dumps(update).encode(), asyncio.get_running_loop().time() + LIMIT
            )
            assert answer.claimed
            self.acknowledged.setdefault(customer.id, set()).add(update_id)
            self.count += 1
        except Unreached:
            return False
        finally:
            self.over += 1
            self.pulse.set()
        return True

    async def has_acknowledged(self, count: int, over: int) -> None:
        """So many were acknowledged; or, on a busy machine, so many are over before that."""
        async with asyncio.timeout(PATIENCE):
            while self.count < count and self.over < over:
                self.pulse.clear()
                await self.pulse.wait()


def number_of(customer: Customer) -> str:
    return str(70_000 + customer.id)


def act(customer: Customer, phase: int) -> int:
    """What the customer does in a phase of the conversation; the update's number."""
    if phase == 0:
        return customer.say("/support")
    if phase == 1:
        return customer.say(f"cancel {number_of(customer)}, c{customer.id}@shop.test")
    return customer.press(CONFIRM)


def told(telegram: TelegramServer, customer: Customer, phase: int) -> bool:
    """Whether the answer of a phase has come."""
    if phase == 2:
        return any(
            words("told-cancelled", number=number_of(customer)) in text for text in texts(telegram, customer)
        )
    return any(CONFIRM in row for row in customer.buttons()) if phase else bool(texts(telegram, customer))


def texts(telegram: TelegramServer, customer: Customer) -> list[str]:
    return [str(message["text"]) for message in telegram.chats[customer.id]]


async def at_rest(server: FaultServer) -> None:
    """Nothing is left to be answered: what was not acknowledged may have been taken in all the same.

    Then the question is put anew, and the button of the one before counts no more.
    """
    async with asyncio.timeout(PATIENCE):
        while left_to_do(server.database):  # noqa: ASYNC110  another process does it
            await asyncio.sleep(0.05)


def left_to_do(database: str) -> int:
    with closing(sqlite3.connect(database.removeprefix("sqlite:///"))) as connection:
        count: int = connection.execute("SELECT count(*) FROM outbox").fetchone()[0]
        return count


async def test_what_the_host_handed_over_and_we_acknowledged_is_never_lost(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    random = Random(7)  # noqa: S311  it picks moments
    unreached = 0
    async with TelegramServer() as telegram:
        telegram.slow("sendMessage", 0.02)
        server = FaultServer(
            tmp_path,
            TELEGRAM_BOT_TOKEN=TOKEN,
            TELEGRAM_API_URL=telegram.url,
            TELEGRAM_MODE="mounted",
            TELEGRAM_MOUNT_SECRET=SECRET,
        )
        customers = [telegram.customer(chat) for chat in range(1, CHATS + 1)]
        file = shop_file(server.shop, Access.CREATE)
        file.put([placed(f"{number_of(c)}, c{c.id}@shop.test, paid, paypal", now()) for c in customers])
        file.close()
        host = Host(telegram, Product(server.url, SECRET))
        await server.start()
        try:
            await server.ready()
            for phase in range(3):
                count, over = host.count, host.over
                handing = [
                    asyncio.create_task(host.hand_over(customer, act(customer, phase)))
                    for customer in customers
                ]
                if phase:
                    await host.has_acknowledged(count + random.randrange(5, 20), over + CHATS)
                    await server.kill()
                    await server.start()
                    await server.ready()
                taken = await asyncio.gather(*handing)
                unreached += taken.count(False)
                # Those who were told that it could not be reached do it again.
                for customer, was_taken in zip(customers, taken, strict=True):
                    if not was_taken and not told(telegram, customer, phase):
                        assert await host.hand_over(customer, act(customer, phase))
                await telegram.until(
                    lambda phase=phase: all(told(telegram, c, phase) for c in customers), PATIENCE
                )
                if phase < 2:  # the last one leaves cancelled orders to be watched
                    await at_rest(server)
        finally:
            await host.product.close()
            assert await server.stop() == 0
        await reckon(server, customers, host)
    assert server.kills == 2
    with capsys.disabled():
        print(f"\nmounted, kill -9 twice with {CHATS} updates in flight: {host.count} acknowledged, "  # noqa: T201
              f"lost 0, wrong 0; {unreached} not acknowledged, whose customers were told")  # fmt: skip


async def reckon(server: FaultServer, customers: list[Customer], host: Host) -> None:
    shop = records(server.shop, map(number_of, customers))
    assert all(record.cancelled and record.accepted == 1 for record in shop.values())
    store = await Store.open(server.database, perform=False)
    try:
        for customer in customers:
            entries = await transcript(store, customer.key)
            heard = [entry.update_id for entry in entries if entry.author is Author.CUSTOMER]
            assert len(heard) == len(set(heard))
            known = {int(id_) for id_ in heard if id_ is not None}
            for update_id in host.acknowledged[customer.id]:
                assert update_id in known or await store.knows(customer.key, str(update_id))
            assert [e.seq for e in entries] == list(range(1, len(entries) + 1))
    finally:
        await store.close()
