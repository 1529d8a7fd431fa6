"""What an operator sees at the start: where it is served, and which demo orders to try."""

import os

from rich.console import Console
from rich.table import Table

from bot.assembly import House, utc_now
from bot.desk.service import operator
from bot.orders.demo import DemoShop
from bot.orders.demo_seed import top_up
from storage.desk_records import Role

_DEMO = "demo"


async def banner(console: Console, house: House, port: int) -> None:
    """Say where the product is served; it is served as well where nobody can be told."""
    with console.capture() as told:
        await _tell(console, house, port)
    try:
        console.file.write(told.get())
        console.file.flush()
    except OSError:  # a full disk, a reader that went away
        # What could not be written would be tried again at the end, and spoil it.
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, console.file.fileno())
        os.close(nowhere)


async def _tell(console: Console, house: House, port: int) -> None:
    host = house.settings.http_host
    shown = "127.0.0.1" if host in ("0.0.0.0", "::") else host  # noqa: S104  compared, not bound
    await orders_to_try(console, house)
    console.print(
        f"\n[bold green]Rescind is serving:[/] http://{shown}:{port}/   (Ctrl-C stops it)", highlight=False
    )
    await desk(console, house, f"http://{shown}:{port}/desk/")
    if house.settings.telegram_bot_token.get_secret_value():
        console.print(f"Telegram: on, by {house.settings.telegram_mode}")


async def desk(console: Console, house: House, url: str) -> None:
    """Where agents work, and how the first of them comes in; a demo has one, with a link for this start."""
    host = operator("serve", utc_now())
    agents = await house.desk.accounts.all(host)
    if not agents and isinstance(house.backend, DemoShop):
        new = house.desk.accounts.add(host, login=_DEMO, name="Robin", role=Role.ADMIN, password=None)
        agents = (await new,)
    demo = [one for one in agents if one.login == _DEMO and one.disabled_at is None]
    if demo and isinstance(house.backend, DemoShop):
        token = await house.desk.accounts.sign_in_token(host, demo[0].id)
        console.print(
            f"[bold green]The desk, where people take over:[/] {url}sign-in#{token}\n"
            "   (signs you in once, within 15 minutes; `rescind agents sign-in-link demo` prints another)",
            highlight=False,
            soft_wrap=True,
        )
        return
    first = "" if agents else "   (make the first agent: rescind agents add LOGIN --name NAME --role admin)"
    console.print(f"The desk, where people take over: {url}{first}", highlight=False, soft_wrap=True)


async def orders_to_try(console: Console, house: House) -> None:
    """Demo orders with their e-mail addresses, as they are now."""
    if not isinstance(house.backend, DemoShop):
        return
    table = Table(title="Orders of the demo shop to try", title_justify="left", box=None, header_style="dim")
    for column in ("number", "e-mail", "stage now"):
        table.add_column(column)
    for example in await top_up(house.backend):
        table.add_row(example.number, example.email, example.stage.value)
    console.print(table)
