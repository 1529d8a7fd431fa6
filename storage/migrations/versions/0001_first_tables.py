"""The first tables."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_KEY = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def _key(name: str) -> sa.Column[str]:
    return sa.Column(name, _KEY, primary_key=True, nullable=False)


def _number(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger, primary_key=True, autoincrement=False, nullable=False)


def _text(name: str, *, null: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.Text, nullable=null)


def _integer(name: str, *, null: bool = False) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger, nullable=null)


def upgrade() -> None:
    _create_conversations()
    _create_outbox()
    _create_cases()
    _create_the_rest()


def _create_conversations() -> None:
    op.create_table(
        "conversations",
        _key("key"),
        _integer("version"),
        _integer("last_seq"),
        _integer("added"),
        _text("state"),
        _text("mode"),
        _text("reason", null=True),
        _text("reference", null=True),
        _text("agent", null=True),
        _integer("waiting_since", null=True),
        _integer("wake_at", null=True),
        _text("contact_name", null=True),
        _text("contact_address", null=True),
        _integer("updated_at"),
    )
    _partial_index("conversations_to_wake", "wake_at")
    _partial_index("conversations_waiting", "waiting_since")
    op.create_table(
        "messages",
        _key("conversation"),
        _number("seq"),
        _integer("at"),
        _text("author"),
        _text("text"),
        _text("choices", null=True),
        _text("agent", null=True),
        _text("update_id", null=True),
    )
    op.create_table("seen", _key("conversation"), _key("update_id"), _integer("at"), sqlite_with_rowid=False)


def _partial_index(name: str, column: str) -> None:
    where = sa.text(f"{column} IS NOT NULL")
    op.create_index(name, "conversations", [column], sqlite_where=where, postgresql_where=where)


def _create_outbox() -> None:
    op.create_table(
        "outbox",
        _key("conversation"),
        _number("id"),
        _text("kind"),
        _text("payload"),
        _integer("attempts"),
        _text("leased_by", null=True),
        _integer("due_at"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "given_up",
        _key("conversation"),
        _number("id"),
        _text("kind"),
        _text("payload"),
        _integer("attempts"),
        _text("why"),
        sqlite_with_rowid=False,
    )


def _create_cases() -> None:
    op.create_table(
        "cases",
        _key("conversation"),
        _key("reference"),
        _integer("opened_at"),
        _integer("closed_at", null=True),
        _text("result", null=True),
        sqlite_with_rowid=False,
    )
    op.create_index("cases_by_reference", "cases", ["reference"])
    op.create_table(
        "decisions",
        _key("conversation"),
        _key("reference"),
        _number("id"),
        _integer("at"),
        _text("policy"),
        _text("payload"),
    )
    op.create_table("policies", _key("hash"), _text("toml"), _text("text"))


def _create_the_rest() -> None:
    op.create_table("order_locks", _key("number"), _text("owner"), _integer("until"), sqlite_with_rowid=False)
    op.create_table(
        "guesses",
        _key("kind"),
        _key("subject"),
        _integer("count"),
        _integer("last_at"),
        sqlite_with_rowid=False,
    )


def downgrade() -> None:
    for name in (
        "guesses",
        "order_locks",
        "policies",
        "decisions",
        "cases",
        "given_up",
        "outbox",
        "seen",
        "messages",
        "conversations",
    ):
        op.drop_table(name)
