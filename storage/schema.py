"""The tables. Whatever belongs to a conversation has a key led by the conversation.

Times are microseconds (`storage.times`), nested values JSON (`storage.codec`). On SQLite, tables of short
rows are kept in their primary key's own tree. Conversations and messages are long and are not: a batch then
touches a third fewer pages, as new messages of all chats lie side by side. Partial indexes hold only the few
rows that are asked for: those to wake and those that wait for a person.
"""

from sqlalchemy import BigInteger, Column, Index, MetaData, Table, Text, text

HEAD = "0007"
"""The newest migration: the schema that this code writes."""

metadata = MetaData()


def _key(name: str) -> Column[str]:
    # Compared byte by byte on PostgreSQL, as SQLite does: faster, and the same order everywhere.
    return Column(
        name, Text().with_variant(Text(collation="C"), "postgresql"), primary_key=True, nullable=False
    )


def _number(name: str) -> Column[int]:
    return Column(name, BigInteger, primary_key=True, autoincrement=False, nullable=False)


conversations = Table(
    "conversations",
    metadata,
    _key("key"),
    Column("version", BigInteger, nullable=False),
    Column("last_seq", BigInteger, nullable=False),
    Column(
        "added", BigInteger, nullable=False
    ),  # messages of the last turn: they went on from the ones before
    Column("state", Text, nullable=False),
    Column("mode", Text, nullable=False),
    Column("reason", Text),
    Column("reference", Text),
    Column("agent", Text),
    Column("waiting_since", BigInteger),
    Column("wake_at", BigInteger),  # moved on by the lease of whoever is waking it
    Column("contact_name", Text),
    Column("contact_address", Text),
    Column("updated_at", BigInteger, nullable=False),
)
Index(
    "conversations_to_wake",
    conversations.c.wake_at,
    sqlite_where=text("wake_at IS NOT NULL"),
    postgresql_where=text("wake_at IS NOT NULL"),
)
Index(
    "conversations_waiting",
    conversations.c.waiting_since,
    sqlite_where=text("waiting_since IS NOT NULL"),
    postgresql_where=text("waiting_since IS NOT NULL"),
)

messages = Table(
    "messages",
    metadata,
    _key("conversation"),
    _number("seq"),
    Column("at", BigInteger, nullable=False),
    Column("author", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("choices", Text),
    Column("agent", Text),
    Column("update_id", Text),
)

seen = Table(
    "seen",
    metadata,
    _key("conversation"),
    _key("update_id"),
    Column("at", BigInteger, nullable=False),
    sqlite_with_rowid=False,
)

outbox = Table(
    "outbox",
    metadata,
    _key("conversation"),
    _number("id"),
    Column("kind", Text, nullable=False),
    Column("payload", Text, nullable=False),
    Column("attempts", BigInteger, nullable=False),
    Column("leased_by", Text),  # NULL: nobody's, it waits for `due_at`
    Column("due_at", BigInteger, nullable=False),  # when it may be taken up: the lease's end, or a delay's
    sqlite_with_rowid=False,
)

given_up = Table(
    "given_up",
    metadata,
    _key("conversation"),
    _number("id"),
    Column("kind", Text, nullable=False),
    Column("payload", Text, nullable=False),
    Column("attempts", BigInteger, nullable=False),
    Column("why", Text, nullable=False),
    sqlite_with_rowid=False,
)

cases = Table(
    "cases",
    metadata,
    _key("conversation"),
    _key("reference"),
    Column("opened_at", BigInteger, nullable=False),
    Column("closed_at", BigInteger),
    Column("result", Text),
    sqlite_with_rowid=False,
)
Index("cases_by_reference", cases.c.reference)

decisions = Table(
    "decisions",
    metadata,
    _key("conversation"),
    _key("reference"),
    _number("id"),
    Column("at", BigInteger, nullable=False),
    Column("policy", Text, nullable=False),
    Column("payload", Text, nullable=False),
)

policies = Table(
    "policies",
    metadata,
    _key("hash"),
    Column("toml", Text, nullable=False),
    Column("text", Text, nullable=False),
)

order_locks = Table(
    "order_locks",
    metadata,
    _key("number"),
    Column("owner", Text, nullable=False),
    Column("until", BigInteger, nullable=False),
    sqlite_with_rowid=False,
)

guesses = Table(
    "guesses",
    metadata,
    _key("kind"),
    _key("subject"),
    Column("count", BigInteger, nullable=False),
    Column("last_at", BigInteger, nullable=False),
    sqlite_with_rowid=False,
)

notes = Table(
    "notes",
    metadata,
    _key("conversation"),
    _number("id"),
    Column("at", BigInteger, nullable=False),
    Column("author", Text),  # NULL: the bot's
    Column("text", Text, nullable=False),
)

api_tokens = Table(
    "api_tokens",
    metadata,
    _key("id"),
    Column("name", Text, nullable=False),
    Column("digest", Text, nullable=False),
    Column("scopes", Text, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("expires_at", BigInteger),
    Column("revoked_at", BigInteger),
    Column("used_at", BigInteger),
)

unmapped_statuses = Table(
    "unmapped_statuses",
    metadata,
    _key("shop"),
    _key("status"),
    Column("first_at", BigInteger, nullable=False),
    sqlite_with_rowid=False,
)

# ---- the desk: what the dialogue does not know

desk = Table(
    "desk",
    metadata,
    _key("conversation"),
    Column("version", BigInteger, nullable=False),
    Column("priority", BigInteger, nullable=False),
    Column("snoozed_until", BigInteger),
    Column("snoozed_seq", BigInteger, nullable=False),
    Column("holder", Text),
    Column("claimed_at", BigInteger),
    Column("lease_until", BigInteger),
    Column("first_reply_at", BigInteger),
    Column("resolved_at", BigInteger),
    Column("resolved_by", Text),
    Column("intercept_order", Text),
    Column("intercept_by", BigInteger),
    Column("intercept_note", Text),
    Column("intercept_reminded", BigInteger, nullable=False),
    sqlite_with_rowid=False,
)
for _name in ("resolved_at", "holder", "intercept_by"):
    Index(
        f"desk_{_name}",
        desk.c[_name],
        sqlite_where=text(f"{_name} IS NOT NULL"),
        postgresql_where=text(f"{_name} IS NOT NULL"),
    )

desk_labels = Table("desk_labels", metadata, _key("conversation"), _key("label"), sqlite_with_rowid=False)

desk_replies = Table(
    "desk_replies",
    metadata,
    _key("conversation"),
    _key("id"),
    Column("seq", BigInteger, nullable=False),  # the transcript's length before the reply
    Column("at", BigInteger, nullable=False),
    sqlite_with_rowid=False,
)

desk_leases = Table(
    "desk_leases",
    metadata,
    _key("name"),
    Column("owner", Text, nullable=False),
    Column("until", BigInteger, nullable=False),
    sqlite_with_rowid=False,
)

canned = Table(
    "canned",
    metadata,
    _key("shortcut"),
    Column("title", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("updated_at", BigInteger, nullable=False),
    Column("updated_by", Text),
    sqlite_with_rowid=False,
)

audit = Table(
    "audit",
    metadata,
    _key("chain"),
    _number("seq"),
    Column("at", BigInteger, nullable=False),
    Column("actor", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("act", Text, nullable=False),
    Column("details", Text, nullable=False),
    Column("hash", Text, nullable=False),
    sqlite_with_rowid=False,
)

audit_heads = Table(
    "audit_heads",
    metadata,
    _key("chain"),
    Column("seq", BigInteger, nullable=False),
    Column("hash", Text, nullable=False),
    sqlite_with_rowid=False,
)

agents = Table(
    "agents",
    metadata,
    _key("id"),
    Column("login", Text, nullable=False),
    Column("login_key", Text, nullable=False),  # casefolded: no two differ by case alone
    Column("name", Text, nullable=False),
    Column("name_key", Text, nullable=False),
    Column("role", Text, nullable=False),
    Column("password", Text),  # argon2id, with its parameters and salt
    Column("created_at", BigInteger, nullable=False),
    Column("disabled_at", BigInteger),
)
Index("agents_by_login", agents.c.login_key, unique=True)
Index("agents_by_name", agents.c.name_key, unique=True)

sessions = Table(
    "sessions",
    metadata,
    _key("digest"),  # of the token, which is in the browser alone
    Column("agent", Text, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("seen_at", BigInteger, nullable=False),
    sqlite_with_rowid=False,
)
Index("sessions_of", sessions.c.agent)

one_time = Table(
    "one_time",
    metadata,
    _key("digest"),
    Column("purpose", Text, nullable=False),
    Column("agent", Text, nullable=False),
    Column("expires_at", BigInteger, nullable=False),
    Column("used_at", BigInteger),
    sqlite_with_rowid=False,
)

# ---- topics: where agents see conversations in a messenger's groups

topics = Table(
    "topics",
    metadata,
    _key("conversation"),
    Column("grp", BigInteger, nullable=False),
    Column("topic", BigInteger, nullable=False),
    Column("reference", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("closed", BigInteger, nullable=False),
    Column("summary", BigInteger),  # the message that holds it
    Column("pinned", BigInteger, nullable=False),
    Column("head", Text, nullable=False),
    Column("head_seq", BigInteger, nullable=False),
    Column("seq", BigInteger, nullable=False),
    Column("note", BigInteger, nullable=False),
    Column("source", BigInteger, nullable=False),
    Column("told", Text, nullable=False),
)
Index("topics_by_place", topics.c.grp, topics.c.topic)

topic_messages = Table(
    "topic_messages",
    metadata,
    _number("grp"),
    _number("message"),
    Column("conversation", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("seq", BigInteger),
    Column("at", BigInteger, nullable=False),
    sqlite_with_rowid=False,
)
Index("topic_messages_of", topic_messages.c.conversation)

topic_sources = Table(
    "topic_sources",
    metadata,
    _key("conversation"),
    _number("update_id"),
    Column("message", BigInteger, nullable=False),
    Column("kind", Text, nullable=False),
    Column("at", BigInteger, nullable=False),
    sqlite_with_rowid=False,
)

topic_answers = Table(
    "topic_answers",
    metadata,
    _key("conversation"),
    _number("update_id"),  # what it answers
    Column("text", Text, nullable=False),
    Column("at", BigInteger, nullable=False),
    sqlite_with_rowid=False,
)

topic_losses = Table(
    "topic_losses",
    metadata,
    _key("conversation"),
    _number("seq"),  # a message to the customer that was given up, and the topic tells of it
    sqlite_with_rowid=False,
)

topic_behind = Table(
    "topic_behind",
    metadata,
    _key("conversation"),  # its topic tells of other losses than there are: the few that are looked for often
    sqlite_with_rowid=False,
)

topic_erasures = Table(
    "topic_erasures",
    metadata,
    _number("grp"),
    _number("topic"),  # of an erased conversation: it is still to be deleted in its group
    sqlite_with_rowid=False,
)

topic_people = Table(
    "topic_people",
    metadata,
    _number("person"),
    Column("agent", Text),  # NULL: nobody's; they were told once how to be linked
    Column("at", BigInteger, nullable=False),
    sqlite_with_rowid=False,
)
