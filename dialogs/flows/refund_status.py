"""Where is my refund: what the record shows of it, per payment."""

from dialogs import buttons, refund_words
from dialogs.conversation import Conversation
from dialogs.effects import Text
from dialogs.flows.cancel_order import boundary
from dialogs.flows.identify import identify
from dialogs.moves import Conclude, HandOver, Move
from dialogs.orders import Order, Stage
from dialogs.policy import Ruling
from dialogs.reading import Intent
from dialogs.remarks import stage
from dialogs.rules import Rules


def next_move(c: Conversation, rules: Rules) -> Move:
    """What to do now, from what is known."""
    if (missing := identify(c, rules)) is not None:
        return missing
    assert c.order is not None  # noqa: S101  identify answers otherwise
    if refund_words.none_sent(c.order):
        return _none_yet(c, c.order, rules)
    expected = rules.windows.expect(c.order, cancelling=c.order.stage is Stage.CANCELLED)
    said = (
        Text("told-refund", refund_words.order_phrase(c.order)),
        *refund_words.parts(expected),
        boundary(c.order.number, rules),
    )
    if (reason := refund_words.person_for(expected)) is not None:
        return HandOver(reason, said)
    return Conclude(said, "refund_told")


def _none_yet(c: Conversation, order: Order, rules: Rules) -> Move:
    """Nothing is on its way back, since nothing is cancelled: what whoever wants their money can do."""
    verdict = rules.policy.decide(order)
    parts = [
        Text("told-no-refund", {**refund_words.order_phrase(order), "stage": stage(c)}),
        boundary(order.number, rules),
    ]
    if verdict.ruling.may_cancel:
        parts.insert(1, Text("offer-cancel"))
        return Conclude(tuple(parts), "refund_told", (buttons.intent(Intent.CANCEL),))
    if verdict.ruling is Ruling.REFUSE:
        parts.insert(1, Text(f"instead-{verdict.reason}"))
    return Conclude(tuple(parts), "refund_told", (buttons.PERSON,))
