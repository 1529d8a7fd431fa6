"""Who one is: sessions that begin anew, end for good, and cannot be guessed or planted."""

import asyncio
from datetime import timedelta

import pytest
from argon2 import PasswordHasher
from console_makers import PASSWORD, At, Browser, at_console
from desk_makers import House, house_over
from yarl import URL

from bot.console import socket
from bot.console.site import Site
from bot.desk.passwords import Passwords
from storage.desk_records import Role
from storage.store import Store

COOKIE = "rescind-desk"


def token_of(browser: Browser) -> str:
    return next(cookie.value for cookie in browser.session.cookie_jar if cookie.key == COOKIE)


def plant(browser: Browser, token: str) -> None:
    browser.session.cookie_jar.update_cookies({COOKIE: token}, URL(browser.base))


# ---- sessions begin anew


async def test_a_session_planted_before_signing_in_is_nobodys_afterwards(at: At, house: House) -> None:
    await house.agent("Kim", password=PASSWORD)
    victim = await at.stranger()
    for planted in ("x" * 43, token_of(await at.agent("Eve"))):
        plant(victim, planted)
        response = await victim.post("/desk/sign-in", data={"login": "kim", "password": PASSWORD})
        assert response.status == 303
        assert token_of(victim) != planted
        assert await house.desk.sign_in.session(planted) is None, "the one who planted it is out"
        found = await house.desk.sign_in.session(token_of(victim))
        assert found is not None
        assert found.agent.name == "Kim"


async def test_a_link_begins_a_new_session_too(at: At, house: House) -> None:
    lee = await house.agent("Lee")
    victim, planted = await at.stranger(), token_of(await at.agent("Eve"))
    plant(victim, planted)
    token = await house.desk.accounts.sign_in_token(house.boss, lee.id)
    assert (await victim.post("/desk/sign-in/link", json={"token": token})).status == 200
    assert token_of(victim) != planted
    assert await house.desk.sign_in.session(planted) is None


async def test_of_many_who_use_a_link_at_once_one_comes_in(at: At, house: House) -> None:
    lee = await house.agent("Lee")
    token = await house.desk.accounts.sign_in_token(house.boss, lee.id)
    browsers = [await at.stranger() for _ in range(5)]
    answers = await asyncio.gather(*(b.post("/desk/sign-in/link", json={"token": token}) for b in browsers))
    assert sorted(answer.status for answer in answers) == [200, 401, 401, 401, 401]
    assert sum([(await b.get("/desk/"))[0] == 200 for b in browsers]) == 1


async def test_a_link_runs_out_and_one_for_another_purpose_is_none(at: At, house: House) -> None:
    lee, stranger = await house.agent("Lee"), await at.stranger()
    token = await house.desk.accounts.sign_in_token(house.boss, lee.id)
    house.clock.now += timedelta(minutes=16)
    assert (await stranger.post("/desk/sign-in/link", json={"token": token})).status == 401
    sue = await at.agent("Sue", Role.SUPERVISOR)
    key = await house.waits()
    status, asked = await sue.act(key, "cancel", number="1042", reason="as agreed")
    assert status == 200
    assert (await stranger.post("/desk/sign-in/link", json={"token": asked["token"]})).status == 401


# ---- guessing


@pytest.fixture
async def counted(sqlite_url: str) -> At:  # type: ignore[misc]
    """A console whose password hashes are counted."""
    store = await Store.open(sqlite_url)
    async with at_console(house_over(store, hashing=Passwords(_Counting(1, 8, 1))), Site(True)) as served:  # noqa: FBT003
        yield served
    await store.close()


class _Counting(PasswordHasher):
    verified = 0

    def verify(self, hash: str | bytes, password: str | bytes) -> bool:  # noqa: A002  the library's name  # type: ignore[override]
        self.verified += 1
        return bool(super().verify(hash, password))


async def test_unknown_disabled_and_passwordless_names_get_the_answer_and_the_work_of_a_wrong_password(
    counted: At,
) -> None:
    house = counted.house
    hasher = house.desk.accounts.passwords.hasher
    assert isinstance(hasher, _Counting)
    await house.agent("Kim", password=PASSWORD)
    await house.agent("Linus")  # comes in by links only
    gone = await house.agent("Gone", password=PASSWORD)
    await house.desk.accounts.disable(house.boss, gone.id)
    stranger, seen = await counted.stranger(), set()
    for number, (name, password) in enumerate(
        [
            ("kim", "wrong one, really"),
            ("nobody", PASSWORD),
            ("linus", PASSWORD),
            ("gone", PASSWORD),
            ("", ""),
        ]
    ):
        before = hasher.verified
        response = await stranger.post(
            "/desk/sign-in",
            data={"login": name, "password": password},
            headers={"X-Forwarded-For": f"10.0.0.{number}"},
        )
        words = (await response.text()).replace(f'value="{name}"', 'value=""')
        kept = {each for each in response.headers if each != "Date"}
        seen.add((response.status, words, tuple(sorted(kept)), hasher.verified - before))
    assert len(seen) == 1
    assert next(iter(seen))[0] == 401
    assert next(iter(seen))[3] == 1, "as much work for all of them"


async def test_guessing_is_slowed_down_by_name_from_wherever_it_comes(counted: At) -> None:
    await counted.house.agent("Kim", password=PASSWORD)
    for name in ("kim", "nobody"):
        answers = [await _guess(counted, name, f"10.1.{n}.{len(name)}") for n in range(8)]
        assert answers == [401] * 5 + [429] * 3, name


async def test_guessing_is_slowed_down_by_address_whatever_the_name(counted: At) -> None:
    await counted.house.agent("Kim", password=PASSWORD)
    answers = [await _guess(counted, f"name{n}", "10.2.0.1") for n in range(8)]
    assert answers == [401] * 5 + [429] * 3
    assert await _guess(counted, "kim", "10.2.0.1", PASSWORD) == 429, "the right one waits there as well"
    assert await _guess(counted, "kim", "10.2.0.2", PASSWORD) == 303, "and nobody is kept out elsewhere"


async def test_the_addresses_of_one_ipv6_network_are_slowed_down_as_one(counted: At) -> None:
    answers = [await _guess(counted, f"name{n}", f"2001:db8::{n + 1}") for n in range(8)]
    assert answers == [401] * 5 + [429] * 3
    assert await _guess(counted, "name9", "2001:db8:0:1::1") == 401, "the next network is another one"


async def test_guesses_made_all_at_once_do_not_slip_through(counted: At) -> None:
    await counted.house.agent("Kim", password=PASSWORD)
    answers = await asyncio.gather(*(_guess(counted, "kim", "10.3.0.1") for _ in range(20)))
    assert answers.count(401) == 5


async def _guess(at: At, name: str, address: str, password: str = "a wrong one") -> int:  # noqa: S107  made up
    stranger = await at.stranger()
    response = await stranger.post(
        "/desk/sign-in",
        data={"login": name, "password": password},
        headers={"X-Forwarded-For": address},
    )
    return response.status


async def test_without_a_proxy_nobody_chooses_the_address_they_come_from(at: At, house: House) -> None:
    await house.agent("Kim", password=PASSWORD)
    assert [await _guess(at, f"name{n}", f"10.4.0.{n}") for n in range(7)][-1] == 429


# ---- sessions end for good


@pytest.mark.parametrize(
    "ends",
    [
        "signed out",
        "everywhere",
        "disabled",
        "another role",
        "another password",
        "too long unused",
        "too old",
    ],
)
async def test_an_open_live_connection_is_cut_when_its_session_is_over(
    at: At, house: House, monkeypatch: pytest.MonkeyPatch, ends: str
) -> None:
    monkeypatch.setattr(socket, "_RECHECK", 0.02)
    kim = await at.agent("Kim")
    token = token_of(kim)
    async with kim.live() as live:
        await live.until("ready")
        match ends:
            case "signed out":
                await kim.form("/desk/sign-out")
            case "everywhere":
                other = await at.stranger()
                plant(other, token)
                other.csrf = kim.csrf
                await other.form("/desk/sign-out-everywhere")
            case "disabled":
                await house.desk.accounts.disable(house.boss, kim.agent.id)
            case "another role":
                await house.desk.accounts.set_role(house.boss, kim.agent.id, Role.SUPERVISOR)
            case "another password":
                await house.desk.accounts.set_password(house.boss, kim.agent.id, "another long one")
            case "too long unused":
                house.clock.now += timedelta(hours=13)
            case "too old":
                house.clock.now += timedelta(days=8)
        assert await live.closed() == socket.SIGNED_OUT
    assert (await kim.get("/desk/"))[0] == (200 if ends == "another role" else 303)


async def test_a_page_that_only_stands_open_keeps_no_session_alive(
    at: At, house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(socket, "_RECHECK", 0.01)
    kim = await at.agent("Kim")
    async with kim.live() as live:
        await live.until("ready")
        for _ in range(3):
            house.clock.now += timedelta(hours=5)
            await asyncio.sleep(0.05)  # several looks at the session, which is not used meanwhile
        assert await live.closed() == socket.SIGNED_OUT


async def test_a_role_taken_away_is_gone_with_the_next_request(at: At, house: House) -> None:
    await house.agent("Root", Role.ADMIN)
    ada = await at.agent("Ada", Role.ADMIN)
    await house.desk.accounts.set_role(house.boss, ada.agent.id, Role.AGENT)
    assert (await ada.form("/desk/agents", login="eve", name="Eve", role="admin")).status == 403


async def test_what_somebody_disabled_asks_on_an_open_connection_is_refused(
    at: At, house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(socket, "_RECHECK", 0.02)
    kim = await at.agent("Kim")
    key = await house.waits()
    async with kim.live() as live:
        await live.until("ready")
        await house.desk.accounts.disable(house.boss, kim.agent.id)
        assert await live.closed() == socket.SIGNED_OUT
    await house.desk.chats.note(house.boss, key, "after Kim had left")
    assert "after Kim had left" not in str(live.frames)
