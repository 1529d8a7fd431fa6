"""Customers on Telegram and the product as it is started, by polling and by webhook."""

import asyncio
import re
import socket
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import pytest_asyncio

from tests.program import Ended, Served, serving
from tests.telegram_customer import Customer
from tests.telegram_server import TOKEN, TelegramServer

pytestmark = pytest.mark.asyncio(loop_scope="module")

WEBHOOK_SECRET = "a-webhook_secret-nobody-may-see"
PATIENCE = 20.0


@dataclass
class Product:
    """Telegram, `rescind serve`, and how it ended in the end."""

    telegram: TelegramServer
    served: Served
    mode: str
    ended: list[Ended] = field(default_factory=list)

    def customer(self, chat: int, language: str = "en") -> "Chat":
        return Chat(self.telegram.customer(chat, language=language))


class Chat:
    """A customer who waits for what is meant for them."""

    def __init__(self, customer: Customer) -> None:
        self.does = customer
        self._read = 0

    @property
    def texts(self) -> list[str]:
        return [str(message["text"]) for message in self.does.server.chats[self.does.id]]

    async def hears(self, words: str) -> str:
        """The next message that has these words in it."""

        def found() -> str | None:
            return next((text for text in self.texts[self._read :] if words in text), None)

        try:
            await self.does.server.until(found, PATIENCE)
        except TimeoutError:
            raise AssertionError(f"{words!r} was not said: {self.texts[self._read :]}") from None
        text = found()
        assert text is not None
        self._read = self.texts.index(text, self._read) + 1
        return text


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        return int(free.getsockname()[1])


@pytest_asyncio.fixture(scope="module", loop_scope="module", params=["polling", "webhook"])
async def product(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Product]:
    folder: Path = tmp_path_factory.mktemp("product")
    port = free_port()
    async with TelegramServer() as telegram:
        variables = {
            "HTTP_PORT": str(port),
            "LOG_LEVEL": "debug",
            "TELEGRAM_BOT_TOKEN": TOKEN,
            "TELEGRAM_API_URL": telegram.url,
            "TELEGRAM_MODE": request.param,
        }
        if request.param == "webhook":
            variables["TELEGRAM_WEBHOOK_URL"] = f"http://127.0.0.1:{port}/telegram/webhook"
            variables["TELEGRAM_WEBHOOK_SECRET"] = WEBHOOK_SECRET
        async with serving(folder, **variables) as served:
            product = Product(telegram, served, request.param)
            yield product
            product.ended.append(await served.stop())
        end = product.ended[0]
        assert end.code == 0
        for secret in (TOKEN, TOKEN.partition(":")[2], WEBHOOK_SECRET, "@shop.test", "@example.com"):
            assert secret not in end.err
        assert "Traceback" not in end.err
        assert end.err  # at this level something is told


async def test_a_whole_cancellation_by_text_and_buttons(product: Product) -> None:
    ann = product.customer(101)
    ann.does.say("/start")
    await ann.hears("order assistant")
    assert "Cancel an order" in [label for row in ann.does.buttons() for label in row]
    ann.does.press("Cancel an order")
    await ann.hears("order number")
    ann.does.say("1005")
    await ann.hears("e-mail address")
    ann.does.say("eva@example.com")
    await ann.hears("Shall I cancel it?")
    ann.does.press("Yes, cancel it")
    outcome = await ann.hears("now shows order 1005 as cancelled")
    assert re.search(r"between \w{3}, .+ and \w{3}, .+ business days", outcome), outcome
    assert product.telegram.called("answerCallbackQuery")
    record = await product.served.rescind("orders", "show", "1005", "--json")
    assert record.records[0]["stage"] == "cancelled"
    assert len(record.records[0]["attempts"]) == 1  # type: ignore[arg-type]


async def test_what_is_no_text_is_told_and_a_deep_link_brings_the_number(product: Product) -> None:
    bob = product.customer(102)
    bob.does.say("/start 1006")
    await bob.hears("1006")
    bob.does.press("Cancel an order")
    await bob.hears("e-mail address")
    bob.does.sticker()
    await bob.hears("sticker")
    bob.does.say("fin@shop.test")
    await bob.hears("can't find an order 1006")
    bob.does.edit("finn@shop.test")
    await bob.hears("Shall I cancel it?")
    bob.does.say("no")
    await bob.hears("stays as it is")
    record = await product.served.rescind("orders", "show", "1006", "--json")
    assert record.records[0]["attempts"] == []


async def test_an_edited_yes_is_no_consent(product: Product) -> None:
    cleo = product.customer(103)
    cleo.does.say("cancel order 1008, what else do you need?")
    await cleo.hears("e-mail address")
    order = await product.served.rescind("orders", "show", "1008", "--json")
    cleo.does.say(str(order.records[0]["email"]))
    await cleo.hears("Shall I cancel it?")
    cleo.does.edit("yes")
    await asyncio.sleep(1)
    record = await product.served.rescind("orders", "show", "1008", "--json")
    assert record.records[0]["attempts"] == []


async def test_the_language_can_be_changed_and_the_answers_turn(product: Product) -> None:
    dan = product.customer(104)
    dan.does.say("/start")
    await dan.hears("order assistant")
    dan.does.say("/language es")
    await dan.hears("español")
    dan.does.say("quiero cancelar el pedido 1004")
    await dan.hears("correo")
    assert set(product.telegram.menus) == {"all_private_chats:", "all_private_chats:es"}


async def test_who_speaks_spanish_is_greeted_in_spanish(product: Product) -> None:
    eva = product.customer(105, language="es-MX")
    eva.does.say("/start")
    await eva.hears("asistente de pedidos")


async def test_a_person_answers_from_the_inbox_and_gives_the_chat_back(product: Product) -> None:
    finn = product.customer(106)
    finn.does.say("/human")
    told = await finn.hears("Your reference")
    reference = re.findall(r"[2-9A-Z]{4}-[2-9A-Z]{4}", told)[-1]
    replied = await product.served.rescind("inbox", "reply", reference, "Kim here: <b>hello</b> & _welcome_")
    assert replied.code == 0, replied
    await finn.hears("Kim here: <b>hello</b> & _welcome_")
    count = len(finn.texts)
    finn.does.say("where is order 1005?")
    await asyncio.sleep(1)
    assert len(finn.texts) == count
    shown = await product.served.rescind("inbox", "show", reference)
    assert "where is order 1005?" in shown.out
    assert (await product.served.rescind("inbox", "back", reference)).code == 0
    await finn.hears("assistant")


async def test_a_button_of_an_old_question_or_an_older_version_confirms_nothing(product: Product) -> None:
    gus = product.customer(107)
    order = (await product.served.rescind("orders", "show", "1009", "--json")).records[0]
    gus.does.say(f"cancel order 1009, {order['email']}")
    await gus.hears("Shall I cancel it?")
    old = product.telegram.chats[107][-1]
    button = old["reply_markup"]["inline_keyboard"][0][0]  # type: ignore[index]
    assert button["callback_data"].startswith("yes:")
    gus.does.say("no")
    await gus.hears("stays as it is")
    gus.does.say("cancel it after all")
    await gus.hears("Shall I cancel it?")
    for value in (button["callback_data"], "confirm|1009"):
        before = len(product.telegram.called("answerCallbackQuery"))
        gus.does.press_value(value, old)
        await gus.hears("earlier question")
        await product.telegram.until(
            lambda before=before: len(product.telegram.called("answerCallbackQuery")) > before
        )
    record = await product.served.rescind("orders", "show", "1009", "--json")
    assert record.records[0]["attempts"] == []


async def test_an_update_that_is_posted_again_acts_once(product: Product) -> None:
    hal = product.customer(108)
    order = (await product.served.rescind("orders", "show", "1010", "--json")).records[0]
    hal.does.say(f"cancel order 1010, {order['email']}")
    await hal.hears("Shall I cancel it?")
    pressed = hal.does.press("Yes, cancel it")
    again = next(update for update in product.telegram.updates if update["update_id"] == pressed)
    await hal.hears("now shows order 1010 as cancelled")
    count = len(hal.texts)
    if product.mode == "webhook":  # by polling Telegram gives a confirmed update no second time
        product.telegram.happen("callback_query", again["callback_query"], update_id=pressed)  # type: ignore[arg-type]
        await product.telegram.until(
            lambda: sum(p.update_id == pressed for p in product.telegram.hook.posts) == 2
        )
    hal.does.say("thanks")
    await product.telegram.until(lambda: len(hal.texts) > count)
    assert len(hal.texts) == count + 1
    record = await product.served.rescind("orders", "show", "1010", "--json")
    assert len(record.records[0]["attempts"]) == 1  # type: ignore[arg-type]


async def test_the_server_is_ready_and_says_telegram_works(product: Product) -> None:
    ready = await product.served.get("/readyz")
    assert ready == {
        "status": "ok",
        "checks": {"database": "ok", "shop": "ok", "reception": "ok", "web": "ok", "telegram": "ok"},
    }
