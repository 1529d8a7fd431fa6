"""The page about adapters tells the truth: its adapter passes the suite, and is found where it says."""

import re
from pathlib import Path

import pytest

from bot.orders import plugged
from bot.orders.http_shop import HttpShop

pytest_plugins = ["pytester"]

PAGE = (Path(__file__).parents[3] / "docs" / "adapters.md").read_text(encoding="utf-8")
FILES = dict(re.findall(r"```python\n# (\w+)\.py\n(.*?)```", PAGE, re.DOTALL))
HALF = """
from bot.ports import Capabilities
from pydantic import BaseModel

class Till:
    capabilities = Capabilities(refunds_itself=False)
    settings_model = BaseModel
    async def find(self, number): ...
    def cancel(self): ...
"""
POINT = "[rescind.orders]\ntill = {}\n"


def test_the_adapter_of_the_page_passes_the_contract_suite_as_the_page_runs_it(
    pytester: pytest.Pytester,
) -> None:
    pytester.makepyfile(**FILES)
    run = pytester.runpytest_subprocess("test_till.py", "-o", "asyncio_mode=auto", "-n0", "-q")
    outcomes = run.parseoutcomes()
    assert set(outcomes) <= {"passed", "skipped"}, outcomes
    assert outcomes["passed"] >= 35


def install(folder: Path, point: str, monkeypatch: pytest.MonkeyPatch, code: str | None = None) -> None:
    metadata = folder / "till_rescind-1.0.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: till-rescind\nVersion: 1.0\n")
    (metadata / "entry_points.txt").write_text(POINT.format(point))
    (folder / f"{point.partition(':')[0]}.py").write_text(FILES["till_rescind"] if code is None else code)
    monkeypatch.syspath_prepend(folder)


def test_an_installed_adapter_is_found_by_its_entry_point(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    install(tmp_path, "till_rescind:Till", monkeypatch)
    assert "till" in plugged.names()
    adapter = plugged.load("till")
    settings = adapter.settings_model.model_validate({"url": "https://till.test", "key": "k"})
    assert adapter.capabilities.refunds_itself
    assert type(adapter(settings, unmapped=print)).__name__ == "Till"


def test_the_adapters_that_come_with_the_product_would_be_taken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    install(tmp_path, "own_http:HttpShop", monkeypatch, "from bot.orders.http_shop import HttpShop")
    assert plugged.load("till") is HttpShop


@pytest.mark.parametrize(
    ("code", "told"),
    [
        ("", "cannot be imported"),
        ("import nothing_of_that_name", "cannot be imported"),
        ("Till = 5", "not a class"),
        ("class Till: pass", "declares no `capabilities`"),
        (
            "from bot.ports import *\nclass Till: capabilities = Capabilities()",
            "`settings_model` is no pydantic",
        ),
        (HALF, "no async cancel, ping, close, refund"),
    ],
)
def test_what_is_no_adapter_is_told_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: str, told: str
) -> None:
    install(tmp_path, f"broken_{abs(hash(code))}:Till", monkeypatch, code)
    with pytest.raises(plugged.AdapterUnusable, match=re.escape(told)):
        plugged.load("till")


def test_an_adapter_nobody_brings_is_named_beside_those_there_are(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    install(tmp_path, "till_rescind:Till", monkeypatch)
    with pytest.raises(plugged.AdapterUnusable, match=r"'tills'; there are: .*till"):
        plugged.load("tills")
