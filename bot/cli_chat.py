"""`rescind chat`: a house of its own around one terminal."""

import secrets

from rich.console import Console

from bot.assembly import House, open_house, utc_now
from bot.banner import orders_to_try
from bot.channels.terminal import Terminal
from bot.orders.demo import DemoShop
from bot.orders.demo_seed import seed, top_up
from bot.settings import Settings
from bot.terminal_chat import talk, talk_json


async def chat_in(settings: Settings, *, as_json: bool, locale: str) -> None:
    """Chat until the input ends."""
    terminals: list[Terminal] = []

    def channels(house: House) -> list[Terminal]:
        terminals.append(Terminal(house.store, house.feed, utc_now, secrets.token_hex(8), locale))
        return terminals

    async with open_house(settings, channels) as house:
        if isinstance(house.backend, DemoShop):
            await seed(house.backend)
            await top_up(house.backend)
        if as_json:
            await talk_json(terminals[0])
        else:
            console = Console()
            await orders_to_try(console, house)
            await talk(terminals[0], console)
