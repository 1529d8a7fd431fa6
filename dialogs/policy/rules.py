"""The words of a policy: the facts it asks about, its rulings, and a rule from one to the other."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from itertools import product
from typing import Self

from dialogs.orders import Cancellable, Money, Order, Stage


class Ruling(StrEnum):
    """What may be done about a request to cancel; the values are the words of `policy.toml`."""

    ALLOW = "allow"
    ATTEMPT = "attempt"
    """Try it: the live record decides."""
    NOTHING_TO_REFUND = "nothing_to_refund"
    """Cancel; no money was held or taken."""
    REFUSE = "refuse"
    ALREADY_CANCELLED = "already_cancelled"
    PERSON = "person"

    @property
    def may_cancel(self) -> bool:
        """Whether the bot may cancel, given the customer's consent."""
        return self in {Ruling.ALLOW, Ruling.ATTEMPT, Ruling.NOTHING_TO_REFUND}


@dataclass(frozen=True, slots=True)
class Verdict:
    """A ruling with its reason (the message `reason-<key>`), the rule's id and the clause it rests on.

    `rule` and `clause` are empty where no rule decided.
    """

    ruling: Ruling
    reason: str
    rule: str
    clause: str


SILENCE = Verdict(Ruling.PERSON, "no-rule", rule="", clause="")
"""The verdict where no rule decides."""


@dataclass(frozen=True, slots=True)
class Facts:
    """Everything of an order that a policy may ask about."""

    stage: Stage
    cancellable: Cancellable
    partly_fulfilled: bool
    money: Money

    @classmethod
    def of(cls, order: Order) -> Self:
        """The facts of an order as read."""
        return cls(order.stage, order.cancellable, order.partly_fulfilled, order.money)

    def __str__(self) -> str:
        partly = str(self.partly_fulfilled).lower()
        return (
            f"stage = {self.stage}, cancellable = {self.cancellable}, "
            f"partly_fulfilled = {partly}, money = {self.money}"
        )


def every_combination() -> Iterator[Facts]:
    """All facts there can be, stage by stage."""
    for stage, cancellable, partly, money in product(Stage, Cancellable, (False, True), Money):
        yield Facts(stage, cancellable, partly, money)


@dataclass(frozen=True, slots=True)
class Condition:
    """What must be true of an order: each fact is one of those named."""

    stage: frozenset[Stage] = frozenset(Stage)
    cancellable: frozenset[Cancellable] = frozenset(Cancellable)
    partly_fulfilled: frozenset[bool] = frozenset({False, True})
    money: frozenset[Money] = frozenset(Money)

    def holds(self, facts: Facts) -> bool:
        """Whether every fact is as named."""
        return (
            facts.stage in self.stage
            and facts.cancellable in self.cancellable
            and facts.partly_fulfilled in self.partly_fulfilled
            and facts.money in self.money
        )


@dataclass(frozen=True, slots=True)
class Rule:
    """An opinion with a reason; `line` is where it stands in its TOML file, counted from 1."""

    when: Condition
    verdict: Verdict
    line: int
