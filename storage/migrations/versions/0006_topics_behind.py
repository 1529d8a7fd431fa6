"""Topics: those that tell of other losses than there are stand in a table of their own."""

import json
from collections import defaultdict

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_KEY = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    op.create_table(
        "topic_behind",
        sa.Column("conversation", _KEY, primary_key=True, nullable=False),
        sqlite_with_rowid=False,
    )
    connection = op.get_bind()
    lost, told = defaultdict[str, set[int]](set), defaultdict[str, set[int]](set)
    given_up = "SELECT conversation, payload FROM given_up WHERE kind = 'Deliver'"
    for key, payload in connection.execute(sa.text(given_up)):
        lost[key].add(json.loads(payload)["seq"])
    for key, seq in connection.execute(sa.text("SELECT conversation, seq FROM topic_losses")):
        told[key].add(seq)
    behind = [
        {"key": key}
        for (key,) in connection.execute(sa.text("SELECT conversation FROM topics"))
        if lost.get(key) != told.get(key)
    ]
    if behind:
        connection.execute(sa.text("INSERT INTO topic_behind (conversation) VALUES (:key)"), behind)


def downgrade() -> None:
    op.drop_table("topic_behind")
