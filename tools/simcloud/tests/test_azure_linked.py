"""What Azure asks of who writes a resource, on the resources that it refers to."""

from __future__ import annotations

import pytest
from pulumi_simcloud.catalog import catalog
from pulumi_simcloud.catalog.azure.permissions import AUTHORITY
from pulumi_simcloud.permissions import Operation
from pulumi_simcloud.state import Row
from pulumi_simcloud.world import World

GROUP = "/subscriptions/s/resourceGroups/g"
LOGS = f"{GROUP}/providers/Microsoft.OperationalInsights/workspaces/logs"
RULE = "azure-native:monitor:ScheduledQueryRule"
# learn.microsoft.com, "Manage access to Log Analytics workspaces": "Query logs by using any
# interface"; who writes a rule without an identity queries ("Create or edit a log search alert
# rule", identity).
QUERY = "Microsoft.OperationalInsights/workspaces/query/read"


@pytest.mark.parametrize(
    ("scope", "asked"), [(LOGS, [LOGS]), (GROUP, []), (f"{GROUP}/providers/A.B/workspaces/c", [])]
)
def test_who_writes_a_rule_on_logs_may_query_them(scope: str, asked: list[str]) -> None:
    inputs = {"resourceGroupName": "g", "ruleName": "r", "scopes": [scope]}
    place = f"{GROUP}/providers/Microsoft.Insights/scheduledQueryRules/r"
    row = Row(RULE, place, f"urn:pulumi:s::p::{RULE}::r", "r", inputs, inputs)
    operation = Operation("create", catalog()[RULE], row)
    calls = [call for need in AUTHORITY.needs(operation, World([], catalog(), {})) for call in need]
    assert [call.resource for call in calls if call.action == QUERY] == asked
