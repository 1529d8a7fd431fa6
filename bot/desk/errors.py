"""What the desk may answer instead of doing it. Each message can be shown to the agent as it is."""

from collections.abc import Sequence
from datetime import datetime


class DeskRefusal(Exception):
    """The desk does not do it; the message says why and what helps."""


class NoSuchCase(DeskRefusal, LookupError):
    """No case has this reference, or no conversation this key."""


class NotAllowed(DeskRefusal):
    """The asking agent has no right to it, or not with this conversation."""


class HeldBy(DeskRefusal):
    """Another agent has this chat: `name`."""

    def __init__(self, name: str) -> None:
        super().__init__(f"{name} has this chat.")
        self.name = name


class BotHasIt(DeskRefusal):
    """No person has or awaits this chat, so there is nothing to give back, snooze or settle."""


class BadInput(DeskRefusal, ValueError):
    """What was entered cannot be used."""


class Missing(BadInput):
    """A canned answer has placeholders that this case cannot fill: their `names`."""

    def __init__(self, names: Sequence[str]) -> None:
        super().__init__(f"Not known in this case: {', '.join(names)}. Fill them in by hand.")
        self.names = tuple(names)


class Changed(DeskRefusal):
    """What was confirmed is no longer so: `what` names each change. Nothing was done."""

    def __init__(self, what: Sequence[str]) -> None:
        super().__init__(
            f"Nothing was done, because the order moved: {'; '.join(what)}. Look and confirm again."
        )
        self.what = tuple(what)


class ShopProblem(DeskRefusal):
    """The shop could not be read; `kind` says how."""

    def __init__(self, kind: str, message: str) -> None:
        super().__init__(message)
        self.kind = kind


class SignInRefused(DeskRefusal):
    """Wrong name, wrong password, disabled, or a link that is used up: the answer never tells which."""

    def __init__(self, message: str = "Name or password is wrong.") -> None:
        super().__init__(message)


class TooManyAttempts(DeskRefusal):
    """Too many failed sign-ins for this name or from this address; after `until` it may be tried again."""

    def __init__(self, until: datetime, seconds: int) -> None:
        super().__init__(f"Too many attempts. Try again in {seconds} s.")
        self.until = until
        self.seconds = seconds
