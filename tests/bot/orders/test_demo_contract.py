"""The demo shop keeps the contract, and adapters that break it are caught."""

import pytest

from bot.contracts.order_backend import OrderBackendContract

pytest_plugins = ["pytester"]


class TestDemoShop(OrderBackendContract):
    pass


_GENERATED = """
import pytest
from bot.contracts.order_backend import OrderBackendContract
from bot.orders.demo import DemoShop
from tests.bot.orders import broken_adapters
from tests.bot.orders.shop_bench import Clock, DemoBench

@pytest.fixture
async def shop_bench(request, tmp_path):
    async with DemoShop(tmp_path / "shop" / "shop.sqlite3", now=Clock()) as shop:
        adapter = getattr(broken_adapters, request.cls.__name__.removeprefix("Test"))
        yield DemoBench(shop, tmp_path / "shop", adapter(shop))
"""

BROKEN = {
    "Sound": [],
    "Remembering": ["test_find_sees_at_once_that_the_order_moved_on"],
    "Fuzzy": ["test_an_unknown_number_is_no_order"],
    "Literal": ["test_the_number_may_have_a_hash_spaces_and_other_case"],
    "ByMail": ["test_an_e_mail_address_finds_nothing"],
    "Unguarded": ["test_a_cancel_that_expects_another_stage_changes_nothing"],
    "Boasting": [
        "test_an_order_bound_to_fulfilment_is_not_cancelled",
        "test_an_unknown_order_is_never_said_to_be_cancelled",
    ],
    "Generous": [
        "test_the_same_request_twice_cancels_and_refunds_once",
        "test_a_second_request_refunds_nothing_more",
        "test_two_cancels_at_once_refund_once",
    ],
    "Leaking": ["test_a_shop_that_is_not_there_is_unreachable_and_nothing_else"],
    "Hiding": ["test_a_shop_that_is_not_there_is_unreachable_and_nothing_else"],
}


def test_the_contract_fails_an_adapter_that_breaks_a_promise_and_passes_a_sound_one(
    pytester: pytest.Pytester,
) -> None:
    pytester.makeini("[pytest]\nasyncio_mode = auto\nasyncio_default_fixture_loop_scope = function")
    classes = "".join(f"class Test{name}(OrderBackendContract): pass\n" for name in BROKEN)
    pytester.makepyfile(_GENERATED + classes)
    run = pytester.inline_run("-n0", "-q")
    failed: dict[str, set[str]] = {name: set() for name in BROKEN}
    for report in run.getfailures():
        _, name, test = report.nodeid.split("::")
        failed[name.removeprefix("Test")].add(test.split("[")[0])
    assert failed["Sound"] == set()
    for name, tests in BROKEN.items():
        assert failed[name] >= set(tests), name


def test_the_plugin_imports_nothing_of_the_product_in_a_users_test_run(pytester: pytest.Pytester) -> None:
    pytester.makepyfile("""
        import sys
        def test_what_is_loaded():
            loaded = {name for name in sys.modules if name.split(".")[0] in {"bot", "dialogs", "storage"}}
            assert loaded == {"bot", "bot.contracts", "bot.contracts.plugin"}
            assert not {"aiohttp", "sqlalchemy", "pydantic", "msgspec", "aiogram"} & set(sys.modules)
    """)
    pytester.runpytest_subprocess("-n0", "-q").assert_outcomes(passed=1)
