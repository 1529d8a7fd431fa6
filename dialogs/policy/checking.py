"""Proof that a policy decides everything and holds no rule in vain, over all facts there can be."""

from collections.abc import Collection

from dialogs.policy.evaluator import Policy
from dialogs.policy.rules import SILENCE, Facts, Rule, Ruling, Verdict, every_combination
from dialogs.policy.toml_lines import Problem, Tables


def matrix(policy: Policy) -> tuple[tuple[Facts, Verdict], ...]:
    """Every combination of facts with its verdict, stage by stage."""
    return tuple((facts, policy.decide_facts(facts)) for facts in every_combination())


def check(policy: Policy) -> tuple[Problem, ...]:
    """What keeps the policy from being total and free of unreachable rules; empty where it is both."""
    return (*_unreachable(policy), *_undecided(policy))


def missing_messages(policy: Policy, messages: Collection[str], file: str) -> tuple[Problem, ...]:
    """The rules whose reason cannot be told in a language: `messages` are those of its text file."""
    return tuple(
        Problem(
            rule.line,
            f"The reason of the rule `{rule.verdict.rule}` has no message `{name}`.",
            f"Add it to {file}, or use a reason that is there.",
        )
        for rule in policy.rules
        for name in _told_by(rule.verdict)
        if name not in messages
    )


def _told_by(verdict: Verdict) -> tuple[str, ...]:
    """The messages of a reason; a refusal says as well what can be done instead."""
    instead = (f"instead-{verdict.reason}",) if verdict.ruling is Ruling.REFUSE else ()
    return (f"reason-{verdict.reason}", *instead)


def _undecided(policy: Policy) -> tuple[Problem, ...]:
    end = Tables(policy.toml, "rule").last
    remedy = "Add a rule that names it, or a last rule without `when`."
    return tuple(
        Problem(end, f"No rule decides {facts}.", remedy)
        for facts, verdict in matrix(policy)
        if verdict == SILENCE
    )


def _unreachable(policy: Policy) -> tuple[Problem, ...]:
    deciding = {verdict.rule for _, verdict in matrix(policy)}
    return tuple(
        _never_decides(rule, policy.rules[:index])
        for index, rule in enumerate(policy.rules)
        if rule.verdict.rule not in deciding
    )


def _never_decides(rule: Rule, earlier: tuple[Rule, ...]) -> Problem:
    named = [facts for facts in every_combination() if rule.when.holds(facts)]
    winners = {
        next(other for other in earlier if other.when.holds(facts)).verdict.rule: None for facts in named
    }
    covering = ", ".join(f"`{name}`" for name in winners)
    message = (
        f"The rule `{rule.verdict.rule}` never decides: {covering} above it decides everything it names."
    )
    return Problem(rule.line, message, "Move it up, narrow the rule above it, or delete it.")
