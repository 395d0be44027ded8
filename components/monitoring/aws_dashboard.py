"""The CloudWatch dashboard of a model, as the document that CloudWatch takes.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/CloudWatch-Dashboard-Body-Structure.html
"""

from __future__ import annotations

from typing import Any

from components.targets.aws.permissions import NAMESPACE
from training import pipeline as neutral

Json = dict[str, Any]

WIDTH, HEIGHT = 8, 6
ENDPOINT, RUNS = "AWS/SageMaker", "AWS/Sagemaker/ModelBuildingPipeline"


def dashboard(stack: str, model: str, name: str, region: Any) -> Json:
    """Traffic, errors, latency; drift by feature, versions; runs. `name` is the endpoint's."""
    variant = ["EndpointName", name, "VariantName", "main"]
    dimensions = ["stack", stack, "model", model]
    by_feature = (
        f'{{{NAMESPACE},stack,model,feature}} stack="{stack}" model="{model}" '
        'MetricName="drift_effect"'
    )
    by_version = (
        f'{{{NAMESPACE},stack,model,version}} stack="{stack}" model="{model}" '
        'MetricName="model_metric"'
    )
    widgets = [
        _metrics("Invocations", region, [[ENDPOINT, "Invocations", *variant]], "Sum"),
        _metrics(
            "Share of errors",
            region,
            [[ENDPOINT, f"Invocation{kind}XXErrors", *variant] for kind in (4, 5)],
            "Average",
        ),
        _metrics(
            "Latency (microseconds)",
            region,
            [
                [ENDPOINT, kind, *variant, {"stat": stat}]
                for kind in ("ModelLatency", "OverheadLatency")
                for stat in ("p50", "p95")
            ],
            "p95",
        ),
        _metrics(
            "Drift by feature",
            region,
            [[{"expression": f"SEARCH('{by_feature}', 'Maximum', 300)"}]],
            "Maximum",
        ),
        _metrics(
            "Metric in production",
            region,
            [[{"expression": f"SEARCH('{by_version}', 'Average', 300)"}]],
            "Average",
        ),
        _metrics(
            "Drifted features", region, [[NAMESPACE, "drifted_features", *dimensions]], "Maximum"
        ),
        _metrics(
            "Version checked", region, [[NAMESPACE, "champion_version", *dimensions]], "Maximum"
        ),
        _metrics(
            "Runs",
            region,
            [
                [RUNS, f"Execution{end}", "PipelineName", f"{name}-{pipeline.name}"]
                for pipeline in neutral.PIPELINES
                for end in ("Succeeded", "Failed")
            ],
            "Sum",
        ),
    ]
    positions = [
        {"x": WIDTH * (number % 3), "y": HEIGHT * (number // 3), "width": WIDTH, "height": HEIGHT}
        for number in range(len(widgets))
    ]
    return {
        "widgets": [
            {**widget, **position} for widget, position in zip(widgets, positions, strict=True)
        ]
    }


def _metrics(title: str, region: Any, metrics: list[list[Any]], statistic: str) -> Json:
    return {
        "type": "metric",
        "properties": {
            "title": title,
            "region": region,
            "metrics": metrics,
            "stat": statistic,
            "period": 300,
            "view": "timeSeries",
        },
    }
