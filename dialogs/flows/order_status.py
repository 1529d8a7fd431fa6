"""Where is my order: the stage, as the record shows it."""

from dialogs import buttons, refund_words
from dialogs.conversation import Conversation
from dialogs.effects import Button, Text
from dialogs.flows.cancel_order import boundary
from dialogs.flows.identify import identify
from dialogs.moves import Conclude, Move
from dialogs.orders import Order
from dialogs.reading import Intent
from dialogs.remarks import stage
from dialogs.rules import Rules


def next_move(c: Conversation, rules: Rules) -> Move:
    """What to do now, from what is known."""
    if (missing := identify(c, rules)) is not None:
        return missing
    assert c.order is not None  # noqa: S101  identify answers otherwise
    parts = (
        Text("told-status", {**refund_words.order_phrase(c.order), "stage": stage(c)}),
        *((Text("told-partly-fulfilled"),) if c.order.partly_fulfilled else ()),
        boundary(c.order.number, rules),
    )
    return Conclude(parts, "status_told", _offers(c.order, rules))


def _offers(order: Order, rules: Rules) -> tuple[Button, ...]:
    """Cancelling is offered only where the policy would not refuse it."""
    return (buttons.intent(Intent.CANCEL),) if rules.policy.decide(order).ruling.may_cancel else ()
