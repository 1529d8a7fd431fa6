"""What updates look like in either library, as far as it is looked at."""
# ruff: noqa: D102 - the names are those of https://core.telegram.org/bots/api

from typing import Protocol


class Chat(Protocol):
    """A chat, as either library has it."""

    @property
    def id(self) -> int: ...
    @property
    def type(self) -> str: ...


class User(Protocol):
    """Who sent an update."""

    @property
    def language_code(self) -> str | None: ...


class Placed(Protocol):
    """A message, perhaps one that is too old to be seen."""

    @property
    def chat(self) -> Chat: ...


class Message(Placed, Protocol):
    """A message."""

    @property
    def text(self) -> str | None: ...
    @property
    def caption(self) -> str | None: ...
    @property
    def from_user(self) -> User | None: ...


class Query(Protocol):
    """A press of a button."""

    @property
    def id(self) -> str: ...
    @property
    def from_user(self) -> User: ...
    @property
    def message(self) -> Placed | None: ...
    @property
    def data(self) -> str | None: ...


class Update(Protocol):
    """An update."""

    @property
    def update_id(self) -> int: ...
    @property
    def message(self) -> Message | None: ...
    @property
    def edited_message(self) -> Message | None: ...
    @property
    def callback_query(self) -> Query | None: ...
