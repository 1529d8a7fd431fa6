from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialogs.refunds import (
    Calendar,
    Method,
    RefundsError,
    RefundWindows,
    StartsAt,
    Unit,
    default_methods,
    default_rows,
    load,
)

BUSINESS_DAYS, DAYS = Unit.BUSINESS_DAYS, Unit.DAYS
ROWS = {
    ("card", None): (5, 10, BUSINESS_DAYS),
    ("apple_pay", None): (5, 10, BUSINESS_DAYS),
    ("google_pay", None): (5, 10, BUSINESS_DAYS),
    ("card_authorised", None): (0, 7, DAYS),
    ("paypal", None): (0, 5, BUSINESS_DAYS),
    ("paypal_card", None): (2, 5, BUSINESS_DAYS),
    ("paypal_bank", None): (0, 5, BUSINESS_DAYS),
    ("klarna", None): (5, 7, BUSINESS_DAYS),
    ("klarna", "US"): (0, 14, DAYS),
    ("afterpay", None): (0, 10, BUSINESS_DAYS),
    ("affirm", None): (3, 10, BUSINESS_DAYS),
    ("sepa_debit", None): (3, 5, BUSINESS_DAYS),
    ("ach_debit", None): (0, 3, BUSINESS_DAYS),
    ("bacs_debit", None): (1, 2, BUSINESS_DAYS),
    ("ideal", None): (1, 2, BUSINESS_DAYS),
    ("przelewy24", None): (0, 3, BUSINESS_DAYS),
    ("bank_transfer", None): (None, None, Unit.PERSON),
    ("amazon_pay", None): (None, None, Unit.PERSON),
    ("pix", None): (0, 0, DAYS),
    ("upi", None): (2, 7, DAYS),
    ("net_banking", None): (2, 10, DAYS),
    ("wallet_india", None): (0, 3, DAYS),
    ("gift_card", None): (0, 0, Unit.IMMEDIATE),
    ("store_credit", None): (0, 0, Unit.IMMEDIATE),
    ("cash_on_delivery", None): (None, None, Unit.NONE),
    ("telegram_stars", None): (None, None, Unit.PERSON),
}
STARTS = {
    "card_authorised": StartsAt.VOID,
    "bank_transfer": StartsAt.BANK_DETAILS,
    "gift_card": StartsAt.CANCELLATION,
    "store_credit": StartsAt.CANCELLATION,
}
NOTES = {
    "card": "early-card-reversal",
    "apple_pay": "early-card-reversal",
    "google_pay": "early-card-reversal",
    "paypal": "paypal-up-to-30-days",
    "paypal_card": "paypal-up-to-30-days",
    "klarna": "klarna-instalments",
    "affirm": "affirm-interest",
    "ach_debit": "ach-unlabelled",
    "bank_transfer": "bank-details-needed",
}
MINE = '[[method]]\nmethod = "{0}"\nsource = "our bank"\nchecked_on = 2026-11-22\n'
NEW = MINE + 'brand = "B"\nunit = "days"\nmin = 1\nmax = 2\n'


def windows(methods: tuple[Method, ...] | None = None, country: str = "DE") -> RefundWindows:
    return RefundWindows(methods or default_methods(), Calendar(country, "Europe/Berlin"))


def row(methods: tuple[Method, ...], key: str) -> Method:
    (found,) = [method for method in methods if method.key == key and method.country is None]
    return found


def test_the_rows_are_those_that_were_gathered() -> None:
    assert {(m.key, m.country): (m.min, m.max, m.unit) for m in default_methods()} == ROWS


@pytest.mark.parametrize("method", default_methods(), ids=lambda m: f"{m.key}-{m.country}")
def test_each_row_names_its_source_its_day_and_its_start(method: Method) -> None:
    assert len(method.source) > 5
    assert method.checked_on == date(2026, 11, 22)
    assert method.name
    assert method.starts_at is STARTS.get(method.key, StartsAt.REFUND_SENT)
    assert method.note == NOTES.get(method.key)


@pytest.mark.parametrize("method", default_methods(), ids=lambda m: f"{m.key}-{m.country}")
def test_every_code_and_name_leads_to_its_row_only(method: Method) -> None:
    found = windows()
    for code in (method.key, *method.aliases):
        for written in (code, code.upper(), code.replace("_", "-"), f" {code.replace('_', ' ')} "):
            reached = found.method(written)
            assert reached is not None
            assert reached.key == method.key
    assert set(method.spoken) <= set(found.spoken()[method.key])


@pytest.mark.parametrize(
    ("code", "key"),
    [
        ("stripe", "card"),
        ("Visa", "card"),
        ("mastercard", "card"),
        ("Credit Card", "card"),
        ("braintree_credit_card", "card"),
        ("ppcp-gateway", "paypal"),
        ("cod", "cash_on_delivery"),
        ("bacs", "bank_transfer"),
        ("BACS Direct Debit", "bacs_debit"),
        ("giftcard", "gift_card"),
        ("clearpay", "afterpay"),
        ("P24", "przelewy24"),
    ],
)
def test_the_codes_of_shops_are_understood(code: str, key: str) -> None:
    method = windows().method(code)
    assert method is not None
    assert method.key == key


@pytest.mark.parametrize("code", ["", "shopify_payments", "cheque", "crypto", "car", "customer_balance"])
def test_a_code_that_nobody_has_mapped_has_no_row(code: str) -> None:
    assert windows().method(code) is None


def test_every_method_that_customers_can_name_has_names_in_both_languages() -> None:
    spoken = windows().spoken()
    assert all(spoken.values())
    assert {"credit card", "tarjeta de crédito"} <= set(spoken["card"])
    assert {"bank transfer", "transferencia bancaria"} <= set(spoken["bank_transfer"])


def test_a_row_for_a_country_counts_for_its_shops_only() -> None:
    american, german = windows(country="US").method("kco"), windows().method("kco")
    assert american is not None
    assert german is not None
    assert (american.max, american.unit) == (14, DAYS)
    assert (german.max, german.unit) == (7, BUSINESS_DAYS)


def test_a_merchants_row_changes_what_it_names_and_keeps_the_rest() -> None:
    methods = load(default_rows(), MINE.format("card") + "min = 3\nmax = 4\n")
    card = row(methods, "card")
    assert (card.min, card.max, card.unit, card.source) == (3, 4, BUSINESS_DAYS, "our bank")
    assert (card.name, card.note, card.released_as) == ("Card", "early-card-reversal", "card_authorised")
    assert set(row(default_methods(), "card").aliases) == set(card.aliases)
    assert row(methods, "paypal") == row(default_methods(), "paypal")


def test_a_merchant_may_hand_a_method_to_a_person() -> None:
    card = row(load(default_rows(), MINE.format("card") + 'unit = "person"\n'), "card")
    assert (card.min, card.max, card.unit) == (None, None, Unit.PERSON)


def test_a_merchant_may_drop_a_note() -> None:
    assert row(load(default_rows(), MINE.format("card") + 'note = ""\n'), "card").note is None


def test_a_merchants_row_without_country_counts_in_every_country() -> None:
    methods = load(default_rows(), MINE.format("klarna") + "min = 1\nmax = 2\n")
    klarna = windows(methods, "US").method("klarna")
    assert klarna is not None
    assert (klarna.min, klarna.max) == (1, 2)


def test_a_merchants_row_for_one_country_leaves_the_others() -> None:
    methods = load(default_rows(), MINE.format("klarna") + 'country = "US"\nmin = 3\nmax = 9\n')
    american, german = windows(methods, "US").method("klarna"), windows(methods).method("klarna")
    assert american is not None
    assert german is not None
    assert (american.min, american.max, american.unit) == (3, 9, DAYS)
    assert (german.min, german.max) == (5, 7)


def test_a_merchants_alias_wins_over_ours() -> None:
    methods = load(default_rows(), MINE.format("bacs_debit") + 'aliases = ["BACS"]\n')
    method = windows(methods).method("bacs")
    assert method is not None
    assert method.key == "bacs_debit"
    assert "bacs" not in row(methods, "bank_transfer").aliases


def test_a_merchant_may_add_a_method_of_their_own() -> None:
    methods = load(default_rows(), NEW.format("twint") + 'aliases = ["twint_ch"]\nspoken = ["twint"]\n')
    found = windows(methods)
    assert found.spoken()["twint"] == ("twint",)
    method = found.method("Twint CH")
    assert method is not None
    assert (method.min, method.max, method.starts_at) == (1, 2, StartsAt.REFUND_SENT)


@pytest.mark.parametrize(
    ("toml", "line", "words"),
    [
        ('[[method]]\nmethod = "card"\nmin = 1\n', 1, "The row has no `source`"),
        (NEW.format("Ca rd"), 2, "`method` cannot be 'Ca rd'"),
        (NEW.format("x") + "colour = 1\n", 9, "Unknown key `colour`"),
        (NEW.format("x").replace("min = 1", "min = 3"), 8, "no window from 3 to 2"),
        (NEW.format("x").replace("min = 1\n", ""), 7, "no window from None to 2"),
        (NEW.format("x").replace("= 2\n", "= 2.5\n"), 8, "no window from 1 to 2.5"),
        (NEW.format("x").replace("= 2\n", "= 4000\n"), 8, "no window from 1 to 4000"),
        (NEW.format("x").replace("= 1\n", "= -1\n"), 8, "no window from -1 to 2"),
        (NEW.format("x").replace('"days"', '"weeks"'), 6, "`unit` cannot be 'weeks'"),
        (NEW.format("x").replace('"days"', '"person"'), 7, "A window in `person` has no min and max"),
        (NEW.format("x").replace('"days"', '"immediate"'), 7, "A window in `immediate` has no"),
        (NEW.format("x").replace("2026-11-22", '"today"'), 4, "'today' is not a date"),
        (NEW.format("x").replace("2026-11-22", "2026-11-22T00:00:00"), 4, "is not a date"),
        (NEW.format("x").replace("our bank", " "), 3, "`source` cannot be ' '"),
        (NEW.format("x") + 'note = "No Key"\n', 9, "`note` cannot be 'No Key'"),
        (NEW.format("x") + 'country = "usa"\n', 9, "`country` cannot be 'usa'"),
        (NEW.format("x") + 'released_as = "nowhere"\n', 9, "There is no method `nowhere`"),
        (NEW.format("x") + 'aliases = "one"\n', 9, "`aliases` is not a list of texts"),
        (NEW.format("x") + 'aliases = ["--"]\n', 9, "`aliases` is not a list of texts"),
        (NEW.format("x") + 'aliases = ["y-"]\n' + NEW.format("y"), 10, '"y" means `x` and `y`'),
        (NEW.format("x") + NEW.format("x"), 9, "A second row for `x`"),
        ("[card]\nmin = 3\n", 1, "Unknown table or key `card`"),
        ("method = 3\n", 1, "`method` is not an array of tables"),
        ("[[method]\n", 1, "This is not TOML"),
    ],
)
def test_each_mistake_in_a_merchants_file_is_named_with_its_line(toml: str, line: int, words: str) -> None:
    with pytest.raises(RefundsError) as caught:
        load(default_rows(), toml)
    told = [(problem.line, words in problem.message) for problem in caught.value.problems]
    assert (line, True) in told, caught.value


@given(st.text(max_size=100))
def test_any_file_is_rows_or_an_error_that_says_where(toml: str) -> None:
    lines = [1]
    try:
        assert len(load(default_rows(), toml)) >= len(default_methods())
    except RefundsError as error:
        lines = [problem.line for problem in error.problems]
    assert lines
    assert all(1 <= line <= toml.count("\n") + 1 for line in lines)
