"""The dashboard of a model on Google Cloud, as code: a pure function, the body it takes.

Schema: the Dashboard of the discovery document of monitoring.v1.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from components.monitoring.gcp_alarms import ENDPOINT, ONLINE, PIPELINE

Json = dict[str, Any]
COLUMNS, WIDE, HIGH = 12, 6, 4


def dashboard(
    title: str, endpoint: str, model: str, metric: Callable[[str], str], runs: str
) -> Json:
    """Traffic, latency, errors; drift by feature, versions; runs. `metric` types our own."""
    of_endpoint = f'{ENDPOINT} AND resource.labels.endpoint_id="{endpoint}"'
    of_model = f'resource.type="global" AND metric.labels.model="{model}"'
    responses = f'metric.type="{ONLINE}/response_count" AND {of_endpoint}'
    latency = f'metric.type="{ONLINE}/prediction_latencies" AND {of_endpoint}'
    charts = [
        _chart("Requests a second", responses, "ALIGN_RATE", ()),
        _chart(
            "Latency, p95, ms",
            f'{latency} AND metric.labels.latency_type="total"',
            "ALIGN_PERCENTILE_95",
            (),
            reducer="REDUCE_MAX",
        ),
        _chart("Answers by code", responses, "ALIGN_RATE", ("metric.label.response_code",)),
        _chart("Requests by version", responses, "ALIGN_RATE", ("metric.label.deployed_model_id",)),
        _chart(
            "Drift by feature",
            f'metric.type="{metric("drift_effect")}" AND {of_model}',
            "ALIGN_MAX",
            ("metric.label.feature",),
            reducer="REDUCE_MAX",
            period="3600s",
        ),
        _chart(
            "Metric in production",
            f'metric.type="{metric("model_metric")}" AND {of_model}',
            "ALIGN_MEAN",
            ("metric.label.version",),
            period="3600s",
        ),
        _chart(
            "Version checked",
            f'metric.type="{metric("champion_version")}" AND {of_model}',
            "ALIGN_MAX",
            (),
            reducer="REDUCE_MAX",
            period="3600s",
        ),
        _chart(
            "Failed runs",
            f'metric.type="{runs}" AND {PIPELINE}',
            "ALIGN_DELTA",
            (),
            period="3600s",
        ),
    ]
    return {"displayName": title, "mosaicLayout": {"columns": COLUMNS, "tiles": _tiles(charts)}}


def _tiles(charts: Sequence[Json]) -> list[Json]:
    """Two in a row."""
    tiles = []
    for index, chart in enumerate(charts):
        row, column = divmod(index, COLUMNS // WIDE)
        corner = {"xPos": column * WIDE, "yPos": row * HIGH}
        tiles.append({**corner, "width": WIDE, "height": HIGH, "widget": chart})
    return tiles


def _chart(
    title: str,
    series: str,
    aligner: str,
    by: Sequence[str],
    reducer: str = "REDUCE_SUM",
    period: str = "60s",
) -> Json:
    aggregation = {
        "alignmentPeriod": period,
        "perSeriesAligner": aligner,
        "crossSeriesReducer": reducer,
        "groupByFields": list(by),
    }
    query = {"timeSeriesFilter": {"filter": series, "aggregation": aggregation}}
    return {
        "title": title,
        "xyChart": {"dataSets": [{"plotType": "LINE", "timeSeriesQuery": query}]},
    }
