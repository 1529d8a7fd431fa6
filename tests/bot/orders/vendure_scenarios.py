"""What happens between the adapter and a Vendure shop, case by case.

Each scenario is prepared by hands inside the shop and acted out by the adapter. It is played against a live
Vendure, and against what was recorded there.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from decimal import Decimal

import pytest

from bot.contracts.shop_bench import Placement
from bot.orders.vendure import Vendure
from bot.ports import CancelReport, CredentialsRefused, RefundReport
from dialogs.orders import Order, Payment, PaymentStatus, RefundStatus, Stage
from tests.vendure.hands import ADMIN, Hands

Act = Callable[[Vendure, str], Awaitable[None]]
Prepare = Callable[[Hands], Awaitable[str]]
Meanwhile = Callable[[Hands, str], Awaitable[None]]

FIFTY_FOUR = Decimal("54.00")


async def found(shop: Vendure, number: str) -> Order:
    order = await shop.find(number)
    assert order is not None
    return order


async def _cancel(
    shop: Vendure, number: str, *, expected: Stage = Stage.PAID, key: str = "r1"
) -> CancelReport:
    return await shop.cancel(number, expected=expected, request_id=key)


async def _refund(
    shop: Vendure, number: str, *, amount: Decimal = FIFTY_FOUR, key: str = "r1"
) -> RefundReport:
    (payment,) = (await found(shop, number)).payments
    return await shop.refund(number, payment=payment, amount=amount, key=key)


async def _states(shop: Vendure, number: str) -> list[tuple[Decimal, RefundStatus]]:
    (payment,) = (await found(shop, number)).payments
    return [(refund.amount, refund.status) for refund in payment.refunds]


# ---- how an order comes to be what it is


def _placed(stage: Stage = Stage.PAID, *, held: bool = False, **metadata: str) -> Prepare:
    status = PaymentStatus.AUTHORISED if held else PaymentStatus.CAPTURED
    placement = Placement(stage, payments=(Payment("card", FIFTY_FOUR, status),))

    async def prepare(hands: Hands) -> str:
        return await hands.place(placement, **metadata)

    return prepare


async def _half_packed(hands: Hands) -> str:
    number = await hands.place(Placement(Stage.PAID))
    await hands.fulfil(number, lines=1)
    return number


async def _half_shipped(hands: Hands) -> str:
    number = await hands.place(Placement(Stage.PAID))
    await hands.fulfil(number, lines=1, ship=True)
    return number


async def _shipped_and_cancelled(hands: Hands) -> str:
    number = await hands.place(Placement(Stage.IN_LOGISTICS))
    await hands.cancel(number)
    return number


async def _locked(hands: Hands) -> str:
    number = await hands.place(Placement(Stage.PAID))
    await hands.mark(number, locked=True)
    return number


async def _one_line_taken_out(hands: Hands) -> str:
    number = await hands.place(Placement(Stage.PAID))
    await hands.cancel(number, lines=1)
    return number


# ---- what the adapter makes of it


async def a_cancelled_order_still_shows_what_was_ordered_and_paid(shop: Vendure, number: str) -> None:
    before = await found(shop, number)
    assert await _cancel(shop, number) is CancelReport.ACCEPTED
    after = await found(shop, number)
    assert (before.stage, after.stage) == (Stage.PAID, Stage.CANCELLED)
    assert (after.total, after.lines, after.payments) == (FIFTY_FOUR, before.lines, before.payments)
    assert before.version != after.version


async def a_cancel_moves_no_money_and_a_refund_is_made_once(shop: Vendure, number: str) -> None:
    assert await _cancel(shop, number) is CancelReport.ACCEPTED
    assert await _states(shop, number) == []
    assert await _refund(shop, number) is RefundReport.ACCEPTED
    assert await _refund(shop, number) is RefundReport.ACCEPTED
    assert await _refund(shop, number, key="r2") is RefundReport.REFUSED
    assert await _states(shop, number) == [(FIFTY_FOUR, RefundStatus.SENT)]


async def parts_of_a_payment_are_refunded_up_to_the_whole(shop: Vendure, number: str) -> None:
    await _cancel(shop, number)
    amounts = [Decimal("50.00"), Decimal("5.00"), Decimal("4.00"), Decimal("0.00"), Decimal("-1.00")]
    reports = [await _refund(shop, number, amount=each, key=f"k{each}") for each in amounts]
    assert reports == [
        RefundReport.ACCEPTED,
        RefundReport.REFUSED,
        RefundReport.ACCEPTED,
        RefundReport.REFUSED,
        RefundReport.REFUSED,
    ]
    assert await _states(shop, number) == [
        (Decimal("50.00"), RefundStatus.SENT),
        (Decimal("4.00"), RefundStatus.SENT),
    ]


async def while_a_refund_is_pending_no_other_is_made(shop: Vendure, number: str) -> None:
    await _cancel(shop, number)
    half = Decimal("27.00")
    assert await _refund(shop, number, amount=half) is RefundReport.ACCEPTED
    assert await _refund(shop, number, amount=half) is RefundReport.ACCEPTED
    assert await _refund(shop, number, amount=half, key="r2") is RefundReport.REFUSED
    assert await _states(shop, number) == [(half, RefundStatus.PENDING)]


async def a_refund_that_vendure_made_and_answers_an_error_to_is_there(shop: Vendure, number: str) -> None:
    await _cancel(shop, number)
    assert await _refund(shop, number) is RefundReport.ACCEPTED
    assert await _states(shop, number) == [(FIFTY_FOUR, RefundStatus.PENDING)]


async def a_refund_that_failed_is_shown_and_not_tried_again_by_its_key(shop: Vendure, number: str) -> None:
    await _cancel(shop, number)
    await _refund(shop, number)
    assert await _refund(shop, number) is RefundReport.REFUSED
    assert await _states(shop, number) == [(FIFTY_FOUR, RefundStatus.FAILED)]


async def money_that_is_only_held_is_given_back_by_a_void(shop: Vendure, number: str) -> None:
    assert await _cancel(shop, number) is CancelReport.ACCEPTED
    assert (await found(shop, number)).payments[0].status is PaymentStatus.AUTHORISED
    assert await _refund(shop, number) is RefundReport.ACCEPTED
    assert await _refund(shop, number) is RefundReport.ACCEPTED
    order = await found(shop, number)
    assert (order.payments[0].status, order.payments[0].refunds) == (PaymentStatus.VOIDED, ())
    assert order.total == FIFTY_FOUR


async def a_void_that_fails_is_reported_and_the_money_still_held(shop: Vendure, number: str) -> None:
    await _cancel(shop, number)
    assert await _refund(shop, number) is RefundReport.REFUSED
    assert (await found(shop, number)).payments[0].status is PaymentStatus.AUTHORISED


async def a_payment_of_another_order_is_not_refunded(shop: Vendure, number: str) -> None:
    (payment,) = (await found(shop, number)).payments
    stranger = Payment("card", FIFTY_FOUR, PaymentStatus.CAPTURED, id=f"{payment.id}0")
    report = await shop.refund(number, payment=stranger, amount=FIFTY_FOUR, key="r1")
    assert report is RefundReport.REFUSED


async def the_same_request_is_accepted_again_and_another_is_not(shop: Vendure, number: str) -> None:
    assert await _cancel(shop, number) is CancelReport.ACCEPTED
    assert await _cancel(shop, number) is CancelReport.ACCEPTED
    assert await _cancel(shop, number, key="r2") is CancelReport.STAGE_MOVED


async def somebody_else_cancels_at_the_same_moment(shop: Vendure, number: str) -> None:
    assert await _cancel(shop, number) is CancelReport.ACCEPTED
    assert (await found(shop, number)).stage is Stage.CANCELLED


async def a_parcel_is_packed_at_the_same_moment(shop: Vendure, number: str) -> None:
    assert await _cancel(shop, number) is CancelReport.ACCEPTED
    order = await found(shop, number)
    assert (order.stage, order.partly_fulfilled) == (Stage.CANCELLED, True)


async def an_order_that_vendure_lost_is_not_cancelled(shop: Vendure, number: str) -> None:
    assert await _cancel(shop, number) is CancelReport.REFUSED


async def a_cancelled_order_with_a_parcel_shows_the_conflict(shop: Vendure, number: str) -> None:
    order = await found(shop, number)
    assert (order.stage, order.partly_fulfilled) == (Stage.CANCELLED, True)
    assert order.status == "Cancelled / Shipped"


async def what_is_packed_in_part_is_shown_so_and_not_cancelled(shop: Vendure, number: str) -> None:
    order = await found(shop, number)
    assert (order.stage, order.partly_fulfilled) == (Stage.PAID, True)
    assert await _cancel(shop, number) is CancelReport.REFUSED
    assert await found(shop, number) == order


async def a_merchants_veto_is_a_refusal_and_the_record_shows_what_it_left(shop: Vendure, number: str) -> None:
    before = await found(shop, number)
    assert await _cancel(shop, number) is CancelReport.REFUSED
    after = await found(shop, number)
    # Vendure has emptied the lines all the same: the order is not cancelled, and not as it was.
    assert (after.stage, after.total, after.lines) == (Stage.PAID, FIFTY_FOUR, before.lines)
    assert after.version != before.version


async def a_line_that_was_taken_out_is_not_shown(shop: Vendure, number: str) -> None:
    order = await found(shop, number)
    assert ([line.title for line in order.lines], order.total) == (["Poster"], Decimal("40.00"))
    assert order.stage is Stage.PAID


async def an_unmapped_status_is_unrecognised_and_not_cancelled(shop: Vendure, number: str) -> None:
    order = await found(shop, number)
    assert (order.stage, order.status) == (Stage.UNRECOGNISED, "PaymentSettled")
    assert await _cancel(shop, number, expected=Stage.UNRECOGNISED) is CancelReport.REFUSED
    await found(shop, number)


async def a_session_that_ended_is_begun_anew(shop: Vendure, number: str) -> None:
    assert (await found(shop, number)).stage is Stage.PAID
    assert await _cancel(shop, number) is CancelReport.ACCEPTED
    assert (await found(shop, number)).stage is Stage.CANCELLED


async def a_missing_permission_is_named(shop: Vendure, number: str) -> None:
    with pytest.raises(CredentialsRefused, match="UpdateOrder"):
        await shop.ping()
    with pytest.raises(CredentialsRefused, match="UpdateOrder"):
        await _cancel(shop, number)
    assert (await found(shop, number)).stage is Stage.PAID


async def a_wrong_password_is_the_operators_to_mend(shop: Vendure, number: str) -> None:
    for attempt in (shop.ping(), shop.find(number), _cancel(shop, number)):
        with pytest.raises(CredentialsRefused, match="login") as refused:
            await attempt
        assert "wrong-password" not in str(refused.value)


async def the_two_permissions_suffice(shop: Vendure, number: str) -> None:
    await shop.ping()
    assert await _cancel(shop, number) is CancelReport.ACCEPTED
    assert await _refund(shop, number) is RefundReport.ACCEPTED
    assert await _states(shop, number) == [(FIFTY_FOUR, RefundStatus.SENT)]


# ---- what happens in the shop just before a mutation of the adapter reaches it


async def _cancelled(hands: Hands, number: str) -> None:
    await hands.cancel(number)


async def _packed(hands: Hands, number: str) -> None:
    await hands.fulfil(number)


@dataclass(frozen=True, slots=True)
class Scenario:
    """One case. `meanwhile` happens once, just before the adapter's `at` reaches the shop.

    `ends_session`: the administrator's session ends there. `lost`: the shop is asked about another id.
    `permissions` are those of the adapter's administrator: every one, where it is `None`.
    """

    act: Act
    prepare: Prepare
    meanwhile: Meanwhile | None = None
    at: str = "RescindCancel"
    ends_session: bool = False
    lost: bool = False
    permissions: tuple[str, ...] | None = None
    password: str | None = None

    @property
    def name(self) -> str:
        """Its promise."""
        return self.act.__name__

    async def account(self, hands: Hands) -> tuple[str, str]:
        """The user name and the password that the adapter is given."""
        name, password = ADMIN
        if self.permissions is not None:
            name, password = await hands.administrator(*self.permissions)
        return name, self.password or password


_NEEDED = ("ReadOrder", "UpdateOrder")

SCENARIOS = (
    Scenario(a_cancelled_order_still_shows_what_was_ordered_and_paid, _placed()),
    Scenario(a_cancel_moves_no_money_and_a_refund_is_made_once, _placed()),
    Scenario(parts_of_a_payment_are_refunded_up_to_the_whole, _placed()),
    Scenario(while_a_refund_is_pending_no_other_is_made, _placed(refund="by hand")),
    Scenario(a_refund_that_vendure_made_and_answers_an_error_to_is_there, _placed(refund="Pending")),
    Scenario(a_refund_that_failed_is_shown_and_not_tried_again_by_its_key, _placed(refund="Failed")),
    Scenario(money_that_is_only_held_is_given_back_by_a_void, _placed(held=True)),
    Scenario(a_void_that_fails_is_reported_and_the_money_still_held, _placed(held=True, void="fails")),
    Scenario(a_payment_of_another_order_is_not_refunded, _placed()),
    Scenario(the_same_request_is_accepted_again_and_another_is_not, _placed()),
    Scenario(somebody_else_cancels_at_the_same_moment, _placed(), meanwhile=_cancelled),
    Scenario(a_parcel_is_packed_at_the_same_moment, _placed(), meanwhile=_packed),
    Scenario(an_order_that_vendure_lost_is_not_cancelled, _placed(), lost=True),
    Scenario(a_cancelled_order_with_a_parcel_shows_the_conflict, _shipped_and_cancelled),
    Scenario(what_is_packed_in_part_is_shown_so_and_not_cancelled, _half_packed),
    Scenario(a_merchants_veto_is_a_refusal_and_the_record_shows_what_it_left, _locked),
    Scenario(a_line_that_was_taken_out_is_not_shown, _one_line_taken_out),
    Scenario(an_unmapped_status_is_unrecognised_and_not_cancelled, _placed(Stage.UNRECOGNISED)),
    Scenario(a_session_that_ended_is_begun_anew, _placed(), ends_session=True, permissions=_NEEDED),
    Scenario(a_missing_permission_is_named, _placed(), permissions=("ReadOrder",)),
    Scenario(the_two_permissions_suffice, _placed(), permissions=_NEEDED),
    Scenario(a_wrong_password_is_the_operators_to_mend, _placed(), password="wrong-password"),
)
