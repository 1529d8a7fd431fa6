"""What may be asked: an order number, and the purchase e-mail that it must belong to."""

import re

from aiohttp import web

from bot.api.problems import Kind, Problem
from bot.orders.numbers import askable

_CONTROL = r"\x00-\x1f\x7f-\x9f\ufeff"
"""Named, since the dialects of regular expressions differ in which of these are spaces."""
_NO = rf"\\{_CONTROL}"
NUMBER = rf"^#?[^\s#./{_NO}](?:[^/{_NO}]|/[^\s#./{_NO}])*$"
"""Order numbers, as `openapi.json` has them: nothing in them is a control character or a step in a path."""
NUMBER_LENGTH = 64
EMAIL = rf"^[^\s@{_CONTROL}]+@[^\s@{_CONTROL}]+$"
EMAIL_LENGTH = 254

_NUMBER = re.compile(NUMBER.removesuffix("$"))
_EMAIL = re.compile(EMAIL.removesuffix("$"))


def number_of(request: web.Request) -> str:
    """The order number in the path. Raises `Problem` for one that no shop can have."""
    number = request.match_info["number"]
    if len(number) <= NUMBER_LENGTH and _NUMBER.fullmatch(number) and askable(number):
        return number
    raise Problem(
        Kind.BAD_REQUEST,
        f"This cannot be an order number: write it as the customer was given it, at most {NUMBER_LENGTH} "
        "characters, percent-encoded.",
    )


def email_of(request: web.Request) -> str | None:
    """The purchase e-mail that is to be matched, if any is. Raises `Problem` for any other question.

    A misspelt parameter must not pass for none: the order would be told unmatched.
    """
    if unknown := set(request.query) - {"email"}:
        raise Problem(
            Kind.BAD_REQUEST, f"The only query parameter is email; leave out the {len(unknown)} other."
        )
    given = request.query.getall("email", [])
    if not given:
        return None
    if len(given) == 1 and len(given[0]) <= EMAIL_LENGTH and _EMAIL.fullmatch(given[0]):
        return given[0]
    raise Problem(
        Kind.BAD_REQUEST, "email must be one e-mail address, percent-encoded: write + as %2B and @ as %40."
    )
