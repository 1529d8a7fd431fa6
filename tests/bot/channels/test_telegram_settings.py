"""A wrong setting stops the start with the variable's name and the remedy, and never shows the token."""

import subprocess
import sys

import pytest
from pydantic import SecretStr

from bot.channels.telegram_settings import TelegramMode, TelegramSettings

TOKEN = "123456:AAF-secret_part"
HOOK = {"webhook_url": "https://shop.test/telegram/webhook", "webhook_secret": "s3cret_-"}


def test_a_token_is_enough_and_means_polling() -> None:
    settings = TelegramSettings(token=SecretStr(TOKEN))
    assert (settings.mode, settings.api_url) == (TelegramMode.POLLING, None)


def test_a_webhook_is_served_at_the_path_of_its_url() -> None:
    settings = TelegramSettings.model_validate({"token": TOKEN, "mode": "webhook"} | HOOK)
    assert settings.webhook_path == "/telegram/webhook"


def test_empty_variables_are_unset_ones() -> None:
    empty = {"api_url": "", "webhook_url": "", "webhook_secret": ""}
    assert TelegramSettings.model_validate({"token": TOKEN} | empty).webhook_secret is None


def test_a_bot_api_server_of_ones_own_may_post_to_a_plain_http_address() -> None:
    own = {"api_url": "http://127.0.0.1:8081", "webhook_url": "http://10.0.0.5:8080/telegram"}
    settings = TelegramSettings.model_validate({"token": TOKEN, "mode": "webhook"} | HOOK | own)
    assert settings.webhook_path == "/telegram"


@pytest.mark.parametrize(
    ("wrong", "variable", "remedy"),
    [
        ({"token": "AAF-secret_part"}, "TELEGRAM_BOT_TOKEN", "@BotFather"),
        ({"token": "123456:AAF secret_part"}, "TELEGRAM_BOT_TOKEN", "@BotFather"),
        ({"mode": "push"}, "TELEGRAM_MODE", "`polling`, `webhook` or `mounted`"),
        ({"api_url": "localhost:8081"}, "TELEGRAM_API_URL", "http://127.0.0.1:8081"),
        ({"api_url": "http://[::1"}, "TELEGRAM_API_URL", "http://127.0.0.1:8081"),
        ({"mode": "webhook", "webhook_url": None}, "TELEGRAM_WEBHOOK_URL", "TELEGRAM_MODE=polling"),
        ({"mode": "webhook", "webhook_url": "http://shop.test/x"}, "TELEGRAM_WEBHOOK_URL", "https"),
        ({"mode": "webhook", "webhook_url": "https://shop.test"}, "TELEGRAM_WEBHOOK_URL", "path"),
        ({"mode": "webhook", "webhook_secret": None}, "TELEGRAM_WEBHOOK_SECRET", "openssl rand"),
        ({"mode": "webhook", "webhook_secret": "not allowed!"}, "TELEGRAM_WEBHOOK_SECRET", "A-Z"),
        ({"mode": "webhook", "webhook_secret": "x" * 257}, "TELEGRAM_WEBHOOK_SECRET", "256"),
    ],
)
def test_a_wrong_setting_names_its_variable_and_the_remedy(
    wrong: dict[str, str | None], variable: str, remedy: str
) -> None:
    with pytest.raises(ValueError, match=variable) as refused:
        TelegramSettings.model_validate({"token": TOKEN} | HOOK | wrong)
    assert remedy in str(refused.value)
    assert "secret_part" not in str(refused.value)
    assert "s3cret" not in str(refused.value)


def test_settings_do_not_show_their_secrets() -> None:
    settings = TelegramSettings.model_validate({"token": TOKEN, "mode": "webhook"} | HOOK)
    assert "secret_part" not in repr(settings)
    assert "s3cret" not in repr(settings)


def test_reading_settings_does_not_import_the_library() -> None:
    code = "import bot.channels.telegram_settings, sys; sys.exit('aiogram' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0  # noqa: S603 - own code
