"""Pages: templates that escape everything, filled with what the desk says."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from http import HTTPStatus
from zoneinfo import ZoneInfo

from aiohttp import web
from jinja2 import Environment, PackageLoader, StrictUndefined

from bot.console.assets import Assets
from bot.desk.rights import Right
from bot.desk.service import Desk
from storage.desk_records import Session


@dataclass(frozen=True, slots=True)
class Pages:
    """Makes pages. `shop` is the shop's name; times are shown in `zone`."""

    desk: Desk
    shop: str
    zone: ZoneInfo
    assets: Assets
    _templates: Environment = field(init=False)

    def __post_init__(self) -> None:
        """Load the templates; a bad one is found by the tests."""
        templates = Environment(
            loader=PackageLoader("bot.console"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            auto_reload=False,
        )
        templates.filters["local"] = self._local
        templates.filters["stamp"] = _stamp
        templates.globals["asset"] = self.assets.address
        object.__setattr__(self, "_templates", templates)

    def public(
        self, name: str, values: Mapping[str, object], status: HTTPStatus = HTTPStatus.OK
    ) -> web.Response:
        """A page for everybody."""
        return self._page(name, {"shop": self.shop, "session": None, **values}, status)

    def show(
        self,
        session: Session,
        name: str,
        values: Mapping[str, object] | None = None,
        status: HTTPStatus = HTTPStatus.OK,
    ) -> web.Response:
        """A page for whoever is signed in, who finds there what they may do and nothing else."""
        rights = self.desk.rights.of(session.agent)
        base: dict[str, object] = {
            "shop": self.shop,
            "session": session,
            "me": session.agent,
            "csrf": session.csrf,
            "zone": self.zone.key,
            "rights": sorted(right.value for right in rights),
            "may": {right.value: right in rights for right in Right},
        }
        return self._page(name, base | dict(values or {}), status)

    def told(self, status: HTTPStatus, words: str) -> web.Response:
        """A page that says why something is not shown or done."""
        return self.public("error.html", {"heading": status.phrase, "words": words}, status)

    def _page(self, name: str, values: Mapping[str, object], status: HTTPStatus) -> web.Response:
        text = self._templates.get_template(name).render(values)
        return web.Response(text=text, status=status, content_type="text/html", charset="utf-8")

    def _local(self, at: datetime) -> str:
        return at.astimezone(self.zone).strftime("%Y-%m-%d %H:%M:%S")


def _stamp(at: datetime) -> str:
    """A time for machines."""
    return at.isoformat()
