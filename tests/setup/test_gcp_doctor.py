"""`mlops doctor` on Google Cloud."""

from __future__ import annotations

import threading
from datetime import date

import pytest

from tests.clouds.discovery import Server
from tests.setup.answers import stack, states
from tests.setup.clouds import answering
from tools.doctor import gcp
from tools.doctor.checks import BAD, GOOD, OPEN

GCP = {"mlops:target": "gcp", "gcp:project": "p", "gcp:region": "europe-west1"}


@pytest.mark.parametrize(("permissions", "state", "limit", "expected"), [
    (list(gcp.PERMISSIONS), "ENABLED", "24", GOOD),
    ([], "DISABLED", "1", BAD),
])  # fmt: skip
def test_gcp(
    monkeypatch: pytest.MonkeyPatch, permissions: list, state: str, limit: str, expected: str
) -> None:
    monkeypatch.setattr(gcp, "_token", lambda: "a-token")
    elsewhere = {"dimensions": {"region": "us-east1"}, "effectiveLimit": "1000"}
    region = {"dimensions": {"region": "europe-west1"}, "effectiveLimit": limit}
    services = [{"name": f"projects/1/services/{name}", "state": state} for name in gcp.FIRST]
    limits = {"consumerQuotaLimits": [{"quotaBuckets": [elsewhere, region]}]}
    answers = {
        "serviceusage.services.batchGet": {"services": services},
        "cloudresourcemanager.projects.testIamPermissions": {"permissions": permissions},
        "serviceusage.services.consumerQuotaMetrics.get": limits,
    }
    # Requests and answers are held against Google's discovery documents.
    server = Server(lambda call: answers[call.method])
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    hosts = (
        url.replace("https:/", server.address, 1)
        for url in (gcp.PROJECTS, gcp.SERVICES, gcp.QUOTAS)
    )
    checks = list(gcp.checks(stack(GCP), *hosts))
    server.shutdown()
    server.server_close()
    names = [check.name for check in checks]
    assert names == ["credentials", "APIs", "permissions", "quotas", "quotas", "image"]
    assert {check.state for check in checks[1:5]} == {expected}
    assert list(dict.fromkeys(server.calls)) == list(answers) and not server.wrong
    assert "a-token" not in str(checks)


@pytest.mark.parametrize(("limit", "state"), [(47, BAD), (48, GOOD), (-1, GOOD)])
def test_an_endpoint_takes_the_quota_of_all_it_may_grow_to_for_two_versions(
    monkeypatch: pytest.MonkeyPatch, limit: int, state: str
) -> None:
    """Six machines of four processors each, and as many for the version that comes in a release.

    "You will be charged for (max_replica_count * number of cores in the selected machine type)":
    maxReplicaCount of DedicatedResources, aiplatform.v1.
    """
    monkeypatch.setattr(gcp, "_limits", lambda *_: [float(limit)])
    endpoint = {"instanceType": "n1-standard-4", "instances": 2, "maxInstances": 6}
    needed = gcp._needs(stack({**GCP, "mlops:endpoint": endpoint}))["serving", ""]
    assert gcp._quota("", "", "europe-west1", "serving", "", needed).state == state


def test_the_quota_is_that_of_all_models() -> None:
    several = {
        "a": {},
        "b": {"endpoint": {"instanceType": "n1-standard-8"}},
        "c": {
            "endpoint": {"instanceType": "c2-standard-4"},
            "compute": {"instanceType": "e2-standard-16"},
        },
        "d": None,
    }
    base = {"mlops:endpoint": {"instanceType": "n1-standard-2", "instances": 3}}
    assert gcp._needs(stack({**GCP, **base, "mlops:models": several})) == {
        # Two versions of three machines each; jobs wait for one another.
        ("serving", ""): 2 * 3 * (2 + 8 + 2),
        ("serving", "c2_"): 2 * 3 * 4,
        ("training", ""): 16,
    }


def test_what_is_no_machine_type_takes_no_quota() -> None:
    """The settings' checks refuse it."""
    wrong = {"mlops:endpoint": {"instanceType": "n1-standard-four"}}
    assert gcp._needs(stack({**GCP, **wrong})) == {("serving", ""): 0, ("training", ""): 2}


@pytest.mark.parametrize(
    ("day", "state"), [("2026-10-14", GOOD), ("2026-10-15", OPEN), ("2027-10-15", BAD)]
)
def test_the_image_of_google_has_an_end(day: str, state: str) -> None:
    assert gcp._image(stack(GCP), date.fromisoformat(day)).state == state


def test_a_service_that_refuses_to_say_leaves_it_open(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gcp, "_token", lambda: "a-token")
    with answering({}) as host:
        checks = list(gcp.checks(stack(GCP), host, host, host))
    del checks[-1]
    assert states(checks) == {"credentials": GOOD, "APIs": BAD, "permissions": BAD, "quotas": OPEN}
    assert "403" in checks[1].found
