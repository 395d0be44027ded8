"""SageMaker Model Monitor: its jobs and schedules.

Unless another page is named, each rule stands at the field of the operation's page in
https://docs.aws.amazon.com/sagemaker/latest/APIReference.
"""

from __future__ import annotations

from collections.abc import Iterator

from pulumi_simcloud.kinds import Demand, Existing, Inputs, Rule
from pulumi_simcloud.property_values import UNKNOWN
from pulumi_simcloud.rules.basic import exactly_one, pattern

# ScheduleConfig, ScheduleExpression: hourly, daily, or every few hours. NOW needs two times that
# the provider has no field for.
HOUR, EVERY = r"([01]?\d|2[0-3])", r"(0?[1-9]|1\d|2[0-4])"
MONITORED = rf"cron\(0 (\*|{HOUR}|{HOUR}/{EVERY}) \? \* \* \*\)"


def _job_definition(inputs: Inputs, world: Existing) -> Iterator[str]:
    """The type of monitoring is that of the definition."""
    config = inputs.get("monitoringScheduleConfig")
    config = config if isinstance(config, dict) else {}
    token = "aws:sagemaker/dataQualityJobDefinition:DataQualityJobDefinition"
    row = world.find([token], config.get("monitoringJobDefinitionName"), ("name",))
    if row is not None and config.get("monitoringType") not in ("DataQuality", UNKNOWN, None):
        yield f"{row.outputs['name']!r} is a definition of type DataQuality"


RULES: dict[str, tuple[Rule, ...]] = {
    "aws:sagemaker/dataQualityJobDefinition:DataQualityJobDefinition": (
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
    "aws:sagemaker/monitoringSchedule:MonitoringSchedule": (_job_definition,),
}
