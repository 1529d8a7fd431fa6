"""By webhook: only Telegram is heard, and it is answered once the update is durable, never before."""

import asyncio
from io import BytesIO

import pytest
from aiohttp import ClientSession
from telegram_fakes import SECRET, World, telegram, webhook

from bot.channels.telegram import TelegramChannel, TelegramNotReady
from bot.ports import Overloaded, Press, Words

HEADER = "X-Telegram-Bot-Api-Secret-Token"
UPDATE = b'{"update_id": 1, "message": {"message_id": 1, "date": 1, "text": "hi"}}'


async def post(world: World, body: bytes | BytesIO, secret: str | None = SECRET) -> int:
    """The status of a post of somebody's own making."""
    headers = {} if secret is None else {HEADER: secret}
    async with (
        ClientSession() as client,
        client.post(str(world.settings.webhook_url), data=body, headers=headers) as answer,
    ):
        return answer.status


async def test_the_webhook_is_set_with_its_secret_and_the_kinds_we_serve() -> None:
    async with webhook() as world:
        asked = world.server.called("setWebhook")[0]
        assert asked.url == world.settings.webhook_url
        assert asked.secret_token == SECRET
        assert asked.allowed_updates == ["message", "edited_message", "callback_query", "my_chat_member"]
        assert asked.max_connections == 40
        assert asked.drop_pending_updates is None
        assert world.server.called("getWebhookInfo")
        await world.channel.check()


async def test_by_polling_no_route_is_served() -> None:
    async with telegram(start=False) as world:
        assert world.channel.routes() == []


async def test_an_update_is_answered_only_once_it_is_durable_and_with_nothing_inside() -> None:
    async with webhook() as world:
        ann = world.server.customer()
        world.door.gates[ann.key] = asyncio.Event()
        id_ = ann.say("cancel 1042")
        await world.door.was_asked(1)
        await asyncio.sleep(0.1)
        assert world.server.hook.posts == []
        world.door.gates[ann.key].set()
        await world.server.until(lambda: world.server.hook.posts)
        post = world.server.hook.posts[0]
        assert (post.update_id, post.status, post.body) == (id_, 200, "")
        assert [incoming.what for incoming in world.door.durable] == [Words("cancel 1042")]


@pytest.mark.parametrize("trouble", [Overloaded(), OSError("disk")])
async def test_an_update_that_was_not_taken_is_asked_for_again(trouble: Exception) -> None:
    async with webhook() as world:
        ann = world.server.customer()
        world.door.failures[ann.key].extend([trouble, trouble])
        ann.say("one")
        ann.say("two")
        await world.door.has(2)
        await world.server.until(lambda: len(world.server.hook.posts) == 4)
        posts = world.server.hook.posts
        assert [post.status for post in posts] == [503, 503, 200, 200]
        assert all(int(post.retry_after or 0) > 0 for post in posts[:2])
        assert [incoming.what for incoming in world.door.durable] == [Words("one"), Words("two")]


async def test_an_update_posted_again_after_the_time_limit_carries_the_same_id() -> None:
    async with webhook(webhook_limit=0.2) as world:
        ann = world.server.customer()
        world.door.gates[ann.key] = asyncio.Event()
        ann.say("cancel 1042")
        await world.door.was_asked(2)
        world.door.gates[ann.key].set()
        await world.server.until(lambda: any(post.status == 200 for post in world.server.hook.posts))
        assert world.server.hook.posts[0].status == 0
        assert world.door.asked[0] == world.door.asked[1]
        assert len(world.door.durable) == 1


@pytest.mark.parametrize("secret", [None, "", "wrong", SECRET + "x", SECRET[:-1], "s\u00e9cret"])
async def test_a_post_without_the_secret_is_refused_and_the_door_is_untouched(secret: str | None) -> None:
    async with webhook() as world:
        assert await post(world, UPDATE, secret) == 401
        assert world.door.asked == []


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"\xff\xfe", b"[]", b"null", b'{"message": {}}', b'{"update_id": "1"}', b"[" * 100_000],
)
async def test_a_malformed_post_is_refused_and_its_content_stays_out_of_the_log(
    body: bytes, capsys: pytest.CaptureFixture[str]
) -> None:
    async with webhook() as world:
        assert await post(world, body) == 400
        assert world.door.asked == []
    out = capsys.readouterr().out
    assert "telegram_post_malformed" in out
    assert "[[[" not in out


async def test_an_update_we_cannot_read_is_not_asked_for_again() -> None:
    async with webhook() as world:
        assert await post(world, b'{"update_id": 5, "message": {"message_id": "x"}}') == 200
        assert await post(world, b'{"update_id": 6, "invention_of_2031": {}}') == 200
        assert world.door.asked == []


async def test_a_post_beyond_all_measure_is_refused() -> None:
    async with webhook() as world:
        assert await post(world, BytesIO(b'"' + b"x" * (1 << 20) + b'"')) == 413


async def test_a_press_is_answered_by_a_call_of_its_own() -> None:
    async with webhook() as world:
        world.server.customer().press_value("yes:3")
        await world.server.until(lambda: world.server.called("answerCallbackQuery"))
        assert [incoming.what for incoming in world.door.durable] == [Press("yes:3", "yes:3")]
        assert world.server.hook.posts[0].body == ""


async def test_a_slow_chat_does_not_delay_another() -> None:
    async with webhook() as world:
        ann, bob = world.server.customer(), world.server.customer(8)
        world.door.gates[ann.key] = asyncio.Event()
        ann.say("slow")
        await world.door.was_asked(1)
        bob.say("quick")
        await world.door.has(1, seconds=2)
        world.door.gates[ann.key].set()
        await world.door.has(2)


async def test_stopping_finishes_what_was_taken_in_and_takes_no_more() -> None:
    async with webhook() as world:
        ann = world.server.customer()
        world.door.gates[ann.key] = asyncio.Event()
        ann.say("cancel 1042")
        await world.door.was_asked(1)
        stopping = asyncio.create_task(world.channel.stop())
        await asyncio.sleep(0.05)
        assert not stopping.done()
        assert await post(world, UPDATE) == 503
        world.door.gates[ann.key].set()
        await stopping
        assert len(world.door.durable) == 1
        assert world.server.hook.url == world.settings.webhook_url


async def test_before_the_start_telegram_is_asked_to_come_again() -> None:
    async with webhook(start=False) as world:
        assert await post(world, UPDATE) == 503


async def test_a_webhook_url_that_telegram_refuses_stops_the_start_with_its_reason() -> None:
    async with webhook(start=False) as world:
        world.server.fail("setWebhook", 400, "Bad Request: bad webhook: failed to resolve host")
        with pytest.raises(TelegramNotReady, match=r"TELEGRAM_WEBHOOK_URL.*failed to resolve host"):
            await world.channel.start(world.door)


async def test_a_webhook_that_somebody_else_changed_at_once_stops_the_start() -> None:
    async with webhook(start=False) as world:
        ours = world.server._on_setWebhook

        async def theirs(asked: object) -> bool:
            done = await ours(asked)
            world.server.hook.url = "https://other.test/hook"
            return done

        world.server._on_setWebhook = theirs
        with pytest.raises(TelegramNotReady, match="another program"):
            await world.channel.start(world.door)


async def test_a_webhook_that_cannot_be_set_yet_is_set_later() -> None:
    async with webhook(start=False) as world:
        world.server.fail("setWebhook", 502, times=3)
        await world.channel.start(world.door)
        with pytest.raises(TelegramNotReady, match="tried again"):
            await world.channel.check()
        world.server.customer().say("hello")
        await world.door.has(1)
        await world.server.until(lambda: world.server.menus)
        await world.channel.check()


async def test_the_same_words_mean_the_same_by_polling_and_by_webhook() -> None:
    received: list[list[object]] = []
    for form in (telegram, webhook):
        async with form() as world:
            assert isinstance(world.channel, TelegramChannel)
            ann = world.server.customer(first_name="Ann", language="es")
            ann.say("/start 1042")
            ann.say("hola")
            ann.edit("hola, cancelar")
            ann.sticker()
            ann.press_value("no:1")
            received.append(list(await world.door.has(5)))
    assert received[0] == received[1]
