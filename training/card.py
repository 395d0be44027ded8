"""A version's model card: what it learned of what, and what a reader should know of it.

Markdown, out of the manifest alone, so that every place shows the same.
"""

from __future__ import annotations

from training.versions import Manifest

_MOST_IMPORTANT = 8
_SPLITS = {"hash": "a hash of", "time": "the newest rows, by data.timeColumn"}


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
    most = [
        f"`{_cell(name)}` {loss:.4g}"
        for name, loss in list((manifest.get("importances") or {}).items())[:_MOST_IMPORTANT]
    ]
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
    columns = ", ".join(f"{quote}{_cell(name)}{quote}" for name in rule["columns"])
    return f"{_SPLITS.get(rule['method'], rule['method'])} {columns}".strip()


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")
