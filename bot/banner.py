"""What an operator sees at the start: where it is served, and which demo orders to try."""

from rich.console import Console
from rich.table import Table

from bot.assembly import House
from bot.orders.demo import DemoShop
from bot.orders.demo_seed import top_up


async def banner(console: Console, house: House, port: int) -> None:
    """Say where the product is served."""
    host = house.settings.http_host
    shown = "127.0.0.1" if host in ("0.0.0.0", "::") else host  # noqa: S104  compared, not bound
    await orders_to_try(console, house)
    console.print(
        f"\n[bold green]Rescind is serving:[/] http://{shown}:{port}/   (Ctrl-C stops it)", highlight=False
    )
    if house.settings.telegram_bot_token.get_secret_value():
        console.print(f"Telegram: on, by {house.settings.telegram_mode}")


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
