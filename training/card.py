"""A version's model card: what it learned of what, and what a reader should know of it.

All out of the manifest alone, so that every place shows the same: the card as Markdown, for the
registry; the facts, and what changed against another version, for the terminal and the dashboard.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from training.versions import Manifest

_MOST_IMPORTANT = 8
_TIME_COLUMN = ("data.timeColumn",)
_SPLITS = {"hash": "a hash of", "time": "the newest rows, by"}


def card(manifest: Manifest) -> str:
    """The card as Markdown; a manifest of an older version of this program gives less."""
    metrics, data = manifest["metrics"], manifest["data"]
    rule = split_rule(manifest, "`")
    lines = [
        f"A {manifest['task']} of `{manifest['target']}`: {metrics['metric']} "
        f"{metrics['challenger']:.4g} on held-out rows.",
        "",
        f"Learned from {data['rows']:,} rows. "
        + (f"Held out: {rule}." if rule else "The rule of its split was not kept."),
    ]
    for notice in manifest.get("notices") or []:
        lines += ["", f"**Look at this:** {notice}."]
    inputs = {column["name"]: column["kind"] for column in manifest["inputs"]}
    lines += ["", "| column | kind | |", "|---|---|---|"]
    for name, kind in {**(manifest.get("schema") or {}), **inputs}.items():
        use = "input" if name in inputs else "target" if name == manifest["target"] else "left out"
        lines.append(f"| {_cell(name)} | {kind} | {use} |")
    most = [f"`{_cell(name)}` {loss:.4g}" for name, loss in _most_important(manifest)]
    if most:
        lines += [
            "",
            f"Importance, the loss of {metrics['metric']} where an input is shuffled: "
            f"{', '.join(most)}.",
        ]
    return "\n".join(lines)


def split_rule(manifest: Manifest, quote: str = "") -> str:
    """The rule by which a row is held out, its columns in quotes; empty if it was not kept."""
    rule = manifest.get("split")
    if not rule:
        return ""
    # Splits by time of older versions name no column.
    columns = ", ".join(f"{quote}{_cell(name)}{quote}" for name in rule["columns"] or _TIME_COLUMN)
    return f"{_SPLITS.get(rule['method'], rule['method'])} {columns}".strip()


def facts(manifest: Manifest) -> dict[str, str]:
    """All that there is to say of a version, by name, for a terminal or a page."""
    metrics, data = manifest["metrics"], manifest["data"]
    inputs = (f"{column['name']} ({column['kind']})" for column in manifest["inputs"])
    libraries = (f"{name} {version}" for name, version in manifest["libraries"].items())
    lines = {
        "created": manifest["created"].replace("T", " ").replace("Z", " UTC"),
        "run": manifest["run"],
        "metric": f"{metrics['metric']} {metrics['challenger']:.4f} on its holdout",
        "gate": metrics.get("reason", ""),
        "data": f"{data['rows']} rows, {_window(manifest)}",
        "target": f"{manifest['target']}, {manifest['task']}",
        "inputs": ", ".join(inputs),
        "held out": split_rule(manifest) or "by a rule that was not kept",
        "importance": ", ".join(f"{name} {loss:.4g}" for name, loss in _most_important(manifest)),
        "code": manifest["code"],
        "artifact": manifest["artifact"]["sha256"],
        "libraries": ", ".join(libraries),
        "serves by": _serves_by(manifest.get("compiled") or {}, manifest.get("skops") or {}),
    }
    return {name: text for name, text in lines.items() if text}


def changes(before: Manifest, after: Manifest) -> list[tuple[str, str, str]]:
    """What differs between two versions: name, before and after; metric, rows and data always.

    Empty text stands for what a version does not have.
    """
    rows = [(name, of(before), of(after)) for name, of in _ALWAYS.items()]
    old, new = (m.get("importances") or {} for m in (before, after))
    top = dict.fromkeys(name for m in (after, before) for name, _ in _most_important(m))
    rows += [(f"importance of {n}", _loss(old.get(n)), _loss(new.get(n))) for n in top]
    for kind, of in _COMPARED.items():
        old, new = of(before), of(after)
        names = dict.fromkeys([*old, *new])
        rows += [(f"{kind}{n}", old.get(n, ""), new.get(n, "")) for n in names]
    return rows[: len(_ALWAYS)] + [row for row in rows[len(_ALWAYS) :] if row[1] != row[2]]


def _most_important(manifest: Manifest) -> list[tuple[str, float]]:
    return list((manifest.get("importances") or {}).items())[:_MOST_IMPORTANT]


def _loss(value: float | None) -> str:
    return "" if value is None else f"{value:.4g}"


def _window(manifest: Manifest) -> str:
    window = manifest["data"].get("window")
    return (
        " to ".join(stamp.replace("T", " ")[:16] for stamp in window) if window else "not by time"
    )


def _serves_by(compiled: dict[str, Any], skops: dict[str, Any]) -> str:
    """The predictor that answers for the version, and the reason."""
    if "sha256" not in compiled:
        reason = compiled.get("reason", "it was registered before there were compiled predictors")
        file = "a file without code" if "sha256" in skops else "a pickle"
        return f"its estimator, from {file}: {reason}"
    libraries = ", ".join(f"{name} {version}" for name, version in compiled["libraries"].items())
    return (
        f"its compiled predictor, SHA-256 {compiled['sha256'][:12]}, {libraries}; "
        f"{compiled['compared_rows']} rows differ by at most {compiled['difference']:.2g}"
    )


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")


# Of the version's own holdout, which is another one for each version.
_ALWAYS: dict[str, Callable[[Manifest], str]] = {
    "metric, own holdout": lambda m: f"{m['metrics']['metric']} {m['metrics']['challenger']:.4f}",
    "rows": lambda m: str(m["data"]["rows"]),
    "data": _window,
}
_COMPARED: dict[str, Callable[[Manifest], dict[str, str]]] = {
    "input ": lambda m: {column["name"]: column["kind"] for column in m["inputs"]},
    "parameter ": lambda m: {n: str(v) for n, v in (m.get("parameters") or {}).items()},
    "": lambda m: {**m["libraries"], "code": m["code"][:12]},
}
