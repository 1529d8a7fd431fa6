"""The one form of a stage look-up as JSON: on the command line, in a batch's lines, over HTTP."""

from datetime import UTC

from bot.stage_lookup import DESCRIPTIONS, RefundSeen, StageAnswer, StageFound
from dialogs.policy import Verdict

MISSING = "No such order, or not of that e-mail address."
UNREACHABLE = "The shop could not be reached."


def stage_record(asked: str, answer: StageAnswer) -> dict[str, object]:
    """One look-up; its number is as the shop writes it, or as it was asked where there is no such order."""
    number = answer.number if isinstance(answer, StageFound) else asked
    return {"number": number} | answer_record(answer)


def unreachable_record(asked: str, why: str) -> dict[str, object]:
    """One look-up that the shop did not answer, and why."""
    return {"number": asked, "error": "unreachable", "message": unreachable(why)}


def unreachable(why: str) -> str:
    """A sentence about a shop that did not answer, with the reason where there is one."""
    return f"{UNREACHABLE} {why}".strip()


def answer_record(answer: StageAnswer) -> dict[str, object]:
    """What was found, but for the number. Amounts are decimal text, times RFC 3339 in UTC."""
    if not isinstance(answer, StageFound):
        return {"found": False, "message": MISSING}
    return {
        "found": True,
        "stage": answer.stage.value,
        "description": DESCRIPTIONS[answer.stage],
        "status": answer.status,
        "partly_fulfilled": answer.partly_fulfilled,
        "cancellable": answer.cancellable.value,
        "verdict": _verdict(answer.verdict),
        "refunds": [_refund(refund) for refund in answer.refunds],
        "read_at": answer.read_at.isoformat(),
    }


def _verdict(verdict: Verdict) -> dict[str, str]:
    return {
        "ruling": verdict.ruling.value,
        "reason": verdict.reason,
        "rule": verdict.rule,
        "clause": verdict.clause,
    }


def _refund(refund: RefundSeen) -> dict[str, str | None]:
    return {
        "method": refund.method,
        "amount": str(refund.amount),
        "currency": refund.currency,
        "status": refund.status.value,
        "sent_at": refund.sent_at.astimezone(UTC).isoformat() if refund.sent_at else None,
    }
