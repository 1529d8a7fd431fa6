"""What is asked about a question before it is answered: where that number is, whether there is a fee."""

from collections.abc import Callable

from dialogs.conversation import Conversation, Question, Topic
from dialogs.effects import Amount, Text
from dialogs.orders import Line, Order
from dialogs.reading import Aside, Intent, Reading
from dialogs.rules import Rules

_VAGUE = frozenset({Intent.OTHER, Intent.POLICY, Intent.CHITCHAT, Intent.WHY})
_LOST = frozenset({Intent.LOST_NUMBER, Intent.LOST_EMAIL, Intent.LOST_BOTH})
"""Who asks where the number stands has not lost it yet."""
_MONEY = frozenset({Intent.REFUND_STATUS, Intent.REFUND_TIME})


def aside(c: Conversation, reading: Reading, rules: Rules) -> Text | None:
    """The answer, or `None` where nothing of that kind is asked, or it is no time for it."""
    if reading.aside is None or reading.answer is not None:
        return None
    if reading.numbers or reading.emails or reading.also or not _is_vague(c, reading):
        return None
    answer = _ANSWERS.get(reading.aside)
    return None if answer is None else answer(c, rules)


def _is_vague(c: Conversation, reading: Reading) -> bool:
    """Whether nothing else is asked for clearly."""
    match reading.aside:
        case Aside.WHERE_NUMBER | Aside.WHICH_EMAIL:
            return _VAGUE.union(_LOST).issuperset(reading.intents)
        case Aside.COSTS if _is_to_confirm(c):
            return _VAGUE.union(_MONEY).issuperset(reading.intents)
        case _:
            return _VAGUE.issuperset(reading.intents)


def _is_to_confirm(c: Conversation) -> bool:
    return c.asked is not None and c.asked.question is Question.CONFIRM


def _where_number(c: Conversation, rules: Rules) -> Text | None:
    return Text("aside-where-number", {"example": rules.number_example}) if c.number is None else None


def _which_email(c: Conversation, rules: Rules) -> Text | None:
    del rules
    return Text("aside-which-email") if c.email is None else None


def _safe(c: Conversation, rules: Rules) -> Text | None:
    del c, rules
    return Text("aside-safe")


def _bot(c: Conversation, rules: Rules) -> Text | None:
    del c, rules
    return Text("remark-chitchat")


def _costs(c: Conversation, rules: Rules) -> Text | None:
    del rules
    return Text("aside-costs") if c.topic in (None, Topic.CANCEL) and not c.done else None


def _items(c: Conversation, rules: Rules) -> Text | None:
    del rules
    if c.order is None or c.by_person:
        return None
    lines = tuple(_line(c.order, line) for line in c.order.lines)
    total = Amount(c.order.total, c.order.currency)
    return Text("aside-items", {"number": c.order.number, "lines": lines, "total": total})


def _line(order: Order, line: Line) -> Text:
    price = Amount(line.unit_price, order.currency)
    return Text("aside-item", {"quantity": line.quantity, "title": line.title, "price": price})


def _if_not(c: Conversation, rules: Rules) -> Text | None:
    del rules
    if c.order is None or not _is_to_confirm(c):
        return None
    return Text("aside-if-not", {"number": c.order.number})


_ANSWERS: dict[Aside, Callable[[Conversation, Rules], Text | None]] = {
    Aside.WHERE_NUMBER: _where_number,
    Aside.WHICH_EMAIL: _which_email,
    Aside.SAFE: _safe,
    Aside.BOT: _bot,
    Aside.COSTS: _costs,
    Aside.ITEMS: _items,
    Aside.IF_NOT: _if_not,
}
