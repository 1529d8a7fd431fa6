"""What a form posts, as text; whatever cannot be read is one kind of error."""

from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError

_GARBLED = (ValueError, LookupError, RuntimeError, HttpProcessingError)
"""What reading a form raises: no boundary, a nameless part, an unknown encoding, bytes that are no text."""


async def fields_of(request: web.Request) -> dict[str, str]:
    """The fields of a form that are text. Raises `web.RequestPayloadError` where it cannot be read."""
    try:
        posted = await request.post()
    except _GARBLED as error:
        raise web.RequestPayloadError("this is no form") from error
    return {name: value.replace("\0", "") for name, value in posted.items() if isinstance(value, str)}
