"""When people are at the desk: hours by weekday, in the shop's time zone, without public holidays."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

_DAYS_LOOKED_AT = 400
"""More than a year: whoever is closed for longer never opens."""


@dataclass(frozen=True, slots=True)
class Span:
    """Open from `opens` until `closes`, on one local day. `closes` may be `time.max`: until midnight."""

    opens: time
    closes: time


@dataclass(frozen=True, slots=True)
class OpeningHours:
    """`week` has the spans of each weekday from Monday on, in order; on a holiday the desk is closed."""

    zone: ZoneInfo
    week: tuple[tuple[Span, ...], ...]
    is_holiday: Callable[[date], bool] = lambda _: False

    def is_open(self, at: datetime) -> bool:
        """Whether somebody is there at this moment."""
        local = at.astimezone(self.zone)
        return any(span.opens <= local.time() < span.closes for span in self._spans(local.date()))

    def open_from(self, at: datetime) -> datetime | None:
        """The first moment from `at` on at which somebody is there; `None`: not within a year."""
        if self.is_open(at):
            return at
        local = at.astimezone(self.zone)
        for days in range(_DAYS_LOOKED_AT):
            day = local.date() + timedelta(days=days)
            for span in self._spans(day):
                opens = datetime.combine(day, span.opens, self.zone)
                if opens >= local:
                    return opens.astimezone(at.tzinfo)
        return None

    def _spans(self, day: date) -> tuple[Span, ...]:
        return () if self.is_holiday(day) else self.week[day.weekday()]


_NAMES = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_WORDS = re.compile(
    r"(?P<first>[a-z]{3})(?:-(?P<last>[a-z]{3}))? (?P<spans>\d\d:\d\d-\d\d:\d\d(?:, ?\d\d:\d\d-\d\d:\d\d)*)"
)
_EXAMPLE = "write them as: mon-fri 09:00-12:30, 13:30-18:00; sat 10:00-14:00"


def week_of(text: str) -> tuple[tuple[Span, ...], ...]:
    """Opening hours as a merchant writes them: `mon-fri 09:00-17:00; sat 10:00-14:00`.

    A day named again is replaced; 24:00 is midnight at the day's end. Raises `ValueError`.
    """
    week: list[tuple[Span, ...]] = [()] * len(_NAMES)
    for part in filter(None, (part.strip().lower() for part in text.split(";"))):
        found = _WORDS.fullmatch(part)
        if found is None:
            raise ValueError(f"{part!r} cannot be read; {_EXAMPLE}")
        spans = tuple(_span(each.strip()) for each in found["spans"].split(","))
        if any(one.closes > other.opens for one, other in pairwise(spans)):
            raise ValueError(f"{part!r} has hours that overlap or are out of order; {_EXAMPLE}")
        first, last = _day(found["first"]), _day(found["last"] or found["first"])
        for day in range(first, last + 1 if last >= first else last + 1 + len(_NAMES)):
            week[day % len(_NAMES)] = spans
    return tuple(week)


def _day(name: str) -> int:
    if name not in _NAMES:
        raise ValueError(f"{name!r} is no day: use {', '.join(_NAMES)}")
    return _NAMES.index(name)


def _span(text: str) -> Span:
    opens, _, closes = text.partition("-")
    try:
        span = Span(time.fromisoformat(opens), time.max if closes == "24:00" else time.fromisoformat(closes))
    except ValueError:
        raise ValueError(f"{text!r} are no times of a day; {_EXAMPLE}") from None
    if span.opens >= span.closes:
        raise ValueError(f"{text!r} ends before it begins: write hours over midnight as two days")
    return span
