"""Times in the database: whole microseconds since 1970 in UTC, exact, sortable, the same on both engines."""

from datetime import UTC, datetime, timedelta

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_SECOND = 1_000_000
_DAY = 86_400 * _SECOND


def micros(at: datetime) -> int:
    """Microseconds since the epoch. Raises `TypeError` for a time without a zone."""
    return length(at - _EPOCH)


def micros_or_none(at: datetime | None) -> int | None:
    """As `micros`, where there may be no time."""
    return None if at is None else micros(at)


def length(span: timedelta) -> int:
    """A span in microseconds."""
    return span.days * _DAY + span.seconds * _SECOND + span.microseconds


def moment(value: int) -> datetime:
    """The aware UTC time of so many microseconds since the epoch."""
    return _EPOCH + timedelta(microseconds=value)


def moment_or_none(value: int | None) -> datetime | None:
    """As `moment`, where there may be no time."""
    return None if value is None else moment(value)
