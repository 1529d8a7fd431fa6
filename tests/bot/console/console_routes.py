"""Every way into the console, read off its own router, so that a new one is asked the same questions."""

from dataclasses import dataclass

from aiohttp import ClientResponse
from console_makers import At, Browser
from desk_makers import House

from bot.console.acts import Acts
from bot.console.lookups import Lookups
from storage.desk_records import Agent

_AGENT_ACTS = ("role", "disable", "enable", "password", "link")
_QUERIES = {"/desk/api/chats/{key}/canned": "?shortcut=hello", "/desk/api/chats/{key}/older": "?before=9"}
BEFORE_SIGNING_IN = {
    "GET /desk",
    "GET /desk/sign-in",
    "POST /desk/sign-in",
    "POST /desk/sign-in/link",
    "GET /desk/static/base.css",
}
LIVE = "GET /desk/ws"
"""Judged by its close codes: a browser tells a page nothing else."""


@dataclass(frozen=True)
class Way:
    """A method and a path; `name` is the path as the router has it, with its acts spelt out."""

    method: str
    path: str
    name: str

    @property
    def open(self) -> bool:
        """Whether it is there for whoever has not signed in."""
        return f"{self.method} {self.path}" in BEFORE_SIGNING_IN


@dataclass(frozen=True)
class Scene:
    """What the ways lead to: somebody else's chat, its case, and somebody else's account."""

    key: str
    reference: str
    other: Agent

    @classmethod
    async def of(cls, house: House) -> "Scene":
        """A chat that Lee holds."""
        lee = await house.agent("Lee")
        key = await house.waits("web:lee", said=["the customer's secret"], customer="Ann")
        await house.desk.chats.claim(lee, key)
        await house.desk.canned.seed()
        return cls(key, (await house.ground.seen(house.boss, key)).reference, lee)


def ways(at: At, scene: Scene) -> list[Way]:
    """All of them."""
    found = []
    for route in at.console.routes():
        for name in _spelt_out(at, route.path):
            path = name + _QUERIES.get(name, "")
            for hole, filled in {
                "{key}": scene.key,
                "{reference}": scene.reference,
                "{id}": scene.other.id,
                "{shortcut}": "hello",
                "{name}": "base.css",
            }.items():
                path = path.replace(hole, filled)
            assert "{" not in path, f"a test must know what to put into {name}"
            found.append(Way(route.method, path, name))
    return [way for way in found if f"{way.method} {way.path}" != LIVE]


def _spelt_out(at: At, path: str) -> list[str]:
    if path == "/desk/api/chats/{key}/{act}":
        return [path.replace("{act}", act) for act in Acts(at.house.desk)._table]
    if path == "/desk/api/chats/{key}/{what}":
        return [path.replace("{what}", what) for what in Lookups(at.house.desk)._of_chat]
    if path == "/desk/agents/{id}/{act}":
        return [path.replace("{act}", act) for act in _AGENT_ACTS]
    return [path]


BODIES: dict[str, dict[str, object]] = {
    "reply": {"text": "from nobody", "id": "1"},
    "note": {"text": "from nobody", "id": "1"},
    "snooze": {"until": "2026-11-23T18:00:00Z"},
    "priority": {"priority": 3},
    "labels": {"labels": ["vip"]},
    "pass-on": {"to": "x"},
    "give-back": {"resume": True},
    "retry": {"seq": 1},
    "intercept": {"number": "1042", "by": "2026-11-23T18:00:00Z"},
    "intercept-over": {"stopped": True},
}
FORMS: dict[str, dict[str, str]] = {
    "/desk/agents": {"login": "eve", "name": "Eve", "role": "admin", "password": "a long enough one"},
    "/desk/agents/{id}/role": {"role": "admin"},
    "/desk/agents/{id}/password": {"password": "another long one"},
    "/desk/answers": {"shortcut": "eve", "title": "Eve", "text": "Eve was here"},
    "/desk/profile/password": {
        "current": "a long enough one",
        "password": "another long one",
        "again": "another long one",
    },
}


async def ask(browser: Browser, way: Way, csrf: str | None, origin: str | None) -> ClientResponse:
    """Go this way, with a body that would do something; `None` leaves the token or the origin out."""
    headers = {} if origin is None else {"Origin": origin}
    if way.method == "GET":
        response = await browser.session.get(browser.base + way.path, headers=headers, allow_redirects=False)
    elif way.name.startswith("/desk/api/"):
        headers |= {} if csrf is None else {"X-CSRF-Token": csrf}
        body = BODIES.get(way.name.rpartition("/")[2], {})
        response = await browser.session.post(browser.base + way.path, json=body, headers=headers)
    else:
        form = FORMS.get(way.name, {}) | ({} if csrf is None else {"csrf": csrf})
        response = await browser.session.post(
            browser.base + way.path, data=form, headers=headers, allow_redirects=False
        )
    await response.read()
    return response


async def everything(house: House) -> str:
    """All that a request could have changed: chats, notes, accounts, answers and the record."""
    agents = await house.desk.accounts.all(house.boss)
    canned = await house.desk.canned.all(house.boss)
    verified = await house.desk.trail.verify(house.boss)
    found = [repr(agents), repr(canned), str(verified.entries)]
    for key in ("web:lee",):
        shown = await house.desk.chats.show(house.boss, key)
        found += [repr(shown.item), repr(shown.lines), repr(shown.notes)]
    return "\n".join(found)
