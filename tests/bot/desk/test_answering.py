import asyncio
from datetime import timedelta

import pytest
from desk_makers import House, house_over, performing
from hypothesis import given
from hypothesis import strategies as st
from shell_makers import DOWN, Shop, order

from bot.desk.canned import PLACEHOLDERS, filled
from bot.desk.errors import BadInput, HeldBy, NoSuchCase, NotAllowed
from bot.desk.views import Delivery
from bot.ports import ChatGone, Door, Receipt
from dialogs.orders import Stage
from storage.desk_records import Filters, Priority, Role
from storage.records import Author, Entry, Work
from storage.store import Store
from tests.outbox_marks import marks_written


class Telegram:
    """A channel that pushes; a chat may be gone."""

    name = "telegram"
    fetches = False

    def __init__(self) -> None:
        self.gone = False
        self.sent: list[str] = []

    async def deliver(self, key: str, entry: Entry) -> None:
        if self.gone:
            raise ChatGone(key)
        self.sent.append(entry.text)

    async def typing(self, key: str) -> None: ...
    async def start(self, door: Door) -> None: ...
    async def stop(self) -> None: ...
    async def check(self) -> None: ...


async def test_a_reply_is_said_word_for_word_under_the_agents_name(house: House) -> None:
    key = await house.waits()
    kim = await house.agent("Kim")
    said = await house.desk.chats.reply(kim, key, "  Hello <b>Ann</b> 🙂  ")
    assert (said.text, said.agent, said.author) == ("Hello <b>Ann</b> 🙂", "Kim", Author.AGENT)
    assert (await house.transcript(key))[-1] == said.text
    row = await house.store.desk.row(key)
    assert row.first_reply_at == house.clock()
    house.clock.now += timedelta(minutes=1)
    await house.desk.chats.reply(kim, key, "And another thing")
    assert (await house.store.desk.row(key)).first_reply_at == row.first_reply_at


async def test_the_same_reply_sent_again_is_said_once(house: House) -> None:
    key = await house.waits()
    kim = await house.agent("Kim")
    first = await house.desk.chats.reply(kim, key, "Hello", id_="m1")
    again = await asyncio.gather(*(house.desk.chats.reply(kim, key, "Hello", id_="m1") for _ in range(5)))
    assert {entry.seq for entry in again} == {first.seq}
    assert (await house.transcript(key)).count("Hello") == 1
    other = await house.desk.chats.reply(kim, key, "Hello", id_="m2")
    assert other.seq > first.seq


async def test_a_reply_that_was_on_record_and_never_said_is_said_when_it_comes_again(house: House) -> None:
    key = await house.waits()
    kim = await house.agent("Kim")
    await house.desk.chats.claim(kim, key)
    item = await house.store.desk.item(key, now=house.clock())
    assert item is not None
    record = house.ground.record(kim, key, "reply")  # as if the process had been killed right after this
    await house.store.desk.begin_reply(key, "m1", seq=item.last_seq, at=house.clock(), record=record)
    said = await house.desk.chats.reply(kim, key, "Hello", id_="m1")
    assert (await house.transcript(key)).count("Hello") == 1
    assert said.text == "Hello"


async def test_nothing_is_said_into_a_chat_that_another_agent_has(house: House) -> None:
    key = await house.waits()
    kim, boss = await house.agent("Kim"), await house.agent("Super", Role.SUPERVISOR)
    await house.desk.chats.claim(kim, key)
    before = await house.transcript(key)
    with pytest.raises(HeldBy, match="Kim"):
        await house.desk.chats.reply(boss, key, "Me, too")
    assert await house.transcript(key) == before


async def test_words_that_the_dialogue_did_not_pass_on_are_not_shown_as_said(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = await house.waits()
    kim = await house.agent("Kim")
    await house.desk.chats.claim(kim, key)

    async def unheard(*_: object) -> Receipt:
        return Receipt(duplicate=False)

    monkeypatch.setattr(house.reception, "happen", unheard)
    with pytest.raises(HeldBy):
        await house.desk.chats.reply(kim, key, "Hello")
    assert (await house.store.desk.row(key)).first_reply_at is None


@pytest.mark.parametrize("text", ["", "   \n", "x" * 4001])
async def test_what_cannot_be_said_is_refused_in_words(house: House, text: str) -> None:
    key = await house.waits()
    kim = await house.agent("Kim")
    for act in (house.desk.chats.reply, house.desk.chats.note):
        with pytest.raises(BadInput, match=r"write something|At most 4000"):
            await act(kim, key, text)
    assert await house.transcript(key) == ["Help, please"]


async def test_notes_are_in_no_transcript_and_no_outbox(house: House) -> None:
    key = await house.waits("telegram:1")
    kim = await house.agent("Kim")
    note = await house.desk.chats.note(kim, key, "Suspicious '; DROP TABLE notes; --")
    assert (note.author, note.text) == ("Kim", "Suspicious '; DROP TABLE notes; --")
    assert await house.transcript(key) == ["Help, please"]
    assert await _outbox(house.store) == ()
    shown = await house.desk.chats.show(kim, key)
    assert shown.notes == (note,)
    assert all("Suspicious" not in line.entry.text for line in shown.lines)


async def test_no_channel_is_given_a_note(house: House) -> None:
    telegram = Telegram()
    key = await house.waits("telegram:1")
    kim = await house.agent("Kim")
    async with performing(house, {"telegram": telegram}) as performers:
        await house.desk.chats.note(kim, key, "Only for us")
        await house.desk.chats.reply(kim, key, "For you")
        await performers.go_round()
    assert telegram.sent[-1] == "For you"
    assert "Only for us" not in telegram.sent
    assert [entry.text for entry in await house.store.entries(key)][-1] == "For you"


async def _outbox(store: Store) -> tuple[Work, ...]:
    from sqlalchemy import text  # noqa: PLC0415

    rows = await store.database.read(lambda c: c.execute(text("SELECT kind FROM outbox")).all())
    return tuple(rows)


async def test_each_message_shows_what_became_of_it_and_a_failed_one_is_sent_again(house: House) -> None:
    telegram, key = Telegram(), await house.waits("telegram:1")
    kim = await house.agent("Kim")
    await house.desk.chats.claim(kim, key)
    sent = await house.desk.chats.reply(kim, key, "On my way")
    assert await _delivery(house, key, sent.seq) is Delivery.SENDING
    with pytest.raises(BadInput, match="not given up"):
        await house.desk.chats.retry(kim, key, sent.seq)
    telegram.gone = True
    house.clock.now += timedelta(minutes=2)
    async with performing(house, {"telegram": telegram}) as performers:
        await _until_idle(performers)
        assert await _delivery(house, key, sent.seq) is Delivery.FAILED
        line = (await house.desk.chats.lines(kim, key, after=sent.seq - 1))[0]
        assert line.why == "the chat is gone"
        telegram.gone = False
        await house.desk.chats.retry(kim, key, sent.seq)
        assert await _delivery(house, key, sent.seq) is Delivery.SENDING
        await performers.go_round()
        await _until_idle(performers)
        await marks_written(house.store)
        assert await _delivery(house, key, sent.seq) is Delivery.DELIVERED
    assert telegram.sent == ["On my way"]


async def _until_idle(performers: object) -> None:
    async with asyncio.timeout(10):
        while not performers.idle:  # type: ignore[attr-defined]  # noqa: ASYNC110
            await asyncio.sleep(0.005)


async def _delivery(house: House, key: str, seq: int) -> Delivery | None:
    lines = await house.desk.chats.lines(house.boss, key, after=0)
    return next(line.delivery for line in lines if line.entry.seq == seq)


async def test_where_customers_fetch_a_message_is_sent_once_it_is_said(house: House) -> None:
    key = await house.waits("web:1")
    kim = await house.agent("Kim")
    said = await house.desk.chats.reply(kim, key, "Hello")
    assert await _delivery(house, key, said.seq) is Delivery.SENT
    assert await _delivery(house, key, 1) is None  # the customer's own


async def test_older_messages_are_fetched_page_by_page(house: House) -> None:
    key = await house.waits(said=[f"line {n}" for n in range(1, 26)])
    kim = await house.agent("Kim")
    page = await house.desk.chats.older(kim, key, before=21, limit=10)
    assert [line.entry.seq for line in page] == list(range(11, 21))
    assert [line.entry.seq for line in await house.desk.chats.older(kim, key, before=4, limit=10)] == [
        1,
        2,
        3,
    ]
    assert await house.desk.chats.older(kim, key, before=1) == ()


async def test_priority_and_labels(house: House) -> None:
    key, other = await house.waits("web:1"), await house.waits("web:2")
    kim = await house.agent("Kim")
    await house.desk.chats.set_priority(kim, other, Priority.URGENT)
    assert await house.desk.chats.set_labels(kim, other, ["VIP ", "vip", "  late   parcel"]) == (
        "late parcel",
        "vip",
    )
    page = await house.desk.queue.list(kim, Filters())
    assert [item.key for item in page.items] == [other, key]
    assert page.items[0].row.labels == ("late parcel", "vip")
    await house.desk.chats.set_labels(kim, other, [])
    assert (await house.desk.queue.list(kim, Filters(label="vip"))).items == ()
    with pytest.raises(BadInput):
        await house.desk.chats.set_labels(kim, other, ["x" * 33])


async def test_who_looks_and_who_types_is_seen_by_the_others_and_ends_by_itself(house: House) -> None:
    key = await house.waits()
    kim, lee = await house.agent("Kim"), await house.agent("Lee")
    await house.desk.chats.seen(lee, key, typing=True)
    shown = await house.desk.chats.show(kim, key)
    assert [(watcher.agent, watcher.typing) for watcher in shown.watchers] == [("Lee", True)]
    assert (await house.desk.chats.show(lee, key)).watchers == ()
    house.clock.now += timedelta(seconds=7)
    assert [w.typing for w in (await house.desk.chats.show(kim, key)).watchers] == [False]
    house.clock.now += timedelta(seconds=40)
    assert (await house.desk.chats.show(kim, key)).watchers == ()


async def test_canned_answers_are_filled_from_the_case_and_name_what_is_missing(house: House) -> None:
    key = await house.waits(matched=order(), customer="Ann {agent}")
    kim, boss = await house.agent("Kim"), await house.agent("Sue", Role.SUPERVISOR)
    canned = house.desk.canned
    text = "Hi {customer}, {order_number} is {order_stage}. {reference} {{x}} {shop} {agent}"
    await canned.save(boss, shortcut="all", title="All", text=text)
    rendered = await canned.render(kim, key, "all")
    item = await house.store.desk.item(key, now=house.clock())
    assert item is not None
    assert rendered.text == f"Hi Ann {{agent}}, 1042 is paid. {item.reference} {{x}} Harbour & Pine Kim"
    assert rendered.missing == ()
    stranger = await house.waits("web:2", customer=None)
    rendered = await canned.render(kim, stranger, "all")
    assert rendered.missing == ("customer", "order_number", "order_stage")
    assert "{order_stage}" in rendered.text


async def test_the_stage_in_a_canned_answer_is_read_now_and_only_of_a_matched_order(store: Store) -> None:
    house = house_over(store, shop=Shop([order(Stage.DELIVERED), DOWN]))
    kim, boss = await house.agent("Kim"), await house.agent("Sue", Role.SUPERVISOR)
    await house.desk.canned.save(boss, shortcut="s", title="Stage", text="{order_stage}")
    matched = await house.waits("web:1", matched=order(Stage.PAID))
    named = await house.waits("web:2", number="1042")
    assert (await house.desk.canned.render(kim, matched, "s")).text == "delivered"
    assert (await house.desk.canned.render(kim, named, "s")).missing == ("order_stage",)
    assert (await house.desk.canned.render(kim, matched, "s")).missing == ("order_stage",)  # the shop is down
    house.shop.shows = [order(Stage.PAID, email="somebody@else.test")]  # the number is another's by now
    assert (await house.desk.canned.render(kim, matched, "s")).missing == ("order_stage",)


async def test_canned_answers_are_changed_by_supervisors_only_and_seeded_once(house: House) -> None:
    kim, boss = await house.agent("Kim"), await house.agent("Sue", Role.SUPERVISOR)
    canned = house.desk.canned
    await canned.seed()
    ours = [one.shortcut for one in await canned.all(kim)]
    assert "hello" in ours
    await canned.delete(boss, "hello")
    await canned.seed()
    assert "hello" not in [one.shortcut for one in await canned.all(kim)]
    for act in (canned.save(kim, shortcut="x", title="X", text="x"), canned.delete(kim, "bye")):
        with pytest.raises(NotAllowed):
            await act
    for shortcut, text in (
        ("Bad name", "x"),
        ("x", "{nobody}"),
        ("x", "{customer!r}"),
        ("x", "{"),
        ("x", ""),
    ):
        with pytest.raises(BadInput):
            await canned.save(boss, shortcut=shortcut, title="X", text=text)
    with pytest.raises(BadInput):
        await canned.delete(boss, "hello")


@given(st.text(alphabet="{}!:[]. acustomer_ordn\n'%", max_size=60), st.text(max_size=20))
def test_any_text_is_filled_or_refused_in_words_and_values_are_taken_as_they_are(
    text: str, value: str
) -> None:
    values = dict.fromkeys(PLACEHOLDERS, value)
    try:
        whole = filled(text, values)
    except BadInput:
        return
    assert whole.missing == ()
    marked = filled(text, dict.fromkeys(PLACEHOLDERS, "\0"))
    assert whole.text == marked.text.replace("\0", value)  # a value is not filled in turn
    if "{" not in text and "}" not in text:
        assert whole.text == text


async def test_the_summary_says_what_is_known_and_why_a_person_is_needed(house: House) -> None:
    key = await house.waits(said=["cancel 1042", "now!"], matched=order(Stage.CONFIRMED))
    kim = await house.agent("Kim")
    summary = await house.desk.chats.summary(kim, key)
    facts = {fact.label: fact.value for fact in summary.facts}
    assert "asked for a person" in summary.headline
    assert facts["Order"].startswith("1042: confirmed, 54.00 EUR, read 2026-11-23 10:00:00 CET"), (
        "as it is at the shop"
    )
    assert "refuse" in facts["Verdict"]
    assert "clause" in facts["Verdict"]
    assert summary.said == ("customer: cancel 1042", "customer: now!")
    assert summary.text().splitlines()[-1] == "  customer: now!"
    assert "ann@shop.test" not in summary.text()


async def test_what_is_no_conversation_is_told_so(house: House) -> None:
    kim = await house.agent("Kim")
    for act in (
        house.desk.chats.show(kim, "web:none"),
        house.desk.chats.claim(kim, "web:none"),
        house.desk.queue.key(kim, "2222-2222"),
        house.desk.orders.panel(kim, "web:none"),
    ):
        with pytest.raises(NoSuchCase):
            await act


async def test_an_act_that_fails_is_on_record_as_failed(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = await house.waits()
    kim = await house.agent("Kim")
    await house.desk.chats.claim(kim, key)

    async def broken(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(house.reception, "happen", broken)
    with pytest.raises(ZeroDivisionError):
        await house.desk.chats.resolve(kim, key)
    assert await house.acts(key) == ["claim", "resolve", "resolve failed"]
