"""Rules, the Grafana dashboard and the runbook speak of what the server has."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.project import REPOSITORY
from tests.serving.platforms import make_platform, released
from tests.serving.test_dashboard import state_of
from training.monitoring import rules
from training.serving.exposition import Metrics

DOCS = REPOSITORY / "docs"
RULES = DOCS / "monitoring" / "mlops.rules.yml"
NAME = re.compile(r"\bmlops_[a-z0-9_]+")


def alerts() -> list[dict[str, Any]]:
    return [
        rule for group in yaml.safe_load(RULES.read_text())["groups"] for rule in group["rules"]
    ]


def expressions() -> list[str]:
    board = json.loads((DOCS / "monitoring" / "grafana-dashboard.json").read_text())
    return [
        *(rule["expr"] for rule in alerts()),
        *(target["expr"] for panel in board["panels"] for target in panel["targets"]),
        *(variable["query"] for variable in board["templating"]["list"]),
        *(annotation["expr"] for annotation in board["annotations"]["list"]),
    ]


def test_every_metric_that_is_asked_for_is_exported(tmp_path: Path) -> None:
    platform = make_platform(tmp_path)
    released(platform)
    text = Metrics(state_of(platform).models).text().decode()
    names = set(re.findall(r"^# TYPE (\S+)", text, re.M))
    exported = names | {f"{name}{end}" for name in names for end in ("_bucket", "_sum", "_count")}
    asked = {name for expression in expressions() for name in NAME.findall(expression)}
    assert len(asked) > 12 and asked <= exported, asked - exported


def anchors(page: Path) -> set[str]:
    """The anchors of a page's headings, as GitHub makes them."""
    headings = re.findall(r"^#+ (.+)$", page.read_text(), re.M)
    return {re.sub(r"[^a-z0-9 -]", "", heading.lower()).replace(" ", "-") for heading in headings}


def test_each_alarm_has_its_place_in_the_runbook() -> None:
    there = anchors(DOCS / "runbook.md")
    names = {v for name, v in vars(rules).items() if name.isupper() and isinstance(v, str)}
    assert {rules.DRIFT, rules.ENDPOINT_DOWN, rules.DRIFT_CHECK_MISSED} <= names <= there
    linked = {rule["annotations"]["runbook"].partition("#")[2] for rule in alerts()}
    assert linked <= there, linked - there


@pytest.mark.skipif(not shutil.which("promtool"), reason="promtool is not installed")
def test_promtool_takes_the_rules() -> None:
    done = subprocess.run(["promtool", "check", "rules", RULES], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
