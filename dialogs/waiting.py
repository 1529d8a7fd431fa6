"""While a person is wanted: what the customer is told to expect, and when something is looked at again."""

from datetime import datetime

from dialogs.conversation import Conversation, Mode
from dialogs.effects import Moment, Text
from dialogs.events import Outcome
from dialogs.hearing import Heard
from dialogs.moves import LookUp, Wait
from dialogs.replacing import replace
from dialogs.rules import Rules


def what_comes_next(c: Conversation, at: datetime, rules: Rules) -> tuple[Text, ...]:
    """When a person can be expected, and that nothing is lost until then."""
    return (Text("handover-next", {"when": when(at, rules), "reference": c.reference}),)


def when(at: datetime, rules: Rules) -> Text:
    """When a person can be expected, as far as it is known."""
    hours = rules.hours
    if hours is not None and not hours.is_open(at):
        back = hours.open_from(at)
        return Text("when-closed") if back is None else Text("when-back", {"back": Moment(back)})
    if rules.expected_wait is None:
        return Text("when-free")
    return Text("when-soon", {"minutes": max(1, round(rules.expected_wait.total_seconds() / 60))})


def next_check(c: Conversation, at: datetime, rules: Rules) -> datetime | None:
    """An unknown outcome is looked into again, a few times; the person called has it in any case.

    A look that is due already is not put off by whatever else a person is called for meanwhile.
    """
    if c.outcome is not Outcome.UNKNOWN or c.checks >= len(rules.checks):
        return None
    if c.check_at is not None:
        return c.check_at
    return at + rules.checks[c.checks]


def wake_at(c: Conversation, rules: Rules) -> datetime | None:
    """When the conversation wants to be woken."""
    if c.mode is Mode.BOT:
        return c.wake_at
    if c.awaiting is not None:
        return _reassurance(c, rules)
    return min(filter(None, (c.check_at, _reassurance(c, rules))), default=None)


def _reassurance(c: Conversation, rules: Rules) -> datetime | None:
    """When the customer is told next that nobody has been free yet: while somebody could have been."""
    handoff = c.handoff
    if c.mode is not Mode.WAITING or handoff is None or handoff.reassured >= len(rules.reassure_after):
        return None
    due = handoff.since + rules.reassure_after[handoff.reassured]
    return due if rules.hours is None else rules.hours.open_from(due)


def woken(c: Conversation, at: datetime, rules: Rules) -> Heard:
    """The time came while the bot does not have the chat: an unknown outcome to read, or a long wait."""
    if c.check_at is not None and at >= c.check_at and c.number is not None and c.email is not None:
        return Heard(replace(c, check_at=None, checks=c.checks + 1), (), LookUp())
    due = _reassurance(c, rules)
    if c.handoff is None or due is None or at < due:
        return Heard(c, (), Wait())
    since = c.handoff.since  # once, however many of the times have passed
    passed = sum(since + after <= at for after in rules.reassure_after)
    c = replace(c, handoff=replace(c.handoff, reassured=max(passed, c.handoff.reassured + 1)))
    told = Text("note-still-waiting", {"when": when(at, rules), "reference": c.reference})
    return Heard(c, (), Wait((told,)))
