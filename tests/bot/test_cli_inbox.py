"""A person takes over by `rescind inbox` while `rescind serve` has the customer in the web chat."""

import re
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest_asyncio

from tests.program import Served, rescind, serving, visitor


@pytest_asyncio.fixture
async def served(tmp_path: Path, database_url: str) -> AsyncIterator[Served]:
    async with serving(tmp_path, DATABASE_URL=database_url) as running:
        yield running


async def test_a_person_takes_over_answers_and_gives_the_chat_back(served: Served) -> None:
    async with visitor(served.url) as customer:
        await customer.say("cancel order 1005")
        told = await customer.say("I want to talk to a person")
        reference = re.findall(r"\b[2-9A-Z]{4}-[2-9A-Z]{4}\b", told)[0]

        listed = await served.rescind("inbox", "list")
        assert listed.code == 0
        row = next(line for line in listed.out.splitlines() if reference in line)
        assert row.split()[1] == "waiting"
        assert "web" in row.split()

        shown = await served.rescind("inbox", "show", reference.lower())
        assert shown.code == 0
        assert "I want to talk to a person" in shown.out
        assert "1005" in shown.out

        replied = await served.rescind(
            "inbox", "reply", reference, "This is Kim. How can I help?", "--as", "Kim"
        )
        ended = time.monotonic()
        assert replied.code == 0, replied
        assert "Kim" in await customer.hears()  # is here now
        assert await customer.hears() == "This is Kim. How can I help?"
        assert time.monotonic() - ended < 2
        assert (customer.messages[-1]["author"], customer.messages[-1]["agent"]) == ("agent", "Kim")

        late = await served.rescind("inbox", "reply", reference, "And this is Lee.", "--as", "Lee")
        assert (late.code, late.err) == (1, "Kim has this chat.\n")

        await customer.send("message", text="is it possible to cancel 1005?")
        assert await customer.hears_nothing()
        seen = await served.rescind("inbox", "show", reference)
        assert "is it possible to cancel 1005?" in seen.out
        assert "Kim" in (await served.rescind("inbox", "list")).out

        assert (await served.rescind("inbox", "back", reference)).code == 0
        resumed = await customer.hears()
        assert customer.messages[-1]["author"] == "bot"
        assert resumed
        assert (await served.rescind("inbox", "list")).out == "Nobody waits.\n"
        again = await served.rescind("inbox", "back", reference)
        assert (again.code, again.err) == (1, f"The bot has the chat of {reference} already.\n")

        await customer.say("a person please")
        assert (await served.rescind("inbox", "close", reference)).code == 0
        assert reference in await customer.hears()

        checked = await served.rescind("audit", "verify", reference)
        assert checked.code == 0
        assert "all as it was written" in checked.out
        shown = await served.rescind("audit", "show", reference)
        assert [each in shown.out for each in ("claim", "reply", "give back", "resolve")] == [True] * 4


async def test_who_names_no_case_or_says_nothing_is_told_so(tmp_path: Path, sqlite_url: str) -> None:
    await rescind(tmp_path, "chat", "--json", DATABASE_URL=sqlite_url)  # makes the store
    for verb, *words in (("show",), ("reply", "hello"), ("back",), ("close",)):
        result = await rescind(tmp_path, "inbox", verb, "2222-2222", *words, DATABASE_URL=sqlite_url)
        assert (result.code, result.out) == (1, "")
        assert result.err == "No case has the reference 2222-2222. `rescind inbox list` shows who waits.\n"
    silent = await rescind(tmp_path, "inbox", "reply", "2222-2222", "  ", DATABASE_URL=sqlite_url)
    assert silent.code == 2
    assert "say something" in silent.err
