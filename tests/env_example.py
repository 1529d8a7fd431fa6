"""`.env.example`, made from the settings: `python -m tests.env_example` writes it anew."""

import textwrap
from pathlib import Path

from bot import shops
from bot.orders import plugged
from bot.settings import Settings, line_of, plain

PATH = Path(__file__).parents[1] / ".env.example"
HEAD = """\
# Every setting of Rescind, with its default. Copy this file to `.env`; take the `#` from what you change.
# A variable of the environment wins over this file; an empty value counts as unset.
"""
SHOP = """\
# ---- {name}: read with ORDER_BACKEND={name}, and needed then where it says so
"""


def rendered() -> str:
    """A comment and a line a setting: those of `Settings`, then those of each adapter that comes along."""
    parts = [HEAD]
    for name, field in Settings.model_fields.items():
        parts.append(_setting(name.upper(), line_of(field), plain(field.default)))
    for shop in plugged.built_in():
        parts.append(SHOP.format(name=shop))
        parts += [
            _setting(each.name, f"Needed. {each.about}" if each.required else each.about, each.default)
            for each in shops.variables(shops.found(shop))
        ]
    return "\n".join(parts)


def _setting(name: str, about: str, value: str) -> str:
    comment = textwrap.fill(
        about,
        110,
        initial_indent="# ",
        subsequent_indent="# ",
        break_long_words=False,
        break_on_hyphens=False,
    )
    quoted = f'"{value}"' if " " in value else value
    return f"{comment}\n#{name}={quoted}\n"


if __name__ == "__main__":
    PATH.write_text(rendered(), "utf-8")
