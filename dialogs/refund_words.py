"""What is said of refunds: never a date the record does not carry, never a window nobody has stated."""

import re

from dialogs.effects import Amount, Argument, DateRange, HandoffReason, Text
from dialogs.orders import Order, Stage
from dialogs.refunds import Expectation, Kind, Method, Unit
from dialogs.rules import Rules

_UNITS = {Unit.BUSINESS_DAYS: "days-business", Unit.DAYS: "days-calendar", Unit.IMMEDIATE: "days-at-once"}
_SIGNS = re.compile(r"\W+")


def days(low: int | None, high: int | None, unit: Unit | None) -> Text:
    """A number of days, or that nobody has stated one."""
    if unit is None or unit not in _UNITS or low is None or high is None:
        return Text("days-unknown")
    return Text(_UNITS[unit], {"span": _span(low, high), "min": low, "max": high})


def _span(low: int, high: int) -> str:
    if low == high:
        return "exact" if high else "same_day"
    return "between" if low else "up_to"


def paid_by(name: str) -> Text:
    """A payment method: in the customer's language where it is a common one, else by its own name."""
    return Text("payment-method", {"brand": _SIGNS.sub("_", name.casefold()).strip("_"), "name": name})


def window(method: Method) -> Text:
    """How long a refund takes by one payment method."""
    return Text("window", {"method": paid_by(method.name), "days": days(method.min, method.max, method.unit)})


def phrase(expected: Expectation) -> Text:
    """What is to be expected for one payment, or one refund of it."""
    amount = Amount(expected.amount, expected.currency)
    args: dict[str, Argument] = {
        "amount": amount,
        "method": paid_by(expected.name),
        "days": days(expected.min, expected.max, expected.unit),
    }
    if expected.kind is Kind.DATED and expected.dates and expected.sent_on:
        return Text("refund-dated", {**args, "sent": expected.sent_on, "dates": DateRange(*expected.dates)})
    return Text(f"refund-{expected.kind.value.replace('_', '-')}", args)


def phrases(expected: tuple[Expectation, ...]) -> tuple[Text, ...]:
    """One phrase for each payment that has money in it; one that says so where none has."""
    return tuple(phrase(e) for e in expected) or (Text("refund-nothing-at-all"),)


def if_cancelled(order: Order, rules: Rules) -> tuple[Text, ...]:
    """What a cancellation would bring back, or has brought: also where it is too late for one."""
    return phrases(rules.windows.expect(order, cancelling=True))


def parts(expected: tuple[Expectation, ...]) -> tuple[Text, ...]:
    """The same as paragraphs, with the notes that go with them, each once."""
    lines = (Text("refund-line", {"refund": text}) for text in phrases(expected))
    notes = dict.fromkeys(e.note for e in expected if e.note)
    return (*lines, *(Text(f"refund-note-{note}") for note in notes))


def person_for(expected: tuple[Expectation, ...]) -> HandoffReason | None:
    """Why a person has to answer for the money, if one has to."""
    kinds = {e.kind for e in expected}
    if Kind.FAILED in kinds:
        return HandoffReason.REFUND_FAILED
    if kinds & {Kind.UNSENT, Kind.UNCLEAR}:
        return HandoffReason.REFUND_UNCLEAR
    return HandoffReason.REFUND_TIMING_UNKNOWN if Kind.PERSON in kinds else None


def none_sent(order: Order) -> bool:
    """Whether no money is on its way back, nor to be: nothing is cancelled, and nothing was refunded."""
    return order.stage is not Stage.CANCELLED and not any(payment.refunds for payment in order.payments)


def order_phrase(order: Order) -> dict[str, Argument]:
    """The arguments by which a text names an order."""
    return {
        "number": order.number,
        "pieces": order.pieces,
        "total": Amount(order.total, order.currency),
    }


def expect(order: Order, rules: Rules) -> tuple[Expectation, ...]:
    """What is to be expected of every payment of this order."""
    return rules.windows.expect(order)
