"""`rescind explain`: the record alone tells why, whatever happened since."""

import re
import sqlite3
from pathlib import Path

import pytest
import pytest_asyncio

from dialogs.policy import default_policy
from tests.program import rescind


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def told(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """A store with a case in which an order was cancelled, and its reference."""
    folder = tmp_path_factory.mktemp("told")
    lines = "cancel 1005 eva@example.com\nyes\n"
    chat = await rescind(folder, "chat", "--json", given=lines, DATABASE_URL=f"sqlite:///{folder}/store.db")
    found = re.findall(r'"reference": "([^"]+)"', chat.out)
    assert found, chat
    return folder / "store.db", str(found[-1])


@pytest.fixture
def reference(told: tuple[Path, str], sqlite_url: str) -> str:
    """The case, in a copy of that store."""
    store, reference = told
    with sqlite3.connect(store) as there, sqlite3.connect(sqlite_url.removeprefix("sqlite:///")) as copy:
        there.backup(copy)
    return reference


async def test_every_decision_is_shown_with_facts_rule_and_the_words_of_its_clause(
    tmp_path: Path, sqlite_url: str, reference: str
) -> None:
    result = await rescind(tmp_path, "explain", reference, DATABASE_URL=sqlite_url)
    assert (result.code, result.err) == (0, "")
    clause = re.search(r"clause +([\w.-]+): (.+)", result.out)
    assert clause
    assert " ".join((default_policy().clause_text(clause[1]) or "").split()) == clause[2].strip()
    assert re.search(r"order +100[35], read \d{4}-\d\d-\d\d", result.out)
    assert re.search(r"facts +stage \w+, lines \w+, money \w+", result.out)
    assert f"policy    {default_policy().hash}" in result.out
    assert "the same decision" in result.out
    assert "shop.test" not in result.out


async def test_the_old_policy_still_explains_after_the_merchant_changed_it(
    tmp_path: Path, sqlite_url: str, reference: str
) -> None:
    before = await rescind(tmp_path, "explain", reference, DATABASE_URL=sqlite_url)
    own = tmp_path / "own.toml"
    own.write_text(default_policy().toml + "\n# another policy by its hash\n", "utf-8")
    variables = {"DATABASE_URL": sqlite_url, "POLICY_FILE": str(own)}
    later = await rescind(tmp_path, "chat", "--json", given="cancel 1006 finn@shop.test\nyes\n", **variables)
    newer = re.findall(r'"reference": "([^"]+)"', later.out)[-1]
    after = await rescind(tmp_path, "explain", reference, **variables)
    assert after == before
    other = await rescind(tmp_path, "explain", newer, **variables)
    assert other.code == 0
    assert default_policy().hash not in other.out


async def test_an_unknown_case_is_an_error_that_says_where_it_looked(
    tmp_path: Path, sqlite_url: str, reference: str
) -> None:
    del reference
    result = await rescind(tmp_path, "explain", "2222-[2222]", DATABASE_URL=sqlite_url)
    assert (result.code, result.out) == (1, "")
    assert "No case has the reference 2222-[2222]." in result.err


@pytest.mark.parametrize(
    "tampering",
    [
        """UPDATE decisions SET payload = replace(payload, '"stage":"paid"', '"stage":"delivered"')""",
        """UPDATE decisions SET payload = replace(payload, '"rule":"', '"rule":"not-')""",
        "UPDATE policies SET toml = toml || ' '",
        "UPDATE policies SET toml = 'nothing'",
    ],
)
async def test_a_record_that_was_tampered_with_gives_another_decision(
    tampering: str, tmp_path: Path, sqlite_url: str, reference: str
) -> None:
    with sqlite3.connect(sqlite_url.removeprefix("sqlite:///")) as db:
        assert db.execute(tampering).rowcount > 0
    result = await rescind(tmp_path, "explain", reference, DATABASE_URL=sqlite_url)
    assert result.code == 3, result
    assert "ANOTHER decision" in result.out
