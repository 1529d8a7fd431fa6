"""Behind an answer about an order: did it work, undo it, and what if the parcel comes all the same.

The customer speaks of what was just told. Whoever takes back a cancellation that has happened must hear that
it has, and not a friendly goodbye.
"""

from dataclasses import dataclass

from dialogs.conversation import Conversation, Question
from dialogs.effects import Text
from dialogs.orders import Order, Stage, same_number
from dialogs.reading import Afterwards, Intent, Reading
from dialogs.replacing import replace
from dialogs.rules import Rules

_UNCLEAR = (None, Intent.OTHER, Intent.POLICY, Intent.THANKS, Intent.CHITCHAT, Intent.GREETING)
"""What a message may look like by itself that asks whether it worked."""
_MONEY = frozenset({Intent.REFUND_STATUS, Intent.REFUND_TIME})
_TELLS = {
    Afterwards.UNDO: "remark-stays-cancelled",
    Afterwards.PARCEL: "remark-parcel-all-the-same",
    Afterwards.NOTICE: "remark-notice",
}


@dataclass(frozen=True, slots=True)
class Afterword:
    """What is said of it; or what it asks for, read in the light of the answer, with a word before that."""

    notes: tuple[Text, ...] = ()
    reading: Reading | None = None


def afterword(c: Conversation, reading: Reading, rules: Rules) -> Afterword | None:
    """What the message says behind the answer, or `None` where it speaks of something else."""
    order = c.order
    if not c.done or order is None or c.by_person or _elsewhere(c, reading):
        return None
    cancelled = order.stage is Stage.CANCELLED
    said = reading.afterwards
    if said in _TELLS and (cancelled or said is Afterwards.NOTICE) and _MONEY.isdisjoint(reading.intents):
        link = rules.status_link(order.number)
        return Afterword(
            (Text(_TELLS[said], {"number": order.number, "link": link, "reference": c.reference}),)
        )
    vague = len(reading.intents) <= 1 and reading.intent in _UNCLEAR
    if said in (Afterwards.DONE, Afterwards.NEXT) and vague:
        money_next = cancelled and said is Afterwards.NEXT
        return Afterword(reading=_asks(reading, Intent.REFUND_STATUS if money_next else Intent.ORDER_STATUS))
    if cancelled and len(reading.intents) > 1 and _MONEY.issuperset(reading.intents):
        return Afterword(reading=_asks(reading, Intent.REFUND_STATUS))
    if cancelled and vague and reading.method is not None and reading.answer is None:
        note = () if _paid_so(order, reading.method, rules) else (Text("remark-other-method"),)
        return Afterword(note, _asks(reading, Intent.REFUND_STATUS))
    return None


def takes_note(c: Conversation, reading: Reading) -> bool:
    """Whether an "ok" only takes note of the answer: to "anything else?" it is no yes."""
    asked = c.asked is not None and c.asked.question is Question.ANYTHING_ELSE
    return asked and reading.afterwards is Afterwards.NOTED


def _elsewhere(c: Conversation, reading: Reading) -> bool:
    """Whether it names another order or person, asks for several things, or for somebody."""
    others = any(c.number is None or not same_number(number, c.number) for number in reading.numbers)
    return others or bool(reading.emails or reading.also) or reading.intent is Intent.HUMAN


def _asks(reading: Reading, intent: Intent) -> Reading:
    return replace(reading, intents=(intent,), answer=None, stop=False)


def _paid_so(order: Order, method: str, rules: Rules) -> bool:
    rows = (rules.windows.method(payment.method) for payment in order.payments)
    return any(row is not None and row.key == method for row in rows)
