"""One process performs per SQLite file: a lock beside it says who."""

import contextlib
import fcntl
import os
from pathlib import Path

from storage.errors import StoreError


class Performing:
    """The right to perform what a SQLite store holds, until `release` or the process's end.

    Raises `StoreError` naming the process that has it. The lock is the system's own (flock), so a killed
    process leaves nothing behind to clean up; the file stays, its content is for people.
    """

    def __init__(self, database: Path) -> None:
        path = database.with_name(f"{database.name}.lock")
        self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            holder = os.read(self._file, 100).decode(errors="replace").strip() or "unknown"
            os.close(self._file)
            raise StoreError(
                f"Process {holder} already works with the database at {database}; stop it first, "
                "or give this one a DATABASE_URL of its own"
            ) from None
        os.ftruncate(self._file, 0)
        os.pwrite(self._file, f"{os.getpid()}\n".encode(), 0)

    def release(self) -> None:
        """Let another process perform."""
        with contextlib.suppress(OSError):
            os.ftruncate(self._file, 0)
            os.close(self._file)
