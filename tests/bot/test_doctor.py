"""`rescind doctor`: what it finds, what it advises, and that it shows no secret and changes nothing."""

import asyncio
import email.utils
import os
import re
import socket
import sqlite3
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import aclosing, asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest
from aiohttp import web

from bot import shops
from bot.doctor import findings
from bot.doctor_shop import MOST_SKEW
from bot.findings import Finding, State
from bot.orders import plugged
from bot.settings import Settings
from examples.http_shop_server import Shop, application
from storage.store import Store
from tests import program
from tests.bot.orders import shopify_shop, woocommerce_shop
from tests.bot.orders.served import served
from tests.env_example import PATH as EXAMPLE
from tests.program import rescind
from tests.telegram_server import TOKEN as TELEGRAM_TOKEN
from tests.telegram_server import TelegramServer

TOKEN = "opensesame-of-the-shop"
AT = datetime(2026, 11, 3, tzinfo=UTC)
SECRET = "opensesame-and-32-letters-to-sign-with"


@pytest.fixture(autouse=True)
def nothing_set(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    for name in plugged.built_in():
        for variable in shops.variables(shops.found(name)):
            monkeypatch.delenv(variable.name, raising=False)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def made(**values: object) -> Settings:
    own = {"secret_key": SECRET, "http_port": 0} | values
    return Settings(_env_file=None, **own)  # type: ignore[arg-type]


async def examined(settings: Settings) -> dict[str, list[Finding]]:
    """What was found, by check. No word of it is a secret of these tests."""
    found: dict[str, list[Finding]] = {}
    async with aclosing(findings(settings)) as every:
        async for each in every:
            found.setdefault(each.what, []).append(each)
    assert "opensesame" not in repr(found)
    return found


async def one(settings: Settings, what: str) -> Finding:
    (found,) = (await examined(settings))[what]
    return found


@asynccontextmanager
async def http_shop(
    monkeypatch: pytest.MonkeyPatch,
    handle: Callable[[web.Request], Awaitable[web.StreamResponse]] | None = None,
) -> AsyncIterator[Settings]:
    """Settings of a system that speaks the HTTP contract, and that system."""
    monkeypatch.setenv("HTTP_SHOP_TOKEN", TOKEN)
    if handle is not None:
        async with served(handle) as url:
            monkeypatch.setenv("HTTP_SHOP_URL", url)
            yield made(order_backend="http")
        return
    runner = web.AppRunner(application(Shop(refunds_itself=True), TOKEN), access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    monkeypatch.setenv("HTTP_SHOP_URL", f"http://127.0.0.1:{runner.addresses[0][1]}")
    yield made(order_backend="http")
    await runner.cleanup()


# ---- the product by itself


async def test_before_the_first_start_all_is_well_and_nothing_is_made(nothing_set: Path) -> None:
    found = await examined(made())
    assert [each for every in found.values() for each in every if each.state is not State.OK] == []
    assert {"settings", "database", "secret key", "policy", "refunds", "order backend", "telegram"} <= set(
        found
    )
    assert os.listdir(nothing_set) == []  # noqa: PTH208  the other way blocks, too


async def test_a_database_that_was_named_and_is_not_there_is_worth_a_look(nothing_set: Path) -> None:
    found = await one(made(database_url=f"sqlite:///{nothing_set}/other.db"), "database")
    assert (found.state, found.remedy) == (State.WARNING, "Is DATABASE_URL right?")


async def test_a_database_of_this_release_is_well(database_url: str) -> None:
    await (await Store.open(database_url)).close()
    assert (await one(made(database_url=database_url), "database")).state is State.OK


@pytest.mark.parametrize(
    ("revision", "state", "told"),
    [("0001", State.WARNING, "older than this release"), ("9999", State.PROBLEM, "newer release")],
)
async def test_a_schema_that_is_not_this_releases_is_told(
    sqlite_url: str, revision: str, state: State, told: str
) -> None:
    await (await Store.open(sqlite_url)).close()
    with sqlite3.connect(sqlite_url.removeprefix("sqlite:///")) as database:
        database.execute("UPDATE alembic_version SET version_num = ?", (revision,))
    database.close()
    found = await one(made(database_url=sqlite_url), "database")
    assert found.state is state
    assert told in found.words


async def test_a_database_without_tables_is_brought_up_by_the_first_start(empty_database_url: str) -> None:
    if empty_database_url.startswith("sqlite"):
        await asyncio.to_thread(Path(empty_database_url.removeprefix("sqlite:///")).touch)
    found = await one(made(database_url=empty_database_url), "database")
    assert found.state is State.WARNING
    assert "start `rescind serve` once" in found.words


@pytest.mark.parametrize(
    "url", ["postgresql://ann:opensesame@127.0.0.1:1/shop", "mysql://ann:opensesame@db/x"]
)
async def test_a_database_that_cannot_be_reached_is_told_without_its_password(url: str) -> None:
    found = await one(made(database_url=url), "database")
    assert (found.state, found.remedy) == (State.PROBLEM, "Look at DATABASE_URL.")


async def test_statuses_that_nobody_mapped_are_counted(
    sqlite_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = await Store.open(sqlite_url)
    await store.note_unmapped("http", {"Lost": AT, "Found": AT})
    await store.close()
    async with http_shop(monkeypatch) as settings:
        found = await one(settings.model_copy(update={"database_url": sqlite_url}), "statuses")
    assert (found.state, found.words[0]) == (State.WARNING, "2")
    assert "rescind orders unmapped" in found.remedy


async def test_a_key_that_can_be_guessed_or_read_by_others_is_worth_a_look(nothing_set: Path) -> None:
    short = await one(made(secret_key="opensesame"), "secret key")
    assert (short.state, "openssl" in short.remedy) == (State.WARNING, True)
    (nothing_set / "data").mkdir()
    file = nothing_set / "data" / "secret-key"
    file.write_text("k")
    for mode, state in ((0o644, State.WARNING), (0o600, State.OK)):
        file.chmod(mode)
        assert (await one(made(secret_key=""), "secret key")).state is state


async def test_bad_rules_are_told_each_by_itself(nothing_set: Path) -> None:
    (nothing_set / "policy.toml").write_text('[[rule]]\nname = "all"\nverdict = "maybe"\n')
    (nothing_set / "methods.toml").write_text("[card]\nmin = 'soon'\n")
    found = await examined(
        made(
            policy_file=nothing_set / "policy.toml",
            refund_methods_file=nothing_set / "methods.toml",
            webchat_origins="shop",
        )
    )
    for what, variable in (
        ("policy", "POLICY_FILE"),
        ("refunds", "REFUND_METHODS_FILE"),
        ("web chat", "WEBCHAT_ORIGINS"),
    ):
        (each,) = found[what]
        assert each.state is State.PROBLEM
        assert each.words.startswith(variable)


async def test_a_port_that_is_taken_is_told_unless_it_is_ours(nothing_set: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        taken.close()
        assert (await one(made(http_port=port), "web port")).state is State.OK

    async def stranger(_: web.Request) -> web.Response:
        return web.Response(text="hello")

    async with served(stranger) as url:
        found = await one(made(http_port=int(url.rpartition(":")[2])), "web port")
    assert found.state is State.PROBLEM
    assert "HTTP_PORT" in found.words
    async with program.serving(nothing_set) as running:
        found = await one(made(http_port=running.port), "web port")
        assert (found.state, "Rescind is serving" in found.words) == (State.OK, True)


# ---- Telegram


async def test_telegram_is_asked_whether_the_token_is_good() -> None:
    async with TelegramServer() as server:
        good = await one(made(telegram_bot_token=TELEGRAM_TOKEN, telegram_api_url=server.url), "telegram")
        assert good.state is State.OK
        wrong = await one(made(telegram_bot_token="4242:opensesame", telegram_api_url=server.url), "telegram")
        assert wrong.state is State.PROBLEM
        assert "@BotFather" in wrong.words
        assert {call.method for call in server.calls} == {"getMe"}
    bad = await one(made(telegram_bot_token="opensesame"), "telegram")
    assert (bad.state, bad.words[:18]) == (State.PROBLEM, "TELEGRAM_BOT_TOKEN")


# ---- the shop


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


def test_the_page_about_operations_tells_of_every_check() -> None:
    page = (EXAMPLE.parent / "docs" / "operations.md").read_text("utf-8")
    source = "".join((EXAMPLE.parent / "bot" / name).read_text() for name in ("doctor.py", "doctor_shop.py"))
    checks = set(re.findall(r'(?:ok|warning|problem|problems)\(\s*"([a-z ]+)"', source))
    table = page.partition("| line |")[2].partition("\n\n")[0]
    assert (
        set(re.findall("`([a-z ]+)`", "".join(line.split("|")[1] for line in table.splitlines()[2:])))
        == checks
    )


# ---- the command


async def test_the_command_tells_by_its_exit_code_and_by_json(nothing_set: Path) -> None:
    well = await rescind(nothing_set, "doctor")
    assert (well.code, well.err) == (0, "")
    assert "no problems, no warnings." in well.out
    assert all(re.match(r"(ok|warning|problem) +[a-z ]+  \S", line) for line in well.out.splitlines()[:-2])
    bad = await rescind(
        nothing_set,
        "doctor",
        "--json",
        ORDER_BACKEND="vendure",
        VENDURE_PASSWORD="opensesame",
        SECRET_KEY="short",
    )
    assert bad.code == 1
    states = {record["check"]: record["state"] for record in bad.records}
    assert (states["order backend"], states["secret key"], states["policy"]) == ("problem", "warning", "ok")
    assert "opensesame" not in bad.out + bad.err
    assert os.listdir(nothing_set) == []  # noqa: PTH208  the other way blocks, too


async def test_settings_that_cannot_be_read_are_the_first_problem(nothing_set: Path) -> None:
    bad = await rescind(nothing_set, "doctor", HTTP_PORT="opensesame", SHOP_COUNTRY="XX")
    assert bad.code == 1
    assert [line.split()[:3] for line in bad.out.splitlines()[:2]] == [
        ["problem", "settings", "HTTP_PORT:"],
        ["problem", "settings", "SHOP_COUNTRY:"],
    ]
    assert bad.out.endswith("2 problems, no warnings.\n")
    assert "opensesame" not in bad.out + bad.err
