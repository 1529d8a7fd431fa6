"""Every conversation there can be within a scene: all states and transitions of `Dialogue.step`.

    python -m tests.dialogs.exploration [SCENE...]    explores and prints

A `Found` names a broken promise with the shortest way to it.
"""

import sys
from collections import deque
from collections.abc import Callable, Hashable, Iterator
from dataclasses import dataclass, field
from time import perf_counter

from dialogs.conversation import Conversation, Mode
from dialogs.effects import CallPerson, CaseClosed, Effect, HandoffReason, Say, TellPerson, Text
from dialogs.engine import Dialogue, Step
from dialogs.events import CustomerEvent, Event, OrderFound, PersonEvent, TimeCame
from dialogs.replacing import replace
from tests.dialogs.alphabet import Labelled, answers, current_buttons, too_late, woken
from tests.dialogs.promises import FRESH, Watch, check, texts, watched
from tests.dialogs.scenes import SCENES, Scene
from tests.dialogs.states import OPEN, canonical, key

_ANSWERED = {"cancelled", "already_cancelled", "refused", "status_told", "refund_told"}
"""Results of a case that tell the customer what they wanted to know."""


class Found(AssertionError):
    """A broken promise, with the way to it."""


@dataclass(frozen=True, slots=True)
class Edge:
    """One transition. `cost` counts customer messages; `asks_on` where nothing was settled by it."""

    target: int
    name: str
    cost: int
    asks_on: bool
    friendly: bool
    """A customer's message, or an answer that the shop gives when all is well."""
    answers: bool
    """It told an outcome, or called a person without being asked for one."""


@dataclass
class Explored:
    """All states of a scene, by number; `edges[n]` lead on from state n, `reached[n]` is how n was found."""

    scene: Scene
    states: list[Conversation] = field(default_factory=list)
    edges: list[list[Edge]] = field(default_factory=list)
    reached: list[tuple[int, str]] = field(default_factory=list)
    too_late: int = 0
    texts: dict[tuple[str, ...], Text] = field(default_factory=dict)
    buttons: set[str] = field(default_factory=set)
    """What the buttons offered carry, a nonce as `?`."""
    seconds: float = 0.0

    @property
    def transitions(self) -> int:
        return sum(map(len, self.edges)) + self.too_late

    def way(self, number: int) -> list[str]:
        """The shortest way to a state, event by event."""
        names: list[str] = []
        while number:
            number, name = self.reached[number]
            names.append(name)
        return names[::-1]

    def __str__(self) -> str:
        return (
            f"{self.scene.name}: {len(self.states)} states, {self.transitions} transitions, "
            f"{len(self.texts)} shapes of text, {self.seconds:.1f} s"
        )


def explore(scene: Scene) -> Explored:
    """Take every event in every state. Raises `Found` at the first promise broken."""
    began = perf_counter()
    dialogue, rules = Dialogue(scene.rules), scene.rules
    first = canonical(Conversation(seed="explored"), rules)
    explored = Explored(scene, [first], [], [(0, "")])
    numbers: dict[Hashable, int] = {(key(first, rules), FRESH): 0}
    watches = [FRESH]
    waiting = deque([0])
    while waiting:
        here = waiting.popleft()
        c, watch = explored.states[here], watches[here]
        edges: list[Edge] = []
        explored.edges.append(edges)
        _nothing_changes_too_late(explored, here, dialogue)
        for named in _events(scene, c):
            step, after = _step(explored, here, dialogue, named, watch)
            mark = (key(step.conversation, rules), after)
            if (target := numbers.get(mark)) is None:
                target = numbers[mark] = len(explored.states)
                explored.states.append(canonical(step.conversation, rules))
                explored.reached.append((here, named.name))
                watches.append(after)
                waiting.append(target)
            edges.append(_edge(target, named, c, step))
            _keep_words(explored, step.effects)
    explored.seconds = perf_counter() - began
    return explored


def _events(scene: Scene, c: Conversation) -> Iterator[Labelled]:
    yield from scene.customer if c.mode is Mode.BOT else scene.to_a_person
    yield from current_buttons(c)
    yield from scene.persons
    if c.case > 0:  # something may have been told as cancelled
        yield from scene.corrections
    yield from answers(c, scene.orders)
    yield from woken(c)


def _step(
    explored: Explored, here: int, dialogue: Dialogue, named: Labelled, watch: Watch
) -> tuple[Step, Watch]:
    """One step, its promises checked; the watch's nonce is brought to the numbering of states."""
    before = explored.states[here]
    try:
        step = dialogue.step(before, named.event)
        check(before, named.event, step)
        after = watched(watch, named.event, step.effects)
    except Exception as error:
        way = [*explored.way(here), named.name]
        raise Found(f"{explored.scene.name}: {type(error).__name__}: {error}\nafter {way}") from error
    if after.nonce is not None:
        asked = step.conversation.asked
        current = asked is not None and after.nonce == f"yes:{asked.turn}"
        after = replace(after, nonce=f"yes:{OPEN}" if current else None)
    return step, after


def _nothing_changes_too_late(explored: Explored, here: int, dialogue: Dialogue) -> None:
    before = explored.states[here]
    unchanged = replace(before, turn=before.turn + 1)
    for named in too_late(before):
        explored.too_late += 1
        step = dialogue.step(before, named.event)
        told = [effect for effect in step.effects if not isinstance(effect, TellPerson)]
        if told or step.conversation != unchanged:
            raise Found(f"{named.name} changed something after {explored.way(here)}")


def _edge(target: int, named: Labelled, before: Conversation, step: Step) -> Edge:
    event = named.event
    customers = isinstance(event, CustomerEvent)
    record = isinstance(event, OrderFound) or named.name.startswith("attempt: cancelled, 104")
    return Edge(
        target,
        named.name,
        cost=int(customers),
        asks_on=asks_on(before, event, step),
        friendly=customers or record,
        answers=_answers(step.effects),
    )


def asks_on(before: Conversation, event: Event, step: Step) -> bool:
    """Whether the bot goes on with the customer: no outcome, no person, no farewell.

    A message during a call to the shop, which changes nothing about that, is not asked on: the answer comes.
    """
    after = step.conversation
    if Mode.BOT is not before.mode or after.mode is not Mode.BOT or isinstance(event, PersonEvent):
        return False
    if isinstance(event, CustomerEvent) and before.awaiting is not None and after.awaiting == before.awaiting:
        return False
    silent_end = isinstance(event, TimeCame) and after.asked is None and after.awaiting is None
    ended = any(
        isinstance(effect, CaseClosed) or any(text.key.startswith("goodbye") for text in texts((effect,)))
        for effect in step.effects
    )
    return not (ended or silent_end)


def _answers(effects: tuple[Effect, ...]) -> bool:
    return any(
        (isinstance(effect, CaseClosed) and effect.result in _ANSWERED)
        or (isinstance(effect, CallPerson) and effect.reason is not HandoffReason.CUSTOMER_ASKED)
        for effect in effects
    )


def _keep_words(explored: Explored, effects: tuple[Effect, ...]) -> None:
    for text in texts(effects):
        shape = _shape(text)
        if shape not in explored.texts:
            explored.texts[shape] = text
    for effect in effects:
        if isinstance(effect, Say):
            for button in effect.buttons:
                kind, _, rest = button.value.partition(":")
                explored.buttons.add(f"{kind}:{'?' if kind in ('yes', 'no') else rest}")


def _shape(text: Text) -> tuple[str, ...]:
    """The keys of a text and of those within it, with the names of their arguments."""
    names = [text.key, *text.args]
    for value in text.args.values():
        for inner in value if isinstance(value, tuple) else (value,):
            if isinstance(inner, Text):
                names += _shape(inner)
    return tuple(names)


def messages_to_go(explored: Explored, goal: Callable[[int, Edge], bool]) -> list[int | None]:
    """For every state, how few customer messages lead to a goal while all is well; `None`: none do."""
    back: list[list[tuple[int, int]]] = [[] for _ in explored.states]
    fewest: list[int | None] = [None] * len(explored.states)
    levels: list[deque[int]] = [deque()]
    for here, edges in enumerate(explored.edges):
        for edge in edges:
            if not edge.friendly:
                continue
            back[edge.target].append((here, edge.cost))
            if goal(here, edge):
                _reach(levels, edge.cost, here)
    level = 0
    while level < len(levels):
        while levels[level]:
            here = levels[level].popleft()
            if fewest[here] is None:
                fewest[here] = level
                for source, cost in back[here]:
                    if fewest[source] is None:
                        _reach(levels, level + cost, source)
        level += 1
    return fewest


def _reach(levels: list[deque[int]], level: int, state: int) -> None:
    while len(levels) <= level:
        levels.append(deque())
    levels[level].append(state)


def endless(explored: Explored) -> list[str]:
    """The way into a cycle that asks for ever, and the cycle, event by event; empty where there is none."""
    done, on_path = bytearray(len(explored.states)), bytearray(len(explored.states))
    for root in range(len(explored.states)):
        path: list[tuple[int, Iterator[Edge], str]] = []
        if not done[root]:
            path.append((root, _asking(explored, root), ""))
            on_path[root] = 1
        while path:
            here, edges, _ = path[-1]
            edge = next(edges, None)
            if edge is None:
                done[here], on_path[here] = 1, 0
                path.pop()
            elif on_path[edge.target]:
                start = next(at for at, (state, _, _) in enumerate(path) if state == edge.target)
                cycle = [*(name for _, _, name in path[start + 1 :]), edge.name]
                return [*explored.way(edge.target), "and then, again and again:", *cycle]
            elif not done[edge.target]:
                on_path[edge.target] = 1
                path.append((edge.target, _asking(explored, edge.target), edge.name))
    return []


def _asking(explored: Explored, state: int) -> Iterator[Edge]:
    return (edge for edge in explored.edges[state] if edge.asks_on)


def main(names: list[str]) -> None:
    """Explore and print."""
    for scene in SCENES:
        if not names or scene.name in names:
            explored = explore(scene)
            sys.stdout.write(f"{explored}\n  endless: {endless(explored) or 'nothing'}\n")


if __name__ == "__main__":
    main(sys.argv[1:])
