"""Topics of erased conversations, until they are deleted in their groups."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "topic_erasures",
        sa.Column("grp", sa.BigInteger, primary_key=True, autoincrement=False, nullable=False),
        sa.Column("topic", sa.BigInteger, primary_key=True, autoincrement=False, nullable=False),
        sqlite_with_rowid=False,
    )


def downgrade() -> None:
    op.drop_table("topic_erasures")
