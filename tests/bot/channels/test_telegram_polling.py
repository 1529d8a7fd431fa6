"""By polling: nothing is confirmed before it is durable, nothing waits for another chat, nothing is lost."""

import asyncio
from dataclasses import replace

import pytest
from telegram_fakes import QUICK, Door, settings_for, telegram

from bot.channels.telegram import TelegramChannel, TelegramNotReady
from bot.channels.telegram_polling import Poller
from bot.ports import Channel, Overloaded, Press, Words
from dialogs.events import Unreadable
from tests.telegram_server import BOT, TOKEN, TelegramServer


def said(door: Door, key: str = "telegram:7") -> list[str]:
    """The texts that are durable, in order."""
    return [i.what.text for i in door.durable if i.key == key and isinstance(i.what, Words)]


async def test_the_channel_is_one_that_is_sent_to() -> None:
    async with telegram() as world:
        channel: Channel = world.channel
        assert (channel.name, channel.fetches) == ("telegram", False)
        await channel.check()


async def test_an_update_is_confirmed_only_once_it_is_durable() -> None:
    async with telegram() as world:
        world.door.gates["telegram:7"] = asyncio.Event()
        id_ = world.server.customer().say("cancel 1042")
        await world.door.was_asked(1)
        asked = len(world.server.called("getUpdates"))
        await world.server.until(lambda: len(world.server.called("getUpdates")) >= asked + 3)
        assert world.server.confirmed_to <= id_
        world.door.gates["telegram:7"].set()
        await world.server.until(lambda: world.server.confirmed_to > id_)
        assert len(world.door.asked) == 1


async def test_quick_messages_of_one_chat_arrive_in_order() -> None:
    async with telegram() as world:
        ann, bob = world.server.customer(), world.server.customer(8)
        for number in range(20):
            ann.say(f"a{number}")
            bob.say(f"b{number}")
        await world.door.has(40)
        assert said(world.door) == [f"a{number}" for number in range(20)]
        assert said(world.door, bob.key) == [f"b{number}" for number in range(20)]


async def test_order_is_kept_when_the_door_is_overloaded_for_a_while() -> None:
    async with telegram() as world:
        world.door.failures["telegram:7"].extend([Overloaded(), Overloaded(), OSError("disk")])
        ann = world.server.customer()
        for text in ("one", "two", "three"):
            ann.say(text)
        await world.door.has(3)
        assert said(world.door) == ["one", "two", "three"]


async def test_a_slow_chat_does_not_delay_another() -> None:
    async with telegram() as world:
        world.door.gates["telegram:7"] = asyncio.Event()
        world.server.customer().say("slow")
        await world.door.was_asked(1)
        bob = world.server.customer(8)
        for number in range(5):
            bob.say(str(number))
            await world.door.has(number + 1, seconds=2)
        assert said(world.door) == []
        world.door.gates["telegram:7"].set()
        await world.door.has(6)


async def test_an_update_that_fails_while_others_succeed_is_given_up_in_the_end(
    capsys: pytest.CaptureFixture[str],
) -> None:
    async with telegram() as world:
        ann, bob = world.server.customer(), world.server.customer(8)
        world.door.failures[ann.key].extend([ValueError("no")] * 100)
        bad = ann.say("poison")
        async with asyncio.timeout(10):
            while world.server.confirmed_to <= bad:
                bob.say("hello")
                await asyncio.sleep(0.05)
        world.door.failures.clear()
        ann.say("again")
        await world.server.until(lambda: said(world.door) == ["again"])
    assert capsys.readouterr().out.count("telegram_update_given_up") == 1


async def test_an_update_that_fails_while_nothing_succeeds_is_kept() -> None:
    async with telegram() as world:
        ann = world.server.customer()
        world.door.failures[ann.key].extend([OSError("database is gone")] * 12)
        ann.say("cancel 1042")
        await world.door.has(1)
        assert said(world.door) == ["cancel 1042"]


async def test_a_restart_takes_up_what_was_not_durable_and_nothing_else() -> None:
    async with TelegramServer() as server:
        ann = server.customer()
        settings = settings_for(server)
        first = TelegramChannel(settings, tempo=QUICK)
        door = Door()
        await first.start(door)
        ann.say("one")
        await door.has(1)
        await first.stop()
        two = ann.say("two")
        second, door = TelegramChannel(settings, tempo=QUICK), Door()
        await second.start(door)
        await door.has(1)
        await second.stop()
        assert said(door) == ["two"]
        assert server.confirmed_to == two + 1


async def test_an_update_delivered_twice_carries_the_same_id() -> None:
    async with telegram() as world:
        world.door.gates["telegram:7"] = asyncio.Event()
        world.server.customer().say("cancel 1042")
        await world.door.was_asked(1)
        world.server.fail("getUpdates", 502, times=1000)
        world.door.gates["telegram:7"].set()
        await world.channel.stop()
        world.server._faults.clear()
        again = TelegramChannel(world.settings, tempo=QUICK)
        await again.start(world.door)
        await world.door.was_asked(2)
        await again.stop()
        assert world.door.asked[0] == world.door.asked[1]
        assert len(world.door.durable) == 1


async def test_stopping_finishes_what_was_taken_in_and_confirms_it() -> None:
    async with telegram() as world:
        world.door.gates["telegram:7"] = asyncio.Event()
        id_ = world.server.customer().say("cancel 1042")
        await world.door.was_asked(1)
        stopping = asyncio.create_task(world.channel.stop())
        await asyncio.sleep(0.05)
        assert not stopping.done()
        world.door.gates["telegram:7"].set()
        await stopping
        assert said(world.door) == ["cancel 1042"]
        assert world.server.confirmed_to == id_ + 1


async def test_stopping_does_not_wait_for_ever_and_leaves_the_rest_to_the_next_start() -> None:
    async with TelegramServer() as server:
        channel, door = TelegramChannel(settings_for(server), tempo=replace(QUICK, drain=0.1)), Door()
        await channel.start(door)
        door.gates["telegram:7"] = asyncio.Event()
        id_ = server.customer().say("stuck")
        await door.was_asked(1)
        await channel.stop()
        assert server.confirmed_to <= id_
        assert [update["update_id"] for update in server.updates] == [id_]


async def test_a_webhook_left_set_is_removed_and_what_waits_for_it_is_kept() -> None:
    async with telegram(start=False) as world:
        world.server.hook.url = "https://old.test/hook"
        world.server.customer().say("waiting")
        await world.channel.start(world.door)
        await world.door.has(1)
        assert world.server.hook.url == ""


async def test_only_the_kinds_we_serve_are_asked_for() -> None:
    async with telegram() as world:
        await world.server.until(lambda: world.server.called("getUpdates"))
        asked = world.server.called("getUpdates")[0].allowed_updates
        assert asked == ["message", "edited_message", "callback_query", "my_chat_member"]


async def test_another_poller_is_reported_and_polling_goes_on_afterwards(
    capsys: pytest.CaptureFixture[str],
) -> None:
    async with telegram() as world:
        await world.server.until(lambda: world.server.called("getUpdates"))
        world.server.fail("getUpdates", 409, "Conflict: terminated by other getUpdates request", times=3)
        world.server.customer().say("hello")
        await world.server.until(lambda: not world.server._faults["getUpdates"])
        with pytest.raises(TelegramNotReady, match="another program"):
            await world.channel.check()
        await world.door.has(1)
        world.server.customer().say("hello again")
        await world.door.has(2)
        await world.channel.check()
    assert capsys.readouterr().out.count("telegram_conflict") == 1


@pytest.mark.parametrize(
    ("status", "more"), [(502, {}), (500, {}), (429, {"retry_after": 1}), (401, {}), (400, {})]
)
async def test_polling_goes_on_after_trouble(status: int, more: dict[str, int]) -> None:
    async with telegram() as world:
        world.server.fail("getUpdates", status, times=1, **more)
        world.server.customer().say("one")
        await world.door.has(1)
        world.server.customer().say("two")
        await world.door.has(2)


async def test_a_mistake_of_ours_in_polling_is_logged_and_polling_goes_on_after_a_pause(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    asked, mistakes = Poller.run, [RuntimeError("ours"), RuntimeError("again")]

    async def run(poller: Poller) -> None:
        if mistakes:
            raise mistakes.pop()
        await asked(poller)

    monkeypatch.setattr(Poller, "run", run)
    async with telegram() as world:
        world.server.customer().say("hello")
        await world.door.has(1)
    logged = capsys.readouterr().out
    assert logged.count("telegram_polling_crashed") == 2
    assert "RuntimeError" in logged


async def test_an_update_that_cannot_be_read_stops_nothing() -> None:
    async with telegram() as world:
        world.server.happen("message", {"message_id": "not a number", "date": {}})
        world.server.happen("message", {"message_id": 1, "date": 1, "chat": {"id": 7, "type": "of 2031"}})
        last = world.server.customer().say("hello")
        await world.server.until(lambda: world.server.confirmed_to > last)
        assert said(world.door) == ["hello"]


async def test_half_a_surrogate_pair_stops_neither_its_message_nor_the_others() -> None:
    async with telegram() as world:
        world.server.customer().say("a \ud83d b")
        world.server.customer(8).say("hello")
        await world.door.has(2)
        assert said(world.door) == ["a \ufffd b"]
        assert said(world.door, "telegram:8") == ["hello"]


@pytest.mark.parametrize("batch", [{}, "x", None, 7])
async def test_polling_goes_on_after_an_answer_that_is_no_list(
    batch: object, capsys: pytest.CaptureFixture[str]
) -> None:
    async with telegram(start=False) as world:
        real, odd = world.server._on_getUpdates, [batch, batch]

        async def odd_at_first(asked: object) -> object:
            return odd.pop() if odd else await real(asked)

        world.server._on_getUpdates = odd_at_first
        await world.channel.start(world.door)
        world.server.customer().say("hello")
        await world.door.has(1)
    assert capsys.readouterr().out.count("what came is no list") == 2


async def test_what_is_no_update_in_an_answer_takes_no_other_with_it() -> None:
    async with telegram(start=False) as world:
        real = world.server._on_getUpdates

        async def with_odd_ones(asked: object) -> object:
            return [None, 7, "x", [], {"update_id": "1"}, *await real(asked)]

        world.server._on_getUpdates = with_odd_ones
        await world.channel.start(world.door)
        last = world.server.customer().say("hello")
        await world.server.until(lambda: world.server.confirmed_to > last)
        assert said(world.door) == ["hello"]


async def test_a_pressed_button_is_always_answered_and_only_after_it_is_durable() -> None:
    async with telegram() as world:
        ann = world.server.customer()
        world.door.gates[ann.key] = asyncio.Event()
        ann.press_value("yes:3")
        await world.door.was_asked(1)
        assert world.server.called("answerCallbackQuery") == []
        world.door.gates[ann.key].set()
        await world.server.until(lambda: world.server.called("answerCallbackQuery"))
        assert [incoming.what for incoming in world.door.durable] == [Press("yes:3", "yes:3")]


async def test_a_press_in_a_group_is_answered_though_it_is_not_ours() -> None:
    async with telegram() as world:
        world.server.customer(-5, chat_type="group").press_value("yes:3")
        await world.server.until(lambda: world.server.called("answerCallbackQuery"))
        assert world.door.asked == []


async def test_an_answer_to_a_press_that_fails_does_no_harm() -> None:
    async with telegram() as world:
        world.server.fail("answerCallbackQuery", 400, "Bad Request: query is too old")
        ann = world.server.customer()
        ann.press_value("yes:3")
        await world.door.has(1)
        ann.sticker()
        assert (await world.door.has(2))[1].what.what is Unreadable.STICKER  # type: ignore[union-attr]


async def test_blocking_is_noted_without_personal_data(capsys: pytest.CaptureFixture[str]) -> None:
    async with telegram() as world:
        ann = world.server.customer(7654321, first_name="Annabella")
        last = ann.block()
        await world.server.until(lambda: world.server.confirmed_to > last)
    out = capsys.readouterr().out
    assert "telegram_membership_changed" in out
    assert "Annabella" not in out
    assert "7654321" not in out


async def test_the_menus_are_set_in_every_language() -> None:
    async with telegram() as world:
        menus = world.server.menus
    assert set(menus) == {"all_private_chats:", "all_private_chats:es"}
    names = [command["command"] for command in menus["all_private_chats:"]]
    assert names == ["start", "cancel", "status", "refund", "human", "language"]
    assert {"command": "cancel", "description": "Cancel an order"} in menus["all_private_chats:"]
    assert {"command": "cancel", "description": "Cancelar un pedido"} in menus["all_private_chats:es"]


async def test_a_menu_that_cannot_be_set_stops_nothing() -> None:
    async with telegram(start=False) as world:
        world.server.fail("setMyCommands", 500)
        await world.channel.start(world.door)
        world.server.customer().say("hello")
        await world.door.has(1)


async def test_a_refused_token_stops_the_start_with_the_variables_name() -> None:
    async with TelegramServer() as server:
        channel = TelegramChannel(settings_for(server, token="1:AAF-another_secret_token_of_somebody"))
        with pytest.raises(TelegramNotReady, match="TELEGRAM_BOT_TOKEN") as refused:
            await channel.start(Door())
        with pytest.raises(TelegramNotReady, match="TELEGRAM_BOT_TOKEN"):
            await channel.check()
        assert "another_secret" not in str(refused.value)


async def test_a_start_while_telegram_is_away_goes_on_when_it_is_back() -> None:
    async with telegram(start=False) as world:
        world.server.fail("getMe", 502, times=2)
        await world.channel.start(world.door)
        world.server.customer().say("hello")
        await world.door.has(1)
        assert len(world.server.called("getMe")) == 3


async def test_commands_addressed_to_us_are_known_by_the_name_telegram_tells() -> None:
    async with telegram() as world:
        ann = world.server.customer()
        ann.say("/status@SomebodyElsesBot")
        ann.say(f"/status@{BOT['username']}")
        await world.door.has(1)
        assert [incoming.what for incoming in world.door.asked] == [Press("intent:order_status", "/status")]


async def test_the_emulator_refuses_what_the_library_does_not_know() -> None:
    server = TelegramServer()
    await server.__aenter__()
    async with server._client.post(
        f"{server.url}/bot{TOKEN}/sendMessage", json={"chat_id": 7, "txt": "x"}
    ) as bad:
        assert bad.status == 400
    with pytest.raises(AssertionError, match="unknown fields"):
        await server.__aexit__()
