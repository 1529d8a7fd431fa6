# ruff: noqa: RUF001 - signs that look alike are what is tested
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialogs.understanding import Understanding
from dialogs.understanding.emails import find_emails
from dialogs.understanding.normalise import normalise


def emails(text: str) -> list[str]:
    return [found.value for found in find_emails(normalise(text))]


@pytest.mark.parametrize(
    ("text", "email"),
    [
        ("Jane.Doe+shop@Example.CO.UK.", "jane.doe+shop@example.co.uk"),
        ("maria dot lopez at example dot com", "maria.lopez@example.com"),
        ("my email is maria dot lopez at example dot co dot uk, thanks", "maria.lopez@example.co.uk"),
        ("maria (at) example (dot) com", "maria@example.com"),
        ("maria[at]example[dot]com", "maria@example.com"),
        ("maria arroba ejemplo punto es", "maria@ejemplo.es"),
        ("juan punto perez arroba ejemplo punto com", "juan.perez@ejemplo.com"),
        ("juan guion bajo perez arroba ejemplo.com", "juan_perez@ejemplo.com"),
        ("jane underscore doe at example dot com", "jane_doe@example.com"),
        ("…802@ email.com", "802@email.com"),
        ("jane802 @ email.com", "jane802@email.com"),
        ("mailto:ann@shop.test", "ann@shop.test"),
        ("<a@b.c>", "a@b.c"),
        ("Ann <ann@shop.test>,", "ann@shop.test"),
        ("it is ann@shop.test, thanks", "ann@shop.test"),
        ("email:ann@shop.test", "ann@shop.test"),
        ("jane@gmail,com", "jane@gmail.com"),
        ("ａｎｎ＠ｓｈｏｐ．ｔｅｓｔ", "ann@shop.test"),
        ("𝐚𝐧𝐧@𝐬𝐡𝐨𝐩.𝐭𝐞𝐬𝐭", "ann@shop.test"),
        ("'ann@shop.test'", "ann@shop.test"),
    ],
)
def test_dirty_forms_of_one_address_are_read(text: str, email: str) -> None:
    assert emails(text) == [email]


@pytest.mark.parametrize(
    "text",
    [
        "I bought it at example dot com",
        "look at shop dot com",
        "@ann",
        "ann@",
        "meet me at home",
        "ann@localhost",
        "a @ b",
        "",
    ],
)
def test_what_is_no_address_is_not_read_as_one(text: str) -> None:
    assert emails(text) == []


def test_several_addresses_come_in_order() -> None:
    assert emails("a@b.com,c@d.com or eve at example dot org") == ["a@b.com", "c@d.com", "eve@example.org"]


local = st.from_regex(r"[a-z][a-z0-9]{1,8}([._+-][a-z0-9]{1,6}){0,2}", fullmatch=True)
domain = st.from_regex(r"[a-z][a-z0-9]{2,8}(-[a-z0-9]{1,4})?(\.co)?\.(com|net|org|es|test)", fullmatch=True)
addresses = st.builds("{}@{}".format, local, domain)


@given(
    address=addresses,
    carrier=st.sampled_from(["{}", "My e-mail is {}.", "order 1042, {}", "<{}>", "{} 1042", "({})!"]),
)
def test_any_address_is_found_and_comes_back_in_lower_case(address: str, carrier: str) -> None:
    assert emails(carrier.format(address.upper())) == [address]


words = st.text(string.ascii_lowercase, min_size=4, max_size=9).map("x{}".format)


@given(parts=st.lists(words, min_size=1, max_size=2), host=words)
def test_an_address_spelled_in_words_is_the_written_one(parts: list[str], host: str) -> None:
    assert emails(f"it is: {' dot '.join(parts)} at {host} dot com") == [f"{'.'.join(parts)}@{host}.com"]


@given(address=addresses, number=st.integers(min_value=10000, max_value=999999), first=st.booleans())
def test_number_and_address_are_read_from_one_message_in_any_order(
    plain: Understanding,
    address: str,
    number: int,
    first: bool,  # noqa: FBT001 - drawn by Hypothesis
) -> None:
    text = f"{number} {address}" if first else f"{address}, {number}"
    reading = plain.read(text)
    assert (reading.numbers, reading.emails) == ((str(number),), (address,))
