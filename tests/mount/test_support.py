"""What both mounts share, against a product that a test plays: what is asked, when, in which order."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from types import SimpleNamespace as Some

import pytest
from aiohttp import web
from fake_product import SECRET, product
from rescind_mount.product import Product, Unreached
from rescind_mount.seen import Kind, Looking, Seen
from rescind_mount.support import Options, Support, Whose
from rescind_mount.words import APOLOGIES, apology

QUICK = Options(limit=2)


@asynccontextmanager
async def support(url: str, options: Options = QUICK) -> AsyncIterator[Support]:
    mounted = Support(url, SECRET, options)
    try:
        yield mounted
    finally:
        await mounted.close()


async def ask(mounted: Support, id_: int, kind: Kind = Kind.WORDS, chat: int = 7) -> Whose:
    """As a mount does with an update."""
    seen = Seen(id_, chat, kind)
    async with mounted.lane(chat):
        return await mounted.whose(seen, lambda: json.dumps({"update_id": id_}).encode(), mounted.deadline())


async def test_words_are_asked_about_only_while_the_chat_is_open() -> None:
    async with product() as fake, support(fake.url) as mounted:
        assert await ask(mounted, 1) is Whose.THE_SHOPS
        assert fake.posts == []
        assert await ask(mounted, 2, Kind.COMMAND) is Whose.OURS
        assert await ask(mounted, 3) is Whose.OURS
        assert await ask(mounted, 4, chat=8) is Whose.THE_SHOPS
        fake.seconds = 0
        assert await ask(mounted, 5) is Whose.OURS
        assert await ask(mounted, 6) is Whose.THE_SHOPS
        assert fake.posts == [2, 3, 5]
        assert fake.secrets == {f"Bearer {SECRET}"}


async def test_updates_go_over_a_connection_that_is_kept() -> None:
    async with product() as fake, support(fake.url) as mounted:
        for id_ in range(1, 21):
            assert await ask(mounted, id_, chat=id_, kind=Kind.COMMAND) is Whose.OURS
        assert len(fake.connections) == 1


async def test_a_chat_closes_when_its_time_is_over() -> None:
    async with product() as fake, support(fake.url) as mounted:
        fake.seconds = 0.05
        await ask(mounted, 1, Kind.BUTTON)
        await asyncio.sleep(0.06)
        assert await ask(mounted, 2) is Whose.THE_SHOPS


async def test_what_the_product_does_not_claim_is_the_shops() -> None:
    async with product() as fake, support(fake.url) as mounted:
        fake.claimed, fake.seconds = False, 0
        assert await ask(mounted, 1, Kind.COMMAND) is Whose.THE_SHOPS


async def test_an_answer_without_news_of_the_chat_leaves_it_as_it_was() -> None:
    async with product() as fake, support(fake.url) as mounted:
        await ask(mounted, 1, Kind.COMMAND)
        fake.answers.append(web.json_response({"claimed": False, "open": None}))
        assert await ask(mounted, 2) is Whose.THE_SHOPS
        assert await ask(mounted, 3) is Whose.OURS


async def test_chats_that_were_open_before_the_start_are_learned_and_later_news_not_overruled() -> None:
    async with product() as fake, support(fake.url) as mounted:
        fake.open = {"7": 900, "8": 900}
        assert mounted.concerns(Seen(1, 9, Kind.WORDS))  # not learned yet
        assert await ask(mounted, 1) is Whose.OURS
        assert await ask(mounted, 2, chat=9) is Whose.THE_SHOPS
        assert not mounted.concerns(Seen(3, 9, Kind.WORDS))


async def test_a_bot_of_several_processes_asks_about_every_text() -> None:
    options = Options(limit=2, ask_always=True)
    async with product() as fake, support(fake.url, options) as mounted:
        fake.claimed = False
        assert await ask(mounted, 1) is Whose.THE_SHOPS
        assert fake.posts == [1]


async def test_order_within_a_chat_is_kept_and_no_chat_waits_for_another() -> None:
    async with product() as fake, support(fake.url) as mounted:
        fake.gates[1] = asyncio.Event()
        first = asyncio.create_task(ask(mounted, 1, Kind.COMMAND))
        await fake.arrived.wait()
        second = asyncio.create_task(ask(mounted, 2))
        assert await ask(mounted, 3, Kind.COMMAND, chat=8) is Whose.OURS
        assert fake.posts == [1, 3]
        fake.gates[1].set()
        # The chat was not open when the second came; the first one's answer opened it.
        assert [await first, await second] == [Whose.OURS, Whose.OURS]
        assert fake.posts == [1, 3, 2]
        assert not mounted.busy(7)


@pytest.mark.parametrize("status", [429, 500, 502, 503, 504])
async def test_an_update_that_was_not_taken_is_passed_on_again(status: int) -> None:
    async with product() as fake, support(fake.url) as mounted:
        fake.answers = [web.Response(status=status), web.Response(status=status)]
        assert await ask(mounted, 1, Kind.COMMAND) is Whose.OURS
        assert fake.posts == [1, 1, 1]


async def test_a_pause_that_is_asked_for_is_kept_within_the_limit() -> None:
    async with product() as fake, support(fake.url) as mounted:
        fake.answers = [web.Response(status=503, headers={"Retry-After": "60"})]
        assert await ask(mounted, 1, Kind.COMMAND) is Whose.UNREACHED
        assert fake.posts == [1]


@pytest.mark.parametrize("trouble", ["slow", "gone", "dead", "stranger"])
async def test_nothing_hangs_and_nothing_is_claimed_when_the_product_gives_no_answer(trouble: str) -> None:
    async with product() as fake, support("http://127.0.0.1:9" if trouble == "gone" else fake.url) as mounted:
        await mounted.ready()
        if trouble == "slow":
            fake.gates[1] = asyncio.Event()
        fake.up = trouble != "dead"
        if trouble == "stranger":
            fake.answers = [web.Response(text="<html>It works!</html>")]
        async with asyncio.timeout(10):
            assert await ask(mounted, 1, Kind.COMMAND) is Whose.UNREACHED


@pytest.mark.parametrize(("status", "remedy"), [(401, "TELEGRAM_MOUNT_SECRET"), (404, "mounted mode")])
async def test_a_mount_that_is_set_up_wrongly_is_told_at_once_and_without_the_secret(
    status: int, remedy: str, caplog: pytest.LogCaptureFixture
) -> None:
    async with product() as fake, support(fake.url) as mounted:
        fake.answers = [web.Response(status=status)]
        assert await ask(mounted, 1, Kind.COMMAND) is Whose.UNREACHED
        assert fake.posts == [1]
    assert remedy in caplog.text
    assert SECRET not in caplog.text


async def test_the_chats_are_learned_once_the_product_is_there() -> None:
    async with product() as fake, support(fake.url, Options(limit=0.1)) as mounted:
        fake.up, fake.open = False, {"7": 900}
        await mounted.ready()
        assert await ask(mounted, 1) is Whose.THE_SHOPS
        fake.up = True
        async with asyncio.timeout(5):
            while not mounted.concerns(Seen(2, 7, Kind.WORDS)):  # noqa: ASYNC110 - it tells nobody
                await asyncio.sleep(0.05)


async def test_closing_finishes_what_is_being_asked() -> None:
    async with product() as fake, support(fake.url) as mounted:
        fake.gates[1] = asyncio.Event()
        asking = asyncio.create_task(ask(mounted, 1, Kind.COMMAND))
        await fake.arrived.wait()
        closing = asyncio.create_task(mounted.close())
        await asyncio.sleep(0.05)
        fake.gates[1].set()
        await closing
        assert await asking is Whose.OURS
        assert fake.posts == [1]
        assert mounted._product._session is None


@pytest.mark.parametrize("told", [{}, {"claimed": "yes"}, {"claimed": True, "open": "long"}])
async def test_an_answer_that_makes_no_sense_is_none(told: object) -> None:
    async with product() as fake:
        fake.answers = [web.json_response(told)]
        client = Product(fake.url, SECRET)
        with pytest.raises(Unreached, match="makes no sense"):
            await client.take(b'{"update_id": 1}', asyncio.get_running_loop().time() + 1)
        await client.close()


def update(**message: object) -> Some:
    """An update as either library would have it."""
    chat = Some(id=7, type=message.pop("chat_type", "private"))
    kind = message.pop("kind", "message")
    parts = {"message": None, "edited_message": None, "callback_query": None}
    content = {"text": None, "caption": None} | message
    parts[str(kind)] = Some(chat=chat, from_user=Some(language_code="es"), **content)
    return Some(update_id=1, **parts)


def press(data: object) -> Some:
    query = Some(
        id="q", data=data, from_user=Some(language_code=None), message=Some(chat=Some(id=7, type="private"))
    )
    return Some(update_id=1, message=None, edited_message=None, callback_query=query)


@pytest.mark.parametrize(
    ("seen", "kind"),
    [
        (update(text="/support"), Kind.COMMAND),
        (update(text="/Cancel_Order@ShopBot"), Kind.COMMAND),
        (update(text="/start support"), Kind.COMMAND),
        (update(text="/start support-1042"), Kind.COMMAND),
        (update(text="/start supporters"), None),
        (update(text="/start"), None),
        (update(text="/cancel"), None),
        (update(text="/support", kind="edited_message"), None),
        (update(text="/support", chat_type="group"), None),
        (update(text="Catalogue"), None),
        (update(text="cancel 1042"), Kind.WORDS),
        (update(text="1043", kind="edited_message"), Kind.WORDS),
        (update(caption="it is broken", photo=("p",)), Kind.WORDS),
        (update(photo=("p",)), Kind.WORDS),
        (update(sticker="s"), Kind.WORDS),
        (update(successful_payment="paid"), None),
        (update(web_app_data="a form"), None),
        (press("rsd:yes:3"), Kind.BUTTON),
        (press(Some(callback_data="rsd:yes:3")), Kind.BUTTON),
        (press("yes:3"), None),
        (press(None), None),
        (Some(update_id=1, message=None, edited_message=None, callback_query=None), None),
    ],
)  # fmt: skip
def test_by_looks_alone_it_is_known_what_cannot_be_ours(seen: Some, kind: Kind | None) -> None:
    found = Looking(Options().commands, ["Catalogue"]).at(seen)  # type: ignore[arg-type]
    assert (found.kind if found else None) is kind


def test_the_apology_is_in_the_customers_language_and_fits_an_alert() -> None:
    assert apology(APOLOGIES, "es-MX").startswith("Ahora")
    assert apology(APOLOGIES, "") == apology(APOLOGIES, "de") == APOLOGIES["en"]
    assert apology({"de": "Geht nicht"}, "fr") == "Geht nicht"
    assert all(len(words) <= 200 for words in APOLOGIES.values())
