"""The model card names what a reader should know: leaks, columns left out, kinds, the split."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from training import card, steps

ROWS = 120


@pytest.fixture
def prepared(tmp_path: Path) -> dict[str, Any]:
    """A table with a row number of a library, and a column that nearly is the target."""
    frame = pd.DataFrame({"Unnamed: 0": range(ROWS), "size": [n % 7 for n in range(ROWS)]})
    frame["sold"] = frame["size"] * 10 + frame.index % 3
    frame["price"] = frame["sold"] * 2.5
    frame["when"] = pd.date_range("2026-01-01", periods=ROWS).astype(str)
    frame.to_csv(tmp_path / "t.csv", index=False)
    arguments = ["--data", str(tmp_path / "t.csv"), "--model-file", "default", "--target", "price",
                 "--split", "hash", "--holdout", "0.3", "--out", str(tmp_path / "out")]  # fmt: skip
    return steps.run("prepare", arguments)


def test_the_card_tells_leaks_kinds_and_the_split(prepared: dict[str, Any]) -> None:
    manifest = {
        **prepared,
        "data": {"rows": prepared["rows"]},
        "metrics": {"metric": "r2", "challenger": 0.98765},
    }
    text = card.card(manifest)
    assert "A regression of `price`: r2 0.9877 on held-out rows." in text
    assert "**Look at this:** column 'Unnamed: 0' is left out: it is a row number" in text
    assert "'sold'" in text.split("| column")[0], "the leak is told before the table"
    for line in ("| size | numeric | input |", "| price | numeric | target |"):
        assert line in text
    assert "| when | datetime | left out |" in text
    assert "Held out: a hash of `price`, `size`, `sold`, `when`." in text


def test_the_card_names_the_inputs_that_matter() -> None:
    losses = {f"c{n}": 0.5 - n / 20 for n in range(12)}
    manifest = {
        "task": "classification",
        "target": "late",
        "data": {"rows": 9},
        "metrics": {"metric": "roc_auc", "challenger": 1},
        "inputs": [{"name": name, "kind": "numeric"} for name in losses],
        "importances": losses,
    }
    text = card.card(manifest)
    assert "the loss of roc_auc where an input is shuffled: `c0` 0.5, `c1` 0.45" in text
    assert "`c7` 0.15." in text and "`c8`" not in text


def test_a_manifest_of_before_has_a_card_too() -> None:
    manifest = {
        "task": "classification",
        "target": "a|b",
        "data": {"rows": 9},
        "metrics": {"metric": "roc_auc", "challenger": 1},
        "inputs": [{"name": "x|y", "kind": "numeric"}],
    }
    text = card.card(manifest)
    assert "The rule of its split was not kept." in text
    assert "| x\\|y | numeric | input |" in text
    json.dumps(text)
