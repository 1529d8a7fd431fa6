"""What a dialogue is given at construction: the merchant's rules, as values."""

from dataclasses import dataclass
from datetime import timedelta

from dialogs.hours import OpeningHours
from dialogs.policy import Policy
from dialogs.refunds import RefundWindows


@dataclass(frozen=True, slots=True)
class Rules:
    """The merchant's rules. `status_url` shows the live status of an order and holds `{number}`."""

    policy: Policy
    windows: RefundWindows
    status_url: str = ""
    number_example: str = "1042"
    locales: tuple[str, ...] = ("en", "es")
    tries: int = 3
    """The same question is put at most so often in a row; then a person."""
    patience: int = 24
    """A request takes at most so many of the customer's messages; then a person."""
    misses: int = 3
    """So many pairs of number and e-mail that match nothing; then a person."""
    remind_after: timedelta = timedelta(minutes=15)
    close_after: timedelta = timedelta(hours=6)
    acknowledge_every: timedelta = timedelta(minutes=10)
    checks: tuple[timedelta, ...] = (
        timedelta(seconds=20), timedelta(minutes=2), timedelta(minutes=15),
        timedelta(hours=1), timedelta(hours=4), timedelta(hours=12),
    )  # fmt: skip
    """When the record is read again after an attempt whose outcome is unknown."""

    rechecks: tuple[timedelta, ...] = (timedelta(seconds=5), timedelta(minutes=1), timedelta(minutes=10))
    """When the record of an order that was told as cancelled is read again."""

    hours: OpeningHours | None = None
    """When people are at the desk; `None`: nothing is said of it."""
    expected_wait: timedelta | None = None
    """How long a person usually takes to answer within these hours, where the merchant says so."""
    reassure_after: tuple[timedelta, ...] = (
        timedelta(minutes=3), timedelta(minutes=15), timedelta(hours=1), timedelta(hours=4),
    )  # fmt: skip
    """When a customer who waits for a person hears that nobody has been free yet."""
    reopen_for: timedelta = timedelta(hours=72)
    """How long after an agent closed a case the customer's words reopen it."""

    def status_link(self, number: str) -> str:
        """Where the website shows the live status, or an empty string."""
        return self.status_url.replace("{number}", number)
