"""What the commands share."""

import getpass
import io
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from rich.console import Console

if TYPE_CHECKING:
    from bot.settings import Settings


_READABLE = 140
"""Columns where there is no terminal: whoever reads a pipe wants whole words."""


def steady_output() -> None:
    """Let no command end because of where its output goes.

    What the terminal's encoding lacks is shown as `?`; what is written to a closed stream goes nowhere.
    """
    sys.stdout, sys.stderr = _steady(sys.stdout), _steady(sys.stderr)


def _steady(stream: TextIO | None) -> TextIO:
    if stream is None:
        return Path(os.devnull).open("w", encoding="utf-8")
    if isinstance(stream, io.TextIOWrapper) and stream.errors in ("strict", "surrogateescape"):
        stream.reconfigure(errors="replace")
    return stream


def console() -> Console:
    """Standard output, wide enough for a table where it is piped."""
    return Console(width=None if sys.stdout.isatty() else _READABLE, soft_wrap=True)


def me() -> str:
    """The system's name for whoever runs this."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "agent"


def examples(*commands: str) -> str:
    """The end of a command's `--help`, in Markdown."""
    return "\n".join(("Examples:" if len(commands) > 1 else "Example:", "", *map("- `{}`".format, commands)))


def read_settings() -> "Settings":
    """The settings as they are now. Raises `SettingsInvalid`."""
    from bot import settings

    return settings.read_settings()


def ready(level: str | None = None) -> "Settings":
    """The settings, and logs as they say; `level` where the command has the terminal for itself."""
    from bot import logs

    settings = read_settings()
    logs.set_up(settings.log_format, level or settings.log_level)
    return settings
