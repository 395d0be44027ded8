"""The columns of the drift report's page: a card each, with numbers and a chart."""

from __future__ import annotations

from datetime import datetime, timezone
from html import escape

from training.drift import svg
from training.drift.verdict import INSUFFICIENT_DATA, DriftReport, FeatureDrift, magnitude

_SHOWN = 12  # columns without drift that are not folded away


def cards(report: DriftReport) -> str:
    """A card for each column, those of the largest effect first."""
    ordered = sorted(
        report.features.items(),
        key=lambda item: (not item[1].drifted, -magnitude(item[1]), item[0]),
    )
    shown = max(_SHOWN, len(report.drifted))
    made = [_feature(name, feature) for name, feature in ordered]
    text = f'<h2>Columns by effect</h2><div class="grid">{"".join(made[:shown])}</div>'
    if len(made) > shown:
        text += (
            f"<details><summary>{len(made) - shown} more columns without drift</summary>"
            f'<div class="grid">{"".join(made[shown:])}</div></details>'
        )
    return text


def _feature(name: str, feature: FeatureDrift) -> str:
    verdict = "drift" if feature.drifted else "no_drift"
    if not feature.drifted and not feature.sufficient:
        verdict = INSUFFICIENT_DATA
    role = "model score, " if feature.role == "score" else ""
    return (
        f'<section class="card"><div class="head"><h3>{escape(name)}</h3>'
        f'<span class="badge {verdict}">{words(verdict)}</span></div>'
        f'<p class="soft">{role}{feature.kind}</p>{_chart(feature)}{_numbers(feature)}</section>'
    )


def _chart(feature: FeatureDrift) -> str:
    chart = feature.chart
    if chart is None:
        return ""
    if "labels" in chart:
        return svg.bars(chart)
    edges = chart["edges"]
    ends = edges[0], edges[-1]
    if feature.kind == "datetime":
        return svg.histogram(chart, (_moment(ends[0]), _moment(ends[1])))
    return svg.histogram(chart, (f"{ends[0]:.4g}", f"{ends[1]:.4g}"))


def _moment(seconds: float) -> str:
    form = "%Y-%m-%d"
    try:
        return datetime.fromtimestamp(seconds, tz=timezone.utc).strftime(form)
    except (OverflowError, ValueError, OSError):
        return f"{seconds:.4g} s"


def _numbers(feature: FeatureDrift) -> str:
    missing = feature.missing
    pairs = [
        ("Effect", _number(feature.effect)),
        ("p adjusted", _chance(feature.p_adjusted)),
        ("PSI", _number(feature.psi)),
        ("JS distance", _number(feature.jensen_shannon)),
        ("L-infinity", _number(feature.linf)),
    ]
    if feature.kind in ("numeric", "datetime"):
        pairs.append(("W1 / sigma", _number(feature.wasserstein)))
    cells = "".join(f"<dt>{name}</dt><dd>{value}</dd>" for name, value in pairs)
    if missing.reference or missing.window:
        shares = f"{missing.reference:.2%} → {missing.window:.2%}"
        cells += f'<dt>Missing</dt><dd class="wide">{shares}{" (drift)" * missing.drifted}</dd>'
    return f"<dl>{cells}</dl>"


def words(verdict: str) -> str:
    """A verdict as people say it."""
    return verdict.replace("_", " ")


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:.4f}"


def _chance(value: float | None) -> str:
    if value is None:
        return "-"
    return "< 0.0001" if value < 1e-4 else f"{value:.4f}"
