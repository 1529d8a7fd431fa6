"""`rescind stage`, as it is typed."""

import json
import re
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from dialogs.policy import default_policy
from tests.bot.stage_command import Shelf, an_order, program


def rescind_stage(shelf: Shelf, *args: str, stdin: str | None = None) -> Result:
    return CliRunner().invoke(program(shelf.open), ["stage", *args], input=stdin)


def records(text: str) -> list[dict[str, object]]:
    return [json.loads(line) for line in text.splitlines()]


def test_a_found_order_is_described_without_its_e_mail() -> None:
    result = rescind_stage(Shelf(), "#1002", "--email", "buyer1002@shop.test")
    assert result.exit_code == 0
    assert re.fullmatch(
        r"Order +1002\n"
        r"Stage +paid: paid, not yet being prepared \(the shop's word: processing\)\n"
        r"Partly fulfilled +yes\n"
        r"Marked cancellable +mixed\n"
        r"If asked to cancel +person: \S+ \(rule \S+, clause \S+\)\n"
        r"Read at +\d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC\n",
        result.stdout,
    )
    assert result.stderr == ""


def test_json_is_one_object_without_the_e_mail() -> None:
    result = rescind_stage(Shelf(), "1002", "--email", "buyer1002@shop.test", "--json")
    (record,) = records(result.stdout)
    read_at = record.pop("read_at")
    verdict = default_policy().decide(an_order("1002"))
    assert verdict.rule
    assert isinstance(read_at, str)
    assert read_at.endswith("+00:00")
    assert record == {
        "number": "1002",
        "found": True,
        "stage": "paid",
        "description": "paid, not yet being prepared",
        "status": "processing",
        "partly_fulfilled": True,
        "cancellable": "mixed",
        "verdict": {
            "ruling": verdict.ruling.value,
            "reason": verdict.reason,
            "rule": verdict.rule,
            "clause": verdict.clause,
        },
        "refunds": [],
    }


def test_the_number_is_told_as_the_shop_writes_it() -> None:
    (found,) = records(rescind_stage(Shelf(), "#1002", "--json").stdout)
    assert found["number"] == "1002"


@pytest.mark.parametrize("options", [[], ["--json"]])
def test_an_unknown_order_and_a_wrong_e_mail_cannot_be_told_apart(options: list[str]) -> None:
    unknown = rescind_stage(Shelf(limit=0), "1002", "--email", "buyer1002@shop.test", *options)
    wrong = rescind_stage(Shelf(), "1002", "--email", "other@shop.test", *options)
    spelled = rescind_stage(Shelf(), "1002", "--email", "", *options)
    assert unknown.exit_code == wrong.exit_code == spelled.exit_code == 1
    assert unknown.stdout_bytes == wrong.stdout_bytes == spelled.stdout_bytes
    assert unknown.stderr_bytes == wrong.stderr_bytes == spelled.stderr_bytes
    assert "No such order, or not of that e-mail address." in unknown.output


@pytest.mark.parametrize("options", [[], ["--json"]])
def test_a_shop_that_does_not_answer_is_exit_code_3(options: list[str]) -> None:
    result = rescind_stage(Shelf(down={"1002"}), "1002", *options)
    assert result.exit_code == 3
    assert "The shop could not be reached." in result.output


@pytest.mark.parametrize(
    "args",
    [
        [],
        ["1002", "--batch", "orders.csv"],
        ["1002", "--out", "x.jsonl"],
        ["--batch", "orders.csv", "--email", "a@b.c"],
        ["--batch", "orders.csv", "--json"],
        ["--batch", "none.csv"],
        ["--batch", "orders.csv", "--concurrency", "0"],
        ["--batch", "orders.csv", "--out", "orders.csv"],
        ["--batch", "headless.csv"],
        ["--batch", "orders.csv", "--out", "no/folder.jsonl"],
    ],
)
def test_wrong_usage_is_exit_code_2_and_asks_the_shop_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, args: list[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("orders.csv").write_text("number\n1002\n")
    Path("headless.csv").write_text("order,mail\n1002,a@b.c\n")
    shelf = Shelf()
    result = rescind_stage(shelf, *args)
    assert (result.exit_code, shelf.asked) == (2, [])
    assert result.stderr
    assert Path("orders.csv").read_text() == "number\n1002\n"


def test_a_thousand_orders_are_answered_in_the_order_of_the_input(tmp_path: Path) -> None:
    numbers = [str((n * 7919) % 5000) for n in range(1000)]
    file = tmp_path / "orders.csv"
    file.write_text("number\n" + "\n".join(numbers))
    result = rescind_stage(Shelf(pauses=(0.002, 0, 0.001)), "--batch", str(file), "--concurrency", "32")
    assert (result.exit_code, result.stderr) == (0, "")
    rows = records(result.stdout)
    assert [row["number"] for row in rows] == numbers
    assert [row["line"] for row in rows] == list(range(2, 1002))
    assert all(row["found"] == (int(str(row["number"])) % 2 == 0) for row in rows)


def test_csv_and_json_lines_ask_the_same(tmp_path: Path) -> None:
    csv, jsonl = tmp_path / "orders.csv", tmp_path / "orders.jsonl"
    csv.write_text("email;number\nbuyer1002@shop.test;1002\nwrong@shop.test;1002\n;1004\n")
    jsonl.write_text(
        '{"number": "1002", "email": "buyer1002@shop.test"}\n'
        '{"number": "1002", "email": "wrong@shop.test"}\n{"number": 1004}\n'
    )
    answers = [records(rescind_stage(Shelf(), "--batch", str(file)).stdout) for file in (csv, jsonl)]
    for answer in answers:
        assert [(row["number"], row["found"]) for row in answer] == [
            ("1002", True),
            ("1002", False),
            ("1004", True),
        ]
        assert "shop.test" not in str(answer)


@pytest.mark.parametrize("text", ["number\n1002\n", '{"number": "1002"}\n'])
def test_a_batch_may_come_through_a_pipe(text: str) -> None:
    result = rescind_stage(Shelf(), "--batch", "-", stdin=text)
    assert result.exit_code == 0
    assert records(result.stdout)[0]["stage"] == "paid"


def test_malformed_lines_have_their_answer_and_make_exit_code_1(tmp_path: Path) -> None:
    file = tmp_path / "orders.jsonl"
    file.write_bytes(
        b'{"number": "2"}\n{oops\n\n{"email": "a@b.c"}\n{"number": "4", "mail": "x"}\n\xff\n{"number": "6"}'
    )
    result = rescind_stage(Shelf(), "--batch", str(file))
    rows = records(result.stdout)
    assert result.exit_code == 1
    assert [(row["line"], row.get("error", "none")) for row in rows] == [
        (1, "none"),
        (2, "malformed"),
        (4, "malformed"),
        (5, "malformed"),
        (6, "malformed"),
        (7, "none"),
    ]
    assert rows[2]["message"] == "number: is missing: write the order number"


def test_orders_the_shop_could_not_be_asked_for_make_exit_code_3(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.stages.Stages.batch.__kwdefaults__", {"concurrency": 8, "pauses": (0.0,)})
    file = tmp_path / "orders.csv"
    file.write_text("number\n2\n4\n\n,\n6\n")
    result = rescind_stage(Shelf(down={"4"}), "--batch", str(file))
    assert result.exit_code == 3
    assert [row.get("error") for row in records(result.stdout)] == [None, "unreachable", None]
