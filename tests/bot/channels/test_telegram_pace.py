"""Messages leave no faster than Telegram takes them, and what it asks for is obeyed."""

import pytest

from bot.channels import telegram_pace
from bot.channels.telegram_pace import CHAT_BURST, PATIENCE, TOTAL_BURST, TOTAL_RATE, Bucket, Pace
from bot.ports import ChannelBusy


class Clock:
    """Moves only when somebody sleeps."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.now += seconds


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(telegram_pace.asyncio, "sleep", clock.sleep)
    return clock


def test_a_bucket_gives_its_burst_at_once_and_then_its_rate() -> None:
    bucket = Bucket(rate=2, burst=3)
    waits = []
    for _ in range(5):
        waits.append(bucket.wait(0))
        bucket.take(0)
    assert waits == [0, 0, 0, 0.5, 1.0]
    assert bucket.wait(10) == 0


async def test_a_chat_gets_a_few_messages_at_once_and_then_one_a_second(clock: Clock) -> None:
    pace = Pace(clock)
    for _ in range(CHAT_BURST):
        await pace.turn(7)
    assert clock.now == 1000
    await pace.turn(7)
    assert clock.now == 1001


async def test_one_busy_chat_does_not_slow_another(clock: Clock) -> None:
    pace = Pace(clock)
    for _ in range(CHAT_BURST + 2):
        await pace.turn(7)
    before = clock.now
    await pace.turn(8)
    assert clock.now == before


async def unasked(pace: Pace, chat: int, clock: Clock) -> None:
    """A message that nobody waits for, tried as often as it takes."""
    while True:
        try:
            return await pace.turn(chat, awaited=False)
        except ChannelBusy as busy:
            clock.now += busy.retry_after


async def test_what_nobody_waits_for_keeps_to_thirty_a_second_in_all(clock: Clock) -> None:
    pace = Pace(clock)
    for chat in range(TOTAL_BURST + 300):
        await unasked(pace, chat, clock)
    sent_freely = TOTAL_BURST / 2
    assert clock.now - 1000 == pytest.approx((TOTAL_BURST + 300 - sent_freely) / TOTAL_RATE, rel=0.01)


async def test_answers_leave_at_once_however_many_reminders_wait(clock: Clock) -> None:
    pace = Pace(clock)
    for chat in range(200):
        await unasked(pace, chat, clock)
    with pytest.raises(ChannelBusy):
        await pace.turn(200, awaited=False)
    before = clock.now
    for chat in range(201, 501):
        await pace.turn(chat)
    assert clock.now == before


async def test_reminders_sent_away_come_back_one_after_the_other(clock: Clock) -> None:
    pace = Pace(clock)
    pauses = []
    for chat in range(1000):
        try:
            await pace.turn(chat, awaited=False)
        except ChannelBusy as busy:
            pauses.append(busy.retry_after)
    assert pauses == sorted(pauses)
    assert pauses[-1] == pytest.approx(len(pauses) / TOTAL_RATE)


async def test_reminders_wait_for_a_rush_of_answers_and_go_on_soon_after_it(clock: Clock) -> None:
    pace = Pace(clock)
    for chat in range(3000):
        await pace.turn(chat)
    with pytest.raises(ChannelBusy) as busy:
        await pace.turn(3001, awaited=False)
    assert 1 < busy.value.retry_after < 2
    clock.now += busy.value.retry_after
    await pace.turn(3001, awaited=False)


async def test_a_message_that_would_wait_long_is_handed_back_without_losing_its_turn(clock: Clock) -> None:
    pace = Pace(clock)
    pace.hold(7, 30)
    for _ in range(3):
        with pytest.raises(ChannelBusy) as busy:
            await pace.turn(7)
        assert busy.value.retry_after == pytest.approx(30)
    clock.now += 30
    await pace.turn(7)
    assert clock.now == 1030


async def test_a_chat_that_telegram_wants_left_alone_does_not_hold_the_others(clock: Clock) -> None:
    pace = Pace(clock)
    pace.hold(7, 30)
    await pace.turn(8)
    assert clock.now == 1000


async def test_two_chats_held_at_once_mean_that_the_whole_bot_is_too_fast(clock: Clock) -> None:
    pace = Pace(clock)
    pace.hold(7, 30)
    pace.hold(8, 20)
    with pytest.raises(ChannelBusy) as busy:
        await pace.turn(9)
    assert busy.value.retry_after == pytest.approx(20)


async def test_what_is_unimportant_waits_for_a_quiet_moment(clock: Clock) -> None:
    pace = Pace(clock)
    assert pace.spare(7)
    for chat in range(TOTAL_BURST * 2 // 3):
        await pace.turn(chat)
    assert not pace.spare(7)
    clock.now += 2
    assert pace.spare(7)
    pace.hold(7, PATIENCE)
    assert not pace.spare(7)


async def test_chats_that_are_quiet_again_are_forgotten(
    clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(telegram_pace, "_MANY", 10)
    pace = Pace(clock)
    for chat in range(50):
        await pace.turn(chat)
        clock.now += 5
    assert len(pace._chats) <= 10
