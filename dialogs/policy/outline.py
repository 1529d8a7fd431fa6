"""A policy in one breath: what becomes of an ordinary order, stage by stage."""

from dataclasses import dataclass
from functools import lru_cache

from dialogs.orders import Cancellable, Money, Stage
from dialogs.policy.evaluator import Policy
from dialogs.policy.rules import Facts, Ruling

_ASKED_ABOUT = tuple(stage for stage in Stage if stage not in {Stage.CANCELLED, Stage.UNRECOGNISED})


@dataclass(frozen=True, slots=True)
class Outline:
    """Stages by what may be done in them, each in the order that orders go through them."""

    cancelled: tuple[Stage, ...]
    tried: tuple[Stage, ...]
    refused: tuple[Stage, ...]
    person: tuple[Stage, ...]
    marks_refused: bool
    """Whether what was marked as non-cancellable is refused in every stage."""


@lru_cache(maxsize=4)
def outline(policy: Policy) -> Outline:
    """The outline of a policy: whole orders without marks, paid unless they are in the stage before that."""
    found = {stage: policy.decide_facts(_ordinary(stage)).ruling for stage in _ASKED_ABOUT}

    def stages(*rulings: Ruling) -> tuple[Stage, ...]:
        return tuple(stage for stage, ruling in found.items() if ruling in rulings)

    marked = {policy.decide_facts(_ordinary(stage, Cancellable.NONE)).ruling for stage in _ASKED_ABOUT}
    return Outline(
        cancelled=stages(Ruling.ALLOW, Ruling.NOTHING_TO_REFUND),
        tried=stages(Ruling.ATTEMPT),
        refused=stages(Ruling.REFUSE),
        person=stages(Ruling.PERSON),
        marks_refused=marked == {Ruling.REFUSE},
    )


def _ordinary(stage: Stage, cancellable: Cancellable = Cancellable.ALL) -> Facts:
    money = Money.UNPAID if stage is Stage.PLACED else Money.TAKEN
    return Facts(stage, cancellable, partly_fulfilled=False, money=money)
