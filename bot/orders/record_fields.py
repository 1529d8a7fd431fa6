"""The fields of an imported order: what each may hold, and what to write instead of anything else."""

import re
import unicodedata
from datetime import UTC, datetime
from decimal import Decimal
from typing import Annotated

from babel.numbers import list_currencies
from pydantic import AfterValidator, BeforeValidator, StringConstraints
from pydantic_core import PydanticCustomError

from bot.orders.demo_file import key_of

_EMAIL = re.compile(r"[^@\s]{1,64}@[^@\s.]+(\.[^@\s.]+)*")
_AMOUNT = re.compile(r"-?\d+(\.\d+)?", re.ASCII)
_LONGEST_AMOUNT = 40
_LARGEST_EXPONENT = 11
_SMALLEST_EXPONENT = -4
_MOST_PIECES = 1_000_000
_MARKS = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}


def _plain_text(text: str) -> str:
    if any(unicodedata.category(char) in {"Cc", "Cs", "Zl", "Zp"} for char in text):
        raise PydanticCustomError("text", "holds a line break or a control character: remove it")
    return text


def _digits(value: object) -> object:
    """A number that an export wrote as one; leading zeros need text."""
    return str(value) if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else value


def _number(number: str) -> str:
    if not key_of(number) or not key_of(number).isprintable():
        raise PydanticCustomError("number", "is no order number: write the one the customer was given")
    return number


def _email(email: str) -> str:
    if not _EMAIL.fullmatch(email) or not email.isprintable():
        raise PydanticCustomError("email", "is no e-mail address: write one such as ann@example.com")
    return email


def _currency(currency: str) -> str:
    if currency not in list_currencies():
        raise PydanticCustomError("currency", "is no ISO 4217 code: write one such as EUR, in capitals")
    return currency


def _exact(value: object) -> Decimal | None:
    """Money from text or a number. A float is none: it is not exact any more."""
    if isinstance(value, Decimal | int) and not isinstance(value, bool):
        return Decimal(value)
    if isinstance(value, str) and _AMOUNT.fullmatch(value) and len(value) <= _LONGEST_AMOUNT:
        return Decimal(value)
    return None


def _amount(value: object) -> Decimal:
    amount = _exact(value)
    if amount is None:
        raise PydanticCustomError("amount", "is no amount: write it with a point, such as 12.50")
    if not amount.is_finite() or (amount and amount.adjusted() > _LARGEST_EXPONENT):
        raise PydanticCustomError("amount", "is too large an amount")
    if amount < 0:
        raise PydanticCustomError("amount", "is negative: amounts are zero or more")
    exponent = amount.as_tuple().exponent
    if isinstance(exponent, int) and not _SMALLEST_EXPONENT <= exponent <= _LARGEST_EXPONENT:
        raise PydanticCustomError("amount", "has more than four decimal places")
    return abs(amount)


def _pieces(value: object) -> int:
    text = str(value) if isinstance(value, int | str) and not isinstance(value, bool) else ""
    if not re.fullmatch(r"\d{1,7}", text, re.ASCII) or not 1 <= int(text) <= _MOST_PIECES:
        raise PydanticCustomError("quantity", "is no quantity: write a whole number from 1 on")
    return int(text)


def _time(value: object) -> datetime:
    try:
        time = datetime.fromisoformat(value if isinstance(value, str) else "")
    except ValueError:
        raise PydanticCustomError("time", "is no time: write one such as 2026-11-03T10:15:00Z") from None
    if time.tzinfo is None:
        raise PydanticCustomError("time", "has no UTC offset: end it with Z or one such as +01:00")
    try:
        return time.astimezone(UTC)
    except OverflowError:
        raise PydanticCustomError("time", "is too far away") from None


def _mark(value: object) -> bool:
    if isinstance(value, bool):
        return value
    if isinstance(value, str) and value.casefold() in _MARKS:
        return _MARKS[value.casefold()]
    raise PydanticCustomError("mark", "is neither true nor false")


Text = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=500), AfterValidator(_plain_text)
]
Number = Annotated[Text, BeforeValidator(_digits), StringConstraints(max_length=64), AfterValidator(_number)]
Email = Annotated[Text, StringConstraints(max_length=254), AfterValidator(_email)]
Currency = Annotated[str, AfterValidator(_currency)]
Amount = Annotated[Decimal, BeforeValidator(_amount)]
Pieces = Annotated[int, BeforeValidator(_pieces)]
Time = Annotated[datetime, BeforeValidator(_time)]
Mark = Annotated[bool, BeforeValidator(_mark)]
