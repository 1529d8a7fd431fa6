"""From an update as it came to the door, whichever way it came."""

import asyncio
from collections.abc import Callable
from dataclasses import replace

import structlog

from bot.channels.telegram_api import ApiFailed, BotApi
from bot.channels.telegram_aside import Aside
from bot.channels.telegram_updates import Arrival, Claim, UpdateReader
from bot.channels.telegram_wire import Received
from bot.ports import ChannelBusy, ChatGone, ChatMoved, Door

_log: structlog.typing.FilteringBoundLogger = structlog.get_logger(__name__)

_ANSWER_LIMIT = 10
"""Seconds an answer to a callback query may take; the customer sees a button that is still busy meanwhile."""


class Intake:
    """Takes updates in and answers the buttons among them. `heard` is told the chat a customer wrote in.

    `aside` takes what is no customer's.
    """

    def __init__(
        self,
        api: BotApi,
        door: Door,
        reader: UpdateReader,
        heard: Callable[[str], None] | None = None,
        aside: Aside | None = None,
    ) -> None:
        self._heard = heard
        self._aside = aside
        self._api = api
        self._door = door
        self._reader = reader
        self._answers: set[asyncio.Task[None]] = set()

    def read(self, update: Received) -> Arrival:
        """What an update holds; nothing if we cannot make sense of it."""
        if update.seen is None:
            return self._not_understood(update, "ValidationError")
        if update.seen.my_chat_member is not None:
            status = update.seen.my_chat_member.new_chat_member.status
            _log.info("telegram_membership_changed", update_id=update.id, status=status)
        try:
            return self._reader.read(update) if self._aside is None else self._beside(self._aside, update)
        except Exception as error:  # noqa: BLE001 - one that cannot be read must not stop the others
            return self._not_understood(update, type(error).__name__)

    def _beside(self, aside: Aside, update: Received) -> Arrival:
        if (lane := aside.lane(update)) is not None:
            return Arrival(update.id, claim=Claim.ALWAYS, update=update, lane=lane)
        return replace(self._reader.read(update), update=update)

    @staticmethod
    def _not_understood(update: Received, error: str) -> Arrival:
        # Only the error's kind: its message would quote what the customer wrote.
        _log.warning("telegram_update_not_understood", update_id=update.id, error=error)
        return Arrival(update.id)

    async def take(self, arrival: Arrival) -> None:
        """Return once the update is durable. Raises what the door raises; it is not durable then."""
        if self._aside is not None and arrival.update is not None:
            if arrival.lane is not None:
                await self._aside.take(arrival.update)
                return
            await self._aside.saw(arrival.update)
        if arrival.incoming is not None:
            if self._heard is not None:
                self._heard(arrival.incoming.key)
            await self._door.receive(arrival.incoming)
        if arrival.query is not None:
            task = asyncio.create_task(self._answer(arrival.query))
            self._answers.add(task)
            task.add_done_callback(self._answers.discard)

    async def finish(self) -> None:
        """Wait until every button was answered."""
        await asyncio.gather(*self._answers)

    async def _answer(self, query: str) -> None:
        try:
            await self._api.post("answerCallbackQuery", {"callback_query_id": query}, _ANSWER_LIMIT)
        except (ApiFailed, ChannelBusy, ChatGone, ChatMoved) as trouble:
            # The update itself is safe; an old query can no longer be answered anyway.
            _log.info("telegram_callback_not_answered", error=type(trouble).__name__)
