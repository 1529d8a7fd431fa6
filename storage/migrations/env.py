"""Alembic's door: runs the migrations on the connection that `storage.migrate` hands in."""

from alembic import context
from sqlalchemy import Connection

from storage.schema import metadata

connection: Connection = context.config.attributes["connection"]
# The caller's transaction holds all of it: a schema is migrated whole or not at all, also on SQLite.
context.configure(
    connection=connection,
    target_metadata=metadata,
    transactional_ddl=True,
    render_as_batch=connection.dialect.name == "sqlite",
)
with context.begin_transaction():
    context.run_migrations()
