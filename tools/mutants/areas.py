"""The areas: files, and the cheapest tests that must see their faults."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Area:
    """Files, as patterns from the root, and tests, as paths.

    `words`: also those for people are changed. `slow`: the tests start servers or doubles of
    clouds; no part of the sample that CI takes in two minutes. `choice`: which of the tests, as
    pytest's `-k` has it.
    """

    sources: list[str]
    tests: list[str]
    words: bool = False
    slow: bool = False
    choice: str = ""

    def files(self, root: Path) -> list[str]:
        """The files that there are, by their paths from the root."""
        paths = {
            path.relative_to(root).as_posix()
            for pattern in self.sources
            for path in root.glob(pattern)
        }
        return sorted(paths)

    def tests_in(self, root: Path) -> list[str]:
        """The tests that there are: those of a target go with it."""
        return [path for path in self.tests if (root / path).is_file()]


SIMCLOUD = "tools/simcloud/tests"
SIMULATED = "tools/simcloud/pulumi_simcloud"
RULES = f"{SIMULATED}/rules"

AREAS: dict[str, Area] = {
    "gate": Area(["training/gate.py"], ["tests/unit/test_gate.py"]),
    "admission": Area(
        ["training/retraining_admission.py"],
        ["tests/unit/test_retraining_admission.py"],
    ),
    "release": Area(
        ["training/release.py", "training/deployment.py", "training/steps/release.py"],
        [
            "tests/unit/test_release_steps.py",
            "tests/unit/test_release_looks.py",
            "tests/unit/test_release_step.py",
            "tests/unit/test_release_ends.py",
        ],
    ),
    "journal": Area(["training/journal.py"], ["tests/unit/test_journal.py"]),
    "versions": Area(["training/versions.py"], ["tests/unit/test_versions.py"]),
    "split": Area(["training/split.py"], ["tests/unit/test_split.py"]),
    "tables": Area(
        [f"training/{name}.py" for name in ("table*", "model_inputs", "number_text", "metrics")],
        [
            f"tests/unit/test_{name}.py"
            for name in (
                "table",
                "table_files",
                "table_csv",
                "table_reader",
                "table_checks",
                "table_kinds",
                "table_leaks",
                "table_times",
                "model_inputs",
                "number_text",
                "request_files",
                "metrics",
            )
        ],
    ),
    "settings": Area(
        [
            "components/config.py",
            "components/setting*.py",
            "components/targets/checks.py",
            "components/targets/refusals.py",
        ],
        [
            f"tests/unit/test_{name}.py"
            for name in ("settings", "setting_limits", "setting_kinds", "config", "refusals")
        ]
        + ["tests/errors/test_errors.py"],
        # The errors of anything else.
        choice="not test_errors or settings or told_at_once",
    ),
    "clients": Area(["training/clients/http.py"], ["tests/unit/test_http.py"]),
    "doctor": Area(
        ["tools/doctor/*.py"],
        [
            f"tests/setup/test_{name}.py"
            for name in ("doctor_checks", "aws_doctor", "azure_doctor", "gcp_doctor")
        ],
    ),
    "drift verdict": Area(
        [f"training/drift/{name}.py" for name in ("verdict", "thresholds", "quantities")],
        [f"tests/drift/test_{name}.py" for name in ("verdict", "comparison", "periods")],
    ),
    "drift statistics": Area(
        [
            f"training/drift/{name}.py"
            for name in ("statistics", "distances", "numeric", "categorical", "bootstrap")
        ],
        [
            f"tests/drift/test_{name}.py"
            for name in (
                "limits",
                "category_counts",
                "statistics",
                "comparison",
                "profile",
                "blocks",
            )
        ],
        slow=True,
    ),
    "labels": Area(
        ["training/drift/labels.py"],
        ["tests/drift/test_labels.py", "tests/drift/test_measured.py"],
    ),
    "performance": Area(
        ["training/drift/performance.py", "training/performance.py", "training/drift/metrics.py"],
        ["tests/drift/test_performance.py", "tests/drift/test_measured.py"],
    ),
    "serving, schedules": Area(
        [f"training/serving/{name}.py" for name in ("cron", "retention", "schedule", "watcher")],
        [
            "tests/serving/test_cron.py",
            "tests/serving/test_schedules.py",
            "tests/unit/test_clocked.py",
            "tests/unit/test_cron_fields.py",
            "tests/unit/test_serving_schedules.py",
        ],
        # Millions of moments: the ones by hand see the same.
        choice="not every_zone and not server_does_not_fire",
    ),
    "serving, captures": Area(
        [f"training/serving/{name}.py" for name in ("capture", "capture_log")],
        ["tests/serving/test_capture_log.py"]
        + [f"tests/unit/test_capture_{name}.py" for name in ("cases", "logs")],
        choice="not kill",
    ),
    "serving, answers": Area(
        [f"training/serving/{name}.py" for name in ("batching", "champion", "follow", "requests")],
        [
            "tests/serving/test_batching.py",
            "tests/serving/test_requests.py",
            "tests/unit/test_follower.py",
            "tests/unit/test_marker.py",
            "tests/unit/test_request_files.py",
            "tests/unit/test_request_shapes.py",
        ],
        choice="not any_ and not columns_are",
    ),
    "serving, pages": Area(
        [f"training/serving/{name}.py" for name in ("details", "journals", "state")],
        ["tests/unit/test_serving_pages.py", "tests/unit/test_serving_state.py"],
    ),
    "serving, traffic": Area(["training/serving/stats.py"], ["tests/unit/test_serving_stats.py"]),
    "store": Area(
        ["training/store/*.py"],
        [
            "tests/unit/test_local_store.py",
            "tests/unit/test_azure_store.py",
            "tests/unit/test_gcp_store.py",
            "tests/contract/test_aws_store.py",
        ],
        slow=True,
    ),
    "endpoint and release, local": Area(
        [
            "training/endpoint/__init__.py",
            "training/endpoint/local.py",
            "training/endpoint/verdict.py",
            "training/endpoint/example.py",
        ],
        [
            "tests/unit/test_verdict.py",
            "tests/unit/test_example.py",
            "tests/unit/test_local_endpoint.py",
        ],
    ),
    "endpoint and release, aws": Area(
        ["training/endpoint/aws*.py"],
        [f"tests/unit/test_aws_{name}.py" for name in ("requests", "fleet", "endpoint")],
    ),
    "endpoint and release, azure": Area(
        ["training/endpoint/azure*.py"],
        [f"tests/unit/test_azure_{name}.py" for name in ("requests", "deployments", "endpoint")],
    ),
    "endpoint and release, gcp": Area(
        ["training/endpoint/gcp*.py"],
        ["tests/unit/test_gcp_fleet.py", "tests/unit/test_gcp_endpoint.py"],
    ),
    "captures": Area(
        ["training/captures/*.py"],
        [f"tests/unit/test_{prefix}captures.py" for prefix in ("", "aws_", "azure_", "gcp_")]
        + ["tests/serving/test_capture_files.py"],
    ),
    "alarms and permissions, aws": Area(
        [
            "components/monitoring/aws.py",
            "components/monitoring/aws_alarms.py",
            "components/identity/aws.py",
            "components/identity/github.py",
            "components/retraining/aws.py",
            "components/targets/aws/permissions.py",
            "components/targets/aws/policies.py",
            "components/targets/aws/ci_permissions.py",
            "components/targets/aws/grants.py",
        ],
        [
            "tests/targets/aws/test_policies.py",
            "tests/targets/aws/test_ci_permissions.py",
            "tests/targets/aws/test_declared.py",
            "tests/targets/test_declared.py",
        ],
    ),
    "alarms and permissions, azure": Area(
        [
            "components/monitoring/azure.py",
            "components/monitoring/azure_alarms.py",
            "components/identity/azure.py",
            "components/retraining/azure.py",
            "components/targets/azure/permissions.py",
        ],
        [
            "tests/targets/azure/test_alarms.py",
            "tests/targets/azure/test_declared.py",
            "tests/targets/test_declared.py",
        ],
    ),
    "alarms and permissions, gcp": Area(
        [
            "components/monitoring/gcp.py",
            "components/monitoring/gcp_alarms.py",
            "components/identity/gcp.py",
            "components/retraining/gcp*.py",
            "components/targets/gcp/permissions.py",
        ],
        [
            "tests/targets/gcp/test_monitoring.py",
            "tests/targets/gcp/test_identity.py",
            "tests/targets/gcp/test_permissions.py",
            "tests/targets/gcp/test_declared.py",
            "tests/targets/test_declared.py",
        ],
    ),
    "alarm rules": Area(
        [
            "training/monitoring/rules.py",
            "training/monitoring/silences.py",
            "training/monitoring/local.py",
            "components/monitoring/__init__.py",
        ],
        [
            "tests/unit/test_alarm_rules.py",
            "tests/unit/test_local_alarms.py",
            "tests/unit/test_clocked.py",
        ],
    ),
    "policies": Area(
        ["policy/*.py"], ["tests/policy/test_policies.py", "tests/policy/test_sides.py"]
    ),
    "simulated cloud's languages": Area(
        [
            f"{RULES}/{name}.py"
            for name in (
                "event_patterns",
                "fields",
                "google_filters",
                "metric_math",
                "pubsub_filters",
                "schedules",
            )
        ],
        [f"{SIMCLOUD}/test_rule_{name}.py" for name in ("languages", "filters")],
    ),
    "simulated cloud's texts": Area(
        [f"{RULES}/{name}.py" for name in ("bigquery_sql", "dashboards")],
        [f"{SIMCLOUD}/test_rule_texts.py"],
    ),
    "simulated cloud's permissions": Area(
        [
            f"{SIMULATED}/permissions/{name}.py"
            for name in ("aws_conditions", "azure_conditions", "gcp_conditions", "globs")
        ],
        [f"{SIMCLOUD}/test_permission_rules.py"],
    ),
    "simulated cloud's policies": Area(
        [
            f"{RULES}/{name}.py"
            for name in (
                "policies",
                "policy_*",
                "resource_policies",
                "service_principals",
                "trust_policies",
            )
        ],
        [f"{SIMCLOUD}/test_rule_{name}.py" for name in ("policies", "policy_parts")],
    ),
    "simulated cloud's pipelines": Area(
        [f"{RULES}/{name}.py" for name in ("log_filters", "pipeline_steps", "pipelines")],
        [f"{SIMCLOUD}/test_rule_{name}.py" for name in ("log_filters", "pipelines")],
    ),
    "simulated cloud's basics": Area(
        [f"{RULES}/{name}.py" for name in ("basic", "cloudwatch", "trust")],
        [f"{SIMCLOUD}/test_rule_basics.py"],
    ),
    "simulated cloud's names": Area(
        [f"{SIMULATED}/{name}.py" for name in ("mentions", "naming", "references")],
        [f"{SIMCLOUD}/test_naming.py", f"{SIMCLOUD}/test_references.py"],
    ),
    "simulated cloud's Azure": Area(
        [f"{RULES}/azure.py"],
        [f"{SIMCLOUD}/test_rule_{name}.py" for name in ("azure", "azure_alerts")],
    ),
    "simulated cloud's Google texts": Area(
        [f"{RULES}/google_texts.py"],
        [f"{SIMCLOUD}/test_rule_google_texts.py"],
    ),
    "simulated cloud's queries": Area(
        [f"{RULES}/kql*.py"],
        [f"{SIMCLOUD}/test_rule_kql.py"],
    ),
    "simulated cloud's workflows": Area(
        [f"{RULES}/workflow*.py"],
        [f"{SIMCLOUD}/test_rule_workflows.py"],
    ),
    "preview and cost": Area(
        [
            "tools/preview/markdown.py",
            "tools/preview/formatting.py",
            "tools/preview/text.py",
            "tools/preview/differences.py",
            "tools/preview/losses.py",
            "tools/preview/events.py",
            "tools/preview/model.py",
            "tools/cost/estimate.py",
        ],
        ["tests/unit/test_preview_words.py", "tests/cost/test_estimate.py"],
        words=True,
    ),
}
