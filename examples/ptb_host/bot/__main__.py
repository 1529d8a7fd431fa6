"""Start the bot: `python -m bot`, with BOT_TOKEN, RESCIND_URL and RESCIND_SECRET set.

BOT_API_URL names a Bot API server of your own, if you have one.
"""

import asyncio
import logging
import os
from contextlib import suppress

from rescind_mount.telegram import support_handlers
from telegram import Update
from telegram.ext import Application

from bot.in_order import InOrder
from bot.shop import handlers


def main() -> None:
    """Poll until stopped, on uvloop if that is installed."""
    logging.basicConfig(level=logging.WARNING)
    with suppress(ImportError):
        from uvloop import new_event_loop  # noqa: PLC0415

        asyncio.set_event_loop(new_event_loop())
    builder = Application.builder().token(os.environ["BOT_TOKEN"]).concurrent_updates(InOrder(256))
    if own_server := os.environ.get("BOT_API_URL"):
        builder = builder.base_url(f"{own_server}/bot")
    application = builder.build()
    application.add_handlers(handlers())
    # The one line that mounts the assistant; where it stands does not matter.
    application.add_handlers(support_handlers(os.environ["RESCIND_URL"], os.environ["RESCIND_SECRET"]))
    application.run_polling(allowed_updates=Update.ALL_TYPES)


main()
