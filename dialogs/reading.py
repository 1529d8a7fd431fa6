"""What a text means, as far as it can be told without knowing the conversation."""

from dataclasses import dataclass
from enum import StrEnum


class Intent(StrEnum):
    """What a customer may want with a message."""

    CANCEL = "cancel"
    ORDER_STATUS = "order_status"
    REFUND_STATUS = "refund_status"
    """Where is my refund."""
    REFUND_TIME = "refund_time"
    """How long do refunds take, in general or by one payment method."""
    HUMAN = "human"
    CANCEL_PART = "cancel_part"
    """One item of an order only."""
    OTHER_REQUEST = "other_request"
    """Something a shop's people do and this bot does not: change an address, a size, send an invoice..."""
    POLICY = "policy"
    """May I cancel at all, until when."""
    GREETING = "greeting"
    THANKS = "thanks"
    GOODBYE = "goodbye"
    CHITCHAT = "chitchat"
    """Small talk and questions about the bot itself."""
    COMPLAINT = "complaint"
    """Anger, with or without a request."""
    REPEAT = "repeat"
    """Say that again."""
    WHY = "why"
    """Why do you need that?"""
    MOMENT = "moment"
    """Give me a moment."""
    START_OVER = "start_over"
    LOST_NUMBER = "lost_number"
    LOST_EMAIL = "lost_email"
    LOST_BOTH = "lost_both"
    OTHER = "other"
    """Nothing this bot knows."""


class Answer(StrEnum):
    """What a text says to a yes/no question."""

    YES = "yes"
    NO = "no"
    """No, and also never mind, stop, don't cancel it."""


class Afterwards(StrEnum):
    """What a text says behind an answer about an order; at any other time it says none of this."""

    NOTED = "noted"
    """It takes note: "ok", "perfect"."""
    UNDO = "undo"
    """The cancellation is not wanted any more, or the items are after all."""
    PARCEL = "parcel"
    """The parcel comes, or may come, all the same."""
    NOTICE = "notice"
    """Is there something in writing?"""
    DONE = "done"
    """Did it work?"""
    NEXT = "next"
    """What happens now?"""
    INSTEAD = "instead"
    """What else can be done?"""
    INSIST = "insist"
    """It should be tried all the same."""


class Aside(StrEnum):
    """What a text asks about the question that is open, or about the wait for a person."""

    WHERE_NUMBER = "where_number"
    """Where does one find the order number?"""
    WHICH_EMAIL = "which_email"
    SAFE = "safe"
    """Is it safe to tell this here?"""
    BOT = "bot"
    """Is this a machine?"""
    COSTS = "costs"
    """Is there a fee, is everything paid back?"""
    ITEMS = "items"
    """What is in the order?"""
    IF_NOT = "if_not"
    """What if I say no?"""
    BACK = "back"
    """The bot again, in place of the person who is waited for."""
    WAIT = "wait"
    """How long until a person comes?"""


@dataclass(frozen=True, slots=True)
class Reading:
    """The meaning of one text.

    `intents` are at most three, likeliest first: one where it is clear, several where a question is needed,
    none where nothing was understood. `numbers` and `emails` are candidates in the order of the text,
    normalised, without those the customer takes back ("not 1042 but 1043" gives 1043 in `numbers` and 1042
    in `withdrawn`). `stop` is true for "never mind", "stop", "don't cancel it", which are also `Answer.NO`.
    `method` is a payment method named in the text, as a key of `dialogs/refunds/methods.toml`.
    `also` holds further intents of a message that asks for several things. `language` is the language of the
    text, as a key of `dialogs/texts`, where it is clear. `afterwards` is what it says behind an answer,
    `aside` what it asks about an open question.
    """

    intents: tuple[Intent, ...] = ()
    numbers: tuple[str, ...] = ()
    emails: tuple[str, ...] = ()
    withdrawn: tuple[str, ...] = ()
    answer: Answer | None = None
    stop: bool = False
    method: str | None = None
    also: tuple[Intent, ...] = ()
    language: str | None = None
    afterwards: Afterwards | None = None
    aside: Aside | None = None

    @property
    def intent(self) -> Intent | None:
        """The one intent that is clear, if one is."""
        return self.intents[0] if len(self.intents) == 1 else None
