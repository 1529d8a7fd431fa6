"""The order-status adapters there are: those in this folder, and those that other packages bring.

A file `NAME.py` or `NAME_shop.py` here whose class declares a `settings_model` is the adapter NAME; another
package names its class in the entry point group `rescind.orders`. To list them imports none: `load` alone
does, and checks all that can be seen of the class without a shop. The contract suite in `bot/contracts/` sees
to the rest.
"""

import importlib
import inspect
import re
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import EntryPoint, entry_points
from importlib.resources import files
from typing import Protocol

from pydantic import BaseModel

from bot.ports import Capabilities, OrderBackend

GROUP = "rescind.orders"
_CALLS = ("find", "cancel", "ping", "close")
_DECLARES = re.compile(r"^    settings_model\b[^=\n]*=", re.MULTILINE)
_HERE = "bot.orders"


class AdapterUnusable(Exception):
    """No such adapter, or not one; the message says what to do."""


class AdapterClass(Protocol):
    """A class, constructed with its own settings.

    `unmapped` is told each of the shop's words that nothing maps, once.
    """

    capabilities: Capabilities
    settings_model: type[BaseModel]

    def __call__(self, settings: BaseModel, *, unmapped: Callable[[str], None]) -> OrderBackend:
        """An adapter. Opens nothing yet."""


@dataclass(frozen=True, slots=True)
class Plugged:
    """An adapter as it was found. `prefix` is how the names of its settings' variables begin."""

    name: str
    prefix: str
    adapter: AdapterClass


def built_in() -> tuple[str, ...]:
    """The adapters that come with the product, sorted."""
    return tuple(sorted(_modules()))


def names() -> tuple[str, ...]:
    """Every adapter there is, sorted."""
    return tuple(sorted({*_modules(), *_points()}))


def load(name: str) -> AdapterClass:
    """The adapter of that name. Raises `AdapterUnusable`."""
    return find(name).adapter


def find(name: str) -> Plugged:
    """The adapter of that name, imported. Raises `AdapterUnusable`."""
    module, point = _modules().get(name), _points().get(name)
    if module is not None and point is not None:
        raise AdapterUnusable(
            f"{point.value} calls itself {name!r}, which comes with Rescind: it needs another name."
        )
    if module is not None:
        return Plugged(name, _prefix(module), _declared(module))
    if point is not None:
        return Plugged(name, _prefix(name), _brought(point))
    known = ", ".join(names())
    raise AdapterUnusable(f"There is no order-status adapter {name!r}; there are: {known}.")


def _modules() -> dict[str, str]:
    """The names of the adapters in this folder, and of their modules."""
    stems = (
        file.name.removesuffix(".py")
        for file in files(_HERE).iterdir()
        if file.name.endswith(".py") and _DECLARES.search(file.read_text("utf-8"))
    )
    return {stem.removesuffix("_shop"): stem for stem in stems}


def _points() -> dict[str, EntryPoint]:
    return {point.name.lower(): point for point in entry_points(group=GROUP)}


def _prefix(name: str) -> str:
    """`VENDURE_` for vendure, `CORNER_TILL_` for corner-till."""
    return re.sub(r"\W", "_", name).upper() + "_"


def _declared(stem: str) -> AdapterClass:
    module = importlib.import_module(f"{_HERE}.{stem}")
    own = [
        each
        for each in vars(module).values()
        if isinstance(each, type) and each.__module__ == module.__name__ and hasattr(each, "settings_model")
    ]
    if len(own) != 1:
        raise AdapterUnusable(f"{module.__name__} declares {len(own)} adapters: one a file, please.")
    return _checked(own[0], f"{module.__name__}:{own[0].__name__}")


def _brought(point: EntryPoint) -> AdapterClass:
    try:
        loaded = point.load()
    except Exception as error:  # another package's import may raise anything
        raise AdapterUnusable(
            f"{point.value} cannot be imported ({type(error).__name__}: {error})"
        ) from error
    return _checked(loaded, point.value)


def _checked(loaded: object, where: str) -> AdapterClass:
    if lacking := _lacking(loaded):
        raise AdapterUnusable(f"{where} is no order-status adapter: {lacking}. See docs/adapters.md.")
    adapter: AdapterClass = loaded  # type: ignore[assignment]  # seen just now
    return adapter


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
