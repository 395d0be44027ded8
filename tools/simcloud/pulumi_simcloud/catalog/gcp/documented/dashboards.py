"""Dashboards of Cloud Monitoring: what their reference says beside the shape.

https://cloud.google.com/monitoring/api/ref_v3/rest/v1/projects.dashboards: Widget, XyChart,
TimeSeriesQuery, MosaicLayout ("tiles can't overlap").
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from importlib import import_module
from typing import Any

from pulumi_simcloud.rules.basic import parsed
from pulumi_simcloud.rules.google_filters import FilterError, log_filter

CONTENTS = (
    "xyChart", "scorecard", "text", "blank", "alertChart", "timeSeriesTable", "collapsibleGroup",
    "logsPanel", "incidentList", "pieChart", "treemap", "errorReportingPanel", "sectionHeader",
    "singleViewGroup",
)  # fmt: skip
# As Config Connector's record of Cloud Monitoring says (github GoogleCloudPlatform/
# k8s-config-connector, mockgcp/mockmonitoring/dashboard.go): the names are the service's.
ON_TILES = {
    "singleViewGroup": "dropdownGroup",
    "sectionHeader": "sectionHeader",
    "collapsibleGroup": "collapsibleGroup",
}
ALERT = r"projects/[^/]+/alertPolicies/[^/]+|\$\{.+\}"
DURATION = r"\d+(\.\d{1,9})?s"
DURATIONS = ("alignmentPeriod", "timeshiftDuration", "minAlignmentPeriod")
QUERIES = (
    "timeSeriesFilter", "timeSeriesFilterRatio", "timeSeriesQueryLanguage", "prometheusQuery",
    "opsAnalyticsQuery",
)  # fmt: skip


def dashboard_error(text: Any) -> str | None:
    """What is wrong with the widgets and tiles of a dashboard; None if nothing is."""
    document = parsed(text)
    return next(_wrong(document), None) if isinstance(document, dict) else None


def _wrong(document: dict[str, Any]) -> Iterator[str]:
    for number, widget in enumerate(_widgets(document)):
        contents = [name for name in CONTENTS if widget.get(name) is not None]
        if len(contents) > 1:
            yield f"widget {number}: oneof field 'content' is already set: {' and '.join(contents)}"
        card = widget.get("scorecard")
        if isinstance(card, dict) and not card.get("timeSeriesQuery"):
            yield f"widget {number}: Field scorecard.timeSeriesQuery is required"
        panel = widget.get("logsPanel")
        if isinstance(panel, dict) and isinstance(panel.get("filter"), str):
            try:
                log_filter(panel["filter"])
            except FilterError as error:
                yield f"widget {number}: Unparseable filter: {error}"
        yield from (f"widget {number}: {reason}" for reason in _texts(widget))
        chart = widget.get("xyChart")
        if isinstance(chart, dict):
            if not chart.get("dataSets"):
                yield f"widget {number}: Field xyChart.dataSets is required"
            yield from (f"widget {number}: {reason}" for reason in _shifted(chart))
            for data in chart.get("dataSets") or []:
                query = data.get("timeSeriesQuery") if isinstance(data, dict) else None
                if not isinstance(query, dict) or not any(query.get(name) for name in QUERIES):
                    yield f"widget {number}: timeSeriesQuery needs one of {', '.join(QUERIES)}"
        alert = widget.get("alertChart")
        name = alert.get("name") if isinstance(alert, dict) else None
        if isinstance(name, str) and not re.fullmatch(ALERT, name):
            yield f"widget {number}: {name!r} is not projects/PROJECT/alertPolicies/ID"
        for name, told in ON_TILES.items():
            if name in contents and "mosaicLayout" not in document:
                yield f"widget {number}: {told} is only allowed in MosaicLayout."
    mosaic = document.get("mosaicLayout")
    tiles = mosaic.get("tiles") if isinstance(mosaic, dict) else None
    tiles = [tile for tile in tiles or [] if isinstance(tile, dict)]
    yield from _empty(tiles)
    yield from _sizes(tiles)
    yield from _overlaps(tiles)


def _shifted(chart: dict[str, Any]) -> Iterator[str]:
    """Charts of what was some time before, as in the record at ON_TILES."""
    shift = chart.get("timeshiftDuration")
    if not isinstance(shift, str) or not re.fullmatch(DURATION, shift) or not float(shift[:-1]):
        return
    if float(shift[:-1]) < 60:
        yield (
            f"Field xyChart.timeshiftDuration has an invalid value of {shift!r}: must be greater "
            "than or equal to one minute."
        )
    plots = [data.get("plotType") for data in chart.get("dataSets") or [] if isinstance(data, dict)]
    if "STACKED_BAR" in plots:
        yield (
            "Field xyChart.dataSets.plotType has an invalid value of 'STACKED_BAR': plot type is "
            "incompatible with XyChart's timeshiftDuration."
        )


def _empty(tiles: list[dict[str, Any]]) -> Iterator[str]:
    """A tile that shows nothing has a `blank` widget (the record at ON_TILES)."""
    for number, tile in enumerate(tiles):
        widget = tile.get("widget")
        if not isinstance(widget, dict) or not any(name in widget for name in CONTENTS):
            place = f"mosaicLayout.tiles[{number}].widget"
            yield f"Dashboard is missing required field {place}.content."


def _sizes(tiles: list[dict[str, Any]]) -> Iterator[str]:
    """Tiles have a width and a height, at a place on the grid (Tile)."""
    for number, tile in enumerate(tiles):
        for name, lowest in (("width", 1), ("height", 1), ("xPos", 0), ("yPos", 0)):
            value = tile.get(name, 0)
            if isinstance(value, int) and value < lowest:
                yield f"mosaicLayout.tiles[{number}].{name}: {value} is less than {lowest}"


def _texts(value: Any) -> Iterator[str]:
    """Durations, and queries in PromQL, at any depth."""
    if isinstance(value, list):
        for item in value:
            yield from _texts(item)
    for key, item in value.items() if isinstance(value, dict) else ():
        if key in DURATIONS and not re.fullmatch(DURATION, str(item)):
            yield f"Field {key}: {item!r} is no duration such as 60s"
        elif key == "prometheusQuery" and isinstance(item, str) and "$" not in item:
            try:
                promql_parser().parse(item)
            except ValueError as error:
                yield f"{item!r} is no PromQL: {error}"
        elif isinstance(item, dict | list):
            yield from _texts(item)


def promql_parser() -> Any:
    """Prometheus' own parser, loaded when a query asks for it."""
    return import_module("promql_parser")


def _widgets(value: Any) -> Iterator[dict[str, Any]]:
    if isinstance(value, list):
        for item in value:
            yield from _widgets(item)
    elif isinstance(value, dict):
        for key, item in value.items():
            if key == "widget" and isinstance(item, dict):
                yield item
            elif key == "widgets" and isinstance(item, list):
                yield from (widget for widget in item if isinstance(widget, dict))
            yield from _widgets(item)


def _overlaps(tiles: list[dict[str, Any]]) -> Iterator[str]:
    """Tiles that lie on each other; those on a collapsible group are inside it.

    Those of a group that shows one of them lie on each other (github GoogleCloudPlatform/
    monitoring-dashboard-samples, torchserve-prometheus.json).
    """
    boxes, shared = [], []
    for number, tile in enumerate(tiles):
        place = [tile.get(name, 0) for name in ("xPos", "yPos", "width", "height")]
        widget = tile.get("widget") or {}
        group = "collapsibleGroup" in widget or "singleViewGroup" in widget
        if "singleViewGroup" in widget:
            shared.append(place)
        if all(isinstance(item, int) for item in place) and not group:
            boxes.append((number, *place))
    boxes = [box for box in boxes if list(box[1:]) not in shared]
    for index, (first, x, y, width, height) in enumerate(boxes):
        for second, other_x, other_y, other_width, other_height in boxes[index + 1 :]:
            if (
                x < other_x + other_width
                and other_x < x + width
                and y < other_y + other_height
                and other_y < y + height
            ):
                yield f"mosaicLayout: tiles {first} and {second} overlap"
