"""What an agent's page reads about one chat, and what it searches for."""

from http import HTTPStatus

from aiohttp import web

from bot.console.answers import answer, problem
from bot.console.gate import Signed
from bot.console.shapes import line_of, panel_of
from bot.desk.service import Desk
from storage.desk_records import Session

_DIGITS = 15


class Lookups:
    """Each is a `GET`, and every one asks the desk, which checks the agent's rights."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._of_chat: dict[str, Signed] = {
            "summary": self._summary,
            "older": self._older,
            "order": self._order,
            "trail": self._trail,
            "canned": self._rendered,
        }

    async def of_chat(self, request: web.Request, session: Session) -> web.StreamResponse:
        """`GET /desk/api/chats/{key}/{what}`."""
        look = self._of_chat.get(request.match_info["what"])
        if look is None:
            return problem(HTTPStatus.NOT_FOUND, "not_found", "There is nothing of this name.")
        return await look(request, session)

    async def search(self, request: web.Request, session: Session) -> web.StreamResponse:
        """`GET /desk/api/search?q=`."""
        return answer(await self._desk.queue.search(session.agent, request.query.get("q", "")))

    async def canned(self, request: web.Request, session: Session) -> web.StreamResponse:
        """`GET /desk/api/canned`: every answer kept for use again."""
        del request
        return answer(await self._desk.canned.all(session.agent))

    async def agents(self, request: web.Request, session: Session) -> web.StreamResponse:
        """`GET /desk/api/agents`: who is at work, to pass a chat on."""
        del request
        working = [one for one in await self._desk.accounts.all(session.agent) if one.disabled_at is None]
        return answer([{"id": one.id, "name": one.name} for one in working])

    async def case(self, request: web.Request, session: Session) -> web.StreamResponse:
        """`GET /desk/api/cases/{reference}`: the conversation of a case."""
        key = await self._desk.queue.key(session.agent, request.match_info["reference"])
        return answer({"key": key})

    async def _summary(self, request: web.Request, session: Session) -> web.StreamResponse:
        return answer(await self._desk.chats.summary(session.agent, request.match_info["key"]))

    async def _older(self, request: web.Request, session: Session) -> web.StreamResponse:
        before = _number(request.query.get("before", ""))
        lines = await self._desk.chats.older(
            session.agent, request.match_info["key"], before=before, limit=100
        )
        return answer([line_of(line) for line in lines])

    async def _order(self, request: web.Request, session: Session) -> web.StreamResponse:
        number = request.query.get("number", "").replace("\0", "")[:200]
        panel = await self._desk.orders.panel(session.agent, request.match_info["key"], number)
        return answer(panel_of(panel))

    async def _trail(self, request: web.Request, session: Session) -> web.StreamResponse:
        """The audit log of a chat, for whoever may see it; what was done, by whom, when."""
        entries = await self._desk.trail.of_conversation(session.agent, request.match_info["key"])
        return answer(entries[-100:])

    async def _rendered(self, request: web.Request, session: Session) -> web.StreamResponse:
        shortcut = request.query.get("shortcut", "")
        return answer(await self._desk.canned.render(session.agent, request.match_info["key"], shortcut))


def _number(text: str) -> int:
    """A message's number; 0 for anything else."""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= _DIGITS else 0
