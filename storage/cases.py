"""Requests under their references, the decisions made in them, and the policies those rest on."""

from sqlalchemy import Connection, func, select, text

from storage.codec import decode_decision
from storage.records import Case, Decided
from storage.schema import cases, decisions, policies
from storage.times import moment, moment_or_none


def case(connection: Connection, reference: str) -> Case | None:
    """The case a customer quotes; case and surrounding space do not matter."""
    row = connection.execute(select(cases).where(cases.c.reference == _written(reference))).first()
    if row is None:
        return None
    return Case(
        row.reference, row.conversation, moment(row.opened_at), moment_or_none(row.closed_at), row.result
    )


def decided(connection: Connection, reference: str) -> tuple[Decided, ...]:
    """The case's decisions in order; the policy is empty where it was never kept."""
    found = case(connection, reference)
    if found is None:
        return ()
    kept = (func.coalesce(policies.c.toml, ""), func.coalesce(policies.c.text, ""))
    rows = connection.execute(
        select(decisions.c.payload, decisions.c.at, *kept)
        .outerjoin(policies, policies.c.hash == decisions.c.policy)
        .where(decisions.c.conversation == found.key, decisions.c.reference == found.reference)
        .order_by(decisions.c.id)
    )
    return tuple(
        Decided(decode_decision(payload), moment(at), toml, words) for payload, at, toml, words in rows
    )


def keep_policy(connection: Connection, *, hash_: str, toml: str, words: str) -> None:
    """Keep a policy's own text under its hash, once."""
    connection.execute(
        text("INSERT INTO policies (hash, toml, text) VALUES (:hash, :toml, :words) ON CONFLICT DO NOTHING"),
        {"hash": hash_, "toml": toml, "words": words},
    )


def _written(reference: str) -> str:
    return reference.strip().upper()
