"""Why a case was decided as it was: from the record alone, with the policy as it was then."""

from dataclasses import dataclass

from dialogs.policy import PolicyError, load
from storage.records import Decided


@dataclass(frozen=True, slots=True)
class Explained:
    """A recorded decision, the words of its clause, and whether the record gives the same decision today."""

    decided: Decided
    clause: str
    same: bool


def explain(decided: Decided) -> Explained:
    """Derive the decision again from what was recorded."""
    made = decided.made
    try:
        policy = load(decided.policy_toml, decided.policy_text)
    except PolicyError:
        return Explained(decided, "", same=False)
    verdict = policy.decide(made.order)
    again = (verdict.ruling.value, verdict.reason, verdict.rule, verdict.clause)
    same = again == (made.verdict, made.reason, made.rule, made.clause) and policy.hash == made.policy
    return Explained(decided, policy.clause_text(made.clause) if made.clause else "", same)
