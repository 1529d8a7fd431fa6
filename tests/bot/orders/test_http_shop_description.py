"""The contract's OpenAPI file, the example server and the adapter say the same."""

import asyncio
import json
import re
import socket
import sys
from asyncio.subprocess import DEVNULL, PIPE, STDOUT
from collections.abc import AsyncIterator, Iterator
from decimal import Decimal
from pathlib import Path

import aiohttp
import jsonschema_rs
import pytest
import yaml
from pydantic import SecretStr

from bot.orders.http_shop import HttpShop, HttpShopSettings
from bot.shop_session import Limits
from dialogs.orders import Stage
from tests.bot.orders.http_shop_bench import TOKEN, bench, told
from tests.bot.orders.test_http_shop import PAID
from tests.bot.orders.wire_faults import Heard

ROOT = Path(__file__).parents[3]
FILE = ROOT / "docs" / "http-shop.openapi.yaml"
DESCRIPTION = yaml.safe_load(FILE.read_text(encoding="utf-8"))


def validator(name: str) -> jsonschema_rs.Validator:
    schema = {"$ref": f"#/components/schemas/{name}", "components": DESCRIPTION["components"]}
    return jsonschema_rs.Draft202012Validator(schema, validate_formats=True)


def posted(heard: list[Heard]) -> Iterator[tuple[str, object]]:
    return ((each.target.rsplit("/")[-1], json.loads(each.body)) for each in heard if each.method == "POST")


async def test_what_the_adapter_sends_and_the_server_answers_is_as_described() -> None:
    async with bench(refunds_itself=False) as at:
        number = await at.place(PAID)
        async with aiohttp.ClientSession(headers={"Authorization": f"Bearer {TOKEN}"}) as client:
            for _ in range(2):
                async with client.get(f"{at.wire.url}/orders/{number}") as response:
                    validator("Order").validate(await response.json())
                await at.backend.cancel(number, expected=Stage.PAID, request_id="first")
                await at.backend.refund(number, payment=PAID.payments[0], amount=Decimal("5.00"), key="k")
        sent = list(posted(at.wire.heard))
    assert [call for call, _ in sent] == ["cancel", "refunds", "refunds"]
    for call, body in sent:
        validator({"cancel": "Cancel", "refunds": "Refund"}[call]).validate(body)


@pytest.fixture
async def example(tmp_path: Path) -> AsyncIterator[str]:
    """The example server, started as its documentation says; the address of it."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    file = tmp_path / "orders.jsonl"
    file.write_text(json.dumps({**told("H-1001", PAID), "total": 54.1}) + "\n", encoding="utf-8")
    arguments = ("--port", str(port), "--token", TOKEN, "--orders", str(file))
    server = await asyncio.create_subprocess_exec(
        sys.executable, ROOT / "examples" / "http_shop_server.py", *arguments, stdout=PIPE, stderr=DEVNULL
    )
    assert server.stdout is not None
    await server.stdout.readline()  # it says so once it listens
    yield f"http://127.0.0.1:{port}"
    server.terminate()
    await server.communicate()


async def test_the_example_server_starts_as_documented_and_serves_a_file(example: str) -> None:
    settings = HttpShopSettings(url=example, token=SecretStr(TOKEN))
    adapter = HttpShop(settings, unmapped=pytest.fail, limits=Limits())
    await adapter.ping()
    order = await adapter.find("h-1001")
    assert order is not None
    assert (order.stage, str(order.total)) == (Stage.PAID, "54.1")
    await adapter.close()


async def test_a_repeated_key_excuses_no_amount_that_is_none(example: str) -> None:
    refund = {"payment_id": "P-1", "amount": "1.00", "key": "k"}
    async with aiohttp.ClientSession(headers={"Authorization": f"Bearer {TOKEN}"}) as client:
        for amount, status in (("1.00", 200), ("1.00*", 422), ("1.00", 200)):
            async with client.post(
                f"{example}/orders/H-1001/refunds", json=refund | {"amount": amount}
            ) as response:
                assert response.status == status


async def test_the_example_server_does_as_it_is_described(example: str, tmp_path: Path) -> None:
    """Made-up requests, good and bad, get only answers that the file knows."""
    command = ("--url", example, "--header", f"Authorization: Bearer {TOKEN}", "--checks", "all")
    bounds = ("--max-examples", "100", "--seed", "20261122", "--generation-database", "none", "--no-color")
    run = await asyncio.create_subprocess_exec(
        Path(sys.executable).with_name("schemathesis"),
        "run",
        FILE,
        *command,
        *bounds,
        stdout=PIPE,
        stderr=STDOUT,
        cwd=tmp_path,
    )
    said, _ = await run.communicate()
    assert run.returncode == 0, said.decode()
    assert "Tested: 4" in said.decode()


def test_every_field_the_adapter_reads_is_described() -> None:
    source = (ROOT / "bot" / "orders" / "http_shop_record.py").read_text(encoding="utf-8")
    described = {name for schema in ("Order", "Line", "Payment") for name in properties(schema)} | {"sent_at"}
    structs = re.findall(r"class (?:Record|_\w+)\(Struct.*?\n\n\n", source, re.DOTALL)
    read = {name for struct in structs for name in re.findall(r"^    (\w+): ", struct, re.MULTILINE)}
    assert read == described


def properties(schema: str) -> set[str]:
    return set(DESCRIPTION["components"]["schemas"][schema]["properties"])
