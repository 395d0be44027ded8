"""SageMaker Model Monitor: its jobs and schedules.

Unless another page is named, each rule stands at the field of the operation's page in
https://docs.aws.amazon.com/sagemaker/latest/APIReference.
"""

from __future__ import annotations

from collections.abc import Iterator

from pulumi_simcloud.catalog.aws.common import ENDPOINT
from pulumi_simcloud.kinds import Demand, Existing, Inputs, Rule
from pulumi_simcloud.property_values import UNKNOWN, select
from pulumi_simcloud.rules.basic import exactly_one, pattern

DEFINITION = "aws:sagemaker/dataQualityJobDefinition:DataQualityJobDefinition"
# ScheduleConfig, ScheduleExpression: hourly, daily, or every few hours. NOW needs two times that
# the provider has no field for.
HOUR, EVERY = r"([01]?\d|2[0-3])", r"(0?[1-9]|1\d|2[0-4])"
MONITORED = rf"cron\(0 (\*|{HOUR}|{HOUR}/{EVERY}) \? \* \* \*\)"


def _job_definition(inputs: Inputs, world: Existing) -> Iterator[str]:
    """The type of monitoring is that of the definition."""
    config = inputs.get("monitoringScheduleConfig")
    config = config if isinstance(config, dict) else {}
    row = world.find([DEFINITION], config.get("monitoringJobDefinitionName"), ("name",))
    if row is not None and config.get("monitoringType") not in ("DataQuality", UNKNOWN, None):
        yield f"{row.outputs['name']!r} is a definition of type DataQuality"


INPUT = "monitoringScheduleConfig.monitoringJobDefinition.monitoringInputs.endpointInput"


def _endpoint(inputs: Inputs, world: Existing) -> Iterator[str]:
    """A schedule's endpoint is in its account: github aws/sagemaker-python-sdk#4873."""
    names = [name for _, name in select(inputs, f"{INPUT}.endpointName")]
    config = inputs.get("monitoringScheduleConfig")
    config = config if isinstance(config, dict) else {}
    row = world.find([DEFINITION], config.get("monitoringJobDefinitionName"), ("name",))
    if row is not None:
        path = "dataQualityJobInput.endpointInput.endpointName"
        names += [name for _, name in select(row.inputs, path)]
    for name in names:
        unstated = name is None or name == UNKNOWN
        if not unstated and world.find([ENDPOINT], name, ("name",)) is None:
            yield f"Could not find endpoint {name!r}"


RULES: dict[str, tuple[Rule, ...]] = {
    DEFINITION: (
        exactly_one("dataQualityJobInput.endpointInput", "dataQualityJobInput.batchTransformInput"),
    ),
    "aws:sagemaker/monitoringSchedule:MonitoringSchedule": (
        pattern(
            "monitoringScheduleConfig.scheduleConfig.scheduleExpression",
            MONITORED,
            "hourly cron(0 * ? * * *), daily cron(0 14 ? * * *) or cron(0 0/6 ? * * *)",
        ),
    ),
}

DEMANDS: dict[str, tuple[Demand, ...]] = {
    "aws:sagemaker/monitoringSchedule:MonitoringSchedule": (_job_definition, _endpoint),
}
