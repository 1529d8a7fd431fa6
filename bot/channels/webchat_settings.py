"""What a shop can set about its web chat."""

from dataclasses import dataclass
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, field_validator


@dataclass(frozen=True, slots=True)
class DemoOrder:
    """An order to try on the demo page; `stage` as it is now, in words, where it is known."""

    number: str
    email: str
    description: str
    stage: str = ""


class WebChatSettings(BaseModel):
    """Settings of the web chat; every one has a default that is safe on the open internet."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    shop_name: str = "Harbour & Pine"
    title: str = ""
    """The heading of the chat window on the support page; left empty, it is in the visitor's language."""
    allowed_origins: tuple[str, ...] = ()
    """Other origins whose pages may embed the widget, as `https://shop.example`."""
    trust_proxy: bool = False
    """Take the visitor's address from the last entry of X-Forwarded-For: only behind a proxy that sets it."""
    page: bool = True
    """Serve the support page at `/`."""
    examples: tuple[DemoOrder, ...] = ()
    session_days: int = Field(default=365, ge=1)
    """How long a visitor's token is good for."""
    sessions_per_minute: float = Field(default=30.0, gt=0)
    """New visitors from one network address, on average."""
    sessions_burst: int = Field(default=30, ge=1)
    frames_per_second: float = Field(default=2.0, gt=0)
    """Frames of one chat, on average."""
    frames_burst: int = Field(default=20, ge=1)
    connections: int = Field(default=10_000, ge=1)
    """Open WebSockets in this process."""
    connections_per_chat: int = Field(default=16, ge=1)
    """Open WebSockets of one chat (its tabs); one more closes the oldest."""
    send_buffer: int = Field(default=256 * 1024, ge=16 * 1024)
    """Bytes that may wait for a slow client before its connection is given up."""
    hello_seconds: float = Field(default=10.0, gt=0)

    @field_validator("allowed_origins")
    @classmethod
    def _plain_origins(cls, origins: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(_plain_origin(origin) for origin in origins)


def _plain_origin(origin: str) -> str:
    """An origin as browsers write it. Raises `ValueError` for anything with a path, or without a scheme."""
    parts = urlsplit(origin.strip().rstrip("/").lower())
    if parts.scheme not in {"http", "https"} or not parts.netloc or parts.path or parts.query:
        raise ValueError(f"{origin!r} is not an origin: write it as https://shop.example, without a path")
    return f"{parts.scheme}://{parts.netloc}"
