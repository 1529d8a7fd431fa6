"""The console served for tests, and browsers of agents that talk with it."""

import asyncio
import json
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from zoneinfo import ZoneInfo

from aiohttp import ClientResponse, ClientSession, ClientWebSocketResponse, CookieJar, WSMsgType, web
from desk_makers import House

from bot.console.door import Console
from bot.console.site import Site
from bot.web import application, runner
from storage.desk_records import Agent, Role

Json = dict[str, Any]
PASSWORD = "a long enough one"


@dataclass
class Live:
    """A live connection, with every frame that came."""

    socket: ClientWebSocketResponse
    frames: list[Json] = field(default_factory=list)

    async def send(self, type_: str, **frame: object) -> None:
        await self.socket.send_json({"type": type_} | frame)

    async def until(self, type_: str, **wanted: object) -> Json:
        """The next frame of this type whose members are as wanted."""
        async with asyncio.timeout(10):
            while True:
                received = await self.socket.receive()
                assert received.type is WSMsgType.TEXT, received
                frame: Json = json.loads(received.data)
                self.frames.append(frame)
                if frame["type"] == type_ and all(frame[name] == value for name, value in wanted.items()):
                    return frame

    async def closed(self) -> int | None:
        """Its close code, once it is closed."""
        async with asyncio.timeout(10):
            while True:
                received = await self.socket.receive()
                if received.type is WSMsgType.CLOSE:
                    return int(received.data)  # what was told; the client's own farewell may come too late
                if received.type in (WSMsgType.CLOSED, WSMsgType.CLOSING):
                    return self.socket.close_code


@dataclass
class Browser:
    """An agent's browser: a jar of cookies, and what the page it has open carries."""

    session: ClientSession
    base: str
    agent: Agent
    csrf: str = ""

    async def get(self, path: str, **more: Any) -> tuple[int, str]:
        async with self.session.get(self.base + path, allow_redirects=False, **more) as response:
            return response.status, await response.text()

    async def look(self, path: str) -> tuple[int, Any]:
        status, text = await self.get(f"/desk/api/{path}")
        return status, json.loads(text)

    async def post(self, path: str, **more: Any) -> ClientResponse:
        headers = {"Origin": self.base} | more.pop("headers", {})
        response = await self.session.post(self.base + path, headers=headers, allow_redirects=False, **more)
        await response.read()
        return response

    async def act(self, key: str, act: str, **body: object) -> tuple[int, Json]:
        response = await self.post(
            f"/desk/api/chats/{key}/{act}", json=body, headers={"X-CSRF-Token": self.csrf}
        )
        return response.status, await response.json()

    async def form(self, path: str, **fields: str) -> ClientResponse:
        return await self.post(path, data={"csrf": self.csrf} | fields)

    async def sign_in(self, password: str = PASSWORD) -> ClientResponse:
        """Sign in by the form, and open the inbox."""
        response = await self.post("/desk/sign-in", data={"login": self.agent.login, "password": password})
        _, page = await self.get("/desk/")
        found = re.search(r'data-csrf="([0-9a-f]+)"', page)
        self.csrf = found[1] if found else ""
        return response

    @asynccontextmanager
    async def live(self, *, csrf: str | None = None, origin: str = "") -> AsyncIterator[Live]:
        headers = {"Origin": origin or self.base}
        async with self.session.ws_connect(f"{self.base}/desk/ws", headers=headers) as socket:
            await socket.send_json({"type": "hello", "csrf": self.csrf if csrf is None else csrf})
            yield Live(socket)


@dataclass
class At:
    """The console, served at `base`."""

    house: House
    base: str
    console: Console
    sessions: list[ClientSession] = field(default_factory=list)

    async def stranger(self) -> Browser:
        """Somebody who has not signed in."""
        return self._browser(self.house.boss)

    async def agent(self, name: str, role: Role = Role.AGENT) -> Browser:
        """A new agent, signed in."""
        browser = self._browser(await self.house.agent(name, role, PASSWORD))
        response = await browser.sign_in()
        assert (response.status, bool(browser.csrf)) == (303, True)
        return browser

    def _browser(self, agent: Agent) -> Browser:
        session = ClientSession(cookie_jar=CookieJar(unsafe=True))
        self.sessions.append(session)
        return Browser(session, self.base, agent)


@asynccontextmanager
async def at_console(house: House, site: Site | None = None) -> AsyncIterator[At]:
    console = Console(
        house.desk,
        shop="Harbour & Pine",
        zone=ZoneInfo("Europe/Berlin"),
        site=site or Site(),
        clock=house.clock,
    )
    server = runner(application(console.routes(), {}), last_requests=1)
    await server.setup()
    await web.TCPSite(server, "127.0.0.1", 0).start()
    served = At(house, f"http://127.0.0.1:{server.addresses[0][1]}", console)
    try:
        yield served
    finally:
        for session in served.sessions:
            await session.close()
        await console.stop()
        await server.cleanup()
