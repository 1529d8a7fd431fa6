"""In a python-telegram-bot application: no chat waits for another, order is kept, nothing is left open."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import pytest
from everything import everything
from fake_product import SECRET, Fake, product
from rescind_mount.support import Options
from rescind_mount.telegram import Handlers, support_handlers
from telegram import Update
from telegram.ext import Application, ApplicationBuilder, InvalidCallbackData, TypeHandler

from tests.telegram_server import TOKEN, TelegramServer


@dataclass
class Shop:
    """An application with a handler of its own; `heard` is what that was given."""

    telegram: TelegramServer
    rescind: Fake
    application: Application
    mount: Handlers
    heard: list[str] = field(default_factory=list)
    pulse: asyncio.Event = field(default_factory=asyncio.Event)

    def update(self, update_id: int) -> Update:
        raw = next(each for each in self.telegram.updates if each["update_id"] == update_id)
        found = Update.de_json(raw, self.application.bot)
        assert found is not None
        return found

    async def feed(self, *update_ids: int) -> None:
        """Hand updates over as the updater does."""
        for id_ in update_ids:
            await self.application.update_queue.put(self.update(id_))

    async def hears(self, *texts: str) -> None:
        async with asyncio.timeout(5):
            while len(self.heard) < len(texts):
                self.pulse.clear()
                await self.pulse.wait()
        assert self.heard == list(texts)


@asynccontextmanager
async def shop(builder: ApplicationBuilder | None = None, **options: object) -> AsyncIterator[Shop]:
    async with TelegramServer() as telegram, product() as rescind:
        builder = (builder or Application.builder()).token(TOKEN).base_url(f"{telegram.url}/bot")
        mount = support_handlers(rescind.url, SECRET, Options(limit=1, **options))  # type: ignore[arg-type]
        found = Shop(telegram, rescind, builder.updater(None).build(), mount)

        async def hear(update: Update, _: object) -> None:
            query = update.callback_query
            found.heard.append(str(query.data if query else update.effective_message.text))
            found.pulse.set()

        found.application.add_handler(TypeHandler(Update, hear))
        found.application.add_handlers(mount)
        await found.application.initialize()
        await found.application.start()
        try:
            yield found
        finally:
            if found.application.running:
                await found.application.stop()
            await found.application.shutdown()
            await mount.close()


async def test_a_claimed_update_stops_there_and_every_other_goes_on() -> None:
    async with shop() as found:
        ann = found.telegram.customer()
        ids = [ann.say("/support"), ann.say("1042"), ann.press_value("rsd:yes:3"), ann.press_value("yes:3")]
        await found.feed(*ids, ann.say("/start"))
        await found.hears("yes:3", "/start")
        assert found.rescind.posts == ids[:3]


async def test_while_rescind_takes_its_time_the_bot_goes_on_with_other_chats_and_order_is_kept() -> None:
    async with shop() as found:
        ann, bob = found.telegram.customer(), found.telegram.customer(8)
        first = ann.say("/support")
        await found.feed(first)
        await found.rescind.has(first)
        found.rescind.claimed = False
        held = ann.say("mine or theirs?")
        found.rescind.gates[held] = asyncio.Event()
        await found.feed(held, ann.say("/catalogue"), ann.press_value("more"), bob.say("hello"))
        await found.hears("hello")
        await found.rescind.has(held)
        found.rescind.gates[held].set()
        # This one is in the queue before those that are put back into it.
        await found.feed(ann.say("/start"))
        await found.hears("hello", "mine or theirs?", "/catalogue", "more", "/start")
        gate = found.mount[min(found.mount)][0]
        assert (dict(gate._aside), gate._back) == ({}, set())  # type: ignore[attr-defined]


async def test_many_updates_of_many_chats_keep_their_order() -> None:
    async with shop(Application.builder().concurrent_updates(16)) as found:
        found.rescind.claimed = False
        customers = [found.telegram.customer(chat) for chat in range(1, 9)]
        texts = {c.id: [f"{c.id} {n}" for n in range(5)] for c in customers}
        for customer in customers:
            await found.feed(customer.say("/support"))
        for number in range(5):
            await found.feed(*(customer.say(texts[customer.id][number]) for customer in customers))
        async with asyncio.timeout(10):
            while len(found.heard) < 48:
                found.pulse.clear()
                await found.pulse.wait()
        for customer in customers:
            heard = [text for text in found.heard if text.startswith(f"{customer.id} ")]
            assert heard == texts[customer.id]


async def test_the_update_arrives_as_telegram_sent_it() -> None:
    async with shop(ask_always=True) as found:
        sent = everything(found.telegram.customer(language="es-MX"))
        await found.feed(*sent)
        for id_ in sent:
            await found.rescind.has(id_)
        assert {u["update_id"]: told(u) for u in found.rescind.updates} == {
            id_: told(update) for id_, update in sent.items()
        }


def told(value: object) -> object:
    """Without what is false or empty: the library adds flags that Telegram sends only when they are set."""
    if isinstance(value, dict):
        return {key: told(inner) for key, inner in value.items() if inner not in (False, [], {})}
    return [told(inner) for inner in value] if isinstance(value, list) else value


async def test_buttons_are_ours_in_a_bot_that_keeps_data_of_its_own() -> None:
    async with shop() as found:
        id_ = found.telegram.customer().press_value("rsd:yes:3")
        update = found.update(id_)
        with update.callback_query._unfrozen():  # as its cache does with data it did not make
            update.callback_query.data = InvalidCallbackData("rsd:yes:3")
        await found.application.update_queue.put(update)
        await found.rescind.has(id_)
        assert found.rescind.updates[0]["callback_query"]["data"] == "rsd:yes:3"  # type: ignore[index]


async def test_what_is_being_asked_at_the_stop_is_finished() -> None:
    async with shop() as found:
        ann = found.telegram.customer()
        held = ann.say("/support")
        found.rescind.claimed = False
        found.rescind.gates[held] = asyncio.Event()
        await found.feed(held, ann.say("/catalogue"))
        await found.rescind.has(held)
        stopping = asyncio.create_task(found.application.stop())
        await asyncio.sleep(0.05)
        found.rescind.gates[held].set()
        await stopping
        assert found.heard == ["/support", "/catalogue"]


async def test_an_application_driven_by_hand_is_served_too() -> None:
    async with shop() as found:
        await found.application.stop()
        ann = found.telegram.customer()
        await found.application.process_update(found.update(ann.say("/support")))
        await found.application.process_update(found.update(ann.say("/catalogue")))
        found.rescind.claimed = False
        await found.application.process_update(found.update(ann.say("hello")))
        assert found.heard == ["/catalogue", "hello"]


@pytest.mark.parametrize("theirs", [True, False])
async def test_the_connections_are_let_go_when_the_bot_ends_after_what_it_does_itself(theirs: bool) -> None:  # noqa: FBT001
    ended: list[object] = []

    async def own(application: object) -> None:
        ended.append(application)

    builder = Application.builder()
    async with shop(builder.post_shutdown(own) if theirs else builder) as found:
        for text in ("/support", "1042"):
            id_ = found.telegram.customer().say(text)
            await found.feed(id_)
            await found.rescind.has(id_)
        assert found.application.post_shutdown is not None
        await found.application.post_shutdown(found.application)
        assert ended == ([found.application] if theirs else [])
        assert found.mount.support._product._session is None
