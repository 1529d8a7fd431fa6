"""Two doors in one house: a visitor's token is nothing at the console, an agent's cookie nothing in the chat.

The product as it is served, over HTTP and over WebSocket.
"""

import json
import re
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from aiohttp import ClientSession, CookieJar, WSMsgType, WSServerHandshakeError

from tests.program import Served, serving

pytestmark = pytest.mark.asyncio(loop_scope="module")
DESK = (
    "/desk/",
    "/desk/agents",
    "/desk/answers",
    "/desk/profile",
    "/desk/api/agents",
    "/desk/api/canned",
    "/desk/api/search?q=a",
    "/desk/api/chats/{key}/summary",
    "/desk/api/chats/{key}/older?before=9",
    "/desk/api/chats/{key}/order",
    "/desk/api/chats/{key}/trail",
)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def product(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Served]:
    async with serving(tmp_path_factory.mktemp("doors")) as running:
        yield running


@pytest_asyncio.fixture(loop_scope="module")
async def customer(product: Served) -> str:
    """A visitor's token; the visitor has asked for a person."""
    async with ClientSession(product.url) as session:
        async with session.post("/chat/session") as answer:
            token = str((await answer.json())["token"])
        said = {"type": "message", "id": "1", "text": "I want to talk to a person"}
        headers = {"Authorization": f"Bearer {token}"}
        async with session.post("/chat/messages", json=said, headers=headers) as answer:
            assert answer.status == 200
    return token


@pytest_asyncio.fixture(loop_scope="module")
async def agent(product: Served) -> AsyncIterator[ClientSession]:
    """Whoever came in by a link."""
    made = await product.rescind("agents", "sign-in-link", "demo")
    token = made.out.strip().rpartition("#")[2]
    async with ClientSession(
        product.url, cookie_jar=CookieJar(unsafe=True), headers={"Origin": product.url}
    ) as session:
        async with session.post("/desk/sign-in/link", json={"token": token}) as answer:
            assert answer.status == 200
        yield session


def key_of(token: str) -> str:
    return f"web:{token.rsplit('.', 2)[0]}"


def ways_to_show(token: str) -> list[dict[str, str]]:
    """However a client might pass a token on."""
    return [
        {"Authorization": f"Bearer {token}"},
        {"Cookie": f"rescind-desk={token}"},
        {"Cookie": f"__Host-rescind-desk={token}"},
        {"X-CSRF-Token": token, "Cookie": f"rescind-desk={token}"},
    ]


async def test_a_customers_token_opens_nothing_at_the_console(product: Served, customer: str) -> None:
    async with ClientSession(product.url) as session:
        for headers in ways_to_show(customer):
            for path in DESK:
                where = path.replace("{key}", key_of(customer))
                async with session.get(where, headers=headers, allow_redirects=False) as answer:
                    assert answer.status in (303, 401), (where, headers)
                    assert "talk to a person" not in await answer.text()
            act = f"/desk/api/chats/{key_of(customer)}/reply"
            own = headers | {"Origin": product.url}
            async with session.post(act, json={"text": "by myself"}, headers=own) as answer:
                assert answer.status == 401
            link = {"token": customer}
            async with session.post(
                "/desk/sign-in/link", json=link, headers={"Origin": product.url}
            ) as answer:
                assert answer.status in (401, 429)


async def test_a_customers_token_opens_no_live_connection_of_the_console(
    product: Served, customer: str
) -> None:
    async with ClientSession(product.url) as session:
        for headers in ways_to_show(customer):
            own = headers | {"Origin": product.url}
            async with session.ws_connect("/desk/ws", headers=own) as socket:
                await socket.send_json({"type": "hello", "csrf": customer, "token": customer})
                await socket.send_json({"type": "open", "key": key_of(customer)})
                received = await socket.receive(timeout=10)
                assert received.type is WSMsgType.CLOSE
                assert received.data == 4401


async def test_an_agents_cookie_opens_no_customers_chat(customer: str, agent: ClientSession) -> None:
    cookie = next(iter(agent.cookie_jar)).value
    for headers in (
        {},
        {"Authorization": f"Bearer {cookie}"},
        {"Authorization": f"Bearer {key_of(customer)}"},
    ):
        async with agent.get("/chat/messages?after=0", headers=headers) as answer:
            assert answer.status == 401, headers
        said = {"type": "message", "id": "x", "text": "as the customer"}
        async with agent.post("/chat/messages", json=said, headers=headers) as answer:
            assert answer.status == 401, headers
    for token in (cookie, key_of(customer), key_of(customer).removeprefix("web:")):
        async with agent.ws_connect("/chat/ws") as socket:
            await socket.send_json({"type": "hello", "token": token, "after": 0})
            received = await socket.receive(timeout=10)
            assert "ready" not in str(received.data)
            assert "talk to a person" not in str(received.data)
    async with agent.get(f"/desk/api/chats/{key_of(customer)}/older?before=9") as answer:
        words = [one["text"] for one in json.loads(await answer.text())]
    assert "I want to talk to a person" in words, "the agent reads it at the desk"
    assert "as the customer" not in words


async def test_another_customers_chat_is_closed_to_a_customer(product: Served, customer: str) -> None:
    visitor, _, rest = customer.partition(".")
    async with ClientSession(product.url) as session:
        async with session.post("/chat/session") as answer:
            other = str((await answer.json())["token"])
        forged = f"{visitor}.{other.partition('.')[2]}"
        for token in (forged, visitor, f"{other.partition('.')[0]}.{rest}"):
            headers = {"Authorization": f"Bearer {token}"}
            async with session.get("/chat/messages?after=0", headers=headers) as answer:
                assert answer.status == 401


async def test_a_page_of_another_site_gets_no_live_connection_with_the_agents_cookie(
    product: Served, agent: ClientSession
) -> None:
    for origin in ("https://evil.test", "null", product.url.replace("127.0.0.1", "localhost")):
        with pytest.raises(WSServerHandshakeError) as refused:
            await agent.ws_connect("/desk/ws", headers={"Origin": origin})
        assert refused.value.status == 403
    async with agent.get("/desk/") as answer:
        assert re.search(r'data-csrf="[0-9a-f]{64}"', await answer.text())
        assert "Access-Control-Allow-Origin" not in answer.headers
