"""Who works here: agents, their roles and passwords, and how they sign in and out."""

from dataclasses import dataclass

from storage.desk_records import Agent, Role, Session


@dataclass(frozen=True, slots=True)
class Accounts:
    """Agents, as an admin manages them. `by` is who does it; all of them raise `NotAllowed`, `BadInput`."""

    async def all(self, by: Agent) -> tuple[Agent, ...]:
        """Every agent by name, disabled ones too. Anybody at the desk may see them: to pass a chat on."""
        raise NotImplementedError

    async def add(self, by: Agent, *, login: str, name: str, role: Role, password: str | None) -> Agent:
        """A new agent; without a password they sign in by a link."""
        raise NotImplementedError

    async def disable(self, by: Agent, agent_id: str) -> None:
        """End all their sessions; they cannot sign in. Their chats return to the queue with the next round.

        Nobody can disable the last admin.
        """
        raise NotImplementedError

    async def enable(self, by: Agent, agent_id: str) -> None:
        """Let them sign in again."""
        raise NotImplementedError

    async def set_role(self, by: Agent, agent_id: str, role: Role) -> None:
        """Change what they may do, at once. The last admin stays one."""
        raise NotImplementedError

    async def set_password(self, by: Agent, agent_id: str, password: str, *, current: str = "") -> None:
        """A new password (10 to 256 characters); ends all their sessions.

        For oneself `current` has to be right (raises `SignInRefused`); for others it takes the right.
        """
        raise NotImplementedError

    async def sign_in_token(self, by: Agent, agent_id: str) -> str:
        """A token that signs in once within 15 minutes: for a link, over a safe way."""
        raise NotImplementedError


@dataclass(frozen=True, slots=True)
class SignIn:
    """Coming and going. `address` is the network address, which is kept as a keyed digest only."""

    async def with_password(self, login: str, password: str, *, address: str, before: str = "") -> Session:
        """Sign in. `before` is the session token the browser came with, if any: it ends (no fixation).

        Unknown names and wrong passwords take the same time and give the same answer, `SignInRefused`.
        Raises `TooManyAttempts`.
        """
        raise NotImplementedError

    async def with_token(self, token: str, *, address: str, before: str = "") -> Session:
        """Sign in by a one-time token. Raises `SignInRefused`, `TooManyAttempts`."""
        raise NotImplementedError

    async def session(self, token: str) -> Session | None:
        """Who has this session, as they are now, or `None`: it is over, or never was. Ask with every request.

        A console asks again for an open WebSocket at least every minute.
        """
        raise NotImplementedError

    async def sign_out(self, token: str) -> None:
        """End this session."""
        raise NotImplementedError

    async def sign_out_everywhere(self, agent: Agent) -> None:
        """End all sessions of this agent."""
        raise NotImplementedError

    @staticmethod
    def same_csrf(session: Session, given: str) -> bool:
        """Whether a form carries this session's token; compared in constant time."""
        raise NotImplementedError
