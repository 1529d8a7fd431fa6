"""Order-status adapters that other packages bring, by the entry point group `rescind.orders`.

An entry point names a class. `load` checks all that can be seen of it without a shop; the contract suite in
`bot/contracts/` sees to the rest.
"""

import inspect
from collections.abc import Callable
from importlib.metadata import EntryPoint, entry_points
from typing import Protocol

from pydantic import BaseModel

from bot.ports import Capabilities, OrderBackend

GROUP = "rescind.orders"
_CALLS = ("find", "cancel", "ping", "close")


class AdapterUnusable(Exception):
    """No such adapter, or not one; the message says what to do."""


class AdapterClass(Protocol):
    """What an entry point names: a class, constructed with its own settings.

    `unmapped` is told each of the shop's words that nothing maps, once.
    """

    capabilities: Capabilities
    settings_model: type[BaseModel]

    def __call__(self, settings: BaseModel, *, unmapped: Callable[[str], None]) -> OrderBackend:
        """An adapter. Opens nothing yet."""


def names() -> tuple[str, ...]:
    """The adapters that installed packages bring, sorted."""
    return tuple(sorted(_points()))


def load(name: str) -> AdapterClass:
    """The adapter of that name. Raises `AdapterUnusable`."""
    point = _points().get(name)
    if point is None:
        known = ", ".join(names()) or "none"
        raise AdapterUnusable(f"No installed package brings an adapter {name!r}; there are: {known}.")
    try:
        loaded = point.load()
    except Exception as error:  # another package's import may raise anything
        raise AdapterUnusable(
            f"{point.value} cannot be imported ({type(error).__name__}: {error})"
        ) from error
    if lacking := _lacking(loaded):
        raise AdapterUnusable(f"{point.value} is no order-status adapter: {lacking}. See docs/adapters.md.")
    adapter: AdapterClass = loaded
    return adapter


def _points() -> dict[str, EntryPoint]:
    return {point.name: point for point in entry_points(group=GROUP)}


def _lacking(loaded: object) -> str:
    """What keeps it from being an adapter, or nothing."""
    capabilities = getattr(loaded, "capabilities", None)
    model = getattr(loaded, "settings_model", None)
    if not isinstance(loaded, type):
        return "it is not a class"
    if not isinstance(capabilities, Capabilities):
        return "it declares no `capabilities`"
    if not (isinstance(model, type) and issubclass(model, BaseModel)):
        return "its `settings_model` is no pydantic model"
    calls = _CALLS if capabilities.refunds_itself else (*_CALLS, "refund")
    missing = [call for call in calls if not inspect.iscoroutinefunction(getattr(loaded, call, None))]
    return f"it has no async {', '.join(missing)}" if missing else ""
