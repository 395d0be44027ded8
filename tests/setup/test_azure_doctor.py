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


@pytest.mark.parametrize(("roles", "expected"), [([ACCESS], GOOD), ([ASSIGNER], BAD)])
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
