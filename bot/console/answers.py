"""What the API answers: JSON, and refusals as a code for scripts with words for people."""

from http import HTTPStatus

import msgspec
from aiohttp import web

from bot.desk.errors import (
    BadInput,
    BotHasIt,
    Changed,
    DeskRefusal,
    HeldBy,
    NoSuchCase,
    NotAllowed,
    ShopProblem,
    SignInRefused,
    TooManyAttempts,
)
from bot.desk.views import OrderProblem

_ENCODER = msgspec.json.Encoder()
_KINDS: tuple[tuple[type[DeskRefusal], HTTPStatus, str], ...] = (
    (NoSuchCase, HTTPStatus.NOT_FOUND, "not_found"),
    (NotAllowed, HTTPStatus.FORBIDDEN, "not_allowed"),
    (HeldBy, HTTPStatus.CONFLICT, "held"),
    (BotHasIt, HTTPStatus.CONFLICT, "bot_has_it"),
    (Changed, HTTPStatus.CONFLICT, "changed"),
    (ShopProblem, HTTPStatus.BAD_GATEWAY, "shop"),
    (SignInRefused, HTTPStatus.UNAUTHORIZED, "sign_in"),
    (TooManyAttempts, HTTPStatus.TOO_MANY_REQUESTS, "too_many"),
    (BadInput, HTTPStatus.UNPROCESSABLE_ENTITY, "bad_input"),
)
_NO_ORDER = {OrderProblem.NOT_FOUND.value, OrderProblem.NO_NUMBER.value}


class Problem(msgspec.Struct, frozen=True, omit_defaults=True):
    """Why something was not done; `name` is who has the chat where another agent has it."""

    code: str
    message: str
    name: str = ""


def encoded(value: object) -> bytes:
    """A value of ours as JSON."""
    return _ENCODER.encode(value)


def answer(value: object) -> web.Response:
    """A good answer."""
    return web.Response(body=encoded(value), content_type="application/json")


def problem(status: HTTPStatus, code: str, message: str, name: str = "") -> web.Response:
    """A refusal."""
    body = encoded(Problem(code, message, name))
    return web.Response(body=body, status=status, content_type="application/json")


def go(to: str, status: HTTPStatus = HTTPStatus.SEE_OTHER) -> web.Response:
    """Look there instead."""
    return web.Response(status=status, headers={"Location": to})


def told(refused: DeskRefusal) -> tuple[HTTPStatus, Problem]:
    """The desk's refusal as status and words."""
    name = refused.name if isinstance(refused, HeldBy) else ""
    if isinstance(refused, ShopProblem) and refused.kind in _NO_ORDER:  # the shop did answer: it is no outage
        return HTTPStatus.UNPROCESSABLE_ENTITY, Problem("no_order", str(refused))
    for kind, status, code in _KINDS:
        if isinstance(refused, kind):
            return status, Problem(code, str(refused), name)
    return HTTPStatus.CONFLICT, Problem("refused", str(refused), name)


def refusal(refused: DeskRefusal) -> web.Response:
    """The desk's refusal."""
    status, why = told(refused)
    response = problem(status, why.code, why.message, why.name)
    if isinstance(refused, TooManyAttempts):
        response.headers["Retry-After"] = str(refused.seconds)
    return response
