"""What an operator is told of a shop that cannot be asked: what happened, and what to do about it."""

import time
from collections.abc import Callable
from dataclasses import dataclass

import structlog

from bot.ports import ContractBroken, CredentialsRefused, ShopUnreachable, Throttled

_log: structlog.typing.FilteringBoundLogger = structlog.get_logger(__name__)

_QUIET = 60.0
"""Seconds in which trouble of one kind is logged once."""


@dataclass(frozen=True, slots=True)
class Trouble:
    """An error in words. `lasting` where waiting mends nothing: somebody has to act."""

    what: str
    remedy: str
    lasting: bool

    def __str__(self) -> str:
        """Both, as sentences."""
        return f"{self.what} {self.remedy}".strip()


def trouble(error: ShopUnreachable) -> Trouble:
    """What this error means to whoever runs the product."""
    said = _sentence(str(error))
    match error:
        case CredentialsRefused():
            return Trouble(
                f"The shop refuses our credentials. {said}".strip(),
                "Look at the credentials in the settings and at what the shop grants them; "
                "`rescind doctor` names the variables.",
                lasting=True,
            )
        case Throttled():
            return Trouble(
                f"The shop wants no more calls for {error.seconds:.0f} s.",
                "It is asked again by itself. If this comes often, look what else uses the same credentials, "
                "or have the shop raise its limit.",
                lasting=False,
            )
        case ContractBroken():
            return Trouble(
                f"The shop answered something that its interface does not allow. {said}".strip(),
                "Look whether the shop's address in the settings is right, and whether the shop was changed; "
                "otherwise tell whoever looks after the adapter.",
                lasting=True,
            )
    return Trouble(
        f"The shop could not be reached. {said}".strip(),
        "Look whether the shop runs, and whether this machine gets through to it.",
        lasting=False,
    )


class TroubleLog:
    """Logs what keeps a shop from answering: once a kind and minute, with how often it came meanwhile.

    What lasts until somebody acts is an error, anything else a warning. `now` counts seconds.
    """

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._last: dict[type[ShopUnreachable], float] = {}
        self._unsaid: dict[type[ShopUnreachable], int] = {}

    def __call__(self, error: ShopUnreachable, *, call: str) -> None:
        """Log this error, unless one of its kind was logged within the last minute; `call` is what failed."""
        kind, now = type(error), self._now()
        last = self._last.get(kind)
        if last is not None and now - last < _QUIET:
            self._unsaid[kind] = self._unsaid.get(kind, 0) + 1
            return
        self._last[kind] = now
        found = trouble(error)
        tell = _log.error if found.lasting else _log.warning
        tell(
            "the shop gave no answer that can be used",
            call=call,
            kind=kind.__name__,
            what=found.what,
            remedy=found.remedy,
            unsaid=self._unsaid.pop(kind, 0),
        )


def _sentence(words: str) -> str:
    """The words with a full stop, if there are any."""
    return words if not words or words[-1] in ".!?" else f"{words}."
