"""The cancellation policy: rules as data, one evaluator, each verdict with the clause it rests on."""

from dialogs.policy.checking import check, matrix, missing_messages
from dialogs.policy.evaluator import Policy, default_policy, default_text, load
from dialogs.policy.outline import outline
from dialogs.policy.parsing import PolicyError
from dialogs.policy.rules import Condition, Facts, Rule, Ruling, Verdict
from dialogs.policy.toml_lines import Problem

__all__ = [
    "Condition",
    "Facts",
    "Policy",
    "PolicyError",
    "Problem",
    "Rule",
    "Ruling",
    "Verdict",
    "check",
    "default_policy",
    "default_text",
    "load",
    "matrix",
    "missing_messages",
    "outline",
]
