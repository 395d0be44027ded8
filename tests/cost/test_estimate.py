"""The cost estimate: what is priced, what is said not to be."""

from __future__ import annotations

import re

import pytest

from tools.cost.estimate import estimate, prices
from tools.preview.differences import LATER
from tools.preview.model import Resource

BUCKET = Resource("s3.Bucket", "store")


def config(instance: str, count: int = 1) -> Resource:
    variant = {"instanceType": instance, "initialInstanceCount": count}
    return Resource("sagemaker.EndpointConfiguration", "it", {"productionVariants": [variant]})


def pipeline(name: str, *instances: str) -> Resource:
    steps = [
        {
            "Name": f"s{n}",
            "Arguments": {"ClusterConfig": {"InstanceType": instance, "InstanceCount": 1}},
        }
        for n, instance in enumerate(instances)
    ]
    definition = {"Steps": [{"Name": "if", "Arguments": {"IfSteps": steps}}]}
    return Resource("sagemaker.Pipeline", name, {"pipelineDefinition": definition})


def test_an_endpoint_costs_its_instances_around_the_clock() -> None:
    cost = estimate([BUCKET, config("ml.m5.large", 2)])
    assert cost.idle == pytest.approx(2 * 0.115 * 730)
    assert estimate([config("ml.m5.xlarge")]).idle == pytest.approx(0.23 * 730)


def test_the_count_of_an_azure_deployment_stands_in_its_sku() -> None:
    inputs = {"properties": {"instanceType": "Standard_DS3_v2"}, "sku": {"capacity": 3}}
    cost = estimate([Resource("machinelearningservices.OnlineDeployment", "it", inputs)])
    assert cost.idle == pytest.approx(3 * 0.293 * 730)


def test_a_retraining_costs_the_steps_of_the_training_pipeline_alone() -> None:
    stack = [pipeline("flights-training", "ml.m5.large", "ml.m5.xlarge"),
             pipeline("flights-drift-check", "ml.m5.4xlarge")]  # fmt: skip
    assert estimate(stack).retraining == pytest.approx((0.115 + 0.23) * 6 / 60)


def test_keys_and_alarms_cost_a_little_each() -> None:
    stack = [Resource("kms.Key", "k"), *[Resource("cloudwatch.MetricAlarm", "a")] * 5]
    assert estimate(stack).idle == pytest.approx(1.5)


def test_what_has_no_price_is_said() -> None:
    cost = estimate([BUCKET, config("ml.p99.huge")])
    assert cost.idle == 0 and "instances ml.p99.huge" in cost.not_priced
    assert "stored data and logs" in cost.not_priced


def test_predictions_cost_what_their_captures_take_and_a_local_stack_nothing() -> None:
    cost = estimate([BUCKET])
    assert cost.predictions == pytest.approx(1000 * 4 / 1024**2 * 0.023 * 3)
    local = estimate([Resource("local.Folder", "store")])
    assert (local.idle, local.predictions, local.retraining, local.not_priced) == (0, 0, 0, ())


def test_what_serves_on_machines_that_are_known_only_after_an_up_is_not_free() -> None:
    later = Resource("storage.BucketObject", "churn-endpoint", {"content": LATER})
    assert estimate([BUCKET, later]).idle is None
    assert estimate([BUCKET, later, config("ml.m5.large")]).idle == pytest.approx(0.115 * 730)


@pytest.mark.parametrize("kind", ["storage.BucketObject", "azure.Document", "s3.BucketObjectv2"])
def test_only_the_document_of_an_endpoint_is_waited_for(kind: str) -> None:
    assert estimate([Resource(kind, "churn-endpoint", {"content": LATER})]).idle is None
    for other in (
        Resource(kind, "churn-endpoint", {"content": "there already"}),
        Resource(kind, "churn-endpoint-spec", {"content": LATER}),
        Resource("x.Other", "churn-endpoint", {"content": LATER}),
    ):
        assert estimate([other]).idle == 0, other


@pytest.mark.parametrize("sku", [None, {}, {"capacity": None}, {"name": "Default"}])
def test_a_deployment_without_a_capacity_has_one_machine(sku: dict | None) -> None:
    inputs = {"properties": {"instanceType": "Standard_DS3_v2"}, "sku": sku}
    cost = estimate([Resource("machinelearningservices.OnlineDeployment", "it", inputs)])
    assert cost.idle == pytest.approx(0.293 * 730)


def test_a_release_costs_the_machines_of_the_version_before_while_they_are_kept() -> None:
    endpoint = {"endpoint": "e", "instance_type": "Standard_DS3_v2", "instances": 2}
    document = Resource(
        "azure.Document", "d", {"content": {**endpoint, "keep_previous_minutes": 90}}
    )
    assert estimate([document]).release == pytest.approx(1.5 * 2 * 0.293)
    assert estimate([Resource("azure.Document", "d", {"content": endpoint})]).release == 0


def test_the_table_is_dated_and_says_its_sources() -> None:
    table = prices()
    assert re.fullmatch(r"20\d\d-\d\d", table["asOf"])
    assert table["sources"].keys() == table["regions"].keys() == table["storedGigabyteMonth"].keys()
    assert all(price > 0 for price in (*table["hourly"].values(), *table["monthly"].values()))


def test_what_releases_will_start_counts_and_not_what_waits_for_them() -> None:
    content = {"endpoint": "churn", "instance_type": "ml.m5.xlarge", "instances": 2}
    document = Resource("s3.BucketObjectv2", "churn-endpoint", {"content": content})
    assert estimate([config("ml.m5.large"), document]).idle == pytest.approx(2 * 0.23 * 730)


def test_a_pipeline_that_is_known_after_up_has_no_price_yet() -> None:
    later = Resource("sagemaker.Pipeline", "churn-training", {"pipelineDefinition": LATER})
    assert estimate([later]).retraining is None


def test_steps_without_an_instance_run_on_the_cluster() -> None:
    vm = {"properties": {"properties": {"vmSize": "Standard_DS3_v2"}}}
    cluster = Resource("machinelearningservices.Compute", "cluster", vm)
    jobs = {"type": "pipeline", "jobs": {"prepare": {}, "train": {}}}
    training = Resource("machinelearningservices.ComponentVersion", "training", {"spec": jobs})
    assert estimate([cluster, training]).retraining == pytest.approx(2 * 0.293 * 6 / 60)


def test_on_google_cloud_a_step_costs_its_processors_and_memory_and_a_run_its_fee() -> None:
    size = {"container": {"resources": {"cpuLimit": 4.0, "memoryLimit": 16.0}}}
    definition = {"deploymentSpec": {"executors": {"exec-prepare": size, "exec-train": size}}}
    bucket = Resource("storage.Bucket", "store")
    spec = Resource("storage.BucketObject", "churn-training-spec", {"content": definition})
    # The schedule repeats the definition, and a drift check is no retraining.
    schedule = Resource("colab.Schedule", "churn-training", {"pipelineSpec": definition})
    check = Resource("storage.BucketObject", "churn-drift-check-spec", {"content": definition})
    stack = [bucket, spec, schedule, check]
    assert prices()["hourly"]["e2-standard-4"] == pytest.approx(0.1541, abs=1e-4)
    assert estimate(stack).retraining == pytest.approx(2 * 0.1541 * 6 / 60 + 0.03, abs=1e-4)
    later = Resource("storage.BucketObject", "churn-training-spec", {"content": LATER})
    assert estimate([bucket, later]).retraining is None


def test_a_training_that_is_known_counts_beside_one_that_is_not_yet() -> None:
    later = Resource("sagemaker.Pipeline", "other-training", {"pipelineDefinition": LATER})
    stack = [pipeline("flights-training", "ml.m5.large"), later]
    assert estimate(stack).retraining == pytest.approx(0.115 * 6 / 60)
    # One that is known to have no steps costs nothing.
    empty = Resource("sagemaker.Pipeline", "training", {"pipelineDefinition": {"Steps": []}})
    assert estimate([empty]).retraining == 0
    # What is called like one and is none has no steps.
    schedule = Resource("scheduler.Schedule", "training", pipeline("x", "ml.m5.large").inputs)
    assert estimate([schedule]).retraining == 0
    assert estimate([Resource("scheduler.Schedule", "training", {"a": LATER})]).retraining == 0


@pytest.mark.parametrize(
    ("kind", "inputs"),
    [
        ("vertex.AiEndpoint", {"machineType": "n1-standard-4", "minReplicaCount": 2}),
        ("vertex.DeployedModel", {"machineType": "n1-standard-4", "minReplicaCount": 2}),
        ("azure.OnlineDeployment", {"instanceType": "n1-standard-4", "sku": {"capacity": 2}}),
    ],
)
def test_whatever_serves_around_the_clock_costs_its_machines(kind: str, inputs: dict) -> None:
    hourly = prices()["hourly"]["n1-standard-4"]
    inner = {"properties": inputs, **({"sku": inputs["sku"]} if "sku" in inputs else {})}
    assert estimate([Resource(kind, "it", inner)]).idle == pytest.approx(2 * hourly * 730)
    assert estimate([Resource("x.Other", "it", inner)]).idle == 0
