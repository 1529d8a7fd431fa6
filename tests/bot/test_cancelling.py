"""Compare and cancel: every branch, with a shop whose every word is chosen."""

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

import pytest
from shell_makers import DOWN, NOW, Clock, Shop, order

from bot.cancelling import Canceller
from bot.ports import CancelReport, ContractBroken, CredentialsRefused, Throttled
from dialogs.effects import CancelOrder
from dialogs.events import CancelEnded, Outcome, ShopUnreachable, Trouble
from dialogs.orders import Order, Payment, PaymentStatus, Stage
from dialogs.policy import Policy, default_policy, default_text, load

POLICY = default_policy()
PAID, CANCELLED = order(), order(Stage.CANCELLED)


def wanted(seen: Order = PAID) -> CancelOrder:
    return CancelOrder(7, seen.number, seen.email, seen, POLICY.decide(seen).rule, "7K2M-9QXD-7")


async def attempt(
    shop: Shop, request: CancelOrder | None = None, *, tried_before: bool = False
) -> CancelEnded | ShopUnreachable:
    canceller = Canceller(shop, POLICY, Clock(), rereads=(0, 0, 0))
    return await canceller.cancel(request or wanted(), tried_before=tried_before)


async def outcome(
    shows: Sequence[Order | Exception | None],
    answers: CancelReport | Exception = CancelReport.ACCEPTED,
    *,
    tried_before: bool = False,
) -> Outcome:
    ended = await attempt(Shop(shows, answers), tried_before=tried_before)
    assert isinstance(ended, CancelEnded)
    return ended.outcome


async def test_the_shop_is_asked_for_the_stage_just_read_under_the_request_id_of_the_consent() -> None:
    shop = Shop([PAID, CANCELLED])
    ended = await attempt(shop)
    assert ended == CancelEnded(NOW, 7, Outcome.CANCELLED, CANCELLED, NOW, PAID, NOW)
    assert shop.asked == [("1042", Stage.PAID, "7K2M-9QXD-7")]


async def test_nothing_is_asked_of_a_shop_but_on_a_reading_of_this_attempt() -> None:
    """Not on the record that the customer was shown, though it be moments old."""
    shop, asked_after = Shop([PAID, CANCELLED]), []
    shop.on_cancel = lambda: asked_after.append(shop.reads)
    await attempt(shop)
    assert asked_after == [1]


@pytest.mark.parametrize("answer", [CancelReport.ACCEPTED, DOWN])
async def test_cancelled_is_what_the_record_shows_though_the_answer_was_lost(
    answer: CancelReport | Exception,
) -> None:
    assert await outcome([PAID, CANCELLED], answer) is Outcome.CANCELLED


@pytest.mark.parametrize("answer", [CancelReport.REFUSED, CancelReport.STAGE_MOVED])
async def test_what_was_refused_and_is_cancelled_was_cancelled_by_somebody_else(answer: CancelReport) -> None:
    assert await outcome([PAID, CANCELLED], answer) is Outcome.ALREADY_CANCELLED


async def test_an_order_cancelled_meanwhile_is_not_attempted() -> None:
    shop = Shop([CANCELLED])
    ended = await attempt(shop)
    assert isinstance(ended, CancelEnded)
    assert (ended.outcome, ended.order, shop.asked) == (Outcome.ALREADY_CANCELLED, CANCELLED, [])


async def test_an_order_found_cancelled_after_an_attempt_of_ours_was_cancelled_by_it() -> None:
    assert await outcome([CANCELLED], tried_before=True) is Outcome.CANCELLED


async def test_an_attempt_begun_before_is_repeated_under_the_same_id_where_the_record_still_allows() -> None:
    shop = Shop([PAID, CANCELLED])
    ended = await attempt(shop, tried_before=True)
    assert isinstance(ended, CancelEnded)
    assert ended.outcome is Outcome.CANCELLED
    assert [request_id for _, _, request_id in shop.asked] == ["7K2M-9QXD-7"]


@pytest.mark.parametrize("tried_before", [False, True])
async def test_cancelled_and_partly_sent_is_a_conflict_whoever_cancelled(*, tried_before: bool) -> None:
    assert await outcome([order(Stage.CANCELLED, partly=True)], tried_before=tried_before) is Outcome.CONFLICT


@pytest.mark.parametrize("stage", [Stage.CONFIRMED, Stage.IN_LOGISTICS, Stage.DELIVERED])
async def test_accepted_and_on_its_way_all_the_same_is_a_conflict(stage: Stage) -> None:
    assert await outcome([PAID, order(stage)]) is Outcome.CONFLICT
    assert await outcome([PAID, order(Stage.CANCELLED, partly=True)]) is Outcome.CONFLICT


async def test_a_refusal_counts_once_the_record_was_read_again() -> None:
    assert await outcome([PAID], CancelReport.REFUSED) is Outcome.REFUSED
    assert await outcome([PAID, DOWN], CancelReport.REFUSED) is Outcome.UNKNOWN


async def test_a_stage_that_moved_under_the_request_is_told_with_the_record_as_it_is() -> None:
    moved = order(Stage.CONFIRMED)
    ended = await attempt(Shop([PAID, moved], CancelReport.STAGE_MOVED))
    assert isinstance(ended, CancelEnded)
    assert (ended.outcome, ended.order) == (Outcome.STAGE_MOVED, moved)


async def test_no_answer_and_an_unchanged_record_is_unknown_never_success() -> None:
    assert await outcome([PAID], DOWN) is Outcome.UNKNOWN  # the request may still be on its way


async def test_accepted_but_not_shown_yet_is_unknown() -> None:
    assert await outcome([PAID]) is Outcome.UNKNOWN


@pytest.mark.parametrize("answer", [CancelReport.ACCEPTED, CancelReport.STAGE_MOVED, DOWN])
async def test_a_record_that_cannot_be_read_again_leaves_the_outcome_unknown(
    answer: CancelReport | Exception,
) -> None:
    ended = await attempt(Shop([PAID, DOWN], answer))
    assert ended == CancelEnded(NOW, 7, Outcome.UNKNOWN, None, None, PAID, NOW)


async def test_a_record_that_is_gone_after_the_request_leaves_the_outcome_unknown() -> None:
    assert await outcome([PAID, None]) is Outcome.UNKNOWN


async def test_a_shop_that_is_down_is_not_asked_to_cancel() -> None:
    shop = Shop([DOWN])
    assert await attempt(shop) == ShopUnreachable(NOW, 7)
    assert shop.asked == []
    assert shop.reads == 3


@pytest.mark.parametrize(
    ("error", "why"),
    [
        (CredentialsRefused("no"), Trouble.CREDENTIALS),
        (Throttled(30), Trouble.THROTTLED),
        (ContractBroken("what?"), Trouble.CONTRACT),
    ],
)
async def test_a_shop_that_no_moment_mends_is_read_once_and_why_is_told(
    error: Exception, why: Trouble
) -> None:
    shop = Shop([error])
    assert await attempt(shop) == ShopUnreachable(NOW, 7, why)
    assert (shop.reads, shop.asked) == (1, [])


async def test_where_something_may_have_taken_effect_every_reading_is_tried() -> None:
    assert await outcome([Throttled(1), CANCELLED], tried_before=True) is Outcome.CANCELLED
    assert await outcome([PAID, Throttled(1), CANCELLED]) is Outcome.CANCELLED


async def test_a_shop_down_after_an_attempt_begun_before_leaves_the_outcome_unknown() -> None:
    assert await outcome([DOWN], tried_before=True) is Outcome.UNKNOWN


async def test_a_short_silence_of_the_shop_is_waited_for() -> None:
    assert await outcome([DOWN, DOWN, PAID, DOWN, CANCELLED]) is Outcome.CANCELLED


@pytest.mark.parametrize("gone", [None, order(email="bob@shop.test"), order(number="1043")])
async def test_an_order_that_is_gone_or_anothers_is_not_attempted(gone: Order | None) -> None:
    shop = Shop([gone])
    ended = await attempt(shop)
    assert ended == CancelEnded(NOW, 7, Outcome.STAGE_MOVED, None, None)  # and no other's order is shown
    assert shop.asked == []


async def test_an_order_gone_after_an_attempt_begun_before_leaves_the_outcome_unknown() -> None:
    assert await outcome([None], tried_before=True) is Outcome.UNKNOWN


async def test_a_purchase_address_that_changed_during_the_attempt_shows_nothing_of_the_order() -> None:
    ended = await attempt(Shop([PAID, order(Stage.CANCELLED, email="bob@shop.test")]))
    assert ended == CancelEnded(NOW, 7, Outcome.UNKNOWN, None, None, PAID, NOW)


async def test_a_stage_that_moved_within_the_same_rule_is_still_what_was_consented_to() -> None:
    allocated = order(Stage.ALLOCATED)
    assert POLICY.decide(allocated).rule == POLICY.decide(PAID).rule  # else this test shows nothing
    shop = Shop([allocated, CANCELLED])
    ended = await attempt(shop)
    assert isinstance(ended, CancelEnded)
    assert ended.outcome is Outcome.CANCELLED
    assert shop.asked[0][1] is Stage.ALLOCATED  # as it is now, not as it was consented to
    assert ended.asked_on == allocated  # and this is what the decision rests on


def by_these_rules(*, ruling: str = "allow", reason: str = "not-yet-bound") -> Policy:
    """The product's policy, where the rule for an order not yet bound says something else."""
    head, mark, tail = default_policy().toml.partition('id = "not-yet-bound"')
    assert mark
    tail = tail.replace('then = "allow"', f'then = "{ruling}"', 1)
    tail = tail.replace('reason = "not-yet-bound"', f'reason = "{reason}"', 1)
    policy = load(head + mark + tail, default_text())
    decided = policy.decide(PAID)
    assert (decided.rule, decided.ruling, decided.reason) == ("not-yet-bound", ruling, reason)
    return policy


@pytest.mark.parametrize(
    ("policy", "became"),
    [
        (by_these_rules(), Outcome.CANCELLED),
        (by_these_rules(ruling="attempt"), Outcome.STAGE_MOVED),
        (by_these_rules(reason="binding"), Outcome.STAGE_MOVED),
        (by_these_rules(ruling="refuse", reason="confirmed"), Outcome.STAGE_MOVED),
        (by_these_rules(ruling="person", reason="on-hold"), Outcome.STAGE_MOVED),
    ],
    ids=["the same", "another ruling", "another reason", "refused", "a person"],
)
async def test_a_rule_that_says_something_else_since_the_yes_is_not_what_was_consented_to(
    policy: Policy, became: Outcome
) -> None:
    """A process that died after the yes left the attempt to one that begins with another policy file."""
    request = replace(wanted(), ruling="allow", reason="not-yet-bound")
    shop = Shop([PAID, CANCELLED])
    ended = await Canceller(shop, policy, Clock(), rereads=(0, 0, 0)).cancel(request, tried_before=False)
    assert isinstance(ended, CancelEnded)
    assert ended.outcome is became
    assert bool(shop.asked) is (became is Outcome.CANCELLED)


async def test_an_agents_attempt_rests_on_no_rule_and_names_no_record_for_one() -> None:
    held = order(Stage.ON_HOLD)
    request = CancelOrder(7, held.number, held.email, held, "agent", "7K2M-9QXD-7", by="Kim")
    assert await attempt(Shop([held, CANCELLED]), request) == CancelEnded(
        NOW, 7, Outcome.CANCELLED, CANCELLED, NOW
    )


@pytest.mark.parametrize(
    "now",
    [
        order(Stage.BINDING),
        order(Stage.CONFIRMED),
        order(Stage.ON_HOLD),
        order(partly=True),
        replace(PAID, payments=(Payment("paypal", Decimal("53.00"), PaymentStatus.CAPTURED),)),
        replace(PAID, payments=()),
    ],
    ids=["binding", "confirmed", "on hold", "partly sent", "another amount", "no payment"],
)
async def test_what_is_no_longer_as_consented_is_not_attempted(now: Order) -> None:
    shop = Shop([now])
    ended = await attempt(shop)
    assert ended == CancelEnded(NOW, 7, Outcome.STAGE_MOVED, now, NOW)
    assert shop.asked == []
