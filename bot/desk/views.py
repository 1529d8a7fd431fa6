"""What the desk shows: values made for a screen, each with what the screen may do."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from bot.desk.rights import Right
from dialogs.orders import Order
from dialogs.refunds import Expectation
from storage.desk_records import Intercept, Note, QueueItem
from storage.records import Decided, Entry


class Delivery(StrEnum):
    """What became of a message to the customer."""

    SENT = "sent"
    """In the transcript, which this channel's clients fetch by themselves."""
    SENDING = "sending"
    DELIVERED = "delivered"
    FAILED = "failed"
    """Given up; it may be tried again."""


@dataclass(frozen=True, slots=True)
class Line:
    """One message of the transcript; `delivery` is `None` for the customer's own."""

    entry: Entry
    delivery: Delivery | None = None
    why: str = ""
    """Why it failed."""


@dataclass(frozen=True, slots=True)
class Watcher:
    """Another agent who has the chat open on their screen."""

    agent: str
    typing: bool


@dataclass(frozen=True, slots=True)
class Chat:
    """A conversation as an agent sees it: the last 200 messages, all notes, and what they may do."""

    item: QueueItem
    lines: tuple[Line, ...]
    notes: tuple[Note, ...]
    watchers: tuple[Watcher, ...]
    mine: bool
    may_act: bool
    """Whether this agent may act on it now; otherwise somebody else holds it."""
    rights: frozenset[Right]


class OrderProblem(StrEnum):
    """Why an order cannot be shown."""

    NO_NUMBER = "no_number"
    """The conversation names none."""
    NOT_FOUND = "not_found"
    UNREACHABLE = "unreachable"
    THROTTLED = "throttled"
    CREDENTIALS = "credentials_refused"
    CONTRACT = "contract_broken"


@dataclass(frozen=True, slots=True)
class OrderPanel:
    """An order read just now, and what follows from it. Where there is a `problem`, nothing was read.

    `verdict` is a value of `Ruling`; `clause_text` are the policy's own words.
    """

    number: str
    read_at: datetime
    problem: OrderProblem | None = None
    problem_text: str = ""
    """The problem in words that say what to do."""
    order: Order | None = None
    matched: bool = False
    """Whether the customer of this chat gave number and e-mail of this order."""
    verdict: str = ""
    may_cancel: bool = False
    """Whether the policy allows it and the order is matched; otherwise a cancellation is an override."""
    reason: str = ""
    """Why, in words."""
    rule: str = ""
    clause: str = ""
    clause_text: str = ""
    stake: Decimal = Decimal(0)
    """What was paid and not yet refunded, in the order's currency."""
    refunds: tuple[Expectation, ...] = ()
    refund_lines: tuple[str, ...] = ()
    """The refund windows in words, one for each payment."""
    decisions: tuple[Decided, ...] = ()
    """What was decided in this case so far, in order."""
    intercept: Intercept | None = None
    may_try: bool = False
    """Whether the asking agent may cancel it, by right or by an override."""


@dataclass(frozen=True, slots=True)
class Confirmation:
    """A cancellation that wants a second yes. Show it; then call again with `token`, within 10 minutes.

    The token is for this agent, chat, order, version, stage and amount; it can be used once.
    """

    token: str
    panel: OrderPanel
    override: bool
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class SummaryFact:
    """One line of a summary: a label and what is known."""

    label: str
    value: str


@dataclass(frozen=True, slots=True)
class Summary:
    """What an agent has to know before the first word, made from what is known and nothing else."""

    reference: str
    headline: str
    """One sentence: who wants what, and why a person is needed."""
    facts: tuple[SummaryFact, ...]
    """In order: request, order, verdict, tried, reason, waiting since."""
    said: tuple[str, ...]
    """The last lines of the transcript, `who: text`."""

    def text(self) -> str:
        """All of it as plain text."""
        facts = [f"{fact.label}: {fact.value}" for fact in self.facts]
        return "\n".join((self.headline, *facts, *(f"  {line}" for line in self.said)))


@dataclass(frozen=True, slots=True)
class Rendered:
    """A canned answer filled from a case; `missing` are the placeholders left in it as they were."""

    text: str
    missing: tuple[str, ...]
