"""Topics: answers to agents outlive the process, and which losses of messages were told."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_KEY = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def _key(name: str) -> sa.Column[str]:
    return sa.Column(name, _KEY, primary_key=True, nullable=False)


def _id(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger, primary_key=True, autoincrement=False, nullable=False)


def upgrade() -> None:
    op.create_table(
        "topic_answers",
        _key("conversation"),
        _id("update_id"),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_table("topic_losses", _key("conversation"), _id("seq"), sqlite_with_rowid=False)


def downgrade() -> None:
    op.drop_table("topic_losses")
    op.drop_table("topic_answers")
