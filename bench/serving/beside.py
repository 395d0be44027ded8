"""The local endpoint's answers while the platform works beside it.

    python -m bench.serving.beside [--rounds 3] [--seconds 6]

A stack that the real engine brings up serves the flights of two months. One client asks for single
rows: alone, then beside a retraining, beside drift checks, and beside releases, in turns.
"""

from __future__ import annotations

import argparse
import os
import platform
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Event, Thread
from typing import Any

import pandas as pd

from bench.serving.run import median_of, put_load, write_section
from tests.project import Project
from tests.serving.servers import Server, until
from training.platform import platform_at
from training.replay import flights

HEADING = "# Benchmarks of serving beside other work"
MONTHS = (1, 2)
ROWS = 50


def main() -> None:
    """Run all turns and write the section."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=6)
    args = parser.parse_args()
    before = os.getloadavg()[0]
    turns: list[dict[str, Any]] = []
    with TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        project, server, body = _start_stack(Path(folder))
        try:
            for number in range(args.rounds):
                turns.append(_turn(project, server, body, args.seconds))
                print(f"round {number + 1}: {turns[-1]}", file=sys.stderr)
        finally:
            server.stop()
    write_section(HEADING, _section(turns, args, before))


def _start_stack(folder: Path) -> tuple[Project, Server, bytes]:
    """The stack with two versions, the newer one in service, and a request."""
    months = folder / "months"
    flights.write_months(months)
    data = folder / "data"
    data.mkdir()
    project = Project.make(folder / "project")
    for month in MONTHS:
        file = flights.month_file(months, month)
        (data / file.name).write_bytes(file.read_bytes())
    project.stack("local", {
        "target": "local", "approval": "automatic", "model": "flights", "modelFile": "flights",
        "data": {"location": str(data), "target": flights.TARGET, "task": "classification",
                 "timeColumn": "time_hour"},
        "retraining": {"schedule": None, "onDrift": False, "minRows": 0, "cooldownHours": 0},
        "drift": {"schedule": None}, "gate": {"margin": 0.0},
    })  # fmt: skip
    project.up("local")
    project.mlops("retrain")
    file = flights.month_file(months, MONTHS[-1] + 1)
    (data / file.name).write_bytes(file.read_bytes())
    project.mlops("retrain")
    server = Server(platform_at(".mlops/local", project.path), "--no-schedules")
    until(lambda: server.get("/ping")[0] == 200)
    inputs = [column["name"] for column in project.json("versions", "1")["inputs"]]
    row = pd.read_parquet(file, columns=inputs)[:1].to_json(orient="records")
    return project, server, f'{{"instances": {row}}}'.encode()


def _turn(project: Project, server: Server, body: bytes, seconds: float) -> dict[str, Any]:
    works: dict[str, Callable[[], Any]] = {
        "a retraining": lambda: project.mlops("retrain"),
        # Of one row again and again, which is a drift: its exit code says so.
        "drift checks": lambda: project.json("drift"),
        "releases": lambda: _promote_both(project),
    }
    url = f"{server.url}/invocations"
    turn = {"nothing": put_load(url, body, 1, seconds)}
    for name, work in works.items():
        with _repetition(work):
            turn[name] = put_load(url, body, 1, seconds)
    return turn


def _promote_both(project: Project) -> None:
    for version in ("1", "2"):
        project.mlops("promote", version, "--why", "bench")


@contextmanager
def _repetition(work: Callable[[], Any]) -> Iterator[None]:
    """Work that goes on, or is begun again, as long as the context lasts."""
    stop, failures = Event(), []

    def repeat() -> None:
        while not stop.is_set():
            try:
                work()
            except (AssertionError, subprocess.SubprocessError) as error:
                failures.append(error)
                return

    thread = Thread(target=repeat)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()
    if failures:
        raise failures[0]


def _section(turns: list[dict[str, Any]], args: argparse.Namespace, before: float) -> str:
    cores = os.cpu_count() or 1
    alone = median_of(turns, "nothing", "p99_ms")
    lines = [
        HEADING,
        "",
        f"Made by `make bench-serving` on {date.today()}, {cores} cores ({platform.machine()}), "
        f"Python {platform.python_version()}; load {before:.1f} at the beginning.",
        "",
        "One client, one row of the flights a request, every request captured, on a stack that the "
        "engine brought up; retraining, drift checks and releases go on all the while. Medians of "
        f"{args.rounds} rounds of {args.seconds:g} s.",
        "",
        "| beside | requests/s | p50 ms | p99 ms | times alone |",
        "| --- | --- | --- | --- | --- |",
    ]
    for name in turns[0]:
        rate, p50, p99 = (median_of(turns, name, key) for key in ("per_second", "p50_ms", "p99_ms"))
        lines.append(f"| {name} | {rate:,.0f} | {p50:.2f} | {p99:.2f} | {p99 / alone:.1f} |")
    return "\n".join(lines)


if __name__ == "__main__":
    main()
