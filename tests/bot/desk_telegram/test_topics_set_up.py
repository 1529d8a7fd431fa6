"""Setting the groups up: what is wrong is said from the start, with what to do, and stops nothing else."""

import asyncio
import re
from pathlib import Path

import pytest
from agents_makers import GROUP, OTHER, World, product, settings_in
from aiohttp import ClientSession
from hypothesis import given
from hypothesis import strategies as st
from structlog.testing import capture_logs

from bot import doctor
from bot.assembly import utc_now
from bot.desk.links import Links
from bot.desk_telegram.checks import TopicsNotReady
from bot.desk_telegram.groups import Group, chosen, groups_of
from bot.findings import State
from bot.serving import serving, telegram_settings, topic_settings
from bot.settings import Settings, SettingsInvalid
from storage.store import Store
from tests.program import rescind
from tests.telegram_groups import Forum
from tests.telegram_server import TOKEN, TelegramServer

ALL_WRONG = {
    "switch on Topics": {"is_forum": False},
    "make the bot an administrator": {"rights": None},
    "give the bot the right “Manage topics”$": {"rights": ("can_pin_messages",)},
    "give the bot the right “Pin messages”$": {"rights": ("can_manage_topics",)},
    "“Manage topics and Pin messages”$": {"rights": ()},
}


@pytest.mark.parametrize(("remedy", "group"), ALL_WRONG.items())
async def test_a_group_that_is_not_ready_is_told_with_the_remedy_and_begins_once_it_is(
    tmp_path: Path, remedy: str, group: dict[str, object]
) -> None:
    async with TelegramServer() as server:
        server.forums.add(GROUP, **group)
        with capture_logs() as logs:
            async with product(tmp_path, server) as world:
                words = rf"TELEGRAM_DESK_GROUPS: “Agents” \({GROUP}\).*{remedy}"
                with pytest.raises(TopicsNotReady, match=words):
                    await world.topics.check()
                assert re.search(words, next(log["error"] for log in logs if log["log_level"] == "error"))
                world.forum = server.forums.add(GROUP)
                await world.asks_for_a_person()
                await world.topics.check()


async def test_the_doctor_looks_at_the_groups(tmp_path: Path, server: TelegramServer) -> None:
    groups = {"telegram_desk_groups": str(GROUP), "telegram_bot_token": TOKEN, "telegram_api_url": server.url}
    settings = settings_in(tmp_path, **groups)
    assert [found.state for found in await doctor._topics(settings)] == [State.OK]
    assert await doctor._topics(settings_in(tmp_path)) == []
    server.forums.by_id[GROUP].rights = ()
    (found,) = await doctor._topics(settings)
    assert found.state is State.PROBLEM
    assert "give the bot the right" in found.words
    server.fail("getMe", 401, "Unauthorized")
    (found,) = await doctor._topics(settings)
    assert "copy it again from @BotFather" in found.words
    server.fail("getMe", 502, "Bad Gateway")
    (found,) = await doctor._topics(settings)
    assert "cannot be asked" in found.words


async def test_a_group_without_the_bot_stops_nobody_from_serving_customers(
    tmp_path: Path, server: TelegramServer
) -> None:
    async with product(tmp_path, server, groups=(Group(GROUP), Group(OTHER))) as world:
        with pytest.raises(TopicsNotReady, match=rf"the bot is not in {OTHER}.*administrator"):
            await world.topics.check()
        server.customer(7).say("hello")
        await server.until(lambda: server.chats[7])


async def test_while_telegram_cannot_be_reached_everything_else_starts_and_topics_follow(
    tmp_path: Path, server: TelegramServer
) -> None:
    server.fail("getChat", 502, "Bad Gateway", times=3)
    async with product(tmp_path, server) as world:
        with pytest.raises(TopicsNotReady, match="it is tried again"):
            await world.topics.check()
        await world.asks_for_a_person()
        await world.topics.check()


async def test_a_group_that_throws_the_bot_out_is_told_by_the_check(world: World) -> None:
    customer, topic = await world.asks_for_a_person()
    await world.settled()
    del world.server.forums.by_id[GROUP]
    await world.house.desk.chats.note(world.boss, customer.key, "anything")
    worker = next(iter(world.topics._workers.values()))
    await world.until(lambda: worker.trouble)
    with pytest.raises(TopicsNotReady, match=f"{GROUP} does not let the bot in"):
        await world.topics.check()
    world.server.forums.by_id[GROUP] = Forum(GROUP, topics={topic.id: topic})
    await world.shown("anything", topic=topic)
    await world.settled()
    await world.topics.check()


def test_groups_are_ids_with_the_channel_they_are_for() -> None:
    assert groups_of(" -1001111111111, -1002222222222 = web ") == (Group(GROUP), Group(OTHER, "web"))
    assert groups_of("") == ()
    for wrong in ("Agents", "1234567890", "-12345", f"{GROUP}=fax", f"{GROUP},{GROUP}", f"{GROUP}=web=web"):
        with pytest.raises(ValueError, match="begins with -100"):
            groups_of(wrong)


@given(st.text(max_size=60))
def test_whatever_is_set_is_groups_or_a_clear_word(text: str) -> None:
    try:
        found = groups_of(text)
    except ValueError as error:
        if "TELEGRAM_DESK_GROUPS" not in str(error):
            raise
    else:
        assert all(str(group.id) in text for group in found)


def test_a_conversation_goes_to_its_channels_group_then_to_the_emptiest_that_works() -> None:
    web, first, second = Group(-1, "web"), Group(-2), Group(-3)
    up = {-1, -2, -3}
    assert chosen((web, first), "web", {}, up) == -1
    assert chosen((web, first), "telegram", {}, up) == -2
    assert chosen((first, second), "web", {-2: 3, -3: 2}, up) == -3
    assert chosen((first, second), "web", {-2: 3, -3: 2}, {-2}) == -2
    assert chosen((web,), "telegram", {}, up) == -1  # better there than nowhere


def told(folder: Path, **more: object) -> tuple[object, Settings]:
    settings = settings_in(folder, **more)
    return topic_settings(settings, telegram_settings(settings)), settings


def test_the_groups_use_the_customers_bot_unless_it_is_not_ours_to_hear(tmp_path: Path) -> None:
    group, other = {"telegram_desk_groups": str(GROUP)}, "77:BBB"
    assert told(tmp_path)[0] is None
    shared = told(tmp_path, **group, telegram_bot_token=TOKEN)[0]
    assert isinstance(shared, tuple)
    assert shared[2] is True
    alone = told(tmp_path, **group, telegram_desk_bot_token=other)[0]
    assert isinstance(alone, tuple)
    assert (alone[1].bot_id, alone[2]) == ("77", False)
    with pytest.raises(SettingsInvalid, match="TELEGRAM_DESK_BOT_TOKEN: the groups"):
        told(tmp_path, **group)
    mounted = {"telegram_bot_token": TOKEN, "telegram_mode": "mounted", "telegram_mount_secret": "s" * 20}
    with pytest.raises(SettingsInvalid, match="TELEGRAM_DESK_BOT_TOKEN: the groups"):
        told(tmp_path, **group, **mounted)
    beside = told(tmp_path, **group, **mounted, telegram_desk_bot_token=other)[0]
    assert isinstance(beside, tuple)
    assert beside[2] is False
    with pytest.raises(SettingsInvalid, match="TELEGRAM_DESK_BOT_TOKEN is not a bot token"):
        told(tmp_path, **group, telegram_desk_bot_token="nonsense")
    with pytest.raises(SettingsInvalid, match="begins with -100"):
        told(tmp_path, telegram_desk_groups="agents", telegram_bot_token=TOKEN)


async def test_a_bot_of_the_desks_own_hears_and_shows(tmp_path: Path, server: TelegramServer) -> None:
    async with TelegramServer() as desk_bot:
        desk_bot.forums.add(GROUP)
        async with product(tmp_path, server, desk_bot=desk_bot) as world:
            _, kim = await world.agent("Kim", 501)
            stranger = desk_bot.member(666, "Mallory")
            stranger.in_private("cancel my order")
            await world.until(lambda: world.private(666))
            assert world.private(666)[0].startswith("This bot is for the people at the desk.")
            customer = server.customer(7)
            customer.say("/human")
            await server.until(lambda: server.chats[7])
            topic = await world.shown("Case: ")
            kim.writes(world.forum, topic, "Hello over there")
            await server.until(lambda: any("Hello over there" in str(m["text"]) for m in server.chats[7]))
            kim.sends_photo(world.forum, topic)
            await world.shown("not the customers' bot, so this photo was not sent", topic=topic)
            customer.photo()
            await world.shown("👤 Ann: [photo]", topic=topic)
            customer.say("one")
            customer.edit("two")
            await world.shown("👤 Ann (changed a message): two", topic=topic)
            assert desk_bot.called("copyMessages") == []


def as_served(folder: Path, server: TelegramServer) -> Settings:
    groups = {"telegram_desk_groups": str(GROUP), "telegram_bot_token": TOKEN, "telegram_api_url": server.url}
    return settings_in(folder, http_port=0, **groups)


async def readiness(port: int) -> tuple[int, str, set[tuple[str, str]]]:
    """What a load balancer sees; what whoever is woken reads; and the checks that failed, with their kind."""
    async with ClientSession() as client, client.get(f"http://127.0.0.1:{port}/readyz") as answer:
        found = await answer.json()
        return answer.status, found["status"], {each for each in found["checks"].items() if each[1] != "ok"}


async def test_the_product_as_it_is_served_has_its_topics(tmp_path: Path, server: TelegramServer) -> None:
    forum = server.forums.by_id[GROUP]
    async with serving(as_served(tmp_path, server)) as (house, _):
        names = list(house.channels)
        assert names.index("desk-telegram") < names.index("telegram")  # it hears from the first update on
        server.customer(7).say("/human")
        await server.until(lambda: forum.topics and forum.only.messages, 10)
        await house.channels["desk-telegram"].check()


async def test_a_start_without_the_group_takes_the_product_from_no_customer(
    tmp_path: Path, server: TelegramServer
) -> None:
    del server.forums.by_id[GROUP]
    async with serving(as_served(tmp_path, server)) as (_, port):
        assert await readiness(port) == (200, "degraded", SHUT)
        server.customer(8).say("hello")
        await server.until(lambda: server.chats[8])


SHUT = {("desk-telegram", "TopicsNotReady")}


async def test_a_group_that_throws_the_bot_out_takes_the_product_from_no_customer(
    tmp_path: Path, server: TelegramServer
) -> None:
    async with serving(as_served(tmp_path, server)) as (_, port), asyncio.timeout(20):
        assert await readiness(port) == (200, "ok", set())
        del server.forums.by_id[GROUP]
        server.customer(7).say("/human")
        while (found := await readiness(port)) == (200, "ok", set()):
            pass  # the group is written to only now
        assert found == (200, "degraded", SHUT)
        server.customer(8).say("hello")
        await server.until(lambda: server.chats[8])


async def test_while_nobody_says_how_a_group_is_customers_are_served(
    tmp_path: Path, server: TelegramServer
) -> None:
    server.fail("getChat", 502, "Bad Gateway", times=100)
    async with serving(as_served(tmp_path, server)) as (_, port):
        assert await readiness(port) == (200, "degraded", SHUT)
        server.customer(7).say("hello")
        await server.until(lambda: server.chats[7])


async def test_without_the_customers_own_bot_it_is_not_ready_though_the_groups_are_well(
    tmp_path: Path, server: TelegramServer
) -> None:
    async with serving(as_served(tmp_path, server)) as (_, port):
        server.fail("getMe", 502, "Bad Gateway", times=100)
        status, said, failed = await readiness(port)
        assert (status, said) == (503, "not ready")
        assert {name for name, _ in failed} == {"telegram"}


async def test_a_code_from_the_command_line_links(tmp_path: Path, sqlite_url: str) -> None:
    await (await Store.open(sqlite_url)).close()
    variables = {"DATABASE_URL": sqlite_url}
    assert (await rescind(tmp_path, "agents", "add", "kim", "--no-password", **variables)).code == 0
    printed = await rescind(tmp_path, "agents", "link", "kim", **variables)
    code = re.findall(r"^/link (\S{16})$", printed.out, re.MULTILINE)
    assert len(code) == 1
    assert (await rescind(tmp_path, "agents", "link", "nobody", **variables)).code == 1
    store = await Store.open(sqlite_url)
    from desk_makers import house_over  # noqa: PLC0415  a desk over what the command wrote

    links = Links(house_over(store).ground)
    links.ground.clock.now = utc_now()  # type: ignore[attr-defined]  # the command's time
    assert (await links.link(501, code[0])).login == "kim"
    await store.close()
    assert (
        "is nobody in Telegram now" in (await rescind(tmp_path, "agents", "unlink", "kim", **variables)).out
    )
    assert "was nobody in Telegram" in (await rescind(tmp_path, "agents", "unlink", "kim", **variables)).out
