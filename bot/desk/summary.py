"""The summary for whoever takes over: from what is known and nothing else, no sentence made up."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, tzinfo

from bot.desk.views import Summary, SummaryFact
from dialogs.conversation import Conversation, Topic
from dialogs.rules import Rules
from storage.desk_records import QueueItem, State
from storage.records import Author, Entry

LINES = 8
_LONGEST = 200

WANTS = {
    Topic.CANCEL: "wants to cancel an order",
    Topic.STATUS: "asks where an order is",
    Topic.REFUND: "asks about a refund",
    None: "wrote to us",
}
REASONS = {
    "customer_asked": "asked for a person",
    "reopened": "wrote again about a case that was settled",
    "rule": "the policy leaves this to a person",
    "part_of_order": "wants to cancel a part of the order only",
    "lost_details": "does not know the order number or the e-mail address",
    "other_request": "wants something that the bot does not do",
    "refund_timing_unknown": "nobody has stated how long this refund takes",
    "refund_failed": "the record shows a failed refund",
    "refund_unclear": "the order is cancelled, and no refund is known to have been sent",
    "shop_unreachable": "the shop's system gave no answer",
    "outcome_unknown": "nobody knows whether the cancellation took effect",
    "conflict": "the order is cancelled and fulfilled at once",
    "refused_by_shop": "the shop's system refused the cancellation",
    "agent_gone": "an agent's cancellation was not carried out, and the agent has left",
    "failed_answers": "the bot could not understand the customer",
    "identity_guesses": "number and e-mail did not match an order, several times",
    "internal_error": "the bot failed",
}


def reason_words(reason: str) -> str:
    """Why a person is needed, in words; an unknown reason as it is."""
    return REASONS.get(reason, reason.replace("_", " ") or "nobody was asked for")


def of(
    item: QueueItem, c: Conversation, entries: Sequence[Entry], rules: Rules, zone: tzinfo = UTC
) -> Summary:
    """What is known of a conversation. `entries` are its last messages; times are told in `zone`."""
    who = item.customer or "The customer"
    why = reason_words(item.reason)
    needed = f"; a person is needed: {why}." if item.state is not State.BOT else "."
    return Summary(
        reference=item.reference,
        headline=f"{who} {WANTS[c.topic]}{needed}",
        facts=tuple(_facts(item, c, rules, zone)),
        said=tuple(_line(entry) for entry in entries),
    )


def _facts(item: QueueItem, c: Conversation, rules: Rules, zone: tzinfo) -> Iterator[SummaryFact]:
    yield SummaryFact("Case", item.reference)
    yield SummaryFact("Order", _order(c, zone))
    if c.order is not None:
        verdict = rules.policy.decide(c.order)
        resting = f", clause {verdict.clause}" if verdict.clause else ", no rule decides"
        yield SummaryFact(
            "Verdict", f"{verdict.ruling.value.replace('_', ' ')} ({verdict.rule or '-'}){resting}"
        )
    if tried := _tried(c, zone):
        yield SummaryFact("Tried", tried)
    yield SummaryFact("Reason", reason_words(item.reason))
    yield SummaryFact("Waiting since", _time(item.since, zone, "%Y-%m-%d %H:%M"))


def _time(at: datetime, zone: tzinfo, form: str) -> str:
    return f"{at.astimezone(zone):{form} %Z}"


def _order(c: Conversation, zone: tzinfo) -> str:
    if c.order is None or c.read_at is None:
        return f"{c.number} (not read, or not matched)" if c.number else "none named"
    order, read = c.order, _time(c.read_at, zone, "%Y-%m-%d %H:%M:%S")
    stage = order.stage.value.replace("_", " ") + (", partly fulfilled" if order.partly_fulfilled else "")
    return f"{order.number}: {stage}, {order.total} {order.currency}, read {read}"


def _tried(c: Conversation, zone: tzinfo) -> str:
    tried: list[str] = []
    if c.outcome is not None:
        tried.append(f"a cancellation: {c.outcome.value.replace('_', ' ')}")
    if c.awaiting is not None:
        since = _time(c.awaiting.since, zone, "%H:%M:%S")
        tried.append(f"under way: {c.awaiting.errand.value.replace('_', ' ')} since {since}")
    if c.checks:
        tried.append(f"the record was read again {c.checks} times")
    if c.unreachable:
        tried.append(f"the shop gave no answer {c.unreachable} times")
    if c.misses:
        tried.append(f"number and e-mail did not match {c.misses} times")
    return "; ".join(tried)


def _line(entry: Entry) -> str:
    who = (entry.agent or "agent") if entry.author is Author.AGENT else entry.author.value
    words = " ".join(entry.text.split())
    return f"{who}: {words[:_LONGEST]}{'…' if len(words) > _LONGEST else ''}"
