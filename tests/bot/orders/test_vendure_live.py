"""The adapter against a real Vendure, started by these tests from npm."""

from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import pytest
from pydantic import SecretStr

from bot.contracts.order_backend import OrderBackendContract
from bot.contracts.shop_bench import Placement
from bot.doctor_shop import shop_findings
from bot.findings import State
from bot.orders.vendure import Vendure, VendureSettings
from bot.ports import CancelReport
from bot.settings import Settings
from bot.shop_session import Limits
from dialogs.events import Outcome
from dialogs.orders import Stage
from tests.bot.orders.vendure_bench import VendureBench
from tests.bot.orders.vendure_playing import played
from tests.bot.orders.vendure_scenarios import SCENARIOS, Scenario
from tests.bot.orders.wire_cancelling import Case, attempt, taken_up, true, wanted
from tests.bot.orders.wire_faults import Fault, Heard, Wire
from tests.vendure.hands import ADMIN, MAPPING, Catalogue, Hands, hands
from tests.vendure.running import NodeMissing, vendure

pytestmark = pytest.mark.xdist_group("vendure")


@pytest.fixture(scope="session")
def vendure_shop() -> Iterator[tuple[str, Catalogue]]:
    """One shop for the run, and what is in its catalogue."""
    try:
        with vendure() as url:
            yield url, Catalogue()
    except NodeMissing as missing:
        pytest.skip(f"NOT TESTED against a live Vendure: {missing}")


@pytest.fixture
async def shop_hands(vendure_shop: tuple[str, Catalogue]) -> AsyncIterator[Hands]:
    async with hands(*vendure_shop) as opened:
        yield opened


@pytest.fixture
async def shop_bench(shop_hands: Hands, tmp_path: Path) -> AsyncIterator[VendureBench]:
    mapping = tmp_path / "merchant.toml"
    mapping.write_text(MAPPING)
    name, password = ADMIN
    async with Wire(shop_hands.url) as wire:
        settings = VendureSettings(
            url=f"{wire.url}/admin-api", username=name, password=SecretStr(password), mapping=mapping
        )
        adapter = Vendure(settings, unmapped=pytest.fail, limits=Limits(outage=0, tries=2))
        yield VendureBench(adapter, shop_hands, wire)
        await adapter.close()


class TestVendure(OrderBackendContract):
    pass


async def test_the_doctor_tells_wrong_credentials_and_a_missing_permission(
    shop_hands: Hands, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("VENDURE_URL", f"{shop_hands.url}/admin-api")
    known = (
        (("nobody", "wrong-password"), State.PROBLEM, "refuses the login (InvalidCredentialsError)"),
        (await shop_hands.administrator("ReadOrder"), State.PROBLEM, "does not grant UpdateOrder"),
        (await shop_hands.administrator("ReadOrder", "UpdateOrder"), State.OK, "lets us in"),
    )
    settings = Settings(_env_file=None, order_backend="vendure")  # type: ignore[call-arg]
    for (name, password), state, told in known:
        monkeypatch.setenv("VENDURE_USERNAME", name)
        monkeypatch.setenv("VENDURE_PASSWORD", password)
        found = {each.what: each async for each in shop_findings(settings)}
        assert (found["shop"].state, found["clock"].state) == (state, State.OK)
        assert told in found["shop"].words
        if state is State.PROBLEM:
            assert "VENDURE_USERNAME" in found["shop"].remedy
            assert "ReadOrder and UpdateOrder, and no other" in found["shop"].remedy
        assert password not in repr(found)


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda each: each.name)
async def test_live(scenario: Scenario, shop_hands: Hands, tmp_path: Path) -> None:
    """Every scenario, on the shop itself."""
    await played(scenario, shop_hands, tmp_path)


async def test_a_code_of_both_cases_is_found_in_any_other_where_the_merchant_says_that_there_are_such(
    shop_hands: Hands, tmp_path: Path
) -> None:
    code = await shop_hands.place(Placement(Stage.PAID), code="Web-17x")
    await shop_hands.place(Placement(Stage.PAID), code="Web-17xy")  # holds the other, and is another
    name, password = ADMIN
    for mixed in (False, True):
        mapping = tmp_path / f"{mixed}.toml"
        mapping.write_text(f"mixed_case_codes = {str(mixed).lower()}\n{MAPPING}")
        settings = VendureSettings(
            url=f"{shop_hands.url}/admin-api", username=name, password=SecretStr(password), mapping=mapping
        )
        adapter = Vendure(settings, unmapped=pytest.fail)
        for spelling, known in (
            ("Web-17x", True),
            ("wEB-17X", mixed),
            ("#weB-17X", mixed),
            ("web-17_", False),
        ):
            order = await adapter.find(spelling)
            assert (order.number if order else None) == (code if known else None), (spelling, mixed)
        assert await adapter.cancel("WEb-17x", expected=Stage.PAID, request_id="r") is (
            CancelReport.ACCEPTED if mixed else CancelReport.STAGE_MOVED
        )
        await adapter.close()


def _says(word: bytes) -> Callable[[Heard], bool]:
    return lambda heard: word in heard.body


@pytest.mark.parametrize("effect", [True, False], ids=["effect", "no effect"])
@pytest.mark.parametrize("fault", [Fault.RESET_MID_RESPONSE, Fault.SERVER_ERROR, Fault.WRONG_TYPES])
@pytest.mark.parametrize("step", [b"RescindCancel(", b"RescindRefund("])
async def test_a_fault_on_a_step_of_a_cancellation(
    shop_bench: VendureBench, step: bytes, fault: Fault, *, effect: bool
) -> None:
    is_cancel, is_refund = _says(b"RescindCancel("), _says(b"RescindRefund(")
    case = Case(shop_bench, shop_bench.wire, is_cancel, is_refund)
    asked = await wanted(case)
    async with case.wire.failing(fault, matching=_says(step), effect=effect):
        ended = await attempt(case, asked)
    await true(case, asked, ended)
    assert ended is not None
    cancelled = effect or step != b"RescindCancel("
    assert ended.outcome is (Outcome.CANCELLED if cancelled else Outcome.UNKNOWN)
    assert len([heard for heard in case.wire.heard if _says(step)(heard)]) == 1
    await taken_up(case, asked)
