"""Reading captured requests of Google Cloud: as Arrow from storage, and as pages of JSON before.

    python -m bench.gcp.run [--rows 1000000] [--days 10] [--rounds 3]

A table of `--days` days of `--rows` requests each, of 25 columns, is made once; a stand-in for
BigQuery reads it in a process of its own. Readers are processes too, and take turns. Peak memory
and processor time are those of the reader alone, with its start-up; seconds have the stand-in's
time in them. Files are made in one round only, since most of that is the same for both.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import duckdb

from bench.gcp.read import COLUMNS, VERSION
from training import clock
from training.clients.gcp import GATEWAY
from training.clients.gcp_bigquery import STORAGE_GATEWAY

END = datetime(2026, 3, 11, tzinfo=timezone.utc)
# Patterns of DuckDB's `format`, in which a brace of the text is two.
NUMBERS = ", ".join(f'"x{number}": {{}}' for number in range(COLUMNS))
REQUEST = '{{"instances": [{{' + NUMBERS + "}}]}}"
ANSWER = '{{"predictions": [{}], "scores": [{}], "version": {}, "request_id": "{}"}}'
VALUES = ", ".join("round(random() * 1000, 3)" for _ in range(COLUMNS))
HEADINGS = """| | window, rows | kept, rows | s | processor s | peak MB | partitions read |
| --- | --- | --- | --- | --- | --- | --- |"""
LINE = (
    "| {name} | {rows:,} | {kept:,} | {seconds:.1f} | {processor_seconds:.1f} | {peak_mb:.0f} |"
    " {partitions} |"
)


@dataclass(frozen=True)
class Contender:
    """A way to read a window of the newest `share` of a day, of a table of some days."""

    name: str
    way: str
    kind: str
    days: int
    share: float = 1.0


@dataclass
class Service:
    """The stand-in, and the partitions that it has read."""

    process: subprocess.Popen[str]
    gateways: dict[str, str]

    def partitions(self) -> int:
        """How many partitions have been read so far."""
        assert self.process.stdin and self.process.stdout
        self.process.stdin.write("\n")
        self.process.stdin.flush()
        return len(self.process.stdout.readline().split())


def main() -> None:
    """Measure, and print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--days", type=int, default=10)
    parser.add_argument("--rounds", type=int, default=3)
    args = parser.parse_args()
    rows = [
        Contender("rows, Arrow", "arrow", "rows", args.days),
        Contender("rows, Arrow", "arrow", "rows", 1),
        Contender("rows, Arrow", "arrow", "rows", args.days, 0.1),
        Contender("rows, JSON", "json", "rows", args.days),
        Contender("rows, JSON", "json", "rows", args.days, 0.1),
    ]
    files = [
        Contender("files, Arrow", "arrow", "files", args.days, 0.1),
        Contender("files, JSON", "json", "files", args.days, 0.1),
    ]
    results: dict[Contender, list[dict[str, Any]]] = {
        contender: [] for contender in (*rows, *files)
    }
    with tempfile.TemporaryDirectory() as folder:
        tables = {days: Path(folder) / f"{days}" for days in {1, args.days}}
        _make(tables[args.days], args.days, args.rows)
        if args.days > 1:
            _make(tables[1], 1, args.rows)
        for turn in range(args.rounds):
            for contender in (*rows, *(files if turn == 0 else ())):
                results[contender].append(_measure(contender, tables[contender.days]))
                print(contender, results[contender][-1], file=sys.stderr)
    print(HEADINGS)
    for contender, turns in results.items():
        medians = {name: statistics.median(turn[name] for turn in turns) for name in turns[0]}
        counts = {name: int(medians.pop(name)) for name in ("rows", "partitions")}
        rows_in_table = args.rows * contender.days
        print(
            LINE.format(
                name=contender.name,
                rows=counts["rows"],
                kept=rows_in_table,
                partitions=counts["partitions"],
                **medians,
            )
        )


def _make(folder: Path, days: int, rows: int) -> None:
    """Write a Parquet file a day, the last of which ends at `END`."""
    folder.mkdir()
    for number in range(1, days + 1):
        begin = END - timedelta(days=number)
        query = f"""
            SELECT '1' AS endpoint, '{VERSION}00' AS deployed_model_id,
              TIMESTAMPTZ '{begin}' + to_microseconds(86400000000 * number // {rows})
                AS logging_time,
              number::DECIMAL(38, 9) AS request_id,
              [format('{REQUEST}', {VALUES})] AS request_payload,
              [format('{ANSWER}', number % 2, round(random(), 6), {VERSION}, uuid()::VARCHAR)]
                AS response_payload
            FROM range({rows}) AS numbers(number)"""
        with duckdb.connect() as database:
            database.execute("SET TimeZone = 'UTC'")
            path = folder / f"{begin:%Y-%m-%d}.parquet"
            database.execute(f"COPY ({query}) TO '{path}' (FORMAT parquet, COMPRESSION zstd)")


def _measure(contender: Contender, folder: Path) -> dict[str, Any]:
    with _service(folder) as service:
        window = [clock.text(END - contender.share * timedelta(days=1)), clock.text(END)]
        command = [sys.executable, "-m", "bench.gcp.read", contender.way, contender.kind]
        process = subprocess.run(
            [*command, *window],
            env={**os.environ, **service.gateways},
            stdout=subprocess.PIPE,
            text=True,
            check=True,
        )
        return {**json.loads(process.stdout), "partitions": service.partitions()}


@contextmanager
def _service(folder: Path) -> Iterator[Service]:
    command = [sys.executable, "-m", "bench.gcp.service", str(folder)]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout and process.stdin
        gateway, storage = process.stdout.readline().split()
        yield Service(process, {GATEWAY: gateway, STORAGE_GATEWAY: storage})
        process.stdin.close()


if __name__ == "__main__":
    main()
