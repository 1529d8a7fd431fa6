"""The bot's token is in every address we call, and in nothing that anybody reads."""

import logging
import socket
import traceback
from collections.abc import Callable

import pytest
from aiohttp import web
from pydantic import SecretStr
from telegram_fakes import QUICK, Door, entry, settings_for, webhook

from bot.channels.telegram import TelegramChannel, TelegramNotReady
from bot.channels.telegram_settings import TelegramSettings
from tests.telegram_server import TOKEN, TelegramServer

PART = TOKEN.partition(":")[2]


def told(error: BaseException) -> str:
    """Everything an error shows, with all that it came from."""
    shown = [repr(error), str(error), *traceback.format_exception(error, chain=True)]
    below = error.__cause__ or error.__context__
    return "".join(shown) + (told(below) if below else "")


async def trouble_of(channel: TelegramChannel) -> str:
    """What a channel in trouble shows: of sending, of the check, of the start."""
    shown = ""
    for attempt in (
        lambda: channel.deliver("telegram:7", entry("hello")),
        channel.check,
        lambda: channel.start(Door()),
    ):
        try:
            await attempt()
        except Exception as error:  # noqa: BLE001 - whatever it is
            shown += told(error)
    await channel.typing("telegram:7")
    await channel.stop()
    return shown


Answer = Callable[[web.Request], web.Response]
ANSWERS: dict[str, Answer] = {
    "quotes the address": lambda r: web.json_response(
        {"ok": False, "error_code": 400, "description": f"bad {r.url}"}, status=400
    ),
    "is no JSON": lambda r: web.Response(text=f"<html>{r.url}</html>", status=502),
    "is JSON of another kind": lambda r: web.json_response({"okay": str(r.url)}),
    "redirects for ever": lambda r: web.Response(status=302, headers={"Location": str(r.url)}),
    "redirects to nonsense": lambda r: web.Response(status=302, headers={"Location": f"http://[{r.path}"}),
    "refuses": lambda r: web.json_response(
        {"ok": False, "error_code": 401, "description": f"Unauthorized {r.url}"}, status=401
    ),
}


@pytest.mark.parametrize("answer", ANSWERS.values(), ids=ANSWERS.keys())
async def test_the_token_shows_in_no_error_and_no_log_whatever_the_server_answers(
    answer: Answer, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)

    async def handle(request: web.Request) -> web.Response:
        return answer(request)

    app = web.Application()
    app.router.add_route("*", "/{anything:.*}", handle)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    settings = TelegramSettings(token=SecretStr(TOKEN), api_url=url)
    shown = await trouble_of(TelegramChannel(settings, tempo=QUICK))
    await runner.cleanup()
    out = capsys.readouterr()
    assert "sendMessage failed" in shown
    assert PART not in shown + caplog.text + out.out + out.err


async def test_the_reason_telegram_gives_for_a_refused_webhook_is_shown_without_the_token() -> None:
    async with webhook(start=False) as world:
        world.server.fail("setWebhook", 400, f"Bad Request: bad webhook near /bot{TOKEN}/ or bot{PART}")
        with pytest.raises(TelegramNotReady) as refused:
            await world.channel.start(world.door)
    assert "bad webhook near" in told(refused.value)
    assert PART not in told(refused.value)


async def test_the_token_shows_nowhere_when_nobody_answers(
    caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    with socket.create_server(("127.0.0.1", 0)) as gone:
        url = f"http://127.0.0.1:{gone.getsockname()[1]}"
    settings = TelegramSettings(token=SecretStr(TOKEN), api_url=url)
    shown = await trouble_of(TelegramChannel(settings, tempo=QUICK))
    out = capsys.readouterr()
    assert "TelegramNetworkError" in shown
    assert PART not in shown + caplog.text + out.out + out.err


async def test_the_token_and_the_customers_words_show_nowhere_in_a_working_day(
    caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    logging.getLogger("aiohttp.access").setLevel(logging.WARNING)  # the emulator's own, not ours
    async with TelegramServer() as server:
        channel, door = TelegramChannel(settings_for(server), tempo=QUICK), Door()
        server.fail("getUpdates", 502, f"Bad Gateway at /bot{TOKEN}/getUpdates")
        await channel.start(door)
        ann = server.customer(first_name="Annabella")
        ann.say("cancel 1042, ann@shop.test")
        ann.press_value("yes:3")
        ann.block()
        await door.has(2)
        await channel.deliver(ann.key, entry("Found ann@shop.test"))
        await channel.stop()
    logging.getLogger("aiohttp.access").setLevel(logging.NOTSET)
    out = capsys.readouterr()
    everything = caplog.text + out.out + out.err
    assert "telegram_polling_failed" in everything
    for secret in (PART, "Annabella", "1042", "ann@shop.test"):
        assert secret not in everything
