"""What the bot says arrives as it was said; what Telegram refuses is told in the house's words."""

import asyncio

import pytest
from aiogram.methods import SendMessage
from telegram_fakes import entry, telegram

from bot.channels import telegram_sender
from bot.channels.telegram_api import ApiFailed
from bot.channels.telegram_text import LIMIT
from bot.ports import ChannelBusy, ChatGone, ChatMoved, Press
from storage.records import Author

KEY = "telegram:7"


async def test_a_message_arrives_as_plain_text_without_a_preview_of_its_links() -> None:
    async with telegram() as world:
        text = "<b>Ann</b> *bold* _x_ [link](tg://user?id=1) & `code` https://shop.test {json} \\"
        await world.channel.deliver(KEY, entry(text))
        assert await world.server.customer().reads() == [text]
        sent = world.server.called("sendMessage")[0]
        assert isinstance(sent, SendMessage)
        assert (sent.entities, sent.link_preview_options.is_disabled) == (None, True)
        assert "parse_mode" not in sent.model_fields_set


async def test_buttons_come_back_with_what_they_carry_and_what_stood_on_them() -> None:
    async with telegram() as world:
        ann = world.server.customer()
        await world.channel.deliver(KEY, entry("Cancel it?", ("Yes, cancel it", "yes:3"), ("No", "no:3")))
        assert ann.buttons() == [["Yes, cancel it", "No"]]
        ann.press("No")
        assert (await world.door.has(1))[0].what == Press("no:3", "No")


async def test_short_buttons_share_a_row_and_long_ones_have_their_own() -> None:
    async with telegram() as world:
        labels = ["One", "Two", "Three", "Where is my refund, please?", "Five"]
        await world.channel.deliver(KEY, entry("What?", *((label, label) for label in labels)))
        assert world.server.customer().buttons() == [
            ["One", "Two"],
            ["Three"],
            ["Where is my refund, please?"],
            ["Five"],
        ]


async def test_a_button_that_carries_too_much_is_left_out_and_the_message_arrives(
    capsys: pytest.CaptureFixture[str],
) -> None:
    async with telegram() as world:
        choices = (("Fits", "é" * 32), ("Too much", "é" * 32 + "x"), ("Empty", ""))
        await world.channel.deliver(KEY, entry("What?", *choices))
        assert world.server.customer().buttons() == [["Fits"]]
    assert capsys.readouterr().out.count("telegram_button_left_out") == 2


async def test_a_long_text_arrives_whole_in_parts_with_the_buttons_below_the_last() -> None:
    async with telegram() as world:
        paragraphs = [f"{number} " + "😀 word " * 400 for number in range(4)]
        text = "\n\n".join(paragraphs)
        await world.channel.deliver(KEY, entry(text, ("Yes", "yes")))
        ann = world.server.customer()
        parts = await ann.reads(len(world.server.chats[7]))
        assert len(parts) > 1
        assert all(len(part.encode("utf-16-le")) // 2 <= LIMIT for part in parts)
        assert "".join("".join(parts).split()) == "".join(text.split())
        assert ann.buttons() == [["Yes"]]
        assert not any("reply_markup" in message for message in world.server.chats[7][:-1])


async def test_a_text_of_nothing_but_blanks_is_not_sent() -> None:
    async with telegram() as world:
        await world.channel.deliver(KEY, entry(" \n "))
        assert world.server.called("sendMessage") == []


async def test_half_a_surrogate_pair_does_not_stop_a_message() -> None:
    async with telegram() as world:
        await world.channel.deliver(KEY, entry("Ann\ud83d"))
        assert await world.server.customer().reads() == ["Ann�"]


async def test_a_text_interrupted_between_its_parts_goes_on_where_it_stopped() -> None:
    async with telegram() as world:
        text = "first " * 680 + "\n\n" + "second " * 580
        send = world.server._on_sendMessage

        async def then_fail(asked: SendMessage) -> object:
            world.server.fail("sendMessage", 502)
            return await send(asked)

        world.server._on_sendMessage = then_fail
        with pytest.raises(ApiFailed):
            await world.channel.deliver(KEY, entry(text))
        world.server._on_sendMessage = send
        await world.channel.deliver(KEY, entry(text))
        first, second = world.server.chats[7]
        assert str(first["text"]).startswith("first")
        assert str(second["text"]).startswith("second")


@pytest.mark.parametrize(
    ("status", "description"),
    [
        (403, "Forbidden: bot was blocked by the user"),
        (403, "Forbidden: user is deactivated"),
        (403, "Forbidden: bot can't initiate conversation with a user"),
        (400, "Bad Request: chat not found"),
        (400, "Bad Request: PEER_ID_INVALID"),
    ],
)
async def test_a_chat_that_cannot_be_reached_any_more_is_gone(status: int, description: str) -> None:
    async with telegram() as world:
        world.server.fail("sendMessage", status, description)
        with pytest.raises(ChatGone):
            await world.channel.deliver(KEY, entry("hello"))


async def test_a_group_that_moved_goes_on_under_its_new_key() -> None:
    async with telegram() as world:
        world.server.fail(
            "sendMessage", 400, "Bad Request: group chat was upgraded", migrate_to_chat_id=-1001
        )
        with pytest.raises(ChatMoved) as moved:
            await world.channel.deliver("telegram:-5", entry("hello"))
        assert moved.value.key == "telegram:-1001"


async def test_a_flood_is_told_with_its_time_and_the_chat_left_alone_meanwhile() -> None:
    async with telegram() as world:
        world.server.fail("sendMessage", 429, "Too Many Requests: retry after 13", retry_after=13)
        for _ in range(2):
            with pytest.raises(ChannelBusy) as busy:
                await world.channel.deliver(KEY, entry("hello"))
            assert busy.value.retry_after == pytest.approx(13, abs=0.5)
        assert len(world.server.called("sendMessage")) == 1
        await world.channel.deliver("telegram:8", entry("to another"))


@pytest.mark.parametrize("status", [400, 401, 404, 409, 500, 502])
async def test_any_other_trouble_is_an_error_to_try_again_after(status: int) -> None:
    async with telegram() as world:
        world.server.fail("sendMessage", status)
        with pytest.raises(ApiFailed, match="sendMessage failed: Telegram"):
            await world.channel.deliver(KEY, entry("hello"))
        await world.channel.deliver(KEY, entry("hello"))
        assert len(world.server.chats[7]) == 1


async def test_the_typing_sign_is_shown() -> None:
    async with telegram() as world:
        await world.channel.typing(KEY)
        await world.server.until(lambda: world.server.called("sendChatAction"))
        assert world.server.called("sendChatAction")[0].action == "typing"


async def test_an_answer_that_comes_at_once_needs_no_typing_sign() -> None:
    async with telegram() as world:
        for _ in range(3):
            await world.channel.typing(KEY)
            await asyncio.sleep(0)
            await world.channel.deliver(KEY, entry("hello"))
        assert world.channel._sender._typing == {}
        assert world.server.called("sendChatAction") == []


@pytest.mark.parametrize("status", [400, 403, 429, 500])
async def test_the_typing_sign_never_raises(status: int) -> None:
    async with telegram() as world:
        world.server.fail("sendChatAction", status, **({"retry_after": 9} if status == 429 else {}))
        await world.channel.typing(KEY)
        await world.channel.typing("telegram:not-a-number")
        await world.server.until(lambda: world.server.called("sendChatAction"))


async def test_a_slow_typing_sign_delays_no_answer_and_does_not_come_after_it() -> None:
    async with telegram() as world:
        world.server.slow("sendChatAction", 10)
        async with asyncio.timeout(2):
            await world.channel.typing(KEY)
            await world.channel.typing(KEY)
            await world.server.until(lambda: world.server.called("sendChatAction"))
            await world.channel.deliver(KEY, entry("hello"))
        assert not world.channel._sender._typing
        assert len(world.server.called("sendChatAction")) == 1


async def test_an_answer_that_is_ready_still_leaves_after_the_stop() -> None:
    async with telegram() as world:
        await world.channel.stop()
        await world.channel.deliver(KEY, entry("Done: order 1042 is cancelled."))
        assert await world.server.customer().reads() == ["Done: order 1042 is cancelled."]


async def test_texts_half_sent_are_not_remembered_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(telegram_sender, "_HALF_SENT", 2)
    async with telegram() as world:
        text = "first " * 680 + "\n\n" + "second " * 580
        send = world.server._on_sendMessage

        async def then_fail(asked: SendMessage) -> object:
            world.server.fail("sendMessage", 502)
            return await send(asked)

        world.server._on_sendMessage = then_fail
        for chat in range(5):
            with pytest.raises(ApiFailed):
                await world.channel.deliver(f"telegram:{chat + 1}", entry(text))
        assert len(world.channel._sender._sent) <= 3


async def test_an_answer_leaves_before_reminders_that_wait() -> None:
    async with telegram() as world:
        ann = world.server.customer(99)
        ann.say("where is my order?")
        await world.door.has(1)
        reminders = [
            world.channel.deliver(f"telegram:{chat}", entry("Are you still there?")) for chat in range(1, 60)
        ]
        ends = await asyncio.gather(*reminders, return_exceptions=True)
        assert 10 < ends.count(None) < 30
        assert all(isinstance(end, ChannelBusy) for end in ends if end is not None)
        await world.channel.deliver(ann.key, entry("It is on its way."))
        await world.channel.deliver("telegram:61", entry("Kim here", author=Author.AGENT))
        assert await ann.reads() == ["It is on its way."]


async def test_no_chat_waits_for_another_ones_call() -> None:
    async with telegram() as world:
        world.server.slow_chat(7, 5)
        slow = asyncio.create_task(world.channel.deliver(KEY, entry("hello")))
        await world.server.until(lambda: world.server.called("sendMessage"))
        async with asyncio.timeout(2):
            for chat in range(8, 18):
                await world.channel.deliver(f"telegram:{chat}", entry("hello"))
        assert not slow.done()
        slow.cancel()
        await asyncio.gather(slow, return_exceptions=True)
