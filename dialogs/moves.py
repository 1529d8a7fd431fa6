"""What the dialogue can do next. A flow answers with one of these; the engine turns it into effects."""

from dataclasses import dataclass

from dialogs.conversation import Question, Terms
from dialogs.effects import Button, HandoffReason, Text
from dialogs.policy import Verdict


@dataclass(frozen=True, slots=True)
class Wait:
    """Nothing to do until something happens; `parts` are said, if any."""

    parts: tuple[Text, ...] = ()
    buttons: tuple[Button, ...] = ()


@dataclass(frozen=True, slots=True)
class Ask:
    """Put a question. The engine counts how often, and gives `times` to the text."""

    question: Question
    text: Text
    buttons: tuple[Button, ...] = ()
    terms: Terms | None = None
    """What a yes would be to."""


@dataclass(frozen=True, slots=True)
class LookUp:
    """Read the order from the shop's record, now."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """Attempt the cancellation that was consented to."""

    verdict: Verdict


@dataclass(frozen=True, slots=True)
class Conclude:
    """The request has its answer; `result` is how it ended, for the case."""

    parts: tuple[Text, ...]
    result: str
    buttons: tuple[Button, ...] = ()


@dataclass(frozen=True, slots=True)
class HandOver:
    """A person is to answer, and the customer is told why."""

    reason: HandoffReason
    parts: tuple[Text, ...] = ()
    news: bool = False
    """Said even where a person is wanted for this reason already."""
    desk: bool = False
    """For the desk's sake: whom a customer already waits for is called once more without a word to them."""


@dataclass(frozen=True, slots=True)
class Again:
    """Say the last message once more."""


@dataclass(frozen=True, slots=True)
class Farewell:
    """End the chat politely; the next message begins anew."""

    parts: tuple[Text, ...]
    result: str


Move = Wait | Ask | LookUp | Attempt | Conclude | HandOver | Again | Farewell
