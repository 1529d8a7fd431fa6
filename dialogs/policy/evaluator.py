"""The one evaluator: rules asked in order, the first opinion wins, silence goes to a person."""

from dataclasses import dataclass
from functools import cache, cached_property
from hashlib import sha256
from importlib.resources import files

from dialogs.orders import Order
from dialogs.policy.clauses import clauses
from dialogs.policy.parsing import rules_of
from dialogs.policy.rules import SILENCE, Facts, Rule, Verdict, every_combination


@dataclass(frozen=True)
class Policy:
    """Rules with the two texts they come from; made by `load`."""

    rules: tuple[Rule, ...]
    toml: str
    text: str

    @cached_property
    def hash(self) -> str:
        """SHA-256 (hex) over rules and text: another character in either is another policy."""
        return sha256(f"{self.toml}\0{self.text}".encode()).hexdigest()

    @cached_property
    def _verdicts(self) -> dict[Facts, Verdict]:
        return {facts: self._first_opinion(facts) for facts in every_combination()}

    @cached_property
    def _clauses(self) -> dict[str, str]:
        return clauses(self.text)

    def decide(self, order: Order) -> Verdict:
        """What may be done about an order as read; total."""
        return self._verdicts[Facts.of(order)]

    def decide_facts(self, facts: Facts) -> Verdict:
        """What may be done on these facts; total."""
        return self._verdicts[facts]

    def clause_text(self, clause: str) -> str:
        """The policy's own words for a clause of a verdict; empty for the clause of silence, "".

        Raises `KeyError` for a clause that the text does not have.
        """
        return self._clauses[clause] if clause else ""

    def _first_opinion(self, facts: Facts) -> Verdict:
        return next((rule.verdict for rule in self.rules if rule.when.holds(facts)), SILENCE)


def load(toml: str, text: str) -> Policy:
    """The policy of a rules file and a policy text. Raises `PolicyError` with everything that is wrong."""
    return Policy(rules_of(toml, clauses(text)), toml, text)


@cache
def default_policy() -> Policy:
    """The policy that comes with the product."""
    return load(_ours("policy.toml"), default_text())


def default_text() -> str:
    """The policy text that comes with the product."""
    return _ours("order-cancellation-policy.txt")


def _ours(name: str) -> str:
    return files("dialogs.policy").joinpath(name).read_text(encoding="utf-8")
