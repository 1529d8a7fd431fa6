"""A stage look-up as people read it: in lines of a name and a text, or in one line of a watch."""

from collections.abc import Iterator

from bot.stage_lookup import DESCRIPTIONS, RefundSeen, StageFound
from dialogs.policy import Verdict

_STAGE, _RULING = 14, 18
"""Columns."""


def described(found: StageFound) -> Iterator[tuple[str, str]]:
    """Everything of it, each with its name."""
    status = f" (the shop's word: {found.status})" if _own_word(found) else ""
    yield "Order", found.number
    yield "Stage", f"{found.stage.value}: {DESCRIPTIONS[found.stage]}{status}"
    yield "Partly fulfilled", "yes" if found.partly_fulfilled else "no"
    yield "Marked cancellable", found.cancellable.value
    yield "If asked to cancel", _verdict(found.verdict)
    for refund in found.refunds:
        yield "Refund", _refund(refund)
    yield "Read at", f"{found.read_at:%Y-%m-%d %H:%M:%S} UTC"


def news_line(found: StageFound) -> str:
    """All that a watch tells of one change."""
    parts = [
        f"{found.read_at:%H:%M:%S}Z",
        found.number,
        f"{found.stage.value:{_STAGE}}",
        f"{found.verdict.ruling.value:{_RULING}}",
        f"rule {found.verdict.rule or 'none'}",
    ]
    if _own_word(found):
        parts.append(f"the shop's word: {found.status}")
    if found.partly_fulfilled:
        parts.append("partly fulfilled")
    parts.extend(f"refund {_refund(refund)}" for refund in found.refunds)
    return "  ".join(parts)


def _own_word(found: StageFound) -> bool:
    return found.status not in {"", found.stage.value}


def _verdict(verdict: Verdict) -> str:
    if not verdict.rule:
        return f"{verdict.ruling.value}: no rule decides"
    return f"{verdict.ruling.value}: {verdict.reason} (rule {verdict.rule}, clause {verdict.clause})"


def _refund(refund: RefundSeen) -> str:
    when = f" {refund.sent_at:%Y-%m-%d}" if refund.sent_at else ""
    return f"{refund.amount} {refund.currency} {refund.status.value}{when} ({refund.method})"
