"""Values to JSON text and back, typed and exact: decimals, aware times and enums come back equal.

Fields a stored value lacks take their defaults, fields nobody knows any more are ignored: so a value
written by an older or newer version still loads. Where several types share a column, the name of the class
beside the text says which.
"""

from collections.abc import Callable
from typing import Final, Generic, TypeVar, get_args

import msgspec

from dialogs.conversation import Conversation
from dialogs.effects import DecisionMade
from storage.records import Choice, Work

_encoder = msgspec.json.Encoder(decimal_format="string")
T = TypeVar("T")


def encode(value: Conversation | DecisionMade | Work | tuple[Choice, ...]) -> str:
    """A value as JSON text. Raises `UnicodeEncodeError` for text that is not valid Unicode."""
    return _encoder.encode(value).decode()


class Decoder(Generic[T]):
    """JSON text back to one type. Raises `msgspec.ValidationError` for anything else."""

    def __init__(self, kind: type[T]) -> None:
        self._decoder: msgspec.json.Decoder[T] = msgspec.json.Decoder(kind)

    def __call__(self, text: str) -> T:
        """The value."""
        return self._decoder.decode(text)


decode_conversation: Final = Decoder(Conversation)
decode_decision: Final = Decoder(DecisionMade)
decode_choices: Final = Decoder(tuple[Choice, ...])
_works: Final[dict[str, Callable[[str], Work]]] = {kind.__name__: Decoder(kind) for kind in get_args(Work)}


def kind_of(work: Work) -> str:
    """The tag under which a piece of work is stored."""
    return type(work).__name__


def decode_work(kind: str, text: str) -> Work:
    """A piece of work from its tag and its text. Raises `KeyError` for a tag nobody knows."""
    return _works[kind](text)
