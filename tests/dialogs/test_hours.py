from contextlib import suppress
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialogs.hours import OpeningHours, Span, week_of

BERLIN = ZoneInfo("Europe/Berlin")
OFFICE = OpeningHours(BERLIN, week_of("mon-fri 09:00-12:30, 13:30-18:00; sat 10:00-14:00"))
MONDAY = datetime(2026, 11, 23, tzinfo=BERLIN)


def on(day: int, clock: str) -> datetime:
    return datetime.combine(MONDAY.date() + timedelta(days=day), time.fromisoformat(clock), BERLIN)


@pytest.mark.parametrize(
    ("at", "is_open"),
    [
        (on(0, "08:59:59"), False),
        (on(0, "09:00"), True),
        (on(0, "12:30"), False),
        (on(0, "13:30"), True),
        (on(4, "17:59:59"), True),
        (on(4, "18:00"), False),
        (on(5, "11:00"), True),
        (on(6, "11:00"), False),
    ],
)
def test_the_desk_is_open_from_the_first_minute_to_before_the_last(at: datetime, *, is_open: bool) -> None:
    assert OFFICE.is_open(at) is is_open
    assert OFFICE.is_open(at.astimezone(UTC)) is is_open


@pytest.mark.parametrize(
    ("at", "back"),
    [
        (on(0, "10:00"), on(0, "10:00")),
        (on(0, "07:00"), on(0, "09:00")),
        (on(0, "13:00"), on(0, "13:30")),
        (on(4, "20:00"), on(5, "10:00")),
        (on(5, "14:00"), on(7, "09:00")),
    ],
)
def test_somebody_is_back_at_the_next_opening(at: datetime, back: datetime) -> None:
    assert OFFICE.open_from(at) == back


def test_a_public_holiday_is_passed_over() -> None:
    closed = OpeningHours(BERLIN, OFFICE.week, lambda day: day == date(2026, 11, 23))
    assert closed.open_from(on(0, "10:00")) == on(1, "09:00")


def test_a_desk_that_never_opens_says_so() -> None:
    assert OpeningHours(BERLIN, ((),) * 7).open_from(MONDAY) is None


def test_an_hour_that_the_clock_skips_or_repeats_is_an_hour_of_the_local_day() -> None:
    sundays = OpeningHours(BERLIN, week_of("sun 02:30-04:00"))
    skipped = datetime(2026, 3, 29, 0, 0, tzinfo=UTC)
    assert sundays.open_from(skipped) is not None
    assert sundays.is_open(datetime(2026, 10, 25, 0, 45, tzinfo=UTC))  # 02:45, the first time
    assert sundays.is_open(datetime(2026, 10, 25, 1, 45, tzinfo=UTC))  # and the second


def test_hours_are_read_as_a_merchant_writes_them() -> None:
    week = week_of(" Mon-Wed 09:00-17:00 ; wed 10:00-12:00, 13:00-24:00; sat-sun 08:00-09:00;")
    whole = (Span(time(9), time(17)),)
    assert week[:2] == (whole, whole)
    assert week[2] == (Span(time(10), time(12)), Span(time(13), time.max))
    assert week[3:5] == ((), ())
    assert week[5] == week[6] == (Span(time(8), time(9)),)


def test_days_may_go_round_the_end_of_the_week() -> None:
    week = week_of("sat-mon 10:00-12:00")
    assert [bool(day) for day in week] == [True, False, False, False, False, True, True]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("weekdays 9-5", "cannot be read"),
        ("mon 9:00-17:00", "cannot be read"),
        ("foo 09:00-17:00", "no day"),
        ("mon 25:00-26:00", "no times of a day"),
        ("mon 17:00-09:00", "ends before it begins"),
        ("mon 09:00-12:00, 11:00-13:00", "overlap"),
    ],
)
def test_hours_that_make_no_sense_are_refused_with_what_is_wrong(text: str, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        week_of(text)


@given(st.datetimes(datetime(2020, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC)))  # noqa: DTZ001  the zone is beside it
def test_whoever_is_told_a_time_finds_the_desk_open_then_and_not_before(at: datetime) -> None:
    back = OFFICE.open_from(at)
    assert back is not None
    assert back >= at
    assert OFFICE.is_open(back)
    assert back == at or not OFFICE.is_open(back - timedelta(seconds=1))


@given(st.text(max_size=60))
def test_any_text_is_hours_or_a_clear_no(text: str) -> None:
    with suppress(ValueError):
        assert len(week_of(text)) == 7
