"""What the desk's tables keep and give. Times are aware and UTC."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import IntEnum, StrEnum


class Role(StrEnum):
    """What an agent is; `bot.desk.rights` says what each may do."""

    AGENT = "agent"
    SUPERVISOR = "supervisor"
    ADMIN = "admin"


class Priority(IntEnum):
    """How soon a chat wants a person; the queue shows the highest first."""

    LOW = 0
    NORMAL = 1
    HIGH = 2
    URGENT = 3


class State(StrEnum):
    """Where a conversation stands at the desk. Derived from the dialogue's own state and the desk's row."""

    OPEN = "open"
    """A person is wanted and none has it."""
    CLAIMED = "claimed"
    SNOOZED = "snoozed"
    """Put off until a time or the customer's next message; whoever holds it still does."""
    RESOLVED = "resolved"
    BOT = "bot"
    """The bot has it and no person has settled it: not in the queue."""


@dataclass(frozen=True, slots=True)
class Agent:
    """A person at the desk. `name` is what customers see; both it and `login` are unique, in any case."""

    id: str
    login: str
    name: str
    role: Role
    created_at: datetime
    disabled_at: datetime | None = None
    has_password: bool = False


@dataclass(frozen=True, slots=True)
class Session:
    """Somebody signed in; `csrf` goes into every form, `token` into the cookie and nowhere else."""

    agent: Agent
    token: str = field(repr=False)
    csrf: str = field(repr=False)
    created_at: datetime
    expires_at: datetime
    """The earlier of idle and absolute expiry, as of now."""


@dataclass(frozen=True, slots=True)
class Intercept:
    """The warehouse was asked to stop the parcel: an answer is due `by` then."""

    order: str
    by: datetime
    note: str
    reminded: bool = False


@dataclass(frozen=True, slots=True)
class DeskRow:
    """What the dialogue does not know of a conversation. One never touched has version 0."""

    key: str
    version: int = 0
    priority: Priority = Priority.NORMAL
    snoozed_until: datetime | None = None
    snoozed_seq: int = 0
    """The transcript's length when it was snoozed: a customer's message after it ends the snooze."""
    holder: str | None = None
    """The agent whose claim this row knows of; the conversation's own agent is the truth."""
    claimed_at: datetime | None = None
    lease_until: datetime | None = None
    first_reply_at: datetime | None = None
    resolved_at: datetime | None = None
    resolved_by: str | None = None
    intercept: Intercept | None = None
    labels: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Filters:
    """Which conversations of the queue; what is not given does not matter.

    Without `state` all that are open, claimed or snoozed. `assignee` is an agent's name, `channel` the part
    of the key before the colon, `reason` a value of `HandoffReason`.
    """

    state: State | None = None
    assignee: str | None = None
    unassigned: bool = False
    reason: str | None = None
    channel: str | None = None
    label: str | None = None
    priority: Priority | None = None


@dataclass(frozen=True, slots=True)
class QueueItem:
    """A conversation as the queue lists it."""

    key: str
    reference: str
    channel: str
    customer: str | None
    """The name the customer gave their account with the channel, as it came: never trust it."""
    state: State
    reason: str
    """A value of `HandoffReason`; empty where none is known."""
    since: datetime
    """Waiting since; of a resolved one, when it was resolved."""
    agent: str | None
    """The name of the agent who holds it."""
    row: DeskRow
    order_number: str | None
    locale: str
    last_seq: int
    last_at: datetime | None
    last_author: str | None
    """`customer`, `bot` or `agent`."""
    last_text: str
    """The beginning of the last message, one line."""
    stamp: int = 0
    """Grows with every change: of two looks at one conversation the greater is the later one."""

    @property
    def awaits_reply(self) -> bool:
        """Whether the customer has the last word: what an unread counter counts."""
        return self.last_author == "customer"


@dataclass(frozen=True, slots=True)
class Page:
    """Part of a list; `cursor` asks for the next part and is `None` at the end."""

    items: tuple[QueueItem, ...]
    cursor: str | None


@dataclass(frozen=True, slots=True)
class Counts:
    """How many conversations there are to choose from, as far as the asking agent may see them.

    All but `states` count what is open, claimed or snoozed.
    """

    states: Mapping[State, int]
    mine: int
    unassigned: int
    reasons: Mapping[str, int]
    channels: Mapping[str, int]
    labels: Mapping[str, int]
    priorities: Mapping[Priority, int]
    assignees: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Found:
    """Something a search found: in which conversation, by what, and the words around it."""

    key: str
    reference: str
    customer: str | None
    where: str
    """`reference`, `order`, `customer`, `email`, `message` or `note`."""
    snippet: str
    at: datetime
    seq: int | None = None
    """The message's number, where it was found in one."""


@dataclass(frozen=True, slots=True)
class Note:
    """A private note; `author` is an agent's name, `None` the bot's. It is no message: no channel has it."""

    id: int
    at: datetime
    author: str | None
    text: str


@dataclass(frozen=True, slots=True)
class Canned:
    """An answer kept for use again. `shortcut` is what is typed after `/`."""

    shortcut: str
    title: str
    text: str
    updated_at: datetime
    updated_by: str | None = None
    """An agent's name; `None`: it came with the product."""


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """One act on record. `chain` is a conversation's key, or `account:<agent id>`."""

    chain: str
    seq: int
    at: datetime
    actor: str
    """An agent's id, `desk` for what the desk does by itself, or `local:<user>` for the command line."""
    name: str
    """The actor's name at the time."""
    act: str
    details: Mapping[str, str]
    hash: str
    """SHA-256 (hex) over the hash before and this entry."""


@dataclass(frozen=True, slots=True)
class Broken:
    """Where an audit chain does not hold: which chain, which entry, and what is wrong with it."""

    chain: str
    seq: int
    what: str


@dataclass(frozen=True, slots=True)
class Verified:
    """What a check of the audit log found. `digest` is over all heads: note it elsewhere to compare later."""

    chains: int
    entries: int
    erased: int
    broken: tuple[Broken, ...]
    digest: str
