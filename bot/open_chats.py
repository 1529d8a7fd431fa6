"""Which chats are ours: those whose conversation is not over."""

from collections.abc import Mapping
from datetime import timedelta

from dialogs.conversation import Conversation, Mode
from storage.store import Store

WITH_A_PERSON = timedelta(days=7)
"""How long a customer may take to answer a person."""


class OpenChats:
    """What the store knows of the customers' chats. `silence` is how long the bot waits for an answer."""

    def __init__(self, store: Store, silence: timedelta) -> None:
        self._store = store
        self._silence = int(silence.total_seconds())

    async def open_for(self, key: str) -> int:
        """Seconds for which the conversation goes on if nothing more is said; 0 if it is over."""
        stored = await self._store.load(key)
        if stored is None or not _goes_on(stored.conversation):
            # Another process may have gone on with it.
            stored = await self._store.load(key, fresh=True)
        if stored is None or not _goes_on(stored.conversation):
            return 0
        return self._seconds(stored.conversation.mode)

    async def knows(self, key: str, update_id: str) -> bool:
        """Whether this update was taken in before."""
        return await self._store.knows(key, update_id)

    async def all_open(self, channel: str) -> Mapping[str, int]:
        """The conversations of a channel that go on, by key, each with its `open_for`."""
        return {each.key: self._seconds(Mode(each.mode)) for each in await self._store.under_way(channel)}

    def _seconds(self, mode: Mode) -> int:
        return self._silence if mode is Mode.BOT else int(WITH_A_PERSON.total_seconds())


def _goes_on(c: Conversation) -> bool:
    """A question is open, the shop is asked, or a person is wanted or there."""
    return c.wake_at is not None or c.awaiting is not None or c.mode is not Mode.BOT
