"""What is measured on Google Cloud: the stack's own metrics, failed runs, Vertex AI's logs."""

from __future__ import annotations

import pulumi
import pulumi_gcp as gcp

from components.monitoring.gcp_alarms import PIPELINE
from components.scope import ModelScope, StackScope
from components.targets.gcp.resources import metric, project, region
from training.pipeline import PIPELINES

# The stack's own metrics, with the labels that tell their series apart.
METRICS = {
    "drifted_features": ("model",),
    "drift_check_completed": ("model",),
    "drift_effect": ("model", "feature"),
    "champion_version": ("model",),
}
# What Vertex AI's logs say of endpoints and pipeline runs.
LOGS = (
    'resource.type=("aiplatform.googleapis.com/Endpoint" OR '
    '"aiplatform.googleapis.com/PipelineJob" OR "ml_job")'
)
EITHER = f"({'|'.join(pipeline.name for pipeline in PIPELINES)})"


def metrics(
    scope: StackScope, opts: pulumi.ResourceOptions
) -> list[gcp.monitoring.MetricDescriptor]:
    """Metrics of our own, so that alarms on them can be made before their first values."""
    return [
        gcp.monitoring.MetricDescriptor(
            what,
            gcp.monitoring.MetricDescriptorArgs(
                type=metric(scope, what),
                metric_kind="GAUGE",
                value_type="DOUBLE",
                display_name=f"{scope.prefix} {what}",
                description=what.replace("_", " "),
                labels=[
                    gcp.monitoring.MetricDescriptorLabelArgs(key=key, value_type="STRING")
                    for key in told
                ],
            ),
            opts,
        )
        for what, told in METRICS.items()
    ]


def failed_runs(scope: ModelScope, opts: pulumi.ResourceOptions) -> gcp.logging.Metric:
    """Counts runs that failed: a run's id begins with the name of its pipeline."""
    return gcp.logging.Metric(
        f"{scope.model.name}-failed-runs",
        gcp.logging.MetricArgs(
            name=scope.name("failed-runs"),
            filter=(
                f'{PIPELINE} AND jsonPayload.state="PIPELINE_STATE_FAILED" AND '
                f'resource.labels.pipeline_job_id=~"^{scope.name()}-{EITHER}-"'
            ),
            metric_descriptor=gcp.logging.MetricMetricDescriptorArgs(
                metric_kind="DELTA", value_type="INT64"
            ),
        ),
        opts,
    )


def logs(scope: StackScope, opts: pulumi.ResourceOptions) -> None:
    """What Vertex AI logs, kept for `retentionDays`."""
    kept = gcp.logging.ProjectBucketConfig(
        "logs",
        gcp.logging.ProjectBucketConfigArgs(
            project=project(),
            location=region(),
            bucket_id=scope.prefix,
            retention_days=scope.settings.retention_days,
        ),
        opts,
    )
    gcp.logging.ProjectSink(
        "logs",
        gcp.logging.ProjectSinkArgs(
            name=scope.prefix,
            destination=pulumi.Output.concat("logging.googleapis.com/", kept.id),
            filter=LOGS,
            unique_writer_identity=True,
        ),
        opts,
    )
