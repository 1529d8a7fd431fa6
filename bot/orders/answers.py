"""What adapters share in reading a shop's answers: typed or refused, and never half believed."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from decimal import Decimal
from ipaddress import ip_address
from typing import Annotated
from urllib.parse import urlsplit
from weakref import WeakValueDictionary

import msgspec
from pydantic import AfterValidator

from bot.ports import ContractBroken

_LARGEST = Decimal(10) ** 12


@contextmanager
def understood(what: str) -> Iterator[None]:
    """Turn whatever goes wrong in reading an answer into `ContractBroken`, without a word of the answer."""
    try:
        yield
    except msgspec.ValidationError as error:
        problem = str(error)
    except (ValueError, ArithmeticError) as error:
        problem = type(error).__name__
    else:
        return
    raise ContractBroken(f"{what}: {problem}") from None


def money(amount: Decimal) -> Decimal:
    """An amount that can be one. Raises `ValueError` for no number, and for what no order costs."""
    if not amount.is_finite() or abs(amount) >= _LARGEST:
        raise ValueError("no amount of money")
    return amount


def in_utc(time: datetime) -> datetime:
    """An aware time in UTC; a time without an offset is taken to be UTC already."""
    return time.astimezone(UTC) if time.tzinfo else time.replace(tzinfo=UTC)


class OrderLocks:
    """One lock an order within this process, gone when nobody holds it."""

    def __init__(self) -> None:
        self._locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    def of(self, number: str) -> asyncio.Lock:
        """The lock of this order; keep it for as long as it is needed."""
        return self._locks.setdefault(number, asyncio.Lock())


def _sent_safely(url: str) -> str:
    parts = urlsplit(url.strip())
    if parts.username or parts.password or parts.query or parts.fragment:
        raise ValueError("write the shop's address without a user, a question mark or a number sign")
    if parts.scheme == "https" and parts.hostname:
        return url.strip().rstrip("/")
    if parts.scheme == "http" and parts.hostname and _loopback(parts.hostname):
        return url.strip().rstrip("/")
    raise ValueError("write the shop's address with https://, since credentials travel with every call")


def _loopback(host: str) -> bool:
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


ShopAddress = Annotated[str, AfterValidator(_sent_safely)]
"""An address credentials may be sent to: https, or this machine."""
