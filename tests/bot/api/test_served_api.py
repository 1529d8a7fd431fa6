"""The stage API of the real `rescind serve`, and the command that makes its tokens."""

import asyncio
import json
import re
import sys
from asyncio.subprocess import PIPE, STDOUT
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiohttp import ClientSession

from bot.api import questions
from tests.program import Served, serving

FILE = Path(questions.__file__).with_name("openapi.json")
EXAMPLES = "500"
PLENTY = {"API_REQUESTS_PER_SECOND": "10000", "API_FAILURES_PER_MINUTE": "1000000"}


@pytest.fixture
async def served(tmp_path: Path) -> AsyncIterator[Served]:
    async with serving(tmp_path, **PLENTY) as running:
        yield running


async def status(served: Served, token: object) -> int:
    shown = {"Authorization": f"Bearer {token}"}
    async with (
        ClientSession(served.url, headers=shown) as session,
        session.get("/v1/orders/1001/stage") as response,
    ):
        return response.status


async def answer(served: Served, token: str) -> dict[str, object]:
    shown = {"Authorization": f"Bearer {token}"}
    async with (
        ClientSession(served.url, headers=shown) as session,
        session.get("/v1/orders/1044/stage") as response,
    ):
        return await response.json()  # type: ignore[no-any-return]


async def test_a_token_is_shown_once_opens_what_the_command_prints_and_is_revoked_while_it_runs(
    served: Served,
) -> None:
    shown = await served.rescind("api-tokens", "add", "warehouse", "--scope", "stage:read")
    token = shown.out.strip()
    found = re.fullmatch(r"rsc_([0-9a-z]+)_([\w-]{43})", token)
    assert found is not None
    assert found[2] not in shown.err
    assert await status(served, token) == 200
    listed = await served.rescind("api-tokens", "list", "--json")
    (record,) = listed.records
    assert (record["id"], record["name"], record["scopes"]) == (found[1], "warehouse", ["stage:read"])
    assert record["last_used_at"] is not None
    assert record["revoked_at"] is record["expires_at"] is None
    table = (await served.rescind("api-tokens", "list")).out
    assert found[1] in table
    assert found[2] not in table + listed.out
    kept = b"".join(file.read_bytes() for file in (served.folder / "data").glob("rescind.sqlite3*"))
    assert found[1].encode() in kept
    assert found[2].encode() not in kept
    shown_there = await answer(served, token)
    (printed,) = (await served.rescind("stage", "1044", "--json")).records
    assert printed.pop("refunds") is not None, "which this token may not see"
    assert str(shown_there.pop("read_at")) < str(printed.pop("read_at"))
    assert shown_there == printed
    assert (await served.rescind("api-tokens", "revoke", found[1])).code == 0
    assert await status(served, token) == 401
    (record,) = (await served.rescind("api-tokens", "list", "--json")).records
    assert record["revoked_at"] is not None


async def test_made_up_requests_get_only_answers_that_are_described(served: Served, tmp_path: Path) -> None:
    """Good ones and bad ones, with and without the token; every check there is."""
    scopes = ("--scope", "stage:read", "--scope", "refunds:read")
    token = (await served.rescind("api-tokens", "add", "a test", *scopes)).out.strip()
    # 414 is a rejection too, which the tool does not know of.
    statuses = [400, 401, 403, 404, 405, 406, 409, 414, 415, 422, 428, 429, "5xx"]
    config = tmp_path / "schemathesis.toml"
    config.write_text(f"[checks]\nnegative_data_rejection.expected-statuses = {json.dumps(statuses)}\n")
    target = ("--url", served.url, "--header", f"Authorization: Bearer {token}", "--checks", "all")
    bounds = ("--max-examples", EXAMPLES, "--seed", "20261123", "--generation-database", "none", "--no-color")
    run = await asyncio.create_subprocess_exec(
        Path(sys.executable).with_name("schemathesis"),
        "run",
        FILE,
        *target,
        *bounds,
        stdout=PIPE,
        stderr=STDOUT,
        cwd=tmp_path,
    )
    said, _ = await run.communicate()
    assert run.returncode == 0, said.decode()
    assert "Tested: 2" in said.decode()
    assert await status(served, token) == 200
