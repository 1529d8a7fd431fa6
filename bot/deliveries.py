"""Messages on their way to a channel: in order within a chat, and no chat waits for another."""

import asyncio
from bisect import insort
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from operator import attrgetter

import structlog

from bot.ports import Channel, ChannelBusy, ChatGone, ChatMoved
from storage.errors import StoreError
from storage.records import Entry
from storage.store import Store

_log: structlog.typing.FilteringBoundLogger = structlog.get_logger(__name__)

_STRIKES = 8
"""How often one message may fail while others of the channel get through, before it is given up."""
_TRIES = 1500
"""How often one message is tried at all: a day of the longest pauses."""
_LONGEST_PAUSE = 60.0
_ELSEWHERE = timedelta(minutes=1)
_TOO_OLD = timedelta(days=1)
_GONE = "the chat is gone"
"""Customers block bots and delete chats: nobody has to do anything."""


@dataclass(frozen=True, slots=True)
class Parcel:
    """One message to send: the transcript's message `seq` of the chat `key`, as the outbox's `work_id`.

    The `entry` comes along where it was saved just now; otherwise the store has it.
    """

    work_id: int
    key: str
    seq: int
    entry: Entry | None = None

    @property
    def channel(self) -> str:
        """The name of the channel it goes through."""
        return self.key.partition(":")[0]


@dataclass(slots=True)
class Deliveries:
    """Sends parcels through their channels and settles them; `done` is told of each that is over.

    `lost` is told the conversation of each that was given up, once that is durable.

    A channel that is down is waited for. A message that fails while others get through is given up in the
    end, so that it does not hold its chat up for ever.
    """

    store: Store
    channels: Mapping[str, Channel]
    done: Callable[[int], None]
    clock: Callable[[], datetime]
    pause: Callable[[float], Awaitable[None]] = asyncio.sleep
    lost: Callable[[str], None] = lambda _: None
    tasks: set[asyncio.Task[None]] = field(default_factory=set)
    """What is under way; whoever cancels one leaves its messages in the outbox."""
    _queues: dict[str, list[Parcel]] = field(default_factory=dict)
    _sent: Counter[str] = field(default_factory=Counter)

    def add(self, parcel: Parcel) -> None:
        """Send it in its place among those that wait for the same chat. Never waits."""
        queue = self._queues.get(parcel.key)
        if queue is not None:
            insort(queue, parcel, lo=min(1, len(queue)), key=attrgetter("seq"))  # the first is on its way
            return
        self._queues[parcel.key] = [parcel]
        task = asyncio.create_task(self._send_all(parcel.key))
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)

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
        except StoreError as error:
            # The leases run out and the messages are taken up again: nothing is lost.
            _log.error("the store does not answer", conversation=key, error=str(error))
        finally:
            for parcel in queue:
                self.done(parcel.work_id)
            del self._queues[key]

    async def _send(self, parcel: Parcel) -> None:
        entry = parcel.entry or await self._kept(parcel)
        channel = self.channels.get(parcel.channel)
        if entry is None:
            await self._give_up(parcel, "there is no such message")
        elif channel is None:
            await self._leave(parcel, entry)
        else:
            await self._deliver(parcel, channel, entry)

    async def _kept(self, parcel: Parcel) -> Entry | None:
        entries = await self.store.entries(parcel.key, parcel.seq - 1, 1)
        return entries[0] if entries else None

    async def _leave(self, parcel: Parcel, entry: Entry) -> None:
        """This process has no such channel: another may, or the next start."""
        now = self.clock()
        if now - entry.at > _TOO_OLD:
            await self._give_up(parcel, "no process had such a channel for a day")
            return
        await self.store.postpone(parcel.work_id, parcel.key, now + _ELSEWHERE)

    async def _deliver(self, parcel: Parcel, channel: Channel, entry: Entry) -> None:
        """Send one message, as often as it takes."""
        key, strikes = parcel.key, 0
        for attempt in range(_TRIES):
            others = self._sent[parcel.channel]
            try:
                await channel.deliver(key, entry)
            except ChannelBusy as busy:
                await self.pause(busy.retry_after)
            except ChatMoved as moved:
                key = moved.key
            except ChatGone:
                await self._give_up(parcel, _GONE)
                return
            except Exception as error:  # noqa: BLE001  a channel's library may raise anything; it is tried again
                kind = type(error).__name__  # its words may carry the customer's, or a token
                _log.warning("not delivered yet", conversation=parcel.key, error=kind, attempt=attempt)
                await self.pause(min(2.0 ** min(attempt, 10), _LONGEST_PAUSE))
                strikes += self._sent[parcel.channel] > others
                if strikes == _STRIKES:
                    break
            else:
                self._sent[parcel.channel] += 1
                await self.store.settle(parcel.work_id, parcel.key)
                return
        await self._give_up(parcel, "it could not be delivered")

    async def _give_up(self, parcel: Parcel, why: str) -> None:
        tell = _log.info if why == _GONE else _log.error
        tell("given up on a message", conversation=parcel.key, seq=parcel.seq, why=why)
        await self.store.give_up(parcel.work_id, parcel.key, why)
        self.lost(parcel.key)
