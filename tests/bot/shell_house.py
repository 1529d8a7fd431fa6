"""A reception over a real store, with a dialogue and a reader that may be scripted."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from shell_makers import Clock

from bot import speech
from bot.feed import LocalFeed
from bot.ports import Incoming, Words
from bot.reception import Reception
from dialogs.conversation import Conversation
from dialogs.effects import Say, Text
from dialogs.engine import Dialogue, Step
from dialogs.events import Event, Said
from dialogs.policy import default_policy
from dialogs.reading import Reading
from dialogs.refunds import Calendar, RefundWindows, default_rows, load
from dialogs.rules import Rules
from storage.records import Turn, Work
from storage.store import Store

RULES = Rules(default_policy(), RefundWindows(load(default_rows(), None), Calendar("DE", "Europe/Berlin")))
SPEECH = speech.load("Europe/Berlin")


class Reader:
    """Understands nothing, and stumbles over one word."""

    def read(self, text: str) -> Reading:
        if text == "stumble":
            raise ZeroDivisionError
        return Reading()


@dataclass
class Scripted(Dialogue):
    """The dialogue, or what a test puts in its place."""

    act: Callable[[Conversation, Event], Step] | None = None
    rules: Rules = RULES

    def step(self, conversation: Conversation, event: Event) -> Step:
        return self.act(conversation, event) if self.act else Dialogue(RULES).step(conversation, event)


@dataclass
class Taken:
    """What was dispatched."""

    work: list[tuple[str, int, Work]] = field(default_factory=list)

    def __call__(self, turn: Turn, ids: Sequence[int]) -> None:
        self.work += [(turn.key, id_, piece) for id_, piece in zip(ids, turn.work, strict=True)]


def reception(
    store: Store, act: Callable[[Conversation, Event], Step] | None = None, **more: object
) -> Reception:
    settings: dict[str, object] = {
        "dialogue": Scripted(act),
        "understanding": Reader(),
        "speech": SPEECH,
        "store": store,
        "feed": LocalFeed(),
        "clock": Clock(),
    }
    return Reception(**(settings | more))  # type: ignore[arg-type]


def words(text: str, id_: str = "1", key: str = "web:1", **more: str) -> Incoming:
    return Incoming(key, id_, Words(text), **more)


def echo(c: Conversation, event: Event) -> Step:
    """Says back what it heard, and counts turns."""
    text = event.text if isinstance(event, Said) else type(event).__name__
    return Step(replace(c, turn=c.turn + 1), (Say((Text("button-value", {"value": text}),)),))


async def texts(store: Store, key: str = "web:1") -> list[str]:
    return [entry.text for entry in await store.entries(key)]


async def soon(true: Callable[[], object]) -> None:
    """Wait until something is so."""
    async with asyncio.timeout(10):
        while not true():  # noqa: ASYNC110  there is nothing to wait for but the state
            await asyncio.sleep(0.005)
