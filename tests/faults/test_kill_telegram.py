"""kill -9 with updates of Telegram in flight: none is lost; what is sent twice was not noted as sent."""

import asyncio
import sqlite3
from collections import Counter
from pathlib import Path
from random import Random

import pytest
from fault_customers import CONFIRM, is_note, words
from fault_reckoning import now, records, shop_file, transcript
from fault_server import FaultServer

from bot.orders.demo_schema import Access
from storage.codec import decode_work
from storage.records import Author, Deliver
from storage.store import Store
from tests.stage_hands import placed
from tests.telegram_customer import Customer
from tests.telegram_server import TOKEN, TelegramServer

pytestmark = [pytest.mark.faults, pytest.mark.xdist_group("faults"), pytest.mark.timeout(400)]

CHATS = 40
PATIENCE = 60.0


def number_of(customer: Customer) -> str:
    return str(70_000 + customer.id)


def sent(telegram: TelegramServer, customer: Customer) -> list[str]:
    return [str(message["text"]) for message in telegram.chats[customer.id]]


def not_noted(database: str) -> set[tuple[str, int]]:
    """Chats and messages whose sending is not recorded as done."""
    connection = sqlite3.connect(database.removeprefix("sqlite:///"))
    query = "SELECT conversation, kind, payload FROM outbox WHERE kind = ?"
    rows = connection.execute(query, (Deliver.__name__,)).fetchall()
    connection.close()
    work = [(key, decode_work(kind, payload)) for key, kind, payload in rows]
    return {(key, piece.seq) for key, piece in work if isinstance(piece, Deliver)}


async def kill_amid(server: FaultServer, telegram: TelegramServer, calls: int) -> set[tuple[str, int]]:
    """Kill it when it has sent so many more messages, and start it again; what was not noted as sent."""
    aim = len(telegram.called("sendMessage")) + calls
    await telegram.until(lambda: len(telegram.called("sendMessage")) >= aim, PATIENCE)
    await server.kill()
    left = not_noted(server.database)
    await server.start()
    return left


def confirms(telegram: TelegramServer, customer: Customer) -> bool:
    """The newest message asks whether to cancel."""
    return bool(telegram.chats[customer.id]) and any(CONFIRM in row for row in customer.buttons())


async def test_no_update_is_lost_and_only_what_was_not_noted_is_sent_twice(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    random = Random(6)  # noqa: S311  it picks moments
    async with TelegramServer() as telegram:
        telegram.slow("sendMessage", 0.02)
        server = FaultServer(tmp_path, TELEGRAM_BOT_TOKEN=TOKEN, TELEGRAM_API_URL=telegram.url)
        customers = [telegram.customer(chat) for chat in range(1, CHATS + 1)]
        file = shop_file(server.shop, Access.CREATE)
        file.put([placed(f"{number_of(c)}, c{c.id}@shop.test, paid, paypal", now()) for c in customers])
        file.close()
        await server.start()
        try:
            for customer in customers:
                customer.say(f"cancel {number_of(customer)}, c{customer.id}@shop.test")
            left = Counter(await kill_amid(server, telegram, random.randrange(5, 25)))
            await telegram.until(lambda: all(confirms(telegram, c) for c in customers), PATIENCE)
            for customer in customers:
                customer.press(CONFIRM)
            left += Counter(await kill_amid(server, telegram, random.randrange(5, 25)))
            await telegram.until(lambda: all(done(telegram, c) for c in customers), PATIENCE)
            await asyncio.sleep(0.5)  # what else would be sent
        finally:
            assert await server.stop() == 0
        doubled = await reckon(server, telegram, customers, left)
    with capsys.disabled():
        print(f"\nown bot, kill -9 twice with {CHATS} updates in flight: lost 0, wrong 0, "  # noqa: T201
              f"answers sent twice {doubled} of the {left.total()} whose sending was not noted")  # fmt: skip


def done(telegram: TelegramServer, customer: Customer) -> bool:
    return words("told-cancelled", number=number_of(customer)) in sent(telegram, customer)[-1]


async def reckon(
    server: FaultServer, telegram: TelegramServer, customers: list[Customer], left: Counter[tuple[str, int]]
) -> int:
    """Nothing lost, nothing wrong; how many answers were sent twice."""
    shop = records(server.shop, map(number_of, customers))
    assert all(record.accepted == 1 for record in shop.values())
    doubled = 0
    store = await Store.open(server.database, perform=False)
    try:
        for customer in customers:
            entries = await transcript(store, customer.key)
            assert [e.author for e in entries if not is_note(e.text, number_of(customer))] == [
                Author.CUSTOMER,
                Author.BOT,
            ] * 2
            said = {entry.text: entry.seq for entry in entries if entry.author is Author.BOT}
            times = Counter(sent(telegram, customer))
            assert times.keys() == said.keys()  # nothing is missing, nothing was made up
            again = {text: count - 1 for text, count in times.items()}
            # Once more for each kill that came before its sending was noted.
            assert all(count <= left[customer.key, said[text]] for text, count in again.items())
            doubled += sum(again.values())
    finally:
        await store.close()
    assert doubled <= left.total()
    return doubled
