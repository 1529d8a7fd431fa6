"""Structured logs, with everything personal or secret masked in one place."""

import logging
import re
import sys
from collections.abc import Iterable

import structlog
from structlog.typing import EventDict, WrappedLogger

_EMAIL = re.compile(r"[^\s@<>\"'=]+@[^\s@<>\"'=]+\.[^\s@<>\"',;)]+")
_BOT_TOKEN = re.compile(r"\b\d{5,}:[A-Za-z0-9_-]{20,}")
_URL_PASSWORD = re.compile(r"(?<=://)([^/\s:@]+):[^/\s@]+@")
_TALKATIVE = ("aiohttp.access", "alembic", "wordllama")
"""Libraries that tell at every start, or request, what nobody asked."""
_SECRET_NAMES = ("token", "secret", "password", "authorization", "email")


def masked(text: str) -> str:
    """The text without e-mail addresses, bot tokens and passwords in URLs."""
    text = _BOT_TOKEN.sub("[token]", _URL_PASSWORD.sub(r"\1:[password]@", text))
    return _EMAIL.sub("[e-mail]", text)


def mask(logger: WrappedLogger, method: str, event: EventDict) -> EventDict:
    """Mask every value of a log line; a value under a telling name goes whole."""
    del logger, method
    for name, value in event.items():
        if any(secret in name.lower() for secret in _SECRET_NAMES):
            event[name] = "[masked]"
        elif isinstance(value, str):
            event[name] = masked(value)
        elif not isinstance(value, int | float | bool | None):
            event[name] = masked(str(value))
    return event


def set_up(fmt: str, level: str) -> None:
    """Send our logs and those of libraries to standard error, masked; `fmt` is `text` or `json`.

    Whatever a library sets up as it is imported, before or after, leaves this as it is.
    """
    shared: Iterable[structlog.typing.Processor] = (
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.ExtraAdder(),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
        mask,
    )
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.make_filtering_bound_logger(level),
        cache_logger_on_first_use=True,
    )
    last: structlog.typing.Processor = (
        structlog.processors.JSONRenderer()
        if fmt == "json"
        else structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=list(shared),
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, last],
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level.upper())
    for name in _TALKATIVE:
        logging.getLogger(name).setLevel(max(root.level, logging.WARNING))
