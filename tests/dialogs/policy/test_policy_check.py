import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialogs.orders import Stage
from dialogs.policy import Policy, PolicyError, Problem, Ruling, check, default_policy, load, matrix

TEXT = default_policy().text
REST = '[[rule]]\nid = "rest"\nthen = "person"\nreason = "rest"\nclause = "3"\n'


def rule(name: str, when: str = "", then: str = "person") -> str:
    condition = f"when = {{ {when} }}\n" if when else ""
    return f'[[rule]]\nid = "{name}"\n{condition}then = "{then}"\nreason = "{name}"\nclause = "2"\n'


def problems(toml: str, text: str = TEXT) -> tuple[Problem, ...]:
    with pytest.raises(PolicyError) as caught:
        load(toml, text)
    return caught.value.problems


def only_problem(toml: str) -> Problem:
    (problem,) = problems(toml)
    return problem


def test_the_products_own_policy_is_total_and_free_of_unreachable_rules() -> None:
    assert check(default_policy()) == ()


def test_removing_any_rule_of_the_own_policy_changes_what_it_decides() -> None:
    policy = default_policy()
    for index in range(len(policy.rules)):
        rest = (*policy.rules[:index], *policy.rules[index + 1 :])
        assert matrix(Policy(rest, policy.toml, policy.text)) != matrix(policy)


def test_each_undecided_combination_is_named() -> None:
    stages = ", ".join(f'"{stage}"' for stage in Stage if stage is not Stage.ON_HOLD)
    toml = rule("most", f"stage = [{stages}]") + rule(
        "held", 'stage = ["on_hold"], money = ["held", "taken"]'
    )
    found = check(load(toml, TEXT))
    assert len(found) == 6
    assert all(problem.line == toml.count("\n") for problem in found)
    assert found[0].message == (
        "No rule decides stage = on_hold, cancellable = all, partly_fulfilled = false, money = unpaid."
    )


def test_an_unreachable_rule_is_named_with_what_covers_it() -> None:
    toml = (
        rule("whole", "partly_fulfilled = false") + rule("part", "partly_fulfilled = true")
        + rule("late", 'stage = ["delivered"]', "refuse")
    )  # fmt: skip
    (found,) = check(load(toml, TEXT))
    assert found.line == toml[: toml.index('id = "late"')].count("\n")
    assert "`late` never decides: `whole`, `part` above it" in found.message


def test_only_the_rules_that_really_cover_it_are_named() -> None:
    toml = (
        rule("a", 'stage = ["paid"]')
        + rule("b", 'stage = ["placed"]')
        + rule("c", 'stage = ["placed"]')
        + REST
    )
    (found,) = check(load(toml, TEXT))
    assert "`c` never decides: `b` above it" in found.message


@given(st.permutations(default_policy().rules), st.integers(0, len(default_policy().rules)))
def test_check_agrees_with_asking_every_combination(rules: list, count: int) -> None:
    policy = Policy(tuple(rules[:count]), default_policy().toml, TEXT)
    silent = sum(verdict.rule == "" for _, verdict in matrix(policy))
    deciding = {verdict.rule for _, verdict in matrix(policy)}
    idle = [rule for rule in policy.rules if rule.verdict.rule not in deciding]
    assert len(check(policy)) == silent + len(idle)


@pytest.mark.parametrize(
    ("toml", "line", "words"),
    [
        (rule("a") + "# x\ncolour = 1\n", 7, "Unknown key `colour`"),
        ('[policy]\nname = "x"\n' + REST, 1, "Unknown table or key `policy`"),
        ('name = "x"\n' + REST, 1, "Unknown table or key `name`"),
        (rule("a", 'stages = ["paid"]'), 3, "Unknown key `stages`"),
        (rule("a", 'stage = ["payed"]'), 3, '`stage` cannot be "payed"'),
        (rule("a", "stage = []"), 3, "`stage` is not a list of words"),
        (rule("a", 'stage = "paid"'), 3, "`stage` is not a list of words"),
        (rule("a", 'stage = ["paid"], money = ["gone"]'), 3, '`money` cannot be "gone"'),
        (rule("a", 'cancellable = ["some"]'), 3, '`cancellable` cannot be "some"'),
        (rule("a", 'partly_fulfilled = "yes"'), 3, '`partly_fulfilled` cannot be "yes"'),
        (rule("a", then="maybe"), 3, '`then` cannot be "maybe"'),
        (rule("a").replace('id = "a"', 'id = "A b"'), 2, '`id` cannot be "A b"'),
        (rule("a") + REST.replace('"3"', '"5.3"'), 10, 'no clause "5.3"'),
        (rule("a") + REST.replace('"3"', "3"), 10, "no clause 3"),
        (rule("a") + "\n" + rule("a"), 8, 'The id "a" is taken by line 2'),
        ('[[rule]]\nid = "a"\nthen = "person"\nreason = "a"\n', 1, "The rule has no `clause`"),
        (rule("a").replace("then", "when = 3\nthen"), 3, "`when` is not a table"),
        ("", 1, "There is no rule"),
        ("rule = 3\n", 1, "There is no rule"),
        ("# x\n[[rule]]\nid = \n", 3, "This is not TOML"),
        ('[[rule]]\nid = "a\n', 2, "This is not TOML"),
        ('[[rule]]\nid = "a"\n[rule.when]\nstage = ["paid"\n', 4, "This is not TOML"),
        (rule("a", 'stage = ["paid"]', "already_cancelled"), 4, "whose record does not show it"),
        (rule("a", 'money = ["unpaid", "held"]', "nothing_to_refund"), 4, "where money was held or taken"),
    ],
)
def test_each_mistake_is_named_with_its_line_and_a_remedy(toml: str, line: int, words: str) -> None:
    problem = only_problem(toml)
    assert (problem.line, words in problem.message) == (line, True), problem
    assert problem.remedy


def test_all_mistakes_are_told_at_once_in_the_order_of_the_file() -> None:
    toml = rule("a", 'stage = ["payed"], money = ["gone"]', "maybe") + rule("a").replace('"2"', '"77"')
    assert [problem.line for problem in problems(toml)] == [3, 3, 4, 8, 11]


def test_a_word_is_found_in_a_list_of_several_lines_and_not_in_a_comment() -> None:
    toml = rule("a") + '[rule.when]\nstage = [ # "payed"\n"paid",\n"payed"]\n'
    assert only_problem(toml).line == 9


def test_a_rule_inside_a_text_of_several_lines_is_no_rule() -> None:
    toml = rule("a").replace('"2"', '"""\n[[rule]]\n7"""') + rule("b", 'stage = ["payed"]')
    assert [problem.line for problem in problems(toml)] == [5, 10]


def test_lines_hold_with_windows_line_ends() -> None:
    assert only_problem(rule("a", 'stage = ["payed"]').replace("\n", "\r\n")).line == 3


def test_dotted_and_quoted_keys_are_found() -> None:
    toml = rule("a").replace("then", 'when.stage = ["payed"]\nthen')
    assert only_problem(toml).line == 3
    assert only_problem(rule("a", '"money" = ["gone"]')).line == 3


@given(st.text(max_size=200))
def test_any_text_is_a_policy_or_a_policy_error(toml: str) -> None:
    found: tuple[Problem, ...] = ()
    try:
        assert load(toml, TEXT).rules
    except PolicyError as error:
        found = error.problems
    assert all(1 <= problem.line <= toml.count("\n") + 1 for problem in found)


def test_a_rule_without_conditions_decides_the_rest() -> None:
    policy = load(rule("a", 'stage = ["paid"]', "allow") + REST, TEXT)
    assert check(policy) == ()
    assert {verdict.ruling for _, verdict in matrix(policy)} == {Ruling.ALLOW, Ruling.PERSON}
