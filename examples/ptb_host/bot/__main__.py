"""Start the bot: `python -m bot`, with BOT_TOKEN, RESCIND_URL and RESCIND_SECRET set.

BOT_API_URL names a Bot API server of your own, if you have one.
"""

import logging
import os

from rescind_mount.telegram import support_handlers
from telegram import Update
from telegram.ext import Application

from bot.shop import handlers


def main() -> None:
    """Poll until stopped."""
    logging.basicConfig(level=logging.WARNING)
    builder = Application.builder().token(os.environ["BOT_TOKEN"])
    if own_server := os.environ.get("BOT_API_URL"):
        builder = builder.base_url(f"{own_server}/bot")
    application = builder.build()
    application.add_handlers(handlers())
    # The one line that mounts the assistant; where it stands does not matter.
    application.add_handlers(support_handlers(os.environ["RESCIND_URL"], os.environ["RESCIND_SECRET"]))
    application.run_polling(allowed_updates=Update.ALL_TYPES)


main()
