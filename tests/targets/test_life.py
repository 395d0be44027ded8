"""The life of a stack on every cloud: up, nothing to do, failures, destroy."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.targets import clouds
from tests.targets.clouds import POLICIES, Platform
from tests.targets.page import stale

pytestmark = pytest.mark.engine

# What each cloud keeps for a while of what was deleted; nothing of it can be used, or costs much.
LINGERS = {
    "aws": {"kms.Key"},
    "azure": {
        "keyvault.Vault",
        "machinelearningservices.Workspace",
        "operationalinsights.Workspace",
    },
    "gcp": {
        "gcp.MetadataStore",
        "kms.KeyRing",
        "kms.CryptoKey",
        "iam.WorkloadIdentityPool",
        "logging.ProjectBucketConfig",
        "projects.IAMCustomRole",
    },
}
# What holds a production's versions and their key.
PROTECTED = {
    "aws": ("s3.Bucket", "kms.Key", "sagemaker.ModelPackageGroup"),
    "azure": (
        "storage.StorageAccount",
        "keyvault.Vault",
        "machinelearningservices.Workspace",
        "machinelearningservices.ModelContainer",
    ),
    "gcp": ("storage.Bucket", "kms.CryptoKey", "gcp.Entry"),
}
# What a destroy leaves on purpose, by name: the project's, which other stacks in it use as well.
SHARED = {
    "gcp": {f"{service}-agent" for service in ("aiplatform", "eventarc", "pubsub", "workflows")},
}
# Services' own stores that stay: that of metadata is the project's, for the runs of all stacks.
STORES = {"gcp": ["metadata-stores/projects/my-project-prod/locations/europe-west1"]}
# What jobs, releases and autoscaling make later, as policies name it.
LATER = ("log-group:/aws/sagemaker/", "role/aws-service-role/", '-v*"')
# What changes after the pipelines, and names them.
LAST = {"aws": "training", "azure": "retraining", "gcp": "retrain"}


def test_what_fails_at_every_resource_in_turn_is_made_good_and_leaves_nothing_to_change(
    platform: Platform,
) -> None:
    plan = platform.changes()
    assert not platform.created_rows(), "a preview makes nothing"
    for kind, name in map(str.split, plan):
        # The hardest: it is there, and the engine does not know whether it is as it should be.
        platform.cloud.fail_halfway("create", f"*:{kind}::{name}")
        platform.cloud.fail("delete", f"*:{kind}::{name}")
    assert platform.attempts("up", len(plan)) > 1
    platform.no_changes("--refresh", *POLICIES)
    # It acts once its schedule is deleted.
    switches = [change for change in plan if change.startswith("ScheduleSwitch ")]
    assert len(platform.created_rows()) + len(platform.blobs()) == len(plan) - len(switches)
    assert not stale(platform.stack, platform.exported()), "make docs"
    assert platform.own_providers() <= {"own"}, "Target.own_resources"
    assert platform.attempts("destroy", len(plan)) > 1
    names_left = {row.urn.rpartition("::")[2] for row in platform.created_rows()}
    assert names_left == SHARED.get(platform.target.name, set())
    # What keeps its name for a while after it was deleted is in nobody's way.
    platform.up()


def test_what_is_changed_and_taken_back_comes_up_also_after_a_failure(platform: Platform) -> None:
    """What is kept for runs under way, or keeps its name for a while, is in nobody's way."""
    code = platform.project.own("training") / "clock.py"
    before, text = platform.config, code.read_text()

    def change() -> None:
        github = {"repository": "my-company/churn", "repositoryId": 1234567}
        platform.configure(**{"gate.margin": 0.01, "drift.alpha": 0.01, "ci.github": github})
        code.write_text(f"{text}# changed\n")

    platform.up()
    change()
    # It fails once the pipelines are changed.
    platform.cloud.fail("update", f"*::churn-{LAST[platform.target.name]}")
    platform.up(fails=True)
    platform.restore(before)
    code.write_text(text)
    platform.up()
    platform.no_changes("--refresh")
    change()
    platform.up()
    platform.no_changes("--refresh")


def test_production_keeps_the_policies_and_is_protected_until_its_models_may_go(
    target: str, tmp_path: Path
) -> None:
    with clouds.platform(target, tmp_path, "prod") as platform:
        platform.up()
        assert not stale(platform.stack, platform.exported()), "make docs"
        platform.release()
        named = [text for text in platform.dangling() if not any(part in text for part in LATER)]
        assert not named, "policies, dashboards and rules name what there is"
        # What releases own stays theirs, also once the engine has seen it.
        platform.no_changes("--refresh", *POLICIES)
        before = platform.created_rows()
        report = platform.destroy_with_report()
        assert platform.created_rows() == before, "what refuses, refuses before anything is gone"
        assert not report["finished"] and report["code"] != 0
        why = {leftover["type"]: leftover["why"] for leftover in report["kept"]}
        assert all(why[kind].startswith("it is protected") for kind in PROTECTED[target]), why
        reasons = "it is protected", "it was not reached"
        assert all(leftover["why"].startswith(reasons) for leftover in report["kept"]), report[
            "kept"
        ]
        platform.configure(allowModelDeletion=True)
        platform.up()
        report = platform.destroy_with_report()
        assert report["finished"] and report["code"] == 0
        types_by_name = {
            leftover["name"]: leftover["type"]
            for leftover in report["kept"]
            if "on purpose" in leftover["why"]
        }
        assert {leftover["type"] for leftover in report["kept"]} - {
            *types_by_name.values()
        } == LINGERS[target]
        assert {
            row.urn.rpartition("::")[2] for row in platform.created_rows()
        } == types_by_name.keys()
        assert platform.cloud.stores() == STORES.get(target, [])
