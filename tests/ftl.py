"""What the text files hold, read from their syntax."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from fluent.syntax import FluentParser, ast

PLURALS = {"zero", "one", "two", "few", "many", "other"}


@dataclass(frozen=True)
class Message:
    """A message's variables, and the keys that its selectors tell apart, by variable; plurals left out."""

    placeholders: frozenset[str]
    variants: dict[str, frozenset[str]]


def _selects(node: ast.BaseNode) -> Iterator[ast.SelectExpression]:
    for part in vars(node).values():
        for child in part if isinstance(part, list) else [part]:
            if isinstance(child, ast.SelectExpression):
                yield child
            if isinstance(child, ast.BaseNode):
                yield from _selects(child)


def _variables(node: ast.BaseNode) -> Iterator[str]:
    if isinstance(node, ast.VariableReference):
        yield node.id.name
    for part in vars(node).values():
        for child in part if isinstance(part, list) else [part]:
            if isinstance(child, ast.BaseNode):
                yield from _variables(child)


def _keys(select: ast.SelectExpression) -> frozenset[str]:
    found = {v.key.name if isinstance(v.key, ast.Identifier) else v.key.value for v in select.variants}
    return frozenset() if found <= PLURALS else frozenset(found)


def parse(source: str) -> dict[str, Message]:
    """The messages of a file. Raises `ValueError` for what is no message, and for one that stands twice."""
    messages: dict[str, Message] = {}
    for entry in FluentParser().parse(source).body:
        if isinstance(entry, ast.BaseComment):
            continue
        if not isinstance(entry, ast.Message) or entry.value is None:
            raise ValueError(f"no message: {getattr(entry, 'content', entry)}")
        if entry.id.name in messages:
            raise ValueError(f"twice: {entry.id.name}")
        variants: dict[str, frozenset[str]] = {}
        for select in _selects(entry):
            (name,) = _variables(select.selector)
            variants[name] = variants.get(name, frozenset()) | _keys(select)
        messages[entry.id.name] = Message(frozenset(_variables(entry)), variants)
    return messages


@cache
def texts() -> dict[str, dict[str, Message]]:
    """The messages of every language."""
    return {
        file.name.removesuffix(".ftl"): parse(file.read_text("utf-8"))
        for file in files("dialogs.texts").iterdir()
        if file.name.endswith(".ftl")
    }
