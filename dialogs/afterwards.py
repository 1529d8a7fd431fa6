"""Behind an answer about an order: did it work, undo it, and what if the parcel comes all the same.

The customer speaks of what was just told. Whoever takes back a cancellation that has happened must hear that
it has, and not a friendly goodbye.
"""

from dataclasses import dataclass

from dialogs import knowledge
from dialogs.conversation import Conversation, Question, Topic
from dialogs.effects import Text
from dialogs.orders import Order, Stage
from dialogs.policy import Ruling
from dialogs.reading import Afterwards, Aside, Intent, Reading
from dialogs.remarks import paid_so, why_refused
from dialogs.replacing import replace
from dialogs.rules import Rules

_UNCLEAR = (None, Intent.OTHER, Intent.POLICY, Intent.THANKS, Intent.CHITCHAT, Intent.GREETING)
"""What a message may look like by itself that asks whether it worked."""
_TAKEN = frozenset({Intent.ORDER_STATUS, Intent.REFUND_STATUS, Intent.OTHER_REQUEST})
"""What is asked for clearly has an answer of its own."""
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
    if not cancelled and (text := _refused(c, order, reading, rules)) is not None:
        return Afterword((text,))
    if said in _TELLS and (cancelled or said is Afterwards.NOTICE) and _MONEY.isdisjoint(reading.intents):
        link = rules.status_link(order.number)
        return Afterword(
            (Text(_TELLS[said], {"number": order.number, "link": link, "reference": c.reference}),)
        )
    vague = len(reading.intents) <= 1 and reading.intent in _UNCLEAR
    if said in (Afterwards.DONE, Afterwards.NEXT) and vague:
        money_next = cancelled and said is Afterwards.NEXT
        return Afterword(reading=_asks(reading, Intent.REFUND_STATUS if money_next else Intent.ORDER_STATUS))
    if cancelled and vague and reading.aside is Aside.COSTS:
        return Afterword(reading=_asks(reading, Intent.REFUND_STATUS))
    if cancelled and len(reading.intents) > 1 and _MONEY.issuperset(reading.intents):
        return Afterword(reading=_asks(reading, Intent.REFUND_STATUS))
    if cancelled and vague and reading.method is not None and reading.answer is None:
        note = () if paid_so(order, reading.method, rules) else (Text("remark-other-method"),)
        return Afterword(note, _asks(reading, Intent.REFUND_STATUS))
    return None


def _refused(c: Conversation, order: Order, reading: Reading, rules: Rules) -> Text | None:
    """Behind a refusal: what can be done instead, and why it is so."""
    verdict = rules.policy.decide(order)
    if c.topic is not Topic.CANCEL or verdict.ruling is not Ruling.REFUSE:
        return None
    if not _TAKEN.isdisjoint(reading.intents):
        return None
    match reading.afterwards:
        case Afterwards.INSTEAD | Afterwards.PARCEL | Afterwards.NEXT:
            return Text(f"instead-{verdict.reason}")
        case Afterwards.INSIST:
            return why_refused(order, verdict)
        case _:
            return None


def takes_note(c: Conversation, reading: Reading) -> bool:
    """Whether an "ok" only takes note of the answer: to "anything else?" it is no yes."""
    asked = c.asked is not None and c.asked.question is Question.ANYTHING_ELSE
    return asked and reading.afterwards is Afterwards.NOTED


def _elsewhere(c: Conversation, reading: Reading) -> bool:
    """Whether it names another order or person, asks for several things, or for somebody."""
    others = knowledge.is_another(c, reading.numbers) or bool(reading.emails or reading.also)
    return others or reading.intent is Intent.HUMAN


def _asks(reading: Reading, intent: Intent) -> Reading:
    return replace(reading, intents=(intent,), answer=None, stop=False)
