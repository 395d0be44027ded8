"""Texts that Google's services take are taken: examples of their own documentation."""

from __future__ import annotations

import json

import pytest
from pulumi_simcloud.catalog.gcp.documented.dashboards import dashboard_error
from pulumi_simcloud.rules.google_filters import (
    FilterError,
    log_filter,
    monitoring_filter,
    without_variables,
)
from pulumi_simcloud.rules.google_texts import cel_reason
from pulumi_simcloud.rules.workflows import workflow_source

# https://cloud.google.com/monitoring/api/v3/filters, "Filter selectors" and "Examples".
MONITORING = (
    'resource.type = "gce_instance"',
    'metric.type = "compute.googleapis.com/instance/cpu/usage_time"',
    'metric.labels.instance_name = monitoring.regex.full_match("gke-(hipster|nginx).*")',
    'resource.type = one_of("gce_instance", "aws_ec2_instance")',
    'resource.labels.zone = starts_with("europe-") AND NOT resource.labels.instance_id = "1"',
    'metric.type = "a.googleapis.com/b" AND (metric.labels.a = "x" OR metric.labels.a = "y")',
    'project = "a" OR project = "b"',
    "group.id = 12345",
    'metadata.user_labels.environment = "prod" metric.type = "a.googleapis.com/b"',
    'resource.metadata.tag.role = "a"',
)
# https://cloud.google.com/logging/docs/view/logging-query-language and the sample queries.
LOGGING = (
    "",
    "severity>=ERROR",
    'resource.type="gce_instance" AND severity>=WARNING',
    'textPayload:"unicorn" OR "phoenix"',
    'NOT textPayload:(foo OR "bar baz")',
    '-textPayload:"robot"',
    'logName="projects/my-project/logs/cloudaudit.googleapis.com%2Factivity"',
    'log_id("cloudaudit.googleapis.com/activity") severity=(ERROR OR CRITICAL)',
    'protoPayload.methodName=~"^storage\\.(objects|buckets)\\..*"',
    'timestamp>="2016-11-29T23:00:00Z" timestamp<="2016-11-29T23:30:00Z"',
    "sample(insertId, 0.25)",
    'ip_in_net(jsonPayload.realClientIP, "10.1.2.0/24")',
    'labels."compute.googleapis.com/resource_name"="a"',
    "httpRequest.status>=500 -- the server's own\nhttpRequest.latency>1.5s",
    'jsonPayload.end_time.nanos=0 AND resource.labels.pipeline_job_id=~"^a-(b|c)-"',
    'SEARCH("hello world")',
    "operation.id:*",
    'unicorn "two words"',
)
# https://cloud.google.com/workflows/docs/samples
WORKFLOWS = (
    # github GoogleCloudPlatform/workflows-demos and workflows-samples: what they have in common
    # with no other sample.
    "- Found it?:\n    call: gke.request\n    result: notification\n"
    "- Done:\n    return: ${notification != Null AND not(notification == 1)}\n    next: end\n",
    "- init:\n    assign:\n    - a: 1\n- end:\n    return: ${a + 1}\n",
    """
main:
  params: [args]
  steps:
  - check:
      switch:
      - condition: ${"x" in args and args.x > 3}
        next: call
      - condition: ${default(map.get(args, "y"), 0) == 0}
        return: none
      next: end
  - call:
      try:
        call: http.get
        args: {url: https://example.org, auth: {type: OIDC}}
        result: answer
      retry: ${http.default_retry}
      except:
        as: e
        steps:
        - known: {raise: "${e}"}
  - each:
      for:
        value: item
        index: i
        in: ${answer.body.items}
        steps:
        - one: {call: inner, args: {input: "${item}"}, result: out}
        - more: {next: continue}
  - both:
      parallel:
        shared: [a]
        branches:
        - left: {steps: [{log: {call: sys.log, args: {text: a}}}]}
        - right: {steps: [{wait: {call: googleapis.bigquery.v2.jobs.query, args: {}}}]}
inner:
  params: [input, more: 1]
  steps:
  - done: {return: "${-input * (2 // 3) + len([1, 2])}"}
""",
)
CEL = (
    "assertion.sub",
    "assertion.repository_owner == 'a' && assertion.ref.startsWith('refs/heads/')",
    "has(assertion.environment) ? assertion.environment : 'none'",
    "'admins' in assertion.groups || assertion.groups.exists(group, group == 'a')",
    "assertion.arn.contains('x') ? assertion.arn.extract('role/{name}/') : assertion.arn",
)


@pytest.mark.parametrize("text", MONITORING)
def test_a_filter_of_time_series_is_taken(text: str) -> None:
    assert monitoring_filter(text)


@pytest.mark.parametrize("text", LOGGING)
def test_a_query_of_log_entries_is_taken(text: str) -> None:
    log_filter(text)


@pytest.mark.parametrize("text", WORKFLOWS)
def test_a_workflow_is_taken(text: str) -> None:
    assert workflow_source(text) == []


@pytest.mark.parametrize("text", CEL)
def test_an_expression_is_taken(text: str) -> None:
    assert cel_reason(text, ("assertion",)) is None


def test_a_filter_is_read_and_not_only_parsed() -> None:
    (first, second) = monitoring_filter('metric.type="a.b/c" NOT metric.labels.d=ends_with("e")')
    assert (first.selector, first.operator, first.values) == ("metric.type", "=", ("a.b/c",))
    assert (second.function, second.values, second.negated) == ("ends_with", ("e",), True)
    with pytest.raises(FilterError):
        monitoring_filter("metric.type")


def test_a_dashboard_as_the_console_exports_it_is_taken() -> None:
    """github GoogleCloudPlatform/monitoring-dashboard-samples: variables, and shared places."""
    text = 'metric.type="a.b/c" ${zone} resource.labels.zone="${zone.value}" resource.type=${kind}'
    assert "$" not in without_variables(text).replace("${zone.value}", "")
    monitoring_filter(without_variables(text))
    place = {"xPos": 0, "yPos": 0, "width": 8, "height": 8}
    content = {"text": {"content": "a"}}
    tiles = [{**place, "widget": widget} for widget in (content, content, {"singleViewGroup": {}})]
    layouts = [
        json.dumps({"mosaicLayout": {"columns": 48, "tiles": part}}) for part in (tiles, tiles[:2])
    ]
    assert [dashboard_error(layout) is None for layout in layouts] == [True, False]
