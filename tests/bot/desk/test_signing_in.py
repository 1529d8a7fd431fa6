import asyncio
from datetime import timedelta

import pytest
from argon2 import PasswordHasher
from argon2.low_level import Type
from desk_makers import CHEAP, House, house_over
from sqlalchemy import text

from bot.desk.errors import BadInput, SignInRefused, TooManyAttempts
from bot.desk.passwords import Passwords, default_hasher
from bot.desk.sign_in import NOBODY, SignIn
from bot.desk.trail import account_chain
from storage.desk_records import Agent, Role
from storage.store import Store

PASSWORD = "correct horse battery"
HOME = "192.0.2.1"


async def kim_of(house: House, role: Role = Role.AGENT) -> Agent:
    return await house.agent("Kim", role, PASSWORD)


async def everything_kept(store: Store) -> str:
    """All of the database's text."""
    tables = ("agents", "sessions", "one_time", "audit", "guesses")
    found = []
    for table in tables:
        statement = text(f"SELECT * FROM {table}")  # noqa: S608
        found += await store.database.read(lambda c, s=statement: [str(tuple(r)) for r in c.execute(s)])
    return "\n".join(found)


async def test_signing_in_gives_a_session_that_names_the_agent(house: House) -> None:
    kim = await kim_of(house)
    session = await house.desk.sign_in.with_password(" KIM ", PASSWORD, address=HOME)
    assert session.agent == kim
    found = await house.desk.sign_in.session(session.token)
    assert found == session
    assert await house.acts(account_chain(kim.id)) == ["add", "sign in"]


async def test_neither_passwords_nor_tokens_are_kept(house: House) -> None:
    kim = await kim_of(house)
    session = await house.desk.sign_in.with_password("kim", PASSWORD, address=HOME)
    link = await house.desk.accounts.sign_in_token(house.boss, kim.id)
    kept = await everything_kept(house.store)
    for secret in (PASSWORD, session.token, session.csrf, link):
        assert secret not in kept
        assert secret not in repr(session)
    assert "$argon2id$" in kept


def test_passwords_are_hashed_by_argon2id_with_no_less_than_the_recommended_memory() -> None:
    hasher = default_hasher()
    assert hasher.type is Type.ID
    assert hasher.memory_cost >= 64 * 1024
    assert hasher.time_cost >= 3


class Counting(Passwords):
    """Remembers what was verified."""

    seen: list[str | None] = []  # noqa: RUF012  one test uses it

    def _verify(self, password: str, hash_: str) -> bool:
        self.seen.append(hash_)
        return super()._verify(password, hash_)


async def test_an_unknown_name_costs_the_same_work_and_gives_the_same_answer(store: Store) -> None:
    hashing = Counting(CHEAP)
    house = house_over(store, hashing=hashing)
    kim = await kim_of(house)
    no_password = await house.agent("Max")
    gone = await house.agent("Gone", password=PASSWORD)
    await house.desk.accounts.disable(house.boss, gone.id)
    answers, work, writes = [], [], []
    for login, password in (("kim", "wrong password"), ("nobody", PASSWORD), ("max", ""), ("gone", PASSWORD)):
        hashing.seen.clear()
        before = store.database.transactions
        with pytest.raises(SignInRefused) as refused:
            await house.desk.sign_in.with_password(login, password, address=login)
        answers.append(str(refused.value))
        work.append([bool(hash_) for hash_ in hashing.seen])
        writes.append(store.database.transactions - before)
    assert len(set(answers)) == 1
    assert work == [[True]] * 4
    assert len(set(writes)) == 1
    assert await house.acts(account_chain(kim.id)) == ["add", "sign-in failed"]
    assert await house.acts(account_chain(no_password.id)) == ["add", "sign-in failed"]
    assert await house.acts(account_chain(NOBODY)) == ["sign-in failed"]


async def test_guessing_at_a_name_slows_down_whether_it_exists_or_not(house: House) -> None:
    await kim_of(house)
    waits: dict[str, list[int]] = {}
    for login in ("kim", "nobody"):
        waits[login] = []
        for n in range(12):
            try:
                await house.desk.sign_in.with_password(login, "wrong password", address=f"{login}{n}")
            except SignInRefused:
                waits[login].append(0)
            except TooManyAttempts as slow:
                waits[login].append(slow.seconds)
                house.clock.now = slow.until
    assert waits["kim"] == waits["nobody"]
    assert waits["kim"][:5] == [0] * 5
    assert max(waits["kim"]) > 1
    with pytest.raises((TooManyAttempts, SignInRefused)):
        await house.desk.sign_in.with_password("kim", "wrong password", address="elsewhere")
    house.clock.now += timedelta(minutes=2)  # nobody is kept out for long by others' guesses
    assert await house.desk.sign_in.with_password("kim", PASSWORD, address=HOME)


async def test_guessing_from_an_address_slows_down_whatever_the_names(house: House) -> None:
    for n in range(5):
        with pytest.raises(SignInRefused):
            await house.desk.sign_in.with_password(f"name{n}", "wrong password", address=HOME)
    await kim_of(house)
    with pytest.raises(TooManyAttempts):
        await house.desk.sign_in.with_password("kim", PASSWORD, address=HOME)
    assert await house.desk.sign_in.with_password("kim", PASSWORD, address="198.51.100.7")


async def test_many_guesses_at_once_count_like_one_after_the_other(house: House) -> None:
    await kim_of(house)
    ended = await asyncio.gather(
        *(house.desk.sign_in.with_password("kim", f"wrong {n}", address=HOME) for n in range(20)),
        return_exceptions=True,
    )
    kinds = [type(end).__name__ for end in ended]
    assert kinds.count("SignInRefused") == 5
    assert kinds.count("TooManyAttempts") == 15


async def test_signing_in_rightly_all_day_from_one_office_is_never_slowed(house: House) -> None:
    await kim_of(house)
    for _ in range(20):
        await house.desk.sign_in.with_password("kim", PASSWORD, address=HOME)
        house.clock.now += timedelta(seconds=1)


async def test_the_session_a_browser_came_with_ends_when_it_signs_in(house: House) -> None:
    await kim_of(house)
    planted = await house.desk.sign_in.with_password("kim", PASSWORD, address=HOME)
    own = await house.desk.sign_in.with_password("kim", PASSWORD, address=HOME, before=planted.token)
    assert own.token != planted.token
    assert own.csrf != planted.csrf
    assert await house.desk.sign_in.session(planted.token) is None
    assert await house.desk.sign_in.session("made up") is None
    assert await house.desk.sign_in.session("") is None


async def test_a_session_ends_when_it_is_idle_and_after_a_week_in_any_case(house: House) -> None:
    await kim_of(house)
    start = house.clock()
    idle = await house.desk.sign_in.with_password("kim", PASSWORD, address=HOME)
    assert idle.expires_at == start + timedelta(hours=12)
    house.clock.now += timedelta(hours=12)
    assert await house.desk.sign_in.session(idle.token) is None
    busy = await house.desk.sign_in.with_password("kim", PASSWORD, address=HOME)
    ends = house.clock() + timedelta(days=7)
    while house.clock() + timedelta(hours=11) < ends:
        house.clock.now += timedelta(hours=11)
        assert await house.desk.sign_in.session(busy.token) is not None
    house.clock.now = ends
    assert await house.desk.sign_in.session(busy.token) is None
    await house.desk.sign_in.tidy()
    assert "sessions" not in await _rows(house.store)


async def test_to_look_whether_a_session_stands_does_not_use_it(house: House) -> None:
    await kim_of(house)
    session = await house.desk.sign_in.with_password("kim", PASSWORD, address=HOME)
    house.clock.now += timedelta(hours=7)
    assert await house.desk.sign_in.session(session.token, used=False) is not None
    house.clock.now += timedelta(hours=6)
    assert await house.desk.sign_in.session(session.token) is None


async def _rows(store: Store) -> dict[str, int]:
    count = text("SELECT count(*) FROM sessions")
    number = await store.database.read(lambda c: c.execute(count).scalar_one())
    return {"sessions": number} if number else {}


async def _sign_out(house: House, kim: Agent, token: str) -> None:
    del kim
    await house.desk.sign_in.sign_out(token)


async def _everywhere(house: House, kim: Agent, token: str) -> None:
    del token
    await house.desk.sign_in.sign_out_everywhere(kim)


async def _password(house: House, kim: Agent, token: str) -> None:
    del token
    await house.desk.accounts.set_password(kim, kim.id, "another password", current=PASSWORD)


async def _disable(house: House, kim: Agent, token: str) -> None:
    del token
    await house.desk.accounts.disable(house.boss, kim.id)


@pytest.mark.parametrize("how", [_sign_out, _everywhere, _password, _disable])
async def test_what_revokes_a_session(house: House, how: object) -> None:
    kim = await kim_of(house)
    session = await house.desk.sign_in.with_password("kim", PASSWORD, address=HOME)
    other = await house.desk.sign_in.with_password("kim", PASSWORD, address=HOME)
    link = await house.desk.accounts.sign_in_token(house.boss, kim.id)
    await how(house, kim, session.token)  # type: ignore[operator]
    assert await house.desk.sign_in.session(session.token) is None
    if how is _sign_out:
        assert await house.desk.sign_in.session(other.token) is not None
        return
    assert await house.desk.sign_in.session(other.token) is None
    with pytest.raises(SignInRefused):
        await house.desk.sign_in.with_token(link, address=HOME)


async def test_a_role_that_changes_changes_in_sessions_that_are_open(house: House) -> None:
    kim = await kim_of(house)
    session = await house.desk.sign_in.with_password("kim", PASSWORD, address=HOME)
    await house.desk.accounts.set_role(house.boss, kim.id, Role.SUPERVISOR)
    found = await house.desk.sign_in.session(session.token)
    assert found is not None
    assert found.agent.role is Role.SUPERVISOR
    entry = (await house.store.desk.trail(account_chain(kim.id)))[-1]
    assert (entry.act, entry.name, dict(entry.details)) == (
        "role",
        "Boss",
        {"before": "agent", "after": "supervisor"},
    )


async def test_a_link_signs_in_once_and_for_a_quarter_of_an_hour(house: House) -> None:
    kim = await house.agent("Kim")
    link = await house.desk.accounts.sign_in_token(house.boss, kim.id)
    ended = await asyncio.gather(
        *(house.desk.sign_in.with_token(link, address=f"a{n}") for n in range(5)), return_exceptions=True
    )
    assert sorted(type(end).__name__ for end in ended) == ["Session", *["SignInRefused"] * 4]
    late = await house.desk.accounts.sign_in_token(house.boss, kim.id)
    house.clock.now += timedelta(minutes=15)
    with pytest.raises(SignInRefused):
        await house.desk.sign_in.with_token(late, address=HOME)
    with pytest.raises(SignInRefused):
        await house.desk.sign_in.with_token("made up", address=HOME)


async def test_a_confirmation_of_a_cancellation_signs_nobody_in(house: House) -> None:
    kim = await kim_of(house)
    now = house.clock()
    from bot.desk.tokens import digest_of  # noqa: PLC0415

    later = now + timedelta(minutes=5)
    await house.store.accounts.issue(digest_of("t"), purpose="cancel", agent=kim.id, expires_at=later)
    with pytest.raises(SignInRefused):
        await house.desk.sign_in.with_token("t", address=HOME)


async def test_a_forms_token_belongs_to_its_session(house: House) -> None:
    await kim_of(house)
    one = await house.desk.sign_in.with_password("kim", PASSWORD, address=HOME)
    other = await house.desk.sign_in.with_password("kim", PASSWORD, address=HOME)
    assert SignIn.same_csrf(one, one.csrf)
    assert not SignIn.same_csrf(one, other.csrf)
    assert not SignIn.same_csrf(one, "")
    assert not SignIn.same_csrf(one, "é\udc80")


async def test_a_hash_by_older_parameters_is_renewed_at_the_next_sign_in(store: Store) -> None:
    house = house_over(store)
    await kim_of(house)
    stronger = house_over(store, hashing=Passwords(PasswordHasher(2, 16, 1)))
    await stronger.desk.sign_in.with_password("kim", PASSWORD, address=HOME)
    known = await store.accounts.by_login("kim")
    assert known is not None
    assert "m=16,t=2" in (known[1] or "")
    assert await stronger.desk.sign_in.with_password("kim", PASSWORD, address=HOME)


async def test_what_is_around_a_name_is_no_part_of_it(house: House) -> None:
    added = await house.desk.accounts.add(
        house.boss, login=" max\n", name=" Max  Power ", role=Role.AGENT, password=None
    )
    assert (added.login, added.name) == ("max", "Max Power")


async def test_names_are_unique_and_visible(house: House) -> None:
    await kim_of(house)
    add = house.desk.accounts.add
    for login, name in (("KIM", "Other"), ("other", "kim")):
        with pytest.raises(BadInput, match="Another agent"):
            await add(house.boss, login=login, name=name, role=Role.AGENT, password=None)
    for login, name in (("", "X"), ("x", "  "), ("x", "a\u202eb"), ("x", "y" * 61), ("a\0b", "X")):
        with pytest.raises(BadInput, match="visible"):
            await add(house.boss, login=login, name=name, role=Role.AGENT, password=None)
    for login, name in (("\ufffd", "X"), ("k\ufffdm", "X"), ("x", "K\ufffdm")):
        with pytest.raises(BadInput, match="could not be read"):
            await add(house.boss, login=login, name=name, role=Role.AGENT, password=None)
    for login in ("max power", "max\tpower", "max\u3000power", "max\npower"):
        with pytest.raises(BadInput, match="without spaces"):
            await add(house.boss, login=login, name="X", role=Role.AGENT, password=None)
    for password in ("short", "x" * 257):
        with pytest.raises(BadInput, match="10 to 256"):
            await add(house.boss, login="z", name="Z", role=Role.AGENT, password=password)


async def test_there_is_always_an_admin_left(house: House) -> None:
    ann, bob = await house.agent("Ann", Role.ADMIN), await house.agent("Bob", Role.ADMIN)
    ended = await asyncio.gather(
        house.desk.accounts.disable(ann, bob.id),
        house.desk.accounts.set_role(bob, ann.id, Role.AGENT),
        return_exceptions=True,
    )
    assert sorted(type(end).__name__ for end in ended) == ["BadInput", "NoneType"]
    left = [a for a in await house.store.accounts.all() if a.role is Role.ADMIN and a.disabled_at is None]
    assert len(left) == 1


async def test_ones_own_password_changes_with_the_current_one_only(house: House) -> None:
    kim = await kim_of(house)
    with pytest.raises(SignInRefused):
        await house.desk.accounts.set_password(kim, kim.id, "another password", current="wrong password")
    assert await house.desk.sign_in.with_password("kim", PASSWORD, address=HOME)
