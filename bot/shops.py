"""The shop that ORDER_BACKEND names: its adapter, and that adapter's own settings from the environment.

An adapter declares its settings as a pydantic model. Each field is a variable: the adapter's prefix and the
field's name in capitals, as VENDURE_URL. Nothing here knows any adapter by name but the demo shop, which has
no settings of this kind.
"""

import os
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import get_args

from dotenv import dotenv_values
from pydantic import BaseModel, SecretStr, ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails
from pydantic_settings import (
    BaseSettings,
    DotEnvSettingsSource,
    EnvSettingsSource,
    SettingsConfigDict,
    SettingsError,
)

from bot.orders import plugged
from bot.orders.plugged import AdapterUnusable, Plugged
from bot.orders.stage_rows import MappingError
from bot.ports import OrderBackend
from bot.settings import SettingsInvalid, line_of, plain, wrong

DEMO = "demo"
_ENV_FILE = ".env"
_SHORTEST_SECRET = 3
"""Characters from which on a value is looked for in a message; shorter ones stand in any word."""


@dataclass(frozen=True, slots=True)
class Variable:
    """A setting of an adapter. `default` is as it is written in the environment, empty where none is."""

    name: str
    about: str
    default: str
    secret: bool
    required: bool


@dataclass(frozen=True, slots=True)
class Shop:
    """A shop system as it is configured."""

    found: Plugged
    settings: BaseModel

    def made(self, unmapped: Callable[[str], None]) -> OrderBackend:
        """The adapter, which has opened nothing yet. Raises `SettingsInvalid`."""
        prefix = self.found.prefix
        try:
            return self.found.adapter(self.settings, unmapped=unmapped)
        except MappingError as error:
            raise SettingsInvalid(
                f"{prefix}MAPPING: {error}. Mend that file; or unset this, for the mapping of Rescind's own"
            ) from None
        except ValueError as error:
            told = without(str(error), self.secrets())
        raise SettingsInvalid(f"{prefix}*: {told}")

    def secrets(self) -> tuple[str, ...]:
        """Every value that must not be shown."""
        values = (getattr(self.settings, name) for name in type(self.settings).model_fields)
        return tuple(value.get_secret_value() for value in values if isinstance(value, SecretStr))


def known() -> tuple[str, ...]:
    """What ORDER_BACKEND may be."""
    return (DEMO, *plugged.names())


def found(name: str) -> Plugged:
    """The adapter of that name, imported now. Raises `SettingsInvalid`."""
    if name not in known():
        *most, last = known()
        raise SettingsInvalid(
            f"ORDER_BACKEND: there is no adapter of this name; must be {', '.join(most)} or {last}. "
            "Is the package that brings yours installed?"
        )
    try:
        return plugged.find(name)
    except AdapterUnusable as error:
        raise SettingsInvalid(f"ORDER_BACKEND: {error}") from None


def chosen(name: str) -> Shop:
    """The shop system of that name with its settings as they are now.

    Raises `SettingsInvalid` naming each bad variable and the remedy, never a value.
    """
    adapter = found(name)
    try:
        return Shop(adapter, adapter.adapter.settings_model.model_validate(_set(adapter)))
    except ValidationError as error:
        problems = error.errors(include_url=False)
    except SettingsError as error:
        raise SettingsInvalid(f"{adapter.prefix}*: {error}") from None
    except (UnicodeDecodeError, OSError):
        raise SettingsInvalid(
            f"{_ENV_FILE}: cannot be read; save it as UTF-8, and make it readable"
        ) from None
    raise SettingsInvalid("\n".join(_told(adapter, problem) for problem in problems))


def variables(adapter: Plugged) -> tuple[Variable, ...]:
    """The settings of an adapter, in the order of its model."""
    return tuple(
        Variable(
            name=f"{adapter.prefix}{name.upper()}",
            about=line_of(field),
            default="" if field.is_required() else plain(field.default),
            secret=_is_secret(field),
            required=field.is_required(),
        )
        for name, field in adapter.adapter.settings_model.model_fields.items()
    )


def strangers(adapter: Plugged) -> tuple[str, ...]:
    """Variables that are set and look like this adapter's settings, and are none: perhaps misspelt."""
    own = {variable.name for variable in variables(adapter)}
    set_ = {name.upper() for name in (*os.environ, *in_env_file())}
    return tuple(sorted(name for name in set_ - own if name.startswith(adapter.prefix)))


def in_env_file() -> dict[str, str | None]:
    """The variables of `.env` as they are written there; `None` for a line without `=`."""
    try:
        return dotenv_values(_ENV_FILE, encoding="utf-8")
    except (UnicodeDecodeError, OSError):
        return {}


def without(text: str, secrets: Iterable[str]) -> str:
    """The text with each of these values blotted out."""
    for secret in sorted(secrets, key=len, reverse=True):
        if len(secret) >= _SHORTEST_SECRET:
            text = text.replace(secret, "[hidden]")
    return text


def mapping_remedy(adapter: Plugged) -> str:
    """What to do about a status that nothing maps."""
    if "mapping" in adapter.adapter.settings_model.model_fields:
        return f"add a row for it to the file that {adapter.prefix}MAPPING names, and start anew"
    return f"the adapter {adapter.name} has no setting for a mapping: tell whoever looks after it"


def _set(adapter: Plugged) -> dict[str, object]:
    """What the environment says of the adapter's settings, and `.env` of the others, by field."""
    config = SettingsConfigDict(
        env_prefix=adapter.prefix,
        env_file=_ENV_FILE,
        env_file_encoding="utf-8",
        env_ignore_empty=True,
        extra="ignore",  # `.env` holds everybody's settings
        use_attribute_docstrings=False,  # the model has read its own
    )
    model = adapter.adapter.settings_model
    sourced: type[BaseSettings] = type(model.__name__, (model, BaseSettings), {"model_config": config})
    values = DotEnvSettingsSource(sourced)() | EnvSettingsSource(sourced)()
    return {name: values[name] for name in model.model_fields if name in values}


def _told(adapter: Plugged, problem: ErrorDetails) -> str:
    """Variable, what is wrong and what it is for; a validator's own words are searched for the value."""
    fields = adapter.adapter.settings_model.model_fields
    name = str(problem["loc"][0]) if problem["loc"] else ""
    if name in fields:
        words = without(wrong(problem), _values(problem.get("input")))
        return f"{adapter.prefix}{name.upper()}: {words}. {line_of(fields[name])}".rstrip()
    whole = problem.get("input")
    whole = whole if isinstance(whole, dict) else {}
    secrets = [each for name in fields if _is_secret(fields[name]) for each in _values(whole.get(name))]
    words = without(wrong(problem), secrets)
    named = re.sub(rf"\b({'|'.join(fields)})\b", lambda each: f"{adapter.prefix}{each[0].upper()}", words)
    return f"{adapter.prefix}*: {named}"


def _values(given: object) -> list[str]:
    match given:
        case SecretStr():
            return [given.get_secret_value()]
        case str():
            return [given]
    return []


def _is_secret(field: FieldInfo) -> bool:
    kinds = (field.annotation, *get_args(field.annotation))
    return any(isinstance(kind, type) and issubclass(kind, SecretStr) for kind in kinds)
