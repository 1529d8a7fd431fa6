"""What stands on the wire between us and a shop: what is fit to be sent, and what an answer's head says."""

import email.utils
import re
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC

import aiohttp
from yarl import URL

_PLAIN_JSON = frozenset({"application/json", "application/json; charset=utf-8"})
_UTF_8 = frozenset({"utf-8", "utf8", "us-ascii"})
_watched: ContextVar[list[float] | None] = ContextVar("watched", default=None)
_SHORTEST_PAUSE = 1.0
"""Seconds to hold back where a shop asks for it without saying how long."""


def checked_base(base_url: str) -> str:
    """The address without a slash at its end. Raises `ValueError`, without the address, where it is none."""
    url = URL(base_url)
    if url.scheme not in {"http", "https"} or not url.host or url.query_string or url.fragment:
        raise ValueError("a shop's address must be like https://shop.example or https://shop.example/api")
    return str(url).rstrip("/")


def checked_headers(headers: Mapping[str, str]) -> dict[str, str]:
    """The headers, if each is of one line. Raises `ValueError`, without its value, for one that is not."""
    for name, value in headers.items():
        if not value.isprintable():
            raise ValueError(f"the header {name} holds a line break or a control character")
    return dict(headers)


def named(url: URL) -> str:
    """Scheme, host and port: all of an address that is fit for a log."""
    return str(url.origin())


def target_of(response: aiohttp.ClientResponse) -> URL | None:
    """Where a redirect leads, if that is an address at all."""
    try:
        target = response.url.join(URL(response.headers["Location"]))
    except (KeyError, ValueError):
        return None
    return target if target.scheme in {"http", "https"} and target.host else None


def insist_on_utf_8(response: aiohttp.ClientResponse, body: bytes) -> None:
    """Raise `ValueError` where the body is, or is said to be, in another encoding."""
    if not body.isascii():
        body.decode()  # a decoder skips what it is not asked for, unseen
    if response.headers.get("Content-Type") in _PLAIN_JSON:
        return
    charset = response.charset
    if charset is not None and charset.lower() not in _UTF_8:
        raise ValueError("not UTF-8")


def pause_of(headers: Mapping[str, str]) -> float:
    """The seconds of a Retry-After, which is a number or a date."""
    value = headers.get("Retry-After", "").strip()
    if re.fullmatch(r"\d{1,9}(\.\d{1,9})?", value, re.ASCII):
        return float(value)
    try:
        until = email.utils.parsedate_to_datetime(value)
        aware = until if until.tzinfo else until.replace(tzinfo=UTC)
        return max(0.0, aware.timestamp() - time.time())
    except (ValueError, OverflowError):
        return _SHORTEST_PAUSE


@contextmanager
def watching_clocks() -> Iterator[list[float]]:
    """Seconds that shops' clocks are ahead of ours, one for each answer with a date within the block.

    A date is of whole seconds, and older than its arrival: within a second or two nothing is told.
    """
    seen: list[float] = []
    token = _watched.set(seen)
    try:
        yield seen
    finally:
        _watched.reset(token)


def note_clock(headers: Mapping[str, str]) -> None:
    """Note what the head of an answer, just arrived, says of the shop's clock, where somebody watches."""
    seen = _watched.get()
    if seen is None:
        return
    try:
        said = email.utils.parsedate_to_datetime(headers["Date"])
        aged = float(headers.get("Age", "0"))  # it lay in somebody's cache for so long
    except (KeyError, ValueError, OverflowError):
        return
    aware = said if said.tzinfo else said.replace(tzinfo=UTC)
    seen.append(aware.timestamp() + aged - time.time())


def what_happened(error: Exception) -> str:
    """What happened on the wire, without a word from it."""
    match error:
        case aiohttp.ConnectionTimeoutError():
            return "no connection in time"
        case TimeoutError():
            return "no answer in time"
        case aiohttp.ClientConnectorCertificateError():
            return "the certificate is not trusted"
        case aiohttp.ClientSSLError():
            return "no TLS connection"
        case aiohttp.ClientConnectorDNSError():
            return "the host's name is not known"
        case aiohttp.ClientConnectorError():
            return "no connection"
        case aiohttp.ServerDisconnectedError() | aiohttp.ClientOSError():
            return "the connection was lost"
        case aiohttp.ClientPayloadError():
            return "the answer ended early or is garbled"
        case _:
            return f"the answer is not HTTP ({type(error).__name__})"
