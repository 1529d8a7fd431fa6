"""The shop that is chosen by settings: where an adapter's settings come from, and what a bad one says."""

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot import shops
from bot.assembly import open_backend, open_house
from bot.orders import plugged
from bot.orders.demo import DemoShop
from bot.settings import Settings, SettingsInvalid
from tests.bot.bare_environment import nothing_set
from tests.env_example import PATH as EXAMPLE

__all__ = ["nothing_set"]

GOOD = {
    "http": {"HTTP_SHOP_URL": "https://erp.test/support", "HTTP_SHOP_TOKEN": "opensesame-http"},
    "shopify": {"SHOPIFY_URL": "https://made-up.myshopify.com", "SHOPIFY_TOKEN": "opensesame-shopify"},
    "vendure": {
        "VENDURE_URL": "https://shop.test/admin-api",
        "VENDURE_USERNAME": "rescind",
        "VENDURE_PASSWORD": "opensesame-vendure",
    },
    "woocommerce": {
        "WOOCOMMERCE_URL": "https://shop.test",
        "WOOCOMMERCE_CONSUMER_KEY": "opensesame-key",
        "WOOCOMMERCE_CONSUMER_SECRET": "opensesame-secret",
    },
}
BY_PACKAGE = """
from typing import Literal
from pydantic import BaseModel, ConfigDict, SecretStr, field_validator
from bot.ports import Capabilities

class Own(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)
    key: SecretStr
    '''The key of the corner till.'''
    floor: int = 1
    kind: Literal["old", "new"] = "new"
    lanes: list[int] = []

    @field_validator("key")
    @classmethod
    def _told_too_much(cls, key):
        if "bad" in key.get_secret_value():
            raise ValueError(f"what is {key.get_secret_value()} supposed to be")
        return key

class Till:
    capabilities = Capabilities()
    settings_model = Own
    def __init__(self, settings, *, unmapped):
        self.settings = settings
        if settings.floor == 13:
            raise ValueError(f"no till opens with {settings.key.get_secret_value()} on floor 13")
    async def find(self, number): ...
    async def cancel(self, number, *, expected, request_id, version=""): ...
    async def ping(self): ...
    async def close(self): ...
"""


@pytest.fixture
def till(nothing_set: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """An adapter that another package brings."""
    metadata = nothing_set / "corner_till-1.0.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: corner-till\nVersion: 1.0\n")
    (metadata / "entry_points.txt").write_text("[rescind.orders]\nCorner-Till = corner_till:Till\n")
    (nothing_set / "corner_till.py").write_text(BY_PACKAGE)
    monkeypatch.syspath_prepend(nothing_set)
    yield "corner-till"
    sys.modules.pop("corner_till", None)


def set_all(monkeypatch: pytest.MonkeyPatch, variables: dict[str, str]) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)


def complaint(name: str) -> str:
    with pytest.raises(SettingsInvalid) as raised:
        shops.chosen(name).made(print)
    assert "opensesame" not in str(raised.value)
    assert raised.value.__cause__ is None
    return str(raised.value)


def made(**values: object) -> Settings:
    return Settings(_env_file=None, **values)  # type: ignore[arg-type]


# ---- choosing


def test_the_adapters_of_the_folder_are_found_without_importing_one() -> None:
    code = (
        "import sys; from bot.orders import plugged\n"
        "print(plugged.built_in(), [n for n in sys.modules if n.startswith('bot.orders.')])"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)  # noqa: S603
    assert run.stdout == "('http', 'shopify', 'vendure', 'woocommerce') ['bot.orders.plugged']\n"


def test_only_the_adapter_that_is_chosen_is_imported() -> None:
    code = (
        "import sys, bot.serving; from bot import shops; shops.found('shopify')\n"
        "shops = ('vendure', 'woocommerce', 'http_shop', 'shopify')\n"
        "print([name for name in shops if f'bot.orders.{name}' in sys.modules])"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)  # noqa: S603
    assert run.stdout == "['shopify']\n"


@pytest.mark.parametrize("name", GOOD)
async def test_each_adapter_is_opened_from_its_variables_without_asking_its_shop(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_all(monkeypatch, GOOD[name])
    for look in (True, False):
        async with open_backend(made(order_backend=name), look=look) as backend:
            assert isinstance(backend, plugged.load(name))  # type: ignore[arg-type]


async def test_unless_another_is_chosen_it_is_the_demo_shop(tmp_path: Path) -> None:
    async with open_backend(made(data_dir=tmp_path)) as backend:
        assert isinstance(backend, DemoShop)


@pytest.mark.parametrize(
    "name", ["shoppify", "bot.orders.demo", "../etc/passwd", "demo_shop", "", "http_shop"]
)
def test_an_adapter_that_there_is_not_is_told_with_those_there_are(name: str) -> None:
    assert re.match(
        r"ORDER_BACKEND: .* must be demo, http, shopify, vendure or woocommerce\. .*installed\?$",
        complaint(name),
    )


def test_the_setting_names_every_adapter_that_comes_along() -> None:
    about = Settings.model_fields["order_backend"].description or ""
    assert all(name in about for name in (shops.DEMO, *plugged.built_in()))


def test_its_name_may_be_written_in_capitals() -> None:
    assert made(order_backend=" Vendure ").order_backend == "vendure"


# ---- where settings come from


@pytest.mark.parametrize("name", GOOD)
def test_settings_come_from_the_env_file_and_the_environment_wins(
    name: str, nothing_set: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines = [f"{key}={value}" for key, value in GOOD[name].items()]
    (nothing_set / ".env").write_text("\n".join(["SHOP_NAME=Ann", "OTHER_THING=1", *lines]), "utf-8")
    in_file = shops.chosen(name).settings
    url = next(key for key in GOOD[name] if key.endswith("_URL"))
    monkeypatch.setenv(url, "https://elsewhere.test")
    wins = shops.chosen(name).settings
    assert (in_file.url, wins.url) == (GOOD[name][url], "https://elsewhere.test")  # type: ignore[attr-defined]


@pytest.mark.parametrize("name", GOOD)
def test_an_empty_variable_is_one_that_is_not_set(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    own = shops.variables(shops.found(name))
    set_all(monkeypatch, {variable.name: "" for variable in own})
    missing = [variable.name for variable in own if variable.required]
    told = complaint(name)
    assert [line.partition(":")[0] for line in told.splitlines()] == missing
    assert all(": is not set. " in line for line in told.splitlines())
    set_all(monkeypatch, GOOD[name])
    assert shops.chosen(name).made(print)


@pytest.mark.parametrize("name", GOOD)
def test_the_example_file_uncommented_and_filled_in_is_the_defaults(
    name: str, nothing_set: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = re.sub("^#(?=[A-Z])", "", EXAMPLE.read_text("utf-8"), flags=re.MULTILINE)
    set_all(monkeypatch, GOOD[name])
    bare = shops.chosen(name).settings
    (nothing_set / ".env").write_text(text, "utf-8")
    assert shops.chosen(name).settings == bare


@pytest.mark.parametrize("name", GOOD)
def test_every_setting_says_what_it_is_for(name: str) -> None:
    assert all(variable.about for variable in shops.variables(shops.found(name)))


@pytest.mark.parametrize("name", GOOD)
def test_the_page_about_adapters_names_every_setting_and_no_other(name: str) -> None:
    page = (EXAMPLE.parent / "docs" / "adapters.md").read_text("utf-8")
    adapter = shops.found(name)
    named = set(re.findall(rf"`({adapter.prefix}[A-Z_]+)`", page))
    assert named == {variable.name for variable in shops.variables(adapter)}
    assert f"| `{name}` |" in page


def test_a_misspelt_variable_is_seen(nothing_set: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (nothing_set / ".env").write_text("VENDURE_MAPING=a.toml\nVENDURE_URL=x\nSHOP_NAME=x\n")
    monkeypatch.setenv("vendure_chanel", "x")
    assert shops.strangers(shops.found("vendure")) == ("VENDURE_CHANEL", "VENDURE_MAPING")


# ---- what a bad one says


@pytest.mark.parametrize(
    ("name", "bad", "told"),
    [
        (
            "vendure",
            {"VENDURE_URL": "http://opensesame:x@shop.test"},
            "VENDURE_URL: write the shop's address",
        ),
        ("vendure", {"VENDURE_URL": "opensesame"}, "VENDURE_URL: write the shop's address with https://"),
        ("shopify", {"SHOPIFY_RESTOCK": "opensesame"}, "SHOPIFY_RESTOCK: must be true or false. Let Shopify"),
        ("shopify", {"SHOPIFY_API_VERSION": "opensesame"}, "SHOPIFY_API_VERSION: must match pattern"),
        ("shopify", {"SHOPIFY_JOB_SECONDS": "-1"}, "SHOPIFY_JOB_SECONDS: must be greater than or equal to 0"),
        ("shopify", {"SHOPIFY_TOKEN": "open\nsesame"}, "SHOPIFY_*: the header X-Shopify-Access-Token holds"),
        (
            "woocommerce",
            {"WOOCOMMERCE_NUMBERS": "meta"},
            "WOOCOMMERCE_*: set WOOCOMMERCE_NUMBER_META together",
        ),
        (
            "woocommerce",
            {"WOOCOMMERCE_NUMBERS": "opensesame"},
            "WOOCOMMERCE_NUMBERS: must be id, number or meta",
        ),
    ],
)
def test_a_bad_setting_is_told_with_its_variable_and_the_remedy(
    name: str, bad: dict[str, str], told: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_all(monkeypatch, GOOD[name] | bad)
    assert complaint(name).startswith(told)


@pytest.mark.parametrize("name", GOOD)
@pytest.mark.parametrize(
    ("text", "told"),
    [
        (None, "No such file"),
        ("[stages.odd]\nstage = 'paid'\nwhen = { state = ['x'] }\n", "needs `before`"),
        ("[stages.cancelled]\nstage = 'gone'\nwhen = { state = ['x'] }\n", "Invalid enum value"),
        ("this is no TOML", "own.toml: "),
    ],
)
def test_a_mapping_that_cannot_be_used_is_told_with_its_variable(
    name: str, text: str | None, told: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    file = tmp_path / "own.toml"
    if text is not None:
        file.write_text(text)
    prefix = shops.found(name).prefix
    set_all(monkeypatch, GOOD[name] | {f"{prefix}MAPPING": str(file)})
    said = complaint(name)
    assert said.startswith(f"{prefix}MAPPING: ")
    assert told in said
    assert "unset this" in said


async def test_a_bad_setting_of_the_shop_stops_the_start_before_anything_is_made(tmp_path: Path) -> None:
    settings = made(data_dir=tmp_path / "data", order_backend="vendure")
    with pytest.raises(SettingsInvalid, match="VENDURE_URL: is not set"):
        async with open_house(settings, lambda _: ()):
            pass
    assert not (tmp_path / "data").exists()


# ---- adapters that other packages bring


def test_an_adapter_of_another_package_is_chosen_and_set_like_any(
    till: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert till in shops.known()
    set_all(monkeypatch, {"CORNER_TILL_KEY": "k", "CORNER_TILL_FLOOR": "3", "CORNER_TILL_LANES": "[1, 2]"})
    own = shops.chosen(till).made(print).settings  # type: ignore[attr-defined]
    assert (own.key.get_secret_value(), own.floor, own.kind, own.lanes) == ("k", 3, "new", [1, 2])


@pytest.mark.parametrize(
    ("variables", "told"),
    [
        ({}, "CORNER_TILL_KEY: is not set. The key of the corner till."),
        ({"CORNER_TILL_KEY": "opensesame-bad"}, "CORNER_TILL_KEY: what is [hidden] supposed to be. The key"),
        ({"CORNER_TILL_KEY": "k", "CORNER_TILL_KIND": "opensesame"}, "CORNER_TILL_KIND: must be old or new"),
        ({"CORNER_TILL_KEY": "k", "CORNER_TILL_LANES": "opensesame"}, "CORNER_TILL_*: error parsing value"),
        (
            {"CORNER_TILL_KEY": "opensesame", "CORNER_TILL_FLOOR": "13"},
            "CORNER_TILL_*: no till opens with [hidden] on floor 13",
        ),
    ],
)
def test_what_another_package_says_of_its_settings_is_told_without_their_values(
    till: str, variables: dict[str, str], told: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_all(monkeypatch, variables)
    assert complaint(till).startswith(told)


def test_an_adapter_that_takes_the_name_of_one_of_ours_is_told_so(
    till: str, nothing_set: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    del till
    points = nothing_set / "corner_till-1.0.dist-info" / "entry_points.txt"
    points.write_text("[rescind.orders]\nvendure = corner_till:Till\n")
    set_all(monkeypatch, GOOD["vendure"])
    assert "'vendure', which comes with Rescind" in complaint("vendure")


def test_an_adapter_that_cannot_be_imported_is_told_so(till: str, nothing_set: Path) -> None:
    (nothing_set / "corner_till.py").write_text("import nothing_of_that_name")
    assert complaint(till).startswith("ORDER_BACKEND: corner_till:Till cannot be imported")


# ---- secrets


@given(st.text(min_size=3, max_size=40), st.text(max_size=20), st.text(max_size=20))
def test_a_secret_is_never_left_in_a_text(secret: str, before: str, after: str) -> None:
    blotted = shops.without(f"{before}{secret}{after}", [secret])
    assert not [part for part in blotted.split("[hidden]") if secret in part]


def test_of_two_secrets_one_in_the_other_neither_is_left() -> None:
    assert shops.without("open and opensesame", ["open", "opensesame"]) == "[hidden] and [hidden]"
