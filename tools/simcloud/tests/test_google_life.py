"""What Google Cloud refuses in a project that is new, or of what was there before."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from planted.case import REMOVED
from pulumi_simcloud.catalog.gcp.common import PROJECT_MEMBER
from pulumi_simcloud.cloud import Cloud
from pulumi_simcloud.failures import CloudError
from pulumi_simcloud.life import NotYetError
from pulumi_simcloud.platforms import project_number, variables
from pulumi_simcloud.state import State
from samples import SETTINGS
from samples.attempt import attempt
from samples.gcp import GCP
from samples.world import Filled

PROJECT = "sim-project"
NUMBER = project_number(PROJECT)
BIGQUERY = f"serviceAccount:bq-{NUMBER}@bigquery-encryption.iam.gserviceaccount.com"
EVENTARC = f"serviceAccount:service-{NUMBER}@gcp-sa-eventarc.iam.gserviceaccount.com"


class Project:
    """A project in which nothing was before; samples are made in it by name."""

    def __init__(self, folder: Path) -> None:
        self.cloud = Cloud(State(folder), variables("gcp", SETTINGS["gcp"]), empty=True)
        self.outputs: dict[str, dict[str, Any]] = {}

    def create(self, *names: str, attempts: int = 4, **changes: Any) -> None:
        """Make samples, `attempts` times at most while the refusal is one that passes."""
        for name in names:
            token, inputs = GCP[name]
            filled = {key: self._filled(value) for key, value in {**inputs, **changes}.items()}
            urn = f"urn:pulumi:test::sim::{token}::{name}"
            checked, failures = self.cloud.check(urn, {}, filled, name.encode())
            assert not failures
            for number in range(1, attempts + 1):
                try:
                    identity, outputs = self.cloud.create(urn, checked)
                except NotYetError:
                    if number == attempts:
                        raise
                else:
                    self.outputs[name] = {"id": identity, **outputs}
                    break

    def delete(self, name: str) -> None:
        self.cloud.delete(f"urn:pulumi:test::sim::{GCP[name][0]}::{name}", self.outputs[name]["id"])

    def _filled(self, value: Any) -> Any:
        if isinstance(value, dict):
            return {key: self._filled(item) for key, item in value.items()}
        if isinstance(value, list):
            return [self._filled(item) for item in value]
        for name, outputs in self.outputs.items() if isinstance(value, str) else ():
            for key, item in outputs.items():
                value = value.replace(f"${{{name}.{key}}}", str(item))
        return value


@pytest.fixture
def project(tmp_path: Path) -> Project:
    project = Project(tmp_path)
    project.create("api-iam", "api-cloudresourcemanager", "api-cloudkms")
    return project


def test_a_grant_to_an_agent_that_nobody_made_is_refused(project: Project) -> None:
    project.create("ring", "key")
    grant: dict[str, Any] = {"member": BIGQUERY}
    with pytest.raises(CloudError, match=r"bigquery-encryption.* does not exist"):
        project.create("storageagent", **grant)
    token = "gcp:bigquery/getDefaultServiceAccount:getDefaultServiceAccount"
    assert project.cloud.invoke(token, {})["member"] == BIGQUERY
    project.create("storageagent", **grant)


def test_a_new_custom_role_is_not_known_to_a_bucket_at_once(project: Project) -> None:
    project.create("role", "account")
    project.create("bucket", encryption=None)
    with pytest.raises(NotYetError, match="does not exist in the resource's hierarchy"):
        project.create("bucketmember", role=project.outputs["role"]["name"], attempts=1)
    project.create("bucketmember")


def test_an_alert_waits_for_its_metric(project: Project) -> None:
    filter_ = 'metric.type="logging.googleapis.com/user/drift" AND resource.type="global"'
    condition = {
        "displayName": "a",
        "conditionThreshold": {
            "filter": filter_,
            "comparison": "COMPARISON_GT",
            "duration": "60s",
        },
    }
    with pytest.raises(CloudError, match="Cannot find metric"):
        project.create("policy", notificationChannels=[], conditions=[condition])
    project.create("metric")
    with pytest.raises(NotYetError, match="Cannot find metric"):
        project.create("policy", notificationChannels=[], conditions=[condition], attempts=1)
    project.create("policy", notificationChannels=[], conditions=[condition])


def test_a_trigger_waits_for_the_rights_of_the_agent(project: Project) -> None:
    project.create("api-workflows", "api-eventarc", "api-pubsub", "account", "topic")
    with pytest.raises(CloudError, match="Workflows service agent does not exist"):
        project.create("workflow")
    project.create("agent", service="workflows.googleapis.com")
    project.create("workflow")
    with pytest.raises(CloudError, match="Permission denied while using the Eventarc"):
        project.create("trigger")
    with pytest.raises(CloudError, match="does not exist"):
        project.create("projectmember", role="roles/eventarc.serviceAgent", member=EVENTARC)
    project.create("agent", service="eventarc.googleapis.com")
    project.create("projectmember", role="roles/eventarc.serviceAgent", member=EVENTARC)
    with pytest.raises(NotYetError, match="Permission denied while using the Eventarc"):
        project.create("trigger", attempts=1)
    project.create("trigger")


def test_the_right_on_the_project_is_a_right_on_its_keys(tmp_path: Path) -> None:
    """https://cloud.google.com/kms/docs/iam: roles that are inherited."""
    world = Filled(tmp_path, "gcp")
    encrypted = {"encryptionConfiguration": {"kmsKeyName": "${key.id}"}}
    with pytest.raises(CloudError, match=r"needs roles/cloudkms\."):
        attempt(world, "table", encrypted)
    role = "roles/cloudkms.cryptoKeyEncrypterDecrypter"
    world.cloud.invoke("gcp:bigquery/getDefaultServiceAccount:getDefaultServiceAccount", {})
    right = {"role": role, "member": BIGQUERY}
    attempt(world, "table", encrypted, (("right", "projectmember", right),))


def test_a_log_bucket_that_is_dying_is_not_made_again(project: Project) -> None:
    """https://github.com/GoogleCloudPlatform/cloud-foundation-fabric/issues/1898."""
    project.create("logbucket")
    project.delete("logbucket")
    with pytest.raises(CloudError, match="in an ACTIVE state"):
        project.create("logbucket")
    project.create("logbucket", bucketId="sim-2")
    project.create("logbucket", bucketId="_Default", location="global")


def test_an_api_is_off_until_somebody_enables_it(project: Project, tmp_path: Path) -> None:
    other = Project(tmp_path / "other")
    for name in ("account", "projectmember", "ring"):
        with pytest.raises(CloudError, match="is not enabled"):
            member: dict[str, Any] = {
                "member": "user:a@example.org",
                "role": "roles/aiplatform.user",
            }
            other.create(name, **(member if name == "projectmember" else {}))


def test_a_member_that_is_there_is_merged(project: Project) -> None:
    """What was left by a stack before is in nobody's way."""
    for _ in range(2):
        project.create("projectmember", role="roles/aiplatform.user", member="user:a@example.org")


def test_a_trigger_of_objects_needs_a_bucket_that_may_publish(tmp_path: Path) -> None:
    """https://cloud.google.com/eventarc/docs/run/create-trigger-storage-gcloud"""
    world = Filled(tmp_path, "gcp")
    criteria = [
        {"attribute": "type", "value": "google.cloud.storage.object.v1.finalized"},
        {"attribute": "bucket", "value": "${bucket.name}"},
    ]
    uploads = {"matchingCriterias": criteria, "transport": REMOVED}
    attempt(world, "trigger", uploads)
    with world.cloud.state.transaction() as transaction:
        transaction.remove(PROJECT_MEMBER, world.outputs["publisher"]["id"])
    with pytest.raises(CloudError, match="unable to publish to Cloud Pub/Sub topics"):
        attempt(world, "trigger", uploads)


@pytest.mark.parametrize("maker", ["compute", "run"])
def test_the_account_of_compute_engine_comes_with_its_api(project: Project, maker: str) -> None:
    """https://github.com/GoogleCloudPlatform/genai-for-marketing/issues/139."""
    member = f"serviceAccount:{NUMBER}-compute@developer.gserviceaccount.com"
    grant: dict[str, Any] = {"role": "roles/aiplatform.user", "member": member}
    with pytest.raises(CloudError, match="does not exist"):
        project.create("projectmember", **grant)
    project.create("api-iam", service=f"{maker}.googleapis.com")
    project.create("projectmember", **grant)


def test_the_account_of_logging_comes_with_a_sink(project: Project) -> None:
    """https://github.com/Liscor/terraform_dataform_ga4_pipeline/issues/1."""
    project.cloud.empty = False
    member = f"serviceAccount:service-{NUMBER}@gcp-sa-logging.iam.gserviceaccount.com"
    grant: dict[str, Any] = {"role": "roles/aiplatform.user", "member": member}
    with pytest.raises(CloudError, match="does not exist"):
        project.create("projectmember", **grant)
    project.create("sink", destination="logging.googleapis.com/projects/another")
    project.create("projectmember", **grant)


@pytest.mark.parametrize("service", ["compute", "logging", "storage"])
def test_some_identities_are_made_without_an_address(project: Project, service: str) -> None:
    project.create("agent", service=f"{service}.googleapis.com")
    assert not project.outputs["agent"].get("email")
    assert not project.outputs["agent"].get("member")
