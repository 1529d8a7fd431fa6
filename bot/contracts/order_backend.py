"""What every order-status adapter promises.

Subclass the suite where a fixture `shop_bench` is defined; pytest-asyncio runs it, in either of its modes:

    class TestMyShop(OrderBackendContract): ...

The fixture is described in `bot/contracts/shop_bench.py`.
"""
# ruff: noqa: D102, S101 - a test's name is its promise, and assert is its point

import asyncio
from decimal import Decimal

import pytest

from bot.contracts.refunds import RefundContract
from bot.contracts.shop_bench import Placement, ShopBench
from bot.contracts.steps import (
    CARD,
    HELD,
    TOTAL,
    TWO,
    bare,
    by_itself,
    cancelled,
    carried_out,
    found,
    place,
    place_in,
)
from bot.ports import CancelReport, Refunder, ShopUnreachable
from dialogs.orders import Line, Payment, PaymentStatus, Stage, same_email, same_number

_MOVING = (
    Stage.PLACED,
    Stage.PAID,
    Stage.ALLOCATED,
    Stage.BINDING,
    Stage.CONFIRMED,
    Stage.IN_LOGISTICS,
    Stage.DELIVERED,
)
_OPEN = (Stage.PLACED, Stage.PAID, Stage.ALLOCATED)
_FULFILLED = (Stage.CONFIRMED, Stage.IN_LOGISTICS, Stage.DELIVERED)
_STRANGE_NUMBERS = (
    "",
    " ",
    "#",
    "*",
    "%",
    "_",
    "'",
    '"',
    "\\",
    "0",
    "\x00",
    "1" * 300,
    "\U0001f4e6",
    "\ud800",
)


@pytest.mark.asyncio
class OrderBackendContract(RefundContract):
    """The suite. One shop and one backend a test."""

    @pytest.mark.parametrize("stage", _MOVING)
    async def test_find_shows_the_order_as_the_shop_records_it(
        self, shop_bench: ShopBench, stage: Stage
    ) -> None:
        number = await place_in(shop_bench, stage)
        order = await found(shop_bench, number)
        assert same_number(order.number, number)
        assert same_email(order.email, "ann@shop.test")
        assert order.stage is stage
        assert (order.currency, order.total) == ("EUR", TOTAL)
        assert order.lines == Placement(stage).lines
        assert order.placed_at.tzinfo is not None
        assert not order.partly_fulfilled
        assert [payment.amount for payment in order.payments] == [TOTAL]
        assert not any(payment.refunds for payment in order.payments)

    @pytest.mark.parametrize("payments", [(CARD,), TWO, HELD], ids=["one", "two", "held"])
    async def test_find_shows_every_payment_with_its_state(
        self, shop_bench: ShopBench, payments: tuple[Payment, ...]
    ) -> None:
        number = await place(shop_bench, Placement(Stage.PAID, payments=payments))
        assert bare((await found(shop_bench, number)).payments) == payments

    async def test_a_line_marked_as_not_cancellable_is_shown_so(self, shop_bench: ShopBench) -> None:
        lines = (Line("Ring", 1, Decimal("40.00"), cancellable=False), Line("Mug", 2, Decimal("7.00")))
        number = await place(shop_bench, Placement(Stage.PAID, lines=lines))
        assert (await found(shop_bench, number)).lines == lines

    async def test_an_unknown_number_is_no_order(self, shop_bench: ShopBench) -> None:
        number = await place_in(shop_bench, Stage.PAID)
        for other in (f"{number}0", f"0{number}", f"x{number}", number[:-1], number[1:], *_STRANGE_NUMBERS):
            if not same_number(other, number):
                assert await shop_bench.backend.find(other) is None, f"{other!r} found order {number}"

    async def test_the_number_may_have_a_hash_spaces_and_other_case(self, shop_bench: ShopBench) -> None:
        number = await place_in(shop_bench, Stage.PAID)
        for spelling in (f"#{number}", f" {number} ", number.upper(), number.lower(), number.swapcase()):
            order = await shop_bench.backend.find(spelling)
            assert order is not None, f"{spelling!r} did not find order {number}"
            assert same_number(order.number, number)

    async def test_each_number_finds_its_own_order(self, shop_bench: ShopBench) -> None:
        numbers = [await place_in(shop_bench, Stage.PAID) for _ in range(3)]
        for number in numbers:
            assert same_number((await found(shop_bench, number)).number, number)

    async def test_an_e_mail_address_finds_nothing(self, shop_bench: ShopBench) -> None:
        await place_in(shop_bench, Stage.PAID)
        assert await shop_bench.backend.find("ann@shop.test") is None

    async def test_find_sees_at_once_that_the_order_moved_on(self, shop_bench: ShopBench) -> None:
        number = await place_in(shop_bench, Stage.PAID)
        for stage in _FULFILLED:
            before = await found(shop_bench, number)
            if stage in shop_bench.stages:
                await shop_bench.advance(number, stage)
                after = await found(shop_bench, number)
                assert (before.stage is stage, after.stage is stage) == (False, True)

    @pytest.mark.parametrize("stage", _OPEN)
    async def test_a_cancel_in_an_open_stage_is_accepted_and_the_record_shows_it(
        self, shop_bench: ShopBench, stage: Stage
    ) -> None:
        number = await place_in(shop_bench, stage)
        report = await shop_bench.backend.cancel(number, expected=stage, request_id="first")
        assert report is CancelReport.ACCEPTED
        assert (await carried_out(shop_bench, number)).stage is Stage.CANCELLED
        assert await shop_bench.cancels(number) == 1
        made = 0 if stage is Stage.PLACED else 1
        assert await shop_bench.refunds(number) == by_itself(shop_bench, made)

    @pytest.mark.parametrize("payments", [(CARD,), TWO], ids=["one", "two"])
    async def test_a_cancel_and_the_refunds_it_leaves_to_us_give_back_what_was_paid(
        self, shop_bench: ShopBench, payments: tuple[Payment, ...]
    ) -> None:
        number = await place(shop_bench, Placement(Stage.PAID, payments=payments))
        left = (await cancelled(shop_bench, number)).payments
        backend = shop_bench.backend
        if not backend.capabilities.refunds_itself:
            assert isinstance(backend, Refunder), "a shop that does not refund by itself needs `refund`"
            for each in left:
                await backend.refund(number, payment=each, amount=each.amount, key=f"first/{each.id}")
        shown = await found(shop_bench, number)
        assert [payment.on_its_way for payment in shown.payments] == [each.amount for each in payments]
        assert shown.stage is Stage.CANCELLED

    async def test_a_hold_is_lifted_where_the_shop_gives_money_back_by_itself(
        self, shop_bench: ShopBench
    ) -> None:
        if not shop_bench.backend.capabilities.refunds_itself:
            pytest.skip("this shop leaves the money to us")
        number = await place(shop_bench, Placement(Stage.PAID, payments=HELD))
        (lifted,) = (await cancelled(shop_bench, number)).payments
        assert (lifted.status, lifted.refunds) == (PaymentStatus.VOIDED, ())

    async def test_a_cancel_while_binding_is_answered_as_the_record_then_shows(
        self, shop_bench: ShopBench
    ) -> None:
        number = await place_in(shop_bench, Stage.BINDING)
        report = await shop_bench.backend.cancel(number, expected=Stage.BINDING, request_id="first")
        ended = (await carried_out(shop_bench, number)).stage is Stage.CANCELLED
        assert ended == (report is CancelReport.ACCEPTED)
        assert await shop_bench.refunds(number) == by_itself(shop_bench, int(ended))

    @pytest.mark.parametrize("stage", _FULFILLED)
    async def test_an_order_bound_to_fulfilment_is_not_cancelled(
        self, shop_bench: ShopBench, stage: Stage
    ) -> None:
        number = await place_in(shop_bench, stage)
        report = await shop_bench.backend.cancel(number, expected=stage, request_id="first")
        assert report is CancelReport.REFUSED
        assert (await found(shop_bench, number)).stage is stage
        assert (await shop_bench.cancels(number), await shop_bench.refunds(number)) == (0, 0)

    @pytest.mark.parametrize("stage", [*_MOVING, Stage.CANCELLED])
    async def test_a_cancel_that_expects_another_stage_changes_nothing(
        self, shop_bench: ShopBench, stage: Stage
    ) -> None:
        number = await place_in(shop_bench, stage)
        before = await found(shop_bench, number)
        stale = Stage.PAID if stage is not Stage.PAID else Stage.PLACED
        report = await shop_bench.backend.cancel(number, expected=stale, request_id="first")
        assert report in {CancelReport.STAGE_MOVED, CancelReport.REFUSED}
        assert await found(shop_bench, number) == before
        assert (await shop_bench.cancels(number), await shop_bench.refunds(number)) == (0, 0)

    async def test_a_version_stays_until_the_record_changes(self, shop_bench: ShopBench) -> None:
        _skip_unless_versioned(shop_bench)
        number, later = await place_in(shop_bench, Stage.PAID), _later_than_paid(shop_bench)
        first, second = await found(shop_bench, number), await found(shop_bench, number)
        await shop_bench.advance(number, later)
        assert first.version == second.version != ""
        assert (await found(shop_bench, number)).version not in {"", first.version}

    async def test_a_cancel_of_an_older_version_changes_nothing(self, shop_bench: ShopBench) -> None:
        _skip_unless_versioned(shop_bench)
        number, stage = await place_in(shop_bench, Stage.PAID), _later_than_paid(shop_bench)
        old = (await found(shop_bench, number)).version
        await shop_bench.advance(number, stage)
        before = await found(shop_bench, number)
        report = await shop_bench.backend.cancel(number, expected=stage, request_id="first", version=old)
        assert report is CancelReport.STAGE_MOVED
        assert await found(shop_bench, number) == before
        assert (await shop_bench.cancels(number), await shop_bench.refunds(number)) == (0, 0)

    async def test_a_cancel_of_the_version_just_read_is_accepted(self, shop_bench: ShopBench) -> None:
        number = await place_in(shop_bench, Stage.PAID)
        version = (await found(shop_bench, number)).version
        report = await shop_bench.backend.cancel(
            number, expected=Stage.PAID, request_id="first", version=version
        )
        assert report is CancelReport.ACCEPTED
        assert (await carried_out(shop_bench, number)).stage is Stage.CANCELLED

    async def test_an_unknown_order_is_never_said_to_be_cancelled(self, shop_bench: ShopBench) -> None:
        number = await place_in(shop_bench, Stage.PAID)
        report = await shop_bench.backend.cancel(f"{number}0", expected=Stage.PAID, request_id="first")
        assert report is not CancelReport.ACCEPTED
        assert await shop_bench.cancels(number) == 0

    async def test_the_same_request_twice_cancels_and_refunds_once(self, shop_bench: ShopBench) -> None:
        number = await place_in(shop_bench, Stage.PAID)
        for _ in range(2):
            await shop_bench.backend.cancel(number, expected=Stage.PAID, request_id="again")
        assert (await carried_out(shop_bench, number)).stage is Stage.CANCELLED
        assert await shop_bench.cancels(number) == 1
        assert await shop_bench.refunds(number) == by_itself(shop_bench, 1)

    async def test_a_second_request_refunds_nothing_more(self, shop_bench: ShopBench) -> None:
        number = await place_in(shop_bench, Stage.PAID)
        await cancelled(shop_bench, number)
        second = await shop_bench.backend.cancel(number, expected=Stage.PAID, request_id="second")
        assert second is not CancelReport.ACCEPTED
        assert await shop_bench.cancels(number) == 1
        assert await shop_bench.refunds(number) == by_itself(shop_bench, 1)

    @pytest.mark.parametrize("request_ids", [("one", "two"), ("same", "same")])
    async def test_two_cancels_at_once_refund_once(
        self, shop_bench: ShopBench, request_ids: tuple[str, str]
    ) -> None:
        number = await place_in(shop_bench, Stage.PAID)
        attempts = [
            shop_bench.backend.cancel(number, expected=Stage.PAID, request_id=request_id)
            for request_id in request_ids
        ]
        await asyncio.gather(*attempts)
        assert (await carried_out(shop_bench, number)).stage is Stage.CANCELLED
        assert await shop_bench.cancels(number) == 1
        assert await shop_bench.refunds(number) == by_itself(shop_bench, 1)

    async def test_a_shop_that_can_be_asked_answers_a_ping(self, shop_bench: ShopBench) -> None:
        await shop_bench.backend.ping()

    async def test_a_shop_that_is_not_there_is_unreachable_and_nothing_else(
        self, shop_bench: ShopBench
    ) -> None:
        number = await place_in(shop_bench, Stage.PAID)
        async with shop_bench.unreachable():
            with pytest.raises(ShopUnreachable):
                await shop_bench.backend.find(number)
            with pytest.raises(ShopUnreachable):
                await shop_bench.backend.cancel(number, expected=Stage.PAID, request_id="first")
            with pytest.raises(ShopUnreachable):
                await shop_bench.backend.ping()
        assert await shop_bench.refunds(number) == 0

    async def test_a_shop_that_is_back_is_used_again(self, shop_bench: ShopBench) -> None:
        number = await place_in(shop_bench, Stage.PAID)
        async with shop_bench.unreachable():
            with pytest.raises(ShopUnreachable):
                await shop_bench.backend.find(number)
        assert (await found(shop_bench, number)).stage is Stage.PAID
        await shop_bench.backend.ping()

    async def test_close_may_come_twice(self, shop_bench: ShopBench) -> None:
        await shop_bench.backend.close()
        await shop_bench.backend.close()


def _skip_unless_versioned(bench: ShopBench) -> None:
    if not bench.backend.capabilities.versioned:
        pytest.skip("this shop's records have no version")


def _later_than_paid(bench: ShopBench) -> Stage:
    """A stage in which the shop still could cancel."""
    return next(
        (stage for stage in (Stage.ALLOCATED, Stage.BINDING) if stage in bench.stages), Stage.CONFIRMED
    )
