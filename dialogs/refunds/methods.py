"""Payment methods with their refund windows: what one row of `methods.toml` says."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class Unit(StrEnum):
    """What `min` and `max` of a window count."""

    BUSINESS_DAYS = "business_days"
    DAYS = "days"
    IMMEDIATE = "immediate"
    """Back at once."""
    NONE = "none"
    """There is no refund path: a person, if money was taken."""
    PERSON = "person"
    """Nobody has stated a window."""

    @property
    def counts(self) -> bool:
        """Whether it is a number of days."""
        return self in {Unit.BUSINESS_DAYS, Unit.DAYS}


class StartsAt(StrEnum):
    """From when a window counts."""

    REFUND_SENT = "refund_sent"
    VOID = "void"
    CANCELLATION = "cancellation"
    BANK_DETAILS = "bank_details"
    """When the customer has supplied an account."""


@dataclass(frozen=True, slots=True)
class Method:
    """One row: a payment method and its refund window of `min` to `max` units, if one is stated.

    `name` is the brand as shown. `released_as` is the key of the row for an authorisation that was never
    taken. `country` limits the row to shops of that country (ISO 3166 alpha-2). `note` is the message
    `refund-note-<key>`.
    """

    key: str
    name: str
    aliases: tuple[str, ...]
    spoken: tuple[str, ...]
    min: int | None
    max: int | None
    unit: Unit
    starts_at: StartsAt
    source: str
    checked_on: date
    released_as: str | None = None
    country: str | None = None
    note: str | None = None

    @property
    def codes(self) -> frozenset[str]:
        """Every code a shop may use for it, in plain form."""
        return frozenset(map(plain, (self.key, *self.aliases)))


def plain(code: str) -> str:
    """A code without case, spaces, hyphens and underscores."""
    return "".join(sign for sign in code.casefold() if not sign.isspace() and sign not in "-_")
