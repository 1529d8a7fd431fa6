"""Whether agents can work in the groups that are set, and what is to be done where they cannot."""

from collections.abc import Sequence

from bot.channels.telegram_api import ApiFailed, BotApi, TokenRefused
from bot.channels.telegram_settings import TelegramSettings
from bot.desk_telegram.calls import Bot
from bot.desk_telegram.groups import Group
from bot.ports import ChannelBusy, ChannelNotReady, ChatGone, ChatMoved


class TopicsNotReady(ChannelNotReady):
    """The groups are not as they have to be."""


async def check_groups(bot: Bot, groups: Sequence[Group]) -> None:
    """Look at every group. Raises `TopicsNotReady`; `ApiFailed`, `ChannelBusy` where nobody says."""
    try:
        await bot.know_myself()
        for group in groups:
            await _check(bot, group)
    except TokenRefused:
        raise TopicsNotReady(
            "Telegram refused the token of the bot in TELEGRAM_DESK_GROUPS (TELEGRAM_DESK_BOT_TOKEN, or "
            "TELEGRAM_BOT_TOKEN): copy it again from @BotFather"
        ) from None


async def _check(bot: Bot, group: Group) -> None:
    try:
        standing = await bot.standing(group.id)
    except (ChatGone, ChatMoved):
        raise TopicsNotReady(
            f"TELEGRAM_DESK_GROUPS: the bot is not in {group.id}, or it is no supergroup: add it as an "
            "administrator with the rights “Manage topics” and “Pin messages”, or copy the id again"
        ) from None
    if standing.problem:
        raise TopicsNotReady(f"TELEGRAM_DESK_GROUPS: “{standing.title}” ({group.id}): {standing.problem}")


async def look(groups: Sequence[Group], settings: TelegramSettings) -> None:
    """Look at the groups once, with nothing running. Raises `TopicsNotReady`."""
    bot = Bot(BotApi(settings))
    try:
        await check_groups(bot, groups)
    except (ApiFailed, ChannelBusy) as trouble:
        raise TopicsNotReady(f"Telegram cannot be asked about the desk's groups ({trouble})") from None
    finally:
        await bot.close()
