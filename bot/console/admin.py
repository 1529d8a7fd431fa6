"""Pages for administrators and for oneself: agents, answers, the own profile, a case's record."""

from dataclasses import dataclass
from http import HTTPStatus

from aiohttp import web

from bot.console.bodies import fields_of
from bot.console.gate import Gate
from bot.console.pages import Pages
from bot.desk.canned import PLACEHOLDERS
from bot.desk.errors import BadInput, DeskRefusal
from bot.desk.service import Desk
from storage.desk_records import Agent, Role, Session


@dataclass(frozen=True, slots=True)
class Admin:
    """Forms that post and come back to their page."""

    desk: Desk
    gate: Gate
    pages: Pages

    def routes(self) -> list[web.RouteDef]:
        """The routes."""
        gate = self.gate
        return [
            web.get("/desk/agents", gate.page(self._agents)),
            web.post("/desk/agents", gate.form(self._add_agent)),
            web.post("/desk/agents/{id}/{act}", gate.form(self._change_agent)),
            web.get("/desk/answers", gate.page(self._answers)),
            web.post("/desk/answers", gate.form(self._save_answer)),
            web.post("/desk/answers/{shortcut}/delete", gate.form(self._delete_answer)),
            web.get("/desk/profile", gate.page(self._profile)),
            web.post("/desk/profile/password", gate.form(self._password)),
            web.get("/desk/case/{reference}/record", gate.page(self._record)),
        ]

    # ---- agents

    async def _agents(self, _: web.Request, session: Session) -> web.StreamResponse:
        return await self._agents_page(session)

    async def _agents_page(
        self,
        session: Session,
        *,
        problem: str = "",
        said: str = "",
        link: str = "",
        status: HTTPStatus = HTTPStatus.OK,
    ) -> web.Response:
        agents = await self.desk.accounts.all(session.agent)
        values = {"agents": agents, "roles": list(Role), "problem": problem, "said": said, "link": link}
        return self.pages.show(session, "agents.html", values, status)

    async def _add_agent(self, request: web.Request, session: Session) -> web.StreamResponse:
        form = await fields_of(request)
        try:
            added = await self.desk.accounts.add(
                session.agent,
                login=form.get("login", ""),
                name=form.get("name", "") or form.get("login", ""),
                role=_role(form.get("role", "")),
                password=form.get("password") or None,
            )
        except BadInput as refused:
            return await self._agents_page(session, problem=str(refused), status=_BAD)
        return await self._agents_page(session, said=f"{added.name} is added as {added.role.value}.")

    async def _change_agent(self, request: web.Request, session: Session) -> web.StreamResponse:
        form, agent_id = await fields_of(request), request.match_info["id"]
        link = ""
        try:
            said = "Done."
            match request.match_info["act"]:
                case "role":
                    await self.desk.accounts.set_role(session.agent, agent_id, _role(form.get("role", "")))
                case "disable":
                    await self.desk.accounts.disable(session.agent, agent_id)
                case "enable":
                    await self.desk.accounts.enable(session.agent, agent_id)
                case "password":
                    await self._set_password(session.agent, agent_id, form.get("password", ""))
                case "link":
                    token = await self.desk.accounts.sign_in_token(session.agent, agent_id)
                    link = f"{request.headers.get('Origin', '')}/desk/sign-in#{token}"
                    said = ""
                case _:
                    return await self._agents_page(session, problem="There is no such act.", status=_BAD)
        except BadInput as refused:
            return await self._agents_page(session, problem=str(refused), status=_BAD)
        return await self._agents_page(session, said=said, link=link)

    async def _set_password(self, by: Agent, agent_id: str, password: str) -> None:
        if by.id == agent_id:
            raise BadInput("Change your own password under Profile.")
        await self.desk.accounts.set_password(by, agent_id, password)

    # ---- answers

    async def _answers(self, request: web.Request, session: Session) -> web.StreamResponse:
        return await self._answers_page(session, chosen=request.query.get("edit", ""))

    async def _answers_page(
        self,
        session: Session,
        *,
        chosen: str = "",
        draft: dict[str, str] | None = None,
        problem: str = "",
        said: str = "",
    ) -> web.Response:
        every = await self.desk.canned.all(session.agent)
        found = next((one for one in every if one.shortcut == chosen), None)
        if draft is None:
            draft = {"shortcut": "", "title": "", "text": ""}
            if found is not None:
                draft = {"shortcut": found.shortcut, "title": found.title, "text": found.text}
        values = {
            "answers": every,
            "draft": draft,
            "editing": found is not None,
            "placeholders": PLACEHOLDERS,
            "problem": problem,
            "said": said,
        }
        return self.pages.show(session, "answers.html", values, _BAD if problem else HTTPStatus.OK)

    async def _save_answer(self, request: web.Request, session: Session) -> web.StreamResponse:
        form = await fields_of(request)
        draft = {name: form.get(name, "") for name in ("shortcut", "title", "text")}
        try:
            saved = await self.desk.canned.save(session.agent, **draft)
        except BadInput as refused:
            return await self._answers_page(session, draft=draft, problem=str(refused))
        return await self._answers_page(session, said=f"/{saved.shortcut} is saved.")

    async def _delete_answer(self, request: web.Request, session: Session) -> web.StreamResponse:
        shortcut = request.match_info["shortcut"]
        try:
            await self.desk.canned.delete(session.agent, shortcut)
        except BadInput as refused:
            return await self._answers_page(session, problem=str(refused))
        return await self._answers_page(session, said=f"/{shortcut} is deleted.")

    # ---- oneself

    async def _profile(self, _: web.Request, session: Session) -> web.StreamResponse:
        return self._profile_page(session)

    def _profile_page(self, session: Session, *, problem: str = "") -> web.Response:
        status = _BAD if problem else HTTPStatus.OK
        return self.pages.show(session, "profile.html", {"problem": problem}, status)

    async def _password(self, request: web.Request, session: Session) -> web.StreamResponse:
        form = await fields_of(request)
        me = session.agent
        if form.get("password", "") != form.get("again", ""):
            return self._profile_page(session, problem="The new password was not written twice the same.")
        try:
            await self.desk.accounts.set_password(
                me, me.id, form.get("password", ""), current=form.get("current", "")
            )
        except DeskRefusal as refused:
            return self._profile_page(session, problem=str(refused))
        return web.Response(status=HTTPStatus.SEE_OTHER, headers={"Location": "/desk/sign-in"})

    # ---- the record

    async def _record(self, request: web.Request, session: Session) -> web.StreamResponse:
        reference = request.match_info["reference"]
        key = await self.desk.queue.key(session.agent, reference)
        entries = await self.desk.trail.of_conversation(session.agent, key)
        verified = await self.desk.trail.verify(session.agent, key)
        values = {"reference": reference, "entries": entries, "verified": verified}
        return self.pages.show(session, "record.html", values)


_BAD = HTTPStatus.UNPROCESSABLE_ENTITY


def _role(name: str) -> Role:
    try:
        return Role(name)
    except ValueError:
        raise BadInput("Choose a role: agent, supervisor or admin.") from None
