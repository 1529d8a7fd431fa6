"""`GET /v1/orders/{number}/stage`: what is answered, and every way to be refused."""

import asyncio
import logging
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.api import questions
from bot.api.accept import takes_json
from bot.api.questions import _NUMBER, NUMBER_LENGTH
from bot.orders.numbers import askable
from bot.ports import ContractBroken, CredentialsRefused, ShopUnreachable, Throttled
from bot.stage_lookup import look_up
from bot.stage_record import stage_record
from dialogs.policy import default_policy
from tests.bot.api.api_shop import NOW, STAGE, Bench, bench, problem

WORDS = "pa55 at postgresql://bot@db, ann@shop.test"


@pytest.fixture
async def api(tmp_path: Path) -> AsyncIterator[Bench]:
    async with bench(f"sqlite:///{tmp_path / 'store.db'}") as served:
        yield served


async def test_the_answer_is_what_the_command_prints_read_at_that_moment(api: Bench) -> None:
    response = await api.ask()
    answer = await look_up(api.shop, "1002", None, policy=default_policy(), now=lambda: NOW)
    assert (response.status, response.content_type) == (200, "application/json")
    assert await response.json() == stage_record("1002", answer)
    assert response.headers["Cache-Control"] == "no-store"
    api.now += timedelta(seconds=1)
    again = await (await api.ask()).json()
    assert datetime.fromisoformat(again["read_at"]) == NOW + timedelta(seconds=1)
    assert api.shop.asked == ["1002"] * 3


async def test_the_number_is_told_as_the_shop_writes_it(api: Bench) -> None:
    assert (await (await api.ask("/v1/orders/%231002/stage")).json())["number"] == "1002"


async def test_refunds_are_told_only_to_a_token_that_may_see_them(api: Bench) -> None:
    whole = await (await api.ask()).json()
    assert whole.pop("refunds") == [
        {
            "method": "card",
            "amount": "4.50",
            "currency": "EUR",
            "status": "sent",
            "sent_at": "2026-11-03T10:00:00+00:00",
        }
    ]
    response = await api.ask(token=await api.token_of("stage:read"))
    assert await response.json() == whole
    assert "@" not in await response.text()


async def test_an_unknown_order_and_a_wrong_e_mail_are_the_same_answer(api: Bench) -> None:
    unknown = await api.ask("/v1/orders/1001/stage?email=buyer1002@shop.test")
    wrong = await api.ask(f"{STAGE}?email=other@shop.test")
    assert unknown.status == wrong.status == 404
    assert await problem(unknown) == await problem(wrong)
    assert (await api.ask(f"{STAGE}?email=Buyer1002@SHOP.test")).status == 200


@pytest.mark.parametrize(
    ("path", "status", "says"),
    [
        ("/v1/orders/%20%23/stage", 400, "cannot be an order number"),
        ("/v1/orders/a%00b/stage", 400, "cannot be an order number"),
        ("/v1/orders/a%2F..%2Fb/stage", 400, "cannot be an order number"),
        (f"/v1/orders/{'9' * 65}/stage", 400, "cannot be an order number"),
        (f"{STAGE}?email=", 400, "one e-mail address"),
        (f"{STAGE}?email=ann+b@shop.test", 400, "%2B"),
        (f"{STAGE}?email=a@b.de&email=c@d.de", 400, "one e-mail address"),
        (f"{STAGE}?emial=ann@shop.test", 400, "only query parameter is email"),
        (f"{STAGE}?email={'a' * 5000}", 414, "4096"),
        ("/v1/orders/1002", 404, "/v1/openapi.json"),
        ("/v1", 404, "/v1/openapi.json"),
    ],
)
async def test_what_cannot_be_asked_is_refused_with_a_remedy(
    api: Bench, path: str, status: int, says: str
) -> None:
    response = await api.ask(path)
    assert response.status == status
    assert says in str((await problem(response))["detail"])
    assert api.shop.asked == []


@pytest.mark.parametrize("path", [STAGE, "/v1/openapi.json"])
async def test_methods_are_as_http_says(api: Bench, path: str) -> None:
    shown, head = await api.ask(path), await api.ask(path, method="HEAD")
    assert (head.status, await head.read()) == (200, b"")
    assert head.headers["Content-Length"] == shown.headers["Content-Length"]
    options = await api.ask(path, method="OPTIONS", token="")
    assert (options.status, options.headers["Allow"]) == (204, "GET, HEAD, OPTIONS")
    for method in ("POST", "PUT", "PATCH", "DELETE", "TRACE", "PROPFIND"):
        refused = await api.ask(path, method=method)
        assert (refused.status, refused.headers["Allow"]) == (405, "GET, HEAD, OPTIONS")
        await problem(refused)


async def test_who_takes_no_json_is_told_so(api: Bench) -> None:
    response = await api.ask(Accept="text/html, application/json;q=0")
    assert response.status == 406
    assert "application/json" in str((await problem(response))["detail"])


async def test_a_look_up_with_a_body_is_refused_unread(api: Bench) -> None:
    response = await api.ask(data=b"x" * 100_000)
    assert response.status == 413
    await problem(response)
    assert (await api.ask()).status == 200


@pytest.mark.parametrize(
    ("trouble", "status", "kind", "retry"),
    [
        (ShopUnreachable(WORDS), 503, "shop-unreachable", "5"),
        (Throttled(41.2), 503, "shop-unreachable", "42"),
        (ContractBroken(WORDS), 502, "shop-answer-unusable", None),
        (CredentialsRefused(WORDS), 502, "shop-answer-unusable", None),
        (ZeroDivisionError(WORDS), 500, "our-mistake", None),
    ],
)
async def test_what_goes_wrong_behind_it_is_told_without_its_internals(  # noqa: PLR0917  fixtures
    api: Bench,
    trouble: Exception,
    status: int,
    kind: str,
    retry: str | None,
    caplog: pytest.LogCaptureFixture,
    capsys: pytest.CaptureFixture[str],
) -> None:
    api.shop.trouble = trouble
    with caplog.at_level(logging.DEBUG):
        response = await api.ask(f"{STAGE}?email=ann@shop.test")
    told = await problem(response)
    assert (response.status, told["type"]) == (status, f"urn:rescind:problem:{kind}")
    assert response.headers.get("Retry-After") == retry
    written = caplog.text + "".join(capsys.readouterr())
    assert (status == 500) == (type(trouble).__name__ in written)
    for word in (WORDS, "ann@shop.test", "Traceback"):
        assert word not in str(told)
        assert word not in written


async def test_a_shop_that_never_answers_is_given_up(api: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.api.stages._SHOP_SECONDS", 0.02)
    api.shop.never = asyncio.Event()
    response = await api.ask()
    assert (response.status, response.headers["Retry-After"]) == (503, "5")


@given(st.from_regex(_NUMBER, fullmatch=True))
def test_a_number_as_described_can_be_asked_for(number: str) -> None:
    assert len(number) > NUMBER_LENGTH or askable(number)


@given(st.text(max_size=70))
@example("a/../b")
@example("a/. /b")
@example("./b")
@example("\\..\\b")
def test_a_number_is_refused_where_no_shop_could_have_it(number: str) -> None:
    if askable(number) is None:
        assert len(number) > questions.NUMBER_LENGTH or not _NUMBER.fullmatch(number)


@pytest.mark.parametrize(
    ("headers", "takes"),
    [
        ([], True),
        ([""], True),
        (["*/*"], True),
        (["application/json"], True),
        (["Application/JSON; charset=utf-8"], True),
        (["text/html, application/*;q=0.1"], True),
        (["text/html", "*/*;q=0.8"], True),
        (["text/html"], False),
        (["application/problem+json"], False),
        (["application/json;q=0"], False),
        (["*/*, application/json; q=0.000"], False),
        (["*/*;q=0, application/json"], True),
        (["nonsense;;;q=q"], False),
    ],
)
def test_the_closest_range_of_accept_decides(headers: list[str], takes: bool) -> None:  # noqa: FBT001
    assert takes_json(headers) is takes


@given(st.lists(st.text()))
def test_no_accept_header_is_too_odd(headers: list[str]) -> None:
    assert isinstance(takes_json(headers), bool)
