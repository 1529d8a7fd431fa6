import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import bot
import dialogs
from dialogs import buttons
from dialogs.effects import HandoffReason
from dialogs.events import Contradiction, Outcome, Trouble, Unreadable
from dialogs.orders import Stage
from dialogs.policy import Ruling, default_policy
from dialogs.refund_words import paid_by
from dialogs.refunds import Kind, default_rows, load
from dialogs.rules import Rules
from dialogs.understanding.intents import REQUESTS
from tests.ftl import parse, texts

ENGLISH = texts()["en"]
SPEAKS = {"Text", "Say", "SayAgain", "Button", "label", "yes_no"}
METHODS = load(default_rows())


def kebab(value: str) -> str:
    return value.replace("_", "-")


def sources() -> Iterator[ast.Module]:
    """What can say something: the dialogue, and what uses its effects."""
    for package in (dialogs, bot):
        for file in sorted(Path(package.__path__[0]).rglob("*.py")):
            source = file.read_text("utf-8")
            if package is dialogs or "from dialogs.effects import" in source:
                yield ast.parse(source)


def calls(tree: ast.AST, names: set[str]) -> Iterator[ast.Call]:
    """The calls of a function or a class by one of these names, however it is reached."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            if called in names:
                yield node


def literals(node: ast.AST) -> Iterator[str]:
    """Whole string literals below a node; not the pieces of an f-string."""
    if isinstance(node, ast.JoinedStr):
        return
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    for child in ast.iter_child_nodes(node):
        yield from literals(child)


def outright(node: ast.AST) -> Iterator[str]:
    """What an argument is, or may be: a literal, or one of two by a condition."""
    if isinstance(node, ast.IfExp):
        yield from (*outright(node.body), *outright(node.orelse))
    elif isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value


def named(tree: ast.AST) -> set[str]:
    """The keys that a source names outright, in `Text(...)`, `label(...)` and `yes_no(...)`."""
    keys = {key for call in calls(tree, {"Text"}) for key in outright(call.args[0])}
    for call in calls(tree, {"label", "yes_no"}):
        keys |= {f"button-{word}" for argument in call.args for word in outright(argument)}
    return keys


def sentences(tree: ast.AST) -> list[str]:
    """What a source has the bot say in words of its own."""
    return [words for call in calls(tree, SPEAKS) for words in literals(call) if " " in words.strip()]


def families() -> dict[str, set[str]]:
    """The keys that are put together, by what they are put together from."""
    verdicts = [rule.verdict for rule in default_policy().rules]
    return {
        "reasons": {f"reason-{verdict.reason}" for verdict in verdicts} | {"reason-no-rule"},
        "instead": {f"instead-{v.reason}" for v in verdicts if v.ruling is Ruling.REFUSE},
        "notes": {f"refund-note-{method.note}" for method in METHODS if method.note},
        "kinds": {f"refund-{kebab(kind)}" for kind in Kind},
        "stages": {f"stage-{kebab(stage)}" for stage in Stage},
        "handovers": {f"handover-{kebab(reason)}" for reason in HandoffReason},
        "outcomes": {f"told-{kebab(outcome)}" for outcome in (Outcome.CANCELLED, Outcome.ALREADY_CANCELLED)},
        "corrections": {f"correct-{kebab(what)}" for what in Contradiction},
        "buttons": {f"button-{kebab(intent)}" for intent in {*REQUESTS, *buttons.REQUESTS}},
        "languages": {f"button-language-{language}" for language in texts()},
    }


@pytest.mark.parametrize("language", texts())
def test_every_language_has_the_same_messages_as_english(language: str) -> None:
    assert set(texts()[language]) == set(ENGLISH)


@pytest.mark.parametrize("language", texts())
def test_every_message_has_the_same_placeholders_in_every_language(language: str) -> None:
    for key, message in texts()[language].items():
        assert message.placeholders == ENGLISH[key].placeholders, key


@pytest.mark.parametrize("language", texts())
def test_every_message_tells_the_same_cases_apart_in_every_language(language: str) -> None:
    for key, message in texts()[language].items():
        assert message.variants == ENGLISH[key].variants, key


def test_the_languages_offered_are_those_with_texts() -> None:
    offered = Rules.__dataclass_fields__["locales"].default
    assert set(offered) == set(texts())


@pytest.mark.parametrize(("kind", "keys"), families().items(), ids=families())
def test_every_key_that_is_put_together_has_a_text(kind: str, keys: set[str]) -> None:
    assert keys, kind
    assert keys <= set(ENGLISH)


def test_every_key_that_the_code_names_has_a_text() -> None:
    keys = set().union(*map(named, sources()))
    assert len(keys) > 50
    assert keys <= set(ENGLISH)


def test_every_unreadable_message_has_words_of_its_own() -> None:
    assert ENGLISH["note-unreadable"].variants == {"what": frozenset(Unreadable)}


def test_every_outcome_and_contradiction_has_words_for_the_person_who_has_the_chat() -> None:
    assert ENGLISH["person-outcome"].variants["outcome"] == set(Outcome)
    assert ENGLISH["person-contradiction"].variants["what"] == set(Contradiction)
    assert set(Trouble) >= ENGLISH["ask-retry-shop"].variants["why"] == {t for t in Trouble if t.passes}


def test_payment_methods_with_words_of_their_own_are_methods_that_exist() -> None:
    brands = {paid_by(method.name).args["brand"] for method in METHODS}
    assert ENGLISH["payment-method"].variants["brand"] - {"other"} <= brands


def test_no_text_is_left_that_nothing_says() -> None:
    trees = list(sources())
    written = {words for tree in trees for words in literals(tree)}
    used = set().union(written, *families().values(), *map(named, trees))
    assert set(ENGLISH) - used == set()


def test_no_sentence_for_customers_stands_in_the_code() -> None:
    assert [words for tree in sources() for words in sentences(tree)] == []


def test_the_searches_find_what_they_search_for() -> None:
    tree = ast.parse(
        'Say((Text("Hello there"),))\n'
        'effects.Text("a" if x else "b", {"c": "d"})\n'
        'Text(f"no-{x}")\n'
        'label(x.replace("_", "-"))\n'
        'yes_no(c, "e", "f")\n'
    )
    assert named(tree) == {"Hello there", "a", "b", "button-e", "button-f"}
    assert set(sentences(tree)) == {"Hello there"}


def test_what_stands_inside_selectors_is_compared() -> None:
    inside = parse(
        "a =\n"
        "    { $b ->\n"
        "        [x] { $c ->\n"
        "            [one] { $d }\n"
        "           *[other] e\n"
        "        }\n"
        "       *[y] f\n"
        "    }\n"
    )
    assert inside["a"].placeholders == {"b", "c", "d"}
    assert inside["a"].variants == {"b": {"x", "y"}, "c": frozenset()}
    with pytest.raises(ValueError, match="twice"):
        parse("a = 1\na = 2\n")
    with pytest.raises(ValueError, match="no message"):
        parse("a = { $b\n")
