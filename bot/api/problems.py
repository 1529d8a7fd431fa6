"""Every error of the API, as RFC 9457 tells them: type, title, status, and a detail that says what to do."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from http import HTTPStatus
from math import ceil

from aiohttp import web

HEADERS = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}
"""On every answer."""


class Kind(Enum):
    """What can go wrong: the last part of the problem's type, its status and its title."""

    BAD_REQUEST = ("bad-request", HTTPStatus.BAD_REQUEST, "The request cannot be understood")
    UNAUTHENTICATED = ("unauthenticated", HTTPStatus.UNAUTHORIZED, "No token that works")
    MISSING_SCOPE = ("missing-scope", HTTPStatus.FORBIDDEN, "The token lacks a scope")
    UNKNOWN_ORDER = ("unknown-order", HTTPStatus.NOT_FOUND, "No such order")
    NO_SUCH_PATH = ("no-such-path", HTTPStatus.NOT_FOUND, "Nothing is served here")
    WRONG_METHOD = ("wrong-method", HTTPStatus.METHOD_NOT_ALLOWED, "The method is not allowed here")
    NOT_ACCEPTABLE = ("not-acceptable", HTTPStatus.NOT_ACCEPTABLE, "Only JSON is served here")
    BODY_TOO_BIG = ("body-too-big", HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "The request has a body")
    PATH_TOO_LONG = ("path-too-long", HTTPStatus.REQUEST_URI_TOO_LONG, "The address is too long")
    SLOW_DOWN = ("slow-down", HTTPStatus.TOO_MANY_REQUESTS, "Too many requests")
    OUR_MISTAKE = ("our-mistake", HTTPStatus.INTERNAL_SERVER_ERROR, "Something failed on our side")
    SHOP_ANSWER_UNUSABLE = ("shop-answer-unusable", HTTPStatus.BAD_GATEWAY, "The shop's answer is no use")
    SHOP_UNREACHABLE = ("shop-unreachable", HTTPStatus.SERVICE_UNAVAILABLE, "The shop does not answer")
    STORE_UNREACHABLE = ("store-unreachable", HTTPStatus.SERVICE_UNAVAILABLE, "Tokens cannot be checked now")

    @property
    def type(self) -> str:
        """The URI that names it."""
        return f"urn:rescind:problem:{self.value[0]}"

    @property
    def status(self) -> HTTPStatus:
        """The status it is answered with."""
        return self.value[1]

    @property
    def title(self) -> str:
        """The same for every one of its kind."""
        return self.value[2]


@dataclass(eq=False)
class Problem(Exception):
    """Answered in place of what was asked for. `detail` says what to do; it never holds internals."""

    kind: Kind
    detail: str
    headers: Mapping[str, str] = field(default_factory=dict)

    def response(self) -> web.Response:
        """It, as an answer."""
        kind = self.kind
        told = {"type": kind.type, "title": kind.title, "status": kind.status.value, "detail": self.detail}
        return web.Response(
            status=kind.status,
            body=json.dumps(told).encode(),
            content_type="application/problem+json",
            headers={**HEADERS, **self.headers},
        )


def retry_after(seconds: float) -> dict[str, str]:
    """The header that says when to come again: whole seconds, at least one."""
    return {"Retry-After": str(max(1, ceil(seconds)))}
