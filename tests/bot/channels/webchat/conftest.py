from collections.abc import AsyncIterator

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient
from webchat_client import UNHURRIED, Client, Served, Start
from webchat_fakes import House

from bot.channels.webchat import WebChat
from bot.channels.webchat_settings import WebChatSettings


@pytest.fixture
def house() -> House:
    return House()


@pytest.fixture
async def start(house: House) -> AsyncIterator[Start]:
    clients = []

    async def begin(**settings: object) -> tuple[Client, WebChat]:
        chat = WebChat(
            secret=b"a secret of the tests",
            transcript=house,
            feed=house,
            settings=WebChatSettings.model_validate(UNHURRIED | settings),
        )
        app = web.Application()
        app.add_routes(chat.routes())
        await chat.start(house)
        client = TestClient(Served(app))
        await client.start_server()
        clients.append((client, chat))
        return client, chat

    yield begin
    for client, chat in clients:
        await chat.stop()
        await client.close()
