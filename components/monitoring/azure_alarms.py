"""The alarms of a model: log alerts on what the queries find, and one on the endpoint's own metric.

The endpoint's metrics: learn.microsoft.com, "Monitor online endpoints".
"""

from __future__ import annotations

from dataclasses import dataclass

import pulumi
import pulumi_azure_native as azure

from components.monitoring import MonitoringArgs
from components.monitoring.azure_queries import QUERIES
from components.scope import ModelScope
from components.targets.azure.resources import Place
from training.monitoring.rules import DRIFT_CHECK_MISSED, ENDPOINT_LATENCY, AlarmRule

monitor = azure.monitor

SEVERITY = 2


@dataclass(frozen=True)
class Alarms:
    """One model's: `endpoint` is its endpoint's name, `group` the id of whom alarms are told to."""

    args: MonitoringArgs
    scope: ModelScope
    endpoint: pulumi.Output[str]
    group: pulumi.Output[str]
    opts: pulumi.ResourceOptions

    def make(self, rule: AlarmRule) -> None:
        """The alarm of a rule."""
        if rule.name == ENDPOINT_LATENCY:
            self._latency(rule)
        else:
            self._log_alert(rule)

    def called(self, rule: AlarmRule) -> str:
        """The alarm's name in Azure."""
        return self.scope.name(rule.name)

    @property
    def place(self) -> Place:
        """Where the stack stands."""
        return Place.of(self.args.registry.shared)

    def _log_alert(self, rule: AlarmRule) -> None:
        """An alarm on a number that a query finds in the logs."""
        query = QUERIES[rule.name]
        values = {
            "stack": pulumi.get_stack(),
            "model": self.scope.model.name,
            "experiment": self.scope.name(),
            "hours": self.scope.model.drift.max_age_hours,
        }
        logs = self.place.id("Microsoft.OperationalInsights/workspaces", self.scope.prefix)
        condition = monitor.ConditionArgs(
            query=self.endpoint.apply(lambda found: query.text(endpoint=found, **values)),
            metric_measure_column=query.column,
            time_aggregation="Maximum",
            operator=query.operator,
            threshold=1 if rule.name == DRIFT_CHECK_MISSED else rule.threshold,
            failing_periods=monitor.ConditionFailingPeriodsArgs(
                number_of_evaluation_periods=1, min_failing_periods_to_alert=1
            ),
        )
        monitor.ScheduledQueryRule(
            f"{self.scope.model.name}-{rule.name}",
            monitor.ScheduledQueryRuleArgs(
                resource_group_name=self.place.group,
                rule_name=self.called(rule),
                description=rule.description,
                display_name=self.called(rule),
                enabled=True,
                severity=SEVERITY,
                scopes=[logs],
                evaluation_frequency=query.every,
                window_size=query.window,
                auto_mitigate=True,
                # A table is there once its first record is.
                skip_query_validation=True,
                criteria=monitor.ScheduledQueryRuleCriteriaArgs(all_of=[condition]),
                actions=monitor.ActionsArgs(action_groups=[self.group]),
                tags=self.scope.tags,
            ),
            self.opts,
        )

    def _latency(self, rule: AlarmRule) -> None:
        """The alarm on the endpoint's own metric."""
        endpoint = pulumi.Output.concat(self.place.workspace_id, "/onlineEndpoints/", self.endpoint)
        criterion = monitor.MetricCriteriaArgs(
            criterion_type="StaticThresholdCriterion",
            name="p95",
            metric_namespace="Microsoft.MachineLearningServices/workspaces/onlineEndpoints",
            metric_name="RequestLatency_P95",
            operator="GreaterThan",
            threshold=rule.threshold,
            time_aggregation="Average",
        )
        monitor.MetricAlert(
            f"{self.scope.model.name}-{rule.name}",
            monitor.MetricAlertArgs(
                resource_group_name=self.place.group,
                rule_name=self.called(rule),
                location="global",
                description=rule.description,
                enabled=True,
                severity=SEVERITY,
                scopes=[endpoint],
                evaluation_frequency="PT1M",
                window_size="PT5M",
                auto_mitigate=True,
                criteria=monitor.MetricAlertSingleResourceMultipleMetricCriteriaArgs(
                    odata_type="Microsoft.Azure.Monitor.SingleResourceMultipleMetricCriteria",
                    all_of=[criterion],
                ),
                actions=[monitor.MetricAlertActionArgs(action_group_id=self.group)],
                tags=self.scope.tags,
            ),
            self.opts,
        )
