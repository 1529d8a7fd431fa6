# ruff: noqa: RUF001 - signs that look alike are what is tested
import re
import string
from datetime import date

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from dialogs.understanding import Understanding
from dialogs.understanding.emails import find_emails
from dialogs.understanding.normalise import normalise
from dialogs.understanding.numbers import find_numbers
from dialogs.understanding.spans import replaced

CARRIERS = (
    "{}",
    "cancel order {}",
    "my order number is {}.",
    "Order no. {}, please cancel it",
    "it's {} thanks",
    "hi, where is #{}?",
    "orders 77001 and {}",
    "can you cancel {} please, my e-mail is ann@shop.test",
    "ann@shop.test {}",
    "quiero cancelar el pedido {}",
    "pedido nº {}",
    "I bought 2 items on 12 May for $54.00, order {}",
)
# "#1001" and the like are what is written in no sentence a number could be mistaken in.
ORDINARY = (
    "I paid {} for it",
    "hello {} and thanks",
    "please cancel, {}",
    "({}) is what I have",
)


def numbers(text: str, pattern: str | None = None) -> list[str]:
    normal = normalise(text)
    emails = find_emails(normal)
    blanked = replaced(normal, emails, ["\0" * (email.end - email.start) for email in emails])
    return [
        found.value
        for found in find_numbers(blanked, re.compile(pattern, re.IGNORECASE) if pattern else None)
    ]


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("#1001", "1001"),
        ("W1234567", "W1234567"),
        ("113-7382134-1234567", "113-7382134-1234567"),
        ("10 045", "10045"),
        ("000000123-1", "000000123-1"),
        ("1042", "1042"),
        ("#1042.", "1042"),
        ("order no. 1042", "1042"),
        ("order no 1042", "1042"),
        ("order#1042", "1042"),
        ("order-1042", "1042"),
        ("Order: 1042", "1042"),
        ("nr 1042", "1042"),
        ("nr.1042", "1042"),
        ("№1042", "1042"),
        ("pedido nº 1042", "1042"),
        ("pedido n.º 1042", "1042"),
        ("my order is ord-2024-0017", "ord-2024-0017"),
        ("ORD_99812", "ORD_99812"),
        ("SO-10442 is mine", "SO-10442"),
        ("order 2024/0017", "2024/0017"),
        ("order 10,045 please", "10045"),
        ("**1042**", "1042"),
        ("order (1042)", "1042"),
        ("'1042'", "1042"),
        ("1042-", "1042"),
        ("my order's number is 1042", "1042"),
        ("order 12345", "12345"),
        ("order 2024", "2024"),
        ("order 5551234567", "5551234567"),
        ("my order 1042 from 3 days ago", "1042"),
        ("visa 4242, order 1042", "1042"),
        ("1042 is on its way", "1042"),
        ("１０４２", "1042"),
        ("order ١٠٤٢", "1042"),
        ("order १०४२", "1042"),
        ("𝟏𝟎𝟒𝟐", "1042"),
        ("order 𝗪𝟭𝟮𝟯𝟰𝟱𝟲𝟳", "W1234567"),
        ("1\u200b0\u200b4\u200b2", "1042"),
        ("order\u00a010\u202f045", "10045"),
        ("113\u20117382134\u20111234567", "113-7382134-1234567"),
    ],
)
def test_dirty_forms_of_one_number_are_read(text: str, number: str) -> None:
    assert numbers(text) == [number]


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("77", "77"),
        ("it's 77", "77"),
        ("es 77", "77"),
        ("A-77", "A-77"),
        ("it is A-77", "A-77"),
        ("order A-77", "A-77"),
        ("cancel A-77", "A-77"),
        ("cancel A-77 please", "A-77"),
        ("Please cancel 77.", "77"),
        ("cancela 77 por favor", "77"),
    ],
)
def test_a_young_shops_short_numbers_are_read_where_nothing_else_can_be_meant(text: str, number: str) -> None:
    assert numbers(text) == [number]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("orders 1042, 1043 and 1044", ["1042", "1043", "1044"]),
        ("cancel 1042/1043", ["1042", "1043"]),
        ("1042\n1043", ["1042", "1043"]),
        ("pedidos 1042 y 1043", ["1042", "1043"]),
        ("W1234567 or 000000123-1", ["W1234567", "000000123-1"]),
    ],
)
def test_several_numbers_come_in_the_order_of_the_text(text: str, expected: list[str]) -> None:
    assert numbers(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "call me on +1 555 123 4567",
        "my phone is 5551234567",
        "(555) 123-4567 is my number",
        "ring 07123456789 please",
        "mi teléfono es 612 345 678",
        "it was on 12/11/2024 at 10:45",
        "since 2024-11-05",
        "in March 2024",
        "on 5 de marzo de 2024",
        "I paid $1042.00",
        "it cost 1042 EUR",
        "it was 54.00",
        "1,299 dollars",
        "I live in Austin, TX 78701",
        "my zip code is 90210",
        "PLZ 10115",
        "Hauptstr. 5, 10115 Berlin",
        "mi código postal es 28013",
        "SW1A 1AA",
        "postcode EC1A 1BB",
        "I bought 2 items",
        "3 days ago",
        "1500 pieces",
        "in 2023",
        "a 2019 model",
        "my card ending in 4242",
        "visa 4242",
        "card ending 4242",
        "terminada en 4242",
        "**** 4242",
        "xx4242",
        "XXXX-4242",
        "xx**42",
        "4242 4242 4242 4242",
        "4242424242424242",
        "12345 Main Street",
        "https://shop.test/orders/1042",
        "my IBAN is DE89370400440532013000",
        "tracking number 1Z999AA10123456784",
        "maria1042@example.com",
        "iPhone15",
        "cancel 2",
        "cancel 12 of them",
        "cancel 12 items",
        "my shoes are UK-10",
        "at 1630 hrs",
        "1500mAh",
        "no numbers here",
        "",
    ],
)
def test_what_only_looks_like_a_number_is_none(text: str) -> None:
    assert numbers(text) == []


digits = st.text(string.digits, min_size=5, max_size=9).filter(lambda text: text[0] != "0")
amounts = re.compile("(?:RS|USD|EUR|GBP|CAD|AUD|NZD|INR|MXN|ARS|CLP|COP|CHF|JPY|PLN|SEK)[0-9]")
codes = st.one_of(
    digits,
    st.from_regex(r"[A-Z]{1,3}-?[1-9][0-9]{4,7}", fullmatch=True).filter(
        lambda code: not amounts.match(code)
    ),
    st.from_regex(r"1[0-9]{2}-[0-9]{7}-[0-9]{7}", fullmatch=True),
    st.from_regex(r"0000[0-9]{5}-[1-9]", fullmatch=True),
    st.from_regex(r"ord-20[0-9]{2}-[0-9]{4}", fullmatch=True),
)


@example(code="XX10000", carrier="{}")  # no masked card shows five digits
@given(code=codes, carrier=st.sampled_from(CARRIERS))
def test_any_order_number_is_found_in_any_carrier_sentence(code: str, carrier: str) -> None:
    # "PO-20301": a postbox, a product and a number of an order can look the same; these do not.
    assert code in numbers(carrier.format(code))


phones = st.one_of(
    st.from_regex(r"\+[1-9][0-9]{0,2} [0-9]{3} [0-9]{3} [0-9]{3,4}", fullmatch=True),
    st.from_regex(r"\([2-9][0-9]{2}\) [0-9]{3}-[0-9]{4}", fullmatch=True),
    st.from_regex(r"[2-9][0-9]{2}[-.][0-9]{3}[-.][0-9]{4}", fullmatch=True),
    st.from_regex(r"07[0-9]{9}", fullmatch=True),
    st.from_regex(r"my phone number is [2-9][0-9]{9}", fullmatch=True),
    st.from_regex(r"call me at [2-9][0-9]{6}", fullmatch=True),
)
prices = st.one_of(
    st.from_regex(r"[$€£][1-9][0-9]{0,4}(\.[0-9]{2})?", fullmatch=True),
    st.from_regex(r"[1-9][0-9]{0,4}([.,][0-9]{2})? ?(EUR|USD|euros|dollars|€|pounds)", fullmatch=True),
    st.from_regex(r"[1-9][0-9]{0,4}\.[0-9]{2}", fullmatch=True),
)
postcodes = st.one_of(
    st.from_regex(r"Springfield, (IL|CA|NY|TX|OR|OH|IN) [0-9]{5}(-[0-9]{4})?", fullmatch=True),
    st.from_regex(r"(PLZ|zip|zip code|postcode|código postal) [0-9]{5}", fullmatch=True),
    st.from_regex(r"[A-Z]{1,2}[0-9][A-Z0-9]? [0-9][A-Z]{2}", fullmatch=True),
)
formats = st.sampled_from(
    [
        "%d/%m/%Y",
        "%m/%d/%y",
        "%Y-%m-%d",
        "%d.%m.%Y",
        "%d %B %Y",
        "%B %d, %Y",
        "%d %b",
        "%Y/%m/%d",
        "%B %Y",
        "%d-%m-%Y",
    ]
)
dates = st.builds(
    lambda day, form: day.strftime(form),
    st.dates(min_value=date(1990, 1, 1), max_value=date(2040, 12, 31)),
    formats,
)
quantities = st.builds(
    lambda count, unit: f"{count} {unit}",
    st.integers(min_value=1, max_value=9999),
    st.sampled_from(["items", "days", "pieces", "hours", "weeks", "artículos", "días", "times"]),
)


@given(other=st.one_of(phones, prices, postcodes, dates, quantities), carrier=st.sampled_from(ORDINARY))
def test_phones_prices_postcodes_dates_and_quantities_are_never_order_numbers(
    other: str, carrier: str
) -> None:
    assert numbers(carrier.format(other)) == []


@given(other=st.one_of(phones, prices, dates), code=codes)
def test_a_number_is_found_beside_things_that_are_none(other: str, code: str) -> None:
    assume(code not in other)
    assert numbers(f"{other}, order {code}") == [code]


def test_the_shops_own_pattern_alone_decides() -> None:
    pattern = r"W\d{7}"
    assert numbers("order W1234567, not 1042", pattern) == ["W1234567"]
    assert numbers("w 7654321", pattern) == ["w7654321"]
    assert numbers("no.W1234567!", pattern) == ["W1234567"]
    assert numbers("order 1042", pattern) == []


def test_the_shops_own_pattern_does_not_make_postcodes_numbers() -> None:
    pattern = r"\d{5}"
    assert numbers("10 045 and #10046, PLZ 10115, order no.10047", pattern) == ["10045", "10046", "10047"]


def test_a_pattern_of_letters_only_is_possible() -> None:
    assert numbers("my order is ABKQX", r"[A-Z]{5}") == ["ABKQX"]


def test_the_same_number_twice_is_one(plain: Understanding) -> None:
    assert plain.read("w1234567, I repeat W1234567").numbers == ("w1234567",)
