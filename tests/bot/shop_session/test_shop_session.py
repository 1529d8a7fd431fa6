"""The one way to a shop over HTTP: what is asked and answered, and where credentials may go."""

import asyncio
import logging
from collections.abc import Callable
from contextlib import suppress
from decimal import Decimal
from types import TracebackType
from typing import Literal

import msgspec
import pytest
from aiohttp import web
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot import shop_session
from bot.orders.numbers import askable
from bot.ports import ContractBroken, CredentialsRefused, ShopUnreachable, Throttled
from bot.shop_session import Answer, Limits, ShopSession
from tests.bot.orders.wire_faults import Fault, Wire
from tests.bot.shop_session.answering import QUICK, SECRET, Shop, asking, status, text

# ---- what is asked and answered


async def test_path_parameters_body_and_headers_arrive_as_given(shop: Shop) -> None:
    async with asking(f"{shop.url}/api/") as session:
        answer = await session.ask(
            "POST", "/orders/A%2F1 ö/x", params={"q": "a&b"}, body={"total": Decimal("1.10")}, safe=False
        )
    assert answer.json == {
        "path": "/api/orders/A%2F1%20%C3%B6/x?q=a%26b",
        "method": "POST",
        "body": '{"total":"1.10"}',
        "token": f"Bearer {SECRET}",
    }


async def test_numbers_are_exact(shop: Shop, session: ShopSession) -> None:
    shop.answers(text('\ufeff{"total": 19.90, "count": 3, "much": 123456789012345678901234567890}'))
    answer = await session.ask("GET", "/", safe=True)
    assert answer.json == {"total": Decimal("19.90"), "count": 3, "much": 123456789012345678901234567890}
    assert str(answer.json["total"]) == "19.90"


class Told(msgspec.Struct):
    total: Decimal
    how: Literal["well", "badly"] = "well"


async def test_a_success_is_read_as_what_was_asked_for(shop: Shop, session: ShopSession) -> None:
    shop.answers(text('{"total": 19.90, "more": [1]}'))
    answer = await session.ask("GET", "/", safe=True, kind=Told)
    assert answer.json == Told(Decimal("19.90"))
    assert str(answer.json.total) == "19.90"
    shop.answers(lambda: web.json_response({"total": "none"}, status=409))
    assert (await session.ask("GET", "/", safe=True, kind=Told)).json == {"total": "none"}
    for said in (
        '{"total": "a lot"}',
        "[]",
        "null",
        '{"total": 1, "how": "\u00e9"}',
        '{"total": 1, "how": "odd"}',
    ):
        shop.answers(text(said))
        with pytest.raises(ContractBroken) as raised:
            await session.ask("GET", "/", safe=True, kind=Told)
        assert "odd" not in str(raised.value)
    shop.answers(text(b'{"total": 1, "unread": "\xff"}'))
    with pytest.raises(ContractBroken):
        await session.ask("GET", "/", safe=True, kind=Told)


@pytest.mark.parametrize("code", [200, 201, 202, 400, 404, 409, 410, 422])
async def test_the_shops_own_refusals_come_back_as_answers(
    shop: Shop, session: ShopSession, code: int
) -> None:
    shop.answers(lambda: web.json_response({"why": "so"}, status=code, headers={"X-Mark": "7"}))
    answer = await session.ask("POST", "/", safe=False)
    assert (answer.status, answer.json, answer.headers["x-mark"]) == (code, {"why": "so"}, "7")
    assert answer.ok is (code < 300)


async def test_a_refusal_need_not_be_json_and_a_body_may_be_missing(shop: Shop, session: ShopSession) -> None:
    shop.answers(
        lambda: web.Response(status=404, text="<h1>Not found</h1>"), lambda: web.Response(status=204)
    )
    assert (await session.ask("GET", "/", safe=True)).json is None
    nothing = await session.ask("GET", "/", safe=True)
    assert (nothing.status, nothing.json) == (204, None)


@pytest.mark.parametrize(
    ("answered", "error"),
    [
        (status(401), CredentialsRefused),
        (status(403), CredentialsRefused),
        (status(429, **{"Retry-After": "60"}), Throttled),
        (status(500), ShopUnreachable),
        (status(503), ShopUnreachable),
        (status(408), ShopUnreachable),
        (status(304), ContractBroken),
        (status(302), ContractBroken),
        (status(302, Location="http://[half"), ContractBroken),
        (status(302, Location="ftp://127.0.0.1/"), ContractBroken),
        (status(302, Location="https://elsewhere.test/?key=1"), ContractBroken),
        (text("{"), ContractBroken),
        (text("nothing"), ContractBroken),
        (text("[" * 100_000), ContractBroken),
        (text('{"total": NaN}'), ContractBroken),
        (text(b'{"a": "\xff"}'), ContractBroken),
        (text('"\\ud800"'), ContractBroken),
        (text("{}", "application/json; charset=iso-8859-1"), ContractBroken),
        (text(b"\xff\xfe{\x00}\x00"), ContractBroken),
        (text('"' + "x" * 200_000 + '"'), ContractBroken),
    ],
)
@pytest.mark.parametrize("safe", [True, False])
async def test_every_other_answer_is_an_error_of_the_family(
    shop: Shop, session: ShopSession, answered: Callable[[], web.StreamResponse], error: type, *, safe: bool
) -> None:
    shop.answers(answered)
    with pytest.raises(ShopUnreachable) as raised:
        await session.ask("GET", "/", safe=safe)
    assert type(raised.value) is error


# ---- where credentials may go


async def test_a_redirect_within_the_shop_is_followed_by_reads_alone(
    shop: Shop, session: ShopSession
) -> None:
    shop.answers(status(301, Location="/orders/1/"), text('{"here": true}'))
    assert (await session.ask("GET", "/orders/1", safe=True)).json == {"here": True}
    assert [request.path for request in shop.asked] == ["/orders/1", "/orders/1/"]
    shop.answers(status(307, Location="/orders/1/"))
    with pytest.raises(ContractBroken, match="redirects a POST"):
        await session.ask("POST", "/orders/1", safe=True)


async def test_a_redirect_in_circles_ends(shop: Shop, session: ShopSession) -> None:
    shop.answers(status(302, Location="/"))
    with pytest.raises(ContractBroken, match="circles"):
        await session.ask("GET", "/", safe=True)
    assert len(shop.asked) == 4


@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_nothing_is_ever_sent_to_another_host(wire: Wire, wired: ShopSession, method: str) -> None:
    async with wire.failing(Fault.REDIRECT):
        with pytest.raises(ContractBroken):
            await wired.ask(method, "/", safe=True)
    assert wire.elsewhere == []


def _chain(error: BaseException | None) -> list[BaseException]:
    return [] if error is None else [error, *_chain(error.__cause__), *_chain(error.__context__)]


def _locals(traceback: TracebackType | None) -> str:
    told = ""
    while traceback is not None:
        if traceback.tb_frame.f_code.co_filename == shop_session.__file__:
            told += repr(traceback.tb_frame.f_locals)
        traceback = traceback.tb_next
    return told


@pytest.mark.parametrize("fault", list(Fault))
async def test_no_error_and_no_log_knows_a_secret(
    shop: Shop,
    wire: Wire,
    fault: Fault,
    caplog: pytest.LogCaptureFixture,
    capsys: pytest.CaptureFixture[str],
) -> None:
    shop.answers(text('{"said": "' + SECRET + '"}'))
    caplog.set_level(logging.DEBUG)
    address = wire.url.replace("://", f"://user:{SECRET}@")
    session = ShopSession(address, limits=QUICK)
    outcome: BaseException | Answer
    async with wire.failing(fault):
        try:
            outcome = await session.ask("GET", "/", params={"key": SECRET}, headers={"X": SECRET}, safe=True)
        except ShopUnreachable as error:
            outcome = error
    if isinstance(outcome, BaseException):
        assert _chain(outcome) == [outcome], "the library's own exception hangs on"
        given = ("'key': '" + SECRET, "'X': '" + SECRET)
        frames = _locals(outcome.__traceback__)
        assert frames.count(SECRET) == sum(map(frames.count, given)), "besides what the caller gave"
    assert SECRET not in f"{outcome!r} {outcome}"
    await session.close()
    assert SECRET not in repr(session)
    printed = capsys.readouterr()
    assert SECRET not in caplog.text + printed.out + printed.err


@pytest.mark.parametrize("value", [f"Bearer {SECRET}\n", f"{SECRET}\r\nX: 1", f"{SECRET}\x00"])
async def test_a_header_that_would_end_early_is_refused_without_being_quoted(shop: Shop, value: str) -> None:
    with pytest.raises(ValueError, match="header Authorization") as raised:
        ShopSession(shop.url, headers={"Authorization": value})
    assert SECRET not in str(raised.value)
    async with asking(shop.url) as session:
        with pytest.raises(ContractBroken):
            await session.ask("GET", "/", headers={"X": value}, safe=True)
    assert shop.asked == []


@pytest.mark.parametrize("url", ["", "shop.example", "ftp://shop.example", "https://", "https://s.test/?a=1"])
def test_an_address_that_is_none_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match=r"https://shop\.example"):
        ShopSession(url)


async def test_half_a_character_is_an_error_of_the_family(shop: Shop, session: ShopSession) -> None:
    with pytest.raises(ContractBroken):
        await session.ask("GET", "/\ud800", safe=True)
    with pytest.raises(ContractBroken):
        await session.ask("GET", "/", params={"q": "\ud800"}, safe=True)
    with pytest.raises(ContractBroken):
        await session.ask("POST", "/", body={"q": "\ud800"}, safe=True)
    assert shop.asked == []


# ---- whatever comes over the wire


_HEADS = st.sampled_from(
    [
        b"",
        b"HTTP/1.1 200 OK\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Type: ",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Encoding: deflate\r\n\r\n",
        b"HTTP/1.1 429 No\r\nRetry-After: ",
        b"HTTP/1.1 302 Go\r\nLocation: ",
        b"HTTP/1.1 100 Continue\r\n\r\n",
    ]
)


async def test_no_bytes_whatever_raise_outside_the_family() -> None:
    said = b""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(said)
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    loop = asyncio.get_running_loop()

    async def ask() -> None:
        async with asking(url, Limits(read=0.5, total=1, body=10_000)) as session:
            with suppress(ShopUnreachable):
                assert (await session.ask("GET", "/", safe=False)).status >= 200

    @given(st.builds(bytes.__add__, _HEADS, st.binary(max_size=200)))
    @settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
    def any_bytes(raw: bytes) -> None:
        nonlocal said
        said = raw
        asyncio.run_coroutine_threadsafe(ask(), loop).result()

    await asyncio.to_thread(any_bytes)
    server.close()


@pytest.mark.parametrize(
    "number", ["", " ", "#", "..", ".", "a/../b", "a\\..\\b", "\x00", "\ud800", "1" * 300]
)
def test_what_is_no_number_is_not_asked_for(number: str) -> None:
    assert askable(number) is None


@pytest.mark.parametrize(("number", "plain"), [(" #10 42", "1042"), ("AB-1", "AB-1"), ("2026/17", "2026/17")])
def test_what_may_be_a_number_is_asked_for_in_its_own_case(number: str, plain: str) -> None:
    assert askable(number) == plain
