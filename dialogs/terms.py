"""What a yes is to: a cancellation as it is put to the customer, in every word that hangs on order and rules.

The rules may change between the question and the yes. A yes is to what was said, so it is that which is
compared; a rule that only has another name, or another place in its file, says the same.
"""

from decimal import Decimal
from hashlib import blake2b

from dialogs import refund_words
from dialogs.conversation import Terms
from dialogs.effects import Amount, Text
from dialogs.orders import Order
from dialogs.rules import Rules


def stake(order: Order) -> Decimal:
    """The amount that a consent is about: what was paid and not yet refunded."""
    return sum(
        (p.amount - sum((r.amount for r in p.refunds), Decimal(0)) for p in order.payments), Decimal(0)
    )


def question(order: Order, rules: Rules) -> Text:
    """What the record shows, why it can be cancelled, what would happen with the money; then the question."""
    verdict = rules.policy.decide(order)
    return Text(
        "ask-confirm",
        {
            **refund_words.order_phrase(order),
            "reason": Text(f"reason-{verdict.reason}"),
            "ruling": verdict.ruling.value,
            "stake": Amount(stake(order), order.currency),
            "refunds": refund_words.phrases(refund_words.expect(order, rules)),
        },
    )


def terms(order: Order, rules: Rules) -> Terms:
    """What is put to the customer by these rules, and the rule that it rests on."""
    words = blake2b(repr(question(order, rules)).encode(), digest_size=8).hexdigest()
    return Terms(rules.policy.decide(order).rule, words)
