"""The PTB example's own order of updates: one after the other in a chat, chats beside one another."""

import asyncio
import importlib.util
from datetime import UTC, datetime
from types import ModuleType

from hosts import ROOT
from telegram import Chat, Message, Update


def example() -> ModuleType:
    """`bot.in_order` of the example; `bot` itself is Rescind's here."""
    spec = importlib.util.spec_from_file_location("in_order", ROOT / "examples/ptb_host/bot/in_order.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def said(id_: int, chat: int) -> Update:
    return Update(id_, Message(id_, datetime(2030, 1, 1, tzinfo=UTC), Chat(chat, Chat.PRIVATE), text="hi"))


async def test_a_slow_chat_holds_up_itself_in_order_and_no_other() -> None:
    processor = example().InOrder(8)
    gate, done = asyncio.Event(), []

    async def handle(name: str, *, slow: bool = False) -> None:
        if slow:
            await gate.wait()
        done.append(name)

    given = [
        (said(1, 7), handle("ann 1", slow=True)),
        (said(2, 7), handle("ann 2")),
        (said(3, 8), handle("bob")),
        (object(), handle("of no chat")),
    ]
    tasks = [asyncio.create_task(processor.process_update(*each)) for each in given]
    await asyncio.gather(*tasks[2:])
    assert done == ["bob", "of no chat"]
    gate.set()
    await asyncio.gather(*tasks)
    assert done == ["bob", "of no chat", "ann 1", "ann 2"]
    assert (processor._locks, dict(processor._waiting)) == ({}, {})


async def test_a_handler_that_fails_leaves_its_chat_free() -> None:
    processor = example().InOrder(8)

    async def handle(error: Exception | None = None) -> None:
        if error is not None:
            raise error

    tasks = [
        asyncio.create_task(processor.process_update(said(1, 7), handle(ValueError()))),
        asyncio.create_task(processor.process_update(said(2, 7), handle())),
    ]
    first, second = await asyncio.gather(*tasks, return_exceptions=True)
    assert isinstance(first, ValueError)
    assert second is None
    assert processor._locks == {}
