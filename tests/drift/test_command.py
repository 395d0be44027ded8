"""The command line, run as a user runs it."""

from __future__ import annotations

import json
import subprocess
import sys

import pyarrow.parquet as pq
import pytest
from pyarrow import csv

from tests import warm
from tests.drift.tables import plain


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    path = tmp_path_factory.mktemp("tables")
    pq.write_table(plain(5000), path / "reference.parquet")
    (path / "same").mkdir()
    for part in range(2):
        csv.write_csv(plain(1000, seed=part + 1), path / "same" / f"{part}.csv")
    pq.write_table(plain(2000, seed=3, shift=0.4), path / "moved.parquet")
    pq.write_table(plain(20, seed=4), path / "few.parquet")
    return path


def drift(folder, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [warm.programs() / "python", "-m", "training.drift", *arguments],
        capture_output=True,
        text=True,
        env={"PYTHONPATH": ":".join(path for path in sys.path if path)},
        cwd=folder,
    )


@pytest.mark.parametrize(
    ("window", "code", "verdict"),
    [
        ("same", 0, "no_drift"),
        ("moved.parquet", 3, "drift"),
        ("few.parquet", 4, "insufficient_data"),
    ],
)
def test_exit_codes_and_json(folder, window, code, verdict):
    result = drift(folder, "compare", "reference.parquet", window, "--json")
    assert result.returncode == code, result.stderr
    document = json.loads(result.stdout)
    assert document["verdict"] == verdict
    assert {"drifted", "effect", "p_adjusted"} <= set(document["features"]["a"])


def test_a_profile_stands_for_its_table(folder):
    process = drift(folder, "profile", "reference.parquet", "-o", "reference.json", "--json")
    assert process.returncode == 0, process.stderr
    assert json.loads(process.stdout) == {"profile": "reference.json", "rows": 5000, "columns": 3}
    results = [
        drift(folder, "compare", reference, "moved.parquet", "--json").stdout
        for reference in ("reference.json", "reference.parquet")
    ]
    assert results[0] == results[1]
    drift(folder, "profile", "moved.parquet", "-o", "moved.json", "--reference", "reference.json")
    assert drift(folder, "compare", "reference.json", "moved.json", "--json").stdout == results[0]


def test_text_and_html(folder):
    result = drift(folder, "compare", "reference.parquet", "moved.parquet", "--html", "report.html")
    assert result.stdout.startswith("drift: 1 of 3 columns drifted")
    assert (folder / "report.html").read_text().startswith("<!doctype html>")


def test_options(folder):
    options = ["--effect", "a=0.5", "--columns", "a,c", "--score", "c", "--alpha", "0.01"]
    result = drift(folder, "compare", "reference.parquet", "moved.parquet", "--json", *options)
    document = json.loads(result.stdout)
    assert (result.returncode, document["verdict"]) == (0, "no_drift")
    assert list(document["features"]) == ["a", "c"]
    assert document["features"]["c"]["role"] == "score"
    assert document["thresholds"]["alpha"] == 0.01


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["compare", "nowhere", "same"], "error: data 'nowhere' does not exist"),
        (["compare", "reference.parquet", "same", "--effect", "a"], "must be COLUMN=VALUE"),
        (["compare", "reference.parquet", "same", "--columns", "d"], "no column 'd'"),
        (["profile", "same", "-o", "p.json", "--time-column", "a"], "must be a date or timestamp"),
    ],
)
def test_errors_are_one_line(folder, arguments, message):
    result = drift(folder, *arguments)
    assert result.returncode == 1 and message in result.stderr
    assert len(result.stderr.splitlines()) == 1


def test_the_parser_needs_no_library():
    code = (
        "import argparse, sys; from training.drift import command;"
        "command.configure(argparse.ArgumentParser().add_subparsers());"
        "print(sorted({'numpy', 'scipy', 'pyarrow', 'pandas'} & set(sys.modules)))"
    )
    assert (
        subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, check=True
        ).stdout.strip()
        == "[]"
    )


def test_the_job_loads_no_library_that_is_slow_to_load(folder):
    code = (
        "import sys; from training.drift import *;"
        "r = profile_table('reference.parquet', columns=['a', 'c']);"
        "w = profile_table('moved.parquet', columns=['a', 'c'], reference=r);"
        "html_page(compare(r, w));"
        "print(sorted({'pandas', 'pyarrow.compute', 'scipy', 'sklearn'} & set(sys.modules)))"
    )
    result = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        cwd=folder,
        env={"PYTHONPATH": ":".join(path for path in sys.path if path)},
    )
    assert result.stdout.strip() == "[]", result.stderr
