"""The same profile on Spark, bit by bit, on a local cluster."""

from __future__ import annotations

import os
import shutil
import sys

import pyarrow.parquet as pq
import pytest

from tests.drift.tables import mixed
from training.drift import compare, profile_table
from training.errors import UserError

pytest.importorskip("pyspark", reason="pyspark is not installed: make .venv/.spark")
if shutil.which("java") is None and "JAVA_HOME" not in os.environ:
    pytest.skip("Spark needs Java 17 or later, which is not on PATH", allow_module_level=True)

COLUMNS = ["normal", "holes", "nulls", "small", "huge", "single", "flag", "word", "date", "price"]


@pytest.fixture(scope="module")
def session():
    from pyspark.sql import SparkSession  # pyright: ignore[reportMissingImports]

    builder = SparkSession.builder.master("local[2]").appName("drift")
    builder = builder.config("spark.ui.enabled", "false").config("spark.driver.host", "127.0.0.1")
    builder = builder.config("spark.sql.session.timeZone", "UTC")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYSPARK_PYTHON", sys.executable)
        session = builder.getOrCreate()
        yield session
        session.stop()


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    path = tmp_path_factory.mktemp("spark")
    table = mixed(4000).select([*COLUMNS, "time"])
    pq.write_table(table, path / "t.parquet", row_group_size=700)
    return path / "t.parquet"


@pytest.mark.filterwarnings("ignore")  # Spark's own
def test_partitions_merge_to_one_pass(session, path):
    from training.drift.spark import profile_spark

    alone = profile_table(path, time_column="time", block="small")
    frame = session.read.parquet(str(path))
    assert profile_spark(frame, time_column="time", block="small").to_json() == alone.to_json()
    shuffled = frame.repartition(7)
    assert profile_spark(shuffled, time_column="time", block="small").to_json() == alone.to_json()
    window = profile_spark(shuffled, time_column="time", reference=alone)
    assert window == profile_table(path, time_column="time", reference=alone)
    assert compare(alone, window).verdict == "no_drift"
    two_columns = profile_spark(frame, columns=["word", "normal"])
    assert two_columns == profile_table(path, columns=["word", "normal"])
    with pytest.raises(UserError, match="no column 'nope'"):
        profile_spark(frame, columns=["nope"])
