"""Customers of the web chat, as cheap as they can be made: they share a machine with what they measure.

A WebSocket client of the few frames that `docs/web-chat.md` needs, written on the bare transport.
"""

import asyncio
import os
import struct
from base64 import b64encode
from dataclasses import dataclass
from time import perf_counter
from typing import Self, cast

from msgspec import Struct, json

MASK = bytes(4)
"""A mask of zeros is one like any other to the server, and spares the client the work."""
_TEXT = 0x81
_MASKED = 0x80
_SHORT = 125
_TWO_BYTES = 126
_EIGHT_BYTES = 127


class Frame(Struct):
    """What a customer looks at of a frame."""

    type: str
    author: str = ""
    text: str = ""
    message: str = ""


_decode = json.Decoder(Frame).decode


@dataclass(frozen=True, slots=True)
class Line:
    """One thing a customer says, and what the bot's answer to it must hold."""

    says: str
    hears: str


class Unexpected(AssertionError):
    """The bot answered something else than it should."""


class Customer(asyncio.Protocol):
    """One open chat. Says a line, and waits for the bot's next message."""

    def __init__(self, token: str) -> None:
        self._token = token
        self._loop = asyncio.get_running_loop()
        self._transport: asyncio.Transport | None = None
        self._buffer = b""
        self._upgraded = False
        self._answer: asyncio.Future[Frame] = self._loop.create_future()
        self._said = 0

    @classmethod
    async def enter(cls, port: int, token: str) -> Self:
        """Connect, say hello, and wait until the server is ready."""
        _, customer = await asyncio.get_running_loop().create_connection(
            lambda: cls(token), "127.0.0.1", port
        )
        await customer.ready()
        return customer

    async def ready(self) -> None:
        """Wait until the server has said so."""
        await self._answer

    async def say(self, line: Line) -> float:
        """Say it and wait for the bot's answer; how long that took, in seconds. Raises `Unexpected`."""
        self._answer = self._loop.create_future()
        self._said += 1
        began = perf_counter()
        self._send(b'{"type":"message","id":"m%d","text":%s}' % (self._said, json.encode(line.says)))
        frame = await self._answer
        took = perf_counter() - began
        if line.hears not in frame.text:
            raise Unexpected(f"{line.says!r} was answered: {frame.text or frame.message}")
        return took

    def leave(self) -> None:
        """Hang up."""
        if self._transport is not None:
            self._transport.abort()

    # ---- asyncio.Protocol

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        key = b64encode(os.urandom(16)).decode()
        self._transport.write(
            "GET /chat/ws HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            f"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {key}\r\n\r\n".encode()
        )

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        if not self._upgraded:
            head, end, rest = self._buffer.partition(b"\r\n\r\n")
            if not end:
                return
            if not head.startswith(b"HTTP/1.1 101"):
                self._fail(ConnectionRefusedError(head.splitlines()[0].decode()))
                return
            self._upgraded, self._buffer = True, rest
            self._send(b'{"type":"hello","token":"%s"}' % self._token.encode())
        self._buffer = self._read(self._buffer)

    def connection_lost(self, exc: Exception | None) -> None:
        self._fail(exc or ConnectionResetError("the server hung up"))

    # ---- frames

    def _send(self, payload: bytes) -> None:
        assert self._transport is not None
        size = len(payload)
        head = (
            bytes((_TEXT, _MASKED | size))
            if size <= _SHORT
            else struct.pack("!BBH", _TEXT, _MASKED | _TWO_BYTES, size)
        )
        self._transport.write(head + MASK + payload)

    def _read(self, data: bytes) -> bytes:
        """Take in every whole frame; what is left is the beginning of the next one."""
        at = 0
        while len(data) - at >= 2:
            start, size = at + 2, data[at + 1]
            if size == _TWO_BYTES:
                start, size = at + 4, int.from_bytes(data[at + 2 : at + 4])
            elif size == _EIGHT_BYTES:
                start, size = at + 10, int.from_bytes(data[at + 2 : at + 10])
            if start + size > len(data):
                break
            if data[at] == _TEXT:
                self._hear(data[start : start + size])
            at = start + size
        return data[at:]

    def _hear(self, payload: bytes) -> None:
        # Typing signs, receipts and the customer's own words come, too.
        frame = _decode(payload)
        if (
            frame.type == "ready" or frame.author == "bot" or frame.type == "error"
        ) and not self._answer.done():
            self._answer.set_result(frame)

    def _fail(self, error: Exception) -> None:
        if not self._answer.done():
            self._answer.set_exception(error)
