"""Who may do what: the table of roles, and the check of an agent against a conversation."""

from dataclasses import dataclass
from enum import StrEnum

from bot.desk.errors import HeldBy, NotAllowed
from storage.desk_records import Agent, Role


class Right(StrEnum):
    """Something that a role may or may not do."""

    SEE_OTHERS = "see_others"
    """Look at chats that other agents hold."""
    ANSWER = "answer"
    """Claim, reply, note, snooze, label, pass on, give back, settle: chats of one's own and nobody's."""
    OVERRULE = "overrule"
    """Take chats that others hold out of their hands: put back, pass on, give back, settle, set up."""
    CANCEL = "cancel"
    """Cancel an order that the policy lets the customer cancel."""
    OVERRIDE = "override"
    """Cancel against the policy, or without the customer's order having been matched."""
    EDIT_CANNED = "edit_canned"
    SEE_AUDIT = "see_audit"
    MANAGE_AGENTS = "manage_agents"


_AGENT = frozenset({Right.ANSWER, Right.CANCEL})
_SUPERVISOR = _AGENT | {
    Right.SEE_OTHERS,
    Right.OVERRULE,
    Right.OVERRIDE,
    Right.EDIT_CANNED,
    Right.SEE_AUDIT,
}
TABLE: dict[Role, frozenset[Right]] = {
    Role.AGENT: _AGENT,
    Role.SUPERVISOR: _SUPERVISOR,
    Role.ADMIN: _SUPERVISOR | {Right.MANAGE_AGENTS},
}


@dataclass(frozen=True, slots=True)
class Rights:
    """The table as an operator set it up: agents may `see_all` chats, and may or may not `override`."""

    see_all: bool = True
    agents_override: bool = False

    def of(self, agent: Agent) -> frozenset[Right]:
        """What this agent may do. A disabled one may nothing."""
        if agent.disabled_at is not None:
            return frozenset()
        rights = set(TABLE[agent.role])
        if self.see_all:
            rights.add(Right.SEE_OTHERS)
        if self.agents_override:
            rights.add(Right.OVERRIDE)
        return frozenset(rights)

    def sees_all(self, agent: Agent) -> bool:
        """Whether the agent may look at chats that others hold."""
        return Right.SEE_OTHERS in self.of(agent)

    def need(self, agent: Agent, right: Right) -> None:
        """Raise `NotAllowed` unless the agent has this right."""
        if right not in self.of(agent):
            raise NotAllowed(f"{agent.name} may not do this ({right.value}). A supervisor can.")

    def need_sight(self, agent: Agent, holder: str | None) -> None:
        """Raise `NotAllowed` unless the agent may look at a chat that `holder`, or nobody, has."""
        self.need(agent, Right.ANSWER)
        if holder not in (None, agent.name):
            self.need(agent, Right.SEE_OTHERS)

    def need_hand(self, agent: Agent, holder: str | None) -> None:
        """Raise `HeldBy` or `NotAllowed` unless the agent may act on a chat that `holder`, or nobody, has."""
        self.need_sight(agent, holder)
        if holder not in (None, agent.name) and Right.OVERRULE not in self.of(agent):
            raise HeldBy(holder or "")
