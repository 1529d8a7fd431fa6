"""What a customer's message changes in what is known."""

from dataclasses import dataclass

from dialogs import buttons, knowledge, refund_words
from dialogs.afterwards import afterword, takes_note
from dialogs.asides import aside
from dialogs.conversation import Consent, Conversation, Later, Question, Topic
from dialogs.effects import HandoffReason, Text
from dialogs.events import Pressed, Said
from dialogs.moves import Again, Ask, Conclude, Farewell, HandOver, LookUp, Move, Wait
from dialogs.orders import same_email, same_number
from dialogs.reading import Afterwards, Answer, Intent, Reading
from dialogs.remarks import remarks
from dialogs.replacing import replace
from dialogs.rules import Rules
from dialogs.terms import stake, terms

_FEW_WORDS = 5
_PARTING = frozenset({Intent.THANKS, Intent.GOODBYE})
_ASKS = (
    frozenset(Intent)
    - _PARTING
    - {Intent.CANCEL, Intent.CHITCHAT, Intent.OTHER, Intent.GREETING, Intent.REPEAT}
)
"""What somebody who says no to "anything else?" still wants; "no, don't cancel anything" wants nothing."""

TOPICS = {
    Intent.CANCEL: Topic.CANCEL,
    Intent.CANCEL_PART: Topic.CANCEL,
    Intent.ORDER_STATUS: Topic.STATUS,
    Intent.REFUND_STATUS: Topic.REFUND,
}


_NOT_HELPED = {
    Question.NUMBER: "note-no-number",
    Question.EMAIL: "note-no-email",
    Question.CONFIRM: "note-need-clear-yes",
}


@dataclass(frozen=True, slots=True)
class Heard:
    """Knowledge after an event, what is said of it first, and a move where the flow has no say."""

    c: Conversation
    notes: tuple[Text, ...] = ()
    move: Move | None = None


def said(c: Conversation, event: Said, rules: Rules) -> Heard:
    """A text. What it answers depends on what was asked; what it tells is kept in any case."""
    reading = event.reading
    if reading.language is not None and reading.language in rules.locales:
        c = knowledge.in_language(c, reading.language, surely=reading.intent is not Intent.GREETING)
    if c.attempting:
        return _while_cancelling(c, reading)
    if takes_note(c, reading):
        return Heard(c, (), Farewell((Text("goodbye"),), "done"))
    behind = None if event.edited else afterword(c, reading, rules)
    if behind is None:
        return _said(c, event, rules)
    if behind.reading is None:
        return Heard(c, behind.notes, _anything_else(c))
    heard = _said(c, replace(event, reading=behind.reading), rules)
    return replace(heard, notes=(*behind.notes, *heard.notes))


def _anything_else(c: Conversation) -> Move | None:
    """What is asked next behind an answer, with a person a press away; what was put off comes first."""
    if c.later:
        return None
    offered = (buttons.PERSON, *buttons.yes_no(c, "yes-something", "no-thanks"))
    return Ask(Question.ANYTHING_ELSE, Text("ask-anything-else"), offered)


def _said(c: Conversation, event: Said, rules: Rules) -> Heard:
    """A text by what it means anywhere."""
    reading = event.reading
    if (heard := _command(c, reading)) is not None:
        return heard
    if not event.edited and (answer := aside(c, reading, rules)) is not None:
        return Heard(c, (answer,))
    if c.asked is not None and not event.edited and (heard := _answer(c, event, rules)) is not None:
        return heard
    heard = _told(c, reading, rules)
    if event.edited and knowledge.progress(c) == knowledge.progress(heard.c):
        return Heard(c, (), Wait())  # channels tell of edits that change nothing
    return heard


def pressed(c: Conversation, event: Pressed, rules: Rules) -> Heard:
    """A button: the same as a text that can mean one thing only."""
    kind, _, value = event.value.partition(":")
    if kind in ("yes", "no"):
        if c.asked is None or str(c.asked.turn) != value:
            return Heard(c, (Text("note-old-button"),))
        reading = Reading(answer=Answer(kind))
    elif kind == "number":
        reading = Reading(numbers=(value,))
    elif kind == "email":
        reading = Reading(emails=(value,))
    elif kind == "intent" and value in set(Intent):
        reading = Reading(intents=(Intent(value),))
    elif kind == "language" and value in rules.locales:
        return Heard(replace(c, locale=value, locale_known=True), (Text("note-language"),))
    elif kind == "language":
        return Heard(c, (), Ask(Question.WHAT, Text("ask-language"), buttons.languages(rules.locales)))
    else:
        return Heard(c, (Text("note-old-button"),))
    return said(c, Said(event.at, "", reading), rules)


def _command(c: Conversation, reading: Reading) -> Heard | None:
    """What is obeyed whatever was asked."""
    match reading.intent:
        case Intent.HUMAN:
            return Heard(c, (), HandOver(HandoffReason.CUSTOMER_ASKED))
        case Intent.START_OVER:
            fresh = replace(knowledge.new_request(c, None), number=None, email=None, later=())
            return Heard(fresh, (Text("note-start-over"),))
        case Intent.REPEAT if not _is_asked(c, Question.RETRY_SHOP):
            return Heard(c, (), Again())
        case Intent.MOMENT if not (reading.numbers or reading.emails):
            asked = replace(c.asked, put_off=True) if c.asked is not None else None
            return Heard(replace(c, asked=asked), (), Wait((Text("remark-moment"),)))
    if reading.stop and not _moved_on(c, reading) and c.topic is not None and not c.done:
        return dropped(c)
    return None


def dropped(c: Conversation) -> Heard:
    """The customer wants it no more; nothing was or will be changed."""
    key = "note-kept" if c.topic is Topic.CANCEL else "note-dropped"
    number = c.order.number if c.order else ""
    return Heard(
        replace(c, consent=None, awaiting=None), (), Conclude((Text(key, {"number": number}),), "withdrawn")
    )


def _while_cancelling(c: Conversation, reading: Reading) -> Heard:
    """The attempt is under way and cannot be called back; what is said meanwhile is kept."""
    own = None if c.by_person else c.number  # whom an agent's order is not, does not see that it is that one
    others = tuple(n for n in reading.numbers if own is None or not same_number(n, own))
    c = knowledge.put_off(c, *(Later(Topic.CANCEL, n, c.email) for n in others))
    if reading.intent is Intent.HUMAN:
        return Heard(c, (), HandOver(HandoffReason.CUSTOMER_ASKED))
    return Heard(c, (), Wait((busy(c),)))


def busy(c: Conversation) -> Text:
    """What is under way; not of which order, where the customer has not proved that it is theirs."""
    if c.by_person:
        return Text("note-busy")
    key = "note-cancelling" if c.attempting else "note-looking"
    return Text(key, {"number": c.number or ""})


def _answer(c: Conversation, event: Said, rules: Rules) -> Heard | None:
    """The open question's answer, or `None` where the text is about something else."""
    reading, asked = event.reading, c.asked
    assert asked is not None  # noqa: S101  the caller looked
    moved_on = _moved_on(c, reading)
    match asked.question, reading.answer:
        case Question.CONFIRM, Answer.YES if asked.put_off and reading.afterwards is Afterwards.NOTED:
            return None
        case Question.CONFIRM, Answer.YES if not _names_another(c, reading) and not reading.emails:
            return _consented(c, event, rules)
        case Question.CONFIRM, Answer.NO if not moved_on and reading.intent is not Intent.OTHER_REQUEST:
            return dropped(c)
        case (
            Question.ANYTHING_ELSE | Question.WHAT | Question.WHICH_INTENT,
            Answer.NO,
        ) if not moved_on and _asks_nothing(c, reading):
            return Heard(c, (), Farewell((Text("goodbye"),), "done"))
        case Question.ANYTHING_ELSE, Answer.YES if not moved_on and reading.intent not in TOPICS:
            return Heard(knowledge.new_request(c, _offered(c, event, rules)))
        case Question.RESUME, Answer.YES if not moved_on:
            return Heard(_resumed(c))
        case Question.RESUME, Answer.NO if not moved_on:
            return Heard(replace(c, later=c.later[1:]), (Text("note-dropped"),))
        case Question.RETRY_SHOP, _ if reading.answer is Answer.YES or reading.intent is Intent.REPEAT:
            return Heard(replace(c, asked=None), (), LookUp())
        case Question.RETRY_SHOP, Answer.NO if not moved_on:
            return dropped(c)
        case Question.DETAILS, _ if (
            event.text and not _found_again(c, event) and reading.intent is not Intent.WHY
        ):
            return Heard(replace(c, details=(*c.details, event.text[:1000])))
    if asked.question is Question.ANYTHING_ELSE and reading.intent in (Intent.THANKS, Intent.GOODBYE):
        return Heard(c, (), Farewell((Text("goodbye"),), "done"))
    return None


def _offered(c: Conversation, event: Said, rules: Rules) -> Topic | None:
    """What a yes in words takes up, where the bot has just offered it; the button says "something else"."""
    if not event.text or c.topic is not Topic.REFUND or c.order is None:
        return None
    offered = refund_words.none_sent(c.order) and rules.policy.decide(c.order).ruling.may_cancel
    return Topic.CANCEL if offered else None


def _asks_nothing(c: Conversation, reading: Reading) -> bool:
    """Whether a no says goodbye: none that goes on to ask, nor "no lo quiero" to "what can I do?"."""
    if _is_asked(c, Question.ANYTHING_ELSE):
        return _ASKS.isdisjoint((*reading.intents, *reading.also))
    return not reading.stop and _PARTING.issuperset(reading.intents)


def _found_again(c: Conversation, event: Said) -> bool:
    """Whether what was lost is given after all; a postcode in a long sentence is no order number."""
    number = c.lost_number and len(event.reading.numbers) == 1 and len(event.text.split()) <= _FEW_WORDS
    return number or (c.lost_email and len(event.reading.emails) == 1)


def _is_asked(c: Conversation, question: Question) -> bool:
    return c.asked is not None and c.asked.question is question


def _names_another(c: Conversation, reading: Reading) -> bool:
    return c.number is not None and any(not same_number(n, c.number) for n in reading.numbers)


def _moved_on(c: Conversation, reading: Reading) -> bool:
    """Whether it names another order or e-mail than those spoken of: a no to one is not a no to the other."""
    return knowledge.is_another(c, reading.numbers) or any(
        c.email is None or not same_email(e, c.email) for e in reading.emails
    )


def _consented(c: Conversation, event: Said, rules: Rules) -> Heard:
    """A clear yes to the question as it was put: this order, this verdict, this amount, in these words.

    Where the rules would have it put otherwise by now, it is a yes to nothing: the record is read and decided
    upon anew.
    """
    if c.order is None:
        return Heard(c)
    put = c.asked.terms if c.asked is not None else None
    if put is None or put.words != terms(c.order, rules).words:
        anew = replace(c, order=None, read_at=None)
        return Heard(anew, (Text("note-terms-moved", {"number": c.order.number}),))
    verdict = rules.policy.decide(c.order)
    to = Consent(c.order.number, verdict.ruling.value, put.rule, stake(c.order), event.at)
    return Heard(replace(c, consent=to))


def _resumed(c: Conversation) -> Conversation:
    """Take up the first request that was put off."""
    first, rest = c.later[0], c.later[1:]
    fresh = knowledge.new_request(replace(c, later=rest), first.topic)
    return replace(fresh, number=first.number or fresh.number, email=first.email or fresh.email)


def _told(c: Conversation, reading: Reading, rules: Rules) -> Heard:
    """What the text tells: corrections first, then the request, then number and e-mail."""
    before = c
    c = knowledge.without(c, reading.withdrawn)
    c, numbers = _beside(_request(c, reading), reading)
    c = _facts(_lost(c, reading), numbers, reading.emails)
    welcome = () if c.greeted or reading.intent is not Intent.GREETING else (Text("welcome"),)
    notes = (*welcome, *_correction(before, c), *remarks(c, reading, rules))
    told_nothing = knowledge.progress(before) == knowledge.progress(c)
    to_a_person = (
        reading.intent is Intent.OTHER_REQUEST and not reading.stop
    )  # "I changed my mind" asks nothing
    if to_a_person and (told_nothing or _is_all_it_asks(before, reading)):
        return Heard(c, notes, HandOver(HandoffReason.OTHER_REQUEST))
    if Intent.HUMAN in reading.also:
        return Heard(c, notes, HandOver(HandoffReason.CUSTOMER_ASKED))
    if reading.intent is Intent.GOODBYE and c.topic is None:
        return Heard(c, (), Farewell((Text("goodbye"),), "done"))
    if not notes and told_nothing:
        notes = _not_helped(c, reading)
    return Heard(c, notes)


def _is_all_it_asks(c: Conversation, reading: Reading) -> bool:
    """Whether nothing is under way that its number or e-mail may be for, and nothing is to be cancelled."""
    return (c.topic is None or c.done) and Topic.CANCEL not in _wanted(reading)


def _wanted(reading: Reading) -> tuple[Topic, ...]:
    """The topics asked for, in order, each once."""
    if reading.intent is None:
        return ()
    return tuple(dict.fromkeys(TOPICS[i] for i in (reading.intent, *reading.also) if i in TOPICS))


def _request(c: Conversation, reading: Reading) -> Conversation:
    """What the customer wants: a new request, another one beside it, or several at once."""
    wanted = _wanted(reading)
    idle = c.topic is None or c.done
    if idle and not wanted and reading.intent is Intent.POLICY and len(reading.numbers) == 1:
        wanted = (Topic.CANCEL,)  # whether this order can be cancelled, its record tells
    if len(reading.intents) > 1 and (c.done or c.topic is not Topic.CANCEL):
        # Behind an answer it is a new request, however unclear.
        c = knowledge.new_request(c, None) if c.done else c
        return replace(c, topic=None, guesses=reading.intents)
    if not wanted:
        return knowledge.new_request(c, None) if c.done and (reading.numbers or reading.emails) else c
    first = wanted[0]
    if c.done:
        c = knowledge.new_request(c, first)
    elif c.topic is None:
        c = replace(c, topic=first)
    elif first is not c.topic and (_names_another(c, reading) or first is Topic.CANCEL):
        if c.topic is Topic.CANCEL:
            c = knowledge.put_off(c, Later(c.topic, c.number, c.email))
        c = replace(c, topic=first, consent=None, outcome=None)
    part = Intent.CANCEL_PART in (reading.intent, *reading.also)
    return replace(c, part_only=c.part_only or part, guesses=())


def _beside(c: Conversation, reading: Reading) -> tuple[Conversation, tuple[str, ...]]:
    """Further requests of the same message, put off; and the order numbers that are left for the first.

    As many orders as requests belong to them in that order: "cancel 1042 and where is my refund for 1043".
    """
    further, numbers = _wanted(reading)[1:], reading.numbers
    if not further:
        return c, numbers
    if len(numbers) == len(further) + 1:
        paired = zip(further, numbers[1:], strict=True)
        return knowledge.put_off(c, *(Later(topic, n) for topic, n in paired)), numbers[:1]
    return knowledge.put_off(c, *(Later(topic, c.number) for topic in further)), numbers


def _lost(c: Conversation, reading: Reading) -> Conversation:
    if c.order is not None:
        return c  # nothing is missing any more: "I don't know" is about something else
    match _lost_of(c, reading):
        case Intent.LOST_NUMBER if not reading.numbers:
            return replace(knowledge.without_order(c), lost_number=True, number=None)
        case Intent.LOST_EMAIL if not reading.emails:
            return replace(knowledge.without_order(c), lost_email=True, email=None)
        case Intent.LOST_BOTH if not (reading.numbers or reading.emails):
            return replace(
                knowledge.without_order(c), lost_number=True, lost_email=True, number=None, email=None
            )
        case _:
            return c


def _lost_of(c: Conversation, reading: Reading) -> Intent | None:
    """What is said to be lost: "I don't have it" is about the one that was asked for, where one is known."""
    if reading.intent is Intent.LOST_BOTH and (c.number is None) is not (c.email is None):
        return Intent.LOST_NUMBER if c.number is None else Intent.LOST_EMAIL
    return reading.intent


def _facts(c: Conversation, numbers: tuple[str, ...], emails: tuple[str, ...]) -> Conversation:
    """Number and e-mail; several candidates are kept until the customer has chosen."""
    if len(numbers) == 1:
        others = tuple(n for n in c.numbers if not same_number(n, numbers[0]))
        chosen = c.asked is not None and c.asked.question is Question.WHICH_NUMBER
        c = knowledge.with_number(c, numbers[0])
        if chosen and c.topic is not None:
            c = knowledge.put_off(c, *(Later(c.topic, n) for n in others))
    elif numbers:
        c = replace(knowledge.without_order(c), number=None, numbers=numbers[:3])
    if len(emails) == 1:
        c = knowledge.with_email(c, emails[0])
    elif emails:
        c = replace(knowledge.without_order(c), email=None, emails=emails[:3])
    return c


def _correction(before: Conversation, c: Conversation) -> tuple[Text, ...]:
    """Say back what was replaced, so that a slip is noticed."""
    if before.done or before.unmatched or before.topic is not c.topic:
        return ()
    notes = []
    if before.number and c.number and not same_number(before.number, c.number):
        notes.append(Text("note-number-corrected", {"number": c.number}))
    if before.email and c.email and not same_email(before.email, c.email):
        notes.append(Text("note-email-corrected"))
    return tuple(notes)


def _not_helped(c: Conversation, reading: Reading) -> tuple[Text, ...]:
    """Why the message did not help, in words that depend on what was asked."""
    question = c.asked.question if c.asked is not None else None
    if question in _NOT_HELPED:
        return (Text(_NOT_HELPED[question]),)
    if question is Question.WHICH_INTENT and reading.answer is Answer.YES:
        return (Text("note-which-one"),)
    return (Text("note-cannot-handle"),) if reading.intent is Intent.OTHER else ()
