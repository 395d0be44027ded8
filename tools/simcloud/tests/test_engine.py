"""The simulated cloud behind the real engine, on small platforms.

What a whole life takes, and a failure at every resource, is the real stacks': see
`tests/targets/test_life.py`.
"""

from __future__ import annotations

import pytest
from life import Begin

pytestmark = [pytest.mark.engine, pytest.mark.usefixtures("warm_programs")]
ALARM = "aws:cloudwatch/metricAlarm:MetricAlarm"
LOG_GROUP = "aws:cloudwatch/logGroup:LogGroup"
BUCKET = "aws:s3/bucket:Bucket"
COMPONENT = "azure-native:machinelearningservices:ComponentVersion"
ENDPOINT = "aws:sagemaker/endpoint:Endpoint"
ENDPOINT_CONFIG = "aws:sagemaker/endpointConfiguration:EndpointConfiguration"


@pytest.mark.parametrize(
    ("program", "mistake", "reason"),
    [
        # Seen by a check, a create, an invoke; each rule has its own test below the engine.
        ("aws", "pattern", "does not match"),
        ("aws", "role", "nobody"),
        ("aws", "invoke", "does not know the function 'aws:sns/getTopic:getTopic'"),
        ("gcp", "pattern", "a number of at most 10 digits"),
        ("azure", "pattern", "3-24 characters"),
    ],
)
def test_the_engine_reports_what_the_cloud_refuses(
    begin: Begin, program: str, mistake: str, reason: str
) -> None:
    _, life = begin(program, mistake=mistake)
    assert reason in life.up(fails=True)


def test_a_missing_region_or_a_wrong_one_is_refused_before_the_first_resource(
    begin: Begin,
) -> None:
    cloud, life = begin("aws", aws__region="eu-central-9")
    assert "is not a known region" in life.run("preview", fails=True)
    life.configure(aws__region=None)
    assert "missing required setting 'region'" in life.run("preview", fails=True)
    assert not cloud.resources()


def test_changed_settings_are_an_update_and_a_replacement_that_another_follows(
    begin: Begin,
) -> None:
    cloud, life = begin("aws", up=True)
    before = cloud.resource(ENDPOINT_CONFIG, "flights").id
    life.configure(threshold="0.7", instance="ml.m5.xlarge")
    steps = life.steps()
    assert {urn: step["op"] for urn, step in steps.items()} == {
        f"{ALARM}::drift": "update",
        f"{ENDPOINT_CONFIG}::flights": "replace",
        f"{ENDPOINT}::flights": "update",
    }
    assert steps[f"{ALARM}::drift"]["detailedDiff"] == {
        "threshold": {"kind": "update", "inputDiff": True}
    }
    length = len(cloud.journal())
    life.up()
    operations = [(operation, token) for operation, token, _ in cloud.journal()[length:]]
    assert [operation for operation in operations if operation[1] != ALARM] == [
        ("create", ENDPOINT_CONFIG),
        ("update", ENDPOINT),
        ("delete", ENDPOINT_CONFIG),
    ]
    assert operations.count(("update", ALARM)) == 1 and len(operations) == 4
    assert cloud.resource(ALARM, "drift").inputs["threshold"] == 0.7
    assert cloud.resource(ENDPOINT_CONFIG, "flights").id != before
    life.no_changes()


def test_refresh_finds_what_changed_behind_the_engine(begin: Begin) -> None:
    cloud, life = begin("aws", up=True)
    cloud.change(LOG_GROUP, "endpoint", retentionInDays=1)
    life.no_changes()
    assert "retentionInDays" in life.refresh()
    length = len(cloud.journal())
    life.up()
    assert cloud.journal()[length:] == [("update", LOG_GROUP, "endpoint")]
    assert cloud.resource(LOG_GROUP, "endpoint").inputs["retentionInDays"] == 30
    cloud.lose(LOG_GROUP, "endpoint")
    life.refresh()
    length = len(cloud.journal())
    life.up()
    assert cloud.journal()[length:] == [("create", LOG_GROUP, "endpoint")]


def test_a_bucket_with_objects_survives_a_destroy_without_force(begin: Begin) -> None:
    cloud, life = begin("aws", up=True)
    store = f"s3/{life.outputs()['bucket']}"
    assert cloud.objects(store) == {"code/a.txt": b"hello"}
    cloud.put_object(store, "capture/1", b"{}")
    assert "BucketNotEmpty" in life.destroy(fails=True)
    assert [row.token for row in cloud.resources()] == [BUCKET]
    life.configure(force="true")
    life.up()
    cloud.put_object(store, "capture/1", b"{}")
    life.destroy()
    assert not cloud.resources() and not cloud.objects(store)


def test_a_secret_stays_one(begin: Begin) -> None:
    cloud, life = begin("aws")
    life.run("config", "set", "--secret", "note", "hush-hush")
    life.up()
    assert cloud.resource("aws:ssm/parameter:Parameter", "note").inputs["value"] == "hush-hush"
    life.run("refresh", "--yes", "--skip-preview", "--expect-no-changes")
    assert "hush-hush" not in life.run("stack", "export")
    assert "hush-hush" not in life.run("preview", "--diff")


def test_throttling_is_ridden_out_and_too_much_of_it_is_an_error(begin: Begin) -> None:
    cloud, life = begin("aws")
    cloud.throttle(3, "create", BUCKET)
    life.up()
    cloud.throttle(5, "delete", BUCKET)
    assert "ThrottlingException" in life.destroy(fails=True)
    life.destroy()
    assert not cloud.resources()


def test_two_clouds_side_by_side_know_nothing_of_each_other(begin: Begin) -> None:
    first_cloud, first_life = begin("aws")
    second_cloud, second_life = begin("gcp")
    first_life.up()
    assert not second_cloud.resources()
    second_life.up()
    assert {row.token.split(":")[0] for row in first_cloud.resources()} == {"aws"}
    assert {row.token.split(":")[0] for row in second_cloud.resources()} == {"gcp"}


def test_outputs_are_unknown_in_a_preview_where_the_cloud_makes_them_up(begin: Begin) -> None:
    _, life = begin("aws")
    output = life.run("preview")
    assert "key    : [unknown]" in output
    assert 'bucket : "store-' in output


def test_a_key_that_the_agent_may_not_use(begin: Begin) -> None:
    _, life = begin("gcp", mistake="agent")
    assert "needs roles/cloudkms" in life.up(fails=True)


def test_an_api_that_is_not_enabled(begin: Begin) -> None:
    _, life = begin("gcp", mistake="api")
    assert "aiplatform.googleapis.com is not enabled" in life.up(fails=True)


def test_a_deleted_vault_has_to_be_recovered(begin: Begin) -> None:
    _, life = begin("azure", up=True)
    life.destroy()
    assert "exists in deleted state" in life.up(fails=True)
    life.configure(recover="true")
    life.up()
    life.no_changes()


def test_a_version_on_azure_never_changes_but_a_new_one_replaces_it(begin: Begin) -> None:
    cloud, life = begin("azure", up=True)
    life.configure(command="python -m y")
    assert "can't be changed" in life.up(fails=True)
    life.configure(version="2")
    length = len(cloud.journal())
    life.up()
    operations = [(operation, token) for operation, token, _ in cloud.journal()[length:]]
    assert operations[0] == ("create", COMPONENT) and ("delete", COMPONENT) in operations
    life.no_changes()
