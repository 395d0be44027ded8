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
from tests.serving.platforms import make_platform, register_champion
from tests.serving.test_dashboard import state_of
from training.monitoring import rules
from training.serving.exposition import Metrics

DOCS = REPOSITORY / "docs"
RULES = DOCS / "monitoring" / "mlops.rules.yml"
NAME = re.compile(r"\bmlops_[a-z0-9_]+")


BOARD = DOCS / "monitoring" / "grafana-dashboard.json"
# Not in the schema of dashboards: of Prometheus' annotations alone, as its plugin reads them
# (grafana/grafana, packages/grafana-prometheus/src/components/AnnotationQueryEditor.tsx).
OF_THE_PLUGIN = {"annotations.list[0].titleFormat"}


def alerts() -> list[dict[str, Any]]:
    return [
        rule for group in yaml.safe_load(RULES.read_text())["groups"] for rule in group["rules"]
    ]


def expressions() -> list[str]:
    board = json.loads(BOARD.read_text())
    return [
        *(rule["expr"] for rule in alerts()),
        *(target["expr"] for panel in board["panels"] for target in panel["targets"]),
        *(variable["query"] for variable in board["templating"]["list"]),
        *(annotation["expr"] for annotation in board["annotations"]["list"]),
    ]


def test_every_metric_that_is_asked_for_is_exported(tmp_path: Path) -> None:
    platform = make_platform(tmp_path)
    register_champion(platform)
    text = Metrics(state_of(platform).models).expose("")[0].decode()
    names = set(re.findall(r"^# TYPE (\S+)", text, re.M))
    exported = names | {f"{name}{end}" for name in names for end in ("_bucket", "_sum", "_count")}
    names_queried = {name for expression in expressions() for name in NAME.findall(expression)}
    assert len(names_queried) > 12 and names_queried <= exported, names_queried - exported


def anchors(page: Path) -> set[str]:
    """The anchors of a page's headings, as GitHub makes them."""
    headings = re.findall(r"^#+ (.+)$", page.read_text(), re.M)
    return {re.sub(r"[^a-z0-9 -]", "", heading.lower()).replace(" ", "-") for heading in headings}


def test_each_alarm_has_its_place_in_the_runbook() -> None:
    places = anchors(DOCS / "runbook.md")
    names = {v for name, v in vars(rules).items() if name.isupper() and isinstance(v, str)}
    assert {rules.DRIFT, rules.ENDPOINT_DOWN, rules.DRIFT_CHECK_MISSED} <= names <= places
    linked = {rule["annotations"]["runbook"].partition("#")[2] for rule in alerts()}
    assert linked <= places, linked - places


def read_by_grafana(board: dict[str, Any]) -> dict[str, Any]:
    """What is left of a dashboard once it was read by the types of Grafana's schema."""
    # For Python 3.11 and newer.
    plugins, encoder, dashboard = (
        pytest.importorskip(f"grafana_foundation_sdk.{name}")
        for name in ("cog.plugins", "cog.encoder", "models.dashboard")
    )
    plugins.register_default_plugins()
    return json.loads(encoder.JSONEncoder().encode(dashboard.Dashboard.from_json(board)))


def differences(before: Any, after: Any, path: str = "") -> set[str]:
    """The places in which `after` lacks what `before` has, or has something else."""
    if isinstance(before, dict) and isinstance(after, dict):
        parts = [
            (f"{path}.{key}".lstrip("."), value, after.get(key)) for key, value in before.items()
        ]
    elif isinstance(before, list) and isinstance(after, list) and len(before) == len(after):
        pairs = enumerate(zip(before, after, strict=True))
        parts = [(f"{path}[{number}]", *pair) for number, pair in pairs]
    else:
        return set() if before == after else {path}
    return set().union(*(differences(old, new, place) for place, old, new in parts))


def test_grafana_knows_all_that_the_dashboard_says() -> None:
    board = json.loads(BOARD.read_text())
    assert differences(board, read_by_grafana(board)) == OF_THE_PLUGIN
    # A misspelled key is one that Grafana passes over.
    board["panels"][0]["gridPoz"] = board["panels"][0].pop("gridPos")
    assert "panels[0].gridPoz" in differences(board, read_by_grafana(board))


@pytest.mark.skipif(not shutil.which("promtool"), reason="promtool is not installed")
def test_promtool_takes_the_rules() -> None:
    process = subprocess.run(["promtool", "check", "rules", RULES], capture_output=True, text=True)
    assert process.returncode == 0, process.stdout + process.stderr


# In promtool's notation of samples: so many seconds apart, rising by so much.
OVERLOADED = 'mlops_requests_total{code="503",instance="x",model="toys",version="1"}'
ANSWERED = 'mlops_requests_total{code="200",instance="x",model="toys",version="1"}'
UNRELEASED = 'mlops_requests_total{code="503",instance="x",model="toys",version="0"}'
CHAMPION = 'mlops_champion_version{instance="x",model="toys"}'
VERSION = 'mlops_served_version{instance="x",model="toys"}'


@pytest.mark.skipif(not shutil.which("promtool"), reason="promtool is not installed")
@pytest.mark.parametrize(
    ("series", "alert", "is_on"),
    [
        # Nothing is released: that nothing answers is no fault.
        ({UNRELEASED: "0+60x20"}, "MlopsErrors", False),
        ({OVERLOADED: "0+60x20", CHAMPION: "1x20", VERSION: "1x20"}, "MlopsErrors", True),
        ({OVERLOADED: "0+60x20", CHAMPION: "1x20", VERSION: "1x20"}, "MlopsOverloaded", True),
        ({ANSWERED: "0+60x20", CHAMPION: "1x20", VERSION: "1x20"}, "MlopsOverloaded", False),
        ({UNRELEASED: "0+60x20", CHAMPION: "1x20"}, "MlopsOverloaded", False),
        ({'mlops_alarm{alarm="drift",model="toys"}': "1x20"}, "MlopsAlarm", True),
        ({'mlops_alarm{alarm="drift",model="toys"}': "0x20"}, "MlopsAlarm", False),
    ],
)
def test_an_alert_fires_when_its_summary_is_true(
    series: dict[str, str], alert: str, is_on: bool, tmp_path: Path
) -> None:
    document = {
        "rule_files": [str(RULES)],
        "evaluation_interval": "1m",
        "tests": [
            {
                "interval": "1m",
                "input_series": [
                    {"series": name, "values": values} for name, values in series.items()
                ],
                "promql_expr_test": [
                    {
                        "expr": f'count(ALERTS{{alertname="{alert}",alertstate="firing"}})',
                        "eval_time": "15m",
                        "exp_samples": [{"labels": "{}", "value": 1}] if is_on else [],
                    }
                ],
            }
        ],
    }
    path = tmp_path / "rules_test.yml"
    path.write_text(yaml.safe_dump(document))
    process = subprocess.run(["promtool", "test", "rules", path], capture_output=True, text=True)
    assert process.returncode == 0, process.stdout + process.stderr
