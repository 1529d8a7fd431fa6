"""Conversations made comparable: what no step can tell apart becomes one state.

Only the open question and what is awaited have turns that count, and one stands in for each; times stand
still; what only counts up is held where its bound has been passed; identity stands in for the values of
`alphabet.py`, which are few.
"""

from collections.abc import Hashable

from dialogs.conversation import Conversation, Mode
from dialogs.replacing import replace
from dialogs.rules import Rules
from dialogs.waiting import wake_at
from tests.dialogs.alphabet import NOW

TURN = 10
"""The turn of every state; the next step is the eleventh."""
OPEN = 8
"""The turn of the open question."""
AWAITED = 2
"""The turn whose answer is awaited."""


def canonical(c: Conversation, rules: Rules) -> Conversation:
    """The one that stands for all conversations that behave as this one does."""
    handoff = c.handoff
    c = replace(
        c,
        turn=TURN,
        case=min(c.case, 1),
        details=("what is known",)[: len(c.details)],
        read_at=None if c.read_at is None else NOW,
        consent=None if c.consent is None else replace(c.consent, at=NOW),
        asked=None if c.asked is None else replace(c.asked, turn=OPEN),
        awaiting=None if c.awaiting is None else replace(c.awaiting, turn=AWAITED, since=NOW),
        handoff=None if handoff is None else replace(
            handoff, since=NOW, acknowledged_at=None if handoff.acknowledged_at is None else NOW
        ),
        settled=None if c.settled is None else replace(c.settled, at=NOW),
        messages=min(c.messages, rules.patience + 1),
        misses=min(c.misses, rules.misses),
        unreachable=min(c.unreachable, 2),
        checks=min(c.checks, len(rules.checks)),
        check_at=None if c.check_at is None else NOW,
        wake_at=None if c.wake_at is None else NOW,
    )  # fmt: skip
    return c if c.mode is Mode.BOT else replace(c, wake_at=wake_at(c, rules))


def key(c: Conversation, rules: Rules) -> Hashable:
    """Equal for two conversations exactly where their canonical ones are; much cheaper to hash."""
    asked, handoff, consent = c.asked, c.handoff, c.consent
    return (
        id(c.mode), c.locale, c.locale_known, c.case > 0, c.case_open, c.greeted, id(c.topic), c.done,
        c.number, c.email, c.numbers, c.emails, c.unmatched, c.lost_number, c.lost_email, len(c.details) > 0,
        c.part_only, tuple((id(later.topic), later.number, later.email) for later in c.later),
        id(c.order), c.read_at is None, id(c.outcome), tuple(map(id, c.guesses)),
        c.reminded, c.wake_at is None,
        min(c.messages, rules.patience + 1), min(c.misses, rules.misses), min(c.unreachable, 2),
        min(c.checks, len(rules.checks)),
        asked and (id(asked.question), asked.times),
        handoff and (
            id(handoff.reason), handoff.agent, handoff.acknowledged_at is None, handoff.wanted,
            handoff.reassured,
        ),
        c.settled and c.settled.agent, c.by_person, c.check_at is None,
        c.awaiting and id(c.awaiting.errand),
        consent and (consent.number, consent.verdict, consent.rule, consent.amount),
    )  # fmt: skip
