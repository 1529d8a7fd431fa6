"""Cancelling in a shop that leaves the money to us: whatever it answers and shows, and whenever we die."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shell_ledger import CARD, GIFT, HOLD, PAID, Act, Killed, Ledger, Look
from shell_makers import NOW

from bot.cancelling import FULFILLED, Canceller
from bot.ports import CancelReport, Capabilities
from dialogs.effects import CancelOrder
from dialogs.events import CancelEnded, Outcome, ShopUnreachable
from dialogs.orders import Order, Payment, PaymentStatus, RefundStatus, Stage
from dialogs.policy import default_policy

POLICY = default_policy()


@dataclass
class Ticking:
    """A second passes whenever it is looked at."""

    now: datetime = NOW
    told: list[datetime] = field(default_factory=list)

    def __call__(self) -> datetime:
        self.now += timedelta(seconds=1)
        self.told.append(self.now)
        return self.now


async def attempt(
    shop: Ledger, *, tried_before: bool = False, by: str | None = None, clock: Ticking | None = None
) -> CancelEnded | ShopUnreachable:
    seen = shop.first
    request = CancelOrder(7, seen.number, seen.email, seen, POLICY.decide(seen).rule, "7K2M", by)
    canceller = Canceller(shop, POLICY, clock or Ticking(), rereads=(0,))
    return await canceller.cancel(request, tried_before=tried_before)


async def ended(shop: Ledger, *, tried_before: bool = False) -> CancelEnded:
    end = await attempt(shop, tried_before=tried_before)
    assert isinstance(end, CancelEnded)
    return end


def refunds(end: CancelEnded) -> list[RefundStatus | None]:
    assert end.order is not None
    return [each.refunds[-1].status if each.refunds else None for each in end.order.payments]


# ---- branch by branch


async def test_the_money_goes_back_once_the_record_shows_the_cancellation() -> None:
    shop = Ledger()
    end = await ended(shop)
    assert (end.outcome, refunds(end)) == (Outcome.CANCELLED, [RefundStatus.SENT] * 2)
    assert shop.paid == {"p1": CARD.amount, "p2": GIFT.amount}
    assert [what for what, _ in shop.log] == ["find", "cancel", "find", *["find", "refund"] * 2, "find"]


@pytest.mark.parametrize(
    ("looks", "act", "outcome"),
    [
        ((Look.NOW, Look.NOW), Act.SAID, Outcome.UNKNOWN),
        ((Look.NOW, Look.NOW), Act.LOST, Outcome.UNKNOWN),
        ((Look.NOW, Look.DOWN), Act.DONE, Outcome.UNKNOWN),
        ((Look.NOW, Look.GONE), Act.DONE, Outcome.UNKNOWN),
        ((Look.NOW, Look.SENT), Act.DONE, Outcome.CONFLICT),
        ((Look.NOW, Look.SENT_TOO), Act.DONE, Outcome.CONFLICT),
        ((Look.NOW,), Act.REFUSED, Outcome.REFUSED),
        ((Look.NOW,), Act.REFUSED_DONE, Outcome.ALREADY_CANCELLED),
    ],
)
async def test_no_money_moves_unless_the_outcome_is_cancelled(
    looks: Sequence[Look], act: Act, outcome: Outcome
) -> None:
    shop = Ledger(looks=looks, cancel_acts=[act])
    assert (await ended(shop)).outcome is outcome
    assert shop.keys == []


async def test_an_order_that_somebody_else_cancelled_is_not_refunded_by_us() -> None:
    shop = Ledger(replace(PAID, stage=Stage.CANCELLED))
    assert (await ended(shop)).outcome is Outcome.ALREADY_CANCELLED
    assert shop.keys == []


@pytest.mark.parametrize("look", [Look.SENT, Look.SENT_TOO])
async def test_a_conflict_seen_before_a_refund_is_told_and_the_refund_is_not_made(look: Look) -> None:
    shop = Ledger(looks=[Look.NOW, Look.NOW, look])
    assert (await ended(shop)).outcome is Outcome.CONFLICT
    assert shop.keys == []


async def test_a_conflict_seen_between_two_refunds_stops_the_second() -> None:
    shop = Ledger(looks=[Look.NOW, Look.NOW, Look.NOW, Look.SENT_TOO])
    assert (await ended(shop)).outcome is Outcome.CONFLICT
    assert shop.paid == {"p1": CARD.amount}


async def test_a_conflict_seen_after_the_last_refund_is_told() -> None:
    shop = Ledger(looks=[Look.NOW] * 4 + [Look.SENT_TOO])
    end = await ended(shop)
    assert (end.outcome, refunds(end)) == (Outcome.CONFLICT, [RefundStatus.SENT] * 2)


@pytest.mark.parametrize("look", [Look.GONE, Look.ANOTHERS])
async def test_an_order_that_is_gone_in_the_end_is_not_told_as_cancelled_nor_shown(look: Look) -> None:
    shop = Ledger(looks=[Look.NOW] * 4 + [look])
    end = await ended(shop)
    assert (end.outcome, end.order, end.read_at) == (Outcome.UNKNOWN, None, None)


async def test_the_time_that_is_told_is_that_of_the_reading_which_is_told() -> None:
    clock = Ticking()
    shop = Ledger(looks=[Look.NOW, Look.NOW, Look.NOW, Look.NOW, Look.DOWN])
    end = await attempt(shop, clock=clock)
    assert isinstance(end, CancelEnded)
    assert end.read_at == NOW + timedelta(seconds=4)  # the fourth reading was the last to be answered
    assert end.at == NOW + timedelta(seconds=5)


async def test_a_shop_that_compares_no_versions_is_given_none_and_one_that_does_the_one_just_read() -> None:
    for versioned in (False, True):
        shop = _Versioned(replace(PAID, version="7"), versioned=versioned)
        await ended(shop)
        assert shop.asked("cancel") == [(Stage.PAID, "7K2M", "7" if versioned else "")]


@dataclass
class _Versioned(Ledger):
    versioned: bool = True
    changes: int = 0
    """How often the record changes right before a cancel."""

    @property
    def capabilities(self) -> Capabilities:
        return replace(super().capabilities, versioned=self.versioned)

    async def cancel(
        self, number: str, *, expected: Stage, request_id: str, version: str = ""
    ) -> CancelReport:
        if self.changes:
            self.changes -= 1
            self.order = replace(self.order, version=f"{self.order.version}+")
        if version not in ("", self.order.version):
            self.log.append(("cancel", (expected, request_id, version)))
            return CancelReport.STAGE_MOVED
        return await super().cancel(number, expected=expected, request_id=request_id, version=version)


async def test_a_record_that_changed_without_harm_to_the_consent_is_asked_for_anew() -> None:
    shop = _Versioned(replace(PAID, version="7"), changes=2)
    end = await ended(shop)
    assert (end.outcome, refunds(end)) == (Outcome.CANCELLED, [RefundStatus.SENT] * 2)
    assert shop.asked("cancel") == [
        (Stage.PAID, "7K2M", "7"),
        (Stage.PAID, "7K2M.1", "7+"),
        (Stage.PAID, "7K2M.2", "7++"),
    ]


async def test_a_record_that_changes_again_and_again_is_told_as_moved() -> None:
    shop = _Versioned(replace(PAID, version="7"), changes=99)
    assert (await ended(shop)).outcome is Outcome.STAGE_MOVED
    assert len(shop.asked("cancel")) == 3


async def test_a_shop_that_says_moved_of_a_record_that_did_not_is_not_asked_again() -> None:
    shop = Ledger(replace(PAID, version="7"), cancel_acts=[Act.REFUSED], moved=CancelReport.STAGE_MOVED)
    assert (await ended(shop)).outcome is Outcome.STAGE_MOVED
    assert len(shop.asked("cancel")) == 1


async def test_a_record_that_moved_beyond_the_consent_is_not_asked_for_anew() -> None:
    shop = _Versioned(replace(PAID, version="7"), changes=1, looks=[Look.NOW, Look.SENT])
    assert (await ended(shop)).outcome is Outcome.STAGE_MOVED
    assert len(shop.asked("cancel")) == 1


async def test_an_agents_decision_is_for_the_order_as_the_agent_saw_it_whatever_the_policy_says() -> None:
    held = Ledger(replace(PAID, stage=Stage.ON_HOLD))
    assert not POLICY.decide(held.order).ruling.may_cancel  # else this test shows nothing
    end = await attempt(held, by="mia")
    assert isinstance(end, CancelEnded)
    assert end.outcome is Outcome.CANCELLED
    for change in ({"stage": Stage.PAID}, {"payments": (CARD,)}):
        moved = Ledger(replace(PAID, stage=Stage.ON_HOLD))
        moved.order = replace(moved.order, **change)  # type: ignore[arg-type]
        end = await attempt(moved, by="mia")
        assert isinstance(end, CancelEnded)
        assert (end.outcome, moved.asked("cancel")) == (Outcome.STAGE_MOVED, [])


# ---- killed in the middle


@pytest.mark.parametrize("once", [False, True])
@pytest.mark.parametrize("act", [Act.KILLED, Act.KILLED_DONE])
async def test_killed_during_the_cancel_nothing_is_paid_twice_and_nothing_untrue_is_told(
    act: Act, *, once: bool
) -> None:
    shop = Ledger(cancel_acts=[act], once=once)
    with pytest.raises(Killed):
        await attempt(shop)
    end = await ended(shop, tried_before=True)
    assert end.outcome is Outcome.CANCELLED
    # Only where the shop would know the key again may it be asked, since nobody knows what was asked before.
    assert refunds(end) == [RefundStatus.SENT if once else RefundStatus.UNKNOWN] * 2
    assert shop.paid == ({"p1": CARD.amount, "p2": GIFT.amount} if once else {})


@pytest.mark.parametrize("once", [False, True])
@pytest.mark.parametrize("act", [Act.KILLED, Act.KILLED_DONE])
async def test_killed_during_a_refund_it_is_not_paid_twice(act: Act, *, once: bool) -> None:
    shop = Ledger(refund_acts=[act], once=once)
    with pytest.raises(Killed):
        await attempt(shop)
    end = await ended(shop, tried_before=True)
    assert end.outcome is Outcome.CANCELLED
    sent = {True: RefundStatus.SENT, False: RefundStatus.UNKNOWN}
    assert refunds(end) == [sent[once or act is Act.KILLED_DONE], sent[once]]
    assert all(shop.paid[each.id] in {Decimal(0), each.amount} for each in PAID.payments)


async def test_killed_and_shown_an_old_record_no_refund_is_asked_for_again() -> None:
    shop = Ledger(refund_acts=[Act.KILLED_DONE])
    with pytest.raises(Killed):
        await attempt(shop)
    shop.looks = iter([Look.STALE, Look.NOW])  # as if it had never been cancelled
    end = await ended(shop, tried_before=True)
    assert (end.outcome, shop.paid) == (Outcome.CANCELLED, {"p1": CARD.amount})


# ---- whatever happens

_LOOKS = st.lists(st.sampled_from([Look.NOW, Look.NOW, *Look]), max_size=12)
_ACTS = st.lists(st.sampled_from([Act.DONE, *Act]), max_size=4)
_PAYMENTS = st.sampled_from(
    [(CARD, GIFT), (HOLD,), (CARD,), (replace(CARD, status=PaymentStatus.PENDING), GIFT)]
)


@settings(max_examples=600, deadline=None)
@given(
    payments=_PAYMENTS,
    looks=_LOOKS,
    cancel_acts=_ACTS,
    refund_acts=_ACTS,
    once=st.booleans(),
    moved=st.sampled_from([CancelReport.REFUSED, CancelReport.STAGE_MOVED]),
)
async def test_whatever_the_shop_does_and_shows_and_whenever_we_die(
    payments: tuple[Payment, ...],
    looks: list[Look],
    cancel_acts: list[Act],
    refund_acts: list[Act],
    once: bool,  # noqa: FBT001  Hypothesis gives it by name
    moved: CancelReport,
) -> None:
    order = replace(PAID, payments=payments)
    shop = Ledger(
        order, once=once, looks=looks, cancel_acts=cancel_acts, refund_acts=refund_acts, moved=moved
    )
    for tried_before in (False, True, True):
        begun = len(shop.log)
        try:
            end = await attempt(shop, tried_before=tried_before)
        except Killed:
            _no_refund_after_a_conflict(shop.log[begun:])
            continue
        _true(end, shop.log[begun:])
        _no_refund_after_a_conflict(shop.log[begun:])
        break
    for each in payments:
        assert shop.paid[each.id] <= each.amount
        times = [payment for payment, _ in shop.asked("refund") if payment == each.id]  # type: ignore[misc, str-unpack]
        assert once or len(times) <= 1


def _readings(log: list[tuple[str, object]]) -> list[Order | None]:
    return [told for what, told in log if what == "find" and not isinstance(told, Exception)]  # type: ignore[misc]


def _true(end: CancelEnded | ShopUnreachable, log: list[tuple[str, object]]) -> None:
    """Nothing is told but what a reading of this attempt showed, and no success against a later one."""
    calls = [what for what, _ in log]
    if isinstance(end, ShopUnreachable):
        assert set(calls) <= {"find"}
        return
    shown = _readings(log)
    if end.outcome in {Outcome.CANCELLED, Outcome.ALREADY_CANCELLED}:
        last = shown[-1]
        assert last is not None
        assert (last.stage, last.partly_fulfilled, last.email) == (Stage.CANCELLED, False, PAID.email)
    if end.order is not None:
        last = shown[-1]
        assert last is not None
        assert (end.order.stage, end.order.partly_fulfilled) == (last.stage, last.partly_fulfilled)
        for told, seen in zip(end.order.payments, last.payments, strict=True):
            sent = [each for each in told.refunds if each.status is RefundStatus.SENT]
            assert sent == list(seen.refunds)  # only the record tells of money that was sent
            assert told.amount >= sum(each.amount for each in told.refunds)


def _no_refund_after_a_conflict(log: list[tuple[str, object]]) -> None:
    asked = conflict = False
    for what, told in log:
        asked = asked or what == "cancel"
        if what == "find" and isinstance(told, Order):
            too = told.partly_fulfilled and told.stage is Stage.CANCELLED
            conflict = conflict or too or (asked and told.stage in FULFILLED)
        assert not (conflict and what == "refund")
