"""`rescind doctor` and the shop: what it finds there, what it advises, and that it shows no secret."""

import email.utils
import re
import time
from pathlib import Path

import pytest
from aiohttp import web

from bot.assembly import open_backend
from bot.doctor_shop import MOST_SKEW
from bot.findings import State
from tests.bot.bare_environment import nothing_set
from tests.bot.doctor_room import examined, http_shop, made, one
from tests.bot.orders import shopify_shop, woocommerce_shop
from tests.bot.orders.served import served
from tests.env_example import PATH as EXAMPLE

__all__ = ["nothing_set"]


async def test_a_shop_that_lets_us_in_is_well(monkeypatch: pytest.MonkeyPatch) -> None:
    async with http_shop(monkeypatch) as settings:
        found = await examined(settings)
    of_shop = {what: each[0].state for what, each in found.items()}
    assert [of_shop[what] for what in ("order backend", "mapping", "shop", "clock")] == [State.OK] * 4


async def test_wrong_credentials_are_told_with_the_variable_that_holds_them(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with http_shop(monkeypatch) as settings:
        monkeypatch.setenv("HTTP_SHOP_TOKEN", "opensesame-but-wrong")
        found = await one(settings, "shop")
    assert found.state is State.PROBLEM
    assert "refuses our credentials" in found.words
    assert found.remedy == "Look at HTTP_SHOP_TOKEN: The bearer token that goes with every call."


async def test_missing_scopes_of_shopify_are_named_beside_all_that_are_needed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    shop = shopify_shop.ShopifyShop()
    shop.scopes -= {"read_third_party_fulfillment_orders"}
    async with served(shop.handle) as url:
        monkeypatch.setenv("SHOPIFY_URL", url)
        monkeypatch.setenv("SHOPIFY_TOKEN", shopify_shop.TOKEN)
        lacking = await one(made(order_backend="shopify"), "shop")
        shop.scopes |= {"read_third_party_fulfillment_orders"}
        granted = await one(made(order_backend="shopify"), "shop")
        monkeypatch.setenv("SHOPIFY_TOKEN", "opensesame")
        refused = await one(made(order_backend="shopify"), "shop")
    assert (lacking.state, granted.state, refused.state) == (State.PROBLEM, State.OK, State.PROBLEM)
    assert "lacks read_third_party_fulfillment_orders." in lacking.words
    for scope in ("read_orders", "write_orders", "read_merchant_managed_fulfillment_orders"):
        assert scope in lacking.remedy
        assert scope not in lacking.words


async def test_a_wrong_key_of_woocommerce_is_told_with_both_variables(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with served(woocommerce_shop.WooCommerceShop().handle) as url:
        monkeypatch.setenv("WOOCOMMERCE_URL", url)
        monkeypatch.setenv("WOOCOMMERCE_CONSUMER_KEY", woocommerce_shop.KEY)
        monkeypatch.setenv("WOOCOMMERCE_CONSUMER_SECRET", woocommerce_shop.SECRET)
        good = await one(made(order_backend="woocommerce"), "shop")
        monkeypatch.setenv("WOOCOMMERCE_CONSUMER_SECRET", "opensesame")
        wrong = await one(made(order_backend="woocommerce"), "shop")
    assert (good.state, wrong.state) == (State.OK, State.PROBLEM)
    assert "WOOCOMMERCE_CONSUMER_KEY" in wrong.remedy
    assert "Read/Write" in wrong.remedy
    assert "WOOCOMMERCE_CONSUMER_SECRET" in wrong.remedy


@pytest.mark.parametrize(
    ("status", "headers", "state", "told"),
    [
        (500, {}, State.PROBLEM, "could not be reached"),
        (404, {}, State.PROBLEM, "is its address right?"),
        (302, {"Location": "https://login.example/"}, State.PROBLEM, "redirects"),
        (429, {"Retry-After": "600"}, State.WARNING, "no more calls for 600 s"),
    ],
)
async def test_a_shop_that_answers_otherwise_is_told_with_what_to_do(
    status: int, headers: dict[str, str], state: State, told: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def answer(_: web.Request) -> web.Response:
        return web.json_response({}, status=status, headers=headers)

    async with http_shop(monkeypatch, answer) as settings:
        found = await one(settings, "shop")
    assert found.state is state
    assert told in found.words
    assert found.remedy


async def test_a_shop_that_is_not_there_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    async with http_shop(monkeypatch) as settings:
        pass
    found = await examined(settings)
    assert found["shop"][0].state is State.PROBLEM
    assert "could not be reached" in found["shop"][0].words
    assert "clock" not in found


async def test_a_secret_that_an_adapter_lets_slip_is_not_shown(
    nothing_set: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    metadata = nothing_set / "loud_till-1.0.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: loud-till\nVersion: 1.0\n")
    (metadata / "entry_points.txt").write_text("[rescind.orders]\nloud = loud_till:Till\n")
    (nothing_set / "loud_till.py").write_text(
        "from pydantic import BaseModel, SecretStr\nfrom bot.ports import Capabilities, CredentialsRefused\n"
        "class Own(BaseModel): key: SecretStr\n"
        "class Till:\n    capabilities = Capabilities()\n    settings_model = Own\n"
        "    def __init__(self, settings, *, unmapped): self.key = settings.key.get_secret_value()\n"
        "    async def find(self, number): ...\n    async def cancel(self, number): ...\n"
        "    async def close(self): ...\n"
        "    async def ping(self): raise CredentialsRefused(f'nobody knows {self.key}')\n"
    )
    monkeypatch.syspath_prepend(nothing_set)
    monkeypatch.setenv("LOUD_KEY", "opensesame-loud")
    found = await one(made(order_backend="loud"), "shop")
    assert found.words == "The shop refuses our credentials. nobody knows [hidden]."


@pytest.mark.parametrize(
    ("ahead", "state", "told"),
    [
        (MOST_SKEW + 5, State.WARNING, "behind the shop's"),
        (-MOST_SKEW - 5, State.WARNING, "ahead of the shop's"),
        (MOST_SKEW - 5, State.OK, ""),
        (5 - MOST_SKEW, State.OK, ""),
    ],
)
async def test_clocks_that_differ_are_told_even_where_we_are_refused(
    ahead: float, state: State, told: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def answer(_: web.Request) -> web.Response:
        date = email.utils.formatdate(time.time() + ahead, usegmt=True)
        return web.json_response({}, status=403, headers={"Date": date})

    async with http_shop(monkeypatch, answer) as settings:
        found = await one(settings, "clock")
    assert found.state is state
    assert told in found.words


async def test_settings_of_the_shop_that_are_missing_are_told_and_nobody_is_asked(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("VENDURE_PASSWORD", "opensesame")
    found = await examined(made(order_backend="vendure"))
    assert [each.words.partition(":")[0] for each in found["order backend"]] == [
        "VENDURE_URL",
        "VENDURE_USERNAME",
    ]
    assert "shop" not in found
    unknown = await one(made(order_backend="till"), "order backend")
    assert unknown.words.startswith("ORDER_BACKEND: there is no adapter")


async def test_a_misspelt_setting_and_a_bad_mapping_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    async with http_shop(monkeypatch) as settings:
        monkeypatch.setenv("HTTP_SHOP_MAPPING", "missing.toml")
        monkeypatch.setenv("HTTP_SHOP_TOKEM", "opensesame")
        found = await examined(settings)
    assert [each.state for each in found["order backend"]] == [State.OK, State.WARNING]
    assert found["order backend"][1].words.startswith("HTTP_SHOP_TOKEM is set")
    (mapping,) = found["mapping"]
    assert (mapping.state, mapping.words[:19]) == (State.PROBLEM, "HTTP_SHOP_MAPPING: ")


async def test_an_adapter_that_fails_is_told_as_its_own_mistake(
    nothing_set: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    metadata = nothing_set / "odd_till-1.0.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: odd-till\nVersion: 1.0\n")
    (metadata / "entry_points.txt").write_text("[rescind.orders]\nodd = odd_till:Till\n")
    (nothing_set / "odd_till.py").write_text(
        "from pydantic import BaseModel\nfrom bot.ports import Capabilities\n"
        "class Own(BaseModel): pass\n"
        "class Till:\n    capabilities = Capabilities()\n    settings_model = Own\n"
        "    def __init__(self, settings, *, unmapped): pass\n"
        "    async def find(self, number): ...\n    async def cancel(self, number): ...\n"
        "    async def close(self): ...\n"
        "    async def ping(self): raise KeyError('opensesame')\n"
    )
    monkeypatch.syspath_prepend(nothing_set)
    found = await one(made(order_backend="odd"), "shop")
    assert (found.state, found.words) == (State.PROBLEM, "The adapter failed (KeyError).")


async def test_a_demo_shop_that_others_may_read_is_worth_a_look(nothing_set: Path) -> None:
    settings = made(demo_shop_path=nothing_set / "demo.sqlite3")
    async with open_backend(settings) as shop:
        await shop.ping()
    assert (await one(settings, "order backend")).state is State.OK
    settings.demo_shop.chmod(0o644)
    found = await one(settings, "order backend")
    assert (found.state, "chmod 600" in found.remedy) == (State.WARNING, True)


def test_the_page_about_operations_tells_of_every_check() -> None:
    page = (EXAMPLE.parent / "docs" / "operations.md").read_text("utf-8")
    source = "".join(
        (EXAMPLE.parent / "bot" / name).read_text()
        for name in ("doctor.py", "doctor_env.py", "doctor_shop.py")
    )
    checks = set(re.findall(r'(?:ok|warning|problem|problems)\(\s*"([a-z ]+)"', source))
    table = page.partition("| line |")[2].partition("\n\n")[0]
    assert (
        set(re.findall("`([a-z ]+)`", "".join(line.split("|")[1] for line in table.splitlines()[2:])))
        == checks
    )
