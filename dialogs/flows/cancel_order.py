"""Cancel an order: identify, decide by the policy, ask for a clear yes, attempt, tell.

The attempt reads the record before it asks the shop (`bot/cancelling.py`): one that is no longer as it was
agreed to comes back as moved, and this begins anew with what it shows.
"""

from dialogs import buttons, refund_words
from dialogs.conversation import Consent, Conversation, Question
from dialogs.effects import HandoffReason, Text
from dialogs.events import Outcome
from dialogs.flows.identify import identify
from dialogs.moves import Ask, Attempt, Conclude, HandOver, Move
from dialogs.orders import Order, Stage
from dialogs.policy import Ruling, Verdict
from dialogs.rules import Rules
from dialogs.terms import question, stake, terms


def next_move(c: Conversation, rules: Rules) -> Move:
    """What to do now, from what is known."""
    if c.outcome is not None and c.number is not None:
        return _outcome(c, c.outcome, rules)
    if (missing := identify(c, rules)) is not None:
        return missing
    assert c.order is not None  # noqa: S101  identify answers otherwise
    verdict = rules.policy.decide(c.order)
    if not verdict.ruling.may_cancel:
        return _not_now(c.order, verdict, rules)
    if c.part_only:
        return HandOver(HandoffReason.PART_OF_ORDER)
    if c.consent is None or not _is_to(c.consent, c.order, verdict):
        return _confirm(c, c.order, rules)
    return Attempt(verdict)


def _is_to(consent: Consent, order: Order, verdict: Verdict) -> bool:
    """Whether the yes was to this order, verdict and amount; its words were compared when it was said."""
    return (consent.number, consent.verdict, consent.amount) == (
        order.number, verdict.ruling.value, stake(order),
    )  # fmt: skip


def _confirm(c: Conversation, order: Order, rules: Rules) -> Move:
    """Say what the record shows and what would happen with the money; then ask."""
    offered = buttons.yes_no(c, "yes-cancel", "no-keep")
    return Ask(Question.CONFIRM, question(order, rules), offered, terms(order, rules))


def _not_now(order: Order, verdict: Verdict, rules: Rules) -> Move:
    """The policy's word where it is not a yes: why, what else can be done, and its boundary."""
    args = refund_words.order_phrase(order)
    why = Text(f"reason-{verdict.reason}", args)
    if verdict.ruling is Ruling.PERSON:
        told = (Text("handover-rule", {**args, "reason": why}), boundary(order.number, rules))
        return HandOver(HandoffReason.RULE, told)
    if verdict.ruling is Ruling.ALREADY_CANCELLED:
        return _cancelled(order, "told-already-cancelled", "already_cancelled", rules)
    parts = (
        Text("told-refused", {**args, "reason": why}),
        Text(f"instead-{verdict.reason}"),
        boundary(order.number, rules),
    )
    return Conclude(parts, "refused", (buttons.PERSON,))


def _outcome(c: Conversation, outcome: Outcome, rules: Rules) -> Move:
    """What became of the attempt, as the record shows it."""
    order, number = c.order, c.number or ""
    match outcome:
        case Outcome.CANCELLED | Outcome.ALREADY_CANCELLED if order and order.stage is Stage.CANCELLED:
            if order.partly_fulfilled:
                return _unsettled(HandoffReason.CONFLICT, number, rules)
            return _cancelled(order, f"told-{outcome.value.replace('_', '-')}", outcome.value, rules)
        case Outcome.REFUSED if order is not None:
            verdict = rules.policy.decide(order)
            if verdict.ruling is Ruling.REFUSE:
                return _not_now(order, verdict, rules)
            return _unsettled(HandoffReason.REFUSED_BY_SHOP, number, rules)
        case Outcome.CONFLICT:
            return _unsettled(HandoffReason.CONFLICT, number, rules)
        case _:
            return _unsettled(HandoffReason.OUTCOME_UNKNOWN, number, rules)


def _unsettled(reason: HandoffReason, number: str, rules: Rules) -> Move:
    """The attempt did not end as it should: nothing is promised, and a person looks into it."""
    told = Text(f"handover-{reason.value.replace('_', '-')}", {"number": number})
    return HandOver(reason, (told, boundary(number, rules)))


def _cancelled(order: Order, key: str, result: str, rules: Rules) -> Move:
    """The record shows it cancelled: say so, and when the money is to be expected, per payment."""
    expected = refund_words.expect(order, rules)
    said = (Text(key, refund_words.order_phrase(order)), *refund_words.parts(expected))
    if (reason := refund_words.person_for(expected)) is not None:
        return HandOver(reason, (*said, boundary(order.number, rules)))
    return Conclude((*said, boundary(order.number, rules)), result)


def boundary(number: str, rules: Rules) -> Text:
    """Clause 6: the website's live status stands above what the bot says."""
    return Text("boundary", {"link": rules.status_link(number), "number": number})
