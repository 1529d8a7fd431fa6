"""What is kept of the topics in which agents work: a topic a conversation, in a group of a messenger."""

from dataclasses import dataclass
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class Topic:
    """Where a conversation is shown, and what of it is shown there already."""

    key: str
    group: int
    topic: int
    """The group's number of the topic."""
    reference: str
    """The case that the summary is about."""
    name: str
    closed: bool = False
    summary: int | None = None
    """The message that holds the summary; none where it is to be sent (again)."""
    pinned: bool = False
    head: str = ""
    """The summary as it stands there."""
    head_seq: int = 0
    """The transcript's length when the summary was first sent."""
    seq: int = 0
    """Messages of the transcript up to this one are shown."""
    note: int = 0
    """Private notes up to this id are shown."""
    source: int = 0
    """The customer's pictures and files up to this update are shown."""
    told: str = ""
    """Who has the chat, as was told there last."""


class Kind(StrEnum):
    """What a message in a group was."""

    REPLY = "reply"
    NOTE = "note"
    MEDIA = "media"
    MADE = "made"
    """None of an agent's: Telegram's own notice that we made the topic, which has the topic's number."""
    ASIDE = "aside"
    """As `MADE`, of a topic that says already that its conversation goes on elsewhere."""


@dataclass(frozen=True, slots=True)
class TopicMessage:
    """One message in a group; `seq` is what a reply became in the transcript."""

    group: int
    message: int
    key: str
    kind: Kind
    seq: int | None = None


class SourceKind(StrEnum):
    """Why a customer's update is remembered."""

    MEDIA = "media"
    EDIT = "edit"


@dataclass(frozen=True, slots=True)
class Source:
    """A customer's update that is more than its words: the chat's message that it was."""

    key: str
    update_id: int
    message: int
    kind: SourceKind


@dataclass(frozen=True, slots=True)
class Answer:
    """What is to be told in a topic to whoever made this update."""

    update_id: int
    text: str


@dataclass(frozen=True, slots=True)
class Pending:
    """What waits to be told in a topic of this group, besides what is new in the conversation.

    It is equal to what was found before as long as nothing else waits.
    """

    group: int
    answer: int
    """The update that is answered last; 0: none."""
    losses: frozenset[int] = frozenset()
    """Numbers of messages to the customer that were given up, where the topic tells of others."""
