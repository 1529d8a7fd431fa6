"""`bot/api/openapi.json` says what the code does, and the code does what it says."""

import json
import re
from collections.abc import AsyncIterator
from dataclasses import fields
from http import HTTPStatus
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest

from bot.api import questions
from bot.api.problems import Kind
from bot.api.stages import LONGEST_TARGET
from bot.api.tokens import SCOPES
from bot.ports import ContractBroken, ShopUnreachable
from bot.stage_lookup import RefundSeen
from dialogs.orders import Cancellable, RefundStatus, Stage
from dialogs.policy import Ruling, Verdict
from tests.bot.api.api_shop import STAGE, Bench, bench

FILE = Path(questions.__file__).with_name("openapi.json")
DESCRIPTION: dict[str, Any] = json.loads(FILE.read_text(encoding="utf-8"))
PAGE = (Path(__file__).parents[3] / "docs" / "stage-api.md").read_text(encoding="utf-8")
SCHEMAS = DESCRIPTION["components"]["schemas"]
RESPONSES = DESCRIPTION["components"]["responses"]


def validator(name: str) -> jsonschema_rs.Validator:
    schema = {"$ref": f"#/components/schemas/{name}", "components": DESCRIPTION["components"]}
    return jsonschema_rs.Draft202012Validator(schema, validate_formats=True)


def operation(path: str) -> dict[str, Any]:
    return DESCRIPTION["paths"][path]["get"]  # type: ignore[no-any-return]


@pytest.fixture
async def api(tmp_path: Path) -> AsyncIterator[Bench]:
    async with bench(f"sqlite:///{tmp_path / 'store.db'}") as served:
        yield served


async def test_it_is_served_to_everybody_and_has_a_version_of_its_own(api: Bench) -> None:
    response = await api.ask("/v1/openapi.json", token="")
    assert (response.status, await response.read()) == (200, FILE.read_bytes())
    assert DESCRIPTION["openapi"].startswith("3.1.")
    assert DESCRIPTION["info"]["version"].split(".")[0] == "1", "a new major version has a new path"


def test_every_word_of_the_code_is_described_and_no_other() -> None:
    stage, verdict, refund = (SCHEMAS[name]["properties"] for name in ("Stage", "Verdict", "Refund"))
    assert stage["stage"]["enum"] == [word.value for word in Stage]
    assert stage["cancellable"]["enum"] == [word.value for word in Cancellable]
    assert verdict["ruling"]["enum"] == [word.value for word in Ruling]
    assert refund["status"]["enum"] == [word.value for word in RefundStatus]
    assert set(verdict) == {field.name for field in fields(Verdict)}
    assert set(refund) == {field.name for field in fields(RefundSeen)}
    assert set(SCHEMAS["Problem"]["properties"]["type"]["enum"]) == {kind.type for kind in Kind}


def test_what_can_be_asked_is_described_as_it_is_checked() -> None:
    number, email = (DESCRIPTION["components"]["parameters"][name]["schema"] for name in ("number", "email"))
    assert (number["pattern"], number["maxLength"]) == (questions.NUMBER, questions.NUMBER_LENGTH)
    assert (email["pattern"], email["maxLength"]) == (questions.EMAIL, questions.EMAIL_LENGTH)
    assert str(LONGEST_TARGET) in RESPONSES["PathTooLong"]["description"]
    longest = "/v1/orders//stage?email=" + "%F0%90%80%80" * (number["maxLength"] + email["maxLength"])
    assert len(longest) < LONGEST_TARGET


def test_every_kind_of_refusal_is_described_with_its_status() -> None:
    described = {int(status) for status in operation("/v1/orders/{number}/stage")["responses"]}
    assert described == {kind.status for kind in Kind} | {HTTPStatus.OK}
    assert {int(status) for status in operation("/v1/openapi.json")["responses"]} < described


def test_every_scope_is_described() -> None:
    words = DESCRIPTION["components"]["securitySchemes"]["token"]["description"]
    assert all(f"`{scope}`" in words for scope in SCOPES)


async def test_answers_and_refusals_have_the_form_that_is_described(api: Bench) -> None:
    shown = validator("Stage")
    shown.validate(await (await api.ask()).json())
    shown.validate(await (await api.ask(token=await api.token_of("stage:read"))).json())
    told = [await api.ask(token=""), await api.ask(f"{STAGE}?x=1"), await api.ask("/v1/orders/1001/stage")]
    for trouble in (ShopUnreachable(), ContractBroken(), ZeroDivisionError()):
        api.shop.trouble = trouble
        told.append(await api.ask())
    assert [response.status for response in told] == [401, 400, 404, 503, 502, 500]
    for response in told:
        validator("Problem").validate(await response.json(content_type=None))
        described = operation("/v1/orders/{number}/stage")["responses"][str(response.status)]
        wanted = RESPONSES[described["$ref"].rsplit("/")[-1]].get("headers", {})
        needed = {name for name in wanted if name not in {"RateLimit", "RateLimit-Policy"}}
        assert needed <= set(response.headers)


def test_the_page_shows_an_answer_of_the_form_and_names_every_field_scope_and_refusal() -> None:
    (block,) = re.findall(r"```json\n(.*?)```", PAGE, re.DOTALL)
    validator("Stage").validate(json.loads(block))
    named = set(re.findall(r"`([\w:-]+)`", PAGE))
    assert set(json.loads(block)) - {"found"} <= named
    assert set(SCOPES) <= named
    rows = re.findall(r"^\| (\d{3}(?:, \d{3})*) \| (.+?) \|", PAGE, re.MULTILINE)
    told = {
        (kind, int(status))
        for statuses, kinds in rows
        for status, kind in zip(statuses.split(", "), re.findall(r"`([\w-]+)`", kinds), strict=True)
    }
    assert told == {(kind.type.rsplit(":")[-1], kind.status) for kind in Kind}
