"""What is known so far in one conversation: the whole state of the dialogue, as values."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from functools import lru_cache
from hashlib import blake2b

from dialogs.effects import HandoffReason
from dialogs.events import Outcome, Trouble
from dialogs.orders import Order
from dialogs.reading import Intent

_ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Letters and digits that are not mistaken for one another when read aloud."""


class Mode(StrEnum):
    """Who answers the customer."""

    BOT = "bot"
    WAITING = "waiting"
    """A person is wanted and none has the chat yet."""
    PERSON = "person"


class Topic(StrEnum):
    """What the customer wants; one file each in `dialogs/flows`."""

    CANCEL = "cancel"
    STATUS = "status"
    REFUND = "refund"


class Question(StrEnum):
    """What the bot can ask."""

    WHAT = "what"
    WHICH_INTENT = "which_intent"
    NUMBER = "number"
    EMAIL = "email"
    WHICH_NUMBER = "which_number"
    WHICH_EMAIL = "which_email"
    NOT_FOUND = "not_found"
    """Number and e-mail did not match an order: one of them, or both, again."""
    CONFIRM = "confirm"
    DETAILS = "details"
    """What else the customer knows of an order whose number or e-mail is lost."""
    RETRY_SHOP = "retry_shop"
    RESUME = "resume"
    """Go on with what was interrupted, or named beside it."""
    ANYTHING_ELSE = "anything_else"


@dataclass(frozen=True, slots=True)
class Terms:
    """What was put to the customer: the policy's rule it rests on, and a digest of its words (`terms.py`)."""

    rule: str
    words: str


@dataclass(frozen=True, slots=True)
class Asked:
    """The open question: `turn` is its nonce, `times` how often it was put in a row."""

    question: Question
    turn: int
    times: int = 1
    terms: Terms | None = None
    """What a yes to `Question.CONFIRM` is to; `None` where an older program asked."""
    put_off: bool = False
    """The customer asked for a moment and was told to take it: an "ok" answers that, not the question."""


class Errand(StrEnum):
    """An effect whose answer is awaited."""

    LOOK_UP = "look_up"
    CANCEL = "cancel"


@dataclass(frozen=True, slots=True)
class Awaited:
    """What was asked of the world; answers that name another `turn` come too late and change nothing."""

    errand: Errand
    turn: int
    since: datetime


@dataclass(frozen=True, slots=True)
class Consent:
    """A clear yes to cancelling this order, under this rule, with this amount at stake: for one attempt.

    `rule` is the one that was shown, though the same opinion may have another name by now.
    """

    number: str
    verdict: str
    rule: str
    amount: Decimal
    at: datetime


@dataclass(frozen=True, slots=True)
class Handoff:
    """Why and since when a person is wanted; `agent` once one has the chat."""

    reason: HandoffReason
    since: datetime
    agent: str | None = None
    acknowledged_at: datetime | None = None
    """When the customer was last told that their words are kept for the person."""
    wanted: bool = False
    """A person comes whatever an unknown outcome turns out to be: not for that alone are they called."""
    reassured: int = 0
    """How often the customer was told, unasked, that nobody has been free yet."""


@dataclass(frozen=True, slots=True)
class Settled:
    """An agent closed the case of this conversation; the customer may take it up again."""

    agent: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Later:
    """A request put off: interrupted by another, or named in the same breath."""

    topic: Topic
    number: str | None = None
    email: str | None = None


@dataclass(frozen=True, slots=True)
class Conversation:
    """Everything the dialogue knows. A new one is `Conversation(seed=...)`, the seed unguessable."""

    seed: str
    locale: str = "en"
    locale_known: bool = False
    """The customer chose this language or wrote in it; until then it is a guess."""
    turn: int = 0
    mode: Mode = Mode.BOT
    case: int = 0
    """Counts this customer's requests; 0 before the first."""
    case_open: bool = False
    greeted: bool = False
    topic: Topic | None = None
    later: tuple[Later, ...] = ()
    """Requests put off until this one has ended."""
    number: str | None = None
    email: str | None = None
    numbers: tuple[str, ...] = ()
    """Several candidates: the customer chooses."""
    emails: tuple[str, ...] = ()
    unmatched: bool = False
    """Number and e-mail as they stand matched no order."""
    by_person: bool = False
    """Number and e-mail are not the customer's own words: to the bot they prove nothing."""
    misses: int = 0
    lost_number: bool = False
    lost_email: bool = False
    details: tuple[str, ...] = ()
    part_only: bool = False
    order: Order | None = None
    read_at: datetime | None = None
    consent: Consent | None = None
    outcome: Outcome | None = None
    done: bool = False
    """The request has had its answer."""
    checks: int = 0
    """How often the record was read to find an unknown outcome."""
    unreachable: int = 0
    """How often in a row the shop gave no answer."""
    trouble: Trouble | None = None
    """Why it gave none, the last time."""
    guesses: tuple[Intent, ...] = ()
    """What an unclear message may have meant."""
    asked: Asked | None = None
    awaiting: Awaited | None = None
    handoff: Handoff | None = None
    settled: Settled | None = None
    messages: int = 0
    """The customer's messages since an answer, a person or a farewell: patience is bounded."""
    reminded: bool = False
    check_at: datetime | None = None
    """When an unknown outcome is looked into again."""
    wake_at: datetime | None = None

    @property
    def reference(self) -> str:
        """The reference of the current case, for example `7K2M-9QXD`."""
        return reference(self.seed, self.case)

    @property
    def attempting(self) -> bool:
        """Whether an attempt to cancel is under way; until it has ended, this is about its order."""
        return self.awaiting is not None and self.awaiting.errand is Errand.CANCEL


def erased(conversation: Conversation) -> Conversation:
    """What is left of a conversation that is erased: nothing the customer said, and its counters.

    They go on, so that no button, answer or reference of before is taken for one of what follows.
    """
    return Conversation(conversation.seed, turn=conversation.turn, case=conversation.case)


@lru_cache(maxsize=4096)  # a turn needs it several times
def reference(seed: str, case: int) -> str:
    """The short reference of a conversation's n-th case: 8 signs of 30, about 39 bits."""
    rest = int.from_bytes(blake2b(f"{seed}:{case}".encode(), digest_size=8).digest())
    signs = []
    for _ in range(8):
        rest, sign = divmod(rest, len(_ALPHABET))
        signs.append(_ALPHABET[sign])
    return f"{''.join(signs[:4])}-{''.join(signs[4:])}"
