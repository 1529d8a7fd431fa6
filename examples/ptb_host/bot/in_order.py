"""Chats beside one another, and each chat's updates one after the other."""

import asyncio
from collections import Counter
from collections.abc import Awaitable

from telegram import Update
from telegram.ext import BaseUpdateProcessor


class InOrder(BaseUpdateProcessor):
    """For `Application.builder().concurrent_updates(...)`: a slow answer in one chat holds up no other.

    Without it the library handles one update at a time, whoever sent it. With a mere number there, two quick
    messages of one customer could overtake each other, which a ConversationHandler does not bear.
    """

    def __init__(self, most: int) -> None:
        super().__init__(most)
        self._locks: dict[int, asyncio.Lock] = {}
        self._waiting: Counter[int] = Counter()

    async def do_process_update(self, update: object, coroutine: Awaitable[object]) -> None:
        """Wait for those of the same chat that came before."""
        chat = update.effective_chat if isinstance(update, Update) else None
        if chat is None:
            await coroutine
            return
        self._waiting[chat.id] += 1
        try:
            async with self._locks.setdefault(chat.id, asyncio.Lock()):
                await coroutine
        finally:
            self._waiting[chat.id] -= 1
            if not self._waiting[chat.id]:
                del self._waiting[chat.id], self._locks[chat.id]

    async def initialize(self) -> None:
        """Nothing to prepare."""

    async def shutdown(self) -> None:
        """Nothing to let go of."""
