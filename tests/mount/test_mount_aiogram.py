"""In an aiogram dispatcher: before everything else, in order, and the update as Telegram sent it."""

import asyncio
import gc
import weakref
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from aiogram import BaseMiddleware, Bot, Dispatcher, F, Router
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.methods import GetUpdates
from aiogram.methods.base import Response
from aiogram.types import CallbackQuery, Message, Update
from everything import everything
from fake_product import SECRET, Fake, product
from rescind_mount.aiogram import SupportRouter
from rescind_mount.support import Options

from tests.telegram_server import TOKEN, TelegramServer


@dataclass
class Shop:
    """A dispatcher with handlers of its own; `heard` is what those were given."""

    telegram: TelegramServer
    rescind: Fake
    dispatcher: Dispatcher
    bot: Bot
    heard: list[str] = field(default_factory=list)
    touched: list[int] = field(default_factory=list)

    async def touch(self, handler, event, data):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN201
        """A middleware of the shop's, there before the assistant was mounted."""
        self.touched.append(event.update_id)
        return await handler(event, data)

    def feed(self, update_id: int) -> asyncio.Task[object]:
        """Hand an update over as the polling loop does: without waiting for the one before."""
        raw = next(each for each in self.telegram.updates if each["update_id"] == update_id)
        update = Update.model_validate(raw, context={"bot": self.bot})
        return asyncio.create_task(self.dispatcher.feed_update(self.bot, update))


@asynccontextmanager
async def shop(*, nested: bool = False, **options: object) -> AsyncIterator[Shop]:
    async with TelegramServer() as telegram, product() as rescind:
        mount = SupportRouter(rescind.url, SECRET, Options(limit=1, **options))  # type: ignore[arg-type]
        session = AiohttpSession(api=TelegramAPIServer.from_base(telegram.url))
        found = Shop(telegram, rescind, Dispatcher(), Bot(TOKEN, session=session))
        found.dispatcher.update.outer_middleware(found.touch)

        @found.dispatcher.message()
        async def message(message: Message) -> None:
            found.heard.append(str(message.text))

        @found.dispatcher.callback_query(F.data)
        async def pressed(query: CallbackQuery) -> None:
            found.heard.append(str(query.data))

        router = Router()
        found.dispatcher.include_router(router)
        (router if nested else found.dispatcher).include_router(mount)
        await found.dispatcher.emit_startup(dispatcher=found.dispatcher)
        try:
            yield found
        finally:
            await found.dispatcher.emit_shutdown()
            await session.close()


async def test_a_claimed_update_stops_there_even_before_handlers_of_the_dispatcher_itself() -> None:
    async with shop() as found:
        ann = found.telegram.customer()
        await found.feed(ann.say("/support"))
        await found.feed(ann.say("1042"))
        await found.feed(ann.press_value("rsd:yes:3"))
        theirs = [ann.press_value("yes:3"), ann.say("/start")]
        for id_ in theirs:
            await found.feed(id_)
        assert found.heard == ["yes:3", "/start"]
        assert found.touched == theirs
        assert len(found.rescind.posts) == 3


async def test_mounted_in_a_router_that_was_included_it_still_comes_first() -> None:
    async with shop(nested=True) as found:
        ann = found.telegram.customer()
        await found.feed(ann.say("/support"))
        await found.feed(ann.say("1042"))
        assert found.heard == []


async def test_the_update_arrives_as_telegram_sent_it() -> None:
    async with shop(ask_always=True) as found:
        sent = everything(found.telegram.customer(language="es-MX"))
        for id_ in sent:
            await found.feed(id_)
        assert {u["update_id"]: u for u in found.rescind.updates} == sent


async def test_an_update_that_was_bound_to_no_bot_arrives_with_all_that_was_in_it() -> None:
    async with shop(ask_always=True) as found:
        sent = everything(found.telegram.customer())
        for raw in sent.values():
            await found.dispatcher.feed_update(found.bot, Update.model_validate(raw))
        for update in found.rescind.updates:
            assert without_nulls(update) == sent[int(str(update["update_id"]))]


def without_nulls(value: object) -> object:
    if isinstance(value, dict):
        return {key: without_nulls(inner) for key, inner in value.items() if inner is not None}
    return value


async def test_what_follows_within_a_chat_waits_its_turn_and_other_chats_do_not() -> None:
    async with shop() as found:
        ann, bob = found.telegram.customer(), found.telegram.customer(8)
        await found.feed(ann.say("/support"))
        found.rescind.claimed = False
        held = ann.say("mine or theirs?")
        found.rescind.gates[held] = asyncio.Event()
        fed = [found.feed(held), found.feed(ann.say("/catalogue")), found.feed(ann.press_value("more"))]
        await found.rescind.has(held)
        await found.feed(bob.say("hello"))
        assert found.heard == ["hello"]
        found.rescind.gates[held].set()
        await asyncio.gather(*fed)
        assert found.heard == ["hello", "mine or theirs?", "/catalogue", "more"]


async def test_a_handler_of_the_shops_that_is_slow_holds_up_no_update_of_its_chat() -> None:
    async with shop() as found:
        ann = found.telegram.customer()
        gate, entered = asyncio.Event(), asyncio.Event()

        class Slow(BaseMiddleware):
            async def __call__(self, handler, event, data):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN204
                if event.text == "slow":
                    entered.set()
                    await gate.wait()
                return await handler(event, data)

        found.dispatcher.message.outer_middleware(Slow())
        await found.feed(ann.say("/support"))
        found.rescind.claimed = False
        slow = found.feed(ann.say("slow"))
        await entered.wait()
        await found.feed(ann.say("/catalogue"))
        assert found.heard == ["/catalogue"]
        gate.set()
        await slow


async def test_groups_and_kinds_that_are_never_ours_are_not_touched() -> None:
    async with shop(ask_always=True) as found:
        group = found.telegram.customer(-5, chat_type="group")
        await found.feed(group.say("/support"))
        await found.feed(found.telegram.customer().block())
        assert found.rescind.posts == []
        assert found.heard == ["/support"]


async def test_telegram_is_asked_for_the_kinds_we_need() -> None:
    dispatcher = Dispatcher()
    dispatcher.include_router(SupportRouter("http://127.0.0.1:9", SECRET))
    assert dispatcher.resolve_used_update_types() == ["callback_query", "edited_message", "message"]


def test_what_aiogram_reads_updates_with_outlives_the_garbage_collector() -> None:
    def used() -> weakref.ref[type]:  # as aiogram uses it: for one answer
        return weakref.ref(Response[GetUpdates.__returning__])  # type: ignore[name-defined]

    before = used()
    gc.collect()
    assert before() is not None
