"""`rescind orders`, as it is typed."""

import json
import re
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from bot.cli_orders import orders_app
from bot.orders.demo_file import ShopFile
from bot.orders.demo_schema import Access
from dialogs.orders import Stage
from tests.bot.orders.shop_bench import Clock, stored

DOCS = Path(__file__).parents[3] / "docs" / "orders.md"
GOOD = (
    '{"number": "%s", "email": "ann@example.com", "stage": "paid", "placed_at": "2026-11-03T10:15:00Z",'
    ' "currency": "EUR", "total": 0.10, "payments": [],'
    ' "lines": [{"title": "Mug [b]x[/b]", "quantity": 1, "unit_price": 0.1}]}'
)


def rescind_orders(shop_path: Path, *args: str) -> Result:
    return CliRunner().invoke(orders_app, [*args, "--shop", str(shop_path)])


def imported(shop_path: Path, tmp_path: Path, text: str, name: str = "orders.jsonl", *args: str) -> Result:
    (tmp_path / name).write_text(text, "utf-8")
    return rescind_orders(shop_path, "import", str(tmp_path / name), *args)


def listed(shop_path: Path, *args: str) -> list[dict[str, object]]:
    result = rescind_orders(shop_path, "list", "--json", *args)
    assert result.exit_code == 0
    return [json.loads(line) for line in result.stdout.splitlines()]


@pytest.mark.parametrize(
    ("kind", "number", "first"), [("jsonl", 0, "A-7001"), ("csv", 0, "B-8001"), ("csv", 1, "B-8003")]
)
def test_the_examples_of_the_documentation_can_be_imported(
    shop_path: Path, tmp_path: Path, kind: str, number: int, first: str
) -> None:
    example = re.findall(rf"```{kind}\n(.*?)```", DOCS.read_text("utf-8"), re.DOTALL)[number]
    result = imported(shop_path, tmp_path, example, f"orders.{kind}")
    assert (result.exit_code, result.stderr) == (0, "")
    assert listed(shop_path)[0]["number"] == first
    assert len(listed(shop_path)) == len(example.splitlines()) - (kind == "csv")


def test_a_flat_row_is_an_order_with_its_line_and_its_payment(shop_path: Path, tmp_path: Path) -> None:
    example = re.findall(r"```csv\n(.*?)```", DOCS.read_text("utf-8"), re.DOTALL)[0]
    imported(shop_path, tmp_path, example, "orders.csv")
    paid, unpaid = listed(shop_path)
    assert paid["lines"] == [
        {"title": "Enamel mug", "quantity": 2, "unit_price": "14.00", "cancellable": True}
    ]
    assert paid["payments"] == [{"method": "card", "amount": "28.00", "status": "captured"}]
    assert unpaid["payments"] == []


def test_good_lines_are_kept_and_bad_ones_reported_with_number_and_reason(
    shop_path: Path, tmp_path: Path
) -> None:
    lines = [GOOD % "1", "{oops", "", GOOD % "2", GOOD.replace("paid", "packing") % "3", "[]", GOOD % "4"]
    result = imported(shop_path, tmp_path, "\n".join(lines))
    assert result.exit_code == 1
    reports = result.stderr.splitlines()
    assert [report.split(":")[0] for report in reports] == ["line 2", "line 5", "line 6"]
    assert "write one object a line" in reports[0]
    assert "stage: must be 'placed'" in reports[1]
    assert result.stdout == "3 kept (0 of them replaced an order), 3 bad\n"
    assert [order["number"] for order in listed(shop_path)] == ["1", "2", "4"]


def test_bad_rows_of_a_csv_file_are_reported_by_the_line_they_begin_on(
    shop_path: Path, tmp_path: Path
) -> None:
    head, first, second = re.findall(r"```csv\n(.*?)```", DOCS.read_text("utf-8"), re.DOTALL)[0].splitlines()
    torn = second.replace("Desk lamp", '"Desk\nlamp"').replace("B-8002", "B-8004")
    bad = first.replace("28.00,captured", "-28.00,captured").replace("B-8001", "B-8005")
    text = "\n".join([head, first, torn, bad, second + ",one,cell,more", second])
    result = imported(shop_path, tmp_path, "\ufeff" + text, "orders.csv")
    assert result.exit_code == 1
    assert [line.split(":")[:2] for line in result.stderr.splitlines()] == [
        ["line 3", " lines[0].title"],
        ["line 5", " payments[0].amount"],
        ["line 6", " has 16 cells, the header 13"],
    ]
    assert [order["number"] for order in listed(shop_path)] == ["B-8001", "B-8002"]


def test_bytes_that_are_no_text_spoil_their_line_alone(shop_path: Path, tmp_path: Path) -> None:
    path = tmp_path / "orders.jsonl"
    path.write_bytes((GOOD % "1").encode() + b'\n{"number": "\xff"}\n' + (GOOD % "2").encode())
    result = rescind_orders(shop_path, "import", str(path))
    assert result.exit_code == 1
    assert result.stderr == "line 2: is not UTF-8 text: save the file as UTF-8\n"
    assert len(listed(shop_path)) == 2


def test_amounts_are_kept_exactly(shop_path: Path, tmp_path: Path) -> None:
    imported(shop_path, tmp_path, GOOD % "1")
    assert listed(shop_path)[0]["total"] == "0.10"


def test_a_number_that_is_there_is_replaced_and_said(shop_path: Path, tmp_path: Path) -> None:
    imported(shop_path, tmp_path, GOOD % "A-1")
    changed = GOOD.replace("paid", "delivered") % "#a-1"
    result = imported(shop_path, tmp_path, f"{GOOD % 'B-1'}\n{changed}\n{changed}")
    assert result.exit_code == 0
    assert result.stderr.splitlines() == [
        "line 2: order #a-1 was there and is replaced",
        "line 3: order #a-1 was there and is replaced",
    ]
    assert result.stdout == "3 kept (2 of them replaced an order), 0 bad\n"
    assert [(o["number"], o["stage"]) for o in listed(shop_path)] == [("#a-1", "delivered"), ("B-1", "paid")]


@pytest.mark.parametrize(("options", "stage"), [([], Stage.PAID), (["--live"], Stage.DELIVERED)])
def test_imported_orders_stand_still_unless_they_are_live(
    shop_path: Path, tmp_path: Path, options: list[str], stage: Stage
) -> None:
    imported(shop_path, tmp_path, GOOD % "1", "orders.jsonl", *options)
    clock = Clock(Clock().time.replace(year=2100))
    file = ShopFile(shop_path, now=clock, access=Access.LOOK)
    order = file.find("1")
    file.close()
    assert order is not None
    assert order.stage is stage


@pytest.mark.parametrize("name", ["none.jsonl", "."])
def test_a_file_that_cannot_be_read_is_exit_code_2(shop_path: Path, tmp_path: Path, name: str) -> None:
    result = rescind_orders(shop_path, "import", str(tmp_path / name))
    assert result.exit_code == 2
    assert "cannot be read" in result.stderr


def test_a_csv_file_without_a_header_is_exit_code_2_and_says_what_to_do(
    shop_path: Path, tmp_path: Path
) -> None:
    result = imported(shop_path, tmp_path, "1001,ann@example.com\n", "orders.csv")
    assert result.exit_code == 2
    assert "has no column number: name the columns in the first line" in result.stderr


def test_an_empty_file_keeps_nothing_and_is_no_error(shop_path: Path, tmp_path: Path) -> None:
    result = imported(shop_path, tmp_path, "\n\n")
    assert (result.exit_code, result.stdout) == (0, "0 kept (0 of them replaced an order), 0 bad\n")


def test_what_is_listed_can_be_imported_again(shop_path: Path, tmp_path: Path) -> None:
    imported(shop_path, tmp_path, "\n".join(GOOD % number for number in range(1200)))
    before = rescind_orders(shop_path, "list", "--json").stdout
    other = tmp_path / "other.sqlite3"
    assert imported(other, tmp_path, before).exit_code == 0
    assert rescind_orders(other, "list", "--json").stdout == before


def test_the_list_can_be_of_one_stage(shop_path: Path, tmp_path: Path) -> None:
    imported(shop_path, tmp_path, f"{GOOD % '1'}\n{GOOD.replace('paid', 'on_hold') % '2'}")
    assert [order["number"] for order in listed(shop_path, "--stage", "on_hold")] == ["2"]
    assert "ann@example.com" in rescind_orders(shop_path, "list").stdout
    assert rescind_orders(shop_path, "list", "--stage", "packing").exit_code == 2


def test_advance_moves_an_order_on_until_it_is_delivered(shop_path: Path, tmp_path: Path) -> None:
    imported(shop_path, tmp_path, GOOD % "1")
    said = [rescind_orders(shop_path, "advance", "1") for _ in range(6)]
    assert [result.stdout.strip() for result in said[:5]] == [
        "1: allocated",
        "1: binding",
        "1: confirmed",
        "1: in_logistics",
        "1: delivered",
    ]
    assert said[5].exit_code == 1
    assert "no stage follows delivered by itself" in said[5].stderr


def test_a_cancelled_order_cannot_be_advanced(shop_path: Path, tmp_path: Path) -> None:
    imported(shop_path, tmp_path, GOOD % "1")
    assert rescind_orders(shop_path, "advance", "1", "--to", "cancelled").exit_code == 0
    result = rescind_orders(shop_path, "advance", "1", "--to", "paid")
    assert (result.exit_code, result.stderr) == (1, "a cancelled order moves no more\n")


def test_show_tells_every_attempt_to_cancel(shop_path: Path) -> None:
    file = ShopFile(shop_path, now=Clock(), access=Access.CREATE)
    file.put([stored("1001")])
    file.cancel("1001", Stage.PLACED, "early")
    file.cancel("1001", Stage.PAID, "right")
    file.close()
    shown = json.loads(rescind_orders(shop_path, "show", "#1001", "--json").stdout)
    assert shown["stage"] == "cancelled"
    assert [(a["request_id"], a["found"], a["report"]) for a in shown["attempts"]] == [
        ("early", "paid", "stage_moved"),
        ("right", "paid", "accepted"),
    ]
    text = rescind_orders(shop_path, "show", "1001").stdout
    assert "expected paid, found paid: accepted [right]" in text
    assert "refund 54.00 sent at 2026-11-03 09:00 UTC" in text


def test_markup_in_an_order_is_shown_as_it_is(shop_path: Path, tmp_path: Path) -> None:
    imported(shop_path, tmp_path, GOOD % "1")
    assert "Mug [b]x[/b]" in rescind_orders(shop_path, "show", "1").stdout


@pytest.mark.parametrize("command", ["show", "advance"])
def test_an_unknown_order_is_exit_code_1(shop_path: Path, tmp_path: Path, command: str) -> None:
    imported(shop_path, tmp_path, GOOD % "1")
    result = rescind_orders(shop_path, command, "2")
    assert (result.exit_code, result.stderr) == (1, "no such order\n")


@pytest.mark.parametrize("command", [["list"], ["show", "1"], ["advance", "1"]])
def test_a_missing_shop_is_exit_code_3_and_is_not_made(shop_path: Path, command: list[str]) -> None:
    result = rescind_orders(shop_path, *command)
    assert result.exit_code == 3
    assert "DEMO_SHOP_PATH" in result.stderr
    assert not shop_path.exists()


def test_the_shop_may_be_named_by_the_environment(
    shop_path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    imported(shop_path, tmp_path, GOOD % "1")
    monkeypatch.setenv("DEMO_SHOP_PATH", str(shop_path))
    assert CliRunner().invoke(orders_app, ["advance", "1"]).stdout == "1: allocated\n"
