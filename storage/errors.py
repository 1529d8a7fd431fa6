"""What can go wrong with the store, in words that say what to do."""


class StoreError(Exception):
    """The store cannot do what was asked; the message says why and what helps."""


class StoreBusy(StoreError):
    """Too many turns wait to be written. Nothing was saved; try again in a moment."""


class SchemaBehind(StoreError):
    """The database's tables are not those of this release yet: `rescind serve` brings them up to date."""


class StoreUnreachable(StoreError):
    """The database gave no answer, or is locked, full or gone. Nothing is known to be saved."""
