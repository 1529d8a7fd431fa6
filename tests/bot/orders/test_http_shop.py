"""The HTTP adapter: the contract against the example server, its mapping, what it makes of odd answers."""

import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from aiohttp import web
from pydantic import SecretStr, ValidationError

from bot.contracts.order_backend import OrderBackendContract
from bot.contracts.shop_bench import Placement
from bot.orders.http_shop import HttpShop, HttpShopSettings
from bot.orders.stage_rows import MappingError
from bot.ports import (
    CancelReport,
    ContractBroken,
    CredentialsRefused,
    RefundReport,
    ShopUnreachable,
    Throttled,
)
from dialogs.orders import Order, Payment, PaymentStatus, Refund, RefundStatus, Stage
from examples.http_shop_server import Shop, Wanted
from tests.bot.orders.http_shop_bench import TOKEN, HttpBench, bench, told
from tests.bot.orders.served import served
from tests.bot.orders.wire_faults import QUICK, Fault

PAID = Placement(Stage.PAID, payments=(Payment("card", Decimal("54.00"), PaymentStatus.CAPTURED, id="P-1"),))


@pytest.fixture
async def shop_bench() -> AsyncIterator[HttpBench]:
    async with bench() as at:
        yield at


class TestHttpShop(OrderBackendContract):
    pass


class TestHttpShopThatLeavesRefundsToUs(OrderBackendContract):
    @pytest.fixture
    async def shop_bench(self) -> AsyncIterator[HttpBench]:
        async with bench(refunds_itself=False) as at:
            yield at


class Answering:
    """A shop that says what it is told to; `heard` are the bodies of posts."""

    def __init__(self) -> None:
        self.status = 200
        self.body: bytes = b"{}"
        self.heard: list[object] = []

    async def __call__(self, request: web.Request) -> web.Response:
        if request.method == "POST":
            self.heard.append(await request.json())
        return web.Response(status=self.status, body=self.body, content_type="application/json")

    def says(self, said: object, status: int = 200) -> None:
        self.body, self.status = json.dumps(said).encode(), status


@pytest.fixture
def answering() -> Answering:
    return Answering()


@pytest.fixture
def words() -> list[str]:
    return []


@pytest.fixture
async def adapter(answering: Answering, words: list[str]) -> AsyncIterator[HttpShop]:
    async with served(answering.__call__) as url:
        opened = HttpShop(settings_of(url), unmapped=words.append, limits=QUICK)
        yield opened
        await opened.close()


def settings_of(url: str, mapping: Path | None = None, *, refunds_itself: bool = True) -> HttpShopSettings:
    return HttpShopSettings(url=url, token=SecretStr(TOKEN), mapping=mapping, refunds_itself=refunds_itself)


def record(**changed: object) -> dict[str, object]:
    return {**told("A-1", PAID), "version": "7", **changed}


async def shown(adapter: HttpShop, answering: Answering, **changed: object) -> Order:
    answering.says(record(**changed))
    order = await adapter.find("A-1")
    assert order is not None
    return order


# ---- reading


async def test_an_order_is_read_with_all_it_says(adapter: HttpShop, answering: Answering) -> None:
    refunds = [
        {"amount": 10.10, "status": "sent", "sent_at": "2026-11-04T01:00:00+02:00"},
        {"amount": "4", "status": "PENDING", "sent_at": None},
    ]
    payment = {"id": "P-1", "method": "paypal", "amount": "54.00", "status": "captured", "refunds": refunds}
    order = await shown(
        adapter, answering, payments=[payment], status="in work", partly_fulfilled=True, unheard_of=[1]
    )
    assert (order.status, order.version, order.partly_fulfilled) == ("in work", "7", True)
    assert order.placed_at == datetime(2026, 11, 3, 9, tzinfo=UTC)
    assert order.placed_at.tzinfo is UTC
    sent = Refund(Decimal("10.1"), RefundStatus.SENT, datetime(2026, 11, 3, 23, tzinfo=UTC))
    pending = Refund(Decimal(4), RefundStatus.PENDING)
    assert order.payments == (
        Payment("paypal", Decimal("54.00"), PaymentStatus.CAPTURED, (sent, pending), "P-1"),
    )


async def test_a_stage_in_our_words_needs_no_mapping(
    adapter: HttpShop, answering: Answering, words: list[str]
) -> None:
    for stage in Stage:
        assert (await shown(adapter, answering, stage=stage.value)).stage is stage
        if stage is not Stage.UNRECOGNISED:
            assert (await shown(adapter, answering, stage=None, status=stage.value.upper())).stage is stage
    assert words == []


async def test_a_word_nobody_mapped_is_unrecognised_and_reported_once(
    adapter: HttpShop, answering: Answering, words: list[str]
) -> None:
    for _ in range(3):
        order = await shown(adapter, answering, stage="awaiting_artisan")
        assert (order.stage, order.status) == (Stage.UNRECOGNISED, "awaiting_artisan")
    payment = {"method": "card", "amount": "1", "status": "odd", "refunds": [{"amount": "1", "status": "?"}]}
    for _ in range(2):
        order = await shown(adapter, answering, payments=[payment])
        assert order.payments[0].status is PaymentStatus.UNKNOWN
        assert order.payments[0].refunds[0].status is RefundStatus.UNKNOWN
    assert words == ["awaiting_artisan", "payment odd", "refund ?"]


async def test_a_merchants_rows_lie_over_ours(answering: Answering, tmp_path: Path) -> None:
    own = tmp_path / "own.toml"
    own.write_text("""
        [stages]
        packing = { stage = "binding", when = { fulfilment = ["picked"], tag = ["vip"] }, before = "paid" }
        split = { stage = "on_hold", when = { status = ["open"], partly = ["yes"] }, before = "paid" }
        paid = { stage = "paid", when = { status = ["open"] } }
        [not_cancellable]
        tags = ["engraved"]
        [payments]
        cleared = "captured"
    """)
    async with served(answering.__call__) as url:
        adapter = HttpShop(settings_of(url, own), unmapped=pytest.fail, limits=QUICK)
        assert (await shown(adapter, answering, stage=None, status="open")).stage is Stage.PAID
        picked = {"status": "open", "fulfilment": "Picked", "tags": ["VIP", "x"]}
        assert (await shown(adapter, answering, stage=None, **picked)).stage is Stage.BINDING
        split = await shown(adapter, answering, stage=None, status="open", partly_fulfilled=True)
        assert split.stage is Stage.ON_HOLD
        line = {"title": "Ring", "quantity": 1, "unit_price": "9.00", "tags": ["Engraved"]}
        payment = {"method": "card", "amount": "9.00", "status": "cleared"}
        order = await shown(adapter, answering, lines=[line], payments=[payment])
        assert not order.lines[0].cancellable
        assert order.payments[0].status is PaymentStatus.CAPTURED
        await adapter.close()


async def test_a_word_is_mapped_as_it_is_listed_whatever_its_case(
    adapter: HttpShop, answering: Answering, words: list[str], tmp_path: Path
) -> None:
    refund = {"amount": "1", "status": "Paid Back", "sent_at": "2026-11-22T12:00:00Z"}
    payment = {"method": "card", "amount": "2", "status": "PAID", "refunds": [refund]}
    await shown(adapter, answering, payments=[payment])
    assert words == ["payment PAID", "refund Paid Back"]
    own = tmp_path / "own.toml"
    own.write_text('[payments]\nPAID = "captured"\nPENDING = "voided"\n[refunds]\n"Paid Back" = "sent"\n')
    async with served(answering.__call__) as url:
        mapped = HttpShop(settings_of(url, own), unmapped=pytest.fail, limits=QUICK)
        for status in ("PAID", "paid", " Paid "):
            order = await shown(mapped, answering, payments=[payment | {"status": status}])
            assert order.payments[0].status is PaymentStatus.CAPTURED
            assert order.payments[0].refunds[0].status is RefundStatus.SENT
        order = await shown(mapped, answering, payments=[payment | {"status": "pending"}])
        assert order.payments[0].status is PaymentStatus.VOIDED, "the merchant's row takes the place of ours"
        await mapped.close()


@pytest.mark.parametrize("toml", ["a = " + "[" * 20_000, "[" + "a." * 20_000 + "a]"])
def test_a_mapping_nested_too_deeply_is_a_bad_file(toml: str, tmp_path: Path) -> None:
    own = tmp_path / "own.toml"
    own.write_text(toml)
    with pytest.raises(MappingError, match=r"own\.toml: "):
        HttpShop(settings_of("https://shop.test", own), unmapped=print)


def test_a_mapping_may_begin_with_a_byte_order_mark(tmp_path: Path) -> None:
    own = tmp_path / "own.toml"
    own.write_text("[payments]\nlate = 'pending'\n", "utf-8-sig")
    HttpShop(settings_of("https://shop.test", own), unmapped=print)


def test_a_mapping_that_cannot_be_used_says_what_is_wrong(tmp_path: Path) -> None:
    own = tmp_path / "own.toml"
    own.write_text('[stages]\npaid = { stage = "paid", when = { colour = ["red"] } }')
    with pytest.raises(MappingError, match="colour is no fact of this shop"):
        HttpShop(settings_of("https://erp.test", own), unmapped=pytest.fail)


@pytest.mark.parametrize(
    "url", ["erp.test", "http://erp.test", "https://user:pw@erp.test", "https://erp.test/?a=1", ""]
)
def test_settings_refuse_an_address_without_quoting_a_secret(url: str) -> None:
    with pytest.raises(ValidationError) as raised:
        HttpShopSettings(url=url, token=SecretStr(TOKEN))
    assert TOKEN not in str(raised.value)
    assert "pw" not in str(raised.value)


@pytest.mark.parametrize(
    "changed",
    [
        {"total": "a lot"},
        {"total": "NaN"},
        {"total": "-1"},
        {"total": "1e999999"},
        {"total": "1e-999999"},
        {"total": 10**30},
        {"total": True},
        {"total": None},
        {"placed_at": "2026-11-03T10:00:00"},
        {"placed_at": "9999-12-31T23:59:59-23:00"},
        {"placed_at": 5},
        {"currency": "euro"},
        {"lines": None},
        {"lines": [{"title": "Mug", "quantity": 0, "unit_price": "1"}]},
        {"lines": [{"title": "Mug", "quantity": "1", "unit_price": "1"}]},
        {"lines": [{"title": "Mug", "quantity": 1, "unit_price": "1", "cancellable": "no"}]},
        {"payments": [{"method": "card", "amount": "1"}]},
        {"partly_fulfilled": "yes"},
        {"stage": None},
        {"stage": "", "status": ""},
        {"number": 7},
        {"email": None},
    ],
)
async def test_an_order_that_cannot_be_believed_breaks_the_contract(
    adapter: HttpShop, answering: Answering, changed: dict[str, object]
) -> None:
    answering.says(record(**changed))
    with pytest.raises(ContractBroken) as raised:
        await adapter.find("A-1")
    assert "ann@shop.test" not in str(raised.value)


@pytest.mark.parametrize("number", ["A-2", "A-11", "", "-1", "A-1\x00"])
async def test_an_order_of_another_number_is_no_order(
    adapter: HttpShop, answering: Answering, number: str
) -> None:
    answering.says(record(number=number))
    assert await adapter.find("A-1") is None


async def test_a_404_counts_only_in_the_contracts_own_words(adapter: HttpShop, answering: Answering) -> None:
    answering.says({"error": "unknown_order"}, 404)
    assert await adapter.find("A-1") is None
    others: list[object] = [{"error": "not found"}, {}, [], None]
    for said in others:
        answering.says(said, 404)
        with pytest.raises(ContractBroken, match="404"):
            await adapter.find("A-1")
    answering.body = b"<h1>Not Found</h1>"
    with pytest.raises(ContractBroken):
        await adapter.find("A-1")


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (400, ContractBroken),
        (401, CredentialsRefused),
        (403, CredentialsRefused),
        (405, ContractBroken),
        (429, Throttled),
        (500, ShopUnreachable),
        (503, ShopUnreachable),
    ],
)
async def test_every_other_status_is_an_error_of_the_family(
    adapter: HttpShop, answering: Answering, status: int, error: type
) -> None:
    answering.says(record(), status)
    for call in (adapter.find("A-1"), adapter.ping()):
        with pytest.raises(ShopUnreachable) as raised:
            await call
        assert type(raised.value) is error
        assert TOKEN not in repr(raised.value)


# ---- cancelling


async def test_a_cancel_names_what_was_read_right_before(adapter: HttpShop, answering: Answering) -> None:
    answering.says({**record(status="in work"), "result": "accepted"})
    assert await adapter.cancel("#a-1", expected=Stage.PAID, request_id="r-1") is CancelReport.ACCEPTED
    wanted = {"expected_stage": "paid", "expected_status": "in work", "version": "7", "request_id": "r-1"}
    assert answering.heard == [wanted]


class Moving(Shop):
    """The warehouse is quicker: the order moves between our reading and our cancel."""

    def cancel(self, number: str, wanted: Wanted) -> str:
        self.find(number)["email"] = "ann@elsewhere.test"
        self._touch(self.find(number))
        return super().cancel(number, wanted)


async def test_an_order_that_changed_under_the_cancel_is_left_alone() -> None:
    async with bench(shop=Moving()) as at:
        number = await at.place(PAID)
        report = await at.backend.cancel(number, expected=Stage.PAID, request_id="first")
        assert report is CancelReport.STAGE_MOVED
        assert await at.cancels(number) == 0


@pytest.mark.parametrize(
    ("status", "said", "report"),
    [
        (200, {"result": "refused"}, CancelReport.REFUSED),
        (202, {"result": "accepted"}, CancelReport.ACCEPTED),
        (409, {}, CancelReport.STAGE_MOVED),
        (404, {"error": "unknown_order"}, CancelReport.STAGE_MOVED),
        (200, {"result": "done"}, None),
        (200, {}, None),
        (204, {}, None),
        (404, {}, None),
        (422, {"result": "accepted"}, None),
    ],
)
async def test_a_cancel_reports_what_the_shop_said_and_nothing_it_did_not(
    status: int, said: dict[str, str], report: CancelReport | None
) -> None:
    async def reads_and_answers(request: web.Request) -> web.Response:
        if request.method == "GET":
            return web.json_response(record())
        return web.json_response(said, status=status)

    async with served(reads_and_answers) as url:
        adapter = HttpShop(settings_of(url), unmapped=pytest.fail, limits=QUICK)
        try:
            assert await adapter.cancel("A-1", expected=Stage.PAID, request_id="r") is report
        except ContractBroken:
            assert report is None
        await adapter.close()


# ---- refunds of a shop that does not refund by itself


async def test_a_refund_names_the_payment_and_the_same_key_pays_once() -> None:
    async with bench(refunds_itself=False) as at:
        number = await at.place(PAID)
        await at.backend.cancel(number, expected=Stage.PAID, request_id="first")
        assert await at.refunds(number) == 0
        order = await at.backend.find(number)
        assert order is not None
        (payment,) = order.payments
        for _ in range(2):
            report = await at.backend.refund(number, payment=payment, amount=payment.amount, key="k-1")
            assert report is RefundReport.ACCEPTED
        again = await at.backend.refund(number, payment=payment, amount=payment.amount, key="k-2")
        assert again is RefundReport.REFUSED
        assert await at.refunds(number) == 1
        unknown = await at.backend.refund("nobody", payment=payment, amount=payment.amount, key="k-3")
        assert unknown is RefundReport.REFUSED


async def test_a_shop_that_refunds_by_itself_is_never_asked_to(shop_bench: HttpBench) -> None:
    number = await shop_bench.place(PAID)
    report = await shop_bench.backend.refund(number, payment=PAID.payments[0], amount=Decimal(1), key="k-1")
    assert report is RefundReport.REFUSED
    assert shop_bench.wire.heard == []


@pytest.mark.parametrize("fault", list(Fault))
async def test_a_refund_whose_answer_is_lost_is_not_sent_again(fault: Fault) -> None:
    async with bench(refunds_itself=False) as at:
        number = await at.place(PAID)
        async with at.wire.failing(fault):
            with pytest.raises(ShopUnreachable):
                await at.backend.refund(number, payment=PAID.payments[0], amount=Decimal(54), key="k-1")
        assert len(at.wire.heard) == (0 if fault is Fault.REFUSED else 1)
        await at.backend.refund(number, payment=PAID.payments[0], amount=Decimal(54), key="k-1")
        assert await at.refunds(number) == 1
