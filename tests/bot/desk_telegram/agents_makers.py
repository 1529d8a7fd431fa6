"""The whole product in this process, customers and agents in Telegram at the emulated Bot API."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from pydantic import SecretStr

from bot.assembly import House, open_house, rules_of, understanding_of, utc_now
from bot.channels.telegram import TelegramChannel
from bot.channels.telegram_lease import Leases
from bot.channels.telegram_polling import Tempo
from bot.channels.telegram_settings import TelegramSettings
from bot.desk.links import Links
from bot.desk.service import operator
from bot.desk_telegram.door import TopicDesk, TopicSettings
from bot.desk_telegram.groups import Group
from bot.desk_telegram.pace import GroupPace
from bot.orders.demo import DemoShop
from bot.orders.demo_seed import seed
from bot.ports import Channel, Incoming, Reader, Words
from bot.settings import Settings
from storage.desk_records import Agent, Role
from tests.telegram_customer import Customer
from tests.telegram_groups import Forum, Member, Topic
from tests.telegram_server import TOKEN, TelegramServer

GROUP = -1001111111111
OTHER = -1002222222222
QUICK = Tempo(hold=5, first_pause=0.02, longest_pause=0.1, drain=2)
Json = dict[str, object]


@dataclass
class Time:
    """A clock that runs only while somebody waits."""

    now: float = 1_000.0

    def __call__(self) -> float:
        return self.now

    async def pause(self, seconds: float) -> None:
        self.now += seconds
        await asyncio.sleep(0)


@cache
def reader(folder: Path) -> Reader:
    """The product's own understanding, made once."""
    settings = settings_in(folder)
    return understanding_of(settings, rules_of(settings))


def settings_in(folder: Path, **more: object) -> Settings:
    return Settings(_env_file=None, data_dir=folder, guess_pause_seconds=0, **more)  # type: ignore[call-arg]


class Web:
    """A web chat without a browser: its customers fetch the transcript by themselves."""

    name = "web"
    fetches = True

    async def start(self, door: object) -> None:
        """Nobody connects."""

    async def stop(self) -> None:
        """Nobody is connected."""

    async def check(self) -> None:
        """Always well."""


class Standby:
    """Another process has the topics' lease."""

    async def take(self, name: str, seconds: float) -> bool:
        del seconds
        return not name.startswith("telegram-desk:")

    async def keep(self, name: str, seconds: float) -> None:
        """It is not ours."""

    async def leave(self, name: str) -> None:
        """It is not ours."""


@dataclass
class World:
    """Everything of one test."""

    house: House
    server: TelegramServer
    topics: TopicDesk
    time: Time
    forum: Forum
    boss: Agent
    read: dict[int, int] = field(default_factory=dict)

    async def agent(self, name: str, person: int, role: Role = Role.AGENT) -> tuple[Agent, Member]:
        """An agent, linked by a code sent in private."""
        agent = await self.house.desk.accounts.add(
            self.boss, login=name.lower(), name=name, role=role, password=None
        )
        member = self.server.member(person, name)
        code = await Links(self.house.desk.chats.ground).code(self.boss, agent)
        member.in_private(f"/link {code}")
        await self.until(lambda: any(f"You are {name} now" in each for each in self.private(person)))
        return agent, member

    def private(self, person: int) -> list[str]:
        return [str(message["text"]) for message in self.server.chats[person]]

    async def until(self, true: Callable[[], object]) -> None:
        try:
            await self.server.until(true, 10)
        except TimeoutError:
            shown = {
                topic.name: topic.texts
                for f in self.server.forums.by_id.values()
                for topic in f.topics.values()
            }
            raise AssertionError(f"it did not come true; shown: {shown}") from None

    async def shown(self, *words: str, topic: Topic | None = None, forum: Forum | None = None) -> Topic:
        """The topic, once all of these words stand in it."""

        def found() -> Topic | None:
            topics = [topic] if topic else list((forum or self.forum).topics.values())
            return next((one for one in topics if all(word in one.whole for word in words)), None)

        await self.until(found)
        result = found()
        assert result is not None
        return result

    async def settled(self) -> None:
        """Once all that happened until now has been shown."""
        for _ in range(3):
            await asyncio.sleep(0.25)  # changes gather for a fifth of a second
            await self.topics.idle()

    async def hears(self, customer: Customer, words: str) -> None:
        """Once the customer has been told this."""
        await self.until(lambda: any(words in text for text in self.texts(customer)))

    def texts(self, customer: Customer) -> list[str]:
        return [str(message["text"]) for message in self.server.chats[customer.id]]

    async def asks_for_a_person(self, chat: int = 7, **person: str) -> tuple[Customer, Topic]:
        """A customer in Telegram who wants a person, and their topic."""
        customer = self.server.customer(chat, **person)
        known = set(self.forum.topics)
        customer.say("/human")
        await self.hears(customer, "referen")
        await self.until(lambda: any(t.messages for id_, t in self.forum.topics.items() if id_ not in known))
        return customer, next(t for id_, t in self.forum.topics.items() if id_ not in known)

    async def matched(self, number: str = "1005") -> tuple[Customer, Topic]:
        """A customer whose order is known, and who wants a person."""
        order = await self.house.backend.find(number)
        assert order is not None
        customer = self.server.customer(7)
        customer.say(f"cancel order {number}, {order.email}")
        await self.until(lambda: len(self.texts(customer)) > 0)
        return await self.asks_for_a_person()

    async def web_customer(self, key: str = "web:1", words: str = "I want to talk to a person") -> str:
        """A customer of the web chat who wants a person."""
        await self.house.reception.receive(Incoming(key, "1", Words(words), name="Wim"))
        return key

    async def transcript(self, key: str) -> list[str]:
        return [entry.text for entry in await self.house.store.entries(key)]

    async def holder(self, key: str) -> str | None:
        return await self.house.desk.chats.ground.holder(key)


@asynccontextmanager
async def product(
    folder: Path,
    server: TelegramServer,
    *,
    groups: Sequence[Group] = (Group(GROUP),),
    time: Time | None = None,
    desk_bot: TelegramServer | None = None,
    leases: Leases | None = None,
    patience: float = 0,
    erasing: float = 20,
) -> AsyncIterator[World]:
    """The product over what `folder` holds; `desk_bot` is another Bot API server, for a bot of the desk's."""
    own = TelegramSettings(token=SecretStr(TOKEN), api_url=server.url)
    desks = own if desk_bot is None else TelegramSettings(token=SecretStr(TOKEN), api_url=desk_bot.url)
    clock = time or Time()
    made: list[TopicDesk] = []

    def channels(house: House) -> list[Channel]:
        topics = TopicDesk(
            TopicSettings(
                tuple(groups),
                desks,
                desk_bot is None,
                QUICK,
                lambda: GroupPace(clock, clock.pause),
                patience,
                erasing,
            ),
            desk=house.desk,
            store=house.store,
            rules=house.rules,
            speech=house.desk.orders.speech,
            clock=utc_now,
            leases=leases,
        )
        made.append(topics)
        telegram = TelegramChannel(own, tempo=QUICK, aside=topics.of_customers())
        return [topics, Web(), telegram]  # type: ignore[list-item]

    async with open_house(settings_in(folder), channels, understanding=reader(folder)) as house:
        assert isinstance(house.backend, DemoShop)
        await seed(house.backend)
        boss = operator("root", utc_now(), "Boss")
        forum = (desk_bot or server).forums.by_id[groups[0].id]
        yield World(house, desk_bot or server, made[0], clock, forum, boss)
