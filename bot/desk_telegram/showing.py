"""What is to be done next for a conversation in its topic: one call at a time, and noted once it is done.

Each step looks at the store anew, so that whatever waited for the group's pace goes out as it is then.
"""

from collections.abc import Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, replace
from datetime import tzinfo

from bot.channels.telegram_updates import chat_of
from bot.desk import summary
from bot.desk_telegram import words
from bot.desk_telegram.aside import Asides
from bot.desk_telegram.calls import GroupCalls, MessageGone, TopicClosed, TopicGone
from bot.desk_telegram.commands import summary_buttons
from bot.desk_telegram.news import news, pictures, told_of
from bot.desk_telegram.places import MOST_COPIES, new_topic
from dialogs.rules import Rules
from storage.desk_records import QueueItem, State
from storage.store import Store
from storage.topic_records import Kind, Topic

IN_QUEUE = (State.OPEN, State.CLAIMED, State.SNOOZED)


@dataclass(frozen=True, slots=True)
class Look:
    """A conversation at the desk, and its topic."""

    item: QueueItem | None
    topic: Topic | None


@dataclass(slots=True)
class Showing:
    """Shows conversations. `sees_media`: our bot is the customers' own, so that their pictures can be copied.

    `leads` says whether this process shows what the store holds; any other only asks its own questions.
    """

    store: Store
    rules: Rules
    calls: Mapping[int, GroupCalls]
    asides: Asides
    glance: Callable[[str], Awaitable[Look]]
    kept: Callable[[Topic], None]
    sees_media: bool
    zone: tzinfo
    """The shop's: times are told in it, as in the web desk."""
    leads: Callable[[], bool]
    lane: Callable[[str], AbstractAsyncContextManager[None]]
    """Nobody writes in the conversation's topic meanwhile."""

    async def urgent(self, group: int, key: str) -> bool:
        """Do the next thing that somebody waits for; whether there was one."""
        look = await self.glance(key)
        if look.item is None or (look.topic is None and look.item.state not in IN_QUEUE):
            self.asides.forget(key)
            return False
        if look.topic is None or look.topic.group not in self.calls:
            return self.leads() and await self._create(group, look)
        try:
            return await self._show(self.calls[look.topic.group], look.topic, look.item)
        except (TopicGone, TopicClosed, MessageGone) as gone:
            return await self._mend(look.topic, gone)

    async def late(self, key: str) -> bool:
        """Do the next thing that can wait: pin, rename, bring the summary up to date, close."""
        look = await self.glance(key)
        if look.item is None or look.topic is None or not self.leads():
            return False
        if await self._end_stray(look.topic):
            return True
        if look.topic.closed or look.topic.group not in self.calls:
            return False
        try:
            return await self._tidy(self.calls[look.topic.group], look.topic, look.item)
        except (TopicGone, TopicClosed, MessageGone) as gone:
            return await self._mend(look.topic, gone)

    async def _create(self, group: int, look: Look) -> bool:
        item = look.item
        assert item is not None  # noqa: S101  the caller looked
        name = words.name_of(item, summary.reason_words(item.reason))
        number = await self.calls[group].create(name)
        topic = await new_topic(self.store, item.key, group, number, item.reference, name)
        if look.topic is None:
            self.kept(await self.store.topics.begin(topic))
        else:
            await self._keep(topic)
        return True

    async def _end_stray(self, topic: Topic) -> bool:
        """End a second topic of a conversation: made by a process that died before it could note it.

        It says where the conversation goes on, and closes. Whether there was something to do.
        """
        made = await self.store.topics.made(topic.key)
        stray = next((one for one in made if (one.group, one.message) != (topic.group, topic.topic)), None)
        if stray is None:
            return False
        calls = self.calls.get(stray.group)
        try:
            if calls is not None and stray.kind is Kind.MADE:
                await calls.send(stray.message, words.elsewhere(topic.group, topic.topic))
                await self.store.topics.end_made(stray)
                return True
            if calls is not None:
                await calls.close(stray.message)
        except (TopicGone, TopicClosed):
            pass
        await self.store.topics.forget_made(stray)
        return True

    async def _show(self, calls: GroupCalls, topic: Topic, item: QueueItem) -> bool:
        wanted = item.state in IN_QUEUE
        if self.leads() and wanted:
            if topic.closed:
                await calls.reopen(topic.topic)
                await self._keep(replace(topic, closed=False, summary=None))
                return True
            if topic.reference != item.reference:
                topic = replace(topic, reference=item.reference, summary=None)
            if topic.summary is None:
                await self._send_summary(calls, topic, item)
                return True
        if (question := self.asides.question(item.key)) is not None:
            await calls.send(topic.topic, question.text, question.buttons)
            self.asides.asked(item.key)
            return True
        return await self._tell(calls, topic, item)

    async def _tell(self, calls: GroupCalls, topic: Topic, item: QueueItem) -> bool:
        if not self.leads():
            return False
        async with self.lane(item.key):
            new = await news(self.store, topic, item, self.zone)
        if new is not None:
            if new.text:
                await calls.send(topic.topic, new.text)
            await self.store.topics.shown(new.then, answered=new.answered, losses=new.losses)
            self.kept(new.then)
            return True
        return not topic.closed and await self._copy(calls, topic, item)

    async def _copy(self, calls: GroupCalls, topic: Topic, item: QueueItem) -> bool:
        """The customer's pictures and files, as they are."""
        copied, then = await pictures(self.store, topic, min(MOST_COPIES, calls.pace.room()))
        if then == topic:
            return False
        if copied and self.sees_media:
            await calls.copy_here(topic.topic, chat_of(item.key), copied)
        await self._keep(then)
        return True

    async def _send_summary(self, calls: GroupCalls, topic: Topic, item: QueueItem) -> None:
        """The summary; what it tells of the transcript need not be told again."""
        head = await self._head(item, item.last_seq)
        number = await calls.send(topic.topic, head, summary_buttons(item.reference))
        await self._keep(
            replace(
                topic,
                summary=number,
                pinned=False,
                head=head,
                head_seq=item.last_seq,
                seq=item.last_seq,
                told=told_of(item),
            )
        )

    async def _head(self, item: QueueItem, last_seq: int) -> str:
        stored = await self.store.load(item.key, fresh=True)
        if stored is None:
            return ""
        entries = await self.store.entries(item.key, max(0, last_seq - summary.LINES), summary.LINES)
        said = [entry for entry in entries if entry.seq <= last_seq]
        named = replace(item, customer=words.one_line(item.customer, "") or None)
        return words.head(
            summary.of(named, stored.conversation, said, self.rules, self.zone), item, self.zone
        )

    async def _tidy(self, calls: GroupCalls, topic: Topic, item: QueueItem) -> bool:
        if topic.summary is not None:
            if not topic.pinned:
                await calls.pin(topic.summary)
                await self._keep(replace(topic, pinned=True))
                return True
            if item.state in IN_QUEUE:
                head = await self._head(item, topic.head_seq)
            else:
                head = words.head_after(topic.head, item, self.zone)
            if head != topic.head:
                await calls.change(topic.summary, head, summary_buttons(topic.reference))
                await self._keep(replace(topic, head=head))
                return True
        name = words.name_of(item, summary.reason_words(item.reason))
        if item.state in IN_QUEUE and name != topic.name:
            await calls.rename(topic.topic, name)
            await self._keep(replace(topic, name=name))
            return True
        if item.state not in IN_QUEUE:
            await calls.close(topic.topic)
            await self._keep(replace(topic, closed=True))
            return True
        return False

    async def _mend(self, topic: Topic, gone: Exception) -> bool:
        """Somebody changed the group by hand: what is no more is made again with the next step."""
        match gone:
            case TopicGone():
                await self.store.topics.drop(topic.key)
                self.kept(replace(topic, closed=True))
            case TopicClosed():
                await self._keep(replace(topic, closed=True))
            case _:
                await self._keep(replace(topic, summary=None))
        return True

    async def _keep(self, topic: Topic) -> None:
        await self.store.topics.keep(topic)
        self.kept(topic)
