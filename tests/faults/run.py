"""Faults of a local stack, one kind after another; docs/faults.md has the table.

    python -m tests.faults.run --promotes 130 --serves 40 --retrains 30

Each fault hits a stack that the real engine brought up, while the real command line works on it:
kill -9 at random points of a release, of a drift check, of a server under load, of a training and
of `pulumi up`; a store that is read-only; a registry whose database is locked; a clock that jumps;
a disk that is full. After each the journal has every release that was said to be done, what is
served is what the journal says, every request that was answered is captured, every captured row is
in the window of one check, and the same command works again. The script runs in a mount namespace
of its own (`unshare`, of util-linux), for Linux alone.
"""

from __future__ import annotations

import argparse
import importlib
import json
import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.client import HTTPException
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from tests.project import REPOSITORY, Project
from tests.serving.servers import Server, until
from tests.tables import write_classification
from training import cli, deployment, registry, release, versions
from training.drift.verdict import INSUFFICIENT_DATA
from training.monitoring import drift_checks
from training.platform import Platform, platform_at
from training.runs import SUCCEEDED
from training.serving.capture import Captures

MODEL = "cancer"
# Enough for a check to decide on.
CHECK_ROWS = 120
FAULTS = (
    "clock", "read-only", "disk", "locked", "promotes", "drifts", "serves", "retrains", "ups"
)  # fmt: skip
STORE = Path(".mlops/local")
IN_NAMESPACE = "MLOPS_FAULTS_NAMESPACE"
CLOCK_FILE = "MLOPS_FAULTS_CLOCK"
# A clock that is off by the seconds in a file, for all that the command line starts.
CLOCK = """
import os, time
import training.clock
from datetime import timedelta
_now, _time = training.clock.now, time.time
def _offset():
    with open(os.environ["MLOPS_FAULTS_CLOCK"]) as file:
        return float(file.read() or 0)
training.clock.now = lambda: _now() + timedelta(seconds=_offset())
time.time = lambda: _time() + _offset()
"""
JUMPS = (3600, -3600, 86400, -86400, 400 * 86400, -400 * 86400, 0)


@dataclass
class Line:
    """A row of the table: how often a fault was tried, and what came of it."""

    fault: str
    tried: int = 0
    survived: int = 0
    losses: int = 0
    notes: list[str] = field(default_factory=list)

    @contextmanager
    def attempt(self) -> Iterator[None]:
        """One try; whatever it raises is told, and does not end the script."""
        self.tried += 1
        try:
            yield
            self.survived += 1
        except Exception as error:
            self.notes.append(f"{type(error).__name__}: {error}"[:400])
        if self.tried % 20 == 0:  # a run that is stopped has told what it did
            print(f"  {self.tried} tried, {self.survived} survived", file=sys.stderr, flush=True)

    def __str__(self) -> str:
        return f"| {self.fault} | {self.tried} | {self.survived} | {self.losses} |"


class Command:
    """A command in a fork of this process, which has done the imports: a try costs no start."""

    def __init__(
        self, project: Project, arguments: tuple[str, ...], variables: dict[str, str]
    ) -> None:
        self.returncode: int | None = None
        self._output = tempfile.TemporaryFile("w+")  # noqa: SIM115 (closed once it is read)
        self._pid = os.fork()
        if self._pid == 0:
            self._run(project, arguments, variables)

    def _run(self, project: Project, arguments: tuple[str, ...], variables: dict[str, str]) -> None:
        code = 1
        try:
            os.dup2(self._output.fileno(), 1)
            os.dup2(self._output.fileno(), 2)
            os.chdir(project.path)
            os.environ.clear()
            os.environ.update({**project.environment(), **variables})
            # On a full disk no request is answered that has to be captured; two minutes are long.
            deployment.VERIFY_SECONDS = 5.0
            if CLOCK_FILE in variables:
                exec(CLOCK, {})
            code = cli.main(list(arguments))
        except SystemExit as error:
            code = int(error.code or 0)
        except BaseException:
            traceback.print_exc()
        finally:
            for stream in (sys.stdout, sys.stderr):
                stream.flush()
            os._exit(code)

    def poll(self) -> int | None:
        """The exit code, if the command has ended."""
        return self._wait(os.WNOHANG)

    def wait(self, seconds: float) -> int | None:
        """The exit code if the command ends in so many seconds."""
        end = time.monotonic() + seconds
        while self.poll() is None and time.monotonic() < end:
            time.sleep(0.002)
        return self.returncode

    def kill(self) -> None:
        """End it with SIGKILL, unless it has ended."""
        if self.poll() is None:
            os.kill(self._pid, signal.SIGKILL)

    def output(self) -> str:
        """All that it printed, once it has ended."""
        self._wait(0)
        self._output.seek(0)
        text = self._output.read()
        self._output.close()
        return text

    def _wait(self, options: int) -> int | None:
        if self.returncode is None:
            pid, status = os.waitpid(self._pid, options)
            if pid:
                self.returncode = os.waitstatus_to_exitcode(status)
        return self.returncode


@dataclass
class Stack:
    """A stack that is up, with some versions of one artifact."""

    project: Project
    # The versions that a command said it released.
    acknowledged: list[int] = field(default_factory=list)

    @property
    def platform(self) -> Platform:
        return platform_at(str(STORE), self.project.path)

    @property
    def store(self) -> Path:
        return self.project.path / STORE

    @property
    def champion(self) -> int:
        record = release.champion(self.platform.store, MODEL)
        assert record is not None
        return record.version

    def run(self, *arguments: str, **variables: str) -> tuple[int | None, str]:
        """A command's exit code and what it printed; a traceback is never a sentence."""
        command = self.begin(*arguments, **variables)
        output = command.output()
        assert "Traceback" not in output, f"mlops {' '.join(arguments)}: {output[-600:]}"
        return command.returncode, output

    def begin(self, *arguments: str, **variables: str) -> Command:
        """Start a command."""
        return Command(self.project, arguments, variables)

    def check(self, server: Server | None = None) -> None:
        """Hold journal, artifacts and endpoint against each other."""
        store = self.platform.store
        history = release.history(store, MODEL)
        files = list(self.store.glob(f"models/{MODEL}/releases/[0-9]*.json"))
        assert len(history) == len(files), "a record that cannot be read"
        for record in history:
            manifest = versions.manifest(store, MODEL, record.version)
            assert manifest["artifact"]["sha256"] == record.digest
            versions.check_whole(store, manifest)
        if server is not None:
            champion = self.champion
            until(lambda: server.get("/version")[1]["version"] == champion)
            assert ask(server)["version"] == champion

    def count_lost(self) -> int:
        """Releases that a command said were done, and that the journal does not have."""
        recorded = [record.version for record in release.history(self.platform.store, MODEL)]
        count = 0
        for version in self.acknowledged:  # in this order, with others between them
            if version in recorded:
                recorded = recorded[recorded.index(version) + 1 :]
            else:
                count += 1
        return count

    def heal(self, server: Server | None = None) -> None:
        """Carry on a release that was stopped, as a person is told to, and check all."""
        record = release.champion(self.platform.store, MODEL)
        if record and release.unfinished(self.platform.store, MODEL, record):
            code, output = self.run("promote", "--resume")
            assert code == 0, output
        self.check(server)

    def finish(self) -> None:
        """Carry on the first training, or begin it: one version and one release come of it."""
        runs = self.project.json("runs")
        if not runs or runs[0]["status"] != SUCCEEDED:
            resumes = ["--resume", runs[0]["run"]] if runs else []
            code, output = self.run("retrain", *resumes)
            assert code == 0, output
        manifests = versions.manifests(self.platform.store, MODEL)
        assert [m["version"] for m in manifests] == [1] and self.champion == 1
        self.check()

    def other_version(self) -> int:
        """A version that is not the champion."""
        return self.champion % 3 + 1


def ask(server: Server, rows: int = 1) -> dict[str, Any]:
    """Have some rows predicted."""
    row = {column: 1.0 for column in inputs(server.platform)}
    status, body = server.post({"instances": [row] * rows})
    if status != 200:
        raise RuntimeError(body["error"] if "error" in body else str(body))
    return body


def inputs(platform: Platform) -> list[str]:
    """The model's input columns."""
    return [c["name"] for c in versions.manifest(platform.store, MODEL, 1)["inputs"]]


def kill_promotes(stack: Stack, count: int, draw: random.Random) -> Line:
    """A release is killed at any moment, also while it writes; a server follows."""
    line = Line("kill -9 of promote and rollback")
    server = Server(stack.platform, "--no-schedules")
    journals = stack.store / f"models/{MODEL}"
    start = time.monotonic()
    assert stack.run("promote", str(stack.other_version()), "--why", "how long it takes")[0] == 0
    seconds, in_time = time.monotonic() - start, 0
    while line.tried < count:
        with line.attempt():
            goal = stack.other_version()
            back = draw.random() < 0.3 and stack.champion != 1
            arguments = ["rollback"] if back else ["promote", str(goal)]
            before = record_names(journals)
            process = stack.begin(*arguments, "--why", f"try {line.tried}")
            if draw.random() < 0.5:
                time.sleep(draw.uniform(0, seconds))
            else:
                while process.poll() is None and record_names(journals) == before:
                    time.sleep(0.001)
                time.sleep(draw.expovariate(1 / 0.1))
            process.kill()
            process.output()
            in_time += process.returncode == -signal.SIGKILL
            if process.returncode == 0 and not back:
                stack.acknowledged.append(goal)
            stack.heal(server)
    line.losses = stack.count_lost()
    line.notes.append(f"{in_time} of {line.tried} were killed before they ended")
    server.stop()
    return line


def record_names(folder: Path) -> set[str]:
    """The records of releases and of their steps."""
    return {
        str(p) for name in ("releases", "release-steps") for p in (folder / name).rglob("*.json")
    }


def kill_drifts(stack: Stack, count: int, draw: random.Random) -> Line:
    """A drift check is killed; the next one sees each captured row that none has counted yet."""
    line = Line("kill -9 of drift")
    server = Server(stack.platform, "--no-schedules")
    before, captured, in_time, seconds = checked_rows(stack), 0, 0, 0.0
    while line.tried < count:
        with line.attempt():
            captured += CHECK_ROWS
            ask(server, CHECK_ROWS)
            until(lambda: server.get("/version")[1]["pending_captures"] == 0)
            start = time.monotonic()
            process = stack.begin("drift")
            if seconds:
                process.wait(draw.uniform(0, seconds))
                process.kill()
            process.output()
            seconds = seconds or time.monotonic() - start
            in_time += process.returncode == -signal.SIGKILL
            code, output = stack.run("drift")
            # Nothing is left to check if the killed one had counted the rows.
            assert code in (0, 3, 4), output
            for command in ("status", "runs"):
                assert stack.run(command)[0] == 0
            assert checked_rows(stack) - before == captured, "a row that is counted twice, or not"
    line.losses = max(captured - (checked_rows(stack) - before), 0)
    line.notes.append(f"{in_time} of {line.tried} were killed before they ended")
    server.stop()
    return line


def checked_rows(stack: Stack) -> int:
    """Captured rows in the windows of all checks that had enough of them."""
    checks = drift_checks(stack.platform.store, MODEL).records()
    return sum(check["rows"] for check in checks if check["verdict"] != INSUFFICIENT_DATA)


def kill_ups(stack: Stack, count: int, draw: random.Random) -> Line:
    """`pulumi up` is killed with all its processes; after a cancel it brings the change up."""
    line, seconds, in_time = Line("kill -9 of `pulumi up`"), 0.0, 0
    while line.tried < count:
        with line.attempt():
            least = 100 + line.tried + 1
            stack.project.write_config("local", settings(stack.project, drift={"minRows": least}))
            start = time.monotonic()
            process = subprocess.Popen(
                ["pulumi", "up", "-s", "local", "--yes", "--skip-preview", "--non-interactive"],
                cwd=stack.project.path, env=stack.project.engine_environment(),
                stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True,
            )  # fmt: skip
            with suppress(subprocess.TimeoutExpired):
                process.wait(draw.uniform(0, seconds) if seconds else None)
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
                in_time += 1
            process.wait()
            seconds = seconds or time.monotonic() - start
            cancel = ["pulumi", "cancel", "-s", "local", "--yes", "--non-interactive"]
            subprocess.run(
                cancel, cwd=stack.project.path, env=stack.project.engine_environment(),
                stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            )  # fmt: skip
            stack.project.up("local")
            document = stack.store / f"models/{MODEL}/pipelines/drift-check.json"
            assert str(least) in document.read_text(), "the change is not up"
            state = json.loads(stack.project.pulumi("stack", "export", "-s", "local"))
            assert not state["deployment"].get("pending_operations"), "pending operations are left"
            assert stack.run("status")[0] == 0
            stack.check()
    line.losses = stack.count_lost()
    line.notes.append(f"{in_time} of {line.tried} were killed before they ended")
    return line


def kill_serves(stack: Stack, count: int, draw: random.Random) -> Line:
    """A server under load is killed; with durable captures none of what it answered is lost."""
    line = Line("kill -9 of serve under load, `captureDurable`")
    requests: set[str] = set()
    while line.tried < count:
        with line.attempt():
            server = Server(stack.platform, "--no-schedules")
            stack.check(server)
            clients = [threading.Thread(target=load, args=(server, requests)) for _ in range(4)]
            for client in clients:
                client.start()
            time.sleep(draw.uniform(0.1, 2))
            server.stop(signal.SIGKILL)
            for client in clients:
                client.join()
    captured = in_files(stack)
    line.losses = len(requests - set(captured))
    line.notes.append(f"{len(requests)} requests answered, {len(captured)} rows captured")
    assert len(captured) == len(set(captured)), "a request that was captured twice"
    return line


def load(server: Server, requests: set[str]) -> None:
    """Ask until the server is gone, and note what was answered."""
    with suppress(OSError, HTTPException, ValueError):
        while True:
            requests.add(ask(server)["request_id"])


def in_files(stack: Stack) -> list[str]:
    """All requests that are captured, once a next start took the logs over."""
    captures = Captures(stack.store / f"models/{MODEL}/captures")
    captures.start()
    captures.stop()
    paths = captures.folder.glob("*/*.parquet")
    return [r for p in paths for r in pq.read_table(p)["request_id"].to_pylist()]


def kill_retrains(fresh: Project, count: int, draw: random.Random) -> Line:
    """A training is killed; resumed or begun anew it makes one version and one release."""
    line, seconds, in_time = Line("kill -9 of retrain"), 0.0, 0
    while line.tried < count:
        with copy_of(fresh) as project, line.attempt():
            stack = Stack(project)
            start = time.monotonic()
            process = stack.begin("retrain")
            if seconds:
                process.wait(draw.uniform(0, seconds))
                process.kill()
            process.output()
            in_time += process.returncode == -signal.SIGKILL
            seconds = seconds or time.monotonic() - start
            stack.finish()
    line.notes.append(f"{in_time} of {line.tried} were killed before they ended")
    return line


@contextmanager
def copy_of(project: Project) -> Iterator[Project]:
    """The project in another folder, for a while."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        yield project.copy(Path(folder) / "project")


def make_read_only(stack: Stack) -> Line:
    """Nothing can be written: what reads goes on, what writes says so and changes nothing."""
    line = Line("read-only store")
    server = Server(stack.platform, "--no-schedules")
    ask(server)
    before = contents(stack.store)
    readers = ("status", "history", "versions", "runs")
    writers = (("promote", str(stack.other_version()), "--why", "x"), ("rollback", "--why", "x"),
               ("retrain",), ("drift",))  # fmt: skip
    mount("--bind", stack.store, stack.store)
    mount("-o", "remount,ro,bind", stack.store)
    try:
        for reader in readers:
            with line.attempt():
                code, output = stack.run(reader)
                assert code == 0, output
        for writer in writers:
            with line.attempt():
                code, output = stack.run(*writer)
                assert code == 1 and "ead-only" in output, f"{writer}: {code} {output}"
        with line.attempt():
            assert_refuses(server, "Read-only file system")
    finally:
        subprocess.run(["umount", "-l", stack.store], check=True)
    with line.attempt():
        changes = {p for p, c in before.items() if contents(stack.store).get(p) != c}
        assert not changes, f"changed: {changes}"
        until(lambda: ask(server))
        stack.heal(server)
    server.stop()
    return line


def assert_refuses(server: Server, reason: str) -> None:
    """A request that cannot be captured is not answered, and says why."""
    try:
        ask(server)
    except RuntimeError as error:
        assert reason in str(error), error
    else:
        raise AssertionError("a request was answered that cannot be captured")


def contents(folder: Path) -> dict[str, bytes]:
    """Records, manifests and artifacts: what no fault may change."""
    names = ("releases", "release-steps", "versions", "artifacts")
    return {
        str(path): path.read_bytes()
        for name in names
        for path in (folder / f"models/{MODEL}/{name}").rglob("*")
        if path.is_file() and not path.name.startswith(".")
    }


def lock_registry(stack: Stack, fresh: Project) -> Line:
    """The registry's database is locked: releases go on, a training can be resumed."""
    line = Line("locked registry database")
    server = Server(stack.platform, "--no-schedules")
    for _ in range(5):
        with line.attempt(), database_lock(stack):
            goal = stack.other_version()
            code, output = stack.run("promote", str(goal), "--why", "locked")
            assert code == 0, output
            stack.acknowledged.append(goal)
            stack.heal(server)
    line.losses = stack.count_lost()
    server.stop()
    with copy_of(fresh) as project, line.attempt():
        training = Stack(project)
        with database_lock(training):
            code, output = training.run("retrain")
            assert code == 1 and "locked" in output, output
        training.finish()
    return line


@contextmanager
def database_lock(stack: Stack) -> Iterator[None]:
    """Hold the database's lock, as another program may."""
    connection = sqlite3.connect(stack.store / "registry.db", isolation_level=None)
    try:
        connection.execute("BEGIN EXCLUSIVE")
        yield
        connection.execute("ROLLBACK")
    finally:
        connection.close()


def jump_clock(stack: Stack) -> Line:
    """The clock jumps under a running server: order is the journal's, not the clock's."""
    line = Line("clock jumps, an hour to 400 days, both ways")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "sitecustomize.py").write_text(CLOCK)
        (folder / "offset").write_text("0")
        variables = {
            "PYTHONPATH": f"{folder}:{REPOSITORY}",
            CLOCK_FILE: str(folder / "offset"),
        }
        server = Server(stack.platform, "--no-schedules", **variables)
        requests = set()
        for jump in JUMPS:
            with line.attempt():
                (folder / "offset").write_text(str(jump))
                goal = stack.other_version()
                why = f"the clock is {jump} s off"
                code, output = stack.run("promote", str(goal), "--why", why, **variables)
                assert code == 0, output
                stack.acknowledged.append(goal)
                assert stack.champion == goal
                stack.check(server)
                requests.add(ask(server)["request_id"])
                for command in ("status", "history"):
                    assert stack.run(command, **variables)[0] == 0
        server.stop()
    line.losses = stack.count_lost() + len(requests - set(in_files(stack)))
    return line


def fill_disk(stack: Stack, fresh: Project, count: int, draw: random.Random) -> Line:
    """A disk with a few kilobytes left: what does not fit is told and leaves all as it was."""
    line = Line("full disk at promote, serve and retrain")
    with small_disk(stack) as leave:
        server = Server(stack.platform, "--no-schedules")
        ask(server)
        for _ in range(count):
            with line.attempt():
                goal = stack.other_version()
                leave(draw.randrange(0, 12))
                code, output = stack.run("promote", str(goal), "--why", "full")
                assert code == 0 or "No space left" in output, output
                if code == 0:
                    stack.acknowledged.append(goal)
                leave(None)
                stack.heal(server)
        with line.attempt():
            leave(0)
            assert_refuses(server, "No space left on device")
            leave(None)
            until(lambda: ask(server))
            stack.heal(server)
        server.stop()
        line.losses = stack.count_lost()
    for _ in range(max(count // 4, 1)):
        with copy_of(fresh) as project, line.attempt():
            training = Stack(project)
            with small_disk(training) as leave:
                leave(draw.randrange(0, 300))
                code, output = training.run("retrain")
                assert code == 0 or "No space left" in output or "full" in output, output
                leave(None)
                training.finish()
    return line


@contextmanager
def small_disk(stack: Stack) -> Iterator[Callable[[int | None], None]]:
    """The store on a disk of its own; the function leaves so many blocks of 4 KB, or enough."""
    with tempfile.TemporaryDirectory() as name:
        shutil.copytree(stack.store, Path(name) / "kept")
        mount("-t", "tmpfs", "-o", "size=256m", "none", stack.store)
        shutil.copytree(Path(name) / "kept", stack.store, dirs_exist_ok=True)
        ballast = stack.store / ".ballast"

        def leave(blocks: int | None) -> None:
            ballast.unlink(missing_ok=True)
            if blocks is not None:
                free = os.statvfs(stack.store).f_bavail - blocks
                with ballast.open("wb") as file:
                    for _ in range(free):
                        file.write(bytes(4096))

        try:
            yield leave
        finally:
            leave(None)
            shutil.rmtree(Path(name) / "kept")
            shutil.copytree(stack.store, Path(name) / "kept")
            subprocess.run(["umount", "-l", stack.store], check=True)
            shutil.copytree(Path(name) / "kept", stack.store, dirs_exist_ok=True)


def mount(*arguments: Any) -> None:
    """Mount in this script's own namespace."""
    subprocess.run(["mount", *map(str, arguments)], check=True)


def brought_up(folder: Path) -> Project:
    """A project whose stack is up, with nothing trained."""
    project = Project.make(folder)
    project.stack("local", settings(project))
    project.up("local")
    return project


def settings(project: Project, **changes: Any) -> dict[str, Any]:
    """The stack's settings."""
    table = write_classification(project.path / "cancer.csv")
    drift = {"minRows": 100}  # of 569 rows some 450 are learned from
    return {**table, "endpoint": {"captureDurable": True}, "drift": drift, **changes}


def with_versions(project: Project) -> Stack:
    """The stack with versions 1 to 3, of which 1 is released."""
    project.mlops("retrain")
    stack = Stack(project)
    platform = stack.platform
    manifest = versions.manifest(platform.store, MODEL, 1)
    parts = [part for part in ("artifact", "profile", "compiled") if "key" in manifest[part]]
    files = {part: stack.store / manifest[part]["key"] for part in parts}
    description = {k: v for k, v in manifest.items() if k not in ("version", "artifact", "profile")}
    for number in (2, 3):
        run = f"{manifest['run']}-{number}"
        opened = registry.open_registry(platform.registry_uri)
        registry.register(platform.store, opened, {**description, "run": run}, files)
    return stack


def trained_in_place(folder: Path) -> Stack:
    """A stack with a released version, in the folder where the engine brought it up."""
    project = brought_up(folder)
    project.mlops("retrain")
    return Stack(project)


def import_commands() -> None:
    """Import what the commands import, once before all forks."""
    for name in ("drift", "history", "promote", "retrain", "rollback", "runs", "status"):
        importlib.import_module(f"training.cli.{name}")


def main() -> None:
    """Run all faults and print the table."""
    import_commands()
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--promotes", type=int, default=130)
    parser.add_argument("--serves", type=int, default=40)
    parser.add_argument("--retrains", type=int, default=30)
    parser.add_argument("--drifts", type=int, default=30)
    parser.add_argument("--ups", type=int, default=5)
    parser.add_argument("--disks", type=int, default=20)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", action="append", choices=FAULTS, help="this fault; repeatable")
    args = parser.parse_args()
    if IN_NAMESPACE not in os.environ:
        os.environ[IN_NAMESPACE] = "1"
        command = [sys.executable, "-m", "tests.faults.run", *sys.argv[1:]]
        os.execvp("unshare", ["unshare", "--map-root-user", "--mount", *command])
    draw = random.Random(args.seed)
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        fresh = brought_up(Path(folder) / "project")
        stack = with_versions(fresh.copy(Path(folder) / "trained"))
        print("| fault | tried | survived | lost |\n|---|---|---|---|")
        lines = []
        faults: dict[str, Callable[[], Line]] = {
            "clock": lambda: jump_clock(stack),
            "read-only": lambda: make_read_only(stack),
            "disk": lambda: fill_disk(stack, fresh, args.disks, draw),
            "locked": lambda: lock_registry(stack, fresh),
            "promotes": lambda: kill_promotes(stack, args.promotes, draw),
            "drifts": lambda: kill_drifts(stack, args.drifts, draw),
            "ups": lambda: kill_ups(trained_in_place(Path(folder) / "ups"), args.ups, draw),
            "serves": lambda: kill_serves(stack, args.serves, draw),
            "retrains": lambda: kill_retrains(fresh, args.retrains, draw),
        }
        for name in args.only or FAULTS:
            start = time.monotonic()
            line = faults[name]()
            lines.append(line)
            print(line, flush=True)
            for note in [f"{time.monotonic() - start:.0f} s", *line.notes]:
                print(f"  {note}", file=sys.stderr, flush=True)
    sys.exit(any(line.losses or line.survived < line.tried for line in lines))


if __name__ == "__main__":
    main()
