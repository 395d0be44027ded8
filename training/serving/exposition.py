"""Metrics in the Prometheus text format."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from training.monitoring import drifted_features, effects

BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0)
CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"


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
            "mlops_request_seconds",
            "Time from the whole request to its answer.",
            ["model"],
            buckets=BUCKETS,
            registry=self._registry,
        )
        self._registry.register(_State(state))

    def request(self, model: str, version: int, status: int, seconds: float) -> None:
        """Count one answered request; version 0 is none."""
        self._requests.labels(model, version, f"{status // 100}xx").inc()
        self._seconds.labels(model).observe(seconds)

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


def _families() -> dict[str, GaugeMetricFamily]:
    model = ["model"]
    specs = {
        "champion": ("mlops_champion_version", "The newest release's version.", model),
        "served": ("mlops_served_version", "The version in service.", model),
        "captured": ("mlops_captured_rows", "Rows in capture files of this server.", model),
        "dropped": ("mlops_capture_dropped_rows", "Rows lost to a slow disk.", model),
        "effect": ("mlops_drift_effect", "Effect size, last drift check.", [*model, "feature"]),
        "drifted": ("mlops_drifted_features", "Drifted features, last drift check.", model),
        "alarm": ("mlops_alarm", "1 in ALARM, 0 otherwise.", [*model, "alarm"]),
        "runs": ("mlops_recent_runs", "The newest runs.", [*model, "pipeline", "status"]),
    }
    return {
        key: GaugeMetricFamily(name, says, labels=labels)
        for key, (name, says, labels) in specs.items()
    }


def _fill(families: dict[str, GaugeMetricFamily], state: dict[str, Any]) -> None:
    model = state["model"]
    if state["champion"]:
        families["champion"].add_metric([model], state["champion"]["version"])
    if state["version"]:
        families["served"].add_metric([model], state["version"])
    families["captured"].add_metric([model], state["captured_rows"])
    families["dropped"].add_metric([model], state["dropped_rows"])
    check = state["last_drift_check"]
    if check:
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
