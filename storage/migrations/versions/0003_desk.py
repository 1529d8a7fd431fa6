"""The desk: its rows, labels and answers, the audit log, and agents with their sessions."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_KEY = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
_TABLES = (
    "one_time", "sessions", "agents", "audit_heads", "audit", "canned",
    "desk_leases", "desk_replies", "desk_labels", "desk",
)  # fmt: skip


def _key(name: str) -> sa.Column[str]:
    return sa.Column(name, _KEY, primary_key=True, nullable=False)


def _number(name: str, *, nullable: bool = False) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger, nullable=nullable)


def _text(name: str, *, nullable: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.Text, nullable=nullable)


def upgrade() -> None:
    _desk()
    _audit()
    _accounts()


def _desk() -> None:
    op.create_table(
        "desk",
        _key("conversation"),
        _number("version"),
        _number("priority"),
        _number("snoozed_until", nullable=True),
        _number("snoozed_seq"),
        _text("holder", nullable=True),
        _number("claimed_at", nullable=True),
        _number("lease_until", nullable=True),
        _number("first_reply_at", nullable=True),
        _number("resolved_at", nullable=True),
        _text("resolved_by", nullable=True),
        _text("intercept_order", nullable=True),
        _number("intercept_by", nullable=True),
        _text("intercept_note", nullable=True),
        _number("intercept_reminded"),
        sqlite_with_rowid=False,
    )
    for name in ("resolved_at", "holder", "intercept_by"):
        where = sa.text(f"{name} IS NOT NULL")
        op.create_index(f"desk_{name}", "desk", [name], sqlite_where=where, postgresql_where=where)
    op.create_table("desk_labels", _key("conversation"), _key("label"), sqlite_with_rowid=False)
    op.create_table(
        "desk_replies",
        _key("conversation"),
        _key("id"),
        _number("seq"),
        _number("at"),
        sqlite_with_rowid=False,
    )
    op.create_table("desk_leases", _key("name"), _text("owner"), _number("until"), sqlite_with_rowid=False)
    op.create_table(
        "canned",
        _key("shortcut"),
        _text("title"),
        _text("text"),
        _number("updated_at"),
        _text("updated_by", nullable=True),
        sqlite_with_rowid=False,
    )


def _audit() -> None:
    op.create_table(
        "audit",
        _key("chain"),
        sa.Column("seq", sa.BigInteger, primary_key=True, autoincrement=False, nullable=False),
        _number("at"),
        _text("actor"),
        _text("name"),
        _text("act"),
        _text("details"),
        _text("hash"),
        sqlite_with_rowid=False,
    )
    op.create_table("audit_heads", _key("chain"), _number("seq"), _text("hash"), sqlite_with_rowid=False)


def _accounts() -> None:
    op.create_table(
        "agents",
        _key("id"),
        _text("login"),
        _text("login_key"),
        _text("name"),
        _text("name_key"),
        _text("role"),
        _text("password", nullable=True),
        _number("created_at"),
        _number("disabled_at", nullable=True),
    )
    op.create_index("agents_by_login", "agents", ["login_key"], unique=True)
    op.create_index("agents_by_name", "agents", ["name_key"], unique=True)
    op.create_table(
        "sessions",
        _key("digest"),
        _text("agent"),
        _number("created_at"),
        _number("seen_at"),
        sqlite_with_rowid=False,
    )
    op.create_index("sessions_of", "sessions", ["agent"])
    op.create_table(
        "one_time",
        _key("digest"),
        _text("purpose"),
        _text("agent"),
        _number("expires_at"),
        _number("used_at", nullable=True),
        sqlite_with_rowid=False,
    )


def downgrade() -> None:
    for name in _TABLES:
        op.drop_table(name)
