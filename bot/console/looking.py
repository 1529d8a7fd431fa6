"""The chat that one console has open: shown whole once, then what is new, without gaps and once each."""

from collections.abc import Mapping, Sequence

from bot.console import frames
from bot.console.answers import Problem
from bot.console.hub import Seen
from bot.console.shapes import head_of, line_of, note_of
from bot.desk.errors import DeskRefusal, NotAllowed
from bot.desk.feed import Change, ChangeKind
from bot.desk.service import Desk
from bot.desk.views import Chat, Delivery, Line
from storage.desk_records import Agent, QueueItem

_NOT_THERE = (Delivery.SENDING, Delivery.FAILED)


class Looking:
    """Knows the open chat, its last message and the notes that the page has."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._key = ""
        self._seq = 0
        self._notes: set[int] = set()

    async def begin(self, agent: Agent, asked: frames.Open) -> frames.ChatFrame:
        """Show a chat, or what a page that comes back misses of it. Raises `NoSuchCase`, `NotAllowed`."""
        if self._key and self._key != asked.key:
            self.end(agent)
        chat = await self._desk.chats.show(agent, asked.key, after=asked.after or 0)
        await self._desk.chats.seen(agent, asked.key)
        after = asked.after
        whole = after is None or not _follows(chat.lines, after)
        self._key, self._seq, self._notes = asked.key, 0 if whole else after or 0, set()
        return self._new(chat, whole=whole)

    def end(self, agent: Agent) -> None:
        """Show it no longer."""
        if self._key:
            self._desk.chats.left(agent, self._key)
        self._key = ""

    async def alive(self, agent: Agent, *, typing: bool) -> None:
        """The agent looks at it. Raises `NotAllowed`."""
        if self._key:
            await self._desk.chats.seen(agent, self._key, typing=typing)

    async def changed(
        self, agent: Agent, changes: Mapping[str, Change], seen: Mapping[str, Seen]
    ) -> Sequence[frames.Out]:
        """What is new in it."""
        change = changes.get(self._key)
        if change is None:
            return ()
        key, kinds = self._key, change.kinds
        item = seen[key].item if key in seen else None
        if item is None or not self._desk.queue.may_see(agent, item):
            self.end(agent)
            return (frames.Refused("open", key, Problem("not_allowed", "This chat is another's.")),)
        found: list[frames.Out] = []
        if kinds - {ChangeKind.PRESENCE, ChangeKind.WORKING}:
            found.append(await self._update(agent, key, kinds))
        if ChangeKind.ORDER in kinds:
            found.append(frames.OrderMoved(key))
        if kinds & {ChangeKind.PRESENCE, ChangeKind.WORKING}:
            found.append(self._watching(agent, item, kinds))
        return found

    async def _update(self, agent: Agent, key: str, kinds: frozenset[ChangeKind]) -> frames.Out:
        delivery = ChangeKind.DELIVERY in kinds
        try:
            chat = await self._desk.chats.show(agent, key, after=0 if delivery else self._seq)
        except DeskRefusal as refused:
            self.end(agent)
            code = "not_allowed" if isinstance(refused, NotAllowed) else "refused"
            return frames.Refused("open", key, Problem(code, str(refused)))
        return self._new(chat, whole=not _follows(chat.lines, self._seq), delivery=delivery)

    def _new(self, chat: Chat, *, whole: bool, delivery: bool = False) -> frames.ChatFrame:
        """What the page does not have yet; with `delivery`, also all that has not reached the customer."""
        after = 0 if whole else self._seq
        lines = tuple(
            line_of(line)
            for line in chat.lines
            if line.entry.seq > after or (delivery and line.delivery in _NOT_THERE)
        )
        notes = tuple(note_of(one) for one in chat.notes if whole or one.id not in self._notes)
        if chat.lines:
            self._seq = chat.lines[-1].entry.seq
        self._notes = {one.id for one in chat.notes}
        return frames.ChatFrame(chat.item.key, whole, head_of(chat), lines, notes)

    def _watching(self, agent: Agent, item: QueueItem, kinds: frozenset[ChangeKind]) -> frames.Watching:
        others = tuple(one for one in self._desk.presence.who(item.key) if one.agent != agent.name)
        return frames.Watching(item.key, others, bot=ChangeKind.WORKING in kinds)


def _follows(lines: Sequence[Line], after: int) -> bool:
    """Whether these lines go on from message `after` without a gap."""
    return not lines or lines[0].entry.seq <= after + 1
