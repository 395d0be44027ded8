"""Bad texts and places on Microsoft Azure."""

from __future__ import annotations

from typing import Any

from planted.case import GUARD, RULE, Planted

HTTP = {"type": "Http", "inputs": {"method": "GET", "uri": "https://example.org"}}
QUERY = "criteria.allOf[0].query"


def _asked(told: str, text: str, **more: Any) -> Planted:
    return Planted(RULE, "query", told, {QUERY: text, **more})


def _flow(told: str, **actions: Any) -> Planted:
    return Planted(RULE, "logic", told, {"definition": {"triggers": {}, "actions": actions}})


VARIABLE = {"variables": [{"name": "x", "type": "string"}]}
TEXTS = [
    _asked("a value is compared with ==", 'Perf | where Computer = "x"'),
    _asked("join kind=innr", "Perf | join kind=innr (Heartbeat) on Computer"),
    _asked("it is called 'Perf'", "PERF | take 5"),
    _asked("Unknown function: 'concat'", "Perf | extend a = concat(Computer, 'x')"),
    _asked("is not for the query", "Perf | evaluate pivot(Computer)"),
    _asked("asked each minute", "Perf | take 5", evaluationFrequency="PT1M", windowSize="PT5M"),
    _asked("has it under another name", "requests | take 5"),
    _asked("a component has no such table", "Perf | take 5", scopes=["${insights.id}"]),
    _flow("is not initialized", a={"type": "SetVariable", "inputs": {"name": "x", "value": 1}}),
    _flow("cannot be nested", a={"type": "Scope", "actions": {"b": {
        "type": "InitializeVariable", "inputs": VARIABLE}}}),
    _flow("no <>%&", **{"a/b": HTTP}),
    _flow("needs foreach", a={"type": "Foreach", "actions": {"b": HTTP}}),
    Planted(RULE, "group", "is not available", {"location": "westeurope2"}),
    Planted(RULE, "query", "is not available", {"location": "global"}),
    Planted(RULE, "environmentcontainer", "are reserved", {"name": "AzureML-x"}),
    Planted(RULE, "environmentversion", "are reserved", {"name": "Microsoft-x"}),
    Planted(
        RULE,
        "endpoint",
        "has live traffic",
        {"properties.traffic": {"blue": 100}, "properties.mirrorTraffic": {"blue": 10}},
    ),
    Planted(GUARD, "dataversion", "is a uri_folder", {"properties.dataType": "uri_file"}),
    Planted(RULE, "table", "ends in _CL", {"tableName": "Drift"}),
    Planted(RULE, "alert", "has 0 entries", {"criteria.allOf": []}),
    Planted(RULE, "blob", "1 to 1024", {"blobName": ""}),
    Planted(RULE, "blob", "has a / in $root", {"containerName": "$root", "blobName": "a/b"}),
    Planted(
        RULE,
        "budget",
        "no dimension of costs",
        {"filter": {"dimensions": {"name": "Team", "operator": "In", "values": ["a"]}}},
    ),
]  # fmt: skip
