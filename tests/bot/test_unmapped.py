"""Statuses that nobody mapped: from the adapter's call to the store, and to the operator."""

import asyncio
import re
import threading
from collections.abc import Mapping as Mapped
from datetime import UTC, datetime
from importlib.resources import files
from pathlib import Path

import pytest
from aiohttp import web
from structlog.testing import capture_logs

from bot.assembly import open_house
from bot.orders.stage_rows import StageRows, read_mapping
from bot.orders.vendure_record import FACTS, Mapping
from bot.settings import Settings
from bot.unmapped import Unmapped
from dialogs.orders import Stage
from examples.http_shop_server import Shop, application
from storage.errors import StoreUnreachable
from storage.store import Store
from tests.bot.orders.served import served
from tests.program import rescind

AT = datetime(2026, 11, 3, 9, 0, tzinfo=UTC)
TOKEN = "tok-never-to-be-seen"


def unmapped() -> Unmapped:
    return Unmapped("http", "add a row", lambda: AT)


async def kept(store: Store) -> list[str]:
    return [each.status for each in await store.unmapped("http")]


async def test_each_status_is_logged_once_with_what_to_do(store: Store) -> None:
    noted = unmapped()
    with capture_logs() as logs:
        async with noted.kept_in(store):
            for _ in range(3):
                noted("Teleported")
            noted("Lost")
    assert [(entry["log_level"], entry["status"], entry["remedy"]) for entry in logs] == [
        ("warning", "Teleported", "add a row"),
        ("warning", "Lost", "add a row"),
    ]


async def test_what_is_told_is_kept_soon_while_the_product_runs(store: Store) -> None:
    noted = unmapped()
    async with noted.kept_in(store):
        for status in ("Lost", "Teleported"):  # the second finds the writer asleep
            noted(status)
            async with asyncio.timeout(10):
                while status not in await kept(store):
                    pass


async def test_nothing_is_lost_at_the_stop_or_before_the_store_was_there(store: Store) -> None:
    noted = unmapped()
    noted("before")
    async with noted.kept_in(store):
        noted("at the last moment")
    assert await kept(store) == ["at the last moment", "before"]


async def test_another_thread_may_tell_as_well(store: Store) -> None:
    noted = unmapped()
    async with noted.kept_in(store):
        thread = threading.Thread(target=lambda: [noted(f"status {n}") for n in range(50)])
        thread.start()
        await asyncio.to_thread(thread.join)
    assert len(await kept(store)) == 50


class Failing:
    """A store that does not answer the first times."""

    def __init__(self, store: Store, times: int) -> None:
        self._store = store
        self.left = times
        self.wrote = asyncio.Event()

    async def note_unmapped(self, shop: str, statuses: Mapped[str, datetime]) -> None:
        if self.left:
            self.left -= 1
            raise StoreUnreachable("gone for a moment")
        await self._store.note_unmapped(shop, statuses)
        self.wrote.set()


async def test_a_store_that_does_not_answer_is_tried_again(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.unmapped._RETRY", 0.01)
    noted, failing = unmapped(), Failing(store, 2)
    with capture_logs() as logs:
        async with noted.kept_in(failing):  # type: ignore[arg-type]
            noted("Teleported")
            async with asyncio.timeout(10):
                await failing.wrote.wait()
    assert await kept(store) == ["Teleported"]
    assert [entry["log_level"] for entry in logs] == ["warning", "error", "error"]


async def test_a_shop_that_makes_words_up_fills_no_store(store: Store) -> None:
    noted = unmapped()
    with capture_logs():
        async with noted.kept_in(store):
            for n in range(1500):
                noted(f"{n} {'x' * 500}")
    found = await kept(store)
    assert len(found) == 1000
    assert max(map(len, found)) == 200


def test_the_row_that_the_page_shows_maps_the_status_that_the_page_names(tmp_path: Path) -> None:
    page = (Path(__file__).parents[2] / "docs" / "orders.md").read_text("utf-8")
    (example,) = re.findall(r"```toml\n(.*?)```", page, re.DOTALL)
    (tmp_path / "own.toml").write_text(example)
    default = files("bot.orders").joinpath("vendure.toml").read_text("utf-8")
    said: list[str] = []
    for own, stage in ((None, Stage.UNRECOGNISED), (tmp_path / "own.toml", Stage.ON_HOLD)):
        rows = StageRows(read_mapping(Mapping, default, own).stages, facts=FACTS, unmapped=said.append)
        facts = {name: frozenset[str]() for name in FACTS} | {"state": frozenset({"Quarantined"})}
        assert rows.stage(facts, "Quarantined") is stage
    assert said == ["Quarantined"]


# ---- through the whole product


def shop_with_an_odd_order() -> web.Application:
    shop = Shop(refunds_itself=True)
    shop.put(
        {
            "number": "H-9",
            "email": "ann@shop.test",
            "status": "teleported",
            "placed_at": "2026-11-03T10:00:00Z",
            "currency": "EUR",
            "total": "9.00",
            "lines": [{"title": "Mug", "quantity": 1, "unit_price": "9.00"}],
            "payments": [],
            "version": "1",
        }  # type: ignore[typeddict-item]
    )
    return application(shop, TOKEN)


async def test_a_look_up_of_the_product_leaves_the_status_in_its_store(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    runner = web.AppRunner(shop_with_an_odd_order(), access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    monkeypatch.setenv("HTTP_SHOP_URL", f"http://127.0.0.1:{runner.addresses[0][1]}")
    monkeypatch.setenv("HTTP_SHOP_TOKEN", TOKEN)
    settings = Settings(_env_file=None, data_dir=tmp_path, order_backend="http")  # type: ignore[call-arg]
    async with open_house(settings, lambda _: ()) as house:
        order = await house.backend.find("H-9")
        assert order is not None
    store = await Store.open(settings.store_url)
    assert await kept(store) == ["teleported"]
    await store.close()
    await runner.cleanup()


async def test_the_operator_sees_lists_and_forgets_what_is_not_mapped(tmp_path: Path) -> None:
    runner = web.AppRunner(shop_with_an_odd_order(), access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    (tmp_path / ".env").write_text(f"ORDER_BACKEND=http\nHTTP_SHOP_URL={url}\nHTTP_SHOP_TOKEN={TOKEN}\n")

    looked = await rescind(tmp_path, "stage", "H-9", "--json")
    assert (looked.code, looked.records[0]["stage"]) == (0, "unrecognised")
    assert "teleported" in looked.err
    assert "HTTP_SHOP_MAPPING" in looked.err
    assert not (tmp_path / "data").exists()

    store = await Store.open(f"sqlite:///{tmp_path}/data/rescind.sqlite3")
    await store.note_unmapped("http", {"teleported": AT})
    await store.note_unmapped("vendure", {"Lost": AT})
    await store.close()
    listed = await rescind(tmp_path, "orders", "unmapped")
    assert listed.code == 0
    assert "teleported" in listed.out
    assert "2026-11-03 09:00 UTC" in listed.out
    assert "Lost" not in listed.out
    assert "the file that HTTP_SHOP_MAPPING names" in listed.out
    as_json = await rescind(tmp_path, "orders", "unmapped", "--json")
    assert as_json.records == [{"status": "teleported", "first_at": "2026-11-03T09:00:00+00:00"}]
    assert (await rescind(tmp_path, "orders", "unmapped", "--forget")).out == "1 forgotten\n"
    none = await rescind(tmp_path, "orders", "unmapped")
    assert (none.code, none.out) == (0, "None: every status of http that was met is mapped.\n")
    await runner.cleanup()


async def test_a_command_for_the_demo_shop_says_that_the_shop_is_another(tmp_path: Path) -> None:
    for command in (("list",), ("show", "1"), ("advance", "1"), ("import", "x.csv")):
        refused = await rescind(tmp_path, "orders", *command, ORDER_BACKEND="vendure")
        assert (refused.code, refused.out) == (2, "")
        assert refused.err.startswith("ORDER_BACKEND is vendure, and this looks after the demo shop only.")
    by_name = await rescind(tmp_path, "orders", "list", "--shop", "x", ORDER_BACKEND="vendure")
    assert by_name.code == 3


async def test_a_shop_that_refuses_us_is_told_once_a_batch_with_the_remedy(tmp_path: Path) -> None:
    async def refuse(_: web.Request) -> web.Response:
        return web.json_response({}, status=401)

    (tmp_path / "orders.csv").write_text("number\n" + "\n".join(f"H-{n}" for n in range(20)))
    async with served(refuse) as url:
        own = {"ORDER_BACKEND": "http", "HTTP_SHOP_URL": url, "HTTP_SHOP_TOKEN": TOKEN}
        batch = await rescind(tmp_path, "stage", "--batch", "orders.csv", **own)
        one = await rescind(tmp_path, "stage", "H-1", **own)
    assert batch.code == one.code == 3
    assert len(batch.records) == 20
    assert batch.err.count("refuses our credentials") == 2  # in our words and in the wire's
    assert "`rescind doctor` names the variables" in batch.err
    assert "`rescind doctor` names the variables" in one.err
    assert TOKEN not in batch.err + batch.out + one.err
