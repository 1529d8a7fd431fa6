"""`.env.example`, made from the settings: `python -m tests.env_example` writes it anew."""

import textwrap
from pathlib import Path

from bot.settings import Settings, plain

PATH = Path(__file__).parents[1] / ".env.example"
HEAD = """\
# Every setting of Rescind, with its default. Copy this file to `.env`; take the `#` from what you change.
# A variable of the environment wins over this file; an empty value counts as unset.
"""


def rendered() -> str:
    """A comment and a line a setting, in the order of `Settings`."""
    parts = [HEAD]
    for name, field in Settings.model_fields.items():
        comment = textwrap.fill(
            field.description or "", 110, initial_indent="# ", subsequent_indent="# ", break_long_words=False
        )
        value = plain(field.default)
        quoted = f'"{value}"' if " " in value else value
        parts.append(f"{comment}\n#{name.upper()}={quoted}\n")
    return "\n".join(parts)


if __name__ == "__main__":
    PATH.write_text(rendered(), "utf-8")
