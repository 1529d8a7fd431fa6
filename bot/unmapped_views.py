"""The shop's statuses that nobody has mapped, as an operator sees them."""

from dataclasses import dataclass

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from bot import shops
from bot.assembly import open_store
from bot.settings import Settings
from storage.unmapped import UnmappedStatus


@dataclass(frozen=True, slots=True)
class Listed:
    """What is kept of one shop, and what to do about each."""

    shop: str
    statuses: tuple[UnmappedStatus, ...]
    remedy: str


async def listed(settings: Settings) -> Listed:
    """What the store keeps of the configured shop. Raises `SettingsInvalid`, `StoreError`."""
    name = settings.order_backend
    remedy = "" if name == shops.DEMO else shops.mapping_remedy(shops.found(name))
    async with open_store(settings, perform=False, read_only=True) as store:
        return Listed(name, await store.unmapped(name), remedy)


async def forgotten(settings: Settings) -> int:
    """Forget what the store keeps of the configured shop; how many. Raises `StoreError`."""
    async with open_store(settings, perform=False) as store:
        return await store.forget_unmapped(settings.order_backend)


def table(found: Listed) -> RenderableType:
    """The list with its remedy, or that there is nothing."""
    if not found.statuses:
        return Text(f"None: every status of {found.shop} that was met is mapped.")
    rows = Table("Status", "First met", box=None, pad_edge=False)
    for each in found.statuses:
        rows.add_row(Text(each.status), f"{each.first_at:%Y-%m-%d %H:%M} UTC")
    remedy = f"Orders in these statuses go to a person. For each: {found.remedy}. docs/orders.md shows how."
    return Group(rows, Text(""), Text(remedy))
