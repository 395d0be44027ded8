"""Metrics as Prometheus reads them: OpenMetrics where that is asked for, else the text format."""

from __future__ import annotations

import platform
from collections.abc import Callable, Iterable
from typing import Any

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Histogram,
    Info,
    ProcessCollector,
    generate_latest,
)
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.openmetrics import exposition as openmetrics
from prometheus_client.registry import Collector

from training import __version__, clock
from training.monitoring import ALARM, INSUFFICIENT, drifted_features, effects
from training.serving.stats import RequestRecord

BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0)
TEXT, OPENMETRICS = "text/plain", "application/openmetrics-text"
# The version of each format that is written; one that a scraper asks for without a version is it.
VERSIONS = {TEXT: "0.0.4", OPENMETRICS: "1.0.0"}
# "The combined length of the label names and values of an Exemplar's LabelSet MUST NOT exceed 128
# UTF-8 character code points": OpenMetrics 1.0, "Exemplars"
# (https://prometheus.io/docs/specs/om/open_metrics_spec/#exemplars).
MOST_EXEMPLAR = 128

_Family = GaugeMetricFamily | CounterMetricFamily


class Metrics:
    """All metrics of one server; what the store knows is read when somebody scrapes."""

    def __init__(self, state: Callable[[], Iterable[dict[str, Any]]]) -> None:
        self._registry = CollectorRegistry()
        self._requests = Counter(
            "mlops_requests",
            "Answered requests, by the code of the answer.",
            ["model", "version", "code"],
            registry=self._registry,
        )
        self._seconds = Histogram(
            "mlops_request_duration_seconds",
            "Time from the whole request to its answer.",
            ["model", "version"],
            buckets=BUCKETS,
            registry=self._registry,
        )
        ProcessCollector(registry=self._registry)
        build = Info("mlops_build", "The versions.", registry=self._registry)
        build.info({"version": __version__, "python": platform.python_version()})
        self._registry.register(_State(state))

    def request(self, model: str, record: RequestRecord) -> None:
        """Count one answered request."""
        self._requests.labels(model, record.version, record.status).inc()
        if record.is_whole:
            seconds = self._seconds.labels(model, record.version)
            seconds.observe(record.seconds, _exemplar(record))

    def expose(self, accept: str) -> tuple[bytes, str]:
        """The metrics and their media type, in the format that an Accept header prefers."""
        text, other = (_preference(accept, media_type) for media_type in (TEXT, OPENMETRICS))
        if other and other >= text:
            return openmetrics.generate_latest(self._registry), _media_type(OPENMETRICS)
        return generate_latest(self._registry), _media_type(TEXT)


def _media_type(name: str) -> str:
    return f"{name}; version={VERSIONS[name]}; charset=utf-8"


def _preference(accept: str, media_type: str) -> float:
    """How much an Accept header wants a format, 0 to 1 (RFC 9110, 12.5.1).

    Ranges count for the text format alone: what asks for anything at all reads that.
    """
    names = {media_type, "text/*", "*/*"} if media_type == TEXT else {media_type}
    weight = 0.0
    for accepted in accept.lower().split(","):
        name, *parts = (part.strip() for part in accepted.split(";"))
        parameters = dict(part.split("=", 1) for part in parts if "=" in part)
        version = parameters.get("version", VERSIONS[media_type])
        if name in names and version == VERSIONS[media_type]:
            weight = max(weight, _weight(parameters.get("q", "1")))
    return weight


def _weight(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return 0.0


def _exemplar(record: RequestRecord) -> dict[str, str]:
    """The ids by which logs and traces have a request, as far as an exemplar has room for them."""
    ids = {"trace_id": record.trace, "request_id": record.request}
    exemplar, room = {}, MOST_EXEMPLAR
    for name, value in ids.items():
        if value and len(name) + len(value) <= room:
            exemplar[name] = value
            room -= len(name) + len(value)
    return exemplar


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
        "rows": ("mlops_drift_check_rows", "Rows of the last drift check.", [*model, "version"]),
        "waiting": ("mlops_waiting_versions", "Versions that wait for approval.", model),
        "effect": (
            "mlops_drift_effect",
            "Effect size, last drift check.",
            [*model, "version", "feature"],
        ),
        "drifted": (
            "mlops_drifted_features",
            "Drifted features, last drift check.",
            [*model, "version"],
        ),
        "alarm": (
            "mlops_alarm",
            "1 in ALARM, 0 in OK; no sample while there is no data to decide on.",
            [*model, "alarm"],
        ),
        "run": (
            "mlops_last_run_timestamp_seconds",
            "When the newest run of a pipeline started, with its status.",
            [*model, "pipeline", "status"],
        ),
        "next": (
            "mlops_schedule_next_timestamp_seconds",
            "When a schedule fires next; no sample while it is off.",
            [*model, "schedule"],
        ),
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
        about = [model, str(check["version"] or 0)]
        families["checked"].add_metric([model], clock.parse(check["when"]).timestamp())
        families["rows"].add_metric(about, check["rows"])
        if (drifted := drifted_features(check)) is not None:
            families["drifted"].add_metric(about, drifted)
        for feature, effect in effects(check).items():
            families["effect"].add_metric([*about, feature], effect)
    for alarm in state["alarms"]:
        if alarm["state"] != INSUFFICIENT:
            families["alarm"].add_metric([model, alarm["name"]], alarm["state"] == ALARM)
    # Newest first: of each pipeline the first counts.
    for pipeline, run in {run["pipeline"]: run for run in reversed(state["runs"])}.items():
        start = clock.parse(run["started"]).timestamp()
        families["run"].add_metric([model, pipeline, run["status"]], start)
    for schedule in state["schedules"]:
        if schedule["next"]:
            following = clock.parse(schedule["next"]).timestamp()
            families["next"].add_metric([model, schedule["name"]], following)
