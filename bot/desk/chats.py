"""What an agent does with one chat. Every call checks the agent's rights to it and is put on record."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.desk.views import Chat, Line, Summary
from storage.desk_records import Agent, Note, Priority
from storage.records import Entry


@dataclass(frozen=True, slots=True)
class Chats:
    """All of them raise `NoSuchCase`, `NotAllowed`, `HeldBy` (another agent has the chat) and `BadInput`.

    `key` is the conversation's; `agent` is whoever acts. The feed tells every console of each change.
    """

    async def show(self, agent: Agent, key: str) -> Chat:
        """The chat with its last 200 messages, and all notes. Looking takes no lease; see `seen`."""
        raise NotImplementedError

    async def lines(self, agent: Agent, key: str, *, after: int, limit: int = 200) -> tuple[Line, ...]:
        """Messages with a number greater than `after`, in order: to catch up after a pause."""
        raise NotImplementedError

    async def older(self, agent: Agent, key: str, *, before: int, limit: int = 200) -> tuple[Line, ...]:
        """The messages just before number `before`, in order."""
        raise NotImplementedError

    async def summary(self, agent: Agent, key: str) -> Summary:
        """What is known, for whoever takes over."""
        raise NotImplementedError

    async def seen(self, agent: Agent, key: str, *, typing: bool = False) -> None:
        """A heartbeat: the agent has the chat open, and types or not. Renews the lease of their own claim.

        Call it every 20 seconds while the chat is on a visible screen, and at most every 3 while typing.
        """
        raise NotImplementedError

    def left(self, agent: Agent, key: str) -> None:
        """The agent closed the chat on their screen; their claim stays until its lease ends."""
        raise NotImplementedError

    async def claim(self, agent: Agent, key: str) -> None:
        """Take the chat. First wins, in every process; the others get `HeldBy`. One's own stays one's own."""
        raise NotImplementedError

    async def reply(self, agent: Agent, key: str, text: str, *, id_: str = "") -> Entry:
        """Answer the customer, claiming the chat if nobody has it; the message as the transcript has it.

        `id_` is the console's own for this message (at most 64 characters): the same again, after a lost
        answer or a reload, is not said twice and gives the same message.
        """
        raise NotImplementedError

    async def note(self, agent: Agent, key: str, text: str) -> Note:
        """Keep a private note. Allowed on every chat that the agent may see."""
        raise NotImplementedError

    async def snooze(self, agent: Agent, key: str, until: datetime) -> None:
        """Put off until then (at most 90 days), or until the customer writes; whoever holds it still does."""
        raise NotImplementedError

    async def wake(self, agent: Agent, key: str) -> None:
        """End the snooze now."""
        raise NotImplementedError

    async def set_priority(self, agent: Agent, key: str, priority: Priority) -> None:
        """Change how soon it wants a person."""
        raise NotImplementedError

    async def set_labels(self, agent: Agent, key: str, labels: Sequence[str]) -> tuple[str, ...]:
        """Give it these labels and no others (at most 10, 32 characters each); as they were kept, sorted."""
        raise NotImplementedError

    async def pass_on(self, agent: Agent, key: str, to: str) -> None:
        """Hand it to another agent, named by id. Raises `BadInput` where there is no such agent at work."""
        raise NotImplementedError

    async def put_back(self, agent: Agent, key: str) -> None:
        """Let go of it: back to the queue, for anybody."""
        raise NotImplementedError

    async def give_back(self, agent: Agent, key: str, *, resume: bool) -> None:
        """Give it to the bot, which takes up the open request if `resume`. Raises `BotHasIt`."""
        raise NotImplementedError

    async def resolve(self, agent: Agent, key: str) -> None:
        """Settle the case; the customer is told. Raises `BotHasIt`. A new wish of theirs reopens it."""
        raise NotImplementedError

    async def retry(self, agent: Agent, key: str, seq: int) -> None:
        """Send a message again that was given up. Raises `BadInput` where it was not."""
        raise NotImplementedError
