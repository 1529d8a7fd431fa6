"""What agents do, as events of the dialogue: the only place where the desk names them."""

from datetime import datetime

from dialogs.events import (
    PersonCancels,
    PersonClosed,
    PersonEvent,
    PersonGaveBack,
    PersonLeft,
    PersonPassedOn,
    PersonSaid,
    PersonTookOver,
)
from dialogs.orders import Order


def took_over(at: datetime, agent: str) -> PersonEvent:
    """Claimed; whoever comes second changes nothing."""
    return PersonTookOver(at, agent)


def said(at: datetime, agent: str, text: str) -> PersonEvent:
    """Written to the customer."""
    return PersonSaid(at, agent, text)


def left(at: datetime, agent: str) -> PersonEvent:
    """Back to the queue."""
    return PersonLeft(at, agent)


def passed_on(at: datetime, agent: str, to: str) -> PersonEvent:
    """Handed to another agent."""
    return PersonPassedOn(at, agent, to)


def gave_back(at: datetime, agent: str, *, resume: bool) -> PersonEvent:
    """The bot has it again."""
    return PersonGaveBack(at, agent, resume)


def settled(at: datetime, agent: str) -> PersonEvent:
    """The case is closed."""
    return PersonClosed(at, agent)


def cancels(at: datetime, agent: str, order: Order, read_at: datetime) -> PersonEvent:
    """To cancel this order, as it was read."""
    return PersonCancels(at, agent, order, read_at)
