from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from fluent.runtime import FluentBundle, FluentResource
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.speech import Speech, TextMissing, load
from dialogs.effects import Amount, Argument, Button, DateRange, Moment, Text
from tests.ftl import texts

SPEECH = load("Europe/Berlin")
LOCALES = ["en", "en-GB", "es", "es-MX", "es_419", "xx", ""]
NOVEMBER = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
SPACE = "\N{NO-BREAK SPACE}"
NARROW = "\N{NARROW NO-BREAK SPACE}"


def said(key: str, locale: str = "en", **args: Argument) -> str:
    return SPEECH.text(Text(key, args), locale, NOVEMBER)


def test_a_moment_is_a_day_and_a_time_of_the_shops_clock() -> None:
    back = Moment(datetime(2026, 11, 24, 8, 30, tzinfo=UTC))
    assert said("button-value", "en", value=back) == f"Tue, Nov 24, 9:30{NARROW}AM"
    assert said("button-value", "es", value=back) == "mar, 24 nov, 9:30"


def money(amount: str, currency: str, locale: str) -> str:
    return said("button-value", locale, value=Amount(Decimal(amount), currency))


def on(day: date | datetime | DateRange, locale: str = "en", at: datetime | None = NOVEMBER) -> str:
    return SPEECH.text(Text("button-value", {"value": day}), locale, at)


# ---- money


@pytest.mark.parametrize(
    ("amount", "currency", "locale", "words"),
    [
        ("54", "EUR", "en", "€54.00"),
        ("54", "EUR", "es", f"54,00{SPACE}€"),
        ("1234.5", "USD", "en-US", "$1,234.50"),
        ("1234.5", "USD", "es-MX", "USD1,234.50"),
        ("1234.5", "MXN", "es-MX", "$1,234.50"),
        ("12345.5", "EUR", "es-ES", f"12.345,50{SPACE}€"),
        ("5400", "JPY", "en", "¥5,400"),
        ("0", "GBP", "en-GB", "£0.00"),
        ("-3", "EUR", "en", "-€3.00"),
    ],
)
def test_money_is_written_in_the_manner_of_the_customers_locale(
    amount: str, currency: str, locale: str, words: str
) -> None:
    assert money(amount, currency, locale) == words


def test_a_currency_nobody_knows_is_shown_by_its_code() -> None:
    assert money("54", "ZZZ", "en") == "ZZZ54.00"


# ---- dates


@pytest.mark.parametrize(
    ("locale", "words"),
    [("en", "Mon, Nov 23"), ("en-GB", "Mon 23 Nov"), ("es", "lun, 23 nov"), ("es-MX", "lun 23 de nov")],
)
def test_a_date_is_written_with_its_weekday(locale: str, words: str) -> None:
    assert on(date(2026, 11, 23), locale) == words


def test_a_moment_is_told_as_the_day_it_is_in_the_shops_time_zone() -> None:
    assert on(datetime(2026, 11, 23, 22, 59, tzinfo=UTC)) == "Mon, Nov 23"
    assert on(datetime(2026, 11, 23, 23, 1, tzinfo=UTC)) == "Tue, Nov 24"


def test_a_range_names_both_days_and_a_range_of_one_day_that_day() -> None:
    assert on(DateRange(date(2026, 11, 27), date(2026, 12, 4))) == "between Fri, Nov 27 and Fri, Dec 4"
    assert on(DateRange(date(2026, 11, 27), date(2026, 11, 27))) == "on Fri, Nov 27"
    spanish = on(DateRange(date(2026, 11, 27), date(2026, 12, 4)), "es")
    assert spanish == "entre el vie, 27 nov y el vie, 4 dic"


def test_a_range_across_the_years_shows_both_years() -> None:
    turn = DateRange(date(2026, 12, 28), date(2027, 1, 8))
    assert on(turn) == "between Mon, Dec 28, 2026 and Fri, Jan 8, 2027"
    assert on(turn, "es") == "entre el lun, 28 dic 2026 y el vie, 8 ene 2027"
    assert on(turn, at=None) == on(turn)


def test_the_year_is_shown_where_it_is_not_this_one() -> None:
    assert on(date(2025, 11, 24)) == "Mon, Nov 24, 2025"
    assert (
        on(DateRange(date(2027, 1, 4), date(2027, 1, 8))) == "between Mon, Jan 4, 2027 and Fri, Jan 8, 2027"
    )
    assert on(DateRange(date(2027, 1, 4), date(2027, 1, 4))) == "on Mon, Jan 4, 2027"


def test_which_year_is_this_one_is_told_by_the_shops_time_zone() -> None:
    an_hour_to_midnight_in_london = datetime(2026, 12, 31, 23, 0, tzinfo=UTC)
    assert on(date(2027, 1, 1), at=an_hour_to_midnight_in_london) == "Fri, Jan 1"
    assert on(date(2026, 12, 31), at=an_hour_to_midnight_in_london) == "Thu, Dec 31, 2026"


def test_the_year_is_shown_inside_of_nested_texts_too() -> None:
    dates = DateRange(date(2026, 12, 28), date(2027, 1, 8))
    refund = Text(
        "refund-dated",
        {
            "amount": Amount(Decimal(54), "EUR"),
            "method": Text("payment-method", {"brand": "card", "name": "Card"}),
            "sent": date(2026, 12, 18),
            "dates": dates,
            "days": Text("days-business", {"span": "between", "min": 5, "max": 10}),
        },
    )
    assert SPEECH.paragraphs((Text("refund-line", {"refund": refund}),), "en", NOVEMBER) == (
        "€54.00 (card) was sent back on Fri, Dec 18 and is expected between Mon, Dec 28, 2026 "
        "and Fri, Jan 8, 2027 (5\N{EN DASH}10 business days)."
    )


# ---- lists, plurals, choices


@pytest.mark.parametrize(
    ("locale", "words"),
    [
        ("en", ["a", "a and b", "a, b, and c"]),
        ("en-GB", ["a", "a and b", "a, b and c"]),
        ("es", ["a", "a y b", "a, b y c"]),
    ],
)
def test_a_list_is_joined_in_the_manner_of_the_language(locale: str, words: list[str]) -> None:
    items = tuple(Text("button-value", {"value": value}) for value in "abc")
    assert [said("button-value", locale, value=items[:count]) for count in (1, 2, 3)] == words


@pytest.mark.parametrize(
    ("locale", "one", "two"),
    [
        ("en", "(1 item, €54.00)", "(2 items, €54.00)"),
        ("es", f"(1 artículo, 54,00{SPACE}€)", f"(2 artículos, 54,00{SPACE}€)"),
    ],
)
def test_one_piece_and_two_pieces_are_counted_in_words_that_agree(locale: str, one: str, two: str) -> None:
    for pieces, words in ((1, one), (2, two)):
        args = {"number": "1042", "pieces": pieces, "total": Amount(Decimal(54), "EUR"), "stage": "x"}
        assert words in said("told-status", locale, **args)


@pytest.mark.parametrize(
    ("span", "low", "high", "english", "spanish"),
    [
        ("same_day", 0, 0, "at most a business day", "un día laborable como máximo"),
        ("exact", 1, 1, "1 business day", "1 día laborable"),
        ("exact", 14, 14, "14 business days", "14 días laborables"),
        ("up_to", 0, 1, "up to 1 business day", "hasta 1 día laborable"),
        ("up_to", 0, 5, "up to 5 business days", "hasta 5 días laborables"),
        ("between", 5, 10, "5\N{EN DASH}10 business days", "entre 5 y 10 días laborables"),
    ],
)
def test_a_window_is_told_in_words_that_agree(
    span: str, low: int, high: int, english: str, spanish: str
) -> None:
    assert said("days-business", "en", span=span, min=low, max=high) == english
    assert said("days-business", "es", span=span, min=low, max=high) == spanish


def test_a_payment_method_is_named_in_the_language_and_a_strange_one_by_its_own_name() -> None:
    assert said("payment-method", "es", brand="gift_card", name="Gift card") == "tarjeta regalo"
    assert said("payment-method", "es", brand="paypal", name="PayPal") == "PayPal"
    assert said("payment-method", "en", brand="mein_geld", name="Mein Geld {x}") == "Mein Geld {x}"


def test_an_argument_that_is_not_there_is_told_apart() -> None:
    assert said("note-kept", number="") == "All right, nothing is cancelled."
    assert "1042" in said("note-kept", number="1042")


def test_paragraphs_stand_on_lines_of_their_own_and_buttons_keep_their_values() -> None:
    parts = (Text("remark-thanks"), Text("ask-anything-else"))
    assert SPEECH.paragraphs(parts, "es").splitlines() == ["De nada.", "¿Puedo ayudarte en algo más?"]
    (choice,) = SPEECH.choices((Button(Text("button-no-thanks"), "no:7"),), "es-MX")
    assert (choice.label, choice.value) == ("No, gracias", "no:7")


# ---- locales


@pytest.mark.parametrize(
    ("locale", "words"),
    [
        ("es", "De nada."),
        ("es-MX", "De nada."),
        ("es_419", "De nada."),
        ("ES-mx", "De nada."),
        ("en-GB", "You're welcome."),
        ("xx", "You're welcome."),
        ("xx-YY", "You're welcome."),
        ("", "You're welcome."),
        ("../../etc", "You're welcome."),
        ("{ $x }", "You're welcome."),
    ],
)
def test_a_locale_speaks_its_language_and_an_unknown_one_english(locale: str, words: str) -> None:
    assert said("remark-thanks", locale) == words


@given(locale=st.text(max_size=20) | st.from_regex(r"[a-z]{2}[-_][A-Za-z0-9_-]{0,12}", fullmatch=True))
def test_no_locale_is_too_odd_to_be_answered_in(locale: str) -> None:
    assert "54" in said("button-value", locale, value=Amount(Decimal(54), "EUR"))
    assert "23" in said("button-value", locale, value=date(2026, 11, 23))
    assert said("ask-what", locale, times=1)


# ---- what customers and shops write is only ever shown

INERT = [
    "{ $email }",
    '{ "a" }',
    "{",
    "}}",
    "[none]",
    "*[other] x",
    "<b>x</b>",
    "&lt;",
    "a\n = b",
    "-term",
    "\u202etxt",
    "# c",
    "%s {0}",
]


@pytest.mark.parametrize("data", INERT)
@pytest.mark.parametrize("locale", ["en", "es"])
def test_what_a_customer_wrote_is_shown_as_it_is(data: str, locale: str) -> None:
    args: dict[str, Argument] = {"times": 1, "number": data, "email": "ann@shop.test"}
    whole = said("ask-not-found", locale, **args)
    assert whole == said("ask-not-found", locale, **{**args, "number": "MARK"}).replace("MARK", data)


def test_what_a_customer_wrote_is_shown_as_it_is_inside_of_lists_and_nested_texts() -> None:
    inner = Text("button-value", {"value": "{ $secret }"})
    assert said("refund-line", refund=inner) == "{ $secret }."
    assert said("refund-line", refund=(inner, inner)) == "{ $secret } and { $secret }."


# ---- what cannot be said


def test_a_missing_text_is_named() -> None:
    with pytest.raises(TextMissing, match="no-such-text"):
        said("no-such-text")
    with pytest.raises(TextMissing, match="no-such-text"):
        said("refund-line", refund=Text("no-such-text"))


def test_a_missing_argument_names_the_text_and_shows_no_half_sentence() -> None:
    with pytest.raises(TextMissing, match=r"reference in es: .*\$?reference"):
        said("reference", "es")


def test_a_text_that_one_language_lacks_is_said_in_english() -> None:
    bundles = {}
    for language, source in {"en": "a = yes\nb = { $x }!\n", "es": "a = sí\n"}.items():
        bundles[language] = FluentBundle([language], use_isolating=False)
        bundles[language].add_resource(FluentResource(source))
    speech = Speech(bundles, SPEECH.timezone)
    assert speech.text(Text("a"), "es") == "sí"
    assert speech.text(Text("b", {"x": Text("a")}), "es") == "sí!"


# ---- every text, whatever it is given

words = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="{}"), max_size=12)
amounts = st.builds(
    Amount,
    st.decimals(-(10**9), 10**9, places=2),
    st.sampled_from(["EUR", "USD", "JPY", "MXN", "KWD", "ZZZ"]),
)
days = st.dates(date(1999, 1, 1), date(2099, 12, 31))
ranges = st.tuples(days, days).map(lambda ends: DateRange(min(ends), max(ends)))
a_text = st.builds(lambda word: Text("button-value", {"value": word}), words)
lists = st.lists(a_text, min_size=1, max_size=4).map(tuple)
counts = st.integers(0, 10**7)
ARGUMENTS: Mapping[str, st.SearchStrategy[Argument]] = {
    "amount": amounts, "total": amounts, "price": amounts, "dates": ranges, "sent": days,
    "first": words, "last": words,
    "lines": lists, "quantity": counts,
    "min": counts, "max": counts, "pieces": counts, "times": st.integers(1, 4),
    "refunds": lists, "windows": lists, "cancelled": lists, "tried": lists, "refused": lists, "person": lists,
    "refund": a_text, "reason": a_text, "stage": a_text, "method": a_text,
    "window": a_text, "days": a_text,
    **dict.fromkeys(
        ["number", "email", "example", "reference", "link", "name", "value", "brand", "lost", "ruling",
         "topic", "span", "what", "why", "outcome", "agent", "text", "marks", "title"],
        words,
    ),
    "when": a_text, "minutes": counts,
    "back": st.datetimes(datetime(1999, 1, 1), datetime(2099, 1, 1), timezones=st.just(UTC)).map(Moment),  # noqa: DTZ001  the zone is beside it
}  # fmt: skip


@settings(max_examples=25)  # for each of the texts
@given(data=st.data(), locale=st.sampled_from(LOCALES), at=st.none() | st.just(NOVEMBER))
@pytest.mark.parametrize("key", texts()["en"])
def test_every_text_can_be_said_in_every_language_with_any_arguments(
    key: str, data: st.DataObject, locale: str, at: datetime | None
) -> None:
    message = texts()["en"][key]
    args = {
        name: data.draw(
            st.sampled_from(sorted(message.variants[name])) | ARGUMENTS[name]
            if message.variants.get(name)
            else ARGUMENTS[name],
            label=name,
        )
        for name in sorted(message.placeholders)
    }
    whole = SPEECH.text(Text(key, args), locale, at)
    assert whole.strip() or set(args) & {"value", "name"}
    assert "{" not in whole
