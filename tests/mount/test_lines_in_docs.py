"""The lines that docs/telegram-mount.md tells a shop to write: as they stand there, they make a bot."""

import re
from pathlib import Path

import pytest
from fake_product import SECRET, product
from hosts import ROOT, Chat, host_bot

from tests.telegram_server import TelegramServer

DOCS = ROOT / "docs" / "telegram-mount.md"
BEFORE = {
    "aiogram": """
import os
from aiogram import Router
from aiogram.client.telegram import PRODUCTION

object.__setattr__(PRODUCTION, "base", os.environ["BOT_API_URL"] + "/bot{token}/{method}")
your_router = Router()

@your_router.message()
async def heard(message):
    await message.answer(f"The shop heard: {message.text}")
""",
    "telegram": """
import os
from telegram.ext import ApplicationBuilder, MessageHandler, filters

def of(builder, token, token_of=ApplicationBuilder.token):
    return token_of(builder, token).base_url(os.environ["BOT_API_URL"] + "/bot")

ApplicationBuilder.token = of

async def heard(update, _):
    await update.message.reply_text(f"The shop heard: {update.message.text}")

your_handlers = [MessageHandler(filters.ALL, heard)]
""",
}
"""What the lines take for granted: handlers of the shop's, and a Bot API server of the tests."""


def lines(library: str) -> str:
    """The whole bot in the docs for a library."""
    blocks = re.findall(r"```python\n(.*?)```", DOCS.read_text("utf-8"), re.DOTALL)
    (found,) = [block for block in blocks if f"rescind_mount.{library} " in block and "run_polling" in block]
    return found


@pytest.mark.parametrize("library", BEFORE)
async def test_the_lines_make_a_bot_that_has_the_assistant_and_its_own_handlers(
    library: str, tmp_path: Path
) -> None:
    names = 'token, secret = os.environ["BOT_TOKEN"], os.environ["RESCIND_SECRET"]\n'
    async with TelegramServer() as telegram, product() as rescind:
        here = lines(library).replace("https://support.shop.example", rescind.url)
        (tmp_path / "bot.py").write_text(BEFORE[library] + names + here, "utf-8")
        async with host_bot(str(tmp_path), telegram, rescind.url) as bot:
            ann = Chat(telegram.customer())
            ann.does.say("hello")
            await ann.hears("The shop heard: hello")
            asked = ann.does.say("/support")
            await rescind.has(asked)
            said = ann.does.say("1042")
            await rescind.has(said)
            assert rescind.posts == [asked, said]
            assert len(ann.texts) == 1
            assert await bot.stop() == 0
    assert rescind.secrets == {f"Bearer {SECRET}"}
    assert "Traceback" not in "".join(bot.err), bot.err
