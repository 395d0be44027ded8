"""Rules of Azure by its references: the last value that each takes, and the first that it refuses.

Each rule is called by itself, so that no cloud has to be filled.
"""

from __future__ import annotations

from typing import Any

import pytest
from pulumi_simcloud.property_values import UNKNOWN
from pulumi_simcloud.rules import azure
from rule_failures import Told, told

GROUP = "/subscriptions/1/resourceGroups/g"
PROVIDERS = f"{GROUP}/providers"
VAULT = f"{PROVIDERS}/Microsoft.KeyVault/vaults/v"
ACCOUNT = f"{PROVIDERS}/Microsoft.Storage/storageAccounts/a"
VAULTS = "Microsoft.KeyVault/vaults"


def test_each_rule_says_what_it_reads() -> None:
    assert azure.lifecycle().paths == ("policy.rules",) and azure.tags().paths == ("tags",)
    assert azure.notifications().paths == ("notifications",)
    assert azure.log_categories().paths == (
        "logs", "workspaceId", "storageAccountId", "eventHubAuthorizationRuleId",
        "marketplacePartnerId",
    )  # fmt: skip
    for rule in (azure.name_without_reserved_words, azure.placeholders):
        assert rule("a").paths == ("a",)
    assert azure.operations("a", "action").paths == azure.tags("a").paths == ("a",)


# ISO 8601 durations; ids of Azure Resource Manager ("Resource IDs").
@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("PT1S", 1), ("PT1M", 60), ("PT1H", 3600), ("P1D", 86_400), ("P2DT3H4M5S", 183_845),
        ("PT1H30M", 5400), ("P", None), ("PT", None), ("1M", None), ("PT1M ", None), (5, None),
        (None, None), (UNKNOWN, None),
    ],
)  # fmt: skip
def test_a_duration_in_seconds(value: Any, expected: int | None) -> None:
    assert azure.seconds(value) == expected


def test_the_type_of_an_id() -> None:
    assert azure.type_of(GROUP) == "Microsoft.Resources/resourceGroups"
    assert azure.type_of(GROUP.lower()) == "Microsoft.Resources/resourceGroups"
    assert azure.type_of(VAULT) == VAULTS
    blobs = "Microsoft.Storage/storageAccounts/blobServices"
    assert azure.type_of(f"{ACCOUNT}/blobServices/default") == blobs
    assert azure.type_of(VAULT.upper()) == VAULTS.upper()
    setting = f"{ACCOUNT}/providers/Microsoft.Insights/diagnosticSettings/d"
    assert azure.type_of(setting) == "Microsoft.Insights/diagnosticSettings"
    for other in ("/subscriptions/1", f"{GROUP}/x", "", None, UNKNOWN):
        assert azure.type_of(other) is None
    assert azure.entries_of("azure_metrics", "_source") is None
    assert azure.entries_of("azure_metrics", None) is None
    assert "Availability" in azure.entries_of("azure_metrics", VAULTS.upper())


# "Resolve errors for reserved resource names": XBOX as a whole, LOGIN at the start alone.
@pytest.mark.parametrize(
    ("name", "word"),
    [
        *((word, word) for word in (
            "access", "app_browsers", "app_code", "app_data", "app_globalresources",
            "app_localresources", "app_themes", "app_webreferences", "azure", "bing", "bizspark",
            "biztalk", "cortana", "directx", "dotnet", "dynamics", "excel", "exchange",
            "forefront", "groove", "hololens", "hyperv", "kinect", "lync", "msdn", "o365",
            "office", "office365", "onedrive", "onenote", "outlook", "powerpoint", "sharepoint",
            "skype", "visio", "visualstudio", "web.config", "xbox",
        )),
        ("AZURE", "azure"), ("my-Microsoft", "microsoft"), ("windows", "windows"),
        ("windowses", "windows"), ("xmicrosoftx", "microsoft"), ("Login", "login"),
        ("logins", "login"), ("mylogin", None), ("xboxes", None), ("azures", None),
        ("myazure", None), ("microsof", None), ("window", None), ("churn", None),
    ],
)  # fmt: skip
def test_reserved_words_of_a_name(name: str, word: str | None) -> None:
    rule = azure.name_without_reserved_words("name")
    reason = f"ReservedResourceName: \"{name}\" has '{word}' in it"
    assert told(rule, name=name) == ([] if word is None else [("name", reason)])
    assert told(rule) == told(rule, name=UNKNOWN) == []


# "Use tags to organize your Azure resources", limitations.
def test_tags() -> None:
    rule = azure.tags()
    many = {f"tag{number}": "" for number in range(51)}
    assert told(rule, tags=many) == [("tags", "has 51 tags, allowed are 50")]
    del many["tag0"]
    for good in (many, {"k" * 512: "v" * 256}, {"a b.c-d": UNKNOWN}, UNKNOWN, None):
        assert told(rule, tags=good) == [], good
    for key in ("", "k" * 513, *(f"a{sign}b" for sign in "<>%&\\?/")):
        reason = f"tag {key!r}: 1-512 characters, none of < > % & \\ ? /"
        assert told(rule, tags={key: "x"}) == [("tags", reason)]
    assert told(rule, tags={"k": "v" * 257}) == [("tags", "tag 'k' is longer than 256 characters")]


# "Azure custom roles"; "Azure permissions" lists the operations by provider.
@pytest.mark.parametrize(
    ("kind", "good"),
    [
        ("action", "*"), ("data", "*"), ("action", "*/read"), ("action", UNKNOWN), ("action", None),
        ("action", "Microsoft.Storage/storageAccounts/read"),
        ("action", "microsoft.storage/STORAGEACCOUNTS/*"), ("action", "Microsoft.Storage/*/read"),
        ("action", "Microsoft.Compute/virtualMachines/start/action"),
        # Managed Identity Operator, and a table of a workspace.
        ("action", "Microsoft.ManagedIdentity/userAssignedIdentities/*/assign/action"),
        ("action", "Microsoft.OperationalInsights/workspaces/query/Heartbeat/read"),
        ("data", "Microsoft.Storage/storageAccounts/blobServices/containers/blobs/read"),
        ("data", "Microsoft.Storage/storageAccounts/*/blobs/read"),
        # Providers that nobody lists.
        ("action", "Microsoft.Networking/things/read"),
        ("action", "Contoso.Storag/things/read"), ("action", "Microsoft.Nowhere/things/read"),
        ("data", "Microsoft.Compute/virtualMachines/login/action"),
    ],
)  # fmt: skip
def test_operations_that_there_are(kind: str, good: Any) -> None:
    assert told(azure.operations("actions[*]", kind), actions=[good]) == []


@pytest.mark.parametrize(
    ("kind", "bad"),
    [
        ("action", "Microsoft.Storage/storageAccounts/reads"), ("action", "Microsoft.Storage"),
        ("action", "Microsoft.Storage/storageAccount/*"), ("action", "Microsoft.Storage/*/rea"),
        ("action", "Microsoft.Logic/workflow/read"),
        ("action", "Microsoft.Storage/storageAccounts/blobServices/containers/blobs/read"),
        ("data", "Microsoft.Storage/storageAccounts/read"),
        ("data", "Microsoft.Logic/workflows/read"),
        ("action", "Microsoft.OperationalInsights/workspaces/query"),
        ("action", "Microsoft.OperationalInsights/workspaces/query/Heartbeat/write"),
        ("action", "Microsoft.Storages/storageAccounts/read"),
        ("action", "Microsoft.Compue/virtualMachines/read"),
    ],
)  # fmt: skip
def test_operations_that_there_are_not(kind: str, bad: str) -> None:
    reason = f"InvalidActionOrNotAction: {bad!r} does not match any operation"
    rule = azure.operations("actions[*]", kind)
    assert told(rule, actions=["*", bad]) == [("actions[1]", reason)]


# "Azure Blob Storage lifecycle management overview" and "policy structure": 100 rules, 10
# prefixes, a name of its own, one action at least.
def lifecycle(*rules: Any) -> Told:
    return told(azure.lifecycle(), policy={"rules": list(rules)})


def lifecycle_rule(name: Any = "a", filters: Any = None, **actions: Any) -> dict[str, Any]:
    return {
        "name": name,
        "definition": {"filters": filters, "actions": actions or {"base": {1: 1}}},
    }


def test_a_lifecycle() -> None:
    rules = [lifecycle_rule(f"rule{number}") for number in range(101)]
    assert lifecycle(*rules[1:]) == lifecycle() == told(azure.lifecycle()) == []
    assert lifecycle(*rules) == [("policy.rules", "has 101 rules, allowed are 100")]
    twice = [("policy.rules", "the name 'a' is there 2 times")]
    assert lifecycle(lifecycle_rule(), lifecycle_rule("A")) == []
    assert lifecycle(lifecycle_rule(), lifecycle_rule()) == twice
    for good in ({}, None, {"prefixMatch": None}, {"prefixMatch": ["p"] * 10}):
        assert lifecycle(lifecycle_rule(filters=good)) == [], good
    assert lifecycle(lifecycle_rule("b"), lifecycle_rule(filters={"prefixMatch": ["p"] * 11})) == [
        ("policy.rules[1].definition.filters.prefixMatch", "has 11 prefixes, allowed are 10")
    ]
    assert lifecycle(lifecycle_rule(base=None, snapshot={"delete": 1})) == []
    assert lifecycle(lifecycle_rule(base=None, snapshot={})) == [
        ("policy.rules[0].definition.actions", "a rule needs at least one action")
    ]


# What is not known yet passes, as `basic` has it.
def test_a_lifecycle_that_is_not_known_yet() -> None:
    unnamed = [lifecycle_rule(UNKNOWN), lifecycle_rule(UNKNOWN)]
    for rules in (unnamed, [UNKNOWN, UNKNOWN], [{"name": "a", "definition": UNKNOWN}],
                  [{"name": "a", "definition": {"actions": UNKNOWN}}],
                  [lifecycle_rule(filters=UNKNOWN)],
                  [lifecycle_rule(filters={"prefixMatch": UNKNOWN}, base=UNKNOWN)]):  # fmt: skip
        assert lifecycle(*rules) == [], rules
    assert told(azure.lifecycle(), policy=UNKNOWN) == []


# "Create diagnostic settings"; "Supported resource logs for Azure Monitor"; "Supported metrics".
def setting(of: Any = VAULT, **inputs: Any) -> Told:
    return told(azure.log_categories(), resourceUri=of, **{"workspaceId": "w", **inputs})


def test_a_diagnostic_setting_has_a_destination() -> None:
    reason = (
        "at least one of workspaceId, storageAccountId, eventHubAuthorizationRuleId, "
        "marketplacePartnerId is needed"
    )
    assert setting(workspaceId=None) == [("workspaceId", reason)]
    for name in ("storageAccountId", "eventHubAuthorizationRuleId", "marketplacePartnerId"):
        assert setting(workspaceId=None, **{name: "x"}) == [], name
    assert setting() == setting(workspaceId=UNKNOWN) == []


@pytest.mark.parametrize(
    ("of", "log", "key", "problem"),
    [
        (VAULT, {"category": "AuditEvent"}, "", ""), (VAULT, {"categoryGroup": "audit"}, "", ""),
        (VAULT, {"categoryGroup": "allLogs"}, "", ""), (VAULT, {"category": UNKNOWN}, "", ""),
        (VAULT, {"categoryGroup": UNKNOWN}, "", ""), (VAULT, UNKNOWN, "", ""),
        (VAULT.upper(), {"category": "AuditEvent"}, "", ""), (UNKNOWN, {"category": "x"}, "", ""),
        (f"{PROVIDERS}/Contoso.Storage/accounts/a", {"category": "AuditEvents"}, "", ""),
        (VAULT, {}, "", "exactly one of category, categoryGroup is needed"),
        (VAULT, {"category": "AuditEvent", "categoryGroup": "audit"}, "",
         "exactly one of category, categoryGroup is needed"),
        (VAULT, {"category": "AuditEvents"}, ".category",
         f"Category 'AuditEvents' is not supported by {VAULTS}: "
         "AuditEvent, AzurePolicyEvaluationDetails"),
        (VAULT, {"categoryGroup": "all"}, ".categoryGroup", "'all': allLogs or audit"),
        # An account's logs are those of its services.
        (f"{ACCOUNT}/blobServices/default", {"categoryGroup": "allLogs"}, "", ""),
        (ACCOUNT, {"category": UNKNOWN}, "", ""),
        (ACCOUNT, {"categoryGroup": "allLogs"}, ".categoryGroup",
         "a Microsoft.Storage/storageAccounts has no logs"),
    ],
)  # fmt: skip
def test_a_category_of_logs(of: Any, log: Any, key: str, problem: str) -> None:
    assert setting(of, logs=[log]) == ([(f"logs[0]{key}", problem)] if problem else [])


def test_a_category_of_metrics() -> None:
    path, reason = "metrics[0].category", "Metric category {!r} is not supported by {}: {}"
    metrics = [{"category": "Transaction"}]
    refused = [(path, reason.format("Transaction", VAULTS, "AllMetrics"))]
    assert setting(metrics=metrics) == refused and setting(UNKNOWN, metrics=metrics) == []
    for name in ("AllMetrics", UNKNOWN):
        assert setting(metrics=[{"category": name}]) == [], name
    for name in ("AllMetrics", "Transaction", "Capacity"):
        assert setting(ACCOUNT, metrics=[{"category": name}]) == [], name
    names = "AllMetrics, Transaction, Capacity"
    refused = [(path, reason.format("Capacities", "Microsoft.Storage/storageAccounts", names))]
    assert setting(ACCOUNT, metrics=[{"category": "Capacities"}]) == refused


# github Azure/azure-rest-api-specs, Microsoft.Consumption 2019-06-01: notifications, maxItems 5,
# contactEmails, maxItems 50; terraform-provider-azurerm, consumption_budget_subscription: the
# contacts are not all empty.
@pytest.mark.parametrize(
    ("notification", "problem"),
    [
        ({"contactEmails": ["a@b.c"]}, ""), ({"contactEmails": ["a@b.c"] * 50}, ""),
        ({"contactGroups": ["g"]}, ""), ({"contactRoles": ["Owner"]}, ""), (UNKNOWN, ""),
        ({"contactEmails": UNKNOWN}, ""), ({"contactEmails": [], "contactGroups": UNKNOWN}, ""),
        ({"contactEmails": ["a@b.c"] * 51}, "has 51 e-mails, at most 50"),
        ({}, "has no e-mail, group or role to tell"),
        ({"contactEmails": [], "contactGroups": []}, "has no e-mail, group or role to tell"),
    ],
)  # fmt: skip
def test_a_notification_of_a_budget(notification: Any, problem: str) -> None:
    told_last = told(azure.notifications(), notifications={"b": {"contactRoles": ["Owner"]},
                                                           "a": notification})  # fmt: skip
    assert told_last == ([("notifications.a", problem)] if problem else [])


def test_five_notifications_of_a_budget() -> None:
    rule = azure.notifications()
    many = {str(number): {"contactRoles": ["Owner"]} for number in range(6)}
    assert told(rule, notifications=many) == [("notifications", "has 6 entries, allowed are 5")]
    del many["0"]
    assert told(rule, notifications=many) == told(rule, notifications=UNKNOWN) == told(rule) == []


# "CLI (v2) command component YAML schema", "pipeline component YAML schema": ${{inputs.NAME}},
# ${{outputs.NAME}}, ${{parent.inputs.NAME}}, ${{parent.jobs.NODE.outputs.NAME}}.
@pytest.mark.parametrize(
    ("command", "problem"),
    [
        ("train ${{inputs.data}} ${{ outputs.model }}", ""), (UNKNOWN, ""), (None, ""),
        ("train", ""), ("${inputs.datum}", ""), ("${{inputs.datum}}", "inputs.datum"),
        ("${{ inputs.model}}", "inputs.model"),
        ("${{inputs.data}} ${{outputs.data}}", "outputs.data"),
    ],
)  # fmt: skip
def test_placeholders_of_a_command(command: Any, problem: str) -> None:
    rule = azure.placeholders("a.spec")
    spec = {"inputs": {"data": {}}, "outputs": {"model": {}}, "command": command}
    expected = [("a.spec.command", f"{problem} is none of the component's")] if problem else []
    assert told(rule, a={"spec": spec}) == expected
    assert told(rule, a={"spec": {**spec, "inputs": UNKNOWN, "outputs": UNKNOWN}}) == []
    bare = told(rule, a={"spec": {"command": command, "inputs": None}})
    assert bool(bare) == ("${{" in str(command))
    assert told(rule, a={"spec": UNKNOWN}) == told(rule) == []


@pytest.mark.parametrize(
    ("value", "problem"),
    [
        ("${{parent.inputs.data}}", ""), ("${{ parent.inputs.data }}", ""), ("data", ""), (7, ""),
        ({"value": "${{parent.inputs.data}}"}, ""), ("${{parent.jobs.prepare.outputs.x}}", ""),
        (UNKNOWN, ""), ({"path": "${{parent.inputs.datum}}"}, ""),
        ("${{parent.inputs.datum}}", "input"), ("${{parent.jobs.prepared.outputs.x}}", "other job"),
        ("${{parent.jobs.train.outputs.x}}", "other job"), ("x${{parent.inputs.datum}}", ""),
    ],
)  # fmt: skip
def test_bindings_of_a_pipeline(value: Any, problem: str) -> None:
    rule = azure.placeholders("spec")
    jobs = {"prepare": UNKNOWN, "other": {"inputs": UNKNOWN}, "last": {"inputs": None},
            "train": {"inputs": {"first": "x", "given": value}}}  # fmt: skip
    spec = {"inputs": {"data": {}}, "jobs": jobs}
    expected = [("spec.jobs.train.inputs.given", f"{value} names no {problem}")] if problem else []
    assert told(rule, spec=spec) == expected
    unknown = told(rule, spec={**spec, "inputs": UNKNOWN})
    assert unknown == (expected if problem == "other job" else [])
    last = {"inputs": {"given": {"value": "${{parent.inputs.datum}}"}}}
    assert len(told(rule, spec={**spec, "jobs": {"last": last}})) == 1
    assert told(rule, spec={"jobs": UNKNOWN}) == told(rule, spec={"jobs": None}) == []
