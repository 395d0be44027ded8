"""The alarms that the program makes are those that the command line tells of."""

from __future__ import annotations

import json

import boto3
import pytest

from components.monitoring import alarm_rules
from tests.targets.aws.compiled import model
from tests.targets.conftest import Trained
from tests.targets.running import MODEL
from training.monitoring import ALARM, monitoring_of
from training.platform import platform_at

pytestmark = pytest.mark.engine


def test_each_rule_is_told_by_the_alarm_that_was_made_for_it(trained: Trained) -> None:
    runner, _ = trained("aws")
    rules = alarm_rules(model())
    with runner.environment():
        platform = platform_at(runner.platform.run("stack", "output", "store").strip())
        cloudwatch = boto3.client("cloudwatch")
        for number, rule in enumerate(rules):
            # Of what an alarm was held against the newest counts, in whatever order it is told.
            points = [
                {"timestamp": f"2026-03-01T12:0{minute}:00.000+0000", "value": float(value)}
                for minute, value in ((3, number), (4, number + 10), (2, number + 20))
            ]
            cloudwatch.set_alarm_state(
                AlarmName=f"mlops-aws-dev-{MODEL}-{rule.name}",
                StateValue=ALARM,
                StateReason="test",
                StateReasonData=json.dumps({"evaluatedDatapoints": points}),
            )
        alarms = monitoring_of(platform).alarms(platform, MODEL)
    assert [(alarm.name, alarm.state, alarm.value, alarm.says) for alarm in alarms] == [
        (rule.name, ALARM, number + 10.0, rule.description) for number, rule in enumerate(rules)
    ]
