"""What an operator reads when the shop cannot be asked."""

import pytest
from structlog.testing import capture_logs

from bot.ports import ContractBroken, CredentialsRefused, OrderBackend, ShopUnreachable, Throttled
from bot.shop_errors import trouble
from bot.sure_backend import SureBackend
from bot.trouble_log import TroubleLog
from tests.bot.stage_command import Shelf

FAMILY = (
    ShopUnreachable("http://shop.test: no connection"),
    CredentialsRefused("http://shop.test: refuses our credentials (HTTP 401)"),
    Throttled(12),
    ContractBroken("http://shop.test: HTTP 302"),
)


@pytest.mark.parametrize("error", FAMILY, ids=lambda each: type(each).__name__)
def test_every_error_says_what_happened_and_what_to_do(error: ShopUnreachable) -> None:
    found = trouble(error)
    assert found.what.endswith(".")
    assert found.remedy.endswith(".")
    assert str(error) in str(found) or "12 s" in found.what


def test_no_two_kinds_have_the_same_remedy() -> None:
    assert len({trouble(error).remedy for error in FAMILY}) == len(FAMILY)


def test_what_waiting_does_not_mend_is_an_error_and_the_rest_a_warning() -> None:
    with capture_logs() as logs:
        log = TroubleLog()
        for error in FAMILY:
            log(error, call="find")
    assert [entry["log_level"] for entry in logs] == ["warning", "error", "warning", "error"]
    assert all(entry["remedy"] for entry in logs)


def test_each_kind_is_logged_once_a_minute_with_how_often_it_came() -> None:
    now = [1000.0]
    log = TroubleLog(lambda: now[0])
    with capture_logs() as logs:
        for _ in range(5):
            log(FAMILY[0], call="find")
        log(FAMILY[1], call="find")
        now[0] += 59.9
        log(FAMILY[0], call="find")
        now[0] += 0.2
        log(FAMILY[0], call="find")
    assert [(entry["kind"], entry["unsaid"]) for entry in logs] == [
        ("ShopUnreachable", 0),
        ("CredentialsRefused", 0),
        ("ShopUnreachable", 5),
    ]


async def test_a_failed_look_up_of_the_product_is_logged_with_its_remedy() -> None:
    shelf: OrderBackend = Shelf(down={"1002"})
    asked = SureBackend(shelf)
    with capture_logs() as logs:
        for _ in range(3):
            with pytest.raises(ShopUnreachable):
                await asked.find("1002")
    assert [(entry["call"], entry["log_level"]) for entry in logs] == [("find", "warning")]
    assert "Look whether the shop runs" in logs[0]["remedy"]
