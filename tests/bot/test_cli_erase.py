"""`rescind erase`, while `rescind serve` has the customer in the web chat."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest_asyncio

from tests.program import PATIENCE, Ended, Served, rescind, serving, visitor

MAIL = "ann@shop.test"


@pytest_asyncio.fixture
async def served(tmp_path: Path, database_url: str) -> AsyncIterator[Served]:
    async with serving(tmp_path, DATABASE_URL=database_url, RECHECK_SECONDS="0.1") as running:
        yield running


async def erased(served: Served, *args: str) -> Ended:
    """Erase, as soon as nothing is on its way any more."""
    async with asyncio.timeout(PATIENCE):
        while True:
            ended = await served.rescind("erase", *args, "--yes")
            if "on its way" not in ended.out:
                return ended


async def test_a_customer_is_forgotten_while_they_are_in_the_chat(served: Served) -> None:
    async with visitor(served.url) as ann, visitor(served.url) as bob:
        for customer, mail in ((ann, MAIL), (bob, "bob@shop.test")):
            await customer.say("cancel order 1001")
            await customer.say(mail)
        await ann.say("yes")
        declined = await served.rescind("erase", MAIL, given="n\n")
        assert declined.code in {1, 3}  # 3: the record of her order is still looked at
        assert MAIL not in declined.out + declined.err

        ended = await erased(served, MAIL, "--because", "asked on 3 May")
        assert (ended.code, ended.err) == (0, "")
        assert "web:" in ended.out
        assert "Erased 1 conversation." in ended.out

        again = await served.rescind("erase", MAIL, "--yes")
        assert (again.code, again.out) == (1, "")
        assert again.err == f"No conversation is known by “{MAIL}”. Is DATABASE_URL that of the server?\n"

        await ann.say("where is my money?")
        said = str(ann.messages[-1]["text"])
        assert "order number" in said
        assert "1001" not in said

        await bob.say("what is my e-mail?")
        assert (await served.rescind("erase", "bob@shop.test", given="n\n")).code == 1
        assert (await served.rescind("erase", "bob@shop.test", given="y\n")).code == 0

    checked = await served.rescind("audit", "verify")
    assert "2 erased: all as it was written" in checked.out


async def test_a_chat_that_waits_for_a_person_is_left_until_it_is_settled(served: Served) -> None:
    async with visitor(served.url) as customer:
        await customer.say("I want to talk to a person, about order 1005")
        listed = await served.rescind("inbox", "list")
        reference = next(line for line in listed.out.splitlines() if "waiting" in line).split()[0]
        left = await served.rescind("erase", reference, "--yes")
        assert (left.code, "not settled at the desk" in left.out) == (3, True)
        assert "settle" in left.err
        await served.rescind("inbox", "close", reference)
        await customer.hears()
        assert (await erased(served, reference.lower())).code == 0
        assert (await served.rescind("inbox", "show", reference)).code == 1


async def test_too_few_letters_are_refused_and_no_store_is_told(tmp_path: Path, sqlite_url: str) -> None:
    few = await rescind(tmp_path, "erase", "an", DATABASE_URL=sqlite_url)
    assert (few.code, "at least 3 letters" in few.err) == (2, True)
    none = await rescind(tmp_path, "erase", MAIL, DATABASE_URL=sqlite_url)
    assert none.code == 2
    assert "There is no database" in none.err
