"""The demo shop's file: shared by processes, found broken, and never somebody else's."""

import json
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.orders.demo import DemoShop
from bot.orders.demo_file import ShopFile, key_of
from bot.orders.demo_schema import Access
from bot.ports import ShopUnreachable
from dialogs.orders import Stage, same_number
from tests.bot.orders.shop_bench import START, Clock, DemoBench, stored

_CANCELLING = """
import sys, time
from datetime import datetime, UTC
from pathlib import Path
from bot.orders.demo_file import ShopFile
from bot.orders.demo_schema import Access
from dialogs.orders import Stage
file = ShopFile(Path(sys.argv[1]), now=lambda: datetime.now(UTC), access=Access.CHANGE)
file.ping()
print("ready", flush=True)
sys.stdin.readline()
print(*[file.cancel(str(number), Stage.PAID, sys.argv[2]).value for number in range(1000, 1100)])
"""

_OPENING = """
import sys
from datetime import datetime, UTC
from pathlib import Path
from bot.orders.demo_file import ShopFile
from bot.orders.demo_schema import Access
print("ready", flush=True)
sys.stdin.readline()
ShopFile(Path(sys.argv[1]), now=lambda: datetime.now(UTC), access=Access.CREATE).ping()
"""


def start(script: str, *args: str) -> "subprocess.Popen[str]":
    """A process of its own that has imported everything and waits for a line."""
    command = [sys.executable, "-c", script, *args]
    process = subprocess.Popen(  # noqa: S603 - our own interpreter and script
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    return process


def release(*processes: "subprocess.Popen[str]") -> list[str]:
    """Let them go at once; what each printed, once all have ended well."""
    for process in processes:
        assert process.stdin is not None
        process.stdin.write("\n")
        process.stdin.flush()
    outputs = [process.communicate(timeout=60)[0] for process in processes]
    assert [process.returncode for process in processes] == [0] * len(processes)
    return outputs


async def test_two_processes_that_cancel_at_once_get_one_acceptance_and_one_refund_an_order(
    shop: DemoShop, shop_path: Path, shop_bench: DemoBench
) -> None:
    await shop.run(lambda file: file.put(stored(str(number)) for number in range(1000, 1100)))
    one, other = release(start(_CANCELLING, str(shop_path), "one"), start(_CANCELLING, str(shop_path), "two"))
    pairs = {tuple(sorted(pair)) for pair in zip(one.split(), other.split(), strict=True)}
    assert pairs == {("accepted", "stage_moved")}
    for number in range(1000, 1100):
        assert await shop_bench.cancels(str(number)) == 1
        assert await shop_bench.refunds(str(number)) == 1


def test_processes_that_make_the_file_at_once_make_one(shop_path: Path) -> None:
    release(*(start(_OPENING, str(shop_path)) for _ in range(4)))
    db = sqlite3.connect(shop_path)
    assert db.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    assert db.execute("SELECT count(*) FROM orders").fetchone() == (0,)
    db.close()


async def test_a_change_by_another_process_is_seen_at_once(shop: DemoShop, shop_path: Path) -> None:
    await shop.run(lambda file: file.put([stored()]))
    assert await shop.find("1001")
    other = ShopFile(shop_path, now=Clock(), access=Access.CHANGE)
    other.advance("1001", Stage.DELIVERED)
    other.close()
    order = await shop.find("1001")
    assert order is not None
    assert order.stage is Stage.DELIVERED


async def test_a_look_up_does_not_wait_for_a_writer(shop: DemoShop, shop_path: Path) -> None:
    await shop.run(lambda file: file.put([stored()]))
    writer = sqlite3.connect(shop_path, isolation_level=None)
    writer.execute("BEGIN IMMEDIATE")
    writer.execute("DELETE FROM orders")
    assert await shop.find("1001")
    writer.execute("ROLLBACK")
    writer.close()


async def test_a_file_locked_for_too_long_is_unreachable_and_nothing_was_changed(shop_path: Path) -> None:
    async with DemoShop(shop_path, now=Clock(), patience=0.05) as shop:
        await shop.run(lambda file: file.put([stored()]))
        writer = sqlite3.connect(shop_path, isolation_level=None)
        writer.execute("BEGIN IMMEDIATE")
        with pytest.raises(ShopUnreachable, match="locked"):
            await shop.cancel("1001", expected=Stage.PAID, request_id="r")
        writer.close()
        assert await shop.run(lambda file: file.attempts("1001")) == []


async def test_a_file_that_is_no_database_is_unreachable(tmp_path: Path) -> None:
    path = tmp_path / "shop.sqlite3"
    path.write_bytes(b"not a database at all" * 400)
    shop = DemoShop(path, now=Clock())
    with pytest.raises(ShopUnreachable):
        await shop.open()
    with pytest.raises(ShopUnreachable):
        await shop.find("1001")
    await shop.close()


async def test_a_record_that_cannot_be_read_is_unreachable(shop: DemoShop, shop_path: Path) -> None:
    await shop.run(lambda file: file.put([stored()]))
    db = sqlite3.connect(shop_path)
    with db:
        db.execute("UPDATE orders SET record = '{}'")
    db.close()
    with pytest.raises(ShopUnreachable):
        await shop.find("1001")


async def test_another_programs_database_is_left_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    db = sqlite3.connect(path)
    with db:
        db.execute("CREATE TABLE conversations (key TEXT)")
    db.close()
    before = path.read_bytes()
    shop = DemoShop(path, now=Clock())
    with pytest.raises(ShopUnreachable, match="DEMO_SHOP_PATH"):
        await shop.open()
    await shop.close()
    assert path.read_bytes() == before


async def test_looking_makes_no_file_and_changes_none(
    shop: DemoShop, shop_path: Path, tmp_path: Path
) -> None:
    missing = ShopFile(tmp_path / "none" / "shop.sqlite3", now=Clock(), access=Access.LOOK)
    with pytest.raises(ShopUnreachable):
        missing.find("1001")
    assert not (tmp_path / "none").exists()
    await shop.run(lambda file: file.put([stored()]))
    looking = ShopFile(shop_path, now=Clock(), access=Access.LOOK)
    assert looking.find("1001")
    with pytest.raises(ShopUnreachable):
        looking.cancel("1001", Stage.PAID, "r")
    looking.close()


async def test_a_file_that_took_the_place_of_the_first_is_the_one_that_is_read(
    shop: DemoShop, shop_path: Path, tmp_path: Path
) -> None:
    await shop.run(lambda file: file.put([stored("1001")]))
    assert await shop.find("1001")
    shop_path.parent.rename(tmp_path / "old")
    with pytest.raises(ShopUnreachable):
        await shop.find("1001")
    new = ShopFile(shop_path, now=Clock(), access=Access.CREATE)
    new.put([stored("2002")])
    new.close()
    assert await shop.find("2002")
    assert await shop.find("1001") is None


def test_the_record_is_readable_text(shop_path: Path) -> None:
    file = ShopFile(shop_path, now=Clock(), access=Access.CREATE)
    file.put([stored()])
    file.close()
    db = sqlite3.connect(shop_path)
    (record,) = db.execute("SELECT record FROM orders").fetchone()
    db.close()
    assert json.loads(record)["schedule"] == [["paid", START.isoformat().replace("+00:00", "Z")]]


NUMBERS = st.text(alphabet="aAbß\u017f1#  \t", max_size=5)


@given(NUMBERS, NUMBERS)
def test_two_numbers_are_filed_alike_exactly_when_they_are_the_same_number(left: str, right: str) -> None:
    assert (key_of(left) == key_of(right)) == same_number(left, right)


async def test_a_look_up_is_quick(shop: DemoShop) -> None:
    """Generous by ten times: it is 20 to 30 µs on a quiet machine, and a scan of the table would be 10 ms."""
    await shop.run(lambda file: file.put(stored(str(number)) for number in range(2000)))
    await shop.find("1")
    begin = time.perf_counter()
    for number in range(500):
        await shop.find(str(number))
    assert (time.perf_counter() - begin) / 500 < 0.0006


def test_the_file_and_what_stands_beside_it_are_for_their_owner_alone(tmp_path: Path) -> None:
    """Imported orders have customers' addresses in them."""
    path = tmp_path / "new" / "shop.sqlite3"
    shop = ShopFile(path, now=Clock(), access=Access.CREATE)
    shop.put([stored("1042")])
    made = {each.name: each.stat().st_mode & 0o777 for each in path.parent.iterdir()}
    shop.close()
    assert made == dict.fromkeys(("shop.sqlite3", "shop.sqlite3-wal", "shop.sqlite3-shm"), 0o600)


def test_the_rights_of_a_file_that_is_there_are_left(tmp_path: Path) -> None:
    path = tmp_path / "shop.sqlite3"
    path.touch()
    path.chmod(0o640)
    shop = ShopFile(path, now=Clock(), access=Access.CREATE)
    shop.ping()
    shop.close()
    assert path.stat().st_mode & 0o777 == 0o640
