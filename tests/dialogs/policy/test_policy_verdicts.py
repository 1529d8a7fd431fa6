from datetime import UTC, datetime
from decimal import Decimal

import pytest

from dialogs.orders import Cancellable, Line, Money, Order, Payment, PaymentStatus, Stage
from dialogs.policy import Facts, Policy, Ruling, Verdict, default_policy, load, matrix

ALL, NONE, MIXED = Cancellable.ALL, Cancellable.NONE, Cancellable.MIXED
UNPAID, HELD, TAKEN = Money.UNPAID, Money.HELD, Money.TAKEN
FULFILMENT = (Stage.CONFIRMED, Stage.IN_LOGISTICS, Stage.DELIVERED)
EARLY = (Stage.PLACED, Stage.PAID, Stage.ALLOCATED)


@pytest.fixture
def policy() -> Policy:
    return default_policy()


def verdict(
    stage: Stage, cancellable: Cancellable = ALL, money: Money = TAKEN, *, partly: bool = False
) -> tuple[str, str, str]:
    decided = default_policy().decide_facts(Facts(stage, cancellable, partly, money))
    return decided.ruling.value, decided.reason, decided.clause


@pytest.mark.parametrize(
    ("stage", "cancellable", "partly", "money", "expected"),
    [
        (Stage.PLACED, ALL, False, UNPAID, ("nothing_to_refund", "unpaid", "4")),
        (Stage.PLACED, ALL, False, HELD, ("allow", "not-yet-bound", "2")),
        (Stage.PLACED, ALL, False, TAKEN, ("allow", "not-yet-bound", "2")),
        (Stage.PAID, ALL, False, UNPAID, ("nothing_to_refund", "unpaid", "4")),
        (Stage.PAID, ALL, False, HELD, ("allow", "not-yet-bound", "2")),
        (Stage.PAID, ALL, False, TAKEN, ("allow", "not-yet-bound", "2")),
        (Stage.ALLOCATED, ALL, False, UNPAID, ("nothing_to_refund", "unpaid", "4")),
        (Stage.ALLOCATED, ALL, False, TAKEN, ("allow", "not-yet-bound", "2")),
        (Stage.BINDING, ALL, False, UNPAID, ("attempt", "binding", "2")),
        (Stage.BINDING, ALL, False, TAKEN, ("attempt", "binding", "2")),
        (Stage.CONFIRMED, ALL, False, TAKEN, ("refuse", "confirmed", "5.2")),
        (Stage.IN_LOGISTICS, ALL, False, TAKEN, ("refuse", "in-logistics", "5.2")),
        (Stage.DELIVERED, ALL, False, TAKEN, ("refuse", "delivered", "5.2")),
        (Stage.CANCELLED, ALL, False, TAKEN, ("already_cancelled", "already-cancelled", "3")),
        (Stage.CANCELLED, ALL, True, TAKEN, ("person", "conflicting-record", "3")),
        (Stage.ON_HOLD, ALL, False, TAKEN, ("person", "on-hold", "3")),
        (Stage.UNRECOGNISED, ALL, False, TAKEN, ("person", "unrecognised", "3")),
        (Stage.PAID, NONE, False, TAKEN, ("refuse", "marked-non-cancellable", "5.1")),
        (Stage.PAID, MIXED, False, TAKEN, ("person", "mixed-lines", "5.1")),
        (Stage.PAID, ALL, True, TAKEN, ("person", "partly-fulfilled", "5.2")),
        (Stage.BINDING, ALL, True, TAKEN, ("person", "partly-fulfilled", "5.2")),
        (Stage.BINDING, MIXED, False, TAKEN, ("person", "mixed-lines", "5.1")),
    ],
)
def test_each_stage_and_flag_has_its_verdict(
    *, stage: Stage, cancellable: Cancellable, partly: bool, money: Money, expected: tuple[str, str, str]
) -> None:
    assert verdict(stage, cancellable, money, partly=partly) == expected


@pytest.mark.parametrize("stage", FULFILMENT)
@pytest.mark.parametrize("cancellable", [ALL, MIXED])
@pytest.mark.parametrize("partly", [False, True])
@pytest.mark.parametrize("money", Money)
def test_fulfilment_refuses_before_any_person_is_asked(
    *, stage: Stage, cancellable: Cancellable, partly: bool, money: Money
) -> None:
    assert verdict(stage, cancellable, money, partly=partly) == (
        "refuse",
        stage.value.replace("_", "-"),
        "5.2",
    )


@pytest.mark.parametrize("stage", [stage for stage in Stage if stage is not Stage.CANCELLED])
@pytest.mark.parametrize("partly", [False, True])
@pytest.mark.parametrize("money", Money)
def test_the_mark_refuses_in_every_stage_whatever_else_is_unclear(
    *, stage: Stage, partly: bool, money: Money
) -> None:
    assert verdict(stage, NONE, money, partly=partly) == ("refuse", "marked-non-cancellable", "5.1")


@pytest.mark.parametrize("cancellable", Cancellable)
@pytest.mark.parametrize("money", Money)
def test_a_cancelled_order_is_cancelled_whatever_its_marks(cancellable: Cancellable, money: Money) -> None:
    assert verdict(Stage.CANCELLED, cancellable, money)[0] == "already_cancelled"


def test_only_wholly_cancellable_untouched_orders_before_fulfilment_may_be_cancelled(policy: Policy) -> None:
    allowed = {facts for facts, decided in matrix(policy) if decided.ruling.may_cancel}
    assert allowed == {
        Facts(stage, ALL, partly_fulfilled=False, money=money)
        for stage in (*EARLY, Stage.BINDING)
        for money in Money
    }


def test_nothing_to_refund_is_never_said_while_money_is_held_or_taken(policy: Policy) -> None:
    said = [facts for facts, decided in matrix(policy) if decided.ruling is Ruling.NOTHING_TO_REFUND]
    assert {facts.money for facts in said} == {UNPAID}


def test_the_matrix_holds_every_combination_once(policy: Policy) -> None:
    facts = [facts for facts, _ in matrix(policy)]
    assert len(facts) == len(set(facts)) == len(Stage) * len(Cancellable) * 2 * len(Money)


def test_an_order_is_decided_by_its_own_facts(policy: Policy) -> None:
    lines = (Line("cup", 1, Decimal(9)), Line("engraved cup", 1, Decimal(9), cancellable=False))
    payments = (Payment("visa", Decimal(18), PaymentStatus.AUTHORISED),)
    order = Order(
        "1042",
        "ann@shop.test",
        Stage.PAID,
        datetime(2026, 11, 2, tzinfo=UTC),
        "EUR",
        Decimal(18),
        lines,
        payments,
    )
    assert Facts.of(order) == Facts(Stage.PAID, MIXED, partly_fulfilled=False, money=HELD)
    assert policy.decide(order) == Verdict(Ruling.PERSON, "mixed-lines", "mixed", "5.1")


@pytest.mark.parametrize(
    ("ruling", "may"),
    [
        (Ruling.ALLOW, True),
        (Ruling.ATTEMPT, True),
        (Ruling.NOTHING_TO_REFUND, True),
        (Ruling.REFUSE, False),
        (Ruling.ALREADY_CANCELLED, False),
        (Ruling.PERSON, False),
    ],
)
def test_three_rulings_may_cancel(*, ruling: Ruling, may: bool) -> None:
    assert ruling.may_cancel is may


def test_silence_goes_to_a_person() -> None:
    only = '[[rule]]\nid = "a"\nwhen = { stage = ["paid"] }\nthen = "allow"\nreason = "a"\nclause = "2"\n'
    silent = load(only, default_policy().text)
    decided = silent.decide_facts(Facts(Stage.PLACED, ALL, partly_fulfilled=False, money=TAKEN))
    assert decided == Verdict(Ruling.PERSON, "no-rule", rule="", clause="")
    assert silent.clause_text(decided.clause) == ""


def test_the_first_opinion_wins() -> None:
    rule = '[[rule]]\nid = "{0}"\nthen = "{1}"\nreason = "{0}"\nclause = "2"\n'
    text = default_policy().text
    facts = Facts(Stage.PAID, ALL, partly_fulfilled=False, money=TAKEN)
    refusing = load(rule.format("no", "refuse") + rule.format("yes", "allow"), text)
    allowing = load(rule.format("yes", "allow") + rule.format("no", "refuse"), text)
    assert refusing.decide_facts(facts).rule == "no"
    assert allowing.decide_facts(facts).rule == "yes"


def test_editing_the_rules_or_the_text_changes_the_hash(policy: Policy) -> None:
    edited = load(policy.toml.replace('then = "attempt"', 'then = "refuse"'), policy.text)
    reworded = load(policy.toml, policy.text.replace("generally", "always"))
    commented = load(policy.toml + "\n# a remark\n", policy.text)
    assert len({policy.hash, edited.hash, reworded.hash, commented.hash}) == 4
    assert load(policy.toml, policy.text).hash == policy.hash


def test_a_text_cannot_move_from_the_rules_to_the_policy_without_changing_the_hash() -> None:
    rule = '[[rule]]\nid = "a"\nthen = "person"\nreason = "a"\nclause = "1"\n'
    left, right = load(rule + "#", "\n1. A\n"), load(rule, "#\n1. A\n")
    assert left.hash != right.hash
