"""`rescind agents` and `rescind audit`, as an operator runs them."""

import re
import sqlite3
from pathlib import Path

from storage.desk_records import Role
from storage.store import Store
from tests.program import rescind

PASSWORD = "correct horse battery"


async def test_accounts_are_managed_and_the_record_of_it_is_checked(tmp_path: Path, sqlite_url: str) -> None:
    await (await Store.open(sqlite_url)).close()

    async def run(*words: str, given: str = "") -> tuple[int, str, str]:
        ended = await rescind(tmp_path, *words, given=given, DATABASE_URL=sqlite_url)
        assert PASSWORD not in ended.out + ended.err
        return ended.code, ended.out, ended.err

    assert "adds the first admin" in (await run("agents", "list"))[1]
    added = await run("agents", "add", "kim", "--name", "Kim", "--role", "admin", given=f"{PASSWORD}\n")
    assert added[:2] == (0, "Kim is an admin and signs in as kim.\n")
    code, _, err = await run("agents", "add", "lee", given="short\n")
    assert (code, err) == (1, "A password has 10 to 256 characters.\n")
    assert (await run("agents", "add", "lee", "--no-password"))[0] == 0
    link = (await run("agents", "sign-in-link", "LEE", "--url", "https://desk.example/"))[1]
    assert re.fullmatch(r"https://desk\.example/desk/sign-in#[\w-]{43}\n", link)
    assert (await run("agents", "role", "lee", "supervisor"))[0] == 0
    code, _, err = await run("agents", "disable", "kim")
    assert (code, err) == (1, "This is the last admin: make somebody else one first.\n")
    assert (await run("agents", "password", "lee", given=f"{PASSWORD}\n"))[0] == 0
    assert (await run("agents", "disable", "lee"))[0] == 0
    assert (await run("agents", "enable", "nobody"))[0] == 1
    listed = (await run("agents", "list"))[1]
    assert re.search(r"lee +lee +supervisor +yes +disabled", listed)

    store = await Store.open(sqlite_url)
    known = await store.accounts.by_login("kim")
    assert known is not None
    assert (known[0].role, known[0].has_password) == (Role.ADMIN, True)
    await store.close()

    code, out, _ = await run("audit", "verify")
    assert code == 0
    assert "6 entries in 2 chains: all as it was written" in out
    path = sqlite_url.removeprefix("sqlite:///")
    with sqlite3.connect(path) as database:
        database.execute("UPDATE audit SET act = 'nothing' WHERE act = 'role'")
    database.close()
    code, out, _ = await run("audit", "verify")
    assert code == 3
    assert re.search(rf"account:{'[0-9a-f]{16}'}: entry 3: does not match its hash", out)
    code, _, err = await run("audit", "verify", "2222-2222")
    assert (code, "No case has the reference" in err) == (1, True)
