"""`mlops doctor` on Azure."""

from __future__ import annotations

from typing import Any

import pytest

from tests.setup.answers import stack, states
from tests.setup.clouds import answering
from tools.doctor import azure
from tools.doctor.checks import BAD, GOOD, OPEN

AZURE = {"mlops:target": "azure", "azure-native:location": "westeurope",
         "azure-native:subscriptionId": "1"}  # fmt: skip


# As in the examples of "Usages - List" (REST API of Azure ML): clusters and totals are among them.
def usages(family: int) -> dict[str, Any]:
    numbers = {"Clusters": (100, 0), "Total Dedicated Cores": (100, 10),
               "standardDSv2Family": (family, 0), "Standard DSv3 Family": (0, 0)}  # fmt: skip
    return {"value": [{"name": {"value": name}, "limit": limit, "currentValue": usage}
                      for name, (limit, usage) in numbers.items()]}  # fmt: skip


def registered(*missing: str) -> dict[str, Any]:
    return {"value": [
        {"namespace": name, "registrationState": ["Registered", "NotRegistered"][name in missing]}
        for name in azure.PROVIDERS
    ]}  # fmt: skip


def role(*actions: str, but: tuple[str, ...] = ()) -> dict[str, list[str]]:
    return {"actions": list(actions), "notActions": list(but)}


# "Azure built-in roles": Contributor; Role Based Access Control Administrator.
CONTRIBUTOR = role("*", but=("Microsoft.Authorization/*/Delete", "Microsoft.Authorization/*/Write"))
ASSIGNER = role("Microsoft.Authorization/roleAssignments/write",
                "Microsoft.Authorization/roleAssignments/delete", "*/read")  # fmt: skip
ACCESS = role("*/read", "Microsoft.Authorization/*")


# 20 cores: a machine of four for jobs, and twice two of four for an endpoint of one instance, since
# a deployment takes ceil(1.2 * instances) of them (learn.microsoft.com, "Manage and increase quotas
# and limits for resources with Azure Machine Learning", "Virtual machine quota allocation").
@pytest.mark.parametrize(("roles", "cores", "missing", "expected"), [
    ([role("*")], 20, (), {"permissions": GOOD, "providers": GOOD, "quotas": GOOD}),
    ([CONTRIBUTOR, ACCESS], 19, (), {"permissions": GOOD, "providers": GOOD, "quotas": BAD}),
    ([CONTRIBUTOR, ASSIGNER], 20, ("microsoft.insights", "Microsoft.Insights"),
     {"permissions": BAD, "providers": BAD, "quotas": GOOD}),
    ([role("Microsoft.Storage/*")], 0, (), {"permissions": BAD, "providers": GOOD, "quotas": BAD}),
])  # fmt: skip
def test_azure(
    monkeypatch: pytest.MonkeyPatch,
    roles: list,
    cores: int,
    missing: tuple[str, ...],
    expected: dict,
) -> None:
    monkeypatch.setattr(azure, "_token", lambda subscription: "a-token")
    with answering({
        "Microsoft.Authorization/permissions": {"value": roles},
        "/providers?": registered(*missing),
        "locations/westeurope/usages": usages(cores),
    }) as host:  # fmt: skip
        checks = list(azure.checks(stack(AZURE), host))
    assert states(checks) == {"credentials": GOOD, **expected}
    assert "a-token" not in str(checks)
    if expected["providers"] == BAD:
        assert "az provider register --wait -n Microsoft.Insights" in checks[2].todo


def test_a_family_that_azure_does_not_tell_of_is_open(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(azure, "_token", lambda subscription: "a-token")
    config = {**AZURE, "mlops:compute": {"instanceType": "Standard_E4s_v3"}}
    with answering({"locations/westeurope/usages": usages(100)}) as host:
        checks = list(azure.checks(stack(config), host))
    assert states(checks)["quotas"] == OPEN and "standardesv3family" in checks[-1].found


@pytest.mark.parametrize(
    ("settings", "needed"),
    [
        # Of three models each has an endpoint, and jobs take turns.
        (
            {"mlops:models": {"a": {}, "b": None, "c": {"endpoint": {"instances": 2}}}},
            4 + 16 * 2 + 24,
        ),
        # The largest that autoscaling makes of it (8), with a new version of two instances (3).
        ({"mlops:endpoint": {"instances": 2, "maxInstances": 6}}, 4 + 4 * (8 + 3)),
        ({"mlops:compute": {"instanceType": "Standard_DS4_v2"}}, 8 + 16),
        ({"mlops:endpoint": {"instanceType": "Standard_DS4_v2"}}, 4 + 2 * 16),
    ],
)
def test_the_quota_is_that_of_all_models(
    monkeypatch: pytest.MonkeyPatch, settings: dict[str, Any], needed: int
) -> None:
    monkeypatch.setattr(azure, "_token", lambda subscription: "a-token")
    quotas = {}
    for cores in (needed, needed - 1):
        with answering({"locations/westeurope/usages": usages(cores)}) as host:
            quotas[cores] = list(azure.checks(stack({**AZURE, **settings}), host))[-1]
    assert quotas[needed].state == GOOD
    assert quotas[needed - 1].state == BAD
    assert f"{needed} needed" in quotas[needed - 1].found
    assert "endpoint.instanceType" in quotas[needed - 1].todo


# Of Owner what is wanted here: "Azure permissions for Management and governance".
OWNER = role("Microsoft.Authorization/roleAssignments/write",
             "Microsoft.Authorization/roleDefinitions/write")  # fmt: skip


@pytest.mark.parametrize(
    ("roles", "expected"), [([ACCESS], GOOD), ([OWNER], GOOD), ([ASSIGNER], BAD)]
)
def test_on_a_registry_of_another_group_roles_are_given(
    monkeypatch: pytest.MonkeyPatch, roles: list, expected: str
) -> None:
    monkeypatch.setattr(azure, "_token", lambda subscription: "a-token")
    group = "/subscriptions/2/resourceGroups/company"
    registry = f"{group}/providers/Microsoft.MachineLearningServices/registries/models"
    with answering({
        f"{group}/providers/Microsoft.Authorization/permissions": {"value": roles},
        "subscriptions/1/providers/Microsoft.Authorization/permissions": {"value": [role("*")]},
        "/providers?": registered(),
        "locations/westeurope/usages": usages(20),
    }) as host:  # fmt: skip
        checks = list(azure.checks(stack({**AZURE, "mlops:registry": {"shared": registry}}), host))
    assert states(checks)["registry"] == expected
    assert registry in checks[2].todo or expected == GOOD


def test_the_token_is_one_for_the_subscription_s_management(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Of a scope as in "Azure REST API reference", "Acquire an access token"."""
    scopes: list[str] = []

    class Credential:
        def __init__(self, process_timeout: int) -> None:
            assert 0 < process_timeout <= 30

        def get_token(self, scope: str) -> Any:
            scopes.append(scope)
            return type("", (), {"token": "a-token"})

    monkeypatch.setattr("azure.identity.DefaultAzureCredential", Credential)
    assert azure._token("1") == "a-token"
    assert scopes == ["https://management.azure.com/.default"]


def test_without_a_subscription_nothing_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ARM_SUBSCRIPTION_ID", raising=False)
    config = {**AZURE, "azure-native:subscriptionId": None}
    first, *others = azure.checks(stack(config), "http://nowhere.invalid")
    assert (first.state, first.name) == (BAD, "credentials")
    assert "azure-native:subscriptionId and ARM_SUBSCRIPTION_ID unset" in first.found
    assert first.todo == "az login && export ARM_SUBSCRIPTION_ID=..."
    assert states(others) == dict.fromkeys(("permissions", "providers", "quotas"), OPEN)
    monkeypatch.setenv("ARM_SUBSCRIPTION_ID", "2")
    monkeypatch.setattr(azure, "_token", lambda subscription: subscription)
    with answering({"/subscriptions/2/": {"value": []}}) as host:
        assert next(azure.checks(stack(config), host)).found == "subscription 2"


def test_providers_of_further_pages_count(monkeypatch: pytest.MonkeyPatch) -> None:
    everything = registered()["value"]
    pages: dict[str, Any] = {"page=2": {"value": everything[3:]}}
    with answering(pages) as host:
        pages["/providers?"] = {"value": everything[:3], "nextLink": f"{host}/x?page=2"}
        assert azure._providers(f"{host}/subscriptions/1", "a-token").state == GOOD
        pages["page=2"] = {"value": everything[4:]}
        check = azure._providers(f"{host}/subscriptions/1", "a-token")
    assert check.found == f"not registered: {azure.PROVIDERS[3]}"


def test_the_services_that_managed_endpoints_want_are_asked_for() -> None:
    """Those of github.com/MicrosoftLearning/mslearn-azure-ml/issues/106, beside the stack's own."""
    wanted = {"Microsoft.Cdn", "Microsoft.Compute", "Microsoft.ContainerRegistry",
              "Microsoft.Network", "Microsoft.PolicyInsights"}  # fmt: skip
    assert wanted | {"Microsoft.MachineLearningServices", "Microsoft.Storage"} <= {*azure.PROVIDERS}
    # "Azure resource providers and types": always registered.
    always = {"Microsoft.Authorization", "Microsoft.Consumption", "Microsoft.Resources"}
    assert not always & {*azure.PROVIDERS}


def test_who_may_not_see_providers_or_quotas_is_told_so() -> None:
    with answering({}) as host:
        scope = f"{host}/subscriptions/1"
        checks = [
            azure._providers(scope, "t"),
            azure._quota(stack(AZURE), scope, "t", "westeurope"),
        ]
    assert states(checks) == {"providers": OPEN, "quotas": OPEN}
    assert all("403" in check.found and check.todo for check in checks)
