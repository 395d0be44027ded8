"""Metrics in the Prometheus text format."""

from __future__ import annotations

import platform
from collections.abc import Callable, Iterable
from typing import Any

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    ProcessCollector,
    generate_latest,
)
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from training import __version__, clock
from training.monitoring import drifted_features, effects

BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0)
CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"

# Timeout of a body, too large, too many, overloaded.
REFUSED = (408, 413, 429, 503)

_Family = GaugeMetricFamily | CounterMetricFamily


class Metrics:
    """All metrics of one server; what the store knows is read when somebody scrapes."""

    def __init__(self, state: Callable[[], Iterable[dict[str, Any]]]) -> None:
        self._registry = CollectorRegistry()
        self._requests = Counter(
            "mlops_requests",
            "Answered requests.",
            ["model", "version", "status"],
            registry=self._registry,
        )
        self._seconds = Histogram(
            "mlops_request_duration_seconds",
            "Time from the whole request to its answer.",
            ["model", "version"],
            buckets=BUCKETS,
            registry=self._registry,
        )
        self._refused = Counter(
            "mlops_refused_requests",
            "Requests that the server had no room or time for, by the code of the answer.",
            ["model", "code"],
            registry=self._registry,
        )
        ProcessCollector(registry=self._registry)
        build = Gauge(
            "mlops_build_info",
            "1, for the versions.",
            ["version", "python"],
            registry=self._registry,
        )
        build.labels(__version__, platform.python_version()).set(1)
        self._registry.register(_State(state))

    def request(self, model: str, version: int, status: int, seconds: float) -> None:
        """Count one answered request; version 0 is none."""
        self._requests.labels(model, version, f"{status // 100}xx").inc()
        self._seconds.labels(model, version).observe(seconds)
        if status in REFUSED:
            self._refused.labels(model, status).inc()

    def text(self) -> bytes:
        """The metrics as Prometheus reads them."""
        return generate_latest(self._registry)


class _State(Collector):
    """Gauges out of the same state that the dashboard shows."""

    def __init__(self, state: Callable[[], Iterable[dict[str, Any]]]) -> None:
        self._state = state

    def describe(self) -> Iterable[Metric]:
        return _families().values()

    def collect(self) -> Iterable[Metric]:
        families = _families()
        for state in self._state():
            _fill(families, state)
        return families.values()


def _families() -> dict[str, _Family]:
    model = ["model"]
    metric = [*model, "version", "metric"]
    counters = {
        "captured": ("mlops_captured_rows", "Rows in capture files of this server.", model),
        "dropped": ("mlops_capture_dropped_rows", "Rows lost to a slow disk.", model),
    }
    counters |= {
        "trainings": (
            "mlops_retrainings",
            "Retrainings that asked for admission, and whether they got it.",
            [*model, "admitted"],
        ),
    }
    gauges = {
        "queue": ("mlops_waiting_requests", "Requests that wait for a prediction.", model),
        "unwritten": ("mlops_waiting_captures", "Captures that wait to be written.", model),
        "champion": ("mlops_champion_version", "The newest release's version.", model),
        "served": ("mlops_served_version", "The version in service.", model),
        "since": ("mlops_champion_timestamp_seconds", "When the champion was released.", model),
        "holdout": ("mlops_model_metric_holdout", "The model's metric on its holdout.", metric),
        "metric": ("mlops_model_metric", "The same in production, last measurement.", metric),
        "low": ("mlops_model_metric_low", "Lower end of its interval.", metric),
        "high": ("mlops_model_metric_high", "Upper end of its interval.", metric),
        "labeled": ("mlops_model_metric_labeled_requests", "Labels it rests on.", metric),
        "checked": (
            "mlops_drift_check_timestamp_seconds",
            "When the last drift check ended.",
            model,
        ),
        "rows": ("mlops_drift_check_rows", "Rows of the last drift check.", model),
        "waiting": ("mlops_waiting_versions", "Versions that wait for approval.", model),
        "effect": ("mlops_drift_effect", "Effect size, last drift check.", [*model, "feature"]),
        "drifted": ("mlops_drifted_features", "Drifted features, last drift check.", model),
        "alarm": ("mlops_alarm", "1 in ALARM, 0 otherwise.", [*model, "alarm"]),
        "runs": ("mlops_recent_runs", "The newest runs.", [*model, "pipeline", "status"]),
    }
    return {
        **{key: CounterMetricFamily(n, says, labels=o) for key, (n, says, o) in counters.items()},
        **{key: GaugeMetricFamily(n, says, labels=o) for key, (n, says, o) in gauges.items()},
    }


def _fill(families: dict[str, _Family], state: dict[str, Any]) -> None:
    model = state["model"]
    families["waiting"].add_metric([model], len(state["waiting"]))
    if metric := state["metric"]:
        labels = [model, str(metric["version"]), metric["metric"]]
        families["holdout"].add_metric(labels, metric["holdout"])
        families["labeled"].add_metric(labels, metric["labeled"])
        for family, name in (("metric", "value"), ("low", "low"), ("high", "high")):
            if metric[name] is not None:
                families[family].add_metric(labels, metric[name])
    if state["champion"]:
        released_at = clock.parse(state["champion"]["when"]).timestamp()
        families["since"].add_metric([model], released_at)
        families["champion"].add_metric([model], state["champion"]["version"])
    if state["version"]:
        families["served"].add_metric([model], state["version"])
    families["captured"].add_metric([model], state["captured_rows"])
    families["dropped"].add_metric([model], state["dropped_rows"])
    families["queue"].add_metric([model], state["waiting_requests"])
    families["unwritten"].add_metric([model], state["pending_captures"])
    for admitted, count in state["admissions"].items():
        families["trainings"].add_metric([model, admitted], count)
    check = state["last_drift_check"]
    if check:
        families["checked"].add_metric([model], clock.parse(check["when"]).timestamp())
        families["rows"].add_metric([model], check["rows"])
        if (drifted := drifted_features(check)) is not None:
            families["drifted"].add_metric([model], drifted)
        for feature, effect in effects(check).items():
            families["effect"].add_metric([model, feature], effect)
    for alarm in state["alarms"]:
        families["alarm"].add_metric([model, alarm["name"]], alarm["state"] == "ALARM")
    counts: dict[tuple[str, str], int] = {}
    for run in state["runs"]:
        key = (run["pipeline"], run["status"])
        counts[key] = counts.get(key, 0) + 1
    for (pipeline, status), count in counts.items():
        families["runs"].add_metric([model, pipeline, status], count)
