"""What the simulated cloud does with a resource, without an engine."""

from __future__ import annotations

from pathlib import Path

import pytest
from pulumi_simcloud.cloud import Cloud
from pulumi_simcloud.failures import CloudError, PartialError
from pulumi_simcloud.harness import SimCloud
from pulumi_simcloud.invokes import invoke
from pulumi_simcloud.platforms import check_settings, variables
from pulumi_simcloud.state import State
from samples import SETTINGS
from samples.documents import policy, statement
from samples.world import Filled

AWS = SETTINGS["aws"]
TOPIC = "aws:sns/topic:Topic"
GROUP = "aws:sagemaker/modelPackageGroup:ModelPackageGroup"


def urn(token: str, name: str) -> str:
    return f"urn:pulumi:test::sim::mlops:index:Parent${token}::{name}"


@pytest.fixture
def cloud(tmp_path: Path) -> Cloud:
    return Cloud(State(tmp_path), variables("aws", AWS))


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Filled:
    return Filled(tmp_path_factory.mktemp("aws"), "aws")


def test_an_automatic_name_is_kept_and_a_given_one_is_not(cloud: Cloud) -> None:
    first, _ = cloud.check(urn(TOPIC, "alarms"), {}, {}, b"1")
    second, _ = cloud.check(urn(TOPIC, "alarms"), first, {}, b"2")
    assert first["name"].startswith("alarms-") and second == first
    with_name, _ = cloud.check(urn(TOPIC, "alarms"), first, {"name": "mine"}, b"3")
    assert with_name == {"name": "mine"}
    back, _ = cloud.check(urn(TOPIC, "alarms"), with_name, {}, b"4")
    assert back["name"] not in ("mine", first["name"])


def test_an_automatic_name_that_is_too_long_is_refused(cloud: Cloud) -> None:
    token = "aws:sagemaker/endpoint:Endpoint"
    _, failures = cloud.check(urn(token, "a" * 60), {}, {"endpointConfigName": "x"}, b"1")
    assert "longer than 63 characters" in failures[0].reason


def test_replacing_a_resource_with_a_given_name_deletes_it_first(cloud: Cloud) -> None:
    inputs = {"name": "a", "fifoTopic": False}
    diff = cloud.diff(urn(TOPIC, "a"), inputs, {**inputs, "fifoTopic": True}, {})
    assert diff.delete_first and diff.changes[0].replaces
    automatic = {**inputs, "__defaults": ["name"]}
    diff = cloud.diff(urn(TOPIC, "a"), automatic, {**automatic, "fifoTopic": True}, {})
    assert not diff.delete_first


def test_another_region_of_the_provider_replaces(cloud: Cloud) -> None:
    diff = cloud.diff(urn(TOPIC, "a"), {}, {}, {"region": "us-east-1"})
    assert [(change.path, change.replaces) for change in diff.changes] == [("region", True)]


def test_a_type_the_catalog_lacks_is_refused_in_words(cloud: Cloud) -> None:
    _, failures = cloud.check(urn("aws:sagemaker/domain:Domain", "a"), {}, {})
    assert failures[0].reason == (
        "the simulated cloud's catalog has no entry for aws:sagemaker/domain:Domain"
    )


def test_in_a_preview_only_what_the_cloud_makes_up_is_unknown(filled: Filled) -> None:
    identity, outputs = filled.cloud.create(urn(TOPIC, "x"), {"name": "x"}, preview=True)
    assert identity == "" and outputs["name"] == "x" and outputs["region"] == "eu-central-1"
    assert repr(outputs["arn"]) == "<unknown>"


def test_outputs_have_the_real_shapes(filled: Filled) -> None:
    outputs = filled.outputs
    assert outputs["topic"]["arn"] == "arn:aws:sns:eu-central-1:123456789012:alarms"
    assert outputs["endpoint"]["arn"].endswith(":endpoint/flights")
    assert outputs["queue"]["url"].startswith(
        "https://sqs.eu-central-1.amazonaws.com/123456789012/"
    )
    assert outputs["role"]["uniqueId"].startswith("AROA")
    assert outputs["object"]["etag"] == "5d41402abc4b2a76b9719d911017c592"
    assert outputs["bucket"]["tagsAll"] == {"team": "ml"}
    assert outputs["schedule"]["id"] == "sim/weekly"


def test_a_version_of_an_object_changes_with_its_content(filled: Filled) -> None:
    before = filled.outputs["object"]
    after = filled.update("object", {**filled.inputs("object"), "content": "other"})
    assert after["arn"] == before["arn"]
    assert after["versionId"] != before["versionId"] and after["etag"] != before["etag"]


def test_what_was_deleted_can_no_longer_be_referred_to(tmp_path: Path) -> None:
    world = Filled(tmp_path, "aws")
    names = list(world.outputs)
    for name in reversed(names[names.index("role") :]):
        world.delete(name)
    for name, missing in (("rolepolicy", "sim-role"), ("pipeline", "role/sim-role")):
        with pytest.raises(CloudError, match=missing):
            world.create(name, world.inputs(name))
    assert "versioning" in world.outputs
    world.cloud.delete(world.urn("versioning"), world.outputs["versioning"]["id"])
    world.cloud.delete(world.urn("versioning"), world.outputs["versioning"]["id"])


def test_an_update_to_what_does_not_exist_is_refused(filled: Filled) -> None:
    inputs = {**filled.inputs("endpoint"), "endpointConfigName": "nothing"}
    with pytest.raises(CloudError, match="does not exist"):
        filled.update("endpoint", inputs)


def test_a_registry_with_versions_is_not_deleted(tmp_path: Path) -> None:
    cloud = SimCloud(tmp_path)
    row = cloud.seed(GROUP, "models", {"modelPackageGroupName": "models"}, AWS)
    cloud.put_object("model-packages/eu-central-1/models", "1", b"")
    with pytest.raises(CloudError, match="holds 1 objects"):
        Cloud(cloud.state, variables("aws", AWS)).delete(row.urn, row.id)


def test_a_name_of_somebody_else_is_taken(tmp_path: Path) -> None:
    cloud = SimCloud(tmp_path)
    cloud.take_name("aws:s3/bucket:Bucket", "taken")
    with pytest.raises(CloudError, match="is taken by another account"):
        cloud.seed("aws:s3/bucket:Bucket", "a", {"bucket": "taken"}, AWS)


def test_policies_that_name_nothing_are_found_at_rest(tmp_path: Path) -> None:
    cloud = SimCloud(tmp_path)
    cloud.seed("aws:s3/bucket:Bucket", "a", {"bucket": "exists"}, AWS)
    for name, target in (("good", "exists/*"), ("bad", "nothing/*")):
        document = policy(statement(Resource=f"arn:aws:s3:::{target}"))
        cloud.seed("aws:iam/policy:Policy", name, {"name": name, "policy": document}, AWS)
    assert [failure.reason for failure in cloud.dangling("aws", AWS)] == [
        '"arn:aws:s3:::nothing/*" does not exist'
    ]


def test_actions_that_are_not_for_their_resource_are_told_at_rest(tmp_path: Path) -> None:
    """IAM takes them (a policy may name both), a bucket's own policy is refused for it."""
    cloud = SimCloud(tmp_path)
    cloud.seed("aws:s3/bucket:Bucket", "a", {"bucket": "exists"}, AWS)
    objects = statement(Action="s3:GetObject", Resource="arn:aws:s3:::exists")
    cloud.seed("aws:iam/policy:Policy", "p", {"name": "p", "policy": policy(objects)}, AWS)
    (failure,) = cloud.dangling("aws", AWS)
    assert failure.reason.startswith("s3:GetObject does not apply to arn:aws:s3:::exists")
    own = policy({**objects, "Principal": "*"})
    with pytest.raises(CloudError, match="does not apply"):
        cloud.seed(
            "aws:s3/bucketPolicy:BucketPolicy", "o", {"bucket": "exists", "policy": own}, AWS
        )


@pytest.mark.parametrize("nth", [1, 2, 3])
def test_the_nth_create_fails_and_leaves_nothing(tmp_path: Path, nth: int) -> None:
    cloud = SimCloud(tmp_path)
    cloud.fail("create", nth=nth)
    for number in (1, 2, 3):
        inputs = {"name": f"t{number}"}
        if number == nth:
            with pytest.raises(CloudError, match="injected failure of create"):
                cloud.seed(TOPIC, f"t{number}", inputs, AWS)
        else:
            cloud.seed(TOPIC, f"t{number}", inputs, AWS)
    assert len(cloud.resources(TOPIC)) == 2


def test_a_create_that_fails_halfway_leaves_the_resource(tmp_path: Path) -> None:
    cloud = SimCloud(tmp_path)
    cloud.fail_halfway("create", TOPIC)
    with pytest.raises(PartialError) as error:
        cloud.seed(TOPIC, "t", {"name": "t"}, AWS)
    assert [row.id for row in cloud.resources()] == [error.value.identity]


def test_four_throttled_attempts_pass_and_five_do_not(tmp_path: Path) -> None:
    cloud = SimCloud(tmp_path)
    cloud.throttle(4)
    cloud.seed(TOPIC, "a", {"name": "a"}, AWS)
    cloud.throttle(5)
    with pytest.raises(CloudError, match="ThrottlingException"):
        cloud.seed(TOPIC, "b", {"name": "b"}, AWS)


def test_a_fault_of_an_unknown_kind_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="'make' is not one of create"):
        SimCloud(tmp_path).fail("make")


@pytest.mark.parametrize(
    ("package", "settings", "reason"),
    [
        ("aws", {}, "missing required setting"),
        ("aws", {"region": "eu-central-9"}, "not a known region"),
        ("gcp", {}, "gcp:project"),
        ("gcp", {"project": "p", "region": "moon1"}, "not a known region"),
        ("azure-native", {"location": "westworld"}, "not a known location"),
    ],
)
def test_provider_settings_are_checked(package: str, settings: dict, reason: str) -> None:
    assert reason in check_settings(package, settings)[0].reason


def test_functions_answer_in_real_shapes() -> None:
    settings = variables("aws", AWS)
    image = invoke(
        "aws:sagemaker/getPrebuiltEcrImage:getPrebuiltEcrImage",
        {"repositoryName": "sagemaker-scikit-learn", "imageTag": "1.9-0-cpu-py3"},
        settings,
    )
    assert image["registryPath"] == (
        "492215442770.dkr.ecr.eu-central-1.amazonaws.com/sagemaker-scikit-learn:1.9-0-cpu-py3"
    )
    document = invoke(
        "aws:iam/getPolicyDocument:getPolicyDocument",
        {
            "statements": [
                {
                    "actions": ["s3:GetObject"],
                    "resources": ["*"],
                    "conditions": [{"test": "StringEquals", "variable": "aws:a", "values": ["b"]}],
                }
            ]
        },
        settings,
    )
    assert '"Condition": {' in document["json"] and '"Effect": "Allow"' in document["json"]
    with pytest.raises(CloudError, match="does not know the function"):
        invoke("aws:ec2/getAmi:getAmi", {}, settings)
    google = variables("gcp", SETTINGS["gcp"])
    agent = invoke("gcp:storage/getProjectServiceAccount:getProjectServiceAccount", {}, google)
    number = google["project_number"]
    assert agent["emailAddress"].startswith(f"service-{number}@gs-project-accounts.")


def test_a_bucket_that_may_be_emptied_goes_with_the_objects_that_were_retained_in_it(
    tmp_path: Path,
) -> None:
    cloud = Cloud(State(tmp_path), variables("aws", AWS))
    bucket, thing = "aws:s3/bucket:Bucket", "aws:s3/bucketObjectv2:BucketObjectv2"
    cloud.create(urn(bucket, "kept"), {"bucket": "kept-bucket"})
    cloud.create(urn(thing, "a"), {"bucket": "kept-bucket", "key": "a", "content": "x"})
    with pytest.raises(CloudError, match="BucketNotEmpty"):
        cloud.delete(urn(bucket, "kept"), "kept-bucket")
    forced = {"bucket": "kept-bucket", "forceDestroy": True}
    cloud.update(urn(bucket, "kept"), "kept-bucket", forced, {})
    cloud.delete(urn(bucket, "kept"), "kept-bucket")
    assert not SimCloud(tmp_path).resources()


def test_a_fault_can_be_meant_for_one_resource_of_a_type(tmp_path: Path) -> None:
    cloud = Cloud(State(tmp_path), variables("aws", AWS))
    SimCloud(tmp_path).fail("create", "*:Topic::b")
    cloud.create(urn(TOPIC, "a"), {"name": "a"})
    with pytest.raises(CloudError, match="injected failure of create b"):
        cloud.create(urn(TOPIC, "b"), {"name": "b"})
    cloud.create(urn(TOPIC, "b"), {"name": "b"})
