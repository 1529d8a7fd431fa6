"""How knowledge changes: what a new fact replaces, and what falls with it."""

from dialogs.conversation import Conversation, Later, Topic
from dialogs.orders import same_email, same_number
from dialogs.replacing import replace


def without_order(c: Conversation) -> Conversation:
    """Forget the order and all that was decided upon it; number and e-mail stay."""
    return replace(
        c, order=None, read_at=None, consent=None, outcome=None, awaiting=None, unmatched=False, unreachable=0
    )


def with_number(c: Conversation, number: str) -> Conversation:
    """The customer named this order. Another one than before drops what depended on it."""
    if c.number is not None and same_number(c.number, number) and not c.unmatched:
        return replace(c, numbers=())
    return replace(without_order(c), number=number, numbers=(), lost_number=False)


def with_email(c: Conversation, email: str) -> Conversation:
    """The customer named this purchase e-mail. Another one than before drops what depended on it."""
    if c.email is not None and same_email(c.email, email) and not c.unmatched:
        return replace(c, emails=())
    return replace(without_order(c), email=email, emails=(), lost_email=False)


def without(c: Conversation, withdrawn: tuple[str, ...]) -> Conversation:
    """The customer takes these back."""
    if c.number is not None and any(same_number(c.number, value) for value in withdrawn):
        c = replace(without_order(c), number=None)
    if c.email is not None and any(same_email(c.email, value) for value in withdrawn):
        c = replace(without_order(c), email=None)
    return c


def put_off(c: Conversation, *requests: Later) -> Conversation:
    """Remember requests for after this one; each once, at most three.

    With an e-mail address only where the customer gave it, since that proves whose order it is.
    """
    if c.by_person:
        requests = tuple(replace(request, email=None) for request in requests)
    known = list(c.later)
    known.extend(request for request in requests if request not in known)
    return replace(c, later=tuple(known[:3]))


def new_request(c: Conversation, topic: Topic | None) -> Conversation:
    """Begin another request of the same customer, who may go on speaking of the same order.

    Patience is not renewed by it: only an answer, a person or a farewell does that.
    """
    fresh = Conversation(
        seed=c.seed,
        locale=c.locale,
        locale_known=c.locale_known,
        turn=c.turn,
        case=c.case,
        greeted=c.greeted,
        later=c.later,
        messages=c.messages,
    )
    if c.by_person:
        return replace(fresh, topic=topic)
    return replace(fresh, topic=topic, number=c.number, email=c.email)


def ended(c: Conversation) -> Conversation:
    """Nothing is open any more; the next message begins anew. An attempt under way is still to be told of."""
    fresh = Conversation(
        seed=c.seed, locale=c.locale, locale_known=c.locale_known, turn=c.turn, case=c.case, settled=c.settled
    )
    if not c.attempting:
        return fresh
    return replace(
        fresh, topic=Topic.CANCEL, number=c.number, email=c.email, by_person=c.by_person, order=c.order,
        read_at=c.read_at, awaiting=c.awaiting,
    )  # fmt: skip


def in_language(c: Conversation, language: str, *, surely: bool = True) -> Conversation:
    """The customer wrote in this language. It tells what to answer in, while that is only a guess.

    Not `surely`, as by a mere greeting, it is a better guess, and one still.
    """
    if c.locale_known:
        return c
    guessed = c.locale.replace("_", "-").partition("-")[0].lower()
    return replace(c, locale=c.locale if guessed == language else language, locale_known=surely)


def is_another(c: Conversation, numbers: tuple[str, ...]) -> bool:
    """Whether any of these names another order than the one spoken of, or the first one."""
    return any(c.number is None or not same_number(number, c.number) for number in numbers)


def progress(c: Conversation) -> tuple[object, ...]:
    """What moves a request forward: where two of these are the same, nothing was gained."""
    return (
        c.topic, c.number, c.email, c.numbers, c.emails, c.unmatched, c.lost_number, c.lost_email,
        c.details, c.part_only, c.order is None, c.consent, c.outcome, c.done, c.guesses, c.later,
    )  # fmt: skip
