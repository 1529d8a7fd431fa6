"""The audit log: chains of entries, each hashed with the one before; the head of each is kept beside it.

A chain belongs to one conversation or one account, so that nobody waits for others' entries and one
customer's can be erased: a tombstone then says how many entries there were and the last one's hash.
"""

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

import msgspec
from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    Table,
    delete,
    exists,
    insert,
    literal,
    select,
    text,
    true,
    tuple_,
    update,
)

from storage.desk_records import AuditEntry, Broken, Verified
from storage.rows import storable
from storage.schema import audit, audit_heads
from storage.times import moment

ERASED = "erased"
_PAGE = 2_000
_WITH_HEADS = (
    select(audit, audit_heads.c.seq.label("head_seq"), audit_heads.c.hash.label("head"))
    .outerjoin(audit_heads, audit_heads.c.chain == audit.c.chain)
    .order_by(audit.c.chain, audit.c.seq)
)
_details = msgspec.json.Decoder(dict[str, str])


@dataclass(frozen=True, slots=True)
class Record:
    """An act to put on record; `at` in microseconds. See `AuditEntry`."""

    chain: str
    at: int
    actor: str
    name: str
    act: str
    details: Mapping[str, str] = field(default_factory=dict)


def append(connection: Connection, record: Record) -> None:
    """Add an entry to its chain, within the transaction of what it records."""
    at_once = text(
        "INSERT INTO audit_heads (chain, seq, hash) VALUES (:chain, 0, :hash) ON CONFLICT DO NOTHING"
    )
    connection.execute(at_once, {"chain": record.chain, "hash": _genesis(record.chain)})
    head = _head(connection, record.chain)
    seq, details = head.seq + 1, canonical(record.details)
    row = (storable(record.actor), storable(record.name), record.act)
    entry = (record.chain, seq, record.at, *row, details)
    hash_ = hashed(head.hash, entry)
    values = (*entry, hash_)
    connection.execute(insert(audit).values(dict(zip(audit.columns.keys(), values, strict=True))))
    _move_head(connection, record.chain, seq, hash_)


def erase(connection: Connection, record: Record, *, always: bool = False) -> int:
    """Drop the entries of a chain and leave a tombstone, which `record` says who set; how many there were.

    Where there were none it is left only if it is `always` wanted.
    """
    head = connection.execute(select(audit_heads).where(audit_heads.c.chain == record.chain)).first()
    if head is None and not always:
        return 0
    gone = connection.execute(delete(audit).where(audit.c.chain == record.chain)).rowcount
    seq, hash_ = (0, _genesis(record.chain)) if head is None else (head.seq, head.hash)
    details = {**record.details, "entries": str(seq), "head": str(hash_)}
    append(connection, Record(record.chain, record.at, record.actor, record.name, ERASED, details))
    return gone


def entries(connection: Connection, chain: str) -> tuple[AuditEntry, ...]:
    """The entries of a chain, in order."""
    rows = connection.execute(select(audit).where(audit.c.chain == chain).order_by(audit.c.seq))
    return tuple(
        AuditEntry(r.chain, r.seq, moment(r.at), r.actor, r.name, r.act, _readable(r.details), r.hash)
        for r in rows
    )


def verify(connection: Connection, chain: str | None = None) -> Verified:
    """Check one chain, or all: every hash, every number, and each head against its last entry.

    A chain that looks broken is read once more by one statement, for it may be erased between two pages.
    """
    checks = [_whole(connection, chain)] if chain is not None else list(_all(connection))
    checks = [_whole(connection, one.chain) if one.broken else one for one in checks]
    broken = [wrong for one in checks for wrong in one.broken]
    heads = connection.execute(select(audit_heads).where(_only(audit_heads, chain))).all()
    return Verified(
        chains=len(checks),
        entries=sum(one.count for one in checks),
        erased=sum(one.erased for one in checks),
        broken=tuple(broken),
        digest=_digest((row.chain, (row.seq, row.hash)) for row in heads),
    )


def _all(connection: Connection) -> "Iterator[_Check]":
    """Every chain once: those with entries in order, then heads without any."""
    for name, rows in groupby(_rows(connection), key=lambda row: str(row.chain)):
        yield _checked(name, rows)
    without = ~exists().where(audit.c.chain == audit_heads.c.chain)
    for row in connection.execute(select(audit_heads).where(without).order_by(audit_heads.c.chain)):
        yield _Check(row.chain).ended((row.seq, row.hash))


def _rows(connection: Connection) -> Iterator[Row[Any]]:
    """All entries with their heads, a page after the other."""
    last = ("", 0)
    while True:
        after = tuple_(audit.c.chain, audit.c.seq) > tuple_(*map(literal, last))
        page = connection.execute(_WITH_HEADS.where(after).limit(_PAGE)).all()
        yield from page
        if len(page) < _PAGE:
            return
        last = (page[-1].chain, page[-1].seq)


def _whole(connection: Connection, chain: str) -> "_Check":
    """One chain, read by one statement."""
    rows = connection.execute(_WITH_HEADS.where(audit.c.chain == chain)).all()
    if rows:
        return _checked(chain, rows)
    head = connection.execute(select(audit_heads).where(audit_heads.c.chain == chain)).first()
    return _Check(chain).ended((0, _genesis(chain)) if head is None else (head.seq, head.hash))


def _checked(chain: str, rows: Iterable[Row[Any]]) -> "_Check":
    check, head = _Check(chain), None
    for row in rows:
        check.take(row)
        head = None if row.head is None else (row.head_seq, row.head)
    return check.ended(head)


def _only(table: Table, chain: str | None) -> ColumnElement[bool]:
    return true() if chain is None else table.c.chain == chain


class _Check:
    """Goes along one chain and remembers what is wrong with it."""

    def __init__(self, chain: str) -> None:
        self.chain = chain
        self.broken: list[Broken] = []
        self.count = self.erased = 0
        self._seq, self._hash = 0, _genesis(chain)

    def take(self, row: Row[Any]) -> None:
        """The next entry."""
        self.count += 1
        if row.act == ERASED and self.count == 1:
            self._begin_after(_readable(row.details))
        if row.seq != self._seq + 1:
            self._wrong(self._seq + 1, f"missing: the next entry is {row.seq}")
        record = (row.chain, row.seq, row.at, row.actor, row.name, row.act, row.details)
        if row.hash != hashed(self._hash, record):
            self._wrong(row.seq, "does not match its hash: it, or the one before it, was changed")
        self._seq, self._hash = row.seq, row.hash

    def _begin_after(self, tombstone: Mapping[str, str]) -> None:
        self.erased = 1
        if tombstone.get("entries", "").isdecimal():
            self._seq, self._hash = int(tombstone["entries"]), tombstone.get("head", "")

    def ended(self, head: tuple[int, str] | None) -> "_Check":
        """No more entries follow; `head` is what is kept as the last one."""
        if head is None:
            self._wrong(self._seq, "the head of the chain is missing")
        elif head[0] > self._seq:
            self._wrong(self._seq + 1, f"missing: there were {head[0]} entries, the last is {self._seq}")
        elif head != (self._seq, self._hash):
            self._wrong(self._seq, "the last entry is not the one that the head names")
        return self

    def _wrong(self, seq: int, what: str) -> None:
        self.broken.append(Broken(self.chain, seq, what))


def hashed(before: str, entry: tuple[str | int, ...]) -> str:
    """SHA-256 (hex) over the hash before and the entry (all columns but its hash) as JSON."""
    return hashlib.sha256(before.encode() + b"\n" + msgspec.json.encode(entry)).hexdigest()


def canonical(details: Mapping[str, str]) -> str:
    """The details as JSON text: sorted, without spaces, as both engines can hold it."""
    kept = {storable(key): storable(value) for key, value in details.items()}
    return msgspec.json.encode(kept, order="sorted").decode()


def _readable(details: str) -> dict[str, str]:
    """What an entry says; what somebody made unreadable is shown as it is."""
    try:
        return _details.decode(details)
    except (msgspec.DecodeError, UnicodeError):
        return {"unreadable": details}


def _genesis(chain: str) -> str:
    return hashlib.sha256(f"rescind audit\n{chain}".encode()).hexdigest()


def _digest(heads: Iterable[tuple[str, tuple[int, str]]]) -> str:
    lines = "".join(f"{chain}\t{seq}\t{hash_}\n" for chain, (seq, hash_) in sorted(heads))
    return hashlib.sha256(lines.encode()).hexdigest()


def _head(connection: Connection, chain: str) -> "_Head":
    row = connection.execute(
        select(audit_heads.c.seq, audit_heads.c.hash).where(audit_heads.c.chain == chain).with_for_update()
    ).one()
    return _Head(row.seq, row.hash)


@dataclass(frozen=True, slots=True)
class _Head:
    seq: int
    hash: str


def _move_head(connection: Connection, chain: str, seq: int, hash_: str) -> None:
    connection.execute(update(audit_heads).where(audit_heads.c.chain == chain).values(seq=seq, hash=hash_))
