"""What `rescind doctor` finds in `.env`: names that are no setting of ours, most often misspelt."""

import difflib
import re
from collections.abc import Iterable, Iterator

from bot import shops
from bot.findings import Finding, warning
from bot.orders import plugged
from bot.settings import Settings, SettingsInvalid

_NAME = re.compile(r"[A-Z][A-Z0-9_]{0,39}|[a-z][a-z0-9_]{0,39}")
"""What may be shown: anything else could be a secret that was pasted where a name belongs."""


def env_findings(settings: Settings) -> Iterator[Finding]:
    """A warning for each name in the file that neither a setting nor the chosen shop has."""
    own = {name.upper() for name in Settings.model_fields}
    others = set(_of_shops(plugged.built_in()))
    if settings.order_backend != shops.DEMO:
        try:
            adapter = shops.found(settings.order_backend)
        except SettingsInvalid:
            return  # told by the look at the shop; whose settings these are cannot be known
        own |= {each.name for each in shops.variables(adapter)}
    for name, value in shops.in_env_file().items():
        plain = name.upper()
        if plain not in own:
            shown = value is not None and _NAME.fullmatch(name)
            yield _stranger(name, plain, own, others) if shown else _NO_NAME


def _stranger(name: str, plain: str, own: set[str], others: set[str]) -> Finding:
    if plain in others:
        said = f"{name} is set in .env, and is a setting of a shop that ORDER_BACKEND does not name."
        return warning("settings", said, "Is ORDER_BACKEND right?")
    near = difflib.get_close_matches(plain, own | others, n=1, cutoff=0.75)
    meant = f"Did you mean {near[0]}?" if near else "Look at its spelling; .env.example lists them."
    return warning("settings", f"{name} is set in .env, and is no setting.", meant)


_NO_NAME = warning(
    "settings", "A line in .env is no NAME=value, so nothing comes of it.", "Mend or remove it."
)


def _of_shops(names: Iterable[str]) -> Iterator[str]:
    for name in names:
        yield from (each.name for each in shops.variables(shops.found(name)))
