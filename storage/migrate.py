"""The schema: brought up to date when a performing store is opened, only checked by any other."""

from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, inspect, text

from storage.errors import SchemaBehind, StoreError
from storage.schema import HEAD

if TYPE_CHECKING:
    from alembic.config import Config

_REMEDY = "start `rescind serve` once to bring it up to date"
_RESTORE = "restore {} copy: docs/operations.md#back-up-and-restore"
_VERSIONS = Path(__file__).parent / "migrations" / "versions"
_LOCK = 7_263_401
"""PostgreSQL's advisory lock for migrating: any number that nobody else uses."""


def revision(connection: Connection) -> str | None:
    """The migration the database is at; `None` where there was none yet."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()


def check(connection: Connection) -> None:
    """Raise `StoreError` unless the schema is the one this code was written for."""
    match revision(connection):
        case None:
            raise SchemaBehind("The database holds no tables yet; start `rescind serve` once to create them")
        case schema if schema == HEAD:
            return
        case schema if schema in _earlier():
            raise SchemaBehind(f"The database (schema {schema}) is older than this release; {_REMEDY}")
        case schema if len(schema) == len(HEAD) and schema.isdecimal() and schema > HEAD:
            raise StoreError(
                f"The database (schema {schema}) was made by a newer release than this; "
                f"upgrade Rescind, or {_RESTORE.format('an older')}"
            )
        case schema:
            raise StoreError(
                f"The database says that its schema is {schema!r}, which no release has; "
                f"let DATABASE_URL name another, or {_RESTORE.format('a')}"
            )


def _earlier() -> set[str]:
    """The migrations that this release can go on from, by the names of their files."""
    return {file.name.partition("_")[0] for file in _VERSIONS.glob("[0-9]*.py")} - {HEAD}


def migrate(connection: Connection) -> None:
    """Bring the schema up to date within the connection's transaction; one process at a time.

    Raises `StoreError` where the database was made by a newer release, or by none.
    """
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
    found = revision(connection)
    if found is None or found in _earlier():
        upgrade(connection, HEAD)
    check(connection)


def upgrade(connection: Connection, target: str) -> None:
    """Run the migrations up to `target`."""
    from alembic import command  # noqa: PLC0415 — a quarter of a second that most starts need not spend

    command.upgrade(_config(connection), target)


def downgrade(connection: Connection, target: str) -> None:
    """Undo the migrations down to `target`, and what they held."""
    from alembic import command  # noqa: PLC0415 — as above

    command.downgrade(_config(connection), target)


def _config(connection: Connection) -> "Config":
    from alembic.config import Config  # noqa: PLC0415 — as above

    config = Config()
    config.set_main_option("script_location", str(_VERSIONS.parent).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config
