import pytest

from dialogs.understanding import Understanding


@pytest.mark.parametrize(
    ("text", "kept", "withdrawn"),
    [
        ("not 1042 but 1043", ("1043",), ("1042",)),
        ("it's 1043, not 1042", ("1043",), ("1042",)),
        ("sorry, I meant 1043 instead of 1042", ("1043",), ("1042",)),
        ("1043 no 1042", ("1043",), ("1042",)),
        ("no es 1042 sino 1043", ("1043",), ("1042",)),
        ("1042, sorry, 1043", ("1043",), ("1042",)),
        ("1042 I mean 1043 oops 1044", ("1044",), ("1042", "1043")),
        ("1042 no wait 1043", ("1043",), ("1042",)),
        ("change 1042 to 1043", ("1043",), ("1042",)),
        ("1042 is wrong, it is 1043", ("1043",), ("1042",)),
        ("I wrote 1042, actually it's 1043", ("1043",), ("1042",)),
        ("it should be 1043 not 1042", ("1043",), ("1042",)),
        ("1043 en vez de 1042", ("1043",), ("1042",)),
        ("1042, perdón, 1043", ("1043",), ("1042",)),
        ("don't cancel 1042, cancel 1043", ("1043",), ("1042",)),
        ("not order 1042", (), ("1042",)),
        ("don't cancel 1042", ("1042",), ()),
        ("no, 1043", ("1043",), ()),
        ("1042 and 1043", ("1042", "1043"), ()),
        ("1042, order no 1043", ("1042", "1043"), ()),
    ],
)
def test_a_number_taken_back_is_withdrawn(
    plain: Understanding, text: str, kept: tuple[str, ...], withdrawn: tuple[str, ...]
) -> None:
    reading = plain.read(text)
    assert (reading.numbers, reading.withdrawn) == (kept, withdrawn)


@pytest.mark.parametrize(
    "text",
    [
        "not ann@old.test but ann@new.test",
        "it's ann@new.test, not ann@old.test",
        "ann@new.test instead of ann@old.test",
        "ann@old.test sorry ann@new.test",
        "no es ann@old.test sino ann@new.test",
    ],
)
def test_an_address_taken_back_is_withdrawn(plain: Understanding, text: str) -> None:
    reading = plain.read(text)
    assert (reading.emails, reading.withdrawn) == (("ann@new.test",), ("ann@old.test",))


def test_a_new_address_does_not_withdraw_the_number(plain: Understanding) -> None:
    reading = plain.read("1042, sorry, ann@shop.test")
    assert (reading.numbers, reading.emails, reading.withdrawn) == (("1042",), ("ann@shop.test",), ())
