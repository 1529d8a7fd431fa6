"""Refund windows by payment method, and one calculator."""

from dialogs.refunds.business_days import Calendar, CalendarError
from dialogs.refunds.expectations import Expectation, Kind
from dialogs.refunds.loading import default_methods, default_rows, load, missing_notes
from dialogs.refunds.methods import Method, StartsAt, Unit
from dialogs.refunds.rows import RefundsError
from dialogs.refunds.windows import RefundWindows

__all__ = [
    "Calendar",
    "CalendarError",
    "Expectation",
    "Kind",
    "Method",
    "RefundWindows",
    "RefundsError",
    "StartsAt",
    "Unit",
    "default_methods",
    "default_rows",
    "load",
    "missing_notes",
]
