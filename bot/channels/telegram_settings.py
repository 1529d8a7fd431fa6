"""What the Telegram channel must be told. Imports nothing of its library: reading settings is cheap."""

import re
from enum import StrEnum
from typing import Self
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, SecretStr, field_validator, model_validator

_TOKEN = re.compile(r"[0-9]+:[A-Za-z0-9_-]+")
_SECRET = re.compile(r"[A-Za-z0-9_-]{1,256}")
_MOUNT_SECRET = re.compile(r"[A-Za-z0-9_-]{16,256}")


class TelegramMode(StrEnum):
    """How updates reach us."""

    POLLING = "polling"
    """We ask for them: needs no public address."""
    WEBHOOK = "webhook"
    """Telegram posts them to us."""
    MOUNTED = "mounted"
    """The shop's own bot takes them and passes on what may be ours: docs/telegram-mount.md."""


class TelegramSettings(BaseModel):
    """Settings of one bot; a bad one raises a `ValueError` that names the variable and the remedy."""

    # The input would put the token into the error's text.
    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    token: SecretStr
    """`TELEGRAM_BOT_TOKEN`, from @BotFather."""
    api_url: str | None = None
    """`TELEGRAM_API_URL`: a Bot API server of one's own instead of api.telegram.org."""
    mode: TelegramMode = TelegramMode.POLLING
    """`TELEGRAM_MODE`."""
    webhook_url: str | None = None
    """`TELEGRAM_WEBHOOK_URL`: where Telegram posts to; its path is the one served here."""
    webhook_secret: SecretStr | None = None
    """`TELEGRAM_WEBHOOK_SECRET`: proves that a post comes from Telegram."""
    mount_secret: SecretStr | None = None
    """`TELEGRAM_MOUNT_SECRET`: proves that a post comes from the shop's own bot."""

    @field_validator("token", mode="after")
    @classmethod
    def _token_is_whole(cls, token: SecretStr) -> SecretStr:
        if not _TOKEN.fullmatch(token.get_secret_value()):
            raise ValueError(
                "TELEGRAM_BOT_TOKEN is not a bot token: copy it whole from @BotFather, digits, colon and all"
            )
        return token

    @field_validator("mode", mode="before")
    @classmethod
    def _mode_is_known(cls, mode: object) -> object:
        if mode not in list(TelegramMode):
            raise ValueError("TELEGRAM_MODE must be `polling`, `webhook` or `mounted`")
        return mode

    @field_validator("api_url", "webhook_url", "webhook_secret", "mount_secret", mode="before")
    @classmethod
    def _empty_is_unset(cls, value: object) -> object:
        return None if value == "" else value

    @field_validator("api_url", mode="after")
    @classmethod
    def _api_url_is_a_url(cls, url: str | None) -> str | None:
        if url is not None and not _is_url(url, "http", "https"):
            raise ValueError("TELEGRAM_API_URL must be a URL such as http://127.0.0.1:8081, or be unset")
        return url

    @model_validator(mode="after")
    def _webhook_is_complete(self) -> Self:
        if self.mode is not TelegramMode.WEBHOOK:
            return self
        # Only a server of one's own, in local mode, posts to a plain http address.
        schemes = ("https",) if self.api_url is None else ("https", "http")
        if self.webhook_url is None or not _is_url(self.webhook_url, *schemes) or self.webhook_path == "/":
            raise ValueError(
                "TELEGRAM_WEBHOOK_URL must be the public https address that Telegram posts to, with a path, "
                "such as https://shop.example/telegram/webhook; or set TELEGRAM_MODE=polling"
            )
        if self.webhook_secret is None or not _SECRET.fullmatch(self.webhook_secret.get_secret_value()):
            raise ValueError(
                "TELEGRAM_WEBHOOK_SECRET must be 1 to 256 characters of A-Z a-z 0-9 _ - in webhook mode: "
                "make one with `openssl rand -hex 32`"
            )
        return self

    @model_validator(mode="after")
    def _mount_is_complete(self) -> Self:
        if self.mode is not TelegramMode.MOUNTED:
            return self
        if self.mount_secret is None or not _MOUNT_SECRET.fullmatch(self.mount_secret.get_secret_value()):
            raise ValueError(
                "TELEGRAM_MOUNT_SECRET must be 16 to 256 characters of A-Z a-z 0-9 _ - in mounted mode, the "
                "same as your own bot is given: make one with `openssl rand -hex 32`"
            )
        return self

    @property
    def bot_id(self) -> str:
        """The bot's number, which is no secret."""
        return self.token.get_secret_value().partition(":")[0]

    @property
    def webhook_path(self) -> str:
        """The path of `webhook_url`, at least `/`."""
        return urlsplit(self.webhook_url or "").path or "/"


def _is_url(url: str, *schemes: str) -> bool:
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return parts.scheme in schemes and bool(parts.hostname)
