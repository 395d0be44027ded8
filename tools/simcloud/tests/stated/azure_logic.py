"""What Azure Logic Apps and conditions of role assignments take, text by text."""

from __future__ import annotations

from typing import Any

from stated.azure import SCHEMA
from stated.case import Stated

HTTP = {"method": "GET", "uri": "https://example.org"}
CALL = {"type": "Http", "inputs": HTTP}
ENDED = {"type": "Terminate", "inputs": {"runStatus": "Succeeded"}}
ASKED = {"type": "Request", "kind": "Http", "inputs": {"schema": {}}}
BLOBS = "Microsoft.Storage/storageAccounts/blobServices/containers/blobs"


def _flow(
    actions: dict[str, Any] | None = None, trigger: dict[str, Any] | None = None, **more: Any
) -> dict[str, Any]:
    head = {"$schema": SCHEMA, "contentVersion": "1.0.0.0", "triggers": {"t": trigger or ASKED}}
    return {"definition": {**head, "actions": actions or {"run": CALL}, **more}}


def _timed(frequency: str = "Day", interval: Any = 1, **more: Any) -> dict[str, Any]:
    recurrence = {"frequency": frequency, "interval": interval, **more}
    return _flow(trigger={"type": "Recurrence", "recurrence": recurrence})


def _step(kind: str, inputs: Any = None, **more: Any) -> dict[str, Any]:
    given = {} if inputs is None else {"inputs": inputs}
    return _flow({"a": {"type": kind, **given, **more}})


def _until(step: dict[str, Any]) -> dict[str, Any]:
    """A step within a condition within a loop."""
    asked = {"and": [{"equals": [1, 1]}]}
    inner = {"asked": {"type": "If", "expression": asked, "actions": {"step": step}}}
    limit = {"count": 5, "timeout": "PT1H"}
    return _step("Until", expression="@equals(1, 1)", limit=limit, actions=inner)


def _called(**more: Any) -> dict[str, Any]:
    return _step("Http", {**HTTP, **more})


def _retried(**policy: Any) -> dict[str, Any]:
    return _called(retryPolicy={"type": "fixed", "count": 3, "interval": "PT10S", **policy})


def _variable(kind: str, value: Any = None, name: str | None = "x") -> dict[str, Any]:
    variable = {"name": name, "type": kind, **({} if value is None else {"value": value})}
    return {"type": "InitializeVariable", "inputs": {"variables": [variable]}}


def _changed(kind: str, own: str, value: Any) -> dict[str, Any]:
    change = {"type": kind, "inputs": {"name": "x", "value": value}}
    return _flow({"a": _variable(own), "b": {**change, "runAfter": {"a": ["Succeeded"]}}})


def _nested(depth: int) -> dict[str, Any]:
    actions: dict[str, Any] = {"run": CALL}
    for number in range(depth):
        actions = {f"s{number}": {"type": "Scope", "actions": actions}}
    return _flow(actions)


def _told(expression: str) -> dict[str, Any]:
    return _step("Compose", expression)


def _parameter(value: Any = None, **declared: Any) -> dict[str, Any]:
    passed = {} if value is None else {"parameters": {"p": {"value": value}}}
    return {**_flow(parameters={"p": declared}), **passed}


AFTER = {"runAfter": {"a": ["Succeeded"]}}
LOGIC = [
    *(
        Stated("logic", reason, bad, good)
        for reason, bad, good in (
            ("Could not find member 'days'", _timed(days=["Monday"]), _timed()),
            ("Could not find member 'functions'", _flow(functions={}), _flow(staticResults={})),
            ("of type Terminate is in the loop", _until(ENDED), _until(CALL)),
            ("interval 17 is more", _timed("Month", 17), _timed("Month", 16)),
            ("interval 'x' is no number", _timed("Day", "x"), _timed("Day", "1")),
            (
                "startTime 'soon' is no time",
                _timed(startTime="soon"),
                _timed(startTime="2030-01-31T08:00:00Z"),
            ),
            (
                "hours 24 is not",
                _timed(schedule={"hours": [24]}),
                _timed(schedule={"hours": ["23"]}),
            ),
            (
                "minutes 60 is not",
                _timed(schedule={"minutes": [60]}),
                _timed(schedule={"minutes": [59]}),
            ),
            (
                "weekDays 'Mon'",
                _timed("Week", schedule={"weekDays": ["Mon"]}),
                _timed("Week", schedule={"weekDays": ["Monday"]}),
            ),
            (
                "Could not find member 'days' on 'RecurrenceSchedule'",
                _timed("Week", schedule={"days": ["Monday"]}),
                _timed("Week", schedule={"weekDays": ["Monday"]}),
            ),
            (
                "concurrency 101 is not",
                _flow(trigger={**ASKED, "runtimeConfiguration": {"concurrency": {"runs": 101}}}),
                _flow(trigger={**ASKED, "runtimeConfiguration": {"concurrency": {"runs": 100}}}),
            ),
            (
                "a relativePath needs a method",
                _flow(trigger={**ASKED, "inputs": {"relativePath": "/a"}}),
                _flow(trigger={**ASKED, "inputs": {"relativePath": "/a", "method": "GET"}}),
            ),
            ("method 'FETCH' is none", _called(method="FETCH"), _called(method="@triggerBody()")),
            (
                "authentication 'Token' is none",
                _called(authentication={"type": "Token"}),
                _called(authentication={"type": "ManagedServiceIdentity"}),
            ),
            (
                "of type Basic needs password",
                _called(authentication={"type": "Basic", "username": "a"}),
                _called(authentication={"type": "Basic", "username": "a", "password": "b"}),
            ),
            ("retryPolicy 'linear' is none", _retried(type="linear"), _retried(type="exponential")),
            ("retryPolicy.count 91", _retried(count=91), _retried(count=90)),
            ("retryPolicy.interval 'PT4S'", _retried(interval="PT4S"), _retried(interval="PT5S")),
            ("needs a count and an interval", _retried(count=None), _retried()),
            (
                "timeout '1 hour' is no duration",
                _step("Http", HTTP, limit={"timeout": "1 hour"}),
                _step("Http", HTTP, limit={"timeout": "PT1H"}),
            ),
            (
                "needs an interval or until",
                _step("Wait", {}),
                _step("Wait", {"until": {"timestamp": "@utcNow()"}}),
            ),
            (
                "unit 'Days' is none",
                _step("Wait", {"interval": {"count": 1, "unit": "Days"}}),
                _step("Wait", {"interval": {"count": 1, "unit": "Day"}}),
            ),
            (
                "of type Until needs expression",
                _step("Until", actions={"b": CALL}, limit={"count": 1}),
                _step("Until", actions={"b": CALL}, limit={"count": 1}, expression="@equals(1,1)"),
            ),
            (
                "more than once",
                _step("Switch", expression="@triggerBody()", cases={n: {"case": 1} for n in "xy"}),
                _step("Switch", expression="@triggerBody()", cases={"x": {"case": 1}}),
            ),
            (
                "runStatus 'Error' is none",
                _step("Terminate", {"runStatus": "Error"}),
                _step("Terminate", {"runStatus": "Failed"}),
            ),
            ("statusCode 99 is not", _step("Response", {"statusCode": 99}), _flow()),
            ("needs inputs.statusCode", _step("Response", {}), _flow()),
            (
                "needs inputs.schema",
                _step("ParseJson", {"content": "@triggerBody()"}),
                _step("ParseJson", {"content": "@triggerBody()", "schema": {}}),
            ),
            (
                "format 'XML' is neither",
                _step("Table", {"from": "@triggerBody()", "format": "XML"}),
                _step("Table", {"from": "@triggerBody()", "format": "CSV"}),
            ),
            ("needs inputs.host.workflow", _step("Workflow", {"host": {}}), _flow()),
            ("needs inputs.function", _step("Function", {"method": "GET"}), _flow()),
            ("Compose needs inputs", _step("Compose"), _step("Compose", "")),
            (
                "concurrency 51 is not",
                _step(
                    "Foreach",
                    foreach="@triggerBody()",
                    actions={"b": CALL},
                    runtimeConfiguration={"concurrency": {"repetitions": 51}},
                ),
                _step(
                    "Foreach",
                    foreach="@triggerBody()",
                    actions={"b": CALL},
                    runtimeConfiguration={"concurrency": {"repetitions": 50}},
                ),
            ),
            ("without a name", _flow({"a": _variable("string", name=None)}), _flow()),
            (
                "is initialized more than once",
                _flow({"a": _variable("string"), "b": {**_variable("string"), **AFTER}}),
                _flow({"a": _variable("string"), "b": {**_variable("string", name="y"), **AFTER}}),
            ),
            (
                "of type integer cannot be",
                _flow({"a": _variable("integer", "abc")}),
                _flow({"a": _variable("integer", "@triggerBody()")}),
            ),
            (
                "cannot change 'x', a string",
                _changed("IncrementVariable", "string", 1),
                _changed("IncrementVariable", "integer", 1),
            ),
            (
                "self reference is not supported",
                _changed("SetVariable", "string", "@concat(variables('x'), 'a')"),
                _changed("SetVariable", "string", "a"),
            ),
            (
                "is no object",
                _flow({"a": CALL, "b": {**CALL, "runAfter": ["a"]}}),
                _flow({"a": CALL, "b": {**CALL, **AFTER}}),
            ),
            (
                "which is not beside it",
                _flow({"s": {"type": "Scope", "actions": {"b": {**CALL, **AFTER}}}, "a": CALL}),
                _flow({"s": {"type": "Scope", "actions": {"b": {**CALL, **AFTER}, "a": CALL}}}),
            ),
            (
                "is there more than once",
                _flow({"s": {"type": "Scope", "actions": {"b": CALL}}, "B": CALL}),
                _flow({"s": {"type": "Scope", "actions": {"b": CALL}}, "c": CALL}),
            ),
            (
                "must be in the 'runAfter' path",
                _flow({"a": CALL, "b": {"type": "Compose", "inputs": "@body('a')"}}),
                _flow({"a": CALL, "b": {"type": "Compose", "inputs": "@body('a')", **AFTER}}),
            ),
            (
                "must be a parent 'foreach' scope",
                _flow(
                    {
                        "l": {"type": "Foreach", "foreach": "@triggerBody()", "actions": {}},
                        "b": {"type": "Compose", "inputs": "@items('l')"},
                    }
                ),
                _flow(
                    {
                        "l": {
                            "type": "Foreach",
                            "foreach": "@triggerBody()",
                            "actions": {"b": {"type": "Compose", "inputs": "@items('l')"}},
                        }
                    }
                ),
            ),
            ("allowed are 500", _flow({f"a{n}": CALL for n in range(501)}), _flow()),
            ("allowed are 8", _nested(9), _nested(8)),
            ("Unable to parse", _told('@concat("a", "b")'), _told("@concat('a', 'b')")),
            ("Unable to parse", _told("x @{triggerBody()"), _told("x @{triggerBody()}")),
            (
                "output 'o': type",
                _flow(outputs={"o": {"value": 1}}),
                _flow(outputs={"o": {"type": "Int", "value": 1}}),
            ),
            (
                "of type Int cannot be",
                _parameter(type="Int", defaultValue="x"),
                _parameter(type="Int", defaultValue=1),
            ),
            (
                "the default",
                _parameter(type="String", defaultValue="x", allowedValues=["a"]),
                _parameter(type="String", defaultValue="a", allowedValues=["a"]),
            ),
            ("of type int is", _parameter("x", type="Int"), _parameter(1, type="Int")),
            ("'p' is not provided", _parameter(type="Int"), _parameter(1, type="Int")),
            ("is a trigger", _step("Recurrence", {}), _flow()),
            (
                "is no address or range",
                {
                    "accessControl": {
                        "triggers": {"allowedCallerIpAddresses": [{"addressRange": "x"}]}
                    }
                },
                {
                    "accessControl": {
                        "triggers": {"allowedCallerIpAddresses": [{"addressRange": "52.1.2.0/24"}]}
                    }
                },
            ),
        )
    ),
]


def _condition(text: str) -> dict[str, Any]:
    return {"conditionVersion": "2.0", "condition": text}


PATH = f"@Resource[{BLOBS}:path]"
READ = f"ActionMatches{{'{BLOBS}/read'}}"
CONDITIONS = [
    Stated("assignment", "condition is invalid", _condition(bad), _condition(good))
    for bad, good in (
        (
            f"((!({READ})) OR ({PATH} StringEquals 'a')",
            f"((!({READ})) OR ({PATH} StringEquals 'a'))",
        ),
        (f'({PATH} StringEquals "a")', f"({PATH} StringEquals 'a' && {PATH} StringLike 'a*')"),
        (f"(@Resource[{BLOBS}:paths] StringEquals 'a')", f"(NOT {PATH} StringEquals 'a')"),
        (f"(!(ActionMatches{{'{BLOBS}/reads'}}))", f"(!({READ}))"),
        (f"(!(ActionMatches{{{BLOBS}/read}}))", f"(!({READ} AND NOT SubOperationMatches{{'B'}}))"),
        (f"({PATH} Equals 'a')", f"({PATH} StringStartsWith 'a')"),
        (f"({PATH} NumericEquals 'a')", f"({PATH} NumericEquals '1')"),
        (
            f"(@Resource[{BLOBS}:isCurrentVersion] BoolEquals yes)",
            f"(@Resource[{BLOBS}:isCurrentVersion] BoolEquals true)",
        ),
        (
            f"(@Request[{BLOBS}:include] ForAllOfAnyValues:StringEquals 'metadata')",
            f"(@Request[{BLOBS}:include] ForAllOfAnyValues:StringEquals {{'metadata'}})",
        ),
        (f"(@Resources[{BLOBS}:path] StringEquals 'a')", f"(Exists {PATH})"),
        (f"{PATH}", f"({PATH} StringEquals 'a') OR ({PATH} StringEquals 'b')"),
        (
            f"(@Resource[{BLOBS}/tags:Project] StringEquals 'a')",
            f"(@Resource[{BLOBS}/tags:Project<$key_case_sensitive$>] StringEquals 'a')",
        ),
    )
]


def _asked(query: str) -> dict[str, Any]:
    return {"criteria.allOf[0].query": query}


QUERIES = [
    Stated("query", reason, _asked(bad), _asked(good))
    for reason, bad, good in (
        ("is it isempty?", "AppRequests | where isempy(Name)", "AppRequests | where isempty(Name)"),
        (
            "has 2 arguments, takes 3",
            "AppRequests | extend a = iff(Success, 1)",
            "AppRequests | extend a = iff(Success, 1, 0)",
        ),
        (
            "has 1 arguments, takes 2",
            "AppRequests | summarize count() by bin(TimeGenerated)",
            "AppRequests | summarize count() by bin(TimeGenerated, 1h)",
        ),
        (
            "join says no column",
            "AppRequests | join (AppTraces | take 1)",
            "AppRequests | join (AppTraces | take 1) on OperationId",
        ),
        (
            "a value is compared with ==",
            'AppRequests | where Name = "a"',
            "AppRequests | where Success = True",
        ),
        ("a command of management", ".show tables", "AppRequests | count"),
        ("no tabular expression", "let x = 5;", "let x = 5; AppRequests | take x"),
        (
            "is no date",
            "AppRequests | where TimeGenerated > datetime(2024-13-01)",
            "AppRequests | where TimeGenerated > datetime(2024-12-01)",
        ),
        # learn.microsoft.com, "Workspace-based Application Insights resources": names of tables.
        ("under another name", "requests | count", "AppRequests | count"),
    )
]
COMPONENT = [
    Stated("query", "under another name", {"scopes": scopes, **_asked(table)}, good)
    for table in ("requests", "dependencies", "customEvents", "pageViews", "exceptions", "traces")
    for scopes, good in (
        (["${logs.id}"], {"scopes": ["${insights.id}"], **_asked(f"{table} | summarize count()")}),
    )
]
AZURE_TEXTS = [*LOGIC, *CONDITIONS, *QUERIES, *COMPONENT]
