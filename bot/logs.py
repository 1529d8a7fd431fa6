"""Structured logs, with everything personal or secret masked in one place."""

import logging
import re
import sys
from collections.abc import Iterable

import structlog
from structlog.typing import EventDict, WrappedLogger

_EMAIL = re.compile(
    r"(?<![^\s@<>\"'=])[^\s@<>\"'=]++(?<!\*\*\*)(?<!\[password\])@[^\s@<>\"'=]+\.[^\s@<>\"',;)]+"
)
"""What is tried at the start of a word alone, so that a long word costs no more than its length. What follows
a password that is masked already is a host."""
_ENCODED_EMAIL = re.compile(
    r"(?<![^\s<>\"'=&?#/,;()\[\]{}])(?:(?!%(?:25)*+40)[^\s<>\"'=&?#/,;()\[\]{}])++%(?:25)*+40[^\s<>\"'=&?#/,;()\[\]{}]++"
)
_TOKEN = re.compile(r"(?<!\d)\d{5,}+:[A-Za-z0-9_-]{20,}|\brsc_[0-9a-z]++_[A-Za-z0-9_-]++")
"""A Telegram bot's, also behind the `bot` of its URLs, and one of our interface."""
_BEARER = re.compile(r"\b(bearer\s++)(?=[^\s\"',;]*?[\d_-]|[^\s\"',;]{16})[^\s\"',;]++", re.IGNORECASE)
_HEADER = re.compile(
    r"((?:cookie|authorization|(?:secret|access|auth)-token)"
    r"(?:[\\\"']++\s*+[:,]|\s*+[:=])\s*+b?)"  # as it is sent, and in what Python shows of a mapping or a pair
    r"(?:([\"'])(?:\\.|(?!\2)[^\\])*+|[^\r\n]++)",
    re.IGNORECASE,
)
_TELLING = ("cookie", "authorization", "-token", "bearer", "rescind-desk")
_DESK_COOKIE = re.compile(r"(rescind-desk=)[^\s;,\"']++")
_URL_PASSWORD = re.compile(r"(?<=://)([^/\s:@]*+):(?!\d{1,5}(?:[/?#]|$))[^\s<>]{1,256}@")
_TALKATIVE = ("aiohttp.access", "alembic", "wordllama")
"""Libraries that tell at every start, or request, what nobody asked."""
_SECRET_NAMES = ("token", "secret", "password", "authorization", "cookie", "email")


def masked(text: str) -> str:
    """The text without e-mail addresses, tokens, cookies, credentials in headers and passwords in URLs."""
    if "://" in text:
        text = _URL_PASSWORD.sub(r"\1:[password]@", text)
    text = _TOKEN.sub("[token]", text)
    low = text.lower()  # to look for a word is much quicker than to look for what stands around it
    if any(word in low for word in _TELLING):
        text = _DESK_COOKIE.sub(r"\1[masked]", _BEARER.sub(r"\1[token]", text))
        text = _HEADER.sub(_without_value, text)
    if "40" in text and "%" in text:
        text = _ENCODED_EMAIL.sub("[e-mail]", text)
    return _EMAIL.sub("[e-mail]", text) if "@" in text else text


def _without_value(header: re.Match[str]) -> str:
    return f"{header[1]}{header[2] or ''}[masked]"


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
