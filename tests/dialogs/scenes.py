"""The scenes that are explored: which events, orders and bounds. Each is explored to its end."""

from dataclasses import dataclass
from datetime import timedelta
from functools import cache

from dialogs.orders import Order
from dialogs.policy import default_policy
from dialogs.refunds import Calendar, RefundWindows, default_methods
from dialogs.rules import Rules
from tests.dialogs import alphabet
from tests.dialogs.alphabet import CUSTOMER, PERSONS, Labelled


@cache
def windows() -> RefundWindows:
    return RefundWindows(default_methods(), Calendar("US", "America/New_York"))


def rules(
    *, patience: int = 24, tries: int = 3, misses: int = 3, checks: int = 3, reassurances: int = 0
) -> Rules:
    """The product's rules, with other bounds."""
    return Rules(
        policy=default_policy(),
        windows=windows(),
        status_url="https://shop.test/orders/{number}",
        tries=tries,
        patience=patience,
        misses=misses,
        checks=(timedelta(seconds=20), timedelta(minutes=2), timedelta(minutes=15))[:checks],
        reassure_after=(timedelta(minutes=3), timedelta(minutes=15))[:reassurances],
    )


@dataclass(frozen=True)
class Scene:
    """What can happen. `to_a_person` is what customers send while a person is wanted or there."""

    name: str
    rules: Rules
    customer: tuple[Labelled, ...]
    to_a_person: tuple[Labelled, ...]
    orders: tuple[Order, ...]
    persons: tuple[Labelled, ...]
    corrections: tuple[Labelled, ...] = ()


def _named(*names: str) -> tuple[Labelled, ...]:
    known = {named.name: named for named in CUSTOMER}
    return tuple(known[name] for name in names)


_TO_A_PERSON = _named(
    "asdf", "an hour later: asdf", "stop", "yes", "a person", "cancel A, right e-mail", "[bot:back]",
    "opens with B", "sends a photo", "edited: yes", "back to the bot", "is anyone there",
)  # fmt: skip

ONE_ORDER = Scene(
    "one order",
    rules(patience=4, tries=2, misses=2, checks=1),
    _named(
        "cancel", "a person", "change my address", "A", "right e-mail", "cancel A, right e-mail", "yes", "no",
        "stop", "thanks", "how long do refunds take", "why", "one moment", "say that again", "start over",
        "goodbye", "make me a coffee", "asdf", "ok", "after all, don't", "did it work",
        "does it go to my card", "is there a fee", "what is in it", "try it anyway", "edited: yes",
        "edited: no", "edited: asdf", "[intent:cancel]", "[bot:back]", "[language:ask]", "[nonsense]",
        "opens", "sends a photo", "[old yes]", "[old no]",
    ),
    _TO_A_PERSON,
    alphabet.ORDERS,
    PERSONS[:5],
)  # fmt: skip
"""Every repair, every record, every end of an attempt and every act of a person, about one order."""

SECOND_THOUGHTS = Scene(
    "second thoughts",
    rules(patience=3, tries=2, misses=2, checks=0),
    _named(
        "cancel A, right e-mail", "edited: cancel A, right e-mail", "B", "not A", "wrong e-mail",
        "yes", "yes, B", "no", "no, B", "stop", "one item only", "opens with B", "a person", "asdf",
    ),
    _named("asdf", "stop", "[bot:back]", "opens with B"),
    (alphabet.ALLOWED, alphabet.ATTEMPTED),
    (),
)  # fmt: skip
"""Another order, another e-mail, one item only: at any time, also while the shop is asked."""

FINDING = Scene(
    "finding the order",
    rules(patience=3, tries=2, misses=2, checks=0),
    _named(
        "where is it", "A", "right e-mail", "wrong e-mail", "A and B", "two e-mails", "lost number",
        "lost e-mail", "lost both", "where is the number", "not A", "asdf", "yes", "why", "start over",
        f"[number:{alphabet.B}]", f"[email:{alphabet.ANN}]", "[intent:lost_number]",
    ),
    _named("asdf", "[bot:back]"),
    (alphabet.ALLOWED, alphabet.FOREIGN),
    (),
)  # fmt: skip
"""Every way to name an order, to name none, and to name two."""

REQUESTS = Scene(
    "several requests",
    rules(patience=2, tries=2, misses=2, checks=0),
    _named(
        "cancel", "where is it", "cancel A, refund of B", "where is B",
        "cancel, or where is it", "cancel A, right e-mail", "yes", "no", "after all, don't", "asdf",
    ),
    _named("asdf", "[bot:back]"),
    (alphabet.ALLOWED,),
    (),
)  # fmt: skip
"""Requests one after the other, within one another, and in one breath."""

AT_THE_DESK = Scene(
    "at the desk",
    rules(patience=1, tries=1, misses=1, checks=1, reassurances=1),
    _named("cancel A, right e-mail", "yes", "asdf", "thanks"),
    _named("asdf", "[bot:back]"),
    (alphabet.ALLOWED,),
    tuple(named for named in PERSONS if "no resuming" not in named.name and "cancels" not in named.name),
    alphabet.CORRECTIONS[::2],
)
"""Every act of two agents, every correction of what was told, every time that is waited for."""

AN_AGENT_CANCELS = Scene(
    "an agent cancels",
    rules(patience=1, tries=1, misses=1, checks=1),
    _named("cancel A, right e-mail", "yes", "thanks"),
    _named("[bot:back]"),
    (alphabet.ALLOWED,),
    tuple(named for named in PERSONS if "no resuming" not in named.name and "says" not in named.name),
    (alphabet.CORRECTIONS[0], alphabet.UNPROVED[0]),
)
"""What an agent cancels, of the customer's own order or of one they have not proved, whoever has the chat."""

LATE_NEWS = Scene(
    "late news",
    rules(patience=2, tries=1, misses=1, checks=1),
    _named("cancel A, right e-mail", "B", "yes", "a person"),
    _named("[bot:back]"),
    (alphabet.ALLOWED,),
    tuple(
        named
        for named in PERSONS
        if named.name in {"agent takes over", "agent closes", "agent leaves", "agent gives back, no resuming"}
    ),
    (*alphabet.CORRECTIONS[::2], alphabet.UNPROVED[0]),
)
"""A correction of one order, and an attempt on it or on another under way: which end is told, and to whom."""

CHATTER = Scene(
    "chatter",
    rules(patience=2, tries=2, misses=2, checks=0),
    _named("cancel A, right e-mail", "say that again", "one moment", "start over", "A", "B", "edited: asdf"),
    (),
    (alphabet.ALLOWED,),
    (),
)
"""The messages that settle nothing; a small scene, for tests of the exploration itself."""

SCENES = (ONE_ORDER, SECOND_THOUGHTS, FINDING, REQUESTS, AT_THE_DESK, AN_AGENT_CANCELS, LATE_NEWS)
