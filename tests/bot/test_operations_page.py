"""docs/log.md: every line that the log can have at warning or above stands there, and no other."""

import ast
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "log.md"
LEVELS = {"debug": "debug", "info": "info", "warning": "warning", "error": "error", "critical": "error"}
LEVELS["exception"] = "error"  # with a traceback

Events = Mapping[str, set[str]]


class Unreadable(AssertionError):
    """Something is logged in a way that this test cannot read."""


def logged(source: str) -> dict[str, set[str]]:
    """The events that a module logs, with their levels."""
    tree, found = ast.parse(source), defaultdict[str, set[str]](set)
    loggers = {name for name, value in _assigned(tree) if "get_logger(" in ast.unparse(value)}
    levels = {name: used for name, value in _assigned(tree) if (used := _levels(value, loggers))}
    read = 0
    for call in (node for node in ast.walk(tree) if isinstance(node, ast.Call)):
        chosen = levels.get(call.func.id, []) if isinstance(call.func, ast.Name) else []
        direct = _levels(call.func, loggers) if isinstance(call.func, ast.Attribute) else []
        if chosen or direct:
            read += len(direct)
            if not call.args or not isinstance(call.args[0], ast.Constant):
                raise Unreadable(f"an event is no literal: {ast.unparse(call)}")
            found[str(call.args[0].value)].update(chosen or direct)
    if read + sum(map(len, levels.values())) != len(_levels(tree, loggers)):
        raise Unreadable("a logger's method is passed on")
    return dict(found)


def _assigned(tree: ast.AST) -> Iterator[tuple[str, ast.expr]]:
    for node in ast.walk(tree):
        match node:
            case ast.Assign(targets=[ast.Name(id=name)], value=value):
                yield name, value
            case ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value):
                yield name, value


def _levels(tree: ast.AST, loggers: set[str]) -> list[str]:
    """The levels of a logger that are named in there."""
    return [
        LEVELS[node.attr]
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute)
        and isinstance(node.value, ast.Name)
        and node.value.id in loggers
        and node.attr in LEVELS
    ]


@pytest.fixture(scope="module")
def product() -> Events:
    """Every event of the product, with its levels."""
    found = defaultdict[str, set[str]](set)
    for room in ("bot", "storage", "dialogs"):
        for path in sorted((ROOT / room).rglob("*.py")):
            source = path.read_text("utf-8")
            if "get_logger(" in source or "getLogger(" in source:
                assert path.name == "logs.py" or "logging.getLogger" not in source, path
                for event, levels in logged(source).items():
                    found[event] |= levels
    return found


@pytest.fixture(scope="module")
def page() -> Events:
    """Every event of the page, with the levels it tells."""
    found: dict[str, set[str]] = {}
    for table in re.findall(r"^\| event \|.*?(?=\n\n|\Z)", PAGE.read_text("utf-8"), re.DOTALL | re.MULTILINE):
        for row in table.splitlines()[2:]:
            event, level, means, do = (cell.strip() for cell in row.strip("|").split("|"))
            assert event.strip("`") not in found, f"{event} stands there twice"
            assert means, f"{event}: what it means is left out"
            assert do or level == "info", f"{event}: what to do is left out"
            found[event.strip("`")] = set(level.split(", "))
    return found


def test_the_page_names_every_event_at_warning_and_above(product: Events, page: Events) -> None:
    loud = {event for event, levels in product.items() if levels & {"warning", "error"}}
    assert len(loud) > 40
    assert loud - page.keys() == set()


def test_the_page_names_no_event_that_is_not_logged_any_more(product: Events, page: Events) -> None:
    assert page.keys() - product.keys() == set()


def test_the_page_tells_the_level_of_each(product: Events, page: Events) -> None:
    assert page == {event: product[event] for event in page}


def test_no_event_of_two_levels_hides_two_meanings(product: Events) -> None:
    both = {event for event, levels in product.items() if len(levels) > 1}
    assert both == {"the shop gave no answer that can be used", "given up on a message"}


@pytest.mark.parametrize(
    ("line", "event"),
    [
        ('log.warning("a", b=1)', {"a": {"warning"}}),
        ('log.exception("a")\nlog.info("a")', {"a": {"error", "info"}}),
        ('tell = log.error if x else log.warning\ntell("a")', {"a": {"error", "warning"}}),
        ('other.warning("a")', {}),
    ],
)
def test_what_is_logged_is_read_from_the_source(line: str, event: Events) -> None:
    assert logged(f"log = structlog.get_logger(__name__)\n{line}") == event


@pytest.mark.parametrize("line", ["log.warning(words)", "keep(log.error)", 'log.error(f"{x}")'])
def test_what_cannot_be_read_is_not_passed_over(line: str) -> None:
    with pytest.raises(Unreadable):
        logged(f"log = structlog.get_logger(__name__)\n{line}")
