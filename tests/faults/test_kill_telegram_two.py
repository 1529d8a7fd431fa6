"""Two processes over one PostgreSQL: one polls; when it is killed the other takes over, with nothing lost."""

from pathlib import Path

import pytest
from fault_customers import CONFIRM, words
from fault_reckoning import now, records, shop_file, transcript
from fault_server import FaultServer

from bot.orders.demo_schema import Access
from storage.records import Author
from storage.store import Store
from tests.stage_hands import placed
from tests.telegram_customer import Customer
from tests.telegram_server import TOKEN, TelegramServer

pytestmark = [pytest.mark.faults, pytest.mark.xdist_group("faults"), pytest.mark.timeout(300)]

CHATS = 12
PATIENCE = 90.0


def number_of(customer: Customer) -> str:
    return str(70_000 + customer.id)


def hears(telegram: TelegramServer, customers: list[Customer], key: str) -> bool:
    def heard(customer: Customer) -> bool:
        told = words(key, number=number_of(customer)) if key == "told-cancelled" else ""
        messages = telegram.chats[customer.id]
        if told:
            return any(told in str(message["text"]) for message in messages)
        return bool(messages) and any(CONFIRM in row for row in customer.buttons())

    return all(map(heard, customers))


async def test_the_other_process_takes_over_and_each_update_acts_once(
    tmp_path: Path, postgres_url: str
) -> None:
    async with TelegramServer() as telegram:
        servers: list[FaultServer] = []
        for name in "ab":
            folder = tmp_path / name
            folder.mkdir()
            servers.append(
                FaultServer(
                    folder,
                    DATABASE_URL=postgres_url,
                    DEMO_SHOP_PATH=str(tmp_path / "shop.sqlite3"),
                    TELEGRAM_BOT_TOKEN=TOKEN,
                    TELEGRAM_API_URL=telegram.url,
                )
            )
        customers = [telegram.customer(chat) for chat in range(1, CHATS + 1)]
        file = shop_file(tmp_path / "shop.sqlite3", Access.CREATE)
        file.put([placed(f"{number_of(c)}, c{c.id}@shop.test, paid, paypal", now()) for c in customers])
        file.close()
        first, second = servers
        try:
            for server in servers:
                await server.start()
                await server.ready()
            for customer in customers:
                customer.say(f"cancel {number_of(customer)}, c{customer.id}@shop.test")
            await telegram.until(lambda: hears(telegram, customers, "confirm"), PATIENCE)
            assert "telegram_polling_stands_by" in second.log.read_text()
            for customer in customers:
                customer.press(CONFIRM)
            await first.kill()
            await telegram.until(lambda: hears(telegram, customers, "told-cancelled"), PATIENCE)
        finally:
            for server in servers:
                await server.stop()
        for server in servers:
            assert "telegram_conflict" not in server.log.read_text()
        shop = records(tmp_path / "shop.sqlite3", map(number_of, customers))
        assert all(record.cancelled and record.accepted == 1 for record in shop.values())
    store = await Store.open(postgres_url, perform=False)
    try:
        for customer in customers:
            entries = await transcript(store, customer.key)
            assert [entry.author for entry in entries].count(Author.CUSTOMER) == 2
    finally:
        await store.close()
