"""Everything a step can ask of the world, as values. The world's answers come back as events."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import TypeAlias

from dialogs.orders import Order


@dataclass(frozen=True, slots=True)
class Amount:
    """Money, shown in the customer's locale; `currency` is an ISO 4217 code."""

    amount: Decimal
    currency: str


@dataclass(frozen=True, slots=True)
class DateRange:
    """Two dates, both possible; shown as one where they are the same."""

    first: date
    last: date


@dataclass(frozen=True, slots=True)
class Moment:
    """A day and a time of day, shown as the shop's clock has them."""

    at: datetime


@dataclass(frozen=True, slots=True)
class Text:
    """One piece of what the bot says: a message of `dialogs/texts/*.ftl` and its arguments.

    A `Text` among the arguments is rendered first; a tuple of them becomes a list in the locale's manner.
    """

    key: str
    args: "Mapping[str, Argument]" = field(default_factory=dict)


Argument: TypeAlias = str | int | Amount | date | datetime | Moment | DateRange | Text | tuple[Text, ...]


@dataclass(frozen=True, slots=True)
class Button:
    """A choice offered beside free text; `value` comes back in `Pressed` (at most 64 bytes)."""

    label: Text
    value: str


@dataclass(frozen=True, slots=True)
class Say:
    """One message to the customer: its paragraphs, and the choices below them."""

    parts: tuple[Text, ...]
    buttons: tuple[Button, ...] = ()


@dataclass(frozen=True, slots=True)
class SayAgain:
    """The bot's last message once more, word for word."""

    intro: Text
    buttons: tuple[Button, ...] = ()


@dataclass(frozen=True, slots=True)
class Relay:
    """An agent's words, passed on as they are."""

    agent: str
    text: str


@dataclass(frozen=True, slots=True)
class LookUpOrder:
    """Answered by `OrderFound`, `OrderMissing` or `ShopUnreachable`, with `turn` in their `to`."""

    turn: int
    number: str
    email: str


@dataclass(frozen=True, slots=True)
class CancelOrder:
    """Attempt to cancel, if the record still is as the customer consented to. Answered by `CancelEnded`.

    Whoever performs it reads the record first. `seen` is the order as the question showed it; `rule` the
    policy's rule that allowed it at the yes; `request_id` is the idempotency key, the same for every
    repetition of this one attempt.
    """

    turn: int
    number: str
    email: str
    seen: Order
    rule: str
    request_id: str
    by: str | None = None
    """The agent whose decision this is, where it is not the policy's: the order must be as `seen`."""
    ruling: str = ""
    reason: str = ""
    """What the rule said, since one of that name may say something else later; empty where not kept."""


@dataclass(frozen=True, slots=True)
class WatchOrder:
    """Read the record again later, `since` plus each of `after`: it was told as `told`, which is cancelled.

    Answered by `RecordContradicts` where a reading does not go with that, and else not at all.
    """

    reference: str
    number: str
    email: str
    told: Order
    since: datetime
    after: tuple[timedelta, ...]
    proved: bool = True
    """Whether the customer of this chat proved it theirs; of any other order only the desk hears."""


class HandoffReason(StrEnum):
    """Why a person is needed."""

    CUSTOMER_ASKED = "customer_asked"
    REOPENED = "reopened"
    """The customer wrote again about what a person had settled."""
    RULE = "rule"
    """The policy's own word, or its silence."""
    PART_OF_ORDER = "part_of_order"
    LOST_DETAILS = "lost_details"
    OTHER_REQUEST = "other_request"
    REFUND_TIMING_UNKNOWN = "refund_timing_unknown"
    REFUND_FAILED = "refund_failed"
    REFUND_UNCLEAR = "refund_unclear"
    """The order is cancelled, and nobody knows of a refund that was sent."""
    SHOP_UNREACHABLE = "shop_unreachable"
    OUTCOME_UNKNOWN = "outcome_unknown"
    CONFLICT = "conflict"
    REFUSED_BY_SHOP = "refused_by_shop"
    AGENT_GONE = "agent_gone"
    """An agent's own cancellation was not carried out, and the agent has left the chat meanwhile."""
    FAILED_ANSWERS = "failed_answers"
    IDENTITY_GUESSES = "identity_guesses"
    INTERNAL_ERROR = "internal_error"
    """The bot itself failed."""


@dataclass(frozen=True, slots=True)
class CallPerson:
    """A person is wanted; the conversation itself already says that it waits."""

    reason: HandoffReason
    reference: str


@dataclass(frozen=True, slots=True)
class TellPerson:
    """Kept with the turn: a note for the person who has the chat or will have it, and for nobody else."""

    text: Text


@dataclass(frozen=True, slots=True)
class CaseOpened:
    """Kept with the turn: a new request of the customer's, under a reference they can quote."""

    reference: str


@dataclass(frozen=True, slots=True)
class CaseClosed:
    """Kept with the turn: how the request ended."""

    reference: str
    result: str


@dataclass(frozen=True, slots=True)
class DecisionMade:
    """Kept with the turn: what was decided, on which facts, by which rule of which policy text."""

    reference: str
    order: Order
    read_at: datetime
    verdict: str
    reason: str
    rule: str
    clause: str
    policy: str
    """The hash of the policy as it was."""


Speech = Say | SayAgain | Relay
Errand = LookUpOrder | CancelOrder | WatchOrder | CallPerson
Record = CaseOpened | CaseClosed | DecisionMade
Effect = Speech | Errand | Record | TellPerson
