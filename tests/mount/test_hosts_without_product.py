"""Rescind down, or slow: the shop's bot goes on, who wanted Rescind is told so, and nothing hangs."""

import asyncio
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest
import pytest_asyncio
from fake_product import Fake, product
from hosts import HOSTS, Chat, HostBot, host_bot
from rescind_mount.words import APOLOGIES

from tests.telegram_server import TelegramServer

pytestmark = pytest.mark.asyncio(loop_scope="module")
SORRY = APOLOGIES["en"]


@dataclass
class Shop:
    telegram: TelegramServer
    bot: HostBot
    rescind: Fake

    def customer(self, chat: int, language: str = "en") -> Chat:
        return Chat(self.telegram.customer(chat, language=language))


@pytest_asyncio.fixture(scope="module", loop_scope="module", params=HOSTS)
async def shop(request: pytest.FixtureRequest) -> AsyncIterator[Shop]:
    async with TelegramServer() as telegram, product() as rescind:
        rescind.up = False
        async with host_bot(request.param, telegram, rescind.url) as bot:
            yield Shop(telegram, bot, rescind)
            assert await bot.stop() == 0
        assert "Traceback" not in "".join(bot.err), bot.err


async def test_the_shop_goes_on_and_who_wanted_rescind_is_told_in_their_language(shop: Shop) -> None:
    shop.rescind.up = False
    ann, eva = shop.customer(1), shop.customer(2, language="es")
    ann.does.say("/support")
    eva.does.say("/support")
    ann.does.say("/catalogue")
    await ann.hears(SORRY)
    await ann.hears("Mugs and blankets.")
    await eva.hears(APOLOGIES["es"])
    ann.does.say("hello")
    await ann.hears("The shop heard: hello")


async def test_a_button_of_rescinds_is_answered_and_does_nothing(shop: Shop) -> None:
    shop.rescind.up = False
    ann = shop.customer(3)
    before = len(shop.telegram.called("answerCallbackQuery"))
    ann.does.press_value("rsd:yes:3")
    await shop.telegram.until(lambda: len(shop.telegram.called("answerCallbackQuery")) > before)
    answer = shop.telegram.called("answerCallbackQuery")[-1]
    assert (answer.text, answer.show_alert) == (SORRY, True)  # type: ignore[attr-defined]
    assert ann.texts == []


async def test_a_slow_rescind_holds_up_one_chat_for_a_moment_and_no_other(shop: Shop) -> None:
    shop.rescind.up = True
    ann, bob = shop.customer(4), shop.customer(5)
    slow = ann.does.say("/support")
    shop.rescind.gates[slow] = asyncio.Event()
    await shop.telegram.until(lambda: shop.telegram.confirmed_to > slow)
    began = time.monotonic()
    bob.does.say("/catalogue")
    await bob.hears("Mugs and blankets.", 2)
    bob.does.say("/support")
    await shop.rescind.has(slow + 2, 2)
    assert ann.texts == []
    ann.does.say("/catalogue")
    await shop.telegram.until(lambda: len(ann.texts) == 2, 8)
    assert sorted(ann.texts) == ["Mugs and blankets.", SORRY]
    assert time.monotonic() - began < 8


async def test_a_rescind_that_comes_back_is_used_again(shop: Shop) -> None:
    shop.rescind.up = True
    ann = shop.customer(6)
    id_ = ann.does.say("/support")
    ann.does.say("1042")
    await shop.rescind.has(id_ + 1, 5)
    assert ann.texts == []
    shop.rescind.up = False
    ann.does.say("ann@shop.test")  # in an open chat: meant for Rescind, and not for the shop to hear
    await ann.hears(SORRY)
    assert ann.texts == [SORRY]
