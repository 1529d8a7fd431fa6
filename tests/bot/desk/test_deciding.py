import asyncio
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from desk_makers import House, house_over, performing
from shell_house import SPEECH
from shell_makers import DOWN, Shop, order

from bot.desk.errors import BadInput, Changed, HeldBy, NotAllowed, ShopProblem
from bot.desk.feed import ChangeKind
from bot.desk.rights import Rights
from bot.desk.views import Confirmation, OrderProblem
from bot.ports import ContractBroken, CredentialsRefused, Throttled
from dialogs.orders import Order, Stage
from storage.desk_records import Agent, Role
from storage.store import Store

PAID, CONFIRMED = order(Stage.PAID), order(Stage.CONFIRMED)
CANCELLED = order(Stage.CANCELLED)
WHY = "The parcel has not left"


async def confirmed(house: House, agent: Agent, key: str, reason: str = WHY) -> Confirmation:
    asked = await house.desk.orders.cancel(agent, key, reason=reason)
    assert asked is not None
    return asked


def with_shop(store: Store, *shows: Order | Exception | None, rights: Rights | None = None) -> House:
    return house_over(store, shop=Shop(list(shows)), rights=rights)


async def test_the_panel_shows_the_order_as_read_now_with_verdict_clause_and_windows(store: Store) -> None:
    house = with_shop(store, CONFIRMED)
    key = await house.waits(matched=PAID)  # as read earlier; it moved on
    panel = await house.desk.orders.panel(await house.agent("Kim"), key)
    assert panel.order == CONFIRMED
    assert (panel.verdict, panel.rule, panel.matched, panel.may_cancel) == ("refuse", panel.rule, True, False)
    assert panel.clause
    assert panel.clause_text
    assert panel.reason == "is confirmed for fulfilment and can no longer be cancelled"
    assert panel.stake == Decimal("54.00")
    assert panel.read_at == house.clock()
    assert not panel.may_try
    house.shop.shows, house.shop.reads = [PAID], 0
    panel = await house.desk.orders.panel(await house.agent("Lee"), key)
    assert (panel.verdict, panel.may_cancel, panel.may_try) == ("allow", True, True)
    assert any("PayPal" in line for line in panel.refund_lines)


@pytest.mark.parametrize(
    ("shown", "problem"),
    [
        (DOWN, OrderProblem.UNREACHABLE),
        (Throttled(5), OrderProblem.THROTTLED),
        (CredentialsRefused("no"), OrderProblem.CREDENTIALS),
        (ContractBroken("odd"), OrderProblem.CONTRACT),
        (None, OrderProblem.NOT_FOUND),
    ],
)
async def test_a_shop_that_does_not_answer_is_told_by_kind(
    store: Store, shown: Exception | None, problem: OrderProblem
) -> None:
    house = with_shop(store, shown)
    key = await house.waits(matched=PAID)
    kim = await house.agent("Kim")
    panel = await house.desk.orders.panel(kim, key)
    assert (panel.problem, panel.order) == (problem, None)
    assert panel.problem_text
    with pytest.raises(ShopProblem) as refused:
        await house.desk.orders.cancel(kim, key)
    assert refused.value.kind == problem.value


async def test_a_chat_without_a_number_has_no_order(house: House) -> None:
    panel = await house.desk.orders.panel(await house.agent("Kim"), await house.waits())
    assert panel.problem is OrderProblem.NO_NUMBER
    assert house.shop.reads == 0


async def test_another_order_than_the_chats_is_shown_and_the_look_is_on_record(house: House) -> None:
    key = await house.waits(number="9999")
    panel = await house.desk.orders.panel(await house.agent("Kim"), key, "1042")
    assert panel.order is not None
    assert not panel.matched
    assert await house.acts(key) == ["look up"]


async def test_what_the_policy_allows_an_agent_cancels_by_a_second_yes(store: Store) -> None:
    house = with_shop(store, PAID)
    key = await house.waits(matched=PAID)
    kim = await house.agent("Kim")
    asked = await confirmed(house, kim, key, reason="")
    assert not asked.override
    assert house.shop.asked == []  # the first call does nothing
    assert await house.holder(key) is None
    house.shop.shows, house.shop.reads = [PAID, PAID, CANCELLED], 0
    console = house.desk.feed.watch_all()
    async with performing(house) as performers:
        assert await house.desk.orders.cancel(kim, key, token=asked.token) is None
        await _until(lambda: performers.idle)
    assert [number for number, _, _ in house.shop.asked] == ["1042"]
    assert await house.holder(key) == "Kim"
    assert (await house.acts(key))[-1] == "cancel"
    notes = await house.store.desk.notes(key)
    assert [note.author for note in notes] == [None]
    assert "1042" in notes[0].text
    assert ChangeKind.ORDER in {kind for change in await anext(console) for kind in change.kinds}


async def _until(true: object) -> None:
    async with asyncio.timeout(10):
        while not true():  # type: ignore[operator]  # noqa: ASYNC110
            await asyncio.sleep(0.005)


async def test_an_override_needs_the_right_a_reason_and_a_second_yes(store: Store) -> None:
    house = with_shop(store, CONFIRMED)
    key = await house.waits(matched=CONFIRMED)
    kim, sue = await house.agent("Kim"), await house.agent("Sue", Role.SUPERVISOR)
    with pytest.raises(NotAllowed, match="the policy says refuse"):
        await house.desk.orders.cancel(kim, key, reason=WHY)
    for short in ("", "no", "x" * 501):
        with pytest.raises(BadInput, match="reason"):
            await house.desk.orders.cancel(sue, key, reason=short)
    asked = await confirmed(house, sue, key)
    assert asked.override
    async with performing(house) as performers:
        await house.desk.orders.cancel(sue, key, reason=WHY, token=asked.token)
        await _until(lambda: performers.idle)
    assert len(house.shop.asked) == 1
    entry = (await house.store.desk.trail(key))[-1]
    assert (entry.act, entry.name, entry.details["reason"]) == ("override", "Sue", WHY)
    assert (entry.details["verdict"], entry.details["stage"]) == ("refuse", "confirmed")


async def test_agents_may_override_where_the_operator_says_so(store: Store) -> None:
    house = with_shop(store, CONFIRMED, rights=Rights(agents_override=True))
    key = await house.waits(matched=CONFIRMED)
    assert (await confirmed(house, await house.agent("Kim"), key)).override


async def test_an_order_that_the_customer_did_not_prove_to_be_theirs_takes_an_override(store: Store) -> None:
    house = with_shop(store, PAID)
    key = await house.waits(number="1042")
    kim, sue = await house.agent("Kim"), await house.agent("Sue", Role.SUPERVISOR)
    with pytest.raises(NotAllowed, match="number and e-mail"):
        await house.desk.orders.cancel(kim, key)
    assert (await confirmed(house, sue, key)).override


@pytest.mark.parametrize(
    ("moved", "said"),
    [
        ({"stage": Stage.IN_LOGISTICS}, "stage: confirmed → in_logistics"),
        ({"version": "2"}, "version: - → 2"),
        ({"status": "shipped"}, "status: - → shipped"),
        ({"partly_fulfilled": True}, "partly fulfilled: no → yes"),
        ({"payments": ()}, "amount: 54.00 EUR → 0 EUR"),
    ],
)
async def test_a_confirmation_dies_with_the_order_it_was_for(
    store: Store, moved: dict[str, object], said: str
) -> None:
    house = with_shop(store, CONFIRMED)
    key = await house.waits(matched=CONFIRMED)
    sue = await house.agent("Sue", Role.SUPERVISOR)
    asked = await confirmed(house, sue, key)
    house.shop.shows = [replace(CONFIRMED, **moved)]  # type: ignore[arg-type]
    with pytest.raises(Changed) as refused:
        await house.desk.orders.cancel(sue, key, reason=WHY, token=asked.token)
    assert said in refused.value.what
    assert "override" not in await house.acts(key)


async def test_a_confirmation_is_good_once_for_one_agent_one_chat_one_reason_and_ten_minutes(
    store: Store,
) -> None:
    house = with_shop(store, CONFIRMED)
    key, other = await house.waits("web:1", matched=CONFIRMED), await house.waits("web:2", matched=CONFIRMED)
    sue, sam = await house.agent("Sue", Role.SUPERVISOR), await house.agent("Sam", Role.SUPERVISOR)
    cancel = house.desk.orders.cancel
    asked = await confirmed(house, sue, key)
    not_for_this = [
        cancel(sam, key, reason=WHY, token=asked.token),
        cancel(sue, other, reason=WHY, token=asked.token),
        cancel(sue, key, reason=WHY, token=asked.token + "x"),
        cancel(sue, key, reason=WHY, token="e30.forged"),
    ]
    for act in not_for_this:
        with pytest.raises(Changed, match="not for this order"):
            await act
    with pytest.raises(Changed, match="Another reason"):
        await cancel(sue, key, reason="Another reason", token=asked.token)
    ended = await asyncio.gather(
        *(cancel(sue, key, reason=WHY, token=asked.token) for _ in range(5)), return_exceptions=True
    )
    assert [type(end).__name__ for end in ended].count("NoneType") == 1
    assert (await house.acts(key)).count("override") == 1
    late = await confirmed(house, sue, other)
    house.clock.now += timedelta(minutes=10)
    with pytest.raises(Changed, match="ran out"):
        await cancel(sue, other, reason=WHY, token=late.token)


async def test_nobody_cancels_in_a_chat_that_another_agent_has(store: Store) -> None:
    house = with_shop(store, PAID)
    key = await house.waits(matched=PAID)
    kim, sue = await house.agent("Kim"), await house.agent("Sue", Role.SUPERVISOR)
    await house.desk.chats.claim(kim, key)
    with pytest.raises(HeldBy):
        await house.desk.orders.cancel(sue, key)


async def test_a_cancelled_order_is_not_cancelled_again(store: Store) -> None:
    house = with_shop(store, CANCELLED)
    key = await house.waits(matched=CANCELLED)
    with pytest.raises(BadInput, match="cancelled already"):
        await house.desk.orders.cancel(await house.agent("Sue", Role.ADMIN), key, reason=WHY)


async def test_an_intercept_reminds_once_when_its_time_passes(house: House) -> None:
    key = await house.waits(matched=PAID)
    kim = await house.agent("Kim")
    by = house.clock() + timedelta(hours=2)
    orders = house.desk.orders
    with pytest.raises(BadInput):
        await orders.ask_to_intercept(kim, key, number="1042", by=house.clock())
    with pytest.raises(BadInput):
        await orders.intercept_over(kim, key, stopped=True)
    await orders.ask_to_intercept(kim, key, number="1042", by=by, note="Called Joe")
    panel = await orders.panel(kim, key)
    assert panel.intercept is not None
    assert (panel.intercept.by, panel.intercept.note) == (by, "Called Joe")
    await house.desk.rounds.go_round()
    assert await house.store.desk.notes(key) == ()
    house.clock.now = by
    for _ in range(3):
        await house.desk.rounds.go_round()
    notes = await house.store.desk.notes(key)
    asked = (
        f"The warehouse was asked to stop order 1042 by {by.astimezone(SPEECH.timezone):%Y-%m-%d %H:%M %Z}."
    )
    assert [(note.author, note.text.startswith(asked)) for note in notes] == [(None, True)]
    await orders.intercept_over(kim, key, stopped=False)
    assert (await orders.panel(kim, key)).intercept is None
    assert await house.acts(key) == ["ask to intercept", "intercept overdue", "intercept over"]


async def test_an_intercept_reminds_though_the_chat_was_settled_meanwhile(house: House) -> None:
    key = await house.waits(matched=PAID)
    kim = await house.agent("Kim")
    by = house.clock() + timedelta(hours=2)
    await house.desk.chats.claim(kim, key)
    await house.desk.orders.ask_to_intercept(kim, key, number="1042", by=by)
    await house.desk.chats.resolve(kim, key)
    house.clock.now = by
    await house.desk.rounds.go_round()
    assert len(await house.store.desk.notes(key)) == 1
