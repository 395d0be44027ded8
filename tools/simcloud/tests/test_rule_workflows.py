"""Workflows of Google Cloud by their syntax and library: what is deployed, and what is not.

Names of pages are those of cloud.google.com/workflows/docs/reference, but for "Quotas and limits".
"""

from __future__ import annotations

import json
from typing import Any

import pytest
from pulumi_simcloud.rules.workflows import workflow_source

DONE = {"return": 1}
NO_STEP = {"next": "nowhere"}
NOWHERE = 'next is "nowhere", which is no step here'


def routines(**bodies: Any) -> list[str]:
    """What is told of (sub)workflows."""
    return workflow_source(json.dumps(bodies))


def body(**step: Any) -> list[str]:
    """What is told of one step, after another that sets `a`."""
    step = {key.rstrip("_"): value for key, value in step.items()}
    prefix = "step 'it': "
    told = workflow_source(json.dumps([{"set": {"assign": [{"a": 1}]}}, {"it": step}]))
    return [reason.removeprefix(prefix) for reason in told]


def expression(text: str) -> list[str]:
    return body(return_=f"${{{text}}}")


# "Main workflow", "Subworkflows", "Steps" -------------------------------------------------------


@pytest.mark.parametrize(
    ("source", "told"),
    [
        ([{"a": DONE}], []), ([], []), ({"main": {"steps": []}}, []), ({"main": [{"a": DONE}]}, []),
        ({"main": {"params": ["args"], "steps": [{"a": {"return": "${args.x}"}}]}}, []),
        ({"main": [], "sub-2_b": {"params": ["x", {"y": 1}], "steps": [{"a": DONE}]}}, []),
        ({}, ["is neither steps nor"]), ("x", ["is neither steps nor"]),
        ({"sub": [{"a": DONE}]}, ["the workflow has no main"]),
        ({"main": 5}, ["main has no list of steps"]),
        ({"main": {"steps": {"a": DONE}}}, ["main has no list of steps"]),
        ({"main": {"params": []}}, ["main has no list of steps"]),
        ({"main": {"steps": [], "result": 1}}, ["main has the unknown key 'result'"]),
        ({"main": {"params": "args", "steps": []}}, ["main: params are a list of names"]),
        ({"main": {"params": ["a", "b"], "steps": []}}, ["main takes one parameter, not 2"]),
        ({"main": [], "2b": []}, ['subworkflow name "2b" is not allowed']),
        ({"main": [], "a b": []}, ['subworkflow name "a b" is not allowed']),
        ([{"a": DONE, "b": DONE}, {"c": NO_STEP}], ["a step is one", "step 'c': next is"]),
        (["a", {"c": NO_STEP}], ['does, not "a"', "step 'c': next is"]),
        ([{"a": DONE}, {"a": DONE}], ["step 'a' stands twice"]),
        ([{"a": {}}], ["step 'a': does nothing"]), ([{"a": None}], ["step 'a': does nothing"]),
        ([{"a": {"wait": 1, "log": 2}}], ["step 'a': does nothing that is known: wait, log"]),
        ([{"a": {"steps": 5}}], ["step 'a': 5 is no list of steps"]),
        ([5, {"a": DONE}], ["a step is one name with what it does, not 5"]),
    ],
)  # fmt: skip
def test_a_source_has_a_main_of_steps(source: Any, told: list[str]) -> None:
    reasons = workflow_source(json.dumps(source))
    assert len(reasons) == len(told)
    assert all(part in reason for part, reason in zip(told, reasons, strict=True)), reasons


def test_a_source_is_yaml_of_a_limited_size() -> None:
    text = "- é: {return: 1}\n#"
    room = 131_072 - len(text.encode())
    assert workflow_source(text + "x" * room) == []
    (reason,) = workflow_source(text + "x" * (room + 1))
    assert reason == "has 131073 bytes, allowed are 131072"
    (reason,) = workflow_source(f"- !{'a' * 300} b")
    assert reason.startswith("is no YAML: could not determine") and len(reason) == 212
    assert workflow_source("x" * 99) == [f'"{"x" * 80}" is neither steps nor subworkflows']
    assert workflow_source("1: []\nmain: []") == ["subworkflow name 1 is not allowed"]


def test_a_step_goes_on_where_it_can() -> None:
    """By "Jumps", to a step beside or around it."""
    inner = {"steps": [{"b": {"next": "c"}}, {"c": {"next": "a"}}]}
    assert workflow_source(json.dumps([{"a": inner}, {"d": {"next": "a"}}])) == []
    assert workflow_source(json.dumps([{"a": inner}, {"d": {"next": "c"}}])) == [
        "step 'd': next is \"c\", which is no step here"
    ]
    for end in ("end", "break", "continue", "set", "it"):
        assert body(next=end) == body(assign=[], next=end) == []
    assert body() == ["does nothing"]
    assert body(next="nowhere") == body(assign=[], next="nowhere") == [NOWHERE]


# What a step does, right.
RIGHT: dict[str, Any] = {
    "assign": [{"b": 1}], "call": "sys.log", "switch": [{"condition": True, "next": "end"}],
    "for": {"value": "v", "in": [1], "steps": []}, "parallel": {"branches": []},
    "try": {"call": "http.get"}, "raise": "no", "return": 1, "steps": [],
}  # fmt: skip
BESIDE = {
    "assign": "next", "call": "args next result", "switch": "next", "for": "", "parallel": "",
    "try": "except next retry", "raise": "next", "return": "next", "steps": "next",
}  # fmt: skip
OTHER = {"args": {}, "except": {"as": "e", "steps": []}, "next": "end", "result": "r",
         "retry": "${http.default_retry}"}  # fmt: skip


@pytest.mark.parametrize("action", RIGHT)
def test_what_goes_with_an_action(action: str) -> None:
    needed = {"except": OTHER["except"]} if action == "try" else {}
    assert body(**{action: RIGHT[action]}, **needed) == []
    for key, value in OTHER.items():
        fits = key in BESIDE[action].split()
        told = [] if fits else [f"{key} does not go with {action}"]
        assert body(**{action: RIGHT[action], **needed, key: value}) == told
    if action != "call":
        both = body(**{action: RIGHT[action], **needed, "z": 1, "result": "r"})
        assert both == [f"result, z does not go with {action}"]
    if action not in ("return", "steps"):
        both = body(**{action: RIGHT[action], **needed, "return": 1})
        later = "raise" if action == "raise" else action
        assert both == [f"return does not go with {later}"]


# "Variables", "Calls", "Standard library overview" ------------------------------------------------


@pytest.mark.parametrize(
    ("value", "told"),
    [
        ([{"b": 1}, {"a[0]": 2}, {"a.b": "${a}"}, {"_c": None}], []), ([], []),
        ({"b": 1}, ["assign is a list of"]), ([{"b": 1, "c": 2}], ["assign is a list of"]),
        (["b"], ["assign is a list of"]), ([{"b": 1}, {"1b": 2}], ['"1b" is no variable']),
        ([{"b": {"c": ["${1 +}"]}}], ["does not parse"]), ([{"b": "${c}"}], ["symbol 'c'"]),
        ([{"1x": 1}, {"b": "${x}"}], ['"1x" is no variable', "symbol 'x' is neither"]),
        # "Quotas and limits": 50 assignments a step.
        ([{f"b{n}": 1} for n in range(50)], []),
        ([{f"b{n}": 1} for n in range(51)], ["assigns 51 variables, allowed are 50"]),
    ],
)  # fmt: skip
def test_variables_are_set_one_by_one(value: Any, told: list[str]) -> None:
    reasons = body(assign=value)
    assert len(reasons) == len(told)
    assert all(part in reason for part, reason in zip(told, reasons, strict=True)), reasons


LIBRARY = {
    "base64": "decode encode", "events": "await_callback create_callback_endpoint",
    "hash": "compute_checksum compute_hmac",
    "http": "default_retry default_retry_non_idempotent default_retry_predicate "
    "default_retry_predicate_non_idempotent delete get patch post put request",
    "json": "decode encode encode_to_string", "list": "concat prepend",
    "map": "delete get merge merge_nested", "math": "abs ceil floor max min",
    "retry": "always default_backoff never", "sys": "get_env log now sleep sleep_until",
    "text": "decode encode find_all find_all_regex match_regex replace_all replace_all_regex split "
    "substring to_lower to_upper url_decode url_encode url_encode_plus",
    "time": "format parse", "uuid": "generate",
}  # fmt: skip


@pytest.mark.parametrize("module", LIBRARY)
def test_the_standard_library(module: str) -> None:
    members = LIBRARY[module].split()
    for name in members:
        assert expression(f"{module}.{name}(a)") == expression(f"{module}.{name}") == []
        if "retry" not in name:
            assert body(call=f"{module}.{name}") == []
    wrong = f"{members[0]}s"
    assert expression(f"{module}.{wrong}(a)") == [
        f"symbol '{module}.{wrong}' is no function of the standard library, nor a sub-workflow"
    ]
    assert body(call=f"{module}.{wrong}") == [
        f'calls "{module}.{wrong}"; {module} has {", ".join(members)}'
    ]


def test_calls() -> None:
    for right in ("gke.request", "experimental.executions.map", "shell.anything",
                  "googleapis.bigquery.v2.query", "googleapis.bigquery.v2.jobs.query"):  # fmt: skip
        assert body(call=right) == expression(right) == []
    words = "which is neither a subworkflow nor of the standard library"
    for wrong in ("http", "https.get", "nope", 5):
        assert body(call=wrong) == [f"calls {json.dumps(wrong)}, {words}"]
    assert body(call="http.default_retry") == [
        'calls "http.default_retry"; http has delete, get, patch, post, put, request'
    ]
    (reason,) = body(call="googleapis.bigquery.query")
    assert reason.endswith("a connector is googleapis.SERVICE.VERSION.METHOD")
    assert body(call="sys.log", args={"text": ["${a}"]}, result="out_1") == []
    assert body(call="sys.log", result="out-1") == ['result "out-1" is no variable']
    assert len(body(call="sys.log", args={"text": ["${1 +}"]})) == 1
    main = [{"a": {"call": "sub", "result": "b"}}, {"c": {"return": "${sub(b) + sub.x}"}}]
    assert routines(main=main, sub=[{"d": DONE}]) == []
    assert len(routines(main=main)) == 3


# "Conditions", "Iteration", "Parallel steps", "Catch errors", "Retry steps" -----------------------

TRUE = {"condition": "${a > 1}"}
LOOP = {"value": "v", "steps": [{"s": {"return": "${v}"}}]}
BAD = [{"s": NO_STEP}]
BAD_STEP = [f"step 's': {NOWHERE}"]
GET = {"call": "http.get"}
HANDLER = {"as": "e", "steps": [{"s": {"raise": "${e}"}}]}
BACKOFF = {"initial_delay": 1, "max_delay": 60, "multiplier": 2}
NOT_PARSED = ['the expression "${1 +}" does not parse']


@pytest.mark.parametrize(
    ("step", "told"),
    [
        ({"switch": [TRUE, {**TRUE, "next": "end"}, {**TRUE, "steps": []}, {**TRUE, **DONE}]}, []),
        ({"switch": []}, ["switch is a list of conditions"]),
        ({"switch": TRUE}, ["switch is a list of conditions"]),
        ({"switch": [{"next": "end"}, {**TRUE, **NO_STEP}]}, ["has no condition", NOWHERE]),
        ({"switch": ["condition"]}, ["has no condition"]),
        ({"switch": [{"condition": "${1 +}"}]}, NOT_PARSED),
        ({"switch": [TRUE] * 50}, []), ({"switch": [TRUE] * 51}, ["51 conditions, allowed are 50"]),
        ({"for": {**LOOP, "in": "${a}", "index": "i"}}, []), 
        ({"for": {**LOOP, "range": [1, 9]}}, []), ({"for": {**LOOP, "range": "${a}"}}, []),
        ({"for": LOOP}, ["for needs either in or range"]),
        ({"for": {**LOOP, "in": [], "range": [1, 2]}}, ["for needs either in or range"]),
        ({"for": {"value": "v", "in": []}}, ["for needs value and steps"]),
        ({"for": {"steps": [], "in": []}}, ["for needs value and steps"]),
        ({"for": [{"steps": []}]}, ["for needs value and steps"]),
        ({"for": {**LOOP, "range": [1]}}, ["range is two numbers, not [1]"]),
        ({"for": {**LOOP, "range": [1, 2, 3]}}, ["range is two numbers, not [1, 2, 3]"]),
        ({"for": {**LOOP, "in": [], "z": 1, "result": "r"}}, ["for has no result, z"]),
        ({"for": {**LOOP, "in": ["${1 +}"]}}, NOT_PARSED),
        ({"for": {**LOOP, "range": [1, "${1 +}"]}}, NOT_PARSED),
        ({"for": {"value": "v", "in": [], "steps": BAD}}, BAD_STEP),
        ({"parallel": {"branches": [{"b": {"steps": []}}] * 10, "shared": ["a"]}}, []),
        ({"parallel": {"branches": [{"b": {"steps": []}}] * 11}}, ["11 branches, allowed are 10"]),
        ({"parallel": {"for": {**LOOP, "in": []}, "concurrency_limit": 2}}, []),
        ({"parallel": {"branches": [], "exception_policy": "continueAll"}}, []),
        # "continueAll is the only policy currently supported".
        ({"parallel": {"branches": [], "exception_policy": "unhandled"}},
         ['exception_policy is continueAll, not "unhandled"']),
        ({"parallel": {"branches": [], "z": 1, "limit": 1}}, ["parallel has no limit, z"]),
        ({"parallel": {"shared": []}}, ["parallel needs either branches or for"]),
        ({"parallel": {"branches": [], "for": LOOP}}, ["parallel needs either branches or for"]),
        ({"parallel": ["branches"]}, ["parallel needs either branches or for"]),
        ({"parallel": {"for": {"value": "v", "in": [], "steps": BAD}}}, BAD_STEP),
        ({"parallel": {"branches": [{"b": {"steps": BAD}}]}}, BAD_STEP),
        ({"parallel": {"branches": [{}, "b", {"b": []}]}}, ["is no branch"] * 3),
        ({"try": GET, "except": HANDLER}, []), ({"try": GET, "retry": "${http.default_retry}"}, []),
        ({"try": GET}, ["try needs retry or except"]),
        ({"try": {"steps": BAD}, "except": HANDLER}, BAD_STEP),
        ({"try": GET, "except": {"as": "e"}}, ["except needs as and steps"]),
        ({"try": GET, "except": {"steps": []}}, ["except needs as and steps"]),
        ({"try": GET, "except": ["as", "steps"]}, ["except needs as and steps"]),
        ({"try": GET, "except": {"as": "e", "steps": BAD}}, BAD_STEP),
        ({"try": GET, "retry": {"predicate": "${http.default_retry_predicate}", "max_retries": 1,
                                "backoff": BACKOFF}}, []),
        ({"try": GET, "retry": {"z": 1, "delay": 1}}, ["retry has no delay, z"]),
        ({"try": GET, "retry": {"backoff": "${retry.default_backoff}"}}, []),
        ({"try": GET, "retry": {"backoff": {"initial_delay": 1, "max_delay": 2}}},
         ["backoff needs initial_delay, max_delay, multiplier, has initial_delay, max_delay"]),
        ({"try": GET, "retry": {"backoff": {**BACKOFF, "z": 1}}}, ["multiplier, z"]),
        ({"raise": {"code": "${a}"}}, []), ({"raise": {"code": "${1 +}"}}, NOT_PARSED),
        ({"steps": BAD}, BAD_STEP),
    ],
)  # fmt: skip
def test_what_steps_say(step: dict[str, Any], told: list[str]) -> None:
    reasons = body(**step)
    assert len(reasons) == len(told)
    assert all(part in reason for part, reason in zip(told, reasons, strict=True)), reasons


# "Expressions", "Data types", "Expression helpers" ------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "a", "a + 1 - 2 * 3 / 4 % 5 // 6", "-a", "+1.5e3", "(a + 1) * 2", "a[0].b[a]", "not a",
        "NOT a OR a AND a", '"x" in a', '"x" not in a', "a == 1 or a != 2 and a >= 3", "a <= 1",
        "True", "null", "Null", 'a["it\'s"]', "'it'", '{"x": a, "y": [a]}', "[1, 2,]",
        "[]", "{}", "a < 1", "a(1)", "a.b.c(1)", "len(a)[0]", "not(a)", 'if(a > 1, "x", "y")',
        "int(a)", "[a](1)", "default(a, 1)", "double(a)", "get_type(a)", "keys(a)", "string(a)",
        "bool(a)", '"x"(1)', "TRUE AND False", "sys.now()", "text[a](1)",
        'text.split(map.get(a, "x"), ",")[0].match', "a.x(a)",
    ],
)  # fmt: skip
def test_expressions_are_taken(text: str) -> None:
    assert expression(text) == []


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "does not parse"), ("a +", "does not parse"),
        ("a b", "does not parse"), ("a = 1", "does not parse"),
        ("a Or a", "does not parse"), ("Not a", "does not parse"), ("tRUE", "does not parse"),
        ("a && a", "does not parse"), ("(a", "does not parse"), ("a.1", "does not parse"),
        ("b", "symbol 'b' is neither a variable nor a sub-workflow name"), ("a[b]", "symbol 'b'"),
        ("b.a", "symbol 'b'"), ("len(a, b)", "symbol 'b'"), ('{"x": b}', "symbol 'b'"),
        ("a + b", "symbol 'b'"), ("nope(a)", "symbol 'nope' is no function"),
        ("[nope(a)]", "symbol 'nope'"), ("len(text.cut(a))", "symbol 'text.cut' is no function"),
        # "Quotas and limits": 400 characters.
        ("a" + " + 1" * 99, None), ("a" + " + 1" * 98 + " + 12", "401 characters, allowed are 400"),
    ],
)  # fmt: skip
def test_what_is_next_to_them_is_told(text: str, reason: str | None) -> None:
    told = expression(text)
    assert told == [] if reason is None else len(told) == 1 and reason in told[0]


def test_an_expression_ends_and_its_names_are_not_long() -> None:
    for text in ("${bc", "${nope(a)b"):
        assert body(return_=text) == [f'the expression "{text}" does not end']
    for text in ("$a}", "{ b}", "a ${b}", "{ nope(a)}"):
        assert body(return_=text) == []
    for text in ("b" * 1024, f'"{"b" * 1025}"'):
        assert not any("too long" in told for told in expression(text))
    assert any("is too long" in told for told in expression("b" * 1025))


def test_variables_are_those_that_a_workflow_sets() -> None:
    """By "Variables": assign, params, result, for, except and shared."""
    for setting in (
        {"assign": [{"x[0].y": 1}]}, {"call": "sys.now", "result": "x"},
        {"for": {"value": "x", "in": [], "steps": []}},
        {"try": GET, "except": {"as": "x", "steps": []}},
        {"for": {"value": "v", "index": "x", "in": [], "steps": []}},
        {"parallel": {"shared": ["x"], "branches": []}},
        {"switch": [{"condition": True, "steps": [{"s": {"assign": [{"x": 1}]}}]}]},
    ):  # fmt: skip
        source = json.dumps([{"a": setting}, {"b": {"return": "${x}"}}])
        assert workflow_source(source) == [], setting
    for params in (["x"], [{"x": 1}]):
        assert routines(main=[], sub={"params": params, "steps": [{"b": {"return": "${x}"}}]}) == []
    for params in ([], [{}], ["y"]):
        sub = {"params": params, "steps": [{"b": {"return": "${x}"}}]}
        assert len(routines(main=[{"a": {"assign": [{"x": 1}]}}], sub=sub)) == 1
    assert len(body(call="sys.log", args={"result": {"x": 1}}, next="${x}")) == 2
    assert len(body(call="sys.log", args={"result": 5, "for": 1, "assign": "x"}, next="${x}")) == 2
