"""The one way to a shop over HTTP, on a wire that fails."""

import asyncio
import gc
import logging
import ssl
import subprocess
import time
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager, suppress
from decimal import Decimal
from email.utils import formatdate
from pathlib import Path
from types import TracebackType

import pytest
from aiohttp import web
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot import shop_session
from bot.orders.numbers import askable
from bot.ports import ContractBroken, CredentialsRefused, ShopUnreachable, Throttled
from bot.shop_circuit import Circuit, RepeatBudget
from bot.shop_session import Answer, Limits, ShopSession
from tests.bot.orders.wire_faults import Fault, Wire

SECRET = "shp-4f1d-never-to-be-seen"
QUICK = Limits(connect=0.5, read=0.2, total=1.0, body=100_000, outage=0.3)
Handler = Callable[[web.Request], Coroutine[object, object, web.StreamResponse]]


class Shop:
    """A server that answers by `handler`; `asked` are the requests that reached it."""

    def __init__(self) -> None:
        self.asked: list[web.Request] = []
        self.handler: Handler = _echo
        self.url = ""

    async def serve(self, request: web.Request) -> web.StreamResponse:
        self.asked.append(request)
        return await self.handler(request)

    def answers(self, *answers: Callable[[], web.StreamResponse]) -> None:
        """One after the other; the last for ever."""
        waiting = list(answers)

        async def handler(_: web.Request) -> web.StreamResponse:
            return (waiting.pop(0) if len(waiting) > 1 else waiting[0])()

        self.handler = handler


async def _echo(request: web.Request) -> web.StreamResponse:
    said = {"path": request.raw_path, "method": request.method, "body": await request.text()}
    return web.json_response(said | {"token": request.headers.get("Authorization")})


def status(code: int, **headers: str) -> Callable[[], web.StreamResponse]:
    return lambda: web.json_response({}, status=code, headers=headers)


def text(body: str | bytes, content_type: str = "application/json") -> Callable[[], web.StreamResponse]:
    raw = body.encode() if isinstance(body, str) else body
    return lambda: web.Response(body=raw, headers={"Content-Type": content_type})


@asynccontextmanager
async def serving(shop: Shop, context: ssl.SSLContext | None = None) -> AsyncIterator[Shop]:
    application = web.Application()
    application.router.add_route("*", "/{path:.*}", shop.serve)
    runner = web.AppRunner(application, shutdown_timeout=0, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0, ssl_context=context).start()
    scheme = "http" if context is None else "https"
    shop.url = f"{scheme}://127.0.0.1:{runner.addresses[0][1]}"
    try:
        yield shop
    finally:
        await runner.cleanup()


@asynccontextmanager
async def asking(url: str, limits: Limits = QUICK, *, verify: bool = True) -> AsyncIterator[ShopSession]:
    session = ShopSession(url, headers={"Authorization": f"Bearer {SECRET}"}, limits=limits, verify=verify)
    try:
        yield session
    finally:
        await session.close()


@pytest.fixture
async def shop() -> AsyncIterator[Shop]:
    async with serving(Shop()) as up:
        yield up


@pytest.fixture
async def session(shop: Shop) -> AsyncIterator[ShopSession]:
    async with asking(shop.url) as opened:
        yield opened


@pytest.fixture
async def wire(shop: Shop) -> AsyncIterator[Wire]:
    async with Wire(shop.url) as up:
        yield up


@pytest.fixture
async def wired(wire: Wire) -> AsyncIterator[ShopSession]:
    async with asking(wire.url) as opened:
        yield opened


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


# ---- repeats


@pytest.mark.parametrize(
    "fault", [Fault.RESET, Fault.RESET_MID_RESPONSE, Fault.SERVER_ERROR, Fault.THROTTLED]
)
async def test_a_hiccup_is_not_noticed_by_who_asks_safely(
    wire: Wire, wired: ShopSession, fault: Fault
) -> None:
    async with wire.failing(fault, times=2):
        answer = await wired.ask("GET", "/orders/1", safe=True)
    assert answer.ok
    assert len(wire.heard) == 3


@pytest.mark.parametrize("fault", list(Fault))
@pytest.mark.parametrize("method", ["POST", "PUT"])
async def test_what_is_not_safe_is_sent_once(
    wire: Wire, wired: ShopSession, fault: Fault, method: str
) -> None:
    async with wire.failing(fault):
        try:
            await wired.ask(method, "/", body={}, safe=False)
        except ShopUnreachable:
            pass
        else:
            assert fault in {Fault.WRONG_TYPES, Fault.ANOTHER_SHAPE, Fault.EMPTY}
    assert len(wire.heard) == (0 if fault is Fault.REFUSED else 1)


async def test_a_put_is_not_repeated_over_a_connection_that_was_lost() -> None:
    arrived = 0

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal arrived
        while head := await reader.read(65_536):
            arrived += head.startswith(b"PUT")
            if head.startswith(b"PUT"):
                break
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}")
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with asking(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}") as session:
        await session.ask("GET", "/", safe=True)
        with pytest.raises(ShopUnreachable):
            await session.ask("PUT", "/", safe=False)
    server.close()
    assert arrived == 1


async def test_retry_after_is_honoured_and_by_everybody(shop: Shop, session: ShopSession) -> None:
    shop.answers(status(429, **{"Retry-After": "0.4"}), status(200))
    began = time.monotonic()
    first = asyncio.create_task(session.ask("GET", "/", safe=True))
    await asyncio.sleep(0.05)
    await asyncio.gather(first, session.ask("POST", "/", safe=False))
    assert 0.4 <= time.monotonic() - began < 0.9
    assert len(shop.asked) == 3


async def test_a_pause_longer_than_the_total_is_told_at_once(shop: Shop, session: ShopSession) -> None:
    shop.answers(status(429, **{"Retry-After": "30"}))
    for _ in range(2):
        began = time.monotonic()
        with pytest.raises(Throttled) as raised:
            await session.ask("GET", "/", safe=True)
        assert 29 < raised.value.seconds <= 30
        assert time.monotonic() - began < 0.1
    assert len(shop.asked) == 1


@pytest.mark.parametrize(
    ("value", "least", "most"),
    [
        ("7", 7, 7),
        ("a date an hour from now", 3500, 3600),
        ("Wed, 21 Oct 2015 07:28:00 -0000", 0, 0),
        ("soon", 1, 1),
        ("-5", 1, 1),
        ("9" * 30, 1, 1),
        ("Wed, 99 Oct 2015 07:28:00 GMT", 1, 1),
        ("", 1, 1),
    ],
)
async def test_the_pause_is_a_number_a_date_or_a_guess(
    shop: Shop, session: ShopSession, value: str, least: float, most: float
) -> None:
    if value == "a date an hour from now":  # made when it is sent: a run may take a while
        value = formatdate(time.time() + 3600, usegmt=True)
    shop.answers(status(429, **{"Retry-After": value}))
    with pytest.raises(Throttled) as raised:
        await session.ask("POST", "/", safe=False)
    assert least <= raised.value.seconds <= most


async def test_what_a_shop_says_in_its_own_way_holds_too(session: ShopSession) -> None:
    session.hold(0.2)
    began = time.monotonic()
    await session.ask("GET", "/", safe=True)
    assert time.monotonic() - began >= 0.2


@pytest.mark.parametrize("fault", [Fault.SILENT, Fault.SLOW])
async def test_the_total_is_the_total_whatever_is_repeated(wire: Wire, fault: Fault) -> None:
    limits = Limits(connect=1, read=0.3, total=0.7, tries=10)
    async with asking(wire.url, limits) as session, wire.failing(fault):
        began = time.monotonic()
        with pytest.raises(ShopUnreachable):
            await session.ask("GET", "/", safe=True)
        assert time.monotonic() - began < 1.5


# ---- outages


async def test_an_outage_costs_well_under_a_millisecond(wire: Wire) -> None:
    async with asking(wire.url, Limits(connect=1, read=0.1, total=3, outage=30)) as session:
        async with wire.failing(Fault.RESET):
            for _ in range(2):
                with pytest.raises(ShopUnreachable):
                    await session.ask("GET", "/", safe=True)
        heard = len(wire.heard)
        began = time.perf_counter()
        for _ in range(100):
            with pytest.raises(ShopUnreachable, match="gave no answer lately"):
                await session.ask("GET", "/", safe=True)
        assert (time.perf_counter() - began) / 100 < 0.001
        assert len(wire.heard) == heard == QUICK.failures


async def test_after_an_outage_one_call_is_let_through_and_decides(wire: Wire, wired: ShopSession) -> None:
    async with wire.failing(Fault.RESET):
        for _ in range(2):
            with pytest.raises(ShopUnreachable):
                await wired.ask("GET", "/", safe=True)
        await asyncio.sleep(QUICK.outage)
        heard = len(wire.heard)
        outcomes = await asyncio.gather(
            *(wired.ask("GET", "/", safe=True) for _ in range(5)), return_exceptions=True
        )
        assert all(isinstance(outcome, ShopUnreachable) for outcome in outcomes)
        assert len(wire.heard) == heard + 1
    await asyncio.sleep(QUICK.outage)
    assert (await wired.ask("GET", "/", safe=True)).ok
    assert all(
        answer.ok for answer in await asyncio.gather(*(wired.ask("GET", "/", safe=True) for _ in "abc"))
    )


async def test_a_shop_that_refuses_is_no_outage(shop: Shop, session: ShopSession) -> None:
    shop.answers(status(401))
    for _ in range(10):
        with pytest.raises(CredentialsRefused):
            await session.ask("GET", "/", safe=True)
    assert len(shop.asked) == 10


def test_a_probe_that_was_given_up_does_not_lock_the_circuit() -> None:
    now = 0.0
    circuit = Circuit(2, 10, lambda: now)
    for _ in range(2):
        assert circuit.admit()
        circuit.failed()
    assert not circuit.admit()
    now = 10.0
    assert circuit.admit()
    assert not circuit.admit()
    circuit.released()
    assert circuit.admit()
    circuit.worked()
    assert circuit.admit()
    assert circuit.admit()


def test_repeats_run_out_and_come_back_with_calls() -> None:
    budget = RepeatBudget(3)
    assert [budget.spend() for _ in range(4)] == [True, True, True, False]
    for _ in range(6):
        budget.earn()
    assert [budget.spend() for _ in range(2)] == [True, False]


# ---- letting go


def _certificate(folder: Path) -> tuple[Path, Path]:
    key, certificate = folder / "key.pem", folder / "certificate.pem"
    subprocess.run(  # noqa: S603 - all of it is ours
        (
            "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 "
            f"-subj /CN=127.0.0.1 -addext subjectAltName=IP:127.0.0.1 -keyout {key} -out {certificate}"
        ).split(),
        check=True,
        capture_output=True,
    )
    return certificate, key


async def test_a_certificate_nobody_vouches_for_is_not_trusted_unless_told_so(tmp_path: Path) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*_certificate(tmp_path))
    asyncio.get_running_loop().set_exception_handler(lambda *_: None)  # the server's own complaint
    async with serving(Shop(), context) as shop:
        async with asking(shop.url) as careful:
            with pytest.raises(ShopUnreachable, match="certificate is not trusted"):
                await careful.ask("GET", "/", safe=True)
        assert shop.asked == []
        async with asking(shop.url, verify=False) as careless:
            assert (await careless.ask("GET", "/", safe=True)).ok
    gc.collect()  # a connection left open would warn here


async def test_a_session_may_be_closed_at_any_time_and_twice(shop: Shop) -> None:
    never_used = ShopSession(shop.url)
    await never_used.close()
    session = ShopSession(shop.url, limits=QUICK)
    await session.ask("GET", "/", safe=True)
    await session.close()
    await session.close()
    with pytest.raises(ShopUnreachable, match="closed"):
        await session.ask("GET", "/", safe=True)
    gc.collect()


async def test_a_call_that_is_given_up_leaves_the_session_in_order(wire: Wire, wired: ShopSession) -> None:
    async with wire.failing(Fault.SILENT):
        call = asyncio.create_task(wired.ask("GET", "/", safe=True))
        await asyncio.sleep(0.05)
        call.cancel()
        with pytest.raises(asyncio.CancelledError):
            await call
    assert (await wired.ask("GET", "/", safe=True)).ok


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
