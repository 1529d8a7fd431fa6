"""Cancelling from a topic: what is at stake is shown, and the same agent says yes a second time."""

import secrets
from dataclasses import dataclass, field

from bot.desk.errors import BadInput, NotAllowed
from bot.desk.rights import Right
from bot.desk.service import Desk
from bot.desk.views import OrderPanel
from bot.desk_telegram import words
from bot.desk_telegram.aside import Asides, Question
from bot.desk_telegram.commands import confirm_buttons
from storage.desk_records import Agent
from storage.topic_records import Topic

_MOST = 500
_OVER = "This question is over: it was answered, ran out, or the bot was started anew. Send /cancel again."


@dataclass(frozen=True, slots=True)
class Pending:
    """A cancellation that wants its second yes."""

    agent: str
    key: str
    number: str
    reason: str
    token: str


@dataclass(slots=True)
class Cancelling:
    """Asks and carries out, all through the desk. What waits for a yes is forgotten with the process."""

    desk: Desk
    asides: Asides
    _pending: dict[str, Pending] = field(default_factory=dict)

    async def begin(self, agent: Agent, topic: Topic, reason: str) -> None:
        """Show what is at stake, or ask for the reason that an override needs. Raises `DeskRefusal`."""
        panel = await self.desk.orders.panel(agent, topic.key)
        if not reason and self._needs_reason(agent, panel):
            self._ask_for_reason(agent, topic, panel)
            return
        asked = await self.desk.orders.cancel(agent, topic.key, number=panel.number, reason=reason)
        if asked is None:  # only a call with a token gives nothing
            return
        nonce = secrets.token_hex(8)
        self._pending[nonce] = Pending(agent.id, topic.key, panel.number, reason, asked.token)
        while len(self._pending) > _MOST:
            del self._pending[next(iter(self._pending))]
        buttons = confirm_buttons(panel.number, nonce)
        name, zone = words.one_line(agent.name, ""), self.desk.chats.zone
        self.asides.ask(topic.key, Question(words.question(name, asked, zone), buttons))

    async def confirm(self, agent: Agent, topic: Topic, update_id: int, nonce: str) -> str:
        """The second yes; what to tell the agent. Raises `DeskRefusal`."""
        pending = self._taken(agent, topic, nonce)
        await self.desk.orders.cancel(
            agent, topic.key, number=pending.number, reason=pending.reason, token=pending.token
        )
        told = f"➤ {words.one_line(agent.name, '')} confirmed: order {pending.number} is being cancelled."
        await self.asides.say(topic.key, update_id, told)
        return "It is being cancelled. The outcome comes as a note."

    async def decline(self, agent: Agent, topic: Topic, update_id: int, nonce: str) -> str:
        """No; what to tell the agent. Raises `DeskRefusal`."""
        pending = self._taken(agent, topic, nonce)
        told = f"➤ {words.one_line(agent.name, '')} said no: order {pending.number} stays as it is."
        await self.asides.say(topic.key, update_id, told)
        return "Nothing is cancelled."

    def _taken(self, agent: Agent, topic: Topic, nonce: str) -> Pending:
        """What this question is about; it is answered with that."""
        pending = self._pending.get(nonce)
        if pending is None or pending.key != topic.key:
            raise BadInput(_OVER)
        if pending.agent != agent.id:
            raise NotAllowed("Only the agent who was asked can answer this.")
        del self._pending[nonce]
        return pending

    def _needs_reason(self, agent: Agent, panel: OrderPanel) -> bool:
        return panel.may_try and not panel.may_cancel and Right.OVERRIDE in self.desk.rights.of(agent)

    def _ask_for_reason(self, agent: Agent, topic: Topic, panel: OrderPanel) -> None:
        text = words.reason_wanted(words.one_line(agent.name, ""), panel)
        self.asides.ask(topic.key, Question(text))
