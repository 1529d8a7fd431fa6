"""What `rescind doctor` finds out about the shop: its settings, whether it lets us in, its clock."""

import asyncio
import time
from collections.abc import AsyncGenerator

from bot import shops
from bot.assembly import open_backend, why_no_file_in
from bot.findings import Finding, ok, problem, problems, warning
from bot.orders.plugged import Plugged
from bot.ports import CredentialsRefused, OrderBackend, ShopUnreachable, Throttled
from bot.settings import Settings, SettingsInvalid
from bot.shop_errors import trouble
from bot.shop_wire import watching_clocks

MOST_SKEW = 30.0
"""Seconds by which two clocks may differ. A date on the wire is exact to a second, and takes seconds to come;
rules count in minutes and days. What is beyond this is a clock that nobody keeps."""
_DEMO_PATH = "Is DEMO_SHOP_PATH right?"
_PATIENCE = 30.0
"""Seconds for one look: twice what an adapter takes to give up."""


async def shop_findings(settings: Settings) -> AsyncGenerator[Finding]:
    """One after the other, as they are found out. Changes nothing in the shop."""
    name = settings.order_backend
    if name == shops.DEMO:
        yield await _demo(settings)
        return
    try:
        shop = shops.chosen(name)
    except SettingsInvalid as error:
        for found in problems("order backend", error):
            yield found
        return
    yield ok("order backend", f"{name}, with all the settings it needs")
    in_file = {each.upper() for each in shops.in_env_file()}  # told with the settings
    for stranger in [each for each in shops.strangers(shop.found) if each not in in_file]:
        yield warning(
            "order backend",
            f"{stranger} is set and is no setting of {name}.",
            "Look at its spelling; .env.example lists them.",
        )
    try:
        backend = shop.made(_nothing)
    except SettingsInvalid as error:
        for found in problems("mapping", error):
            yield found
        return
    own = getattr(shop.settings, "mapping", None)
    yield ok("mapping", f"{own}, over the one that comes along" if own else "the one that comes along")
    try:
        for found in await _asked(backend, shop.found):
            yield found
    finally:
        await backend.close()


async def _demo(settings: Settings) -> Finding:
    path = settings.demo_shop
    if why := why_no_file_in(path.parent):
        remedy = _DEMO_PATH if settings.demo_shop_path else "Is DATA_DIR right?"
        return problem("order backend", f"The demo shop cannot be kept at {path}: {why}.", remedy)
    if not path.exists():
        return ok("order backend", f"the demo shop; the first start makes it at {path}")
    try:
        async with open_backend(settings, look=True) as backend:
            await backend.ping()
    except ShopUnreachable as error:
        return problem("order backend", f"The demo shop: {error}.", _DEMO_PATH)
    if path.stat().st_mode & 0o077:
        told = f"Others on this machine may read the demo shop, at {path}."
        return warning("order backend", told, f"Run `chmod 600 {path}*` if customers' orders are in it.")
    return ok("order backend", f"the demo shop, at {path}")


async def _asked(backend: OrderBackend, adapter: Plugged) -> list[Finding]:
    """Whether the shop answers and lets us in, and what time it has."""
    with watching_clocks() as clocks:
        found = await _pinged(backend, adapter)
    return [found, _clock(clocks[-1])] if clocks else [found]


async def _pinged(backend: OrderBackend, adapter: Plugged) -> Finding:
    began = time.monotonic()
    try:
        async with asyncio.timeout(_PATIENCE):
            await backend.ping()
    except CredentialsRefused as error:
        return problem("shop", trouble(error).what, _credentials(adapter))
    except Throttled as error:
        return warning("shop", trouble(error).what, trouble(error).remedy)
    except ShopUnreachable as error:
        return problem("shop", trouble(error).what, trouble(error).remedy)
    except TimeoutError:
        return problem("shop", f"No answer within {_PATIENCE:.0f} s.", "Look whether the shop runs.")
    except Exception as error:  # noqa: BLE001  another package's adapter may raise anything
        said = f"The adapter failed ({type(error).__name__})."
        return problem("shop", said, "That is a mistake in it: tell whoever looks after it.")
    return ok("shop", f"answers, and lets us in ({1000 * (time.monotonic() - began):.0f} ms)")


def _credentials(adapter: Plugged) -> str:
    """Which variables hold the credentials, and what the shop has to grant."""
    hold = [each for each in shops.variables(adapter) if each.secret or each.required]
    told = (f"{each.name}: {each.about}" for each in hold if not each.name.endswith("_URL"))
    return "Look at " + " ".join(told)


def _clock(ahead: float) -> Finding:
    """What the shop's clock is to ours; `ahead` in seconds."""
    if abs(ahead) <= MOST_SKEW:
        return ok("clock", f"the shop's and this machine's are within {MOST_SKEW:.0f} s of each other")
    side = "ahead of" if ahead < 0 else "behind"
    return warning(
        "clock",
        f"This machine's clock is {abs(ahead):.0f} s {side} the shop's.",
        "Keep both by NTP: what may still be cancelled, and when money comes back, is counted from the "
        "shop's times by this machine's.",
    )


def _nothing(_: str) -> None:
    """A look at the shop meets no order."""
