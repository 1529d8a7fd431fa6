"""What the commands share."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bot.settings import Settings


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
