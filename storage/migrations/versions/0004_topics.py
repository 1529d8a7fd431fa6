"""Topics for agents: where each conversation is shown, up to which message, and who is who there."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_KEY = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
_TABLES = ("topic_people", "topic_sources", "topic_messages", "topics")


def _key(name: str) -> sa.Column[str]:
    return sa.Column(name, _KEY, primary_key=True, nullable=False)


def _id(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger, primary_key=True, autoincrement=False, nullable=False)


def _number(name: str, *, nullable: bool = False) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger, nullable=nullable)


def _text(name: str, *, nullable: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.Text, nullable=nullable)


def upgrade() -> None:
    op.create_table(
        "topics",
        _key("conversation"),
        _number("grp"),
        _number("topic"),
        _text("reference"),
        _text("name"),
        _number("closed"),
        _number("summary", nullable=True),
        _number("pinned"),
        _text("head"),
        _number("head_seq"),
        _number("seq"),
        _number("note"),
        _number("source"),
        _text("told"),
    )
    op.create_index("topics_by_place", "topics", ["grp", "topic"])
    op.create_table(
        "topic_messages",
        _id("grp"),
        _id("message"),
        _text("conversation"),
        _text("kind"),
        _number("seq", nullable=True),
        _number("at"),
        sqlite_with_rowid=False,
    )
    op.create_index("topic_messages_of", "topic_messages", ["conversation"])
    op.create_table(
        "topic_sources",
        _key("conversation"),
        _id("update_id"),
        _number("message"),
        _text("kind"),
        _number("at"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "topic_people",
        _id("person"),
        _text("agent", nullable=True),
        _number("at"),
        sqlite_with_rowid=False,
    )


def downgrade() -> None:
    for name in _TABLES:
        op.drop_table(name)
