"""The example hosts with the real product mounted in them: whole conversations beside the shop's own."""

import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import pytest_asyncio
from fake_product import SECRET
from hosts import HOSTS, Chat, HostBot, host_bot

from tests.program import Served, serving
from tests.telegram_server import TOKEN, TelegramServer

pytestmark = pytest.mark.asyncio(loop_scope="module")


@dataclass
class Shop:
    """Telegram, the shop's bot, and Rescind."""

    telegram: TelegramServer
    bot: HostBot
    served: Served

    def customer(self, chat: int, language: str = "en") -> Chat:
        return Chat(self.telegram.customer(chat, language=language))


@pytest_asyncio.fixture(scope="module", loop_scope="module", params=HOSTS)
async def shop(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Shop]:
    folder: Path = tmp_path_factory.mktemp("product")
    async with TelegramServer() as telegram:
        variables = {
            "LOG_LEVEL": "debug",
            "TELEGRAM_BOT_TOKEN": TOKEN,
            "TELEGRAM_API_URL": telegram.url,
            "TELEGRAM_MODE": "mounted",
            "TELEGRAM_MOUNT_SECRET": SECRET,
        }
        async with serving(folder, **variables) as served:
            async with host_bot(request.param, telegram, served.url) as bot:
                yield Shop(telegram, bot, served)
                assert await bot.stop() == 0
            ended = await served.stop()
        assert ended.code == 0
        told = ended.err + "".join(bot.err)
        for never in (TOKEN.partition(":")[2], SECRET, "Traceback", "Unclosed", "was never awaited"):
            assert never not in told, told


async def test_a_whole_cancellation_and_the_shops_own_commands_in_between(shop: Shop) -> None:
    ann = shop.customer(101)
    ann.does.say("/start")
    await ann.hears("Welcome to the shop!")
    ann.does.say("hello")
    await ann.hears("The shop heard: hello")
    ann.does.say("/support")
    await ann.hears("order assistant")
    ann.does.press("Cancel an order")
    await ann.hears("order number")
    ann.does.say("/catalogue")
    await ann.hears("Mugs and blankets.")
    ann.does.press("More")
    ann.does.say("1005")
    await ann.hears("e-mail address")
    ann.does.say("eva@example.com")
    await ann.hears("Shall I cancel it?")
    ann.does.press("Yes, cancel it")
    await ann.hears("now shows order 1005 as cancelled")
    ann.does.press("No, thanks")
    await shop.telegram.until(lambda: len(shop.telegram.called("answerCallbackQuery")) >= 4)
    ann.does.say("bye")
    await ann.hears("The shop heard: bye")
    told = [call.text for call in shop.telegram.called("answerCallbackQuery")]  # type: ignore[attr-defined]
    assert told.count("There is no more.") == 1
    assert [text for text in ann.texts if "The shop heard" in text] == [
        "The shop heard: hello",
        "The shop heard: bye",
    ]
    record = await shop.served.rescind("orders", "show", "1005", "--json")
    assert record.records[0]["stage"] == "cancelled"
    assert len(record.records[0]["attempts"]) == 1  # type: ignore[arg-type]


async def test_two_quick_messages_are_heard_in_order_though_the_first_opens_the_chat(shop: Shop) -> None:
    bob = shop.customer(102)
    bob.does.say("/cancel_order")
    bob.does.say("1006")
    bob.does.say("finn@shop.test")
    await bob.hears("order number")
    await bob.hears("e-mail address")
    await bob.hears("Shall I cancel it?")
    assert not any("The shop heard" in text for text in bob.texts)


async def test_the_shops_form_keeps_its_answers_and_its_cancel(shop: Shop) -> None:
    cleo = shop.customer(103)
    cleo.does.say("/feedback")
    cleo.does.say("cancel my order 1006")
    await cleo.hears("Thank you for: cancel my order 1006")
    cleo.does.say("/feedback")
    cleo.does.say("/cancel")
    await cleo.hears("Never mind.")


async def test_an_edited_message_corrects_the_answer_it_gave(shop: Shop) -> None:
    dan = shop.customer(104)
    dan.does.say("/start support-1008")
    await dan.hears("1008")
    dan.does.press("Cancel an order")
    await dan.hears("e-mail address")
    dan.does.say("nobody@shop.test")
    await dan.hears("can't find an order 1008")
    order = await shop.served.rescind("orders", "show", "1008", "--json")
    dan.does.edit(str(order.records[0]["email"]))
    await dan.hears("Shall I cancel it?")
    dan.does.sticker()
    await dan.hears("sticker")
    dan.does.say("no")
    await dan.hears("stays as it is")


async def test_a_customer_who_asks_for_a_person_gets_one_and_then_the_shop_again(shop: Shop) -> None:
    eva = shop.customer(105)
    eva.does.say("/support")
    await eva.hears("order assistant")
    eva.does.press("Talk to a person")
    told = await eva.hears("Your reference")
    reference = re.findall(r"[2-9A-Z]{4}-[2-9A-Z]{4}", told)[-1]
    replied = await shop.served.rescind("inbox", "reply", reference, "Kim here: hello")
    assert replied.code == 0, replied
    await eva.hears("Kim here: hello")
    eva.does.say("where is order 1005?")
    eva.does.say("/catalogue")
    await eva.hears("Mugs and blankets.")
    shown = await shop.served.rescind("inbox", "show", reference)
    assert "where is order 1005?" in shown.out
    assert not any("The shop heard" in text for text in eva.texts)


async def test_who_was_in_conversation_still_is_after_the_shops_bot_was_started_again(
    shop: Shop, request: pytest.FixtureRequest
) -> None:
    finn = shop.customer(106)
    finn.does.say("/cancel_order")
    await finn.hears("order number")
    assert await shop.bot.stop() == 0
    finn.does.say("1004")
    gus = shop.customer(107)
    gus.does.say("just looking")
    name = request.node.callspec.params["shop"]
    async with host_bot(name, shop.telegram, shop.served.url) as again:
        await finn.hears("e-mail address")
        await gus.hears("The shop heard: just looking")
        assert await again.stop() == 0
