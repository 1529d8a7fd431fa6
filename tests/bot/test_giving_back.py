"""Giving back the money of an order just cancelled, in a shop that leaves that to us."""

from collections.abc import Iterable
from dataclasses import replace
from decimal import Decimal

import pytest
from shell_ledger import CARD, GIFT, HOLD, PAID, Act, Ledger, Look
from shell_makers import NOW

from bot.giving_back import GivingBack, owed
from bot.ports import ShopUnreachable
from dialogs.orders import Order, Payment, PaymentStatus, Refund, RefundStatus, Stage

CANCELLED = replace(PAID, stage=Stage.CANCELLED)


async def give(
    shop: Ledger, *, tried_before: bool = False, key: str = "7K2M", order: Order | None = None
) -> Order:
    async def read() -> Order | None:
        try:
            return await shop.find("1042")
        except ShopUnreachable:
            return None

    giving = GivingBack(shop, repeatable=shop.once)
    return await giving.give_back(order or shop.order, key, read, tried_before=tried_before)


def ledger(
    *payments: Payment, looks: Iterable[Look] = (), acts: Iterable[Act] = (), once: bool = False
) -> Ledger:
    order = replace(CANCELLED, payments=payments or CANCELLED.payments)
    return Ledger(order, once=once, looks=looks, refund_acts=acts)


def told(order: Order) -> list[tuple[Decimal, RefundStatus] | None]:
    """The last refund of each payment, as it would be told."""
    return [
        (each.refunds[-1].amount, each.refunds[-1].status) if each.refunds else None
        for each in order.payments
    ]


FORTY, FOURTEEN = CARD.amount, GIFT.amount
SENT, PENDING, FAILED, UNKNOWN = (
    RefundStatus.SENT,
    RefundStatus.PENDING,
    RefundStatus.FAILED,
    RefundStatus.UNKNOWN,
)


async def test_every_payment_is_given_back_one_at_a_time_each_after_a_reading_of_its_own() -> None:
    shop = ledger()
    after = await give(shop)
    assert told(after) == [(FORTY, SENT), (FOURTEEN, SENT)]
    assert [what for what, _ in shop.log] == ["find", "refund", "find", "refund", "find"]
    assert shop.keys == ["7K2M/p1", "7K2M/p2"]


async def test_an_order_without_money_in_it_is_read_once_and_asked_for_nothing() -> None:
    shop = ledger(replace(CARD, status=PaymentStatus.PENDING))
    assert await give(shop) == shop.order
    assert [what for what, _ in shop.log] == ["find"]


async def test_a_hold_is_given_back_too() -> None:
    shop = ledger(HOLD)
    assert (await give(shop)).payments[0].status is PaymentStatus.VOIDED
    assert shop.asked("refund") == [("p1", HOLD.amount)]


async def test_only_what_is_still_owed_is_asked_for() -> None:
    some = Refund(Decimal("15.00"), SENT, NOW)
    shop = ledger(replace(CARD, refunds=(some,)))
    await give(shop)
    assert shop.asked("refund") == [("p1", Decimal("25.00"))]


async def test_what_somebody_gave_back_meanwhile_is_not_given_again() -> None:
    shop = ledger()
    gone = replace(CARD, refunds=(Refund(FORTY, SENT, NOW),))
    seen, shop.order = shop.order, replace(shop.order, payments=(gone, GIFT))
    await give(shop, order=seen)
    assert shop.asked("refund") == [("p2", FOURTEEN)]


async def test_a_payment_that_is_not_there_any_more_is_not_given_back() -> None:
    shop = ledger()
    seen, shop.order = shop.order, replace(shop.order, payments=(GIFT,))
    await give(shop, order=seen)
    assert shop.asked("refund") == [("p2", FOURTEEN)]


async def test_where_the_record_cannot_be_read_nothing_is_given_back_and_it_is_told_as_unknown() -> None:
    shop = ledger(looks=[Look.DOWN])
    after = await give(shop)
    assert shop.asked("refund") == [("p2", FOURTEEN)]
    assert told(after) == [(FORTY, UNKNOWN), (FOURTEEN, SENT)]


async def test_a_refund_whose_answer_was_lost_is_unknown_until_the_record_shows_it() -> None:
    assert told(await give(ledger(acts=[Act.LOST]))) == [(FORTY, UNKNOWN), (FOURTEEN, SENT)]
    assert told(await give(ledger(acts=[Act.LOST_DONE]))) == [(FORTY, SENT), (FOURTEEN, SENT)]


async def test_a_refund_that_was_lost_is_not_asked_for_again_in_the_same_attempt() -> None:
    shop = ledger(acts=[Act.LOST], once=True)
    await give(shop)
    assert shop.asked("refund") == [("p1", FORTY), ("p2", FOURTEEN)]


async def test_a_refusal_is_told_as_failed_and_the_others_are_made() -> None:
    after = await give(ledger(acts=[Act.REFUSED]))
    assert told(after) == [(FORTY, FAILED), (FOURTEEN, SENT)]


async def test_a_failure_that_the_record_shows_itself_is_not_told_twice() -> None:
    shown = replace(CARD, refunds=(Refund(FORTY, FAILED),))
    shop = ledger(shown, acts=[Act.REFUSED])
    assert (await give(shop)).payments == (shown,)


async def test_an_accepted_refund_that_the_record_does_not_show_yet_is_pending() -> None:
    after = await give(ledger(CARD, acts=[Act.SAID]))
    assert told(after) == [(FORTY, PENDING)]


async def test_a_part_that_the_record_shows_is_not_told_twice() -> None:
    """Of a refund that is unknown, only what is still owed is uncertain."""
    shop = ledger(CARD, acts=[Act.LOST])
    shop.before_refund = lambda it: it._pay(CARD, Decimal("10.00"))
    after = await give(shop)
    assert [(each.amount, each.status) for each in after.payments[0].refunds] == [
        (Decimal("10.00"), SENT),
        (Decimal("30.00"), UNKNOWN),
    ]


@pytest.mark.parametrize("look", [Look.SENT, Look.SENT_TOO])
async def test_nothing_is_given_back_once_the_record_is_other_than_cancelled_alone(look: Look) -> None:
    shop = ledger(looks=[look])
    after = await give(shop)
    assert shop.asked("refund") == []
    assert shop.asked("find") == [after]


async def test_what_was_lost_before_a_conflict_was_seen_is_still_told_as_unknown() -> None:
    shop = ledger(looks=[Look.NOW, Look.SENT_TOO], acts=[Act.LOST])
    after = await give(shop)
    assert after.partly_fulfilled
    assert told(after) == [(FORTY, UNKNOWN), None]
    assert shop.asked("refund") == [("p1", FORTY)]


async def test_after_an_attempt_that_may_have_asked_nothing_is_asked_for_where_that_could_pay_twice() -> None:
    shop = ledger()
    after = await give(shop, tried_before=True)
    assert shop.asked("refund") == []
    assert told(after) == [(FORTY, UNKNOWN), (FOURTEEN, UNKNOWN)]


async def test_after_an_attempt_that_may_have_asked_the_same_key_is_asked_for_again_where_it_is_known() -> (
    None
):
    shop = ledger(once=True)
    shop.known.add("7K2M/p1")  # paid before, and the record does not show it yet
    after = await give(shop, tried_before=True)
    assert shop.keys == ["7K2M/p1", "7K2M/p2"]
    assert shop.paid == {"p2": FOURTEEN}
    assert told(after) == [(FORTY, PENDING), (FOURTEEN, SENT)]


async def test_where_the_record_cannot_be_read_again_the_latest_reading_is_told() -> None:
    looks = [Look.NOW, Look.NOW, Look.DOWN]
    after = await give(ledger(looks=looks, acts=[Act.DONE, Act.LOST]))
    assert told(after) == [(FORTY, SENT), (FOURTEEN, UNKNOWN)]  # the second reading showed the first


def test_what_is_owed_counts_every_refund_that_may_have_been_made_and_no_payment_without_money() -> None:
    def with_refund(status: RefundStatus) -> Payment:
        return replace(CARD, refunds=(Refund(Decimal("15.00"), status),))

    assert [owed(with_refund(status)) for status in (SENT, PENDING, UNKNOWN)] == [Decimal("25.00")] * 3
    assert owed(with_refund(FAILED)) == FORTY
    without = set(PaymentStatus) - {PaymentStatus.CAPTURED, PaymentStatus.AUTHORISED}
    assert {owed(replace(CARD, status=status)) for status in without} == {Decimal(0)}
