"""Every setting of the product, from the environment or a `.env` file; only `assembly` reads it."""

import re
import zoneinfo
from datetime import timedelta
from pathlib import Path
from typing import Literal

import holidays
from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails
from pydantic_settings import BaseSettings, SettingsConfigDict

_LONGEST_RECHECK = 24 * 60 * 60
"""Seconds."""
_YEAR = 365 * 24 * 60
"""Minutes."""


_LONGEST_BLANK = 64
"""Spaces; a pattern that takes fewer for an order number takes any text for one."""


class SettingsInvalid(ValueError):
    """A setting is bad; the message names the variable and the remedy."""


class Settings(BaseSettings):
    """What an operator can set. The name of the variable is the field's, in capitals."""

    model_config = SettingsConfigDict(
        env_file=".env",
        env_file_encoding="utf-8",
        extra="ignore",
        hide_input_in_errors=True,
        env_ignore_empty=True,
        use_attribute_docstrings=True,
    )

    data_dir: Path = Path("data")
    """Folder for what the product keeps by itself: embedded database, demo shop, generated key."""
    database_url: str = ""
    """The store: sqlite:///path or postgresql://user:password@host/name. Unset: in DATA_DIR."""
    secret_key: SecretStr = SecretStr("")
    """Signs visitor tokens. Unset: generated once into DATA_DIR/secret-key."""
    http_host: str = "127.0.0.1"
    """Address the web server listens on; 0.0.0.0 for every interface."""
    http_port: int = Field(default=8080, ge=0, le=65535)
    """Port the web server listens on."""
    order_backend: str = "demo"
    """The shop system orders are read from: demo, http, shopify, vendure or woocommerce, whose own settings
    stand at the end; or an adapter that another package brings (docs/adapters.md)."""
    demo_shop_path: Path | None = None
    """The demo shop's own SQLite file. Unset: demo-shop.sqlite3 in DATA_DIR."""
    order_status_url: str = ""
    """Where the website shows an order's live status, with {number} in it, e.g. https://shop.example/orders/{number}."""
    order_number_pattern: str = ""
    """The shop's order numbers as a regular expression, e.g. W\\d{7}. Unset: every usual form."""
    order_number_example: str = "1042"
    """An order number as customers know it, shown when they are asked for theirs."""
    shop_name: str = "Harbour & Pine"
    """The shop's name on the demo support page."""
    shop_timezone: str = "Europe/Berlin"
    """The shop's time zone; refund dates are counted in it."""
    shop_country: str = "DE"
    """The country whose public holidays are no business days, e.g. DE, US, or US-CA with a subdivision."""
    policy_file: Path | None = None
    """The shop's own cancellation rules (TOML). Unset: the rules that come with the product."""
    refund_methods_file: Path | None = None
    """The shop's own refund windows (TOML), row by row over those that come with the product."""
    refund_legal_days: int | None = Field(default=None, ge=1, le=60)
    """The latest legal day of a refund to a consumer, e.g. 14 in the EU. Unset: not mentioned."""
    webchat_origins: str = ""
    """Other origins whose pages embed the chat, with commas: https://shop.example,https://www.shop.example."""
    webchat_trust_proxy: bool = False
    """Take the visitor's address from X-Forwarded-For: only behind a proxy that sets it."""
    webchat_frames_per_second: float = Field(default=2.0, gt=0, le=1000)
    """Frames that one chat may send on average; 20 at once are let through."""
    webchat_sessions_per_minute: float = Field(default=30.0, gt=0, le=60_000)
    """New chats that one network address may begin on average; 30 at once are let through."""
    api_requests_per_second: float = Field(default=10.0, gt=0, le=10_000)
    """Stage look-ups over HTTP that one token may ask for on average; twice as many at once pass."""
    api_failures_per_minute: float = Field(default=30.0, gt=0, le=1_000_000)
    """Requests of one network address that may show no token that works; so many at once are answered."""
    telegram_bot_token: SecretStr = SecretStr("")
    """The bot's token from @BotFather. Unset: Telegram is switched off."""
    telegram_api_url: str = ""
    """A Bot API server of your own instead of Telegram's."""
    telegram_mode: Literal["polling", "webhook", "mounted"] = "polling"
    """polling, webhook (TELEGRAM_WEBHOOK_URL and _SECRET), mounted in your bot (TELEGRAM_MOUNT_SECRET)."""
    telegram_webhook_url: str = ""
    """The public https address Telegram posts to, with a path."""
    telegram_webhook_secret: SecretStr = SecretStr("")
    """1 to 256 characters of A-Z a-z 0-9 _ -; proves that a post comes from Telegram."""
    telegram_mount_secret: SecretStr = SecretStr("")
    """16 to 256 characters of A-Z a-z 0-9 _ -; proves that a post comes from the shop's own bot."""
    telegram_desk_groups: str = ""
    """Supergroups where agents work, with commas: -1001234567890, or -1001234567890=web for one channel."""
    telegram_desk_bot_token: SecretStr = SecretStr("")
    """Another bot's token for those groups. Unset: the customers' bot works there too."""
    desk_lease_minutes: float = Field(default=15, ge=1, le=_YEAR)
    """Minutes without a sign of life after which a chat that an agent has returns to the queue."""
    desk_see_all: bool = True
    """Agents see chats that others have; otherwise their own and unassigned ones only."""
    desk_agents_override: bool = False
    """Agents may cancel against the policy, with a reason; otherwise supervisors only."""
    desk_session_hours: float = Field(default=12, gt=0, le=24 * 365)
    """Hours without use after which an agent has to sign in again."""
    desk_session_days: float = Field(default=7, gt=0, le=365)
    """Days after which an agent has to sign in again in any case."""
    remind_after_minutes: float = Field(default=15, gt=0, le=_YEAR)
    """Minutes of silence before the bot reminds once."""
    close_after_minutes: float = Field(default=360, gt=0, le=_YEAR)
    """Minutes of further silence before it closes politely."""
    erase_after_days: int | None = Field(default=None, ge=1, le=36_500)
    """Days of silence after which a conversation is erased for good. Unset: kept until `rescind erase`."""
    recheck_seconds: str = "5,60,600"
    """How long after a cancellation was told the order's record is read again, with commas."""
    desk_hours: str = ""
    """When people answer, in SHOP_TIMEZONE, not on public holidays: mon-fri 09:00-17:00; sat 10:00-14:00."""
    desk_expected_wait_minutes: float = Field(default=0, ge=0, le=_YEAR)
    """How long a person usually takes to answer, as customers are told. 0: not told."""
    guess_pause_seconds: float = Field(default=1.0, ge=0, le=10)
    """A pair of number and e-mail that matches nothing is answered at a multiple of these."""
    log_format: Literal["text", "json"] = "text"
    """How logs are written: text or json."""
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    """What is logged: debug, info, warning or error."""

    @field_validator("order_backend", "telegram_mode", "log_format", "log_level", mode="before")
    @classmethod
    def _case_does_not_matter(cls, word: object) -> object:
        return word.strip().lower() if isinstance(word, str) else word

    @field_validator("shop_timezone")
    @classmethod
    def _zone_is_known(cls, name: str) -> str:
        if name not in zoneinfo.available_timezones():
            raise ValueError("no such time zone; use a name such as Europe/Berlin")
        return name

    @field_validator("shop_country")
    @classmethod
    def _country_is_known(cls, country: str) -> str:
        code, dash, subdivision = country.partition("-")
        code = code.strip().upper()
        known = holidays.list_supported_countries()
        if code not in known or (subdivision and subdivision not in known[code]):
            raise ValueError("no holidays are known there; use a country code such as DE, or US-CA")
        return f"{code}{dash}{subdivision}"

    @field_validator("order_status_url")
    @classmethod
    def _url_names_the_order(cls, url: str) -> str:
        if url and ("{number}" not in url or not url.startswith(("http://", "https://"))):
            raise ValueError(
                "must be a web address with {number} in it, e.g. https://shop.example/orders/{number}"
            )
        return url

    @field_validator("order_number_pattern")
    @classmethod
    def _pattern_is_of_numbers(cls, pattern: str) -> str:
        try:
            matches = re.compile(pattern).fullmatch
        except (re.error, RecursionError, OverflowError) as error:
            raise ValueError(f"is no regular expression ({error})") from None
        if pattern and any(matches(" " * length) for length in range(_LONGEST_BLANK)):
            raise ValueError(
                "matches a text without a number in it; write what one number looks like, as W\\d{7}"
            )
        return pattern

    @field_validator("recheck_seconds")
    @classmethod
    def _seconds(cls, value: str) -> str:
        try:
            seconds = [float(each) for each in value.split(",") if each.strip()]
        except ValueError:
            raise ValueError("must be numbers of seconds with commas, as 5,60,600") from None
        if seconds != sorted(set(seconds)) or any(not 0 < each <= _LONGEST_RECHECK for each in seconds):
            raise ValueError("must be numbers of seconds in ascending order, none above 86400")
        return value

    @property
    def rechecks(self) -> tuple[timedelta, ...]:
        """When the record of a cancelled order is read again."""
        return tuple(
            timedelta(seconds=float(each)) for each in self.recheck_seconds.split(",") if each.strip()
        )

    @property
    def store_url(self) -> str:
        """Where the store is."""
        return self.database_url or f"sqlite:///{self.data_dir / 'rescind.sqlite3'}"

    @property
    def demo_shop(self) -> Path:
        """Where the demo shop's record is."""
        return self.demo_shop_path or self.data_dir / "demo-shop.sqlite3"


def read_settings() -> Settings:
    """The settings as they are now. Raises `SettingsInvalid`, naming each bad variable and the remedy."""
    try:
        return Settings()
    except ValidationError as error:
        problems = error.errors(include_url=False, include_input=False)
        raise SettingsInvalid("\n".join(map(_told, problems))) from None
    except UnicodeDecodeError:
        raise SettingsInvalid(".env: this is not UTF-8 text; save it as UTF-8") from None
    except OSError as error:
        raise SettingsInvalid(f".env: cannot be read ({error.strerror}); make it readable") from None


def _told(problem: ErrorDetails) -> str:
    """Variable, what is wrong, what it is for, and its default; never the value, which may be secret."""
    name = str(problem["loc"][0])
    field = Settings.model_fields[name]
    default = "" if field.default in (None, "") else f" Default: {plain(field.default)}."
    return f"{name.upper()}: {wrong(problem)}. {line_of(field)}{default}"


def line_of(field: FieldInfo) -> str:
    """What a setting is for, on one line."""
    return " ".join((field.description or "").split())


def plain(value: object) -> str:
    """A setting's value as it is written in the environment."""
    match value:
        case None:
            return ""
        case SecretStr():
            return value.get_secret_value()
        case bool():
            return str(value).lower()
        case float():
            return f"{value:g}"
    return str(value)


def wrong(problem: ErrorDetails) -> str:
    """What is wrong with a value, without the value."""
    context = problem.get("ctx", {})
    match problem["type"]:
        case "value_error":
            return str(context["error"])
        case "literal_error":
            return f"must be {context['expected']}".replace("'", "")
        case "bool_parsing" | "bool_type":
            return "must be true or false"
        case "int_parsing" | "int_from_float" | "int_type" | "int_parsing_size":
            return "must be a whole number"
        case "float_parsing" | "float_type" | "finite_number":
            return "must be a number"
        case "missing":
            return "is not set"
    return re.sub("^(Input|String|Value) should ", "must ", problem["msg"])
