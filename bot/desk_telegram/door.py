"""The desk's door in Telegram: started, stopped and checked as a channel is, but no customer comes by it."""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import structlog

from bot.channels.telegram_api import ApiFailed, BotApi
from bot.channels.telegram_aside import Aside
from bot.channels.telegram_backoff import Backoff
from bot.channels.telegram_forms import ByPolling
from bot.channels.telegram_intake import Intake
from bot.channels.telegram_lease import Alone, Lease, Leases
from bot.channels.telegram_polling import Tempo
from bot.channels.telegram_settings import TelegramSettings
from bot.channels.telegram_updates import UpdateReader
from bot.desk.links import Links
from bot.desk.service import Desk
from bot.desk_telegram.aside import Asides
from bot.desk_telegram.calls import Bot, GroupCalls
from bot.desk_telegram.cancelling import Cancelling
from bot.desk_telegram.checks import TopicsNotReady, check_groups
from bot.desk_telegram.ears import Ears, OwnEars
from bot.desk_telegram.erasing import Erasing
from bot.desk_telegram.groups import Group
from bot.desk_telegram.hearing import Hearing, lane_of
from bot.desk_telegram.pace import GroupPace
from bot.desk_telegram.places import Places
from bot.desk_telegram.showing import IN_QUEUE, Look, Showing
from bot.desk_telegram.worker import Worker
from bot.desk_telegram.writing import Writing
from bot.ports import ChannelBusy, ChatGone, Door, Incoming, Receipt
from bot.speech import Speech
from dialogs.rules import Rules
from storage.errors import StoreError
from storage.records import Entry
from storage.store import Store
from storage.topic_records import Pending

_log: structlog.typing.FilteringBoundLogger = structlog.get_logger(__name__)

_GATHER = 0.2
"""Seconds in which changes gather before they are looked at together."""
_KEPT = timedelta(days=90)
"""How long it is remembered which message was what: as long as a case may be put off."""
_LOOK = 1.0
"""Seconds between looks for what waits to be told."""
_STORE_DOWN = 1.0
"""Seconds of rest while the store gives no answer."""
_AT_ONCE = 200
"""Conversations that are looked at together."""


@dataclass(frozen=True, slots=True)
class TopicSettings:
    """`bot` is the bot in the groups; `shared` says whether it is the customers' own, which hears for us."""

    groups: tuple[Group, ...]
    bot: TelegramSettings
    shared: bool
    tempo: Tempo = field(default_factory=Tempo)
    pace: Callable[[], GroupPace] = GroupPace
    patience: float = 2.0
    """Seconds from the start until topics are made: of one that was made and not noted it hears meanwhile."""
    erasing: float = 20.0
    """Seconds between topics of erased conversations that are deleted in a group: three calls a minute."""


def topic_desk(
    groups: tuple[Group, ...],
    bot: TelegramSettings,
    shared: bool,  # noqa: FBT001  the three are given together
    *,
    desk: Desk,
    store: Store,
    rules: Rules,
    clock: Callable[[], datetime],
    leases: Leases,
) -> "TopicDesk":
    """The groups of agents, as they are set up."""
    settings = TopicSettings(groups, bot, shared)
    speech = desk.orders.speech
    return TopicDesk(settings, desk=desk, store=store, rules=rules, speech=speech, clock=clock, leases=leases)


class TopicDesk:
    """Conversations that wait for a person, each in a topic. To be started before the customers' channel."""

    name = "desk-telegram"
    fetches = True

    def __init__(
        self,
        settings: TopicSettings,
        *,
        desk: Desk,
        store: Store,
        rules: Rules,
        speech: Speech,
        clock: Callable[[], datetime],
        leases: Leases | None = None,
    ) -> None:
        self._settings = settings
        self._desk = desk
        self._store = store
        self._clock = clock
        self._leases = leases or Alone()
        self._api = BotApi(settings.bot)
        self._bot = Bot(self._api)
        self._asides = Asides(store, clock, self._wake)
        self._places = Places(settings.groups)
        calls = {group.id: GroupCalls(self._api, group.id, settings.pace()) for group in settings.groups}
        lane = desk.chats.ground.lane
        showing = Showing(
            store=store,
            rules=rules,
            calls=calls,
            asides=self._asides,
            glance=self._look,
            kept=self._places.kept,
            sees_media=settings.shared,
            zone=desk.chats.zone,
            leads=lambda: self._leads,
            lane=lambda key: lane(lane_of(key)),
        )
        self._erasing = Erasing(store, calls, lambda: self._leads, self._places.erased)
        self._workers = {group: Worker(call, showing, self._erasing) for group, call in calls.items()}
        self._hearing = Hearing(
            desk=desk,
            store=store,
            links=Links(desk.chats.ground),
            asides=self._asides,
            bot=self._bot,
            writing=Writing(desk, store, self._asides, self._bot, speech, settings.shared),
            cancelling=Cancelling(desk, self._asides),
            beside=lambda group, text: self._workers[group].beside(text),
            placed=self._places.written_in,
        )
        self._own = None if settings.shared else self._polling()
        self._leads = False
        self._amiss = "Telegram could not be asked about the groups of the desk; it is tried again"
        self._tasks: list[asyncio.Task[None]] = []

    # ---- as a channel

    async def deliver(self, key: str, entry: Entry) -> None:
        """No conversation is ours."""
        del key, entry
        raise ChatGone

    async def typing(self, key: str) -> None:
        """No conversation is ours."""

    async def start(self, door: Door) -> None:
        """Begin. While a group is not as it has to be, or cannot be asked about, go on trying.

        Nothing else waits for that: customers are served, and agents have the console.
        """
        del door
        await self._prepare()
        self._tasks = [asyncio.create_task(self._run())]
        self._tasks += [asyncio.create_task(worker.run()) for worker in self._workers.values()]

    async def stop(self) -> None:
        """End. What is not shown yet is shown after the next start."""
        tasks, self._tasks = self._tasks, []
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        if self._own is not None:
            await self._own.finish()
        await self._bot.close()

    async def check(self) -> None:
        """Raise `TopicsNotReady` if agents cannot work in a group."""
        if self._tasks and self._amiss:
            raise TopicsNotReady(self._amiss)
        troubles = [worker.trouble for worker in self._workers.values() if worker.trouble]
        troubles += [trouble for trouble in [self._own.trouble() if self._own else None] if trouble]
        if troubles:
            raise TopicsNotReady("; ".join(troubles))

    async def idle(self) -> None:
        """Return once nothing is left to do in any group, for what was heard of until now."""
        for worker in self._workers.values():
            await worker.idle()

    # ---- what is heard

    def of_customers(self) -> Aside:
        """What the customers' channel asks which updates are agents'."""
        groups = frozenset(group.id for group in self._settings.groups)
        return Ears(self._store, self._clock, self._hearing, groups if self._settings.shared else None)

    def _polling(self) -> ByPolling:
        """Our own bot is asked for what it hears."""
        settings, tempo = self._settings.bot, self._settings.tempo
        lease = Lease(self._leases, f"telegram-polling:{settings.bot_id}", tempo.lease)
        form = ByPolling(self._api, tempo, lease)
        ears = OwnEars(self._hearing, frozenset(group.id for group in self._settings.groups))
        form.open(Intake(self._api, _NoCustomers(), UpdateReader(()), None, ears))
        return form

    # ---- what is shown

    async def _run(self) -> None:
        pauses = Backoff(self._settings.tempo.first_pause, self._settings.tempo.longest_pause)
        while self._amiss:
            await asyncio.sleep(pauses.pause())
            await self._prepare()
        jobs: list[Awaitable[None]] = [self._lead()]
        if self._own is not None:
            jobs.append(self._own.run())
        await asyncio.gather(*jobs)

    async def _prepare(self) -> None:
        """Look at the groups, and note what is amiss."""
        try:
            await check_groups(self._bot, self._settings.groups)
            if self._own is not None:
                await self._own.prepare()
        except TopicsNotReady as wrong:
            self._amiss = str(wrong)
            _log.error("telegram_desk_not_ready", error=self._amiss)
        except (ApiFailed, ChannelBusy) as trouble:
            _log.warning("telegram_desk_not_reached_yet", error=str(trouble))
        else:
            self._amiss = ""

    async def _lead(self) -> None:
        """Show what the store holds while no other process does."""
        lease = Lease(self._leases, f"telegram-desk:{self._settings.bot.bot_id}", self._settings.tempo.lease)
        try:
            while True:
                await lease.wait()
                jobs = (self._watch(), self._look_for_answers(), self._look_for_erased(), lease.keep())
                tasks = [asyncio.create_task(job) for job in jobs]
                self._leads = True
                try:
                    await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
                finally:
                    self._leads = False
                    for task in tasks:
                        task.cancel()
                    ended = await asyncio.gather(*tasks, return_exceptions=True)
                    await lease.leave()
                if failures := [type(each).__name__ for each in ended if isinstance(each, Exception)]:
                    _log.error("telegram_desk_crashed", error=", ".join(failures))
                    await asyncio.sleep(_STORE_DOWN)
        finally:
            await lease.leave()

    async def _watch(self) -> None:
        """Hand whatever changes to its group."""
        changes = self._desk.feed.watch_all()
        waiting: set[str] | None = None
        try:
            await asyncio.sleep(self._settings.patience)
            while True:
                try:
                    waiting = await self._all() if waiting is None else waiting
                    waiting -= await self._touched(waiting)
                except StoreError as error:
                    _log.error("the store does not answer", error=str(error))
                    await asyncio.sleep(_STORE_DOWN)
                    continue
                if not waiting:
                    waiting = {change.key for change in await anext(changes)}
                await asyncio.sleep(_GATHER)
        finally:
            await changes.aclose()

    async def _look_for_answers(self) -> None:
        """Hand on what waits to be told and did not happen here: other processes hear and send as well."""
        before: Mapping[str, Pending] = {}
        while True:
            try:
                found = await self._store.topics.pending()
            except StoreError as error:
                _log.error("the store does not answer", error=str(error))
            else:
                for key, pending in found.items():
                    if pending != before.get(key) and pending.group in self._workers:
                        self._workers[pending.group].add(key)
                before = found
            await asyncio.sleep(_LOOK)

    async def _look_for_erased(self) -> None:
        """Have the topics of erased conversations deleted, one at a time in each group."""
        while True:
            try:
                found = await self._erasing.next()
            except StoreError as error:
                _log.error("the store does not answer", error=str(error))
            else:
                for group, topic in found.items():
                    self._workers[group].erase(topic)
            await asyncio.sleep(self._settings.erasing)

    async def _all(self) -> set[str]:
        """Everything that is, or should be, in a topic."""
        await self._store.topics.forget(self._clock() - _KEPT)
        opened = await self._store.topics.opened()
        for topic in opened:
            self._places.kept(topic)
        return {*(topic.key for topic in opened), *await self._store.desk.marks()}

    async def _touched(self, keys: Collection[str]) -> set[str]:
        """Those of these that were handed on."""
        some = set(list(keys)[:_AT_ONCE])
        items = await self._desk.queue.glance(tuple(some))
        up = {group for group, worker in self._workers.items() if worker.trouble is None}
        for key, item in items.items():
            if item.state in IN_QUEUE or self._places.shows(key):
                self._workers[self._places.of(key, item.channel, up)].add(key)
        return some

    async def _look(self, key: str) -> Look:
        items = await self._desk.queue.glance((key,))
        return Look(items.get(key), await self._store.topics.of(key))

    def _wake(self, key: str) -> None:
        group = self._places.known(key)
        if group is not None:
            self._workers[group].add(key)


class _NoCustomers:
    """A bot of the desk alone has none."""

    async def receive(self, incoming: Incoming) -> Receipt:
        """Nothing of it is kept."""
        del incoming
        return Receipt(duplicate=False)
