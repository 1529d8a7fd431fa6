"""What the bot says beside the point: answers to questions in the middle, thanks, greetings, anger."""

from dialogs import refund_words
from dialogs.conversation import Conversation, Mode, Question, Topic
from dialogs.effects import Text
from dialogs.orders import Order, Stage
from dialogs.policy import Policy, Ruling, Verdict, default_policy, outline
from dialogs.reading import Intent, Reading
from dialogs.rules import Rules

_PLAIN = {
    Intent.THANKS: "remark-thanks",
    Intent.CHITCHAT: "remark-chitchat",
    Intent.COMPLAINT: "remark-complaint",
    Intent.MOMENT: "remark-moment",
}

_WHY = {
    Question.NUMBER: "why-number",
    Question.WHICH_NUMBER: "why-number",
    Question.EMAIL: "why-email",
    Question.WHICH_EMAIL: "why-email",
    Question.NOT_FOUND: "why-both",
    Question.CONFIRM: "why-confirm",
    Question.DETAILS: "why-details",
}


def remarks(c: Conversation, reading: Reading, rules: Rules) -> tuple[Text, ...]:
    """The answers to what was asked in passing, in the order it was asked."""
    asked = (reading.intent, *reading.also)
    other = (Text("remark-other-method"),) if _pays_otherwise(c, reading, rules) else ()
    found = [remark(c, intent, reading, rules) for intent in dict.fromkeys(asked) if intent]
    return (*other, *(text for text in found if text is not None))


def _pays_otherwise(c: Conversation, reading: Reading, rules: Rules) -> bool:
    """Whether the money is wanted another way than the order to be cancelled was paid."""
    if c.order is None or reading.method is None or c.topic is not Topic.CANCEL or c.done:
        return False
    return reading.intent is not Intent.REFUND_TIME and not paid_so(c.order, reading.method, rules)


def remark(c: Conversation, intent: Intent, reading: Reading, rules: Rules) -> Text | None:
    """One answer in passing, or `None` where this is not a question in passing."""
    if intent in _PLAIN:
        return Text(_PLAIN[intent])
    match intent:
        case Intent.POLICY:
            return _policy(rules.policy)
        case Intent.GREETING if c.greeted and c.mode is Mode.BOT:
            return Text("remark-greeting")
        case Intent.WHY:
            return _why(c, rules)
        case Intent.REFUND_TIME:
            return refund_time(c, reading, rules)
        case Intent.ORDER_STATUS if c.topic not in (None, Topic.STATUS):
            return _status(c, reading, rules)
        case Intent.REFUND_STATUS if c.topic not in (None, Topic.REFUND):
            return _refunds(c, reading, rules)
        case _:
            return None


def _why(c: Conversation, rules: Rules) -> Text:
    """Why the open question was put; where an answer was given, why it is as it is."""
    question = c.asked.question if c.asked is not None else None
    if question is not Question.ANYTHING_ELSE or c.order is None:
        return Text(_WHY.get(question, "why-generally") if question else "why-generally")
    verdict = rules.policy.decide(c.order)
    if c.topic is Topic.CANCEL and verdict.ruling is Ruling.REFUSE:
        return why_refused(c.order, verdict)
    return Text("why-record")


def why_refused(order: Order, verdict: Verdict) -> Text:
    """That it is the policy, and that a person may be asked."""
    return Text("why-refused", {"number": order.number, "reason": Text(f"reason-{verdict.reason}")})


def paid_so(order: Order, method: str, rules: Rules) -> bool:
    """Whether the record shows a payment by this method (one of our keys)."""
    rows = (rules.windows.method(payment.method) for payment in order.payments)
    return any(row is not None and row.key == method for row in rows)


def _policy(policy: Policy) -> Text:
    """What the merchant's rules say of an ordinary order; our own rules have a sentence of theirs."""
    found = outline(policy)
    if found == outline(default_policy()):
        return Text("remark-policy")
    lists = {
        "cancelled": found.cancelled,
        "tried": found.tried,
        "refused": found.refused,
        "person": found.person,
    }
    return Text(
        "remark-policy-listed",
        {
            "marks": "refused" if found.marks_refused else "none",
            **{name: tuple(map(_such, stages)) or "none" for name, stages in lists.items()},
        },
    )


def _such(stage: Stage) -> Text:
    return Text("policy-such", {"stage": _stage_text(stage)})


def refund_time(c: Conversation, reading: Reading, rules: Rules) -> Text:
    """How long a refund takes: by the method named, else by the order's own, else by the common ones."""
    if reading.method and (method := rules.windows.method(reading.method)):
        return Text("remark-refund-time", {"window": refund_words.window(method)})
    if c.order is not None:
        return Text("remark-refund-order", {"refunds": refund_words.if_cancelled(c.order, rules)})
    common = [rules.windows.method(key) for key in ("card", "paypal", "klarna", "gift_card")]
    return Text("remark-refund-methods", {"windows": tuple(refund_words.window(m) for m in common if m)})


def _status(c: Conversation, reading: Reading, rules: Rules) -> Text | None:
    if c.order is None:
        return None if reading.numbers or reading.emails else Text("remark-status-later")
    return Text(
        "remark-status",
        {"number": c.order.number, "stage": stage(c), "link": rules.status_link(c.order.number)},
    )


def _refunds(c: Conversation, reading: Reading, rules: Rules) -> Text | None:
    if c.order is None:
        return None if reading.numbers or reading.emails else Text("remark-refund-later")
    return Text("remark-refund-order", {"refunds": refund_words.if_cancelled(c.order, rules)})


def stage(c: Conversation) -> Text:
    """The stage of the order spoken of, in the customer's words."""
    return stage_of(c.order)


def stage_of(order: Order | None) -> Text:
    """An order's stage, in the customer's words."""
    return _stage_text(order.stage) if order else Text("stage-unrecognised")


def _stage_text(stage: Stage) -> Text:
    return Text(f"stage-{stage.value.replace('_', '-')}")
