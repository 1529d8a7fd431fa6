"""What pages ask for: acts on chats, with rights; refusals in words; nothing breaks on bad input."""

from datetime import timedelta

import pytest
from console_makers import At, at_console
from desk_makers import MINUTE, House, house_over, performing
from shell_makers import DOWN, order

from bot.desk.rights import Rights
from bot.ports import ContractBroken, CredentialsRefused, Throttled
from dialogs.orders import Stage
from storage.desk_records import Role, State
from storage.store import Store


async def test_who_comes_second_is_told_who_has_it(at: At, house: House) -> None:
    kim, lee = await at.agent("Kim"), await at.agent("Lee")
    key = await house.waits()
    assert (await kim.act(key, "claim"))[0] == 200
    status, body = await lee.act(key, "claim")
    assert (status, body) == (409, {"code": "held", "message": "Kim has this chat.", "name": "Kim"})
    assert await house.holder(key) == "Kim"


async def test_a_reply_sent_twice_is_said_once(at: At, house: House) -> None:
    kim = await at.agent("Kim")
    key = await house.waits()
    first = await kim.act(key, "reply", text="Hello!", id="one")
    second = await kim.act(key, "reply", text="Hello!", id="one")
    assert first == second
    assert (await house.transcript(key)).count("Hello!") == 1
    await kim.act(key, "reply", text="Hello!", id="two")
    assert (await house.transcript(key)).count("Hello!") == 2


async def test_a_note_sent_twice_is_kept_once_and_never_said(at: At, house: House) -> None:
    kim = await at.agent("Kim")
    key = await house.waits()
    first = await kim.act(key, "note", text="Careful", id="one")
    assert first == await kim.act(key, "note", text="Careful", id="one")
    await kim.act(key, "note", text="Careful", id="two")
    chat = await house.desk.chats.show(kim.agent, key)
    assert [note.text for note in chat.notes] == ["Careful", "Careful"]
    assert "Careful" not in await house.transcript(key)


async def test_a_case_goes_through_its_states(at: At, house: House) -> None:
    kim, lee = await at.agent("Kim"), await at.agent("Lee")
    key = await house.waits()
    until = (house.clock() + 60 * MINUTE).isoformat()
    for act, body, state in (
        ("claim", {}, State.CLAIMED),
        ("snooze", {"until": until}, State.SNOOZED),
        ("wake", {}, State.CLAIMED),
        ("pass-on", {"to": lee.agent.id}, State.CLAIMED),
    ):
        assert (await kim.act(key, act, **body))[0] == 200, act
        assert (await house.ground.seen(house.boss, key)).state is state, act
    for act, body, state in (
        ("put-back", {}, State.OPEN),
        ("claim", {}, State.CLAIMED),
        ("resolve", {}, State.RESOLVED),
    ):
        assert (await lee.act(key, act, **body))[0] == 200, act
        assert (await house.ground.seen(house.boss, key)).state is state, act
    assert (await lee.act(key, "resolve"))[1]["code"] == "bot_has_it"


async def test_priority_and_labels_are_set_and_shown(at: At, house: House) -> None:
    kim = await at.agent("Kim")
    key = await house.waits()
    assert (await kim.act(key, "priority", priority=3))[0] == 200
    assert (await kim.act(key, "labels", labels=["Late  ", "vip", "late"])) == (
        200,
        {"labels": ["late", "vip"]},
    )
    async with kim.live() as live:
        await live.send("list", view=1)
        page = await live.until("page")
    assert [(row["priority"], row["labels"]) for row in page["rows"]] == [(3, ["late", "vip"])]


@pytest.mark.parametrize("act", ["claim", "reply", "note", "resolve", "snooze", "cancel", "priority"])
async def test_a_body_that_cannot_be_read_is_refused_in_words(at: At, house: House, act: str) -> None:
    kim = await at.agent("Kim")
    key = await house.waits()
    for body in (b"{", b"[1]", b'{"text": 1, "until": "soon", "priority": 9, "number": 3}', b"\xff"):
        response = await kim.post(
            f"/desk/api/chats/{key}/{act}", data=body, headers={"X-CSRF-Token": kim.csrf}
        )
        assert response.status in (200 if act in ("claim", "resolve") and body[:1] == b"{" else 400, 400)
        assert "Traceback" not in await response.text()


async def test_what_is_not_there_is_not_found(at: At) -> None:
    kim = await at.agent("Kim")
    assert (await kim.act("web:none", "claim"))[1]["code"] == "not_found"
    assert (await kim.act("web:none", "explode"))[0] == 404
    assert (await kim.look("chats/web:none/summary"))[0] == 404
    assert (await kim.look("chats/web:none/secrets"))[0] == 404
    assert (await kim.look("cases/ZZZZ-ZZZZ"))[0] == 404
    assert (await kim.get("/desk/static/../door.py"))[0] == 404


async def test_the_summary_the_order_and_older_messages_are_shown(at: At, house: House) -> None:
    kim = await at.agent("Kim")
    found = order(stage=Stage.PAID)
    key = await house.waits(matched=found, said=[f"message {n}" for n in range(300)])
    status, summary = await kim.look(f"chats/{key}/summary")
    assert status == 200
    assert "asked for a person" in summary["headline"]
    status, panel = await kim.look(f"chats/{key}/order")
    assert (status, panel["stage"], panel["matched"]) == (200, "paid", True)
    assert panel["may_try"]
    assert panel["refund_lines"]
    status, older = await kim.look(f"chats/{key}/older?before=101")
    assert [line["seq"] for line in older] == list(range(1, 101))
    for odd in ("0", "-5", "x", "9" * 40, "²"):
        assert (await kim.look(f"chats/{key}/older?before={odd}"))[1] == []


async def test_an_order_that_the_shop_does_not_know_is_no_outage_of_the_shop(at: At, house: House) -> None:
    kim = await at.agent("Kim")
    key = await house.waits()
    status, body = await kim.act(key, "cancel")
    assert (status, body) == (422, {"code": "no_order", "message": "The customer has named no order yet."})
    house.shop.shows, house.shop.reads = [None], 0
    status, body = await kim.act(key, "cancel", number="4711")
    assert (status, body) == (422, {"code": "no_order", "message": "The shop knows no order 4711."})


@pytest.mark.parametrize("shown", [DOWN, Throttled(5), CredentialsRefused("no"), ContractBroken("odd")])
async def test_a_shop_that_gives_no_answer_is_an_outage(at: At, house: House, shown: Exception) -> None:
    kim = await at.agent("Kim")
    key = await house.waits()
    house.shop.shows, house.shop.reads = [shown], 0
    status, body = await kim.act(key, "cancel", number="1042")
    assert (status, body["code"]) == (502, "shop")


async def test_an_override_takes_a_right_a_reason_and_a_second_yes(at: At, house: House) -> None:
    kim, sue = await at.agent("Kim"), await at.agent("Sue", Role.SUPERVISOR)
    found = order(stage=Stage.PAID)
    key = await house.waits()  # nobody has matched the order
    status, body = await kim.act(key, "cancel", number=found.number, reason="They asked on the phone")
    assert (status, body["code"]) == (403, "not_allowed")
    status, body = await sue.act(key, "cancel", number=found.number, reason="")
    assert (status, body["code"]) == (422, "bad_input")
    reason = "They asked on the phone"
    status, asked = await sue.act(key, "cancel", number=found.number, reason=reason)
    assert (status, asked["override"]) == (200, True)
    status, body = await sue.act(key, "cancel", number=found.number, reason="Another", token=asked["token"])
    assert (status, body["code"]) == (409, "changed")
    async with performing(house):
        status, _ = await sue.act(key, "cancel", number=found.number, reason=reason, token=asked["token"])
        assert status == 200
    assert "override" in await house.acts(key)
    status, body = await sue.act(key, "cancel", number=found.number, reason=reason, token=asked["token"])
    assert status in (409, 422)  # used up, or the order is cancelled by now


async def test_the_warehouse_is_asked_with_a_deadline_and_its_answer_noted(at: At, house: House) -> None:
    kim = await at.agent("Kim")
    key = await house.waits()
    by = (house.clock() + timedelta(hours=2)).isoformat()
    assert (await kim.act(key, "intercept", number="1001", by=by, note="Rang them"))[0] == 200
    assert (await kim.act(key, "intercept", number="1001", by="2020-01-01T00:00:00Z"))[0] == 422
    async with kim.live() as live:
        await live.send("open", key=key)
        chat = await live.until("chat")
        assert chat["head"]["intercept"]["note"] == "Rang them"
        assert (await kim.act(key, "intercept-over", stopped=True))[0] == 200
        assert (await live.until("chat"))["head"]["intercept"] is None


async def test_canned_answers_come_filled_and_say_what_is_missing(at: At, house: House) -> None:
    kim = await at.agent("Kim")
    await house.desk.canned.seed()
    key = await house.waits()
    status, filled = await kim.look(f"chats/{key}/canned?shortcut=hello")
    assert (status, filled["missing"]) == (200, [])
    assert filled["text"].startswith("Hello Ann, this is Kim from Harbour & Pine.")
    _, filled = await kim.look(f"chats/{key}/canned?shortcut=moment")
    assert filled["missing"] == ["order_number"]


async def test_an_agent_who_sees_only_their_own_reads_no_others_chat(sqlite_url: str) -> None:
    store = await Store.open(sqlite_url)
    house = house_over(store, rights=Rights(see_all=False))
    async with at_console(house) as at:
        kim, lee = await at.agent("Kim"), await at.agent("Lee")
        key = await house.waits(said=["my secret"])
        await kim.act(key, "claim")
        reference = (await house.ground.seen(house.boss, key)).reference
        for path in (
            f"chats/{key}/summary",
            f"chats/{key}/order",
            f"chats/{key}/older?before=9",
            f"chats/{key}/trail",
            f"chats/{key}/canned?shortcut=hello",
            f"cases/{reference}",
        ):
            status, body = await lee.look(path)
            assert (status, body["code"]) == (403, "not_allowed"), path
        for act, body in (("reply", {"text": "x"}), ("note", {"text": "x"}), ("resolve", {}), ("claim", {})):
            assert (await lee.act(key, act, **body))[0] in (403, 409), act
        assert (await lee.look("search?q=secret"))[1] == []
        async with lee.live() as live:
            await live.send("list", view=1)
            assert (await live.until("page"))["rows"] == []
            await live.send("open", key=key)
            assert (await live.until("refused"))["problem"]["code"] == "not_allowed"
            await house.desk.chats.note(kim.agent, key, "between us")
            await kim.act(key, "reply", text="to the customer", id="1")
            other = await house.waits("web:2", said=["free for all"])
            house.desk.feed.changed(other, *())
            await live.until("rows")
        assert not any("secret" in str(frame) or "between us" in str(frame) for frame in live.frames)
        assert not any(key in str(frame) for frame in live.frames if frame["type"] != "refused")
    await store.close()
