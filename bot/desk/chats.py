"""What an agent does with one chat. Every call checks the agent's rights to it and is put on record."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo

from bot.desk import acts, summary
from bot.desk.errors import BadInput, BotHasIt, HeldBy, NotAllowed
from bot.desk.feed import ChangeKind
from bot.desk.ground import Ground
from bot.desk.holding import Holding
from bot.desk.lines import Lines
from bot.desk.presence import Presence
from bot.desk.views import Chat, Line, Summary
from dialogs.rules import Rules
from storage.desk_records import Agent, Note, Priority, QueueItem, State
from storage.records import Author, Entry
from storage.times import micros

_SHOWN = 200
_LONGEST = 4_000
_ID = 64
_SNOOZE = timedelta(days=90)
_LABELS, _LABEL = 10, 32


@dataclass(frozen=True, slots=True)
class Chats:
    """All of them raise `NoSuchCase`, `NotAllowed`, `HeldBy` (another agent has the chat) and `BadInput`.

    `key` is the conversation's; `agent` is whoever acts. The feed tells every console of each change.
    """

    ground: Ground
    presence: Presence
    holding: Holding
    transcript: Lines
    rules: Rules
    zone: tzinfo = UTC
    """In which times are told."""

    async def show(self, agent: Agent, key: str, *, after: int = 0) -> Chat:
        """The chat with its last 200 messages, none up to `after`, and all notes. Looking takes no lease."""
        item = await self.ground.seen(agent, key)
        after = max(after, item.last_seq - _SHOWN)
        return Chat(
            item=item,
            lines=await self.transcript.of(key, after=after, limit=_SHOWN),
            notes=await self.ground.store.desk.notes(key),
            watchers=tuple(one for one in self.presence.who(key) if one.agent != agent.name),
            mine=item.agent == agent.name,
            may_act=self._may_act(agent, item),
            rights=self.ground.rights.of(agent),
        )

    async def lines(self, agent: Agent, key: str, *, after: int, limit: int = _SHOWN) -> tuple[Line, ...]:
        """Messages with a number greater than `after`, in order: to catch up after a pause."""
        await self.ground.seen(agent, key)
        return await self.transcript.of(key, after=after, limit=min(limit, _SHOWN))

    async def older(self, agent: Agent, key: str, *, before: int, limit: int = _SHOWN) -> tuple[Line, ...]:
        """The messages just before number `before`, in order."""
        await self.ground.seen(agent, key)
        first = max(1, before - min(limit, _SHOWN))
        return await self.transcript.of(key, after=first - 1, limit=max(0, before - first))

    async def summary(self, agent: Agent, key: str) -> Summary:
        """What is known, for whoever takes over."""
        item = await self.ground.seen(agent, key)
        stored = await self.ground.store.load(key, fresh=True)
        assert stored is not None  # noqa: S101  it was seen just now
        lines = await self.ground.store.entries(key, max(0, item.last_seq - summary.LINES), summary.LINES)
        return summary.of(item, stored.conversation, lines, self.rules, self.zone)

    async def seen(self, agent: Agent, key: str, *, typing: bool = False) -> None:
        """A heartbeat: the agent has the chat open, and types or not. Renews the lease of their own claim.

        Call it every 20 seconds while the chat is on a visible screen, and at most every 3 while typing.
        """
        item = await self.ground.seen(agent, key)
        self.presence.seen(key, agent.name, typing=typing)
        if item.agent == agent.name:
            await self.holding.renew(item)

    def left(self, agent: Agent, key: str) -> None:
        """The agent closed the chat on their screen; their claim stays until its lease ends."""
        self.presence.left(key, agent.name)

    async def claim(self, agent: Agent, key: str) -> None:
        """Take the chat. First wins, in every process; the others get `HeldBy`. One's own stays one's own."""
        item = await self.ground.held(agent, key)
        await self.holding.take(agent, item)

    async def reply(self, agent: Agent, key: str, text: str, *, id_: str = "") -> Entry:
        """Answer the customer, claiming the chat if nobody has it; the message as the transcript has it.

        `id_` is the console's own for this message (at most 64 characters): the same again, after a lost
        answer or a reload, is not said twice and gives the same message.
        """
        words = _words(text)
        if len(id_) > _ID:
            raise BadInput(f"The id of a message has at most {_ID} characters.")
        async with self.ground.lane(key):
            item = await self.ground.held(agent, key)
            await self.holding.take(agent, item)
            record = self.ground.record(agent, key, "reply", characters=str(len(words)), id=id_)
            began = await self.ground.store.desk.begin_reply(
                key, id_, seq=item.last_seq, at=self.ground.clock(), record=record
            )
            if began is not None and (before := await self._said_after(key, began, agent, words)):
                return before
            said = acts.said(self.ground.clock(), agent.name, words)
            receipt = await self.ground.only_happen(agent, key, "reply", said)
            entry = next((one for one in receipt.entries if one.author is Author.AGENT), None)
            if entry is None:  # it went to somebody else in this very moment
                raise HeldBy(await self.ground.holder(key) or "Nobody")
            await self._replied(item)
        return entry

    async def _said_after(self, key: str, seq: int, agent: Agent, words: str) -> Entry | None:
        """The message that this reply became when it was asked for before, if it did."""
        entries = await self.ground.store.entries(key, seq, _SHOWN)
        said = (e for e in entries if e.author is Author.AGENT and (e.agent, e.text) == (agent.name, words))
        return next(said, None)

    async def _replied(self, item: QueueItem) -> None:
        changes = {"lease_until": self.ground.until()}
        if item.row.first_reply_at is None:
            changes["first_reply_at"] = micros(self.ground.clock())
        await self.ground.change(None, item.key, changes)

    async def note(self, agent: Agent, key: str, text: str, *, id_: str = "") -> Note:
        """Keep a private note, once for one `id_`. Allowed on every chat that the agent may see."""
        words = _words(text)
        if len(id_) > _ID - len("note "):
            raise BadInput("The id of a note is too long.")
        await self.ground.seen(agent, key)
        record = self.ground.record(agent, key, "note", characters=str(len(words)))
        now = self.ground.clock()
        note = await self.ground.store.desk.note(
            key, author=agent.name, words=words, at=now, record=record, id_=id_
        )
        self.ground.feed.changed(key, ChangeKind.NOTE)
        return note

    async def snooze(self, agent: Agent, key: str, until: datetime) -> None:
        """Put off until then (at most 90 days), or until the customer writes; whoever holds it still does."""
        now = self.ground.clock()
        if not now < until <= now + _SNOOZE:
            raise BadInput("Choose a time from now to 90 days from now.")
        item = await self._of_people(agent, key)
        changes = {"snoozed_until": micros(until), "snoozed_seq": item.last_seq}
        if item.agent is not None:
            changes["lease_until"] = micros(until + self.ground.lease)
        await self.ground.change(agent, key, changes, "snooze", until=until.isoformat())

    async def wake(self, agent: Agent, key: str) -> None:
        """End the snooze now."""
        item = await self.ground.handled(agent, key)
        if item.row.snoozed_until is None:
            return
        changes: dict[str, int | None] = {"snoozed_until": None}
        if item.agent is not None:
            changes["lease_until"] = self.ground.until()
        await self.ground.change(agent, key, changes, "wake")

    async def set_priority(self, agent: Agent, key: str, priority: Priority) -> None:
        """Change how soon it wants a person."""
        item = await self.ground.handled(agent, key)
        changed = {"from": item.row.priority.name.lower(), "to": priority.name.lower()}
        await self.ground.change(agent, key, {"priority": int(priority)}, "priority", **changed)

    async def set_labels(self, agent: Agent, key: str, labels: Sequence[str]) -> tuple[str, ...]:
        """Give it these labels and no others (at most 10, 32 characters each); as they were kept, sorted."""
        kept = tuple(sorted({" ".join(label.split()).lower() for label in labels} - {""}))
        if len(kept) > _LABELS or any(len(label) > _LABEL or "\0" in label for label in kept):
            raise BadInput(f"At most {_LABELS} labels of at most {_LABEL} characters each.")
        await self.ground.handled(agent, key)
        record = self.ground.record(agent, key, "labels", to=", ".join(kept))
        await self.ground.store.desk.change(key, {}, record, labels=kept)
        self.ground.feed.changed(key, ChangeKind.STATE)
        return kept

    async def pass_on(self, agent: Agent, key: str, to: str) -> None:
        """Hand it to another agent, named by id. Raises `BadInput` where there is no such agent at work."""
        item = await self.ground.handled(agent, key)
        other = await self.ground.store.accounts.find(to)
        if other is None or other.disabled_at is not None:
            raise BadInput("There is no such agent at work.")
        if item.agent == other.name:
            return
        await self.holding.pass_on(agent, item, other)

    async def put_back(self, agent: Agent, key: str) -> None:
        """Let go of it: back to the queue, for anybody."""
        item = await self.ground.handled(agent, key)
        if item.agent is not None:
            await self.holding.put_back(agent, item)

    async def give_back(self, agent: Agent, key: str, *, resume: bool) -> None:
        """Give it to the bot, which takes up the open request if `resume`. Raises `BotHasIt`."""
        await self._of_people(agent, key)
        event = acts.gave_back(self.ground.clock(), agent.name, resume=resume)
        await self.ground.happen(agent, key, "give back", event, resume=str(resume).lower())
        await self.holding.released(key)

    async def resolve(self, agent: Agent, key: str) -> None:
        """Settle the case; the customer is told. Raises `BotHasIt`. A new wish of theirs reopens it."""
        await self._of_people(agent, key)
        now = self.ground.clock()
        await self.ground.happen(agent, key, "resolve", acts.settled(now, agent.name))
        await self.holding.released(key, resolved_at=micros(now), resolved_by=agent.name)

    async def retry(self, agent: Agent, key: str, seq: int) -> None:
        """Send a message again that was given up. Raises `BadInput` where it was not."""
        await self.ground.handled(agent, key)
        record = self.ground.record(agent, key, "retry", message=str(seq))
        if not await self.ground.store.desk.retry(key, seq, at=self.ground.clock(), record=record):
            raise BadInput("This message was not given up: it is on its way, or has arrived.")
        self.ground.feed.changed(key, ChangeKind.DELIVERY)

    async def _of_people(self, agent: Agent, key: str) -> QueueItem:
        item = await self.ground.handled(agent, key)
        if item.state in (State.BOT, State.RESOLVED):
            raise BotHasIt("The bot has this chat already.")
        return item

    def _may_act(self, agent: Agent, item: QueueItem) -> bool:
        try:
            self.ground.rights.need_hand(agent, item.agent)
        except (HeldBy, NotAllowed):
            return False
        return True


def _words(text: str) -> str:
    words = text.strip()
    if not words:
        raise BadInput("There is nothing to say yet: write something.")
    if len(words) > _LONGEST:
        raise BadInput(f"At most {_LONGEST} characters at once; this has {len(words)}.")
    return words
