"""What is logged can be read by anybody who may read logs: nothing in it is personal or secret."""

import io
import json
import logging
import sys
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
import structlog

from bot import logs

EMAIL = "ann.lee+shop@example.co.uk"
TOKEN = "4242424242:AAF-made_up_token_that_is_never_seen"
PASSWORD = "pa55-w0rd"
URL = f"postgresql+asyncpg://bot:{PASSWORD}@db.internal:5432/rescind"
ALL = (EMAIL, TOKEN, PASSWORD, "ann.lee")


@dataclass
class Log:
    """What was written since last asked."""

    stream: io.StringIO

    def written(self) -> str:
        text = self.stream.getvalue()
        self.stream.seek(0)
        self.stream.truncate()
        return text


@pytest.fixture(params=["text", "json"])
def log(request: pytest.FixtureRequest) -> Iterator[Log]:
    """Logs as the product sets them up, but written here instead of to standard error."""
    root = logging.getLogger()
    level = root.level
    logs.set_up(request.param, "debug")
    (handler,) = root.handlers
    assert isinstance(handler, logging.StreamHandler)
    stream = io.StringIO()
    assert handler.setStream(stream) is sys.stderr
    yield Log(stream)
    root.removeHandler(handler)
    root.setLevel(level)
    structlog.reset_defaults()


def must_hide(text: str) -> None:
    assert text != ""
    assert [secret for secret in ALL if secret in text] == []


def ours() -> structlog.typing.FilteringBoundLogger:
    logger: structlog.typing.FilteringBoundLogger = structlog.get_logger("ours")
    return logger


def fail() -> None:
    local_words = f"spoken by {EMAIL}"
    raise RuntimeError(f"cannot reach {URL} as {EMAIL} by {TOKEN}: {len(local_words)}")


def test_addresses_tokens_and_passwords_are_masked_in_the_words(log: Log) -> None:
    ours().info(f"{EMAIL} {TOKEN} {URL}")
    must_hide(log.written())


API_TOKEN = "rsc_7k2m9qxd_" + "Ab-_9" * 8
CHAT_TOKEN = "ImFubiI.aRtQ0g.swordfish-by-hand"


@pytest.mark.parametrize(
    "text",
    [
        f"token {API_TOKEN} was shown",
        f"/v1/stage?key={API_TOKEN}",
        f"Authorization: Bearer {CHAT_TOKEN}",
        f"it sent bearer {CHAT_TOKEN}",
        "authorization=Basic swordfish",
        "Authorization: swordfish",
        f"<CIMultiDictProxy('Host': 'shop.test', 'Authorization': 'Bearer {CHAT_TOKEN}')>",
        "((b'Host', b'shop.test'), (b'Authorization', b'Basic swordfish'))",
        "Cookie: rescind-desk=swordfish",
        "Cookie: a=1; __Host-rescind-desk=swordfish; b=swordfish",
        "Set-Cookie: rescind-desk=swordfish; Path=/",
        "Invalid header value char: b'Cookie: rescind-desk=swordfish\\x00swordfish'",
        "{'cookie': 'a=\"1\"; b=swordfish'}",
        '{"cookie": "a=\'1\'; b=swordfish"}',
        "X-Shopify-Access-Token: swordfish",
        f"https://api.telegram.org/bot{TOKEN}/getMe",
        "/shop?email=swordfish%40shop.test&x=1",
        "/shop?email=swordfish%2Bshop%40shop.test",
        "/orders/swordfish%2540shop.test",
        "postgresql://bot:sword@fish#swordfish@localhost:5432/x",
        "redis://:swordfish@localhost/0",
    ],
)
def test_credentials_cookies_and_encoded_addresses_are_masked_as_libraries_tell_them(
    text: str, log: Log
) -> None:
    ours().info(text)
    logging.getLogger("theirs").error("Error handling request: %s", text)
    written = log.written()
    for secret in ("swordfish", API_TOKEN[:20], CHAT_TOKEN[:10], TOKEN[-20:]):
        assert secret not in written


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("PostgreSQL at u:***@db.internal:5432/rescind is away", "db.internal:5432/rescind is away"),
        (f"{URL}?x=1", "@db.internal:5432/rescind?x=1"),
        ("{'Cookie': 'a=b', 'Host': 'shop.test'}", "'Host': 'shop.test'}"),
        ("GET /shop?email=a%40b.test&order=1001", "&order=1001"),
        ("http://shop.test:8080/orders for a@b.test", "http://shop.test:8080/orders for "),
    ],
)
def test_what_stands_beside_a_secret_is_kept(text: str, kept: str) -> None:
    assert logs.masked(text) != text or "***" in text
    assert kept in logs.masked(text)


def test_they_are_masked_in_values_of_every_kind(log: Log) -> None:
    ours().info("said", who=EMAIL, url=URL, several=[EMAIL, {"by": TOKEN}], error=ValueError(EMAIL), raw=b"x")
    must_hide(log.written())


def test_a_value_under_a_telling_name_is_not_shown_at_all(log: Log) -> None:
    names = ("api_token", "SECRET_KEY", "password", "Authorization", "set_cookie", "customer_email")
    ours().info("set", **dict.fromkeys(names, "swordfish"))
    assert "swordfish" not in log.written()


def test_they_are_masked_in_exceptions_and_their_tracebacks(log: Log) -> None:
    try:
        fail()
    except RuntimeError:
        ours().exception("failed")
    text = log.written()
    must_hide(text)
    assert "in fail" in text  # the traceback itself is there


def test_they_are_masked_in_chains_of_exceptions(log: Log) -> None:
    try:
        try:
            fail()
        except RuntimeError as error:
            raise ValueError(EMAIL) from error
    except ValueError:
        ours().exception("failed")
    must_hide(log.written())


def test_no_local_variable_is_shown(log: Log) -> None:
    try:
        fail()
    except RuntimeError:
        ours().exception("failed")
        logging.getLogger("theirs").exception("failed")
    text = log.written()
    assert "spoken by [e-mail]" not in text
    assert "locals" not in text


def test_what_libraries_log_is_masked_too(log: Log) -> None:
    theirs = logging.getLogger("theirs")
    theirs.warning("connecting to %s for %s", URL, EMAIL)
    theirs.warning("extra", extra={"bot": TOKEN, "who": EMAIL})
    try:
        fail()
    except RuntimeError:
        theirs.exception("failed for %s", EMAIL)
    text = log.written()
    must_hide(text)
    assert "in fail" in text


def test_what_is_bound_to_a_turn_is_masked(log: Log) -> None:
    with structlog.contextvars.bound_contextvars(conversation="web:1", who=EMAIL):
        ours().info("hello")
    text = log.written()
    must_hide(text)
    assert "web:1" in text


@pytest.mark.parametrize("log", ["json"], indirect=True)
def test_json_is_one_object_a_line(log: Log) -> None:
    ours().info("hello", count=3, good=True, nothing=None)
    logging.getLogger("theirs").warning("hello %s", "there")
    first, second = map(json.loads, log.written().splitlines())
    assert (first["event"], first["level"], first["count"], first["good"]) == ("hello", "info", 3, True)
    assert (second["event"], second["level"]) == ("hello there", "warning")


@pytest.mark.parametrize(
    "text",
    [
        "The bearer token that goes with every call was refused.",
        "ratio 3:2 @ 5",
        "order 1042",
        "web:5f0c",
        "12:30:00",
        "https://shop.test/orders/1042",
        "a@b",
        "100%40",
        "https://shop.test:8080/orders?page=%20",
        "no cookie, no session",
        "send rsc_... as it was shown",
    ],
)
def test_what_is_no_secret_is_left_alone(text: str) -> None:
    assert logs.masked(text) == text


@pytest.mark.parametrize(
    "text",
    [
        EMAIL,
        f"<{EMAIL}>",
        f"({EMAIL})",
        f"'{EMAIL}'",
        f"mailto:{EMAIL}",
        f"{EMAIL}, bob@shop.test",
        f"x={EMAIL};y",
    ],
)
def test_an_address_is_found_in_every_dress(text: str) -> None:
    assert "@" not in logs.masked(text)
