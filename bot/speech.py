"""From `Say` to words: Project Fluent for the sentences, Babel for money, dates and lists."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from importlib.resources import files
from zoneinfo import ZoneInfo

from babel import Locale, UnknownLocaleError
from babel.dates import format_skeleton, format_time
from babel.lists import format_list
from babel.numbers import format_currency
from fluent.runtime import FluentBundle, FluentResource

from dialogs.effects import Amount, Argument, Button, DateRange, Moment, Text
from dialogs.policy import Policy, Problem, missing_messages
from dialogs.refunds import default_rows, missing_notes
from storage.records import Choice

FALLBACK = "en"
_MESSAGE = re.compile(r"^([a-z][\w-]*)\s*=", re.MULTILINE)


class TextMissing(LookupError):
    """A text was asked for that no language has."""


@dataclass(frozen=True, slots=True)
class Speech:
    """Renders texts. `timezone` is the shop's: dates are told as they are there."""

    bundles: Mapping[str, FluentBundle]
    timezone: ZoneInfo

    def paragraphs(self, parts: tuple[Text, ...], locale: str, at: datetime | None = None) -> str:
        """Several texts as one message, a line each. `at` is now; a date of its year goes without it."""
        return "\n".join(self.text(part, locale, at) for part in parts)

    def choices(self, buttons: tuple[Button, ...], locale: str) -> tuple[Choice, ...]:
        """The buttons as the customer sees them."""
        return tuple(Choice(self.text(button.label, locale), button.value) for button in buttons)

    def text(self, text: Text, locale: str, at: datetime | None = None) -> str:
        """One text. Raises `TextMissing` where neither this language nor the fallback has it."""
        for language in (language_of(locale), FALLBACK):
            bundle = self.bundles.get(language)
            if bundle is not None and bundle.has_message(text.key):
                args = tuple((name, self._argument(value, locale, at)) for name, value in text.args.items())
                return _worded(bundle, text.key, args)
        raise TextMissing(text.key)

    def _argument(self, value: Argument, locale: str, at: datetime | None) -> str | int:
        """An argument ready for Fluent: everything but numbers is worded here."""
        match value:
            case int():
                return value
            case str():
                return value or "none"
            case Amount():
                return _money(value.amount, value.currency, locale)
            case Text():
                return self.text(value, locale, at)
            case DateRange():
                return self._dates(value, locale, at)
            case Moment(moment):
                local = moment.astimezone(self.timezone)
                time = format_time(local.time(), "short", locale=babel_locale(locale))
                return f"{self._days((local.date(),), locale, at)[0]}, {time}"
            case datetime():
                return self._days((value.astimezone(self.timezone).date(),), locale, at)[0]
            case date():
                return self._days((value,), locale, at)[0]
            case tuple():
                listed = [self.text(text, locale, at) for text in value]
                return format_list(listed, locale=babel_locale(locale))

    def _dates(self, dates: DateRange, locale: str, at: datetime | None) -> str:
        first, last = self._days((dates.first, dates.last), locale, at)
        if dates.first == dates.last:
            return self.text(Text("date-one", {"first": first}), locale)
        return self.text(Text("date-range", {"first": first, "last": last}), locale)

    def _days(self, days: tuple[date, ...], locale: str, at: datetime | None) -> list[str]:
        """Days as they are written; with the year unless all of them are in the present one."""
        years = {day.year for day in days} | ({at.astimezone(self.timezone).year} if at else set())
        skeleton = "MMMEd" if len(years) == 1 else "yMMMEd"
        return [_day(day, skeleton, locale) for day in days]


# Wording is pure, and a shop's customers hear the same few sentences, amounts and days again and again.


@lru_cache(maxsize=4096)
def _worded(bundle: FluentBundle, key: str, args: tuple[tuple[str, str | int], ...]) -> str:
    pattern = bundle.get_message(key).value
    assert pattern is not None  # noqa: S101  every message of ours has a value
    words, problems = bundle.format_pattern(pattern, dict(args))
    if problems:
        raise TextMissing(f"{key} in {bundle.locales[0]}: {problems}")
    return str(words)


@lru_cache(maxsize=4096)
def _money(amount: Decimal, currency: str, locale: str) -> str:
    return format_currency(amount, currency, locale=babel_locale(locale))


@lru_cache(maxsize=4096)
def _day(day: date, skeleton: str, locale: str) -> str:
    return str(format_skeleton(skeleton, day, locale=babel_locale(locale)))


@lru_cache(maxsize=256)
def language_of(locale: str) -> str:
    """The language of a locale tag: `es` of `es-MX`."""
    return locale.replace("_", "-").partition("-")[0].lower()


@lru_cache(maxsize=256)
def babel_locale(tag: str) -> Locale:
    """The locale by whose manner amounts and dates are written; an unknown tag falls back to its language."""
    for candidate in (tag, language_of(tag), FALLBACK):
        try:
            return Locale.parse(candidate.replace("-", "_"))
        except (UnknownLocaleError, ValueError):
            continue
    raise AssertionError("unreachable: the fallback is a locale")


def load(timezone: str) -> Speech:
    """Every language there is a file for in `dialogs/texts`."""
    bundles = {}
    for language, text in _texts().items():
        bundle = FluentBundle([language], use_isolating=False)
        bundle.add_resource(FluentResource(text))
        bundles[language] = bundle
    return Speech(bundles, ZoneInfo(timezone))


def unsaid(policy: Policy, language: str | None = None) -> tuple[Problem, ...]:
    """The rules that customers cannot be told of, for want of a message, in one language or in any."""
    texts = {name: text for name, text in _texts().items() if language in (None, name)}
    return tuple(
        problem
        for name, text in texts.items()
        for problem in missing_messages(policy, set(_MESSAGE.findall(text)), f"dialogs/texts/{name}.ftl")
    )


def unsaid_notes(own: str) -> tuple[Problem, ...]:
    """The rows of a merchant's refund methods whose note the fallback language has no message for.

    Raises `RefundsError`.
    """
    messages = set(_MESSAGE.findall(_texts()[FALLBACK]))
    return missing_notes(default_rows(), own, messages, f"dialogs/texts/{FALLBACK}.ftl")


def _texts() -> dict[str, str]:
    """The file of each language in `dialogs/texts`."""
    return {
        file.name.removesuffix(".ftl"): file.read_text("utf-8")
        for file in sorted(files("dialogs.texts").iterdir(), key=lambda file: file.name)
        if file.name.endswith(".ftl")
    }
