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
from tests.bot.orders import broken_adapters, broken_refunds
from tests.bot.orders.shop_bench import Clock, DemoBench

@pytest.fixture
async def shop_bench(request, tmp_path):
    async with DemoShop(tmp_path / "shop" / "shop.sqlite3", now=Clock()) as shop:
        name = request.cls.__name__.removeprefix("Test")
        made = getattr(broken_adapters, name, None) or getattr(broken_refunds, name)
        yield DemoBench(shop, tmp_path / "shop", made(shop))
"""

BROKEN = {
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
    "Unversioned": ["test_a_cancel_of_an_older_version_changes_nothing"],
    "Blank": ["test_a_version_stays_until_the_record_changes"],
    "Paying": [
        "test_a_cancel_moves_no_money_where_the_shop_leaves_that_to_us",
        "test_a_cancel_in_an_open_stage_is_accepted_and_the_record_shows_it",
    ],
    "Unable": ["test_a_cancel_and_the_refunds_it_leaves_to_us_give_back_what_was_paid"],
    "Forgetful": [
        "test_the_same_key_twice_sends_money_back_once",
        "test_the_same_key_twice_at_once_sends_money_back_once",
    ],
    "Hasty": ["test_the_same_key_twice_at_once_sends_money_back_once"],
    "Spendthrift": ["test_no_more_is_sent_back_than_was_paid"],
    "Counting": ["test_no_more_is_sent_back_than_is_still_owed"],
    "Backwards": ["test_an_amount_that_is_none_moves_nothing"],
    "Whole": ["test_a_refund_sends_back_what_was_asked_for_and_the_record_shows_it"],
    "FirstBest": [
        "test_a_refund_is_of_the_payment_it_names",
        "test_a_payment_that_the_order_has_not_is_refused",
        "test_a_payment_of_another_order_is_not_refunded",
    ],
    "Nodding": ["test_a_refund_sends_back_what_was_asked_for_and_the_record_shows_it"],
    "Charging": ["test_a_hold_is_lifted_and_nothing_is_sent_back"],
    "Nameless": ["test_every_payment_has_an_id_by_which_it_can_be_refunded"],
    "Swallowing": ["test_a_refund_from_a_shop_that_is_not_there_raises_and_moves_nothing"],
}
SOUND = ("Sound", "Leaving")


def test_the_contract_fails_an_adapter_that_breaks_a_promise_and_passes_a_sound_one(
    pytester: pytest.Pytester,
) -> None:
    pytester.makeini("[pytest]\nasyncio_mode = auto\nasyncio_default_fixture_loop_scope = function")
    classes = (f"class Test{name}(OrderBackendContract): pass\n" for name in (*SOUND, *BROKEN))
    file = pytester.makepyfile(_GENERATED + "".join(classes)).name
    whole = [f"{file}::Test{name}" for name in SOUND]
    run = pytester.inline_run(
        "-n0", "-q", *whole, *(f"{file}::Test{name}::{test}" for name in BROKEN for test in BROKEN[name])
    )
    failed: dict[str, set[str]] = {name: set() for name in (*SOUND, *BROKEN)}
    for report in run.getfailures():
        _, name, test = report.nodeid.split("::")
        failed[name.removeprefix("Test")].add(test.split("[")[0])
    assert failed == {name: set() for name in SOUND} | {name: set(tests) for name, tests in BROKEN.items()}


def test_the_plugin_imports_nothing_of_the_product_in_a_users_test_run(pytester: pytest.Pytester) -> None:
    pytester.makepyfile("""
        import sys
        def test_what_is_loaded():
            loaded = {name for name in sys.modules if name.split(".")[0] in {"bot", "dialogs", "storage"}}
            assert loaded == {"bot", "bot.contracts", "bot.contracts.plugin"}
            assert not {"aiohttp", "sqlalchemy", "pydantic", "msgspec", "aiogram"} & set(sys.modules)
    """)
    pytester.runpytest_subprocess("-n0", "-q").assert_outcomes(passed=1)
