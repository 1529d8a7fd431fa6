"""From settings and the merchant's files to the rules that the dialogue and the desk go by."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from bot import speech
from bot.ports import OrderBackend
from bot.settings import Settings, SettingsInvalid
from dialogs.hours import OpeningHours, week_of
from dialogs.policy import Policy, PolicyError, Problem, default_policy
from dialogs.policy import load as load_policy
from dialogs.refunds import Calendar, CalendarError, RefundsError, RefundWindows, default_rows
from dialogs.refunds import load as load_methods
from dialogs.rules import Rules


def rules_of(settings: Settings) -> Rules:
    """The merchant's rules. Raises `SettingsInvalid` where a file of theirs is bad."""
    return Rules(
        windows=windows_of(settings),
        policy=policy_of(settings),
        status_url=settings.order_status_url,
        number_example=settings.order_number_example,
        rechecks=settings.rechecks,
        hours=opening_hours(settings),
        expected_wait=timedelta(minutes=wait) if (wait := settings.desk_expected_wait_minutes) else None,
        remind_after=timedelta(minutes=settings.remind_after_minutes),
        close_after=timedelta(minutes=settings.close_after_minutes),
    )


def calendar_of(settings: Settings) -> Calendar:
    """The shop's business days and holidays. Raises `SettingsInvalid`."""
    country, _, subdivision = settings.shop_country.partition("-")
    try:
        return Calendar(country, settings.shop_timezone, subdivision or None)
    except CalendarError as error:
        raise SettingsInvalid(f"SHOP_COUNTRY or SHOP_TIMEZONE: {error}") from None


def windows_of(settings: Settings) -> RefundWindows:
    """When refunds arrive, by method and calendar. Raises `SettingsInvalid`."""
    own = _text(settings.refund_methods_file, "REFUND_METHODS_FILE")
    try:
        methods = load_methods(default_rows(), own)
        problems = speech.unsaid_notes(own) if own is not None else ()
    except RefundsError as error:
        problems = error.problems
    if problems:
        raise SettingsInvalid(f"REFUND_METHODS_FILE: {_sentences(problems[0])}")
    return RefundWindows(methods, calendar_of(settings), legal_days=settings.refund_legal_days)


def of_shop(rules: Rules, shop: OrderBackend) -> Rules:
    """The rules, knowing whether this shop sends money back by itself."""
    return replace(rules, windows=rules.windows.of_shop(refunds_itself=shop.capabilities.refunds_itself))


def opening_hours(settings: Settings) -> OpeningHours | None:
    """When people are at the desk, where it is set. Raises `SettingsInvalid`."""
    if not settings.desk_hours.strip():
        return None
    try:
        week = week_of(settings.desk_hours)
    except ValueError as error:
        raise SettingsInvalid(f"DESK_HOURS: {error}") from None
    if not any(week):
        raise SettingsInvalid(
            "DESK_HOURS: names no hours, so nobody would ever be there. Name some, as mon-fri 09:00-17:00; "
            "or unset it, and customers are told no hours"
        )
    return OpeningHours(ZoneInfo(settings.shop_timezone), week, calendar_of(settings).is_holiday)


def policy_of(settings: Settings) -> Policy:
    """The cancellation policy in force. Raises `SettingsInvalid`."""
    own = _text(settings.policy_file, "POLICY_FILE")
    if own is None:
        return default_policy()
    try:
        policy = load_policy(own, default_policy().text)
        problems = speech.unsaid(policy, speech.FALLBACK)
    except PolicyError as error:
        problems = error.problems
    if not problems:
        return policy
    raise SettingsInvalid(
        f"POLICY_FILE: {_sentences(problems[0])} "
        f"`rescind policy check {settings.policy_file}` shows everything."
    )


def _sentences(problem: Problem) -> str:
    return f"line {problem.line}: {problem.message.rstrip('.')}. {problem.remedy.rstrip('.')}."


def _text(path: Path | None, name: str) -> str | None:
    if path is None:
        return None
    try:
        return path.read_text("utf-8-sig")  # a byte-order mark is no part of the text
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
        raise SettingsInvalid(
            f"{name}: {path} cannot be read: {why}. Name a file that can, or unset it"
        ) from None
