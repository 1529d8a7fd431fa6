import os
import sqlite3
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, inspect, text
from storage_makers import NOW, turn

from storage import migrate, schema, sqlite
from storage.database import parse
from storage.errors import SchemaBehind, StoreError, StoreUnreachable
from storage.store import Store


def tables(connection: Connection) -> set[str]:
    return set(inspect(connection).get_table_names())


def differences(connection: Connection) -> list[object]:
    return list(compare_metadata(MigrationContext.configure(connection), schema.metadata))


async def test_the_migrations_make_the_schema_the_code_writes(empty_database_url: str) -> None:
    store = await Store.open(empty_database_url)
    assert await store.database.write(differences) == []
    assert await store.database.read(tables) == {*schema.metadata.tables, "alembic_version"}
    await store.close()


async def test_the_migrations_make_the_same_indexes_and_kinds_of_table(sqlite_url: str) -> None:
    def layout(connection: Connection) -> set[tuple[str, str]]:
        rows = connection.execute(text("SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL"))
        return {(name, "".join(sql.split())) for name, sql in rows if name != "alembic_version"}

    store = await Store.open(sqlite_url)
    migrated = await store.database.read(layout)
    await store.database.write(lambda connection: migrate.downgrade(connection, "base"))
    await store.database.write(schema.metadata.create_all)
    assert migrated == await store.database.read(layout)
    await store.close()


async def test_the_migrations_go_back_and_forth(empty_database_url: str) -> None:
    store = await Store.open(empty_database_url)
    await store.database.write(lambda connection: migrate.downgrade(connection, "base"))
    assert await store.database.read(tables) == {"alembic_version"}
    await store.database.write(lambda connection: migrate.upgrade(connection, "head"))
    assert await store.database.write(differences) == []
    await store.close()


async def test_the_schema_named_in_the_code_is_the_newest_migration(sqlite_url: str) -> None:
    store = await Store.open(sqlite_url)
    script = await store.database.read(
        lambda connection: ScriptDirectory.from_config(migrate._config(connection))
    )
    assert script.get_heads() == [schema.HEAD]
    await store.close()


async def test_a_store_that_only_looks_never_migrates(empty_database_url: str) -> None:
    for options in ({"read_only": True}, {"perform": False}):
        with pytest.raises(StoreError, match=r"start `rescind serve` once"):
            await Store.open(empty_database_url, **options)
    database = await Store.open(empty_database_url)
    await database.database.write(
        lambda c: c.execute(text("UPDATE alembic_version SET version_num = '0001'"))
    )
    await database.database.close()
    if database._performing:
        database._performing.release()
    for options in ({"read_only": True}, {"perform": False}):
        with pytest.raises(StoreError, match="older than this release"):
            await Store.open(empty_database_url, **options)


async def test_a_store_that_only_looks_makes_no_file(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="There is no database"):
        await Store.open(f"sqlite:///{tmp_path}/none.db", read_only=True)
    assert os.listdir(tmp_path) == []  # noqa: PTH208 — pathlib is not for async functions


async def test_a_store_that_only_looks_cannot_write(database_url: str) -> None:
    writer = await Store.open(database_url)
    await writer.save(turn())
    reader = await Store.open(database_url, read_only=True)
    assert await reader.load("web:1") is not None
    with pytest.raises(StoreError, match="read-only"):
        await reader.save(turn("web:2"))
    await reader.close()
    await writer.close()
    again = await Store.open(database_url, read_only=True)
    assert await again.load("web:2") is None
    await again.close()


@pytest.mark.parametrize("options", [{}, {"perform": False}, {"read_only": True}])
@pytest.mark.parametrize(
    ("revision", "told"),
    [
        ("9999", "made by a newer release than this; upgrade Rescind, or restore an older copy: docs/"),
        ("0000", "schema is '0000', which no release has; let DATABASE_URL name another, or restore a copy"),
        ("5f0c2b71a9de", "schema is '5f0c2b71a9de', which no release has"),
        ("", "schema is '', which no release has"),
    ],
)
async def test_a_schema_that_this_release_does_not_know_is_left_alone_and_told(
    revision: str, told: str, options: dict[str, bool], empty_database_url: str
) -> None:
    first = await Store.open(empty_database_url)
    await first.database.write(
        lambda c: c.execute(text("UPDATE alembic_version SET version_num = :it"), {"it": revision})
    )
    await first.close()
    with pytest.raises(StoreError) as caught:
        await Store.open(empty_database_url, **options)
    assert told in str(caught.value)
    assert not isinstance(caught.value, SchemaBehind)


async def test_the_migrations_before_this_release_are_known_by_their_files(sqlite_url: str) -> None:
    store = await Store.open(sqlite_url)
    script = await store.database.read(
        lambda connection: ScriptDirectory.from_config(migrate._config(connection))
    )
    revisions = {revision.revision for revision in script.walk_revisions()}
    assert migrate._earlier() == revisions - {schema.HEAD}
    await store.close()


async def test_sqlite_syncs_every_commit_and_lets_readers_read_meanwhile(sqlite_url: str) -> None:
    store = await Store.open(sqlite_url)
    for run in (store.database.read, store.database.write):
        found = await run(
            lambda connection: [
                connection.exec_driver_sql(f"PRAGMA {name}").scalar()
                for name in ("synchronous", "journal_mode")
            ]
        )
        assert found == [2, "wal"]
    await store.close()


async def test_what_customers_wrote_is_readable_by_its_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "data" / "store.db"
    store = await Store.open(f"sqlite:///{path}")
    await store.save(turn())
    for file in path.parent.iterdir():
        assert stat.S_IMODE(file.stat().st_mode) == 0o600, file
    await store.close()


async def test_a_second_performing_process_is_told_who_holds_the_store(sqlite_url: str) -> None:
    store = await Store.open(sqlite_url)
    with pytest.raises(StoreError, match=f"Process {os.getpid()} already works with the database"):
        await Store.open(sqlite_url)
    looking = await Store.open(sqlite_url, read_only=True)
    writing = await Store.open(sqlite_url, perform=False)
    await writing.save(turn())
    assert await looking.load("web:1") is not None
    await writing.close()
    await looking.close()
    await store.close()
    await (await Store.open(sqlite_url)).close()


async def test_a_killed_process_holds_nothing(sqlite_url: str) -> None:
    script = (
        "import asyncio, os, signal, sys\n"
        "from storage.store import Store\n"
        "async def main():\n"
        "    await Store.open(sys.argv[1])\n"
        "    os.kill(os.getpid(), signal.SIGKILL)\n"
        "asyncio.run(main())\n"
    )
    killed = subprocess.run([sys.executable, "-c", script, sqlite_url], check=False)  # noqa: ASYNC221, S603 — ours
    assert killed.returncode == -9
    await (await Store.open(sqlite_url)).close()


async def test_another_process_that_writes_too_long_is_an_error_and_no_loss(
    sqlite_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sqlite, "_PATIENCE", 0.1)
    store = await Store.open(sqlite_url)
    other = sqlite3.connect(parse(sqlite_url).database or "", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    saving = store.save(turn())
    with pytest.raises(StoreUnreachable, match="locked"):
        await saving
    other.execute("ROLLBACK")
    other.close()
    await store.save(turn())
    await store.close()


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("nonsense", "not a database URL"),
        ("mysql://ann:secret@host/db", "'mysql'"),
        ("sqlite://", "names no file"),
        ("sqlite:///:memory:", "names no file"),
        ("sqlite:////proc/nowhere/store.db", "cannot be opened"),
        ("postgresql://ann:secret@127.0.0.1:1/db", "PostgreSQL at 127.0.0.1:1/db"),
        ("postgresql://ann:secret@[::1]:1/db", r"PostgreSQL at \[::1\]:1/db"),
        ("postgresql:///db?host=/nowhere&password=secret", "PostgreSQL at /nowhere/db"),
        ("postgresql://ann:a@secret#pw@127.0.0.1:1/x", "write @ as %40, # as %23, / as %2F"),
        ("postgresql://ann/lee:secret@127.0.0.1:1/x", "write @ as %40"),
        ("postgresql://ann:pw@127.0.0.1:1/x@secret", "write @ as %40"),
        ("postgresql://ann:secret@host:abc/db", "the port must be a number from 1 to 65535"),
        ("postgresql://ann:pw@host:secret/db", "the port must be a number from 1 to 65535"),
        ("postgresql://ann:secret@host:99999/db", "the port must be a number from 1 to 65535"),
        ("postgresql://ann:secret@host:0/db", "the port must be a number from 1 to 65535"),
        ("postgresql://host/db?port=0", "the port must be a number from 1 to 65535"),
        ("postgresql://host/db?port=abc", "each host needs one port"),
        ("postgresql:///db?host=a,b&port=1", "each host needs one port"),
        ("postgresql://ann:secret@host/db?foo=bar", "leave out the parameter 'foo'"),
        ("postgresql://ann:secret@host/db?connect_timeout=5", "leave out the parameter 'connect_timeout'"),
        ("postgresql://host/db?statement_cache_size=5", "leave out the parameter 'statement_cache_size'"),
        ("postgresql://host/db?ssl=require&ssl=require", "more than once"),
        ("postgresql://host/db?sslmode=on", "sslmode must be one of disable, allow"),
        ("postgresql://host/db?command_timeout=0", "command_timeout must be a whole number"),
        ("postgresql://host/db?prepared_statement_cache_size=x", "prepared_statement_cache_size must be a"),
    ],
)
async def test_a_url_that_does_not_work_is_explained_without_its_password(url: str, message: str) -> None:
    with pytest.raises(StoreError, match=message) as caught:
        await Store.open(url)
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    ("given", "driver", "query"),
    [
        ("postgresql://h/db?sslmode=require", "postgresql+asyncpg", {"ssl": "require"}),
        ("postgres://h/db", "postgresql+asyncpg", {}),
        ("postgresql+psycopg://h/db?host=/run", "postgresql+asyncpg", {"host": "/run"}),
        ("sqlite+aiosqlite:///a.db", "sqlite", {}),
        ("sqlite:///a@b@c.db", "sqlite", {}),
        ("postgresql://ann:a%40b%23c@h:5432/db", "postgresql+asyncpg", {}),
        (
            "postgresql://h/db?prepared_statement_cache_size=0",
            "postgresql+asyncpg",
            {"prepared_statement_cache_size": "0"},
        ),
    ],
)
def test_urls_as_other_programs_write_them_are_understood(
    given: str, driver: str, query: dict[str, str]
) -> None:
    url = parse(given)
    assert url.drivername == driver
    assert dict(url.query) == query


async def test_a_lost_connection_is_made_anew(postgres_url: str) -> None:
    store = await Store.open(postgres_url)
    await store.save(turn())
    await store.database.write(
        lambda c: c.execute(
            text(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE pid <> pg_backend_pid() AND datname = current_database()"
            )
        )
    )
    with_another = await Store.open(postgres_url)
    await with_another.database.read(
        lambda c: c.execute(
            text(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE pid <> pg_backend_pid() AND datname = current_database()"
            )
        )
    )
    await store.ping()
    await store.save(turn(base=1))
    assert len(await store.entries("web:1")) == 2
    await with_another.close()
    await store.close()


async def test_opening_a_store_of_this_release_loads_no_migration_tool(sqlite_url: str) -> None:
    await (await Store.open(sqlite_url)).close()
    script = (
        "import asyncio, sys\n"
        "from storage.store import Store\n"
        "asyncio.run(Store.open(sys.argv[1], read_only=True))\n"
        "sys.exit('alembic' in sys.modules)\n"
    )
    opened = subprocess.run([sys.executable, "-c", script, sqlite_url], check=False)  # noqa: ASYNC221, S603 — ours
    assert opened.returncode == 0


async def test_times_are_kept_to_the_microsecond(store: Store) -> None:
    await store.save(turn(wake_at=NOW))
    assert (await store.entries("web:1"))[0].at == NOW
    assert await store.due(NOW.replace(microsecond=NOW.microsecond - 1), 1, NOW - NOW) == ()
    assert await store.due(NOW, 1, NOW - NOW) == ("web:1",)
