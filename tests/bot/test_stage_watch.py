"""The record of an order as it changes: what is told, when, and for how long."""

import json
import signal
from asyncio import StreamReader, timeout
from collections.abc import Callable, Iterator
from contextlib import aclosing
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner, Result

from bot.ports import CredentialsRefused, ShopUnreachable, Throttled
from bot.stage_lookup import StageFound, StageMissing
from bot.stage_watch import RAREST, Away, News, watch
from dialogs.orders import Line, Order, Payment, PaymentStatus, Refund, RefundStatus, Stage
from dialogs.policy import default_policy
from tests.bot.stage_command import Shelf, an_order, program
from tests.program import PATIENCE, ended, rescind, start

NOW = datetime(2026, 11, 3, 10, 0, tzinfo=UTC)
PAID = an_order("1002")
Shown = Order | None | Exception


class Over(Exception):
    """The script of a shop is played out."""


@dataclass
class Scripted(Shelf):
    """Shows one thing after the other; `naps` are the pauses between."""

    script: Iterator[Shown] = field(default_factory=lambda: iter(()))
    naps: list[float] = field(default_factory=list)

    async def find(self, number: str) -> Order | None:
        self.asked.append(number)
        try:
            shown = next(self.script)
        except StopIteration:
            raise Over from None
        if isinstance(shown, Exception):
            raise shown
        return shown

    async def nap(self, seconds: float) -> None:
        self.naps.append(seconds)

    def now(self) -> datetime:
        return NOW + timedelta(seconds=sum(self.naps))


async def watched(
    *script: Shown, every: float = 2.0, until: Stage | None = None
) -> tuple[list[News], list[float]]:
    shop, told = Scripted(script=iter(script)), []
    news = watch(
        shop, "1002", policy=default_policy(), now=shop.now, every=every, until=until, sleep=shop.nap
    )
    try:
        async with aclosing(news) as all_news:
            async for each in all_news:
                told.append(each)  # noqa: PERF401  what was told before the end counts
    except Over:
        pass
    return told, shop.naps


def refunded(order: Order) -> Order:
    sent = Refund(Decimal(7), RefundStatus.SENT, NOW)
    return replace(order, payments=(Payment("card", Decimal(7), PaymentStatus.CAPTURED, (sent,)),))


@pytest.mark.parametrize(
    "change",
    [
        lambda order: replace(order, stage=Stage.CONFIRMED),
        lambda order: replace(order, status="picking"),
        lambda order: replace(order, partly_fulfilled=False),
        lambda order: replace(order, lines=(Line("Mug", 1, Decimal(7)),)),
        refunded,
    ],
)
async def test_every_change_of_the_record_is_told_once(change: Callable[[Order], Order]) -> None:
    told, naps = await watched(PAID, PAID, change(PAID), change(PAID), PAID, PAID)
    assert [type(each) for each in told] == [StageFound] * 3
    assert [each.read_at for each in told if isinstance(each, StageFound)] == [
        NOW,
        NOW + timedelta(seconds=4),
        NOW + timedelta(seconds=8),
    ]
    assert naps == [2.0] * 6


async def test_what_the_watch_does_not_show_makes_no_line() -> None:
    told, _ = await watched(PAID, replace(PAID, version="2", email="new@shop.test"), PAID)
    assert len(told) == 1


async def test_it_ends_once_the_stage_was_told() -> None:
    cancelled = replace(PAID, stage=Stage.CANCELLED)
    told, naps = await watched(PAID, PAID, cancelled, PAID, until=Stage.CANCELLED)
    assert [each.stage for each in told if isinstance(each, StageFound)] == [Stage.PAID, Stage.CANCELLED]
    assert len(naps) == 2
    assert (await watched(cancelled, until=Stage.CANCELLED))[1] == []


async def test_a_shop_that_is_away_is_told_once_and_asked_ever_more_rarely() -> None:
    told, naps = await watched(PAID, *[ShopUnreachable("no route")] * 8, PAID, PAID)
    assert [type(each) for each in told] == [StageFound, Away, StageFound], "it is told that it is back"
    assert isinstance(told[1], Away)
    assert str(told[1].error) == "no route"
    assert naps == [2, 4, 8, 16, 32, RAREST, RAREST, RAREST, RAREST, 2, 2]


async def test_a_shop_that_wants_no_calls_gets_none_for_as_long() -> None:
    _, naps = await watched(Throttled(300), CredentialsRefused(), PAID, every=0.5)
    assert naps == [300, 2.0, 0.5]


async def test_an_order_that_goes_and_comes_back_is_told() -> None:
    told, _ = await watched(PAID, None, None, PAID)
    assert [type(each) for each in told] == [StageFound, StageMissing, StageFound]


@given(st.lists(st.sampled_from([PAID, replace(PAID, stage=Stage.ALLOCATED), None, ShopUnreachable("x")])))
async def test_what_was_told_last_is_what_was_read_last(script: list[Shown]) -> None:
    told, naps = await watched(*script)
    assert len(naps) == len(script)
    untimed = [replace(each, read_at=NOW) if isinstance(each, StageFound) else each for each in told]
    assert all(one != following for one, following in pairwise(untimed)), "nothing is told twice"
    if not script:
        assert told == []
    elif isinstance(script[-1], ShopUnreachable):
        assert isinstance(told[-1], Away)
    elif script[-1] is None:
        assert told[-1] == StageMissing()
    else:
        assert isinstance(told[-1], StageFound)
        assert told[-1].stage is script[-1].stage


@pytest.mark.parametrize("every", [0.0, 0.49, -1.0, float("nan")])
async def test_no_shop_is_asked_more_often_than_twice_a_second(every: float) -> None:
    with pytest.raises(ValueError, match=r"at least 0\.5"):
        await watched(PAID, every=every)


# ---- as it is typed


def rescind_stage(shop: Shelf, *args: str) -> Result:
    return CliRunner().invoke(program(shop.open), ["stage", "--watch", *args])


def moving(*script: Shown) -> Scripted:
    return Scripted(script=iter(script))


def test_a_line_a_change_until_the_stage_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    shop = moving(PAID, PAID, ShopUnreachable("no route"), refunded(replace(PAID, stage=Stage.CANCELLED)))
    monkeypatch.setattr("bot.stage_watch.watch.__kwdefaults__", {"until": None, "sleep": shop.nap})
    result = rescind_stage(shop, "1002", "--until", "cancelled", "--every", "0.5")
    assert result.exit_code == 0
    first, second = result.stdout.splitlines()
    assert "  1002  paid " in first
    assert "rule mixed" in first
    assert "the shop's word: processing" in first
    assert "  1002  cancelled " in second
    assert "refund 7 EUR sent 2026-11-03 (card)" in second
    assert result.stderr.startswith("The shop could not be reached. no route")
    assert result.stderr.endswith("Trying again; Ctrl-C ends.\n")


def test_with_json_every_line_is_an_object_of_the_one_form(monkeypatch: pytest.MonkeyPatch) -> None:
    shop = moving(ShopUnreachable("no route"), PAID)
    monkeypatch.setattr("bot.stage_watch.watch.__kwdefaults__", {"until": None, "sleep": shop.nap})
    result = rescind_stage(shop, "1002", "--until", "paid", "--json")
    away, found = (json.loads(line) for line in result.stdout.splitlines())
    assert (away["number"], away["error"]) == ("1002", "unreachable")
    single = json.loads(CliRunner().invoke(program(Shelf().open), ["stage", "1002", "--json"]).stdout)
    assert found.pop("read_at") < single.pop("read_at")
    assert found == single


def test_an_order_that_is_not_there_to_begin_with_is_not_waited_for() -> None:
    result = rescind_stage(Shelf(), "1001")
    assert (result.exit_code, result.stdout) == (1, "")
    assert "No such order" in result.stderr


@pytest.mark.parametrize(
    "args",
    [
        ["1002", "--every", "0.4"],
        ["1002", "--until", "eaten"],
        ["--batch", "orders.csv"],
        [],
    ],
)
def test_wrong_usage_is_exit_code_2(args: list[str]) -> None:
    assert rescind_stage(Shelf(), *args).exit_code == 2


def test_until_goes_with_watch() -> None:
    args = ["stage", "1002", "--until", "paid"]
    assert CliRunner().invoke(program(Shelf().open), args).exit_code == 2


async def line(stream: StreamReader | None) -> dict[str, object]:
    assert stream is not None
    async with timeout(PATIENCE):
        return json.loads(await stream.readline())  # type: ignore[no-any-return]


async def test_another_process_moves_the_order_and_ctrl_c_ends_the_watch_well(tmp_path: Path) -> None:
    orders = tmp_path / "orders.jsonl"
    order = {
        "number": "W-1",
        "email": "ann@shop.test",
        "stage": "paid",
        "placed_at": "2026-11-03T10:15:00Z",
        "currency": "EUR",
        "total": "7.00",
        "lines": [{"title": "Mug", "quantity": 1, "unit_price": "7.00"}],
        "payments": [],
    }
    orders.write_text(json.dumps(order))
    shop = {"DEMO_SHOP_PATH": str(tmp_path / "shop.db")}
    assert (await rescind(tmp_path, "orders", "import", str(orders), **shop)).code == 0
    watching = await start(
        tmp_path, "stage", "--watch", "w-1", "--json", "--every", "0.5", "--email", "ann@shop.test", **shop
    )
    assert (await line(watching.stdout))["stage"] == "paid"
    assert (await rescind(tmp_path, "orders", "advance", "W-1", "--to", "confirmed", **shop)).code == 0
    moved = await line(watching.stdout)
    assert (moved["number"], moved["stage"]) == ("W-1", "confirmed")
    watching.send_signal(signal.SIGINT)
    result = await ended(watching)
    assert (result.code, result.out, result.err) == (0, "", "")
