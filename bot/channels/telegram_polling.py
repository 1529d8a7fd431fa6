"""Long polling: updates are asked for, and confirmed to Telegram only once they are durable.

Asking with an offset confirms every update before it: https://core.telegram.org/bots/api#getupdates. So the
offset is the first update that is not durable yet; those after it come again with the next answer and are
known. Up to 100 updates are under way at once, which is what one answer holds.
"""

import asyncio
from contextlib import suppress
from dataclasses import dataclass
from functools import partial

import structlog
from msgspec import Raw

from bot.channels.telegram_api import ApiConflict, ApiFailed, ApiUnreachable, BotApi
from bot.channels.telegram_backoff import Backoff
from bot.channels.telegram_intake import Intake
from bot.channels.telegram_lanes import Lanes
from bot.channels.telegram_updates import ALLOWED_UPDATES, Arrival
from bot.channels.telegram_wire import NotAnUpdate, items_of, receive
from bot.ports import ChannelBusy, ChatGone, ChatMoved, Overloaded

_log: structlog.typing.FilteringBoundLogger = structlog.get_logger(__name__)

_STRIKES = 8
"""How often one update may fail while others succeed, before it is set aside."""
_A_MOMENT = 0.01
"""Seconds in which a turn is usually durable."""
_LAST_WORD = 3
"""Seconds the confirmation at the end may take; without it the updates come again and are known."""


@dataclass(frozen=True, slots=True)
class Tempo:
    """Seconds: an answer is held back when nothing is new, pauses after failures, the end, a lease."""

    hold: int = 30
    first_pause: float = 1.0
    longest_pause: float = 30.0
    drain: float = 10.0
    lease: float = 15.0


class Ledger:
    """Which updates are under way, in the order they came, and from which on Telegram shall keep them."""

    def __init__(self) -> None:
        self.offset: int | None = None
        self._durable: dict[int, bool] = {}
        self._when_asked: frozenset[int] = frozenset()
        self._idle = asyncio.Event()
        self._idle.set()

    def ask(self) -> int | None:
        """The offset to ask with. What is under way comes again in the answer, even if it ends before."""
        self._when_asked = frozenset(self._durable)
        return self.offset

    def add(self, id_: int) -> bool:
        """Note an update; false if it is known already."""
        if id_ in self._durable or id_ in self._when_asked:
            return False
        self._durable[id_] = False
        self._idle.clear()
        return True

    def done(self, id_: int) -> None:
        """This update is durable."""
        self._durable[id_] = True
        while self._durable:
            first = next(iter(self._durable))
            if not self._durable[first]:
                return
            del self._durable[first]
            self.offset = first + 1
        self._idle.set()

    async def settle(self, limit: float) -> None:
        """Wait until nothing is under way, or until `limit` seconds are over."""
        with suppress(TimeoutError):
            async with asyncio.timeout(limit):
                await self._idle.wait()


class Poller:
    """The loop that asks for updates. `conflict` is true while somebody else takes them."""

    def __init__(self, api: BotApi, intake: Intake, tempo: Tempo) -> None:
        self._api = api
        self._intake = intake
        self._tempo = tempo
        self._ledger = Ledger()
        self._lanes = Lanes()
        self._received = 0
        self.conflict = False

    async def run(self) -> None:
        """Poll until cancelled."""
        failures = Backoff(self._tempo.first_pause, self._tempo.longest_pause)
        again = Backoff(0.05, 1.0)
        clock = asyncio.get_running_loop().time
        while True:
            asked = clock()
            try:
                batch = await self._ask(self._tempo.hold)
            except (ApiFailed, ChannelBusy, ChatGone, ChatMoved) as trouble:
                await asyncio.sleep(self._pause_after(trouble, failures))
                continue
            failures.reset()
            self.conflict = False
            if self._line_up(batch):
                again.reset()
            # Asked at once, Telegram repeats what is under way; an answer that took long is pause enough.
            await self._ledger.settle(max(_A_MOMENT, again.pause() - (clock() - asked)))

    async def finish(self, *, confirm: bool = True) -> None:
        """Finish what was taken in, and confirm it. To be called when `run` has ended."""
        await self._lanes.drain(self._tempo.drain)
        if self._ledger.offset is None or not confirm:
            return
        try:
            await self._ask(0, _LAST_WORD)
        except (ApiFailed, ChannelBusy, ChatGone, ChatMoved) as trouble:
            _log.info("telegram_offset_not_confirmed", error=type(trouble).__name__)

    async def _ask(self, hold: int, slack: int = 10) -> list[Raw]:
        fields: dict[str, object] = {"timeout": hold, "allowed_updates": ALLOWED_UPDATES}
        if (offset := self._ledger.ask()) is not None:
            fields["offset"] = offset
        # Each is read by itself, so that one that cannot be read takes no other with it.
        batch = items_of(await self._api.post("getUpdates", fields, hold + slack))
        if batch is None:
            raise ApiUnreachable("getUpdates", "what came is no list")
        return batch

    def _pause_after(self, trouble: Exception, failures: Backoff) -> float:
        if isinstance(trouble, ApiConflict):
            if not self.conflict:
                _log.error("telegram_conflict", remedy=CONFLICT)
            self.conflict = True
        else:
            _log.warning("telegram_polling_failed", error=str(trouble))
        pause = failures.pause()
        return max(pause, trouble.retry_after) if isinstance(trouble, ChannelBusy) else pause

    def _line_up(self, batch: list[Raw]) -> int:
        """Line up what is new; how many that were."""
        return sum(self._admitted(raw) for raw in batch)

    def _admitted(self, raw: Raw) -> bool:
        """Line an update up, unless it is known already."""
        try:
            update = receive(raw)
        except NotAnUpdate:
            _log.warning("telegram_update_without_a_number")
            return False
        if not self._ledger.add(update.id):
            return False
        arrival = self._intake.read(update)
        key = arrival.incoming.key if arrival.incoming else arrival.lane or ""
        self._lanes.put(key, partial(self._until_durable, arrival))
        return True

    async def _until_durable(self, arrival: Arrival) -> None:
        """Try until the door took the update in, or took others in again and again but never this one."""
        failures = Backoff(self._tempo.first_pause / 4, self._tempo.longest_pause / 2)
        strikes, received = 0, self._received
        while strikes < _STRIKES:
            try:
                await self._intake.take(arrival)
            except Overloaded:
                await asyncio.sleep(failures.pause())
            except Exception as error:  # noqa: BLE001 - an update that fails must not end the loop
                _log.error("telegram_update_failed", update_id=arrival.id, error=type(error).__name__)
                strikes += self._received > received
                received = self._received
                await asyncio.sleep(failures.pause())
            else:
                self._received += 1
                break
        else:
            _log.error("telegram_update_given_up", update_id=arrival.id)
        self._ledger.done(arrival.id)


CONFLICT = (
    "another program takes this bot's updates: stop it, or give this one a bot of its own "
    "(TELEGRAM_BOT_TOKEN); if it uses a webhook, set TELEGRAM_MODE=webhook here too"
)
