"""`rescind chat`, as a script and as a person use it."""

import asyncio
import json
import os
import pty
import re
import signal
import sqlite3
from pathlib import Path
from typing import Self

import pytest

from tests.program import PATIENCE, RESCIND, Ended, ended, environment, rescind, start

ORDERS = Path("data") / "demo-shop.sqlite3"


async def chatted(folder: Path, *lines: str, locale: str = "en", **variables: str) -> Ended:
    return await rescind(
        folder,
        "chat",
        "--json",
        "--locale",
        locale,
        given="".join(f"{line}\n" for line in lines),
        **variables,
    )


def case(result: Ended) -> dict[str, object]:
    found = result.records[-1]["case"]
    assert isinstance(found, dict)
    return found


async def test_a_whole_cancellation_from_standard_input(tmp_path: Path) -> None:
    result = await chatted(tmp_path, "I want to cancel order 1005, eva@example.com", "yes, cancel it")
    assert result.code == 0
    assert result.err == ""
    assert case(result)["outcome"] == "cancelled"
    assert case(result)["order"] == "1005"
    shown = await rescind(tmp_path, "orders", "show", "1005", "--json")
    assert json.loads(shown.out)["stage"] == "cancelled"


async def test_every_line_of_the_output_is_an_object_with_text_buttons_and_the_state_of_the_case(
    tmp_path: Path,
) -> None:
    result = await chatted(tmp_path, "hello", "cancel 1006", "finn@shop.test")
    for record in result.records:
        assert set(record) == {"text", "author", "buttons", "case"}
        assert record["author"] == "bot"
        assert record["text"]
    last = result.records[-1]
    assert isinstance(last["buttons"], list)
    assert {"label": "Yes, cancel it"}.items() <= last["buttons"][0].items()
    assert case(result)["asked"] == "confirm"
    assert "finn@shop.test" not in json.dumps(last["case"])


class Script:
    """A program at the other end of `rescind chat --json`."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self.process = process

    async def say(self, line: str) -> dict[str, object]:
        """Write a line, and wait for the answer."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(f"{line}\n".encode())
        async with asyncio.timeout(PATIENCE):
            reply: dict[str, object] = json.loads(await self.process.stdout.readline())
        return reply


def button(reply: dict[str, object], label: str) -> str:
    """The value of a button by its label."""
    buttons = reply["buttons"]
    assert isinstance(buttons, list)
    return next(str(each["value"]) for each in buttons if each["label"] == label)


async def test_a_button_is_pressed_by_its_value_its_number_or_its_words(tmp_path: Path) -> None:
    script = Script(await start(tmp_path, "chat", "--json"))
    asked = await script.say("cancel 1005 eva@example.com")
    kept = await script.say(json.dumps({"press": button(asked, "No, keep it")}))
    assert "Yes, cancel it" not in str(kept["buttons"])
    await script.say("cancel 1005")
    kept = await script.say("2")
    assert "Yes, cancel it" not in str(kept["buttons"])
    await script.say("cancel 1005")
    done = await script.say("yes, cancel it")
    assert done["case"]["outcome"] == "cancelled"  # type: ignore[index]
    result = await ended(script.process)
    assert (result.code, result.err) == (0, "")


async def test_odd_lines_are_answered_like_anything_else_a_customer_may_write(tmp_path: Path) -> None:
    lines = (
        "",
        "   ",
        '{"text": "hello"}',
        '{"press": 1}',
        '{"press": "\\ud800"}',
        '{"text": "\\ud800\\u0000"}',
        "{ not json",
        "[1, 2]",
        "{" * 50_000,
        "\x00",
        "order 1001 " * 100_000,
    )
    result = await chatted(tmp_path, *lines)
    assert (result.code, result.err) == (0, "")
    assert len(result.records) >= 6
    assert "Traceback" not in result.out


async def test_bytes_that_are_no_utf8_are_answered(tmp_path: Path) -> None:
    process = await start(tmp_path, "chat", "--json")
    result = await ended(process, b"\xef\xbb\xbfcancel\xff 1005\r\neva@example.com")
    assert result.code == 0
    assert case(result)["order"] == "1005"
    assert case(result)["asked"] == "confirm"


async def test_no_input_is_the_end_of_the_input(tmp_path: Path) -> None:
    result = await rescind(tmp_path, "chat", "--json")
    assert (result.code, result.out, result.err) == (0, "", "")


async def test_the_customers_language_is_an_option(tmp_path: Path) -> None:
    result = await chatted(tmp_path, "quiero cancelar el pedido 1005", "eva@example.com", locale="es")
    assert case(result)["locale"] == "es"
    assert "pedido" in str(result.records[-1]["text"])
    assert '"Sí, ' in json.dumps(result.records[-1]["buttons"], ensure_ascii=False)


async def test_the_chat_has_a_store_of_its_own_that_is_gone_at_its_end(tmp_path: Path) -> None:
    (tmp_path / "tmp").mkdir()
    result = await chatted(tmp_path, "cancel 1005 eva@example.com", TMPDIR=str(tmp_path / "tmp"))
    assert result.code == 0
    assert sorted(path.name for path in (tmp_path / "data").iterdir() if "demo-shop" not in path.name) == [
        "secret-key"
    ]
    assert list((tmp_path / "tmp").iterdir()) == []


async def test_with_a_database_the_case_can_be_explained_afterwards(
    tmp_path: Path, database_url: str
) -> None:
    result = await chatted(tmp_path, "cancel 1005, eva@example.com", "yes", DATABASE_URL=database_url)
    reference = str(case(result)["reference"])
    assert re.fullmatch("[2-9A-Z]{4}-[2-9A-Z]{4}", reference)
    explained = await rescind(tmp_path, "explain", reference.lower(), DATABASE_URL=database_url)
    assert explained.code == 0, explained
    assert f"Case {reference}" in explained.out
    assert "order     1005" in explained.out
    assert "the same decision" in explained.out


async def test_a_second_chat_on_the_same_sqlite_store_is_told_who_has_it(
    tmp_path: Path, sqlite_url: str
) -> None:
    first = await start(tmp_path, "chat", "--json", DATABASE_URL=sqlite_url)
    assert first.stdin is not None
    assert first.stdout is not None
    first.stdin.write(b"hello\n")
    await first.stdout.readline()
    second = await chatted(tmp_path, "hello", DATABASE_URL=sqlite_url)
    assert second.code == 2
    assert second.err.startswith(f"rescind: Process {first.pid} already works with the database")
    assert (await ended(first)).code == 0


async def test_a_reader_that_goes_away_is_no_error_to_talk_about(tmp_path: Path) -> None:
    process = await start(tmp_path, "chat", "--json")
    assert process.stdout is not None
    process.stdout._transport.close()  # type: ignore[attr-defined]
    result = await ended(process, b"hello\nhello\n")
    assert result.code == 1
    assert result.err == ""


# ---- at the keyboard


class Keyboard:
    """A person at a terminal of the system's own."""

    def __init__(self, folder: Path, **variables: str) -> None:
        self.folder = folder
        self.variables = variables
        self.seen = ""

    async def __aenter__(self) -> Self:
        self._ours, theirs = pty.openpty()
        own = environment(self.folder, **self.variables) | {"TERM": "dumb"}
        self.process = await asyncio.create_subprocess_exec(
            RESCIND,
            "chat",
            cwd=self.folder,
            env=own,
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            start_new_session=True,
        )
        os.close(theirs)
        return self

    async def __aexit__(self, *_: object) -> None:
        if self.process.returncode is None:
            self.process.kill()
            await self.process.wait()
        os.close(self._ours)

    def types(self, text: str) -> None:
        os.write(self._ours, text.encode())

    async def sees(self, text: str) -> None:
        async with asyncio.timeout(PATIENCE):
            while text not in self.seen:
                try:
                    self.seen += (await asyncio.to_thread(os.read, self._ours, 4096)).decode()
                except OSError:  # the other end is closed
                    raise AssertionError(f"{text!r} was not seen in: {self.seen}") from None


async def test_a_person_cancels_an_order_at_the_keyboard(tmp_path: Path) -> None:
    async with Keyboard(tmp_path) as keyboard:
        await keyboard.sees("Orders of the demo shop to try")
        await keyboard.sees("[1] Cancel an order")
        keyboard.types("1\n")
        await keyboard.sees("order number and the e-mail")
        keyboard.types("1005 eva@example.com\n")
        await keyboard.sees("[1] Yes, cancel it")
        keyboard.types("1\n")
        await keyboard.sees("is cancelled")
        keyboard.types("\x04")
        async with asyncio.timeout(PATIENCE):
            assert await keyboard.process.wait() == 0


async def test_what_an_agent_says_appears_while_the_customer_waits(tmp_path: Path, sqlite_url: str) -> None:
    async with Keyboard(tmp_path, DATABASE_URL=sqlite_url) as keyboard:
        keyboard.types("I want to talk to a person\n")
        await keyboard.sees("Your reference: ")
        await keyboard.sees("\n")
        reference = re.search(r"Your reference: (\S{9})", keyboard.seen)
        assert reference
        replied = await rescind(
            tmp_path,
            "inbox",
            "reply",
            reference[1],
            "This is Kim [bold]",
            "--as",
            "Kim",
            DATABASE_URL=sqlite_url,
        )
        assert replied.code == 0, replied
        await keyboard.sees("Kim  This is Kim [bold]")
        assert keyboard.seen.count("This is Kim") == 1


async def test_ctrl_c_ends_at_once_and_without_a_traceback(tmp_path: Path) -> None:
    async with Keyboard(tmp_path) as keyboard:
        await keyboard.sees("[1] Cancel an order")
        os.killpg(keyboard.process.pid, signal.SIGINT)
        async with asyncio.timeout(5):
            assert await keyboard.process.wait() in {1, 130}
        assert "Traceback" not in keyboard.seen


async def test_the_demo_shop_of_the_chat_is_the_one_that_is_served(tmp_path: Path) -> None:
    await chatted(tmp_path, "hello")
    with sqlite3.connect(tmp_path / ORDERS) as db:
        assert db.execute("SELECT count(*) FROM orders").fetchone()[0] > 20


NO_COERCION = {"LC_ALL": "C", "PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0"}


@pytest.mark.parametrize("variables", [{"PYTHONIOENCODING": "ascii"}, NO_COERCION])
async def test_what_the_terminal_cannot_show_is_replaced_and_the_conversation_goes_on(
    variables: dict[str, str], tmp_path: Path
) -> None:
    said = "cancelar 1005 eva@example.com\nsí, cancélalo\n"
    result = await rescind(tmp_path, "chat", "--locale", "es", given=said, **variables)
    assert (result.code, result.err) == (0, "")
    assert "?Hola" in result.out
    shown = await rescind(tmp_path, "orders", "show", "1005", "--json")
    assert json.loads(shown.out)["stage"] == "cancelled"
