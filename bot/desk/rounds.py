"""What time does at the desk: leases and snoozes end, reminders come, rows follow the dialogue.

Several processes may serve: a lease in the store lets one of them go round at a time. Whatever is cut off
in the middle is found again by the next round.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta, tzinfo

import structlog

from bot.desk import acts
from bot.desk.canned import CannedAnswers
from bot.desk.feed import ChangeKind
from bot.desk.ground import Ground
from bot.desk.passwords import Passwords
from bot.desk.presence import Presence
from bot.desk.sign_in import SignIn
from dialogs.conversation import Mode
from storage.desk import Changes, Marks, Watched
from storage.errors import StoreError
from storage.times import micros

_log: structlog.typing.FilteringBoundLogger = structlog.get_logger(__name__)

_EVERY = 5.0
"""Seconds between rounds."""
_LOOK = 1.0
"""Seconds between looks for what other processes changed, while a console listens."""
_ROUND_LEASE = timedelta(seconds=20)
_TIDY = timedelta(minutes=10)
_REPLIES = timedelta(days=2)
_FREE: Changes = {"holder": None, "claimed_at": None, "lease_until": None}


@dataclass(slots=True)
class Rounds:
    """Goes round until it is stopped."""

    ground: Ground
    presence: Presence
    sign_in: SignIn
    canned: CannedAnswers
    passwords: Passwords
    zone: tzinfo
    """The shop's: times in notes are told in it."""
    _tasks: list[asyncio.Task[None]] = field(default_factory=list)
    _marks: dict[str, Marks] = field(default_factory=dict)
    _next_tidy: datetime | None = None

    async def start(self) -> None:
        """Begin; what ended while nobody served is found by the first round."""
        await self.canned.seed()
        await self.passwords.prepare()
        self._tasks = [
            asyncio.create_task(self._keep(self.go_round, _EVERY)),
            asyncio.create_task(self._keep(self.look, _LOOK)),
        ]

    async def stop(self) -> None:
        """End; stopping twice does nothing."""
        tasks, self._tasks = self._tasks, []
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _keep(self, do: Callable[[], Awaitable[None]], seconds: float) -> None:
        while True:
            await asyncio.sleep(seconds)
            try:
                await do()
            except StoreError as error:
                _log.error("the store does not answer", error=str(error))
            except Exception:  # noqa: BLE001  the rounds go on, whatever happens
                _log.exception("a round of the desk failed")

    async def go_round(self) -> None:
        """One round, unless another process is at it."""
        self.presence.sweep()
        now, store = self.ground.clock(), self.ground.store
        if not await store.desk.take_lease("round", store.owner, now=now, until=now + _ROUND_LEASE):
            return
        for watched in await store.desk.watched():
            try:
                await self._follow(watched, now)
            except StoreError:
                raise
            except Exception:  # noqa: BLE001  one conversation must not keep the others waiting
                _log.exception("the desk could not follow a conversation", conversation=watched.key)
        if self._next_tidy is None or now >= self._next_tidy:
            self._next_tidy = now + _TIDY
            await self.sign_in.tidy()
            await store.desk.forget_replies(now - _REPLIES)

    async def _follow(self, it: Watched, now: datetime) -> None:
        """Do for one conversation whatever time or the dialogue asks for."""
        if it.row.intercept is not None and it.row.intercept.by <= now and not it.row.intercept.reminded:
            await self._remind(it)
            return  # its row is another one now: the next round looks at the rest
        if it.mode != Mode.BOT.value and it.row.resolved_at is not None:
            changes: Changes = {"resolved_at": None, "resolved_by": None, "first_reply_at": None}
            await self._change(it, changes, "reopened")
        elif it.row.snoozed_until is not None and (
            it.row.snoozed_until <= now or it.customer_wrote or it.mode == Mode.BOT.value
        ):
            await self._end_snooze(it)
        elif it.mode == Mode.PERSON.value and it.agent is not None:
            await self._look_after_claim(it, it.agent, now)
        elif it.row.holder is not None:
            await self._change(it, _FREE, "released", of=it.row.holder)

    async def _remind(self, it: Watched) -> None:
        intercept = it.row.intercept
        assert intercept is not None  # noqa: S101  the caller looked
        by = f"{intercept.by.astimezone(self.zone):%Y-%m-%d %H:%M %Z}"
        asked = f"The warehouse was asked to stop order {intercept.order} by {by}. "
        record = self.ground.record(None, it.key, "intercept overdue", order=intercept.order)
        done = await self.ground.store.desk.change(
            it.key,
            {"intercept_reminded": 1},
            record,
            version=it.row.version,
            note=f"{asked}Nobody has noted an answer yet: ask again, and tell the customer.",
        )
        if done:
            self.ground.feed.changed(it.key, ChangeKind.ORDER, ChangeKind.NOTE, ChangeKind.STATE)

    async def _end_snooze(self, it: Watched) -> None:
        why = "the customer wrote" if it.customer_wrote else "its time is over"
        changes: dict[str, int | None] = {"snoozed_until": None}
        if it.agent is not None:
            changes["lease_until"] = self.ground.until()
        await self._change(it, changes, "snooze over", why=why)

    async def _look_after_claim(self, it: Watched, agent: str, now: datetime) -> None:
        if it.row.holder != agent or it.row.lease_until is None:
            # Claimed by another door, or by a process that died before it could say so.
            changes: Changes = {
                "holder": agent,
                "claimed_at": micros(now),
                "lease_until": self.ground.until(),
            }
            await self._change(it, changes, "held", by=agent)
        elif it.row.lease_until <= now and it.row.snoozed_until is None:
            record = self.ground.record(None, it.key, "lease over", of=agent)
            if await self.ground.store.desk.lapse(it.key, agent, now, record):
                await self.ground.only_happen(None, it.key, "lease over", acts.left(now, agent))

    async def _change(self, it: Watched, changes: Changes, act: str, **details: str) -> None:
        """Change the row unless somebody else just did, and tell the consoles."""
        record = self.ground.record(None, it.key, act, **details)
        if await self.ground.store.desk.change(it.key, changes, record, version=it.row.version):
            self.ground.feed.changed(it.key, ChangeKind.STATE)

    async def look(self) -> None:
        """Tell the consoles what other processes changed, and what the dialogue told the desk alone."""
        if not self.ground.feed.listened_to:
            self._marks = {}
            return
        now, before = dict(await self.ground.store.desk.marks()), self._marks
        if before:
            for key in now.keys() | before.keys():
                if kinds := self._changed(key, before.get(key), now.get(key)):
                    self.ground.feed.changed(key, *kinds)
        self.ground.feed.keep_told(now)
        self._marks = now

    def _changed(self, key: str, before: Marks | None, now: Marks | None) -> set[ChangeKind]:
        if before is None or now is None:
            return {ChangeKind.STATE, ChangeKind.MESSAGE}
        kinds: set[ChangeKind] = set()
        if now.state != before.state:
            kinds |= {ChangeKind.STATE, ChangeKind.NOTE, ChangeKind.ORDER}
        if now.last_seq > max(before.last_seq, self.ground.feed.told(key)):
            kinds |= {ChangeKind.STATE, ChangeKind.MESSAGE}
        if now.turns != before.turns and now.last_seq == before.last_seq:
            kinds |= {ChangeKind.STATE, ChangeKind.NOTE}  # a turn without a word may have left a note
        if now.lost != before.lost:
            kinds.add(ChangeKind.DELIVERY)
        return kinds
