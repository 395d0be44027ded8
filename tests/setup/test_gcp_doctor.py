"""`mlops doctor` on Google Cloud."""

from __future__ import annotations

import threading
from datetime import date

import pytest
from pulumi_simcloud.permissions.gcp import predefined_roles

from tests.clouds.discovery import Server
from tests.setup.answers import stack, states
from tests.setup.clouds import answering
from tools.doctor import gcp
from tools.doctor.checks import BAD, GOOD, OPEN, Check

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
    ("day", "state"),
    [("2026-10-14", GOOD), ("2026-10-15", OPEN), ("2027-10-14", OPEN), ("2027-10-15", BAD)],
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
    # What services are enabled by, and what the provider reads a project with.
    first = "serviceusage.googleapis.com", "cloudresourcemanager.googleapis.com"
    assert all(f" {name} " in checks[1].todo for name in first)


def test_a_stack_of_defaults_needs_machines_of_two_processors() -> None:
    assert gcp._needs(stack(GCP)) == {("serving", ""): 2 * 2, ("training", ""): 2}


def test_every_permission_is_one_that_a_role_of_google_s_has() -> None:
    """Of the roles that the simulated cloud has from a public dump of them all."""
    granted = {name for role in predefined_roles().values() for name in role}
    assert set(gcp.PERMISSIONS) <= granted
    # Of each service that a stack has parts of (docs/targets.md).
    assert {name.partition(".")[0] for name in gcp.PERMISSIONS} == {
        "aiplatform", "bigquery", "cloudkms", "iam", "logging", "monitoring", "resourcemanager",
        "serviceusage", "storage",
    }  # fmt: skip
    # Accounts of the stack's own, with roles of its own.
    assert {"iam.roles.create", "iam.serviceAccounts.create"} <= set(gcp.PERMISSIONS)


def test_without_credentials_nothing_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(scopes: list[str]) -> None:
        raise RuntimeError("no credentials")

    monkeypatch.setattr("google.auth.default", refuse)
    first, *others, image = gcp.checks(stack(GCP))
    todo = "gcloud auth application-default login"
    assert first == Check("credentials", BAD, "no credentials", todo)
    assert states(others) == dict.fromkeys(("APIs", "permissions", "quotas"), OPEN)
    assert {check.todo for check in others} == {todo}
    assert image.name == "image"


def test_a_quota_that_is_not_told_is_open(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gcp, "_limits", lambda *_: [])
    check = gcp._quota("", "", "europe-west1", "serving", "c2_", 8)
    metric = "aiplatform.googleapis.com/custom_model_serving_c2_cpus"
    assert (check.name, check.state) == ("quotas", OPEN)
    assert check.found == f"no limit of {metric} is told for europe-west1"
    assert f"ask for {metric} in europe-west1" in check.todo


def test_an_image_of_one_s_own_has_no_dates() -> None:
    own = {**GCP, "mlops:compute": {"image": "europe-docker.pkg.dev/p/r/i:1"}}
    check = gcp._image(stack(own), date(2026, 1, 1))
    assert (check.name, check.state) == ("image", OPEN)
    assert check.found.startswith("europe-docker.pkg.dev/p/r/i:1: yours")


def test_the_token_is_a_fresh_one(monkeypatch: pytest.MonkeyPatch) -> None:
    class Credentials:
        token = "stale"

        def refresh(self, request: object) -> None:
            self.token = "fresh"

    asked: list[str] = []
    monkeypatch.setattr(
        "google.auth.default", lambda scopes: (asked.extend(scopes), (Credentials(), "p"))[1]
    )
    assert gcp._token() == "fresh"
    # "OAuth 2.0 Scopes for Google APIs".
    assert asked == ["https://www.googleapis.com/auth/cloud-platform"]
