"""What DATABASE_URL may say of PostgreSQL, checked before anything is connected to.

Nothing that could be a part of the password is repeated in what is told.
"""

import re

from sqlalchemy import URL
from sqlalchemy.exc import ArgumentError

from storage.errors import StoreError

_ENCODE = "in user and password, write @ as %40, # as %23, / as %2F, : as %3A and ? as %3F"
_SSL = ("disable", "allow", "prefer", "require", "verify-ca", "verify-full")
_NUMBERS = {"command_timeout": "[1-9][0-9]{0,8}", "prepared_statement_cache_size": "[0-9]{1,9}"}
_KNOWN = ("host", "port", "user", "password", "passfile", "ssl", "krbsrvname", "gsslib", *_NUMBERS)
"""As asyncpg, or SQLAlchemy for it, takes them from a URL."""
_HIGHEST_PORT = 65_535


def must_be_clear(url: str) -> None:
    """Raise `StoreError` where user and password are not set off from the rest beyond doubt.

    An `@` that is not encoded ends the password too early: its rest would be taken for the host, and shown.
    """
    credentials, at, place = url.partition("://")[2].partition("@")
    if at and ("@" in place or re.match("[^:]*/", credentials)):
        raise StoreError(f"DATABASE_URL cannot be taken apart: {_ENCODE}")


def no_port() -> StoreError:
    """What to say where no number stands for the port."""
    return StoreError(f"DATABASE_URL: the port must be a number from 1 to {_HIGHEST_PORT}; {_ENCODE}")


def for_asyncpg(url: URL) -> URL:
    """The URL as asyncpg takes it. Raises `StoreError` for a parameter or a port that it does not take.

    `sslmode`, as every other client of PostgreSQL spells it, is `ssl` for asyncpg.
    """
    if (mode := url.query.get("sslmode")) is not None:
        url = url.difference_update_query(["sslmode"]).update_query_dict({"ssl": mode})
    for name, value in url.query.items():
        _check(name, value)
    try:
        options = url.get_dialect()().create_connect_args(url)[1]
    except (ArgumentError, ValueError):
        raise StoreError(
            f"DATABASE_URL: each host needs one port, a number from 1 to {_HIGHEST_PORT}, or none does"
        ) from None
    ports = options.get("port")
    for port in (url.port, *(ports if isinstance(ports, list) else [ports])):
        if port is not None and not 1 <= int(port) <= _HIGHEST_PORT:
            raise no_port()
    return url


def _check(name: str, value: str | tuple[str, ...]) -> None:
    if name not in _KNOWN:
        known = ", ".join(sorted({*_KNOWN, "sslmode"}))
        raise StoreError(
            f"DATABASE_URL: leave out the parameter {name!r}, it is not known; known are {known}"
        )
    if name in ("host", "port"):
        return
    if not isinstance(value, str):
        raise StoreError(f"DATABASE_URL: the parameter {name} is there more than once; leave one")
    if name in _NUMBERS and not re.fullmatch(_NUMBERS[name], value):
        raise StoreError(f"DATABASE_URL: {name} must be a whole number, as in {name}=60")
    if name == "ssl" and value not in _SSL:
        raise StoreError(f"DATABASE_URL: sslmode must be one of {', '.join(_SSL)}")
