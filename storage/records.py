"""What the store keeps and gives, in its callers' words. Times are aware and UTC.

A conversation's key is `<channel>:<the channel's id of the chat>`, for example `web:5f0c` or `telegram:4711`.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from dialogs.conversation import Conversation
from dialogs.effects import CancelOrder, DecisionMade, LookUpOrder, Record, WatchOrder


class Author(StrEnum):
    """Who wrote a message of the transcript."""

    CUSTOMER = "customer"
    BOT = "bot"
    AGENT = "agent"


@dataclass(frozen=True, slots=True)
class Choice:
    """A button as the customer saw it."""

    label: str
    value: str


@dataclass(frozen=True, slots=True)
class Entry:
    """One message of a transcript; `seq` counts from 1 within its conversation, without gaps.

    `update_id` is the channel's id of a customer's message, so that a client finds its own again.
    """

    seq: int
    at: datetime
    author: Author
    text: str
    choices: tuple[Choice, ...] = ()
    agent: str | None = None
    update_id: str | None = None


@dataclass(frozen=True, slots=True)
class Deliver:
    """Send the transcript's message `seq` to the customer: for channels that do not fetch by themselves."""

    seq: int


@dataclass(frozen=True, slots=True)
class Notify:
    """Tell the desk that a person is wanted."""

    reason: str
    reference: str


Work = Deliver | LookUpOrder | CancelOrder | WatchOrder | Notify


@dataclass(frozen=True, slots=True)
class Contact:
    """How the customer reached us; `address` is a keyed digest of the network address, never the address."""

    name: str | None = None
    address: str | None = None


@dataclass(frozen=True, slots=True)
class Stored:
    """A conversation as last saved; `version` counts its turns, `last_seq` the messages of its transcript."""

    key: str
    version: int
    last_seq: int
    conversation: Conversation
    contact: Contact


@dataclass(frozen=True, slots=True)
class Turn:
    """Everything one step leaves behind, saved in one transaction or not at all.

    `base` is the version it was computed from (0: the conversation is new). `update_id` is remembered, so
    that the same update changes nothing again. `settles` are the outbox ids of the work whose answer this
    turn is: they are done with it. `work` enters the outbox leased to the saving process, but for a
    `WatchOrder`, which waits there for its first time. `wake_at` is when the conversation wants `TimeCame`.
    `notes` are the bot's words for whoever has the chat: kept apart from the transcript.
    """

    key: str
    base: int
    last_seq: int
    at: datetime
    conversation: Conversation
    contact: Contact
    update_id: str | None = None
    entries: tuple[Entry, ...] = ()
    work: tuple[Work, ...] = ()
    records: tuple[Record, ...] = ()
    notes: tuple[str, ...] = ()
    settles: tuple[int, ...] = ()
    wake_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Saved:
    """The turn is durable; `work_ids` are the outbox ids of its `work`, in that order."""

    work_ids: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Duplicate:
    """The update was seen before, or the work it answers was settled before; nothing was changed."""


@dataclass(frozen=True, slots=True)
class Stale:
    """Somebody else saved a turn since `base`; load and step again."""


Result = Saved | Duplicate | Stale


@dataclass(frozen=True, slots=True)
class Claimed:
    """A piece of work taken up from the outbox under a lease; `attempts` counts the earlier ones."""

    id: int
    key: str
    work: Work
    attempts: int


@dataclass(frozen=True, slots=True)
class Case:
    """A customer's request under a reference; `result` is set once it is closed."""

    reference: str
    key: str
    opened_at: datetime
    closed_at: datetime | None
    result: str | None


@dataclass(frozen=True, slots=True)
class Decided:
    """A decision as recorded, with the policy as it was then."""

    made: DecisionMade
    at: datetime
    policy_toml: str
    policy_text: str


@dataclass(frozen=True, slots=True)
class Waiting:
    """A conversation that waits for a person or is held by one, as the inbox lists it."""

    key: str
    reference: str
    mode: str
    reason: str
    since: datetime
    agent: str | None


@dataclass(frozen=True, slots=True)
class UnderWay:
    """A conversation that is not over; `mode` says who answers (`bot`, `waiting`, `person`)."""

    key: str
    mode: str
    saved_at: datetime
