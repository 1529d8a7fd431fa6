"""What is to be said in a topic besides what the store holds: answers to commands, and questions.

Kept in memory: what is lost with the process, the agent asks for again.
"""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field

from bot.desk_telegram.calls import Buttons

_MOST = 20
"""Lines that wait for one topic; the oldest are dropped beyond."""


@dataclass(frozen=True, slots=True)
class Question:
    """A message of its own, with buttons."""

    text: str
    buttons: Buttons = ()


@dataclass(slots=True)
class Asides:
    """What waits, by conversation; `wake` is told which has something."""

    wake: Callable[[str], None] = lambda _: None
    _lines: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    _questions: dict[str, list[Question]] = field(default_factory=lambda: defaultdict(list))

    def say(self, key: str, text: str) -> None:
        """Say this with whatever goes next into the topic; the same twice is said once."""
        lines = self._lines[key]
        if text not in lines:
            lines.append(text)
            del lines[:-_MOST]
        self.wake(key)

    def ask(self, key: str, question: Question) -> None:
        """Ask this in the topic, soon."""
        self._questions[key].append(question)
        self.wake(key)

    def lines(self, key: str) -> tuple[str, ...]:
        """What waits to be said."""
        return tuple(self._lines.get(key, ()))

    def said(self, key: str, lines: tuple[str, ...]) -> None:
        """These were said."""
        left = [line for line in self._lines.pop(key, ()) if line not in lines]
        if left:
            self._lines[key] = left

    def question(self, key: str) -> Question | None:
        """The first question that waits."""
        return next(iter(self._questions.get(key, ())), None)

    def asked(self, key: str) -> None:
        """The first question was asked."""
        left = self._questions.pop(key)[1:]
        if left:
            self._questions[key] = left

    def forget(self, key: str) -> None:
        """There is no topic to say anything in."""
        self._lines.pop(key, None)
        self._questions.pop(key, None)
