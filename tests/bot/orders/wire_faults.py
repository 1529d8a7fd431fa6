"""A wire that fails on purpose: a proxy on the loopback between an adapter and its shop.

    async with Wire("http://127.0.0.1:8099") as wire:
        adapter = MyShop(url=wire.url, ...)
        async with wire.failing(Fault.RESET, method="POST"):
            ...

Without a fault every request is passed on. A fault with `effect` (the default) passes the request on, too,
and spoils only the answer: the shop has done what it was asked to, and the adapter cannot know.
"""

import asyncio
import itertools
import json
import socket
import struct
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import Self

import aiohttp
from yarl import URL

from bot.shop_session import Limits

_HOP_BY_HOP = frozenset({"host", "connection", "content-length", "transfer-encoding", "accept-encoding"})
_GARBAGE = b"\x16\x03\x01 this is no HTTP at all\r\n\r\n"


QUICK = Limits(connect=1.0, read=1.0, total=2.5, tries=2, body=100_000, outage=0)
"""Soon over where no answer comes, and patient with a machine that stands still for a moment."""


class Fault(Enum):
    """What can go wrong between us and a shop."""

    REFUSED = auto()
    """Nobody listens. For every method, and without effect."""
    RESET = auto()
    """The connection is reset before a byte of the answer."""
    RESET_MID_RESPONSE = auto()
    SILENT = auto()
    """No answer, and the connection stays open."""
    SLOW = auto()
    """A byte of the answer now and then, without an end."""
    CUT_SHORT = auto()
    """The connection ends before the length that was announced."""
    NOT_HTTP = auto()
    THROTTLED = auto()
    """429 with Retry-After. Without effect."""
    SERVER_ERROR = auto()
    """500."""
    MALFORMED_JSON = auto()
    WRONG_TYPES = auto()
    """JSON of the same shape with every value of another type."""
    ANOTHER_SHAPE = auto()
    """A list in place of the object."""
    EMPTY = auto()
    """200 without a body."""
    HUGE_BODY = auto()
    """Blanks without an end."""
    WRONG_CHARSET = auto()
    """UTF-16, and said to be."""
    WRONG_BYTES = auto()
    """Said to be UTF-8, and is not."""
    REDIRECT = auto()
    """To another host, which notes who comes. Without effect."""


WITHOUT_EFFECT = frozenset({Fault.REFUSED, Fault.THROTTLED, Fault.REDIRECT})


@dataclass(frozen=True, slots=True)
class Heard:
    """A request as it came over the wire."""

    method: str
    target: str
    headers: dict[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class _Failing:
    fault: Fault
    method: str | None
    times: float
    effect: bool
    matching: Callable[[Heard], bool] | None


@dataclass
class Wire:
    """`async with Wire(upstream) as wire`. `heard` are all requests, `elsewhere` those to the other host."""

    upstream: str
    retry_after: str = "0.05"
    heard: list[Heard] = field(default_factory=list)
    elsewhere: list[Heard] = field(default_factory=list)

    async def __aenter__(self) -> Self:
        self._failing: _Failing | None = None
        self._under_way: set[asyncio.Task[None]] = set()
        self._port = 0
        self._server = await self._listening()
        self._port = self._server.sockets[0].getsockname()[1]
        self._other = await asyncio.start_server(self._other_host, "127.0.0.1", 0)
        self._client = aiohttp.ClientSession()
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        self._other.close()
        for task in list(self._under_way):
            task.cancel()
        await asyncio.gather(*self._under_way, return_exceptions=True)
        await self._client.close()

    @property
    def url(self) -> str:
        """Where the adapter believes its shop to be."""
        return f"http://127.0.0.1:{self._port}"

    @asynccontextmanager
    async def failing(
        self,
        fault: Fault,
        *,
        method: str | None = None,
        times: float = float("inf"),
        effect: bool = True,
        matching: Callable[[Heard], bool] | None = None,
    ) -> AsyncIterator[None]:
        """Let requests fail: the first `times` of this method, or those that `matching` says so of."""
        self._failing = _Failing(fault, method, times, effect and fault not in WITHOUT_EFFECT, matching)
        if fault is Fault.REFUSED:
            self._server.close()
        try:
            yield
        finally:
            self._failing = None
            if fault is Fault.REFUSED:
                self._server = await self._listening()

    async def _listening(self) -> asyncio.Server:
        return await asyncio.start_server(self._serve, "127.0.0.1", self._port, reuse_address=True)

    def _fault_for(self, heard: Heard) -> _Failing | None:
        failing = self._failing
        if failing is None or failing.method not in {None, heard.method}:
            return None
        if failing.matching is not None and not failing.matching(heard):
            return None
        left = failing.times - 1
        self._failing = (
            _Failing(failing.fault, failing.method, left, failing.effect, failing.matching)
            if left > 0
            else None
        )
        return failing

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        async with self._counted(writer):
            heard = await _read(reader)
            self.heard.append(heard)
            failing = self._fault_for(heard)
            if failing is None or failing.effect:
                status, body, more = await self._passed_on(heard)
            else:
                status, body, more = 200, b'{"result": "accepted", "data": {}}', []
            if failing is None:
                writer.write(_response(status, body, *more))
            else:
                await self._fail(failing.fault, writer, status, body)
            await writer.drain()

    async def _other_host(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        async with self._counted(writer):
            self.elsewhere.append(await _read(reader))
            writer.write(_response(200, b"{}"))
            await writer.drain()

    @asynccontextmanager
    async def _counted(self, writer: asyncio.StreamWriter) -> AsyncIterator[None]:
        """One connection, which ends with its one request. Whoever hangs up has the right to."""
        task = asyncio.current_task()
        assert task is not None
        self._under_way.add(task)
        try:
            with suppress(OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
                yield
        finally:
            self._under_way.discard(task)
            writer.close()
            with suppress(OSError):
                await writer.wait_closed()

    async def _passed_on(self, heard: Heard) -> tuple[int, bytes, list[str]]:
        headers = {name: value for name, value in heard.headers.items() if name not in _HOP_BY_HOP}
        async with self._client.request(
            heard.method,
            URL(self.upstream + heard.target, encoded=True),
            data=heard.body,
            headers=headers,
            allow_redirects=False,
        ) as response:
            more = [
                f"{name}: {value}"
                for name, value in response.headers.items()
                if name.lower() not in _HOP_BY_HOP | {"content-type", "content-encoding"}
            ]
            return response.status, await response.read(), more

    async def _fail(self, fault: Fault, writer: asyncio.StreamWriter, status: int, body: bytes) -> None:
        match fault:
            case Fault.RESET | Fault.REFUSED:
                _reset(writer)
            case Fault.RESET_MID_RESPONSE:
                writer.write(_response(status, body)[: -max(1, len(body) // 2)])
                await writer.drain()
                await asyncio.sleep(0.02)  # or the reset overtakes what was written
                _reset(writer)
            case Fault.SILENT:
                await asyncio.sleep(3600)
            case Fault.SLOW:
                writer.write(_head(status, 1_000_000))
                for _ in itertools.count():
                    writer.write(b" ")
                    await writer.drain()
                    await asyncio.sleep(0.05)
            case Fault.HUGE_BODY:
                writer.write(_head(status, 1 << 40))
                while not writer.is_closing():
                    writer.write(b" " * 65_536)
                    await writer.drain()
            case _:
                writer.write(self._spoilt(fault, status, body))

    def _spoilt(self, fault: Fault, status: int, body: bytes) -> bytes:
        """A whole answer, but not the shop's."""
        match fault:
            case Fault.CUT_SHORT:
                return _head(status, len(body) + 100) + body
            case Fault.NOT_HTTP:
                return _GARBAGE
            case Fault.THROTTLED:
                return _response(429, b"{}", f"Retry-After: {self.retry_after}")
            case Fault.SERVER_ERROR:
                return _response(500, b"<h1>Internal Server Error</h1>", content_type="text/html")
            case Fault.MALFORMED_JSON:
                return _response(200, body.rstrip()[:-1])
            case Fault.WRONG_TYPES:
                return _response(200, json.dumps(_retyped(json.loads(body or b"{}"))).encode())
            case Fault.ANOTHER_SHAPE:
                return _response(200, b"[" + (body or b"{}") + b"]")
            case Fault.EMPTY:
                return _response(200, b"")
            case Fault.WRONG_CHARSET:
                spoilt = body.decode().encode("utf-16")
                return _response(200, spoilt, content_type="application/json; charset=utf-16")
            case Fault.WRONG_BYTES:
                return _response(200, b'{"result": "\xe9\xff", ' + body.lstrip()[1:])
            case Fault.REDIRECT:
                port = self._other.sockets[0].getsockname()[1]
                return _response(307, b"", f"Location: http://127.0.0.1:{port}/elsewhere")
        raise AssertionError(fault)


async def _read(reader: asyncio.StreamReader) -> Heard:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    first, *rest = head.strip().split("\r\n")
    method, target, _ = first.split(" ")
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in rest)}
    return Heard(method, target, headers, await reader.readexactly(int(headers.get("content-length", 0))))


def _head(status: int, length: int, *more: str, content_type: str = "application/json") -> bytes:
    lines = (f"HTTP/1.1 {status} Said", f"Content-Type: {content_type}", f"Content-Length: {length}", *more)
    return "\r\n".join((*lines, "Connection: close", "", "")).encode()


def _response(status: int, body: bytes, *more: str, content_type: str = "application/json") -> bytes:
    return _head(status, len(body), *more, content_type=content_type) + body


def _reset(writer: asyncio.StreamWriter) -> None:
    """Close without the usual goodbye: the other side sees ECONNRESET."""
    own: socket.socket = writer.get_extra_info("socket")
    own.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()


def _retyped(value: object) -> object:
    match value:
        case dict():
            return {name: _retyped(inner) for name, inner in value.items()}
        case list():
            return {str(index): _retyped(inner) for index, inner in enumerate(value)}
        case str():
            return [len(value)]
        case bool() | None:
            return "perhaps"
        case _:
            return {"value": value}
