"""Which group each conversation is shown in, as this process knows it; what a new topic begins with."""

from collections import Counter
from collections.abc import Collection

from bot.desk_telegram.groups import Group, chosen
from storage.store import Store
from storage.topic_records import Topic

MOST_COPIES = 10
"""Of a customer's pictures and files, so many of the newest come into a new topic."""


async def new_topic(store: Store, key: str, group: int, number: int, reference: str, name: str) -> Topic:
    """A topic in which nothing is shown yet."""
    sources = await store.topics.sources(key, 0, limit=1000)
    first = sources[-MOST_COPIES].update_id - 1 if len(sources) > MOST_COPIES else 0
    return Topic(key, group, number, reference, name, source=first)


class Places:
    """A conversation stays in its group; a new one goes where fewest are."""

    def __init__(self, groups: tuple[Group, ...]) -> None:
        self._groups = groups
        self._ids = frozenset(group.id for group in groups)
        self._open: dict[str, tuple[int, int]] = {}
        self._meant: dict[str, tuple[int, int | None]] = {}

    def kept(self, topic: Topic) -> None:
        """This is kept of a topic now."""
        self._meant.pop(topic.key, None)
        if topic.closed:
            self._open.pop(topic.key, None)
        elif topic.group in self._ids:
            self._open[topic.key] = (topic.group, topic.topic)

    def written_in(self, topic: Topic) -> None:
        """Somebody wrote in this topic, be it open or closed."""
        if topic.key not in self._open:
            self._meant[topic.key] = (topic.group, topic.topic)

    def erased(self, group: int, topic: int) -> None:
        """This topic is no more; whose it was may go anywhere."""
        for key in [key for key, place in self._open.items() if place == (group, topic)]:
            del self._open[key]
        for key in [key for key, place in self._meant.items() if place == (group, topic)]:
            del self._meant[key]

    def shows(self, key: str) -> bool:
        """Whether the conversation has an open topic."""
        return key in self._open

    def known(self, key: str) -> int | None:
        """The group of a conversation, if it has one."""
        place = self._open.get(key) or self._meant.get(key)
        return None if place is None else place[0]

    def of(self, key: str, channel: str, up: Collection[int]) -> int:
        """The group of a conversation; of a new one that of its channel that has fewest."""
        known = self.known(key)
        if known is None:
            crowds = Counter(group for group, _ in (*self._open.values(), *self._meant.values()))
            known = chosen(self._groups, channel, crowds, up)
            self._meant[key] = (known, None)
        return known
