"""Messages on their way to a channel: in order within a chat, and no chat waits for another."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field

import structlog

from bot.ports import Channel, ChannelBusy, ChatGone, ChatMoved
from storage.store import Store

_log: structlog.typing.FilteringBoundLogger = structlog.get_logger(__name__)

_TRIES = 12
_LONGEST_PAUSE = 60.0


@dataclass(frozen=True, slots=True)
class Parcel:
    """One message to send: the transcript's message `seq` of the chat `key`, as the outbox's `work_id`."""

    work_id: int
    key: str
    seq: int


@dataclass(slots=True)
class Deliveries:
    """Sends parcels through their channels and settles them; `done` is told of each that is over."""

    store: Store
    channels: Mapping[str, Channel]
    done: Callable[[int], None]
    pause: Callable[[float], Awaitable[None]] = asyncio.sleep
    _queues: dict[str, list[Parcel]] = field(default_factory=dict)
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)

    def add(self, parcel: Parcel) -> None:
        """Send it after whatever waits for the same chat. Never waits."""
        queue = self._queues.get(parcel.key)
        if queue is not None:
            queue.append(parcel)
            return
        self._queues[parcel.key] = [parcel]
        task = asyncio.create_task(self._send_all(parcel.key))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def finish(self, seconds: float) -> None:
        """Let what is under way end; what takes longer stays in the outbox."""
        if self._tasks:
            _, late = await asyncio.wait(self._tasks, timeout=seconds)
            for task in late:
                task.cancel()

    async def typing(self, key: str) -> None:
        """Show that an answer is being worked on, where the channel can."""
        channel = self.channels.get(key.partition(":")[0])
        if channel is not None and not channel.fetches:
            await channel.typing(key)

    async def _send_all(self, key: str) -> None:
        queue = self._queues[key]
        try:
            while queue:
                await self._send(queue[0])
                self.done(queue.pop(0).work_id)
        finally:
            for parcel in queue:
                self.done(parcel.work_id)
            del self._queues[key]

    async def _send(self, parcel: Parcel) -> None:
        """Send one message, as often as it takes."""
        channel = self.channels.get(parcel.key.partition(":")[0])
        entries = await self.store.entries(parcel.key, parcel.seq - 1, 1)
        if channel is None or not entries:
            await self.store.give_up(parcel.work_id, parcel.key, "no such channel here, or no such message")
            return
        key = parcel.key
        for attempt in range(_TRIES):
            try:
                await channel.deliver(key, entries[0])
            except ChannelBusy as busy:
                await self.pause(busy.retry_after)
            except ChatMoved as moved:
                key = moved.key
            except ChatGone:
                _log.info("chat gone", conversation=parcel.key)
                await self.store.give_up(parcel.work_id, parcel.key, "the chat is gone")
                return
            except Exception as error:  # noqa: BLE001  a channel's library may raise anything; it is tried again
                _log.warning(
                    "not delivered yet", conversation=parcel.key, error=type(error).__name__, attempt=attempt
                )
                await self.pause(min(2.0**attempt, _LONGEST_PAUSE))
            else:
                await self.store.settle(parcel.work_id, parcel.key)
                return
        _log.error("given up on a message", conversation=parcel.key, seq=parcel.seq)
        await self.store.give_up(parcel.work_id, parcel.key, f"not delivered in {_TRIES} attempts")
