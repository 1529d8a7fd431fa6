"""Repeats, pauses, outages, and letting go."""

import asyncio
import gc
import ssl
import subprocess
import time
from email.utils import formatdate
from pathlib import Path
from statistics import median

import pytest

from bot.ports import CredentialsRefused, ShopUnreachable, Throttled
from bot.shop_circuit import Circuit, RepeatBudget
from bot.shop_session import Limits, ShopSession
from tests.bot.orders.wire_faults import Fault, Wire
from tests.bot.shop_session.answering import QUICK, Shop, asking, serving, status

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
    assert time.monotonic() - began >= 0.4
    assert len(shop.asked) == 3


async def test_a_pause_longer_than_the_total_is_told_at_once(shop: Shop) -> None:
    shop.answers(status(429, **{"Retry-After": "30"}))
    async with asking(shop.url, Limits(total=20)) as session:
        for _ in range(2):
            with pytest.raises(Throttled) as raised:
                await session.ask("GET", "/", safe=True)
            assert 20 < raised.value.seconds <= 30
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
    limits = Limits(connect=1, read=0.3, total=0.7, tries=20)
    async with asking(wire.url, limits) as session, wire.failing(fault):
        began = time.monotonic()
        with pytest.raises(ShopUnreachable):
            await session.ask("GET", "/", safe=True)
        assert time.monotonic() - began < 2.5


# ---- outages


async def test_an_outage_costs_well_under_a_millisecond(wire: Wire) -> None:
    async with asking(wire.url, Limits(connect=1, read=1, total=3, outage=30)) as session:
        async with wire.failing(Fault.RESET):
            for _ in range(2):
                with pytest.raises(ShopUnreachable):
                    await session.ask("GET", "/", safe=True)
        heard = len(wire.heard)
        took = []
        for _ in range(100):
            began = time.perf_counter()
            with pytest.raises(ShopUnreachable, match="gave no answer lately"):
                await session.ask("GET", "/", safe=True)
            took.append(time.perf_counter() - began)
        assert median(took) < 0.001
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
