from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialogs.refunds import Calendar, CalendarError, Method, default_methods

CALENDARS = {
    country: Calendar(country, "UTC")
    for country in ("DE", "US", "GB", "ES", "FR", "JP", "BR", "IN", "AE", "SA", "CN", "IL")
}
METHODS = {(method.key, method.country): method for method in default_methods()}
days = st.dates(date(2020, 1, 1), date(2035, 12, 31))
calendars = st.sampled_from(sorted(CALENDARS)).map(CALENDARS.__getitem__)
counts = st.integers(0, 30)
windows = st.sampled_from([method for method in default_methods() if method.unit.counts])


def between(calendar: Calendar, first: date, last: date) -> int:
    """Business days after `first`, up to and with `last`."""
    return sum(calendar.is_business_day(first + timedelta(n)) for n in range(1, (last - first).days + 1))


@given(calendars, days, counts)
def test_a_business_day_is_never_on_a_weekend_or_a_holiday(calendar: Calendar, day: date, n: int) -> None:
    assert calendar.is_business_day(calendar.add_business_days(day, n))


def test_a_year_beyond_what_the_library_knows_is_counted_without_a_warning() -> None:
    calendar = Calendar("IN", "Asia/Kolkata")
    landed = calendar.add_business_days(date(2040, 1, 25), 3)
    assert calendar.is_holiday(date(2040, 1, 26)), "a holiday of a fixed date is known in every year"
    assert landed == date(2040, 1, 31)


@given(calendars, days, st.integers(1, 30))
def test_exactly_n_business_days_lie_up_to_the_nth(calendar: Calendar, day: date, n: int) -> None:
    assert between(calendar, day, calendar.add_business_days(day, n)) == n


@given(calendars, days)
def test_no_business_day_is_the_day_itself_or_the_next_one_there_is(calendar: Calendar, day: date) -> None:
    landed = calendar.add_business_days(day, 0)
    assert landed >= day
    assert between(calendar, day - timedelta(1), landed) == 1


@given(calendars, days, counts, st.integers(0, 9), st.integers(0, 9))
def test_more_days_and_later_starts_never_land_earlier(
    calendar: Calendar, day: date, n: int, more: int, later: int
) -> None:
    landed = calendar.add_business_days(day, n)
    assert landed <= calendar.add_business_days(day, n + more)
    assert landed <= calendar.add_business_days(day + timedelta(later), n)


@given(calendars, st.datetimes(datetime(2020, 1, 1), datetime(2035, 1, 1)), windows)  # noqa: DTZ001  made aware below
def test_the_dates_of_a_window_are_in_order_and_not_before_it_was_sent(
    calendar: Calendar, at: datetime, method: Method
) -> None:
    first, last = calendar.dates(at.replace(tzinfo=UTC), method)
    assert at.date() <= first <= last


def test_a_card_refund_sent_on_a_monday_spans_two_weeks() -> None:
    sent = datetime(2026, 11, 9, 12, tzinfo=UTC)
    calendar = CALENDARS["DE"]
    assert calendar.dates(sent, METHODS["card", None]) == (date(2026, 11, 16), date(2026, 11, 23))


def test_public_holidays_move_the_dates() -> None:
    sent = datetime(2026, 12, 23, 12, tzinfo=UTC)  # a Wednesday; 25 and 26 December and 1 January are free
    assert CALENDARS["DE"].dates(sent, METHODS["card", None]) == (date(2026, 12, 31), date(2027, 1, 8))


def test_the_holidays_are_those_of_the_shops_country() -> None:
    day = date(2026, 7, 2)  # a Thursday; 3 July is observed for Independence Day
    assert CALENDARS["US"].add_business_days(day, 1) == date(2026, 7, 6)
    assert CALENDARS["DE"].add_business_days(day, 1) == date(2026, 7, 3)


def test_a_subdivision_has_holidays_of_its_own() -> None:
    epiphany = date(2026, 1, 6)
    assert not Calendar("DE", "UTC", "BY").is_business_day(epiphany)
    assert CALENDARS["DE"].is_business_day(epiphany)


def test_the_weekend_is_that_of_the_country() -> None:
    friday, sunday = date(2026, 11, 13), date(2026, 11, 15)
    assert not CALENDARS["SA"].is_business_day(friday)
    assert CALENDARS["SA"].is_business_day(sunday)


def test_plain_days_run_through_weekends() -> None:
    sent = datetime(2026, 11, 13, 12, tzinfo=UTC)
    assert CALENDARS["IN"].dates(sent, METHODS["upi", None]) == (date(2026, 11, 15), date(2026, 11, 20))


def test_day_zero_is_the_date_at_the_shop() -> None:
    sent = datetime(2026, 11, 9, 23, 30, tzinfo=UTC)
    ideal = METHODS["ideal", None]
    assert Calendar("NL", "UTC").dates(sent, ideal)[0] == date(2026, 11, 10)
    assert Calendar("NL", "Europe/Amsterdam").dates(sent, ideal)[0] == date(2026, 11, 11)
    west = datetime(2026, 11, 10, 0, 30, tzinfo=timezone(timedelta(hours=1)))
    assert Calendar("NL", "UTC").dates(west, ideal)[0] == date(2026, 11, 10)


def test_a_time_without_a_zone_has_no_date() -> None:
    with pytest.raises(ValueError, match="without a zone"):
        CALENDARS["DE"].dates(datetime(2026, 11, 9), METHODS["card", None])  # noqa: DTZ001  the point


@pytest.mark.parametrize("key", ["bank_transfer", "amazon_pay", "cash_on_delivery", "telegram_stars"])
def test_a_method_without_a_window_is_never_given_dates(key: str) -> None:
    with pytest.raises(ValueError, match="no window"):
        CALENDARS["DE"].dates(datetime(2026, 11, 9, tzinfo=UTC), METHODS[key, None])


@pytest.mark.parametrize(
    ("country", "subdivision", "words"),
    [("XX", None, '"XX"'), ("", None, '""'), ("Germany", None, '"GERMANY"'), ("DE", "ZZ", '"DE-ZZ"')],
)
def test_an_unknown_country_is_said_at_once(country: str, subdivision: str | None, words: str) -> None:
    with pytest.raises(CalendarError, match=f"No public holidays are known for {words}"):
        Calendar(country, "UTC", subdivision)


@pytest.mark.parametrize("name", ["Mars/Olympus", "", "../etc", "/etc/localtime", "Europe"])
def test_an_unknown_time_zone_is_said_at_once(name: str) -> None:
    with pytest.raises(CalendarError, match="is not a time zone"):
        Calendar("DE", name)


def test_a_country_may_be_written_small() -> None:
    assert Calendar(" de ", "UTC").country == "DE"
