"""Mounted in a shop's own bot: what is ours is claimed and durable, everything else is left to the shop."""

import asyncio

import pytest
from telegram_fakes import MOUNT_SECRET, entry, mounted

from bot.channels.telegram import TelegramNotReady
from bot.ports import Language, Open, Overloaded, Press, Wordless, Words
from dialogs.events import Unreadable

CLAIMED = (200, {"claimed": True, "open": 0})
LEFT = (200, {"claimed": False, "open": 0})


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("/support", Open()),
        ("/support 1042", Open("1042")),
        ("/start support", Open()),
        ("/start support-1042", Open("1042")),
        ("/cancel", Press("intent:cancel", "/cancel")),
        ("/cancel_order", Press("intent:cancel", "/cancel_order")),
        ("/order_status", Press("intent:order_status", "/order_status")),
        ("/refund_status", Press("intent:refund_status", "/refund_status")),
        ("/human@RescindTestBot", Press("intent:human", "/human")),
        ("/language es", Language("es")),
    ],
)
async def test_a_command_of_ours_is_claimed(text: str, what: object) -> None:
    async with mounted() as host:
        assert await host.post(host.server.customer().say(text)) == CLAIMED
        assert [incoming.what for incoming in host.door.durable] == [what]


@pytest.mark.parametrize(
    "text",
    ["/start", "/start 1042", "/start supporters", "/start support-", "/catalogue", "/cancel@OtherBot", "hi"],
)
@pytest.mark.parametrize("open_for", [0, 900])
async def test_what_is_the_shops_is_left_to_the_shop(text: str, open_for: int) -> None:
    async with mounted() as host:
        ann = host.server.customer()
        host.chats.open[ann.key] = open_for
        ours = open_for > 0 and text == "hi"
        assert await host.post(ann.say(text)) == (200, {"claimed": ours, "open": open_for})
        assert len(host.door.asked) == ours


async def test_what_a_customer_writes_is_ours_while_their_chat_is_open() -> None:
    async with mounted() as host:
        ann, bob = host.server.customer(), host.server.customer(8)
        host.chats.open[ann.key] = 900
        assert await host.post(ann.say("1042")) == (200, {"claimed": True, "open": 900})
        assert await host.post(ann.edit("1043")) == (200, {"claimed": True, "open": 900})
        assert await host.post(ann.sticker()) == (200, {"claimed": True, "open": 900})
        assert await host.post(bob.say("1042")) == LEFT
        assert [incoming.what for incoming in host.door.durable] == [
            Words("1042"),
            Words("1043", edited=True),
            Wordless(Unreadable.STICKER),
        ]


async def test_an_edited_command_of_the_shops_is_left_to_the_shop() -> None:
    async with mounted() as host:
        ann = host.server.customer()
        host.chats.open[ann.key] = 900
        ann.say("/catalog")
        assert (await host.post(ann.edit("/catalogue")))[1] == {"claimed": False, "open": 900}


async def test_all_of_an_album_is_ours_though_it_is_answered_once() -> None:
    async with mounted() as host:
        ann = host.server.customer()
        host.chats.open[ann.key] = 900
        for _ in range(3):
            assert (await host.post(ann.photo(album="a1")))[1] == {"claimed": True, "open": 900}
        assert len(host.door.durable) == 1


async def test_a_payment_is_the_shops_though_the_chat_is_open() -> None:
    async with mounted() as host:
        ann = host.server.customer()
        host.chats.open[ann.key] = 900
        paid = {
            "currency": "EUR", "total_amount": 100, "invoice_payload": "x",
            "telegram_payment_charge_id": "t", "provider_payment_charge_id": "p",
        }  # fmt: skip
        assert (await host.post(ann.send(successful_payment=paid)))[1] == {"claimed": False, "open": 900}
        assert host.door.asked == []


async def test_a_button_of_ours_is_known_by_its_mark_and_one_of_the_shops_is_not_even_answered() -> None:
    async with mounted() as host:
        ann = host.server.customer()
        host.chats.open[ann.key] = 900
        await host.channel.deliver(ann.key, entry("Cancel it?", ("Yes", "yes:3"), ("No", "no:3")))
        shown = host.server.chats[7][0]["reply_markup"]["inline_keyboard"][0]  # type: ignore[index]
        assert [button["callback_data"] for button in shown] == ["rsd:yes:3", "rsd:no:3"]
        assert await host.post(ann.press_value("yes:3")) == (200, {"claimed": False, "open": 900})
        assert host.server.called("answerCallbackQuery") == []
        assert (await host.post(ann.press("Yes")))[1] == {"claimed": True, "open": 900}
        await host.server.until(lambda: host.server.called("answerCallbackQuery"))
        assert [incoming.what for incoming in host.door.durable] == [Press("yes:3", "Yes")]


async def test_a_button_that_fits_with_its_mark_only_just_is_sent_and_a_longer_one_left_out() -> None:
    async with mounted() as host:
        await host.channel.deliver("telegram:7", entry("Which?", ("Fits", "x" * 60), ("Does not", "x" * 61)))
        assert host.server.customer().buttons() == [["Fits"]]


async def test_an_update_that_comes_again_is_claimed_again_though_it_ended_the_conversation() -> None:
    async with mounted() as host:
        ann = host.server.customer()
        host.chats.open[ann.key] = 900
        id_ = ann.say("no thanks")
        assert (await host.post(id_))[1] == {"claimed": True, "open": 900}
        host.chats.open.clear()
        assert await host.post(id_) == CLAIMED
        assert len(host.door.durable) == 1


async def test_a_post_is_answered_only_once_the_update_is_durable() -> None:
    async with mounted() as host:
        ann = host.server.customer()
        host.door.gates[ann.key] = asyncio.Event()
        posting = asyncio.create_task(host.post(ann.say("/support")))
        await host.door.was_asked(1)
        await asyncio.sleep(0.05)
        assert not posting.done()
        host.door.gates[ann.key].set()
        assert await posting == CLAIMED


@pytest.mark.parametrize("trouble", [Overloaded(), OSError("disk")])
async def test_an_update_that_was_not_taken_is_asked_for_again(trouble: Exception) -> None:
    async with mounted() as host:
        ann = host.server.customer()
        host.door.failures[ann.key].append(trouble)
        id_ = ann.say("/support")
        assert (await host.post(id_))[0] == 503
        assert await host.post(id_) == CLAIMED


@pytest.mark.parametrize("secret", [None, "", "wrong", MOUNT_SECRET + "x", MOUNT_SECRET[:-1], "s\u00e9cret"])
async def test_without_the_secret_nothing_is_read_and_nothing_told(secret: str | None) -> None:
    async with mounted() as host:
        assert (await host.post(host.server.customer().say("/support"), secret))[0] == 401
        assert (await host.ask("GET", "/telegram/chats", secret))[0] == 401
        assert host.door.asked == []


async def test_another_scheme_than_bearer_is_refused() -> None:
    async with mounted() as host:
        headers = {"Authorization": f"Basic {MOUNT_SECRET}"}
        async with host.client.get(f"{host.url}/telegram/chats", headers=headers) as answer:
            assert answer.status == 401


async def test_a_host_that_starts_is_told_which_chats_are_open() -> None:
    async with mounted() as host:
        host.chats.open |= {"telegram:7": 900, "telegram:8": 604800, "web:5f0c": 900}
        assert await host.ask("GET", "/telegram/chats") == (200, {"open": {"7": 900, "8": 604800}})


async def test_the_bots_menu_webhook_and_polling_stay_the_shops() -> None:
    async with mounted() as host:
        assert {call.method for call in host.server.calls} == {"getMe"}
        await host.channel.check()


async def test_before_the_start_and_after_the_stop_the_host_is_asked_to_come_again() -> None:
    async with mounted(start=False) as host:
        id_ = host.server.customer().say("/support")
        assert (await host.post(id_))[0] == 503
        assert (await host.ask("GET", "/telegram/chats"))[0] == 503
        await host.channel.start(host.door)
        assert await host.post(id_) == CLAIMED
        await host.channel.stop()
        assert (await host.post(id_))[0] == 503


@pytest.mark.parametrize(
    "body",
    [
        [],
        None,
        7,
        "x",
        {"message": {}},
        {"update_id": "1"},
        {"update_id": 1, "message": {"text": "/support"}},
    ],
)
async def test_what_cannot_be_read_is_never_claimed(body: object) -> None:
    async with mounted() as host:
        status, told = await host.ask("POST", "/telegram/updates", MOUNT_SECRET, body)
        assert status == 400 or told == {"claimed": False, "open": None}
        assert host.door.asked == []


async def test_a_group_of_the_shops_is_left_alone() -> None:
    async with mounted() as host:
        group = host.server.customer(-5, chat_type="group")
        assert await host.post(group.say("/support")) == (200, {"claimed": False, "open": None})
        assert await host.post(group.press_value("yes:3")) == (200, {"claimed": False, "open": None})


async def test_a_refused_token_stops_the_start() -> None:
    async with mounted(start=False) as host:
        host.server.fail("getMe", 401, "Unauthorized")
        with pytest.raises(TelegramNotReady, match="TELEGRAM_BOT_TOKEN"):
            await host.channel.start(host.door)
