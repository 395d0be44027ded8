"""The local endpoint against its peers, written to the documentation.

    python -m bench.serving.run [--cache FOLDER] [--rounds 3] [--seconds 3] [--peers mlflow,fastapi]

Needs the network once, for the peers' environments. All serve the same estimator; contenders take
turns, so that what else the machine does meets all alike, and are compared as ratios.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import re
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.request import Request, urlopen

from bench.drift import plots

ROOT = Path(__file__).resolve().parents[2]
HERE = Path(__file__).resolve().parent
HEADING = "# Benchmarks of serving"
PEERS = ("mlflow", "fastapi", "bentoml")
NAMES = {
    "ours": "this project",
    "ours-workers": "this project, a worker for each core",
    "mlflow": "MLflow `models serve`",
    "fastapi": "FastAPI with pandas",
    "bentoml": "BentoML",
}
# Clients and rows a request.
LOADS = {"1 client, 1 row": (1, 1), "16 clients, 1 row": (16, 1), "4 clients, 100 rows": (4, 100),
         "1 client, 10,000 rows": (1, 10_000)}  # fmt: skip
START_SECONDS = 120


@dataclass(frozen=True)
class Contender:
    """A server: how it is started, and in what shape it takes rows."""

    name: str
    command: list[str | Path]
    shape: str
    path: str = "/invocations"
    workers: int = 1
    environment: dict[str, str] = field(default_factory=dict)


def main() -> None:
    """Run all turns and write the page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cache", type=Path, default=Path(tempfile.gettempdir()) / "serving-bench")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=3)
    parser.add_argument("--peers", default=",".join(PEERS))
    args = parser.parse_args()
    args.cache.mkdir(parents=True, exist_ok=True)
    peers = [peer for peer in args.peers.split(",") if peer]
    root = args.cache / "stack"
    shutil.rmtree(root, ignore_errors=True)  # of other code, perhaps
    root.mkdir()
    from bench.serving import stack

    stack.make(root)
    cores = os.cpu_count() or 1
    own_contenders = [_own_contender(root), _own_contender(root, "ours-workers", cores)]
    contenders = [*own_contenders, *(_peer(args.cache, root, peer) for peer in peers)]
    before = os.getloadavg()[0]
    turns: dict[str, list[dict[str, Any]]] = {contender.name: [] for contender in contenders}
    missing: list[str] = []
    for number in range(args.rounds):
        for contender in [contender for contender in contenders if contender.name in turns]:
            try:
                turns[contender.name].append(_turn(contender, root, args.seconds))
            except RuntimeError as error:
                if contender in own_contenders:
                    raise
                missing.append(f"{NAMES[contender.name]}: {error}")
                del turns[contender.name]
            print(f"round {number + 1}: {contender.name}", file=sys.stderr)
    (args.cache / "results.json").write_text(json.dumps(turns, indent=1))
    write_section(HEADING, _section(turns, missing, args, before))


def _own_contender(root: Path, name: str = "ours", workers: int = 1) -> Contender:
    command = [sys.executable, "-m", "training.cli", "serve", "--no-schedules", "--port", "PORT"]
    return Contender(name, [*command], "instances", workers=workers)


def _peer(cache: Path, root: Path, peer: str) -> Contender:
    folder = cache / f"peer-{peer}"
    python = folder / "bin" / "python"
    # MLflow starts the `uvicorn` that comes first: its own, not the one of this environment.
    path = {"PATH": f"{folder / 'bin'}{os.pathsep}{os.environ['PATH']}"}
    pins = HERE / "requirements" / f"{peer}.txt"
    if not python.exists():
        subprocess.run([sys.executable, "-m", "venv", folder], check=True)
        subprocess.run([python, "-m", "pip", "install", "--quiet", "-r", pins], check=True)
    at = ["--host", "127.0.0.1", "--port", "PORT"]
    if peer == "mlflow":
        saved = cache / "mlflow-model"
        shutil.rmtree(saved, ignore_errors=True)
        make = HERE / "peers" / "mlflow_model.py"
        subprocess.run([python, make, root / "model.joblib", saved], check=True)
        serve = ["-m", "mlflow", "models", "serve", "-m", saved, "--env-manager", "local"]
        return Contender(peer, [python, *serve, *at], "dataframe_records", environment=path)
    if peer == "fastapi":
        serve = ["-m", "uvicorn", "fastapi_app:app", "--log-level", "warning"]
        return Contender(peer, [python, *serve, *at], "instances", environment=path)
    serve = ["-m", "bentoml", "serve", "bentoml_service:Flights"]
    return Contender(peer, [python, *serve, *at], "instances", environment=path)


def _turn(contender: Contender, root: Path, seconds: float) -> dict[str, Any]:
    """One start of a server, and every load on it."""
    results: dict[str, Any] = {}
    with run_server(contender, root) as (url, start_seconds, pid):
        results["start_seconds"] = start_seconds
        for name, (clients, rows) in LOADS.items():
            results[name] = put_load(url, body_of(root, contender.shape, rows), clients, seconds)
        results["megabytes"] = _megabytes(pid)
    return results


@contextmanager
def run_server(contender: Contender, root: Path) -> Iterator[tuple[str, float, int]]:
    """The server's address, the seconds until its first answer, and its process, while it runs."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    is_own = contender.name.startswith("ours")
    command = [re.sub(r"\bPORT\b", str(port), str(part)) for part in contender.command]
    environment = {
        **os.environ,
        "MODEL": str(root / "model.joblib"),
        "PYTHONPATH": str(ROOT) if is_own else "",
        "DO_NOT_TRACK": "1",
        "BENTOML_DO_NOT_TRACK": "True",
        **contender.environment,
    }
    folder = root if is_own else HERE / "peers"
    if is_own:
        from bench.serving.stack import set_workers

        set_workers(root, contender.workers)
    begin = time.perf_counter()
    with (root / f"{contender.name}.log").open("wb") as log:
        process = subprocess.Popen(
            command, cwd=folder, env=environment, stdout=log, stderr=log, start_new_session=True
        )
    url = f"http://127.0.0.1:{port}{contender.path}"
    try:
        body = body_of(root, contender.shape, 1)
        while not _answers(url, body):
            if process.poll() is not None or time.perf_counter() - begin > START_SECONDS:
                raise RuntimeError(f"{contender.name} does not start: {root / contender.name}.log")
            time.sleep(0.05)
        start_seconds = time.perf_counter() - begin
        while is_own and _processes(port) < contender.workers:
            time.sleep(0.05)
        yield url, start_seconds, process.pid
    finally:
        with suppress(ProcessLookupError):  # it did not start
            os.killpg(process.pid, signal.SIGTERM)
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def _processes(port: int) -> int:
    """The processes of our server that answer."""
    with urlopen(f"http://127.0.0.1:{port}/version", timeout=10) as answer:
        return json.load(answer)["processes"]


def _answers(url: str, body: bytes) -> bool:
    try:
        request = Request(url, body, {"content-type": "application/json"})
        with urlopen(request, timeout=10) as answer:
            return answer.status == 200
    except (URLError, OSError):
        return False


def body_of(root: Path, shape: str, count: int) -> bytes:
    """A request of so many rows, in the contender\'s shape."""
    rows = json.loads((root / "rows.json").read_text())
    return json.dumps({shape: [rows[place % len(rows)] for place in range(count)]}).encode()


def put_load(url: str, body: bytes, clients: int, seconds: float) -> dict[str, Any]:
    """What `bench.serving.load` measures of a server."""
    with tempfile.NamedTemporaryFile() as file:
        file.write(body)
        file.flush()
        command = [sys.executable, "-m", "bench.serving.load", url, file.name]
        options = ["--clients", str(clients), "--seconds"]
        # Not measured: the first requests of a server.
        subprocess.run([*command, *options, "0.5"], cwd=ROOT, check=True, capture_output=True)
        process = subprocess.run(
            [*command, *options, str(seconds)], cwd=ROOT, check=True, capture_output=True
        )
    result = json.loads(process.stdout)
    if result["failed"]:
        raise RuntimeError(f"{url}: {result['failed']} of {result['requests']} requests failed")
    return result


def _family(pid: int) -> dict[int, str]:
    """A process and its descendants, with their lines of `/proc`."""
    stats = dict(_stats())
    family = {pid}
    while more := {process for process, stat in stats.items() if _parent(stat) in family} - family:
        family |= more
    return {process: stats[process] for process in family if process in stats}


def processor_seconds(pid: int) -> float:
    """The processor time of a process and its descendants that run now."""
    fields = [stat.rpartition(")")[2].split() for stat in _family(pid).values()]
    return sum(int(values[11]) + int(values[12]) for values in fields) / os.sysconf("SC_CLK_TCK")


def _megabytes(pid: int) -> float:
    """The memory of a process and its descendants; of shared pages each has its share (PSS)."""
    size = 0
    for process in _family(pid):
        with suppress(OSError):  # it has ended meanwhile
            lines = Path(f"/proc/{process}/smaps_rollup").read_text().splitlines()
            size += sum(int(line.split()[1]) for line in lines if line.startswith("Pss:"))
    return size / 1024


def _stats() -> Iterator[tuple[int, str]]:
    for path in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):  # it has ended meanwhile
            yield int(path.parent.name), path.read_text()


def _parent(stat: str) -> int:
    return int(stat.rpartition(")")[2].split()[1])


def median_of(turns: list[dict[str, Any]], *keys: str) -> float:
    """The median over turns of the value at some keys."""
    values = []
    for turn in turns:
        value: Any = turn
        for key in keys:
            value = value[key]
        values.append(value)
    return statistics.median(values)


def write_section(heading: str, text: str) -> None:
    """Put a section, which begins with its heading, in the place of the one of that heading."""
    page = ROOT / "docs" / "benchmarks.md"
    before, _, remainder = page.read_text(encoding="utf-8").partition(f"\n{heading}\n")
    _, more, after = remainder.partition("\n# ")
    parts = [before.rstrip(), text, f"# {after}".rstrip() if more else ""]
    page.write_text("\n\n".join(filter(None, parts)) + "\n", encoding="utf-8")


def _draw(turns: dict[str, list[dict[str, Any]]]) -> list[str]:
    """Draw the charts; the lines that show them."""
    charts = {
        "memory": ("Memory after the loads, MB", ("megabytes",)),
        "single": ("Requests/s of 1 row from 16 clients", ("16 clients, 1 row", "per_second")),
        "large": ("Requests/s of 10,000 rows", ("1 client, 10,000 rows", "per_second")),
    }
    for name, (title, keys) in charts.items():
        values = sorted((median_of(rounds, *keys), NAMES[name]) for name, rounds in turns.items())
        bars = [(contender, value, f"{value:,.4g}") for value, contender in values]
        plots.bars(ROOT / "docs" / "images" / f"serving-{name}.svg", title, bars)
    return [
        line
        for name, (title, _) in charts.items()
        for line in ("", f"![{title}](images/serving-{name}.svg)")
    ]


def _section(
    turns: dict[str, list[dict[str, Any]]],
    missing: list[str],
    args: argparse.Namespace,
    before: float,
) -> str:
    load, cores = os.getloadavg()[0], os.cpu_count() or 1
    python = platform.python_version()
    busy = (
        " **Other work ran on the machine meanwhile: read the ratios, not the figures.**"
        if before > cores or load > 3 * cores
        else ""
    )
    lines = [
        HEADING,
        "",
        f"Made by `make bench-serving` on {date.today()}, {cores} cores ({platform.machine()}), "
        f"Python {python}; load {before:.1f} at the beginning, {load:.1f} at the end.{busy}",
        "",
        "The model of the flights (boosted trees, 16 columns), fitted on two months, in the same "
        "file for all; each peer in an environment of its own, with one worker. Contenders take "
        f"turns; medians of {args.rounds} rounds of {args.seconds:g} s for each load. Ours "
        "captures every request. Memory is of all of a server's processes, after the loads; of "
        "pages that several processes share, each has its share (PSS).",
        *(f"\nNot measured: {reason}" for reason in missing),
        "",
        "| | first answer, s | times ours | MB | times ours |",
        "| --- | --- | --- | --- | --- |",
    ]
    for name, rounds in turns.items():
        start, size = median_of(rounds, "start_seconds"), median_of(rounds, "megabytes")
        own_rate = [median_of(turns["ours"], key) for key in ("start_seconds", "megabytes")]
        lines.append(
            f"| {NAMES[name]} | {start:.1f} | {start / own_rate[0]:.1f} "
            f"| {size:.0f} | {size / own_rate[1]:.1f} |"
        )
    for load_name in LOADS:
        own_rate = median_of(turns["ours"], load_name, "per_second")
        lines += [
            "",
            f"**{load_name}**",
            "",
            "| | requests/s | ours are times as many | p50 ms | p99 ms |",
            "| --- | --- | --- | --- | --- |",
        ]
        for name, rounds in turns.items():
            rate = median_of(rounds, load_name, "per_second")
            p50, p99 = (median_of(rounds, load_name, key) for key in ("p50_ms", "p99_ms"))
            lines.append(
                f"| {NAMES[name]} | {rate:,.1f} | {own_rate / rate:.1f} | {p50:.2f} | {p99:.2f} |"
            )
    return "\n".join([*lines, *_draw(turns)])


if __name__ == "__main__":
    main()
