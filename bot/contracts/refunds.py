"""What an adapter promises whose shop does not send the money back by itself. A part of the suite.

The shops of all others skip these tests.
"""
# ruff: noqa: D102, S101 - a test's name is its promise, and assert is its point

import asyncio
from decimal import Decimal

import pytest

from bot.contracts.shop_bench import Placement, ShopBench
from bot.contracts.steps import HELD, TOTAL, TWO, cancelled, found, place, refunder
from bot.ports import RefundReport, ShopUnreachable
from dialogs.orders import Payment, PaymentStatus, Stage

_PART = Decimal("20.00")


async def _owing(bench: ShopBench, placement: Placement | None = None) -> tuple[str, tuple[Payment, ...]]:
    """An order just cancelled, its number and the payments that its shop still has."""
    number = await place(bench, placement or Placement(Stage.PAID))
    return number, (await cancelled(bench, number)).payments


async def _back(bench: ShopBench, number: str) -> list[Decimal]:
    return [payment.on_its_way for payment in (await found(bench, number)).payments]


class RefundContract:
    """The promises about refunds."""

    async def test_a_cancel_moves_no_money_where_the_shop_leaves_that_to_us(
        self, shop_bench: ShopBench
    ) -> None:
        refunder(shop_bench)
        number, (payment,) = await _owing(shop_bench)
        assert (payment.status, payment.amount, payment.refunds) == (PaymentStatus.CAPTURED, TOTAL, ())
        assert await shop_bench.refunds(number) == 0

    async def test_every_payment_has_an_id_by_which_it_can_be_refunded(self, shop_bench: ShopBench) -> None:
        refunder(shop_bench)
        number = await place(shop_bench, Placement(Stage.PAID, payments=TWO))
        ids = {payment.id for payment in (await found(shop_bench, number)).payments}
        assert len(ids - {""}) == len(TWO)

    @pytest.mark.parametrize("amount", [TOTAL, _PART])
    async def test_a_refund_sends_back_what_was_asked_for_and_the_record_shows_it(
        self, shop_bench: ShopBench, amount: Decimal
    ) -> None:
        shop = refunder(shop_bench)
        number, (payment,) = await _owing(shop_bench)
        report = await shop.refund(number, payment=payment, amount=amount, key="first")
        assert report is RefundReport.ACCEPTED
        assert await _back(shop_bench, number) == [amount]
        assert await shop_bench.refunds(number) == 1
        assert (await found(shop_bench, number)).stage is Stage.CANCELLED

    async def test_a_refund_is_of_the_payment_it_names(self, shop_bench: ShopBench) -> None:
        shop = refunder(shop_bench)
        number, (first, second) = await _owing(shop_bench, Placement(Stage.PAID, payments=TWO))
        await shop.refund(number, payment=second, amount=second.amount, key="second")
        assert await _back(shop_bench, number) == [Decimal(0), second.amount]
        await shop.refund(number, payment=first, amount=first.amount, key="first")
        assert await _back(shop_bench, number) == [first.amount, second.amount]

    async def test_the_same_key_twice_sends_money_back_once(self, shop_bench: ShopBench) -> None:
        shop = refunder(shop_bench)
        _skip_unless_once(shop_bench)
        number, (payment,) = await _owing(shop_bench)
        for _ in range(2):
            report = await shop.refund(number, payment=payment, amount=_PART, key="again")
            assert report is RefundReport.ACCEPTED
        assert await _back(shop_bench, number) == [_PART]

    async def test_the_same_key_twice_at_once_sends_money_back_once(self, shop_bench: ShopBench) -> None:
        shop = refunder(shop_bench)
        _skip_unless_once(shop_bench)
        number, (payment,) = await _owing(shop_bench)
        asked = [shop.refund(number, payment=payment, amount=_PART, key="again") for _ in range(2)]
        await asyncio.gather(*asked)
        assert await _back(shop_bench, number) == [_PART]

    async def test_no_more_is_sent_back_than_was_paid(self, shop_bench: ShopBench) -> None:
        shop = refunder(shop_bench)
        number, (payment,) = await _owing(shop_bench)
        more = await shop.refund(number, payment=payment, amount=TOTAL + Decimal("0.01"), key="more")
        assert (more, await _back(shop_bench, number)) == (RefundReport.REFUSED, [Decimal(0)])

    async def test_no_more_is_sent_back_than_is_still_owed(self, shop_bench: ShopBench) -> None:
        shop = refunder(shop_bench)
        number, (payment,) = await _owing(shop_bench)
        await shop.refund(number, payment=payment, amount=_PART, key="first")
        again = await shop.refund(number, payment=payment, amount=TOTAL, key="second")
        assert (again, await _back(shop_bench, number)) == (RefundReport.REFUSED, [_PART])

    @pytest.mark.parametrize("amount", [Decimal(0), Decimal("-1.00")])
    async def test_an_amount_that_is_none_moves_nothing(self, shop_bench: ShopBench, amount: Decimal) -> None:
        shop = refunder(shop_bench)
        number, (payment,) = await _owing(shop_bench)
        try:
            report = await shop.refund(number, payment=payment, amount=amount, key="none")
        except ShopUnreachable:  # the shop takes it for no request at all
            report = RefundReport.REFUSED
        assert (report, await _back(shop_bench, number)) == (RefundReport.REFUSED, [Decimal(0)])

    @pytest.mark.parametrize("id_", ["", "no-such-payment", "0", "-1"])
    async def test_a_payment_that_the_order_has_not_is_refused(self, shop_bench: ShopBench, id_: str) -> None:
        shop = refunder(shop_bench)
        number, _ = await _owing(shop_bench)
        other = Payment("card", TOTAL, PaymentStatus.CAPTURED, id=id_)
        report = await shop.refund(number, payment=other, amount=TOTAL, key="first")
        assert (report, await _back(shop_bench, number)) == (RefundReport.REFUSED, [Decimal(0)])

    async def test_a_payment_of_another_order_is_not_refunded(self, shop_bench: ShopBench) -> None:
        shop = refunder(shop_bench)
        one, (payment,) = await _owing(shop_bench)
        two, _ = await _owing(shop_bench)
        for number in (two, f"{two}0"):
            report = await shop.refund(number, payment=payment, amount=TOTAL, key="first")
            assert report is RefundReport.REFUSED
        assert [*await _back(shop_bench, one), *await _back(shop_bench, two)] == [Decimal(0), Decimal(0)]

    async def test_a_hold_is_lifted_and_nothing_is_sent_back(self, shop_bench: ShopBench) -> None:
        shop = refunder(shop_bench)
        number, (payment,) = await _owing(shop_bench, Placement(Stage.PAID, payments=HELD))
        if payment.status is PaymentStatus.AUTHORISED:  # not lifted by the cancellation
            report = await shop.refund(number, payment=payment, amount=payment.amount, key="first")
            assert report is RefundReport.ACCEPTED
        (lifted,) = (await found(shop_bench, number)).payments
        assert (lifted.status, lifted.refunds) == (PaymentStatus.VOIDED, ())

    async def test_a_refund_from_a_shop_that_is_not_there_raises_and_moves_nothing(
        self, shop_bench: ShopBench
    ) -> None:
        shop = refunder(shop_bench)
        number, (payment,) = await _owing(shop_bench)
        async with shop_bench.unreachable():
            with pytest.raises(ShopUnreachable):
                await shop.refund(number, payment=payment, amount=TOTAL, key="first")
        assert await _back(shop_bench, number) == [Decimal(0)]


def _skip_unless_once(bench: ShopBench) -> None:
    if not bench.backend.capabilities.refunds_once:
        pytest.skip("this shop does not promise to know a refund's key again")
