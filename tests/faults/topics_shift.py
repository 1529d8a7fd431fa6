"""Agents in topics of a Telegram group, and what must be true of their work in the end."""

import asyncio
import sqlite3
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from argon2 import PasswordHasher
from fault_reckoning import now
from fault_server import FaultServer, looked_into

from bot.assembly import open_ground
from bot.desk.accounts import Accounts
from bot.desk.links import Links
from bot.desk.passwords import Passwords
from bot.desk.service import operator
from bot.settings import Settings
from storage.desk_records import Role
from storage.records import Author
from storage.store import Store
from storage.topic_records import Topic as Kept
from tests.telegram_customer import Customer
from tests.telegram_groups import Forum, Member, Topic
from tests.telegram_server import TelegramServer

PATIENCE = 60.0


async def link_agents(
    folder: Path,
    server: FaultServer,
    telegram: TelegramServer,
    people: Mapping[str, int],
    password: str | None = None,
) -> dict[str, Member]:
    """Accounts, each linked to a person of the groups, made while nothing serves."""
    await (await Store.open(server.database)).close()
    settings = Settings(_env_file=None, data_dir=folder, database_url=server.database)  # type: ignore[call-arg]
    async with open_ground(settings) as ground:
        passwords = Passwords(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
        boss, accounts, links = operator("root", now()), Accounts(ground, passwords), Links(ground)
        for name, person in people.items():
            agent = await accounts.add(
                boss, login=name.lower(), name=name, role=Role.AGENT, password=password
            )
            await links.link(person, await links.code(boss, agent))
    return {name: telegram.member(person, name) for name, person in people.items()}


async def until(true: Callable[[], Awaitable[bool]], what: str) -> None:
    """Wait for what another process does."""
    try:
        async with asyncio.timeout(PATIENCE):
            while not await true():  # noqa: ASYNC110  another process does it
                await asyncio.sleep(0.05)
    except TimeoutError:
        raise AssertionError(f"it never came true: {what}") from None


@dataclass
class Desk:
    """One conversation: its customer, who answers it, who must not, and what each of them wrote."""

    telegram: TelegramServer
    customer: Customer
    owner: Member
    other: Member
    forum: Forum = field(init=False)
    topic: Topic = field(init=False)
    said: list[str] = field(default_factory=list)
    answers: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    @property
    def key(self) -> str:
        return self.customer.key

    def asks(self, text: str) -> None:
        self.customer.say(text)
        self.said.append(text)

    def answer(self, text: str) -> None:
        self.owner.writes(self.forum, self.topic, text)
        self.answers.append(text)

    def note(self, text: str, mark: str = "// ") -> None:
        self.owner.writes(self.forum, self.topic, f"{mark}{text}")
        self.notes.append(text)

    def command(self, text: str) -> None:
        self.owner.writes(self.forum, self.topic, text)

    def press(self, label: str) -> None:
        self.owner.presses(self.forum, self.topic, label)

    def intrude(self, text: str) -> None:
        self.other.writes(self.forum, self.topic, text)

    def sits_in(self, kept: Kept) -> None:
        """From now on in this topic."""
        self.forum = self.telegram.forums.by_id[kept.group]
        self.topic = self.forum.topics[kept.topic]

    def strays(self) -> list[Topic]:
        """Other topics of this conversation, in whatever group."""
        reference = self.topic.name.partition(" · ")[0]
        every = [topic for forum in self.telegram.forums.by_id.values() for topic in forum.topics.values()]
        return [one for one in every if one.name.startswith(reference) and one is not self.topic]

    def shows(self, *, closed: bool) -> bool:
        """Whether the topic shows all that happened, and every other one of this conversation is ended."""
        refused = f"▸ {self.other.person['first_name']}: {self.owner.person['first_name']} has this chat."
        told = (*(text for text in self.said if text.startswith("question")), refused)
        ended = all(stray.closed and "goes on in" in stray.whole for stray in self.strays())
        return ended and self.topic.closed is closed and all(text in self.topic.whole for text in told)

    def heard(self) -> list[str]:
        """What reached the customer."""
        return [str(message["text"]) for message in self.telegram.chats[self.customer.id]]


async def seat(server: FaultServer, desks: Sequence[Desk]) -> bool:
    """Whether every conversation has its topic, with a summary; each desk knows it then."""
    async with looked_into(server) as store:
        kept = [await store.topics.of(desk.key) for desk in desks]
    for desk, topic in zip(desks, kept, strict=True):
        if topic is None or topic.summary is None:
            return False
        desk.sits_in(topic)
    return True


def written(server: FaultServer) -> set[str]:
    """Every message and note that is kept, read from the file of a dead process."""
    connection = sqlite3.connect(server.database.removeprefix("sqlite:///"))
    try:
        rows = connection.execute("SELECT text FROM messages UNION ALL SELECT text FROM notes").fetchall()
    finally:
        connection.close()
    return {row[0] for row in rows}


def come_again(telegram: TelegramServer, kept: set[str]) -> int:
    """How many updates come again though what they say is kept already."""
    texts = [str(update.get("message", {}).get("text", "")) for update in telegram.updates]  # type: ignore[attr-defined]
    return sum(text.removeprefix("// ").removeprefix("/note ") in kept for text in texts)


async def check(store: Store, desk: Desk, acts: Counter[str]) -> None:
    """Everything of one conversation, exactly once."""
    entries = await store.entries(desk.key, 0, 1000)
    assert [entry.seq for entry in entries] == list(range(1, len(entries) + 1))
    assert [e.text for e in entries if e.author is Author.CUSTOMER] == desk.said
    assert [e.text for e in entries if e.author is Author.AGENT] == desk.answers
    kept = [note.text for note in await store.desk.notes(desk.key) if note.author]
    assert kept == desk.notes
    done = Counter(entry.act for entry in await store.desk.trail(desk.key))
    assert {act: done[act] for act in acts} == acts, (desk.key, done)
    for secret in (*desk.notes, "intruding"):
        assert not any(secret in e.text for e in entries)
        assert not any(secret in text for text in desk.heard())
    heard = Counter(desk.heard())
    assert all(heard[answer] >= 1 for answer in desk.answers)


def doubled(texts: Sequence[str], lines: Sequence[str]) -> int:
    """How many of these lines stand there more than once."""
    found = Counter(line.partition(": ")[2] or line for text in texts for line in text.splitlines())
    return sum(found[line] > 1 for line in lines)
