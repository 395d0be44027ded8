"""Time and peak memory of whole processes, beside those of peers in environments of their own."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PEERS = ROOT / "bench" / "drift" / "peers"
REQUIREMENTS = ROOT / "bench" / "drift" / "requirements"
SCRIPTS = {
    "Evidently": "evidently_check.py",
    "NannyML": "nannyml_check.py",
    "exact": "exact_check.py",
}
OURS, DECODE = "this project", "decoding alone"


@dataclass(frozen=True)
class Run:
    """What one process took.

    Args:
        seconds: From start to end.
        cpu: Seconds of processor time, of all its threads.
        megabytes: Largest resident set.
    """

    seconds: float
    cpu: float
    megabytes: float


def environment(cache: Path, peer: str) -> Path:
    """The Python of a peer's own environment, made if it is not there yet."""
    folder = cache / f"peer-{peer.lower()}"
    python = folder / "bin" / "python"
    if not python.exists():
        subprocess.run([sys.executable, "-m", "venv", folder], check=True)
        pins = REQUIREMENTS / f"{peer.lower()}.txt"
        subprocess.run([python, "-m", "pip", "install", "--quiet", "-r", pins], check=True)
    return python


def measured(command: list[str]) -> Run:
    """Run a command to its end; it must not fail but may say that there is drift."""
    quiet = {"DO_NOT_TRACK": "1", "NML_DISABLE_USAGE_LOGGING": "1", "PYTHONPATH": str(ROOT)}
    begin = time.perf_counter()
    process = subprocess.Popen(
        command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, env={**os.environ, **quiet}
    )
    assert process.stderr is not None
    errors = process.stderr.read()
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - begin
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode not in (0, 3):
        raise RuntimeError(f"{command} failed: {errors.decode()[-2000:]}")
    return Run(seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024)


def medians(commands: dict[str, list[str]], rounds: int) -> dict[str, Run]:
    """Medians of each command over rounds in which all of them take turns."""
    runs: dict[str, list[Run]] = {name: [] for name in commands}
    for number in range(rounds):
        for name, command in commands.items():
            runs[name].append(measured(command))
            print(f"round {number + 1}: {name} {runs[name][-1]}", file=sys.stderr, flush=True)
    return {
        name: Run(
            statistics.median(run.seconds for run in took),
            statistics.median(run.cpu for run in took),
            statistics.median(run.megabytes for run in took),
        )
        for name, took in runs.items()
    }


def against_peers(cache: Path, rounds: int) -> dict[str, Run]:
    """One check of a million rows against a million, all columns, by everyone in turn."""
    tables = [str(path) for path in _pair(cache, 1_000_000)]
    commands = {
        OURS: _own_command(*tables),
        DECODE: [sys.executable, "-m", "bench.drift.decode", *tables],
    }
    for peer, script in SCRIPTS.items():
        commands[peer] = [str(environment(cache, peer)), str(PEERS / script), *tables]
    return medians(commands, rounds)


def by_rows(cache: Path, sizes: list[int], rounds: int) -> dict[int, dict[str, Run]]:
    """Windows of growing size against a profile of a million rows, beside mere decoding."""
    reference = cache / "reference.json"
    table, _ = _pair(cache, 1_000_000)
    subprocess.run(
        [sys.executable, "-m", "training.drift", "profile", table, "-o", reference],
        check=True,
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
    )
    results = {}
    for rows in sizes:
        window = _window(cache, rows)
        files = sorted(map(str, window.iterdir())) if window.is_dir() else [str(window)]
        commands = {
            OURS: _own_command(str(reference), str(window)),
            DECODE: [sys.executable, "-m", "bench.drift.decode", *files],
        }
        results[rows] = medians(commands, rounds if rows <= 10_000_000 else 1)
    return results


def start_up(rounds: int) -> Run:
    """What a process takes to load the check and do nothing."""
    code = "from training.drift import compare, profile_table"
    return medians({"start": [sys.executable, "-c", code]}, rounds)["start"]


def _own_command(reference: str, window: str) -> list[str]:
    return [sys.executable, "-m", "training.drift", "compare", reference, window, "--json"]


def _pair(cache: Path, rows: int) -> tuple[Path, Path]:
    paths = cache / f"reference-{rows}.parquet", cache / f"window-{rows}.parquet"
    for seed, path in enumerate(paths):
        # In a process of its own: a child's peak memory counts from its parent's.
        subprocess.run(
            [sys.executable, "-m", "bench.drift.data", path, str(rows), str(seed)],
            check=True,
            cwd=ROOT,
        )
    return paths


def _window(cache: Path, rows: int) -> Path:
    if rows <= 10_000_000:
        return _pair(cache, rows)[1]
    folder = cache / f"window-{rows}"
    folder.mkdir(exist_ok=True)
    for index in range(rows // 10_000_000):
        link = folder / f"{index:03}.parquet"
        if not link.exists():
            link.symlink_to(_pair(cache, 10_000_000)[1].resolve())
    return folder
