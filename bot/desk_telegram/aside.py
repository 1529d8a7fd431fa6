"""What is to be said in a topic besides what happens in the conversation: answers and questions to agents.

Answers are kept in the store: an agent who is told nothing believes that all is done. Questions are kept in
memory: what is lost with the process, the agent asks for again.
"""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from bot.desk_telegram.calls import Buttons
from storage.store import Store
from storage.topic_records import Answer


@dataclass(frozen=True, slots=True)
class Question:
    """A message of its own, with buttons."""

    text: str
    buttons: Buttons = ()


@dataclass(slots=True)
class Asides:
    """What waits, by conversation; `wake` is told which has something."""

    store: Store
    clock: Callable[[], datetime]
    wake: Callable[[str], None] = lambda _: None
    _questions: dict[str, list[Question]] = field(default_factory=lambda: defaultdict(list))

    async def say(self, key: str, update_id: int, text: str) -> None:
        """Tell whoever made this update, with whatever goes next into the topic."""
        await self.store.topics.answer(key, Answer(update_id, text), self.clock())
        self.wake(key)

    def ask(self, key: str, question: Question) -> None:
        """Ask this in the topic, soon."""
        self._questions[key].append(question)
        self.wake(key)

    def question(self, key: str) -> Question | None:
        """The first question that waits."""
        return next(iter(self._questions.get(key, ())), None)

    def asked(self, key: str) -> None:
        """The first question was asked."""
        left = self._questions.pop(key)[1:]
        if left:
            self._questions[key] = left

    def forget(self, key: str) -> None:
        """There is no topic to ask anything in."""
        self._questions.pop(key, None)
