"""The shop's calendar: business days without weekends and public holidays, and the dates of a window.

Weekends and public holidays of a country come from the `holidays` library.
"""

import warnings
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from holidays import PUBLIC, country_holidays

from dialogs.refunds.methods import Method, Unit

_DAY = timedelta(days=1)


class CalendarError(ValueError):
    """There is no such country, subdivision or time zone."""


class Calendar:
    """Business days of one country, and the local date of its shop.

    `country` is ISO 3166 alpha-2, `subdivision` a part of it as the `holidays` library names it ("BY"),
    `timezone` a name of the IANA database. Raises `CalendarError`.
    """

    def __init__(self, country: str, timezone: str, subdivision: str | None = None) -> None:
        self.country = country.strip().upper()
        try:
            self._holidays = country_holidays(self.country, subdiv=subdivision or None, categories=PUBLIC)
        except NotImplementedError:
            place = f"{self.country}-{subdivision}" if subdivision else self.country
            message = f'No public holidays are known for "{place}": use an ISO 3166 code such as DE or US.'
            raise CalendarError(message) from None
        self._zone = _zone(timezone)
        self._known: dict[date, bool] = {}

    def is_business_day(self, day: date) -> bool:
        """Whether it is neither on the country's weekend nor a public holiday."""
        known = self._known.get(day)
        if known is None:
            # Asked for its holidays first, the library knows the year, and does not warn at the weekend.
            known = not self.is_holiday(day) and not self._holidays.is_weekend(day)
            self._known[day] = known
        return known

    def is_holiday(self, day: date) -> bool:
        """Whether it is a public holiday of the country, on whatever weekday.

        Holidays that nobody can foretell yet (India's by the moon, after 2035) count as none.
        """
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)  # the library says so at each such year
            return day in self._holidays

    def add_business_days(self, day: date, n: int) -> date:
        """The n-th business day after `day`, which itself does not count; for 0 the first from `day` on."""
        if n <= 0:
            return day if self.is_business_day(day) else self.add_business_days(day, 1)
        while n:
            day += _DAY
            n -= self.is_business_day(day)
        return day

    def local_date(self, at: datetime) -> date:
        """The date at the shop. Raises `ValueError` for a time without a zone."""
        if at.tzinfo is None:
            raise ValueError("a time without a zone has no date at the shop")
        return at.astimezone(self._zone).date()

    def dates(self, sent_at: datetime, method: Method) -> tuple[date, date]:
        """The first and last date of a method's window from `sent_at` on; the local date then is day 0.

        Raises `ValueError` for a method whose window is not a number of days.
        """
        day = self.local_date(sent_at)
        if method.min is None or method.max is None:
            raise ValueError(f"{method.key} has no window")
        if method.unit is Unit.BUSINESS_DAYS:
            return self.add_business_days(day, method.min), self.add_business_days(day, method.max)
        return day + method.min * _DAY, day + method.max * _DAY


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (OSError, ValueError, LookupError):
        message = f'"{name}" is not a time zone: use a name such as Europe/Berlin.'
        raise CalendarError(message) from None
