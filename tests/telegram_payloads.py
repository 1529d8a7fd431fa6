"""What a call to the Bot API carries, read by the library's own model of the method, and strictly."""

import json
from collections.abc import Iterator

from aiogram.methods import TelegramMethod
from pydantic import BaseModel, ValidationError


def read_payload(model: type[TelegramMethod], fields: dict[str, object]) -> TelegramMethod:
    """The fields of a call, as JSON or as form fields, by the library's model. Raises `ValueError`."""
    unknown = fields.keys() - model.model_fields.keys()
    if unknown:
        raise ValueError(f"unknown fields {sorted(unknown)}")
    try:
        payload = model.model_validate(fields)
    except ValidationError as error:
        # In a form, what is not text comes as JSON.
        structured = {str(problem["loc"][0]) for problem in error.errors()} & fields.keys()
        read = {name: json.loads(str(fields[name])) for name in structured}
        payload = model.model_validate(fields | read)
    extras = list(_extras(payload))
    if extras:
        raise ValueError(f"unknown fields {extras}")
    return payload


def _extras(value: object) -> Iterator[str]:
    """Fields anywhere in a value that the library's models do not know."""
    if isinstance(value, BaseModel):
        yield from value.model_extra or ()
        for name in type(value).model_fields:
            yield from _extras(getattr(value, name))
    elif isinstance(value, list | tuple):
        for item in value:
            yield from _extras(item)
