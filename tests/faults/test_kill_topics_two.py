"""Two processes with topics on one PostgreSQL: one polls and shows, the other goes on in its topics."""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from random import Random

import pytest
from desk_shift import PASSWORD, Worker
from fault_server import FaultServer, looked_into
from topics_shift import Desk, check, link_agents, seat, until

from tests.telegram_server import TOKEN, TelegramServer

pytestmark = [pytest.mark.faults, pytest.mark.xdist_group("faults"), pytest.mark.timeout(300)]

GROUPS = (-1001111111111, -1002222222222)
CHATS, LATE = 4, 2
PATIENCE = 60.0


def two(folder: Path, telegram: TelegramServer, database: str) -> tuple[FaultServer, FaultServer]:
    """Two servers over one database."""

    def server(name: str) -> FaultServer:
        (folder / name).mkdir()
        return FaultServer(
            folder / name,
            DATABASE_URL=database,
            DEMO_SHOP_PATH=str(folder / "shop.sqlite3"),
            SECRET_KEY="one secret for both of them, long enough",
            TELEGRAM_BOT_TOKEN=TOKEN,
            TELEGRAM_API_URL=telegram.url,
            TELEGRAM_DESK_GROUPS=",".join(map(str, GROUPS)),
        )

    return server("a"), server("b")


async def test_a_claim_in_one_process_shows_in_the_other_which_goes_on_in_its_topics(
    tmp_path: Path, postgres_url: str
) -> None:
    async with TelegramServer() as telegram:
        for group in GROUPS:
            telegram.forums.add(group)
        first, second = two(tmp_path, telegram, postgres_url)
        people = {"Kim": 501, "Lee": 502}
        kim, lee = (await link_agents(tmp_path, first, telegram, people, PASSWORD)).values()
        every = [Desk(telegram, telegram.customer(700 + n), kim, lee) for n in range(CHATS + LATE)]
        desks, late = every[:CHATS], every[CHATS:]
        console = Worker(second.url, "kim", Random(1))  # noqa: S311  which pauses
        try:
            for server in (first, second):
                await server.start()
                await server.ready()
            for desk in desks:
                desk.asks("/human")
            await until(lambda: seat(second, desks), "every conversation has its topic")
            assert "telegram_polling_stands_by" in second.log.read_text()
            assert "telegram_polling_stands_by" not in first.log.read_text()
            await work_at_both(telegram, desks, console)
            await die(telegram, first, desks, late)
            await go_on(telegram, second, desks, late)
        finally:
            await console.session.close()
            for server in (first, second):
                await server.stop()
        for server in (first, second):
            assert "telegram_conflict" not in server.log.read_text()
        await reckon(telegram, second, desks, late)


async def work_at_both(telegram: TelegramServer, desks: Sequence[Desk], console: Worker) -> None:
    """The second process serves the console, the first one the topics."""
    await console.signs_in()
    for desk in desks:
        assert await console.claims(desk.key)
    await shows(telegram, desks, "➤ Kim has this chat.")
    for desk in desks:
        await console.keeps_note(desk.key, f"secret of the console for {desk.key}")
        desk.notes.append(f"secret of the console for {desk.key}")
        desk.answer(f"answer in the topic to {desk.key}")
    await shows(telegram, desks, "🔒 Private note, Kim: secret of the console")


async def die(
    telegram: TelegramServer, first: FaultServer, desks: Sequence[Desk], late: Sequence[Desk]
) -> None:
    """The first one dies with agents' and customers' words on their way, and with topics half made."""
    telegram.slow("getUpdates", 0.3)
    telegram.linger("createForumTopic", 5.0)
    for desk in desks:
        desk.answer(f"answer to {desk.key}, while one dies")
        desk.asks(f"question of {desk.key}, while one dies")
        desk.intrude(f"intruding upon {desk.key}")
    await telegram.until(lambda: any("while one dies" in text for text in desks[0].heard()), PATIENCE)
    for desk in late:
        desk.asks("/human")
    await telegram.until(lambda: made(telegram) > CHATS, PATIENCE)
    await first.kill()
    telegram.slow("getUpdates", 0.0)
    telegram.linger("createForumTopic", 0.0)


async def go_on(
    telegram: TelegramServer, second: FaultServer, desks: Sequence[Desk], late: Sequence[Desk]
) -> None:
    """The second one takes over what was begun, and what comes."""
    for desk in desks:
        desk.note(f"secret in the topic for {desk.key}")
        desk.command("/release")
        desk.asks(f"question of {desk.key}, afterwards")
    await telegram.until(lambda: all(desk.shows(closed=False) for desk in desks), PATIENCE)
    await shows(telegram, desks, "Kim had to leave")
    await until(lambda: seat(second, [*desks, *late]), "those who came last have their topics")
    for desk in late:
        desk.answer(f"answer to {desk.key}, who came last")
    await shows(telegram, late, "➤ Kim has this chat.")
    strays = [stray for desk in late for stray in desk.strays()]
    await telegram.until(lambda: all(stray.closed for stray in strays), PATIENCE)


async def reckon(
    telegram: TelegramServer, second: FaultServer, desks: Sequence[Desk], late: Sequence[Desk]
) -> None:
    """Everything once, and in one topic each; one that was made twice is ended."""
    assert not any(desk.strays() for desk in desks)
    assert made(telegram) == len(desks) + len(late) + sum(len(desk.strays()) for desk in late)
    async with looked_into(second) as store:
        for desk in desks:
            await check(store, desk, Counter({"claim": 1, "put back": 1}))
        for desk in late:
            await check(store, desk, Counter({"claim": 1}))
        assert (await store.desk.verify()).broken == ()


def made(telegram: TelegramServer) -> int:
    """How many topics there are."""
    return sum(len(forum.topics) for forum in telegram.forums.by_id.values())


async def shows(telegram: TelegramServer, desks: Sequence[Desk], words: str) -> None:
    """Once every topic shows these words."""
    await telegram.until(lambda: all(words in desk.topic.whole for desk in desks), PATIENCE)
