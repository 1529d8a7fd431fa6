"""What happens between requests: opening, nothing asked for, silence."""

from dataclasses import replace

from dialogs import buttons, knowledge
from dialogs.conversation import Conversation, Question
from dialogs.effects import Text
from dialogs.events import Opened
from dialogs.hearing import Heard
from dialogs.moves import Ask, Farewell


def opened(c: Conversation, event: Opened) -> Heard:
    """The chat was opened: a welcome, and what can be done here. A link may name the order."""
    notes = () if c.greeted else (Text("welcome"),)
    c = replace(c, greeted=True)
    if event.number is not None and not c.attempting:  # an attempt cannot be called back; its outcome is told
        c = knowledge.with_number(knowledge.new_request(c, None) if c.done else c, event.number)
    return Heard(c, notes)


def nothing_asked(c: Conversation) -> Ask:
    """No request is open: the one put off, or what the customer may want."""
    if c.later:
        first = c.later[0]
        args = {"topic": first.topic.value, "number": first.number or ""}
        return Ask(Question.RESUME, Text("ask-resume", args), buttons.yes_no(c, "yes-go-on", "no-thanks"))
    if c.done:
        return Ask(
            Question.ANYTHING_ELSE, Text("ask-anything-else"), buttons.yes_no(c, "yes-something", "no-thanks")
        )
    if c.guesses:
        return Ask(
            Question.WHICH_INTENT, Text("ask-which-intent"), tuple(buttons.intent(i) for i in c.guesses[:3])
        )
    key = "ask-what-about" if c.number else "ask-what"
    return Ask(
        Question.WHAT,
        Text(key, {"number": c.number or ""}),
        tuple(buttons.intent(i) for i in buttons.REQUESTS),
    )


def woken(c: Conversation) -> Heard:
    """The time came that the conversation asked for, while the bot has it: silence."""
    if c.asked is not None and c.asked.question is Question.ANYTHING_ELSE:
        return Heard(c, (), Farewell((), "done"))
    if c.reminded:
        return Heard(c, (), Farewell((Text("goodbye-silence", {"reference": c.reference}),), "silence"))
    return Heard(replace(c, reminded=True), (Text("note-reminder"),))
