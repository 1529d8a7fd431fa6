"""Start the bot: `python -m bot`, with BOT_TOKEN, RESCIND_URL and RESCIND_SECRET set.

BOT_API_URL names a Bot API server of your own, if you have one.
"""

import logging
import os

from aiogram import Bot, Dispatcher
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import PRODUCTION, TelegramAPIServer
from rescind_mount.aiogram import SupportRouter

from bot.shop import shop


def main() -> None:
    """Poll until stopped, on uvloop if that is installed."""
    logging.basicConfig(level=logging.WARNING)
    own_server = os.environ.get("BOT_API_URL")
    server = TelegramAPIServer.from_base(own_server) if own_server else PRODUCTION
    bot = Bot(os.environ["BOT_TOKEN"], session=AiohttpSession(api=server))
    dispatcher = Dispatcher()
    dispatcher.include_router(shop)
    # The one line that mounts the assistant; where it stands does not matter.
    dispatcher.include_router(SupportRouter(os.environ["RESCIND_URL"], os.environ["RESCIND_SECRET"]))
    dispatcher.run_polling(bot)


main()
