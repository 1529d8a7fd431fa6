"""Everything that can happen to a conversation. `at` is an aware UTC time.

An answer of the world names in `to` the turn whose effect it answers, so that a late one is known as such.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from dialogs.orders import Order
from dialogs.reading import Reading


@dataclass(frozen=True, slots=True)
class Opened:
    """The customer opened the chat, perhaps by a link that names an order, and has said nothing yet."""

    at: datetime
    number: str | None = None


@dataclass(frozen=True, slots=True)
class Said:
    """The customer wrote. An `edited` text corrects an earlier one and never counts as consent."""

    at: datetime
    text: str
    reading: Reading
    edited: bool = False


@dataclass(frozen=True, slots=True)
class Pressed:
    """The customer pressed a button of ours; `value` is what the button carried."""

    at: datetime
    value: str


class Unreadable(StrEnum):
    """What a customer may send that is not text."""

    EMPTY = "empty"
    TOO_LONG = "too_long"
    STICKER = "sticker"
    PHOTO = "photo"
    VOICE = "voice"
    FILE = "file"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Sent:
    """The customer sent something that is not readable text; a caption comes as `Said` instead."""

    at: datetime
    what: Unreadable


@dataclass(frozen=True, slots=True)
class LanguageChosen:
    """The customer chose the language of the answers, as a key of `dialogs/texts`."""

    at: datetime
    locale: str


@dataclass(frozen=True, slots=True)
class OrderFound:
    """The shop's record of the order; number and e-mail have been matched in our code."""

    at: datetime
    to: int
    order: Order
    read_at: datetime


@dataclass(frozen=True, slots=True)
class OrderMissing:
    """No such order, or not of that e-mail address: nobody is told which."""

    at: datetime
    to: int


class Trouble(StrEnum):
    """Why the shop gave no answer that can be used."""

    UNREACHABLE = "unreachable"
    THROTTLED = "throttled"
    """It wants no more calls for a while."""
    CREDENTIALS = "credentials"
    """It refuses us: an operator has to mend that."""
    CONTRACT = "contract"
    """It answers what its interface does not allow: likewise."""

    @property
    def passes(self) -> bool:
        """Whether it may be over in a moment by itself."""
        return self in (Trouble.UNREACHABLE, Trouble.THROTTLED)


@dataclass(frozen=True, slots=True)
class ShopUnreachable:
    """The shop gave no answer to the look-up in time; of an attempt to cancel: nothing was attempted."""

    at: datetime
    to: int
    why: Trouble = Trouble.UNREACHABLE


class Outcome(StrEnum):
    """What became of an attempt to cancel, named by our re-reading of the record."""

    CANCELLED = "cancelled"
    ALREADY_CANCELLED = "already_cancelled"
    REFUSED = "refused"
    STAGE_MOVED = "stage_moved"
    """The record is no longer as it was agreed to; nothing was changed by us."""
    CONFLICT = "conflict"
    """The record shows it cancelled and also fulfilled."""
    UNKNOWN = "unknown"
    """No answer, and the record could not be read again."""


@dataclass(frozen=True, slots=True)
class CancelEnded:
    """The attempt to cancel ended; `order` is the record as read last, at `read_at`, if it could be read."""

    at: datetime
    to: int
    outcome: Outcome
    order: Order | None
    read_at: datetime | None
    asked_on: Order | None = None
    """The record, read after the customer's yes, on which the shop was asked; `None` where it was not."""
    asked_read_at: datetime | None = None
    """When that was read."""


class Contradiction(StrEnum):
    """What a later reading shows that does not go with "cancelled"."""

    FULFILLED_TOO = "fulfilled_too"
    """Cancelled, and wholly or partly fulfilled."""
    NOT_CANCELLED = "not_cancelled"
    GONE = "gone"
    """The shop knows no such order any more, or not under this e-mail address."""
    REFUND_FAILED = "refund_failed"


@dataclass(frozen=True, slots=True)
class RecordContradicts:
    """An order that was told as cancelled under this reference is no more as it was told.

    `order` is the record as read at `at`, `None` where it is gone; `number` and `email` name it as the
    customer did; or, where the customer has not `proved` that it is theirs, as the agent who cancelled it.
    """

    at: datetime
    reference: str
    number: str
    email: str
    contradiction: Contradiction
    order: Order | None
    proved: bool = True


@dataclass(frozen=True, slots=True)
class TimeCame:
    """The time the conversation asked to be woken at has come."""

    at: datetime


@dataclass(frozen=True, slots=True)
class PersonTookOver:
    """An agent claimed the chat. Who comes second changes nothing."""

    at: datetime
    agent: str


@dataclass(frozen=True, slots=True)
class PersonSaid:
    """An agent wrote to the customer, word for word."""

    at: datetime
    agent: str
    text: str


@dataclass(frozen=True, slots=True)
class PersonGaveBack:
    """An agent gave the chat back to the bot, which resumes the open request if `resume`."""

    at: datetime
    agent: str
    resume: bool = True


@dataclass(frozen=True, slots=True)
class PersonClosed:
    """An agent settled the case."""

    at: datetime
    agent: str


CustomerEvent = Opened | Said | Pressed | Sent | LanguageChosen
WorldEvent = OrderFound | OrderMissing | ShopUnreachable | CancelEnded | RecordContradicts | TimeCame


@dataclass(frozen=True, slots=True)
class PersonLeft:
    """The agent who has the chat is gone: it waits for another one."""

    at: datetime
    agent: str


@dataclass(frozen=True, slots=True)
class PersonPassedOn:
    """The agent who has the chat gave it to another one."""

    at: datetime
    agent: str
    to: str


@dataclass(frozen=True, slots=True)
class PersonCancels:
    """The agent who has the chat decides to cancel `order`, as the record showed it at `read_at`.

    Identity, permission and reason are the desk's to check and to keep.
    """

    at: datetime
    agent: str
    order: Order
    read_at: datetime


PersonEvent = (
    PersonTookOver | PersonSaid | PersonGaveBack | PersonClosed | PersonLeft | PersonPassedOn | PersonCancels
)
Event = CustomerEvent | WorldEvent | PersonEvent
