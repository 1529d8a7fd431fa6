"""Where an order stands: the service without files."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from bot.ports import ShopUnreachable
from bot.rows import BadRow
from bot.stage_lookup import (
    DESCRIPTIONS,
    Answered,
    Query,
    RefundSeen,
    StageFound,
    StageMissing,
    batch,
    look_up,
)
from dialogs.orders import Cancellable, Order, Payment, PaymentStatus, Refund, RefundStatus, Stage
from dialogs.policy import default_policy
from tests.bot.stage_command import Shelf, an_order

POLICY = default_policy()
NOW = datetime(2026, 11, 3, 10, 0, tzinfo=UTC)


def now() -> datetime:
    return NOW


async def numbered(*queries: Query | BadRow) -> AsyncIterator[Query | BadRow]:
    for query in queries:
        yield query


async def answers(shelf: Shelf, *queries: Query | BadRow, concurrency: int = 8) -> list[Answered | BadRow]:
    given = batch(shelf, numbered(*queries), policy=POLICY, now=now, concurrency=concurrency, pauses=(0, 0))
    return [result async for result in given]


async def test_what_the_record_shows_is_told_with_the_time_it_was_read() -> None:
    assert await look_up(Shelf(), "#1002", None, policy=POLICY, now=now) == StageFound(
        number="1002",
        stage=Stage.PAID,
        status="processing",
        partly_fulfilled=True,
        cancellable=Cancellable.MIXED,
        verdict=POLICY.decide(an_order("1002")),
        refunds=(),
        read_at=NOW,
    )


async def test_refunds_are_told_as_the_record_shows_them_each_with_the_method_of_its_payment() -> None:
    class Paid(Shelf):
        async def find(self, number: str) -> Order | None:
            sent = Refund(Decimal("4.50"), RefundStatus.SENT, NOW)
            pending = Refund(Decimal("2.50"), RefundStatus.PENDING)
            card = Payment("card", Decimal(7), PaymentStatus.CAPTURED, (sent,))
            gift = Payment("gift_card", Decimal(3), PaymentStatus.CAPTURED, (pending,))
            return replace(an_order(number), payments=(card, gift))

    answer = await look_up(Paid(), "1002", None, policy=POLICY, now=now)
    assert isinstance(answer, StageFound)
    assert answer.refunds == (
        RefundSeen("card", Decimal("4.50"), "EUR", RefundStatus.SENT, NOW),
        RefundSeen("gift_card", Decimal("2.50"), "EUR", RefundStatus.PENDING, None),
    )


async def test_an_unknown_order_and_a_wrong_e_mail_are_the_same_answer() -> None:
    unknown = await look_up(Shelf(), "1001", "buyer1002@shop.test", policy=POLICY, now=now)
    wrong = await look_up(Shelf(), "1002", "buyer1004@shop.test", policy=POLICY, now=now)
    assert unknown == wrong == StageMissing()


async def test_the_right_e_mail_is_right_in_any_case_and_an_empty_one_never() -> None:
    assert isinstance(
        await look_up(Shelf(), "1002", " Buyer1002@SHOP.test ", policy=POLICY, now=now), StageFound
    )
    assert await look_up(Shelf(), "1002", "", policy=POLICY, now=now) == StageMissing()


async def test_an_order_of_another_number_is_not_taken_for_it() -> None:
    class Fuzzy(Shelf):
        async def find(self, number: str) -> Order | None:
            return an_order(f"{number}0")

    assert await look_up(Fuzzy(), "1002", None, policy=POLICY, now=now) == StageMissing()


async def test_a_shop_that_does_not_answer_is_no_missing_order() -> None:
    with pytest.raises(ShopUnreachable):
        await look_up(Shelf(down={"1002"}), "1002", None, policy=POLICY, now=now)


def test_every_stage_has_a_description() -> None:
    assert set(DESCRIPTIONS) == set(Stage)


async def test_answers_come_in_the_order_of_the_queries_with_bad_lines_in_their_places() -> None:
    shelf = Shelf(pauses=(0.003, 0, 0.001))
    queries = [Query(n, str(n)) if n % 7 else BadRow(n, "bad") for n in range(100)]
    results = await answers(shelf, *queries)
    assert [r if isinstance(r, BadRow) else r.query for r in results] == queries
    for result in results:
        if isinstance(result, Answered):
            assert isinstance(result.answer, StageFound) == (result.query.line % 2 == 0)


@pytest.mark.parametrize("concurrency", [1, 3, 8])
async def test_no_more_look_ups_are_under_way_than_allowed(concurrency: int) -> None:
    shelf = Shelf(pauses=(0.001,))
    await answers(shelf, *(Query(n, str(n)) for n in range(40)), concurrency=concurrency)
    assert shelf.most_at_once == concurrency


async def test_no_more_queries_are_taken_in_than_are_under_way() -> None:
    taken = 0

    async def endless() -> AsyncIterator[Query]:
        nonlocal taken
        while True:
            taken += 1
            yield Query(taken, str(taken))

    results = batch(Shelf(), endless(), policy=POLICY, now=now, concurrency=5)
    for done in range(1, 50):
        await anext(results)
        assert taken <= done + 5
    await results.aclose()


async def test_a_look_up_without_an_answer_is_tried_again() -> None:
    (result,) = await answers(Shelf(down={"1002"}, down_for=2), Query(1, "1002"))
    assert isinstance(result, Answered)
    assert isinstance(result.answer, StageFound)


async def test_what_stays_unreachable_is_said_and_the_batch_goes_on() -> None:
    shelf = Shelf(down={"1002"})
    results = await answers(shelf, Query(1, "1002"), Query(2, "1004"), concurrency=1)
    assert [isinstance(r, Answered) and r.answer is not None for r in results] == [False, True]
    assert shelf.asked == ["1002", "1002", "1002", "1004"]


async def test_a_shop_that_stays_down_is_asked_once_for_each_further_order() -> None:
    shelf = Shelf(down={"2", "4", "6", "8"})
    await answers(shelf, *(Query(n, str(n)) for n in (2, 4, 6, 10, 8)), concurrency=1)
    assert shelf.asked == ["2", "2", "2", "4", "6", "10", "8", "8", "8"]


async def test_an_error_of_our_own_is_not_taken_for_a_shop_that_is_down() -> None:
    class Broken(Shelf):
        async def find(self, number: str) -> Order | None:
            raise ZeroDivisionError(number)

    with pytest.raises(ZeroDivisionError):
        await answers(Broken(), *(Query(n, str(n)) for n in range(20)))
