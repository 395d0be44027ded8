"""One area's faults, each in a fork of a process that has everything imported.

A tree's copy is the current folder. `pytest` collects the area's tests once, and then:

1. all run once, under a tracer that keeps which test reaches which line;
2. for a fault in a function's body, a fork takes the changed code for the function's, in every
   function object that has it, and runs the tests that reach the line, the shortest first;
3. for any other fault, and one in code that ran while modules were imported, a fork of a process
   with third-party libraries alone imports the changed module, and runs all tests of the area.

The changed text is also in the file, for what a test starts or reads. A fault on a line that no
test reaches survives. Hypothesis draws the same examples each time.
"""

from __future__ import annotations

import contextlib
import ctypes
import gc
import importlib
import json
import os
import pickle
import shutil
import signal
import sys
import tempfile
import threading
import time
import types
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import hypothesis
import pytest

from tools.mutants.faults import Fault

# Seconds that any test may take, and how much longer than without a fault.
LEAST_SECONDS = 10.0
SLOWER = 5.0
# For a child that is told to end.
GRACE_SECONDS = 2.0
# Of linux/prctl.h.
PR_SET_PDEATHSIG = 1
# In the environment of what a fork starts, so that it can be ended.
MARK = "MUTANT_PROCESS"
KILLED, SURVIVED, UNREACHED, ENDLESS = "killed", "survived", "unreached", "endless"

Line = tuple[str, int]


@dataclass
class Result:
    """The end of one fault: `how` it ended, after how many seconds, by which test."""

    identity: str
    line: int
    how: str
    seconds: float
    test: str = ""


@dataclass
class Baseline:
    """The tests without a fault: their seconds and the lines that they reach."""

    seconds: dict[str, float] = field(default_factory=dict)
    failed: list[str] = field(default_factory=list)
    reached: dict[str, set[Line]] = field(default_factory=dict)
    imported: set[Line] = field(default_factory=set)
    libraries: list[str] = field(default_factory=list)

    def tests(self, fault: Fault) -> list[str]:
        """The tests that reach the fault's lines, the shortest first."""
        lines = {(fault.path, line) for line in range(fault.line, fault.last_line + 1)}
        return sorted(
            (test for test, lines_reached in self.reached.items() if lines & lines_reached),
            key=lambda test: self.seconds[test],
        )

    def near_first(self, fault: Fault) -> list[str]:
        """All tests: those that reach the fault's module before the others."""

        def far(test: str) -> bool:
            return all(path != fault.path for path, _ in self.reached[test])

        return sorted(self.seconds, key=lambda test: (far(test), self.seconds[test]))

    def is_imported(self, fault: Fault) -> bool:
        lines = range(fault.line, fault.last_line + 1)
        return any((fault.path, line) in self.imported for line in lines)


class Tracer:
    """The lines of some files that are run, kept for the current test or fixture."""

    def __init__(self, paths: Iterable[str]) -> None:
        self._names = {str(Path(path).resolve()): path for path in paths}
        self.lines: set[Line] = set()

    def start(self) -> None:
        threading.settrace(self._call)
        sys.settrace(self._call)

    def stop(self) -> None:
        sys.settrace(None)
        threading.settrace(None)  # type: ignore[arg-type]

    def _call(self, frame: types.FrameType, event: str, argument: object) -> Any:
        path = self._names.get(frame.f_code.co_filename)
        if path is None:
            return None

        def line(frame: types.FrameType, event: str, argument: object) -> Any:
            self.lines.add((path, frame.f_lineno))
            return line

        self.lines.add((path, frame.f_lineno))
        return line


class Watch:
    """A plugin of pytest: what each test reaches, with what its wider fixtures reach."""

    def __init__(self, tracer: Tracer, baseline: Baseline) -> None:
        self._tracer = tracer
        self._baseline = baseline
        self._fixtures: dict[int, set[Line]] = defaultdict(set)

    @pytest.hookimpl(wrapper=True)
    def pytest_fixture_setup(self, fixturedef: Any, request: Any) -> Iterator[None]:
        outer = self._tracer.lines
        if fixturedef.scope != "function":
            self._tracer.lines = self._fixtures[id(fixturedef)]
        try:
            return (yield)
        finally:
            self._tracer.lines = outer

    def run(self, item: Any, following: Any) -> None:
        self._tracer.lines = set()
        start = time.perf_counter()
        item.config.hook.pytest_runtest_protocol(item=item, nextitem=following)
        lines = self._tracer.lines
        for definitions in item._fixtureinfo.name2fixturedefs.values():
            for definition in definitions:
                lines = lines | self._fixtures.get(id(definition), set())
        self._baseline.seconds[item.nodeid] = time.perf_counter() - start
        self._baseline.reached[item.nodeid] = lines

    def pytest_runtest_logreport(self, report: Any) -> None:
        if report.failed:
            self._baseline.failed.append(report.nodeid)


class Stop:
    """A plugin of pytest: the first test that fails."""

    def __init__(self) -> None:
        self.test = ""

    def pytest_runtest_logreport(self, report: Any) -> None:
        if report.failed:
            self.test = self.test or report.nodeid

    def pytest_collectreport(self, report: Any) -> None:
        if report.failed:
            self.test = self.test or f"import of {report.nodeid}"


class Loop:
    """A plugin of pytest: instead of the tests, the baseline and the warm faults."""

    def __init__(self, area: Area, tracer: Tracer) -> None:
        self._area = area
        self._tracer = tracer
        self.baseline = Baseline()

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        for path in self._area.paths:
            with contextlib.suppress(Exception):  # scripts that run at their import
                importlib.import_module(module_name(path))
        self._tracer.stop()
        imported = self._tracer.lines
        if not session.items:
            raise RuntimeError(f"{self._area.name}: no tests")

        def measure() -> bytes:
            watch = Watch(self._tracer, baseline := Baseline(imported=imported))
            session.config.pluginmanager.register(watch)
            self._tracer.start()
            for item, following in zip(session.items, [*session.items[1:], None], strict=True):
                watch.run(item, following)
            self._tracer.stop()
            baseline.libraries = _libraries()
            return pickle.dumps(baseline)

        answer, _ = fork(measure, seconds=900.0)
        if answer is None:
            raise RuntimeError(f"{self._area.name}: the tests without a fault do not end")
        self.baseline = pickle.loads(answer)
        for test in self.baseline.failed:
            self.baseline.reached.pop(test, None)
            self.baseline.seconds.pop(test, None)
        items = {item.nodeid: item for item in session.items}
        gc.collect()
        functions = _functions({str(Path(path).resolve()) for path in self._area.paths})
        gc.freeze()
        for fault in self._area.faults:
            if not fault.warm or self.baseline.is_imported(fault):
                continue
            tests = self.baseline.tests(fault)
            if not tests:
                self._area.report(fault, UNREACHED, 0.0)
                continue
            source = Path(fault.path).read_bytes()

            def attempt(
                fault: Fault = fault, source: bytes = source, tests: list[str] = tests
            ) -> bytes:
                if not _exchange(fault, source, functions):
                    return b"cold"
                session.config.pluginmanager.register(stop := Stop())
                for test in tests:
                    session.config.hook.pytest_runtest_protocol(item=items[test], nextitem=None)
                    if stop.test:
                        break
                return json.dumps(stop.test).encode()

            seconds = sum(self.baseline.seconds[test] for test in tests)
            with self._area.changed(fault):
                answer, took = fork(attempt, LEAST_SECONDS + SLOWER * seconds)
            if answer != b"cold":
                self._area.end(fault, answer, took)
        return True


class Area:
    """Faults of some files, held against some tests; results go to a file, a line each."""

    def __init__(
        self, name: str, tests: list[str], faults: list[Fault], out: Path, choice: str = ""
    ) -> None:
        self.name = name
        self.options = [*_OPTIONS, *(["-k", choice] if choice else [])]
        self.tests = tests
        self.faults = faults
        self.paths = sorted({fault.path for fault in faults})
        self._out = out

    def report(self, fault: Fault, how: str, seconds: float, test: str = "") -> None:
        result = Result(fault.identity, fault.line, how, round(seconds, 2), test)
        with self._out.open("a") as file:
            file.write(json.dumps(asdict(result)) + "\n")

    def end(self, fault: Fault, answer: bytes | None, seconds: float) -> None:
        """Report a fork's answer: the test that failed, "" for none, nothing if it was ended."""
        if answer is None:
            self.report(fault, ENDLESS, seconds)
        else:
            test = json.loads(answer)
            self.report(fault, KILLED if test else SURVIVED, seconds, test)

    @contextlib.contextmanager
    def changed(self, fault: Fault) -> Iterator[None]:
        """The fault in its file, for what a test starts or reads."""
        path = Path(fault.path)
        source, status = path.read_bytes(), path.stat()
        path.write_bytes(fault.applied(source))
        try:
            yield
        finally:
            path.write_bytes(source)
            os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))

    def run(self) -> None:
        """Run all faults in forks of this process, which must not have the area's modules."""

        def warm() -> bytes:
            end_with_parent()
            tracer = Tracer(self.paths)
            loop = Loop(self, tracer)
            tracer.start()
            code = pytest.main([*self.options, *self.tests], plugins=[loop])
            tracer.stop()
            if code not in (0, 1):
                raise RuntimeError(f"{self.name}: pytest ends with {code}")
            return pickle.dumps(loop.baseline)

        answer, _ = fork(warm, 36000.0, quiet=not os.environ.get("MUTANTS_DEBUG"))
        if answer is None:
            raise RuntimeError(f"{self.name}: the tests cannot be collected or do not end")
        baseline: Baseline = pickle.loads(answer)
        for test in baseline.failed:
            print(f"{self.name}: fails without a fault: {test}", file=sys.stderr)
        identities = {json.loads(line)["identity"] for line in self._out.read_text().splitlines()}
        for name in baseline.libraries:
            with contextlib.suppress(Exception):
                importlib.import_module(name)
        gc.collect()
        gc.freeze()
        for fault in self.faults:
            if fault.identity in identities:
                continue
            tests = baseline.near_first(fault)

            def attempt(tests: list[str] = tests) -> bytes:
                stop = Stop()
                order = {test: index for index, test in enumerate(tests)}
                options = [*self.options, "-x", *_files(tests)]
                code = pytest.main(options, plugins=[stop, Order(order)])
                # A conftest that cannot be imported is no test's report.
                is_broken = code in (pytest.ExitCode.INTERNAL_ERROR, pytest.ExitCode.USAGE_ERROR)
                return json.dumps(stop.test or ("conftest" if is_broken else "")).encode()

            seconds = sum(baseline.seconds[test] for test in tests)
            with self.changed(fault):
                answer, took = fork(attempt, 30 + SLOWER * seconds)
            self.end(fault, answer, took)


class Order:
    """A plugin of pytest: these tests alone, in this order."""

    def __init__(self, order: dict[str, int]) -> None:
        self._order = order

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        items[:] = sorted(
            (item for item in items if item.nodeid in self._order),
            key=lambda item: self._order[item.nodeid],
        )


# Each attempt imports a few of pytest's plugins before pytest does.
_OPTIONS = ["-q", "-s", "-p", "no:cacheprovider", "-m", "not engine"]
_OPTIONS += ["-W", "ignore::pytest.PytestAssertRewriteWarning"]


def fork(
    work: Callable[[], bytes], seconds: float, quiet: bool = True
) -> tuple[bytes | None, float]:
    """The answer of `work` in a fork, and the seconds it took; None if it had to be ended.

    The fork has a folder for temporary files of its own; what it started ends with it, and it with
    this process.
    """
    folder = tempfile.mkdtemp(prefix="m", dir="/tmp")
    reader, writer = os.pipe()
    start = time.perf_counter()
    parent = os.getpid()
    process = os.fork()
    if process == 0:
        code = 1
        try:
            os.setsid()
            signal.signal(signal.SIGTERM, signal.SIG_DFL)
            _signal_at_parents_end()
            if os.getppid() != parent:
                os._exit(code)
            os.close(reader)
            os.environ["TMPDIR"] = folder
            os.environ[MARK] = folder
            tempfile.tempdir = None
            if quiet:
                null = os.open(os.devnull, os.O_RDWR)
                for number in (0, 1, 2):
                    os.dup2(null, number)
            answer = work()
            view = memoryview(answer)
            while view:
                view = view[os.write(writer, view) :]
            code = 0
        except BaseException:
            if not quiet:
                import traceback

                traceback.print_exc()
            # A fault that breaks even the fixtures of the tests is one that they see.
            with contextlib.suppress(OSError):
                os.write(writer, b'"an error outside of a test"')
        finally:
            os._exit(code)
    os.close(writer)
    parts, is_late, is_over = [], False, False
    os.set_blocking(reader, False)
    try:
        while True:
            with contextlib.suppress(BlockingIOError):
                part = os.read(reader, 1 << 20)
                if part:
                    parts.append(part)
                    continue
            if is_over := bool(os.waitpid(process, os.WNOHANG)[0]):
                break
            if time.perf_counter() - start > seconds:
                is_late = True
                break
            time.sleep(0.003)
        with contextlib.suppress(BlockingIOError):
            while part := os.read(reader, 1 << 20):
                parts.append(part)
    finally:  # also of a process that is told to end
        if not is_over:
            # A warm process ends what it has forked.
            os.kill(process, signal.SIGTERM)
            _wait(process, GRACE_SECONDS)
        os.close(reader)
        took = time.perf_counter() - start
        _end_started(process, folder)
        shutil.rmtree(folder, ignore_errors=True)
    return (None if is_late else b"".join(parts)), took


def end_with_parent() -> None:
    """Have this process end in order, by an exit, once its parent is gone or on SIGTERM."""
    signal.signal(signal.SIGTERM, lambda number, _: sys.exit(128 + number))
    _signal_at_parents_end()


def _signal_at_parents_end() -> None:
    """Have the kernel send SIGTERM once the parent is gone, however it ended; prctl(2)."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


def _wait(process: int, seconds: float) -> None:
    """Wait for the end of a child that has been told to; end it for certain after `seconds`."""
    end = time.monotonic() + seconds
    while not os.waitpid(process, os.WNOHANG)[0]:
        if time.monotonic() > end:
            os.kill(process, signal.SIGKILL)
            os.waitpid(process, 0)
            return
        time.sleep(0.003)


def _end_started(process: int, mark: str) -> None:
    """End what a fork left running: its process group, and what carries its mark."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process, signal.SIGKILL)
    variable = f"{MARK}={mark}".encode()
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if variable in (folder / "environ").read_bytes().split(b"\0"):
                os.kill(int(folder.name), signal.SIGKILL)


def module_name(path: str) -> str:
    """The name that a file of the tree is imported by."""
    parts = Path(path).with_suffix("").parts
    if parts[:2] == ("tools", "simcloud"):
        parts = parts[2:]
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def _files(tests: Iterable[str]) -> list[str]:
    return sorted({test.partition("::")[0] for test in tests})


def _libraries() -> list[str]:
    """The imported modules that are not of this tree, in the order of their import."""
    tree = f"{os.getcwd()}{os.sep}"
    names = []
    for name, module in list(sys.modules.items()):
        path = getattr(module, "__file__", None)
        if path and not (path.startswith(tree) and f"{os.sep}.venv{os.sep}" not in path):
            names.append(name)
    return names


Key = tuple[str, int, str]


def _functions(paths: set[str]) -> dict[Key, list[types.FunctionType]]:
    """All live functions of some files, by file, line and name of their code."""
    functions: dict[Key, list[types.FunctionType]] = defaultdict(list)
    for thing in gc.get_objects():
        if isinstance(thing, types.FunctionType) and thing.__code__.co_filename in paths:
            functions[_key(thing.__code__)].append(thing)
    return functions


def _key(code: types.CodeType) -> Key:
    return code.co_filename, code.co_firstlineno, code.co_name


def _exchange(fault: Fault, source: bytes, functions: dict[Key, list[types.FunctionType]]) -> bool:
    """Take the changed code in all live functions that have the old; False if none has."""
    path = str(Path(fault.path).resolve())
    changed = False

    def walk(before: types.CodeType, after: types.CodeType) -> None:
        nonlocal changed
        if before == after:
            return
        for function in functions.get(_key(before), ()):
            function.__code__ = after
            changed = True
        inner = [
            [part for part in code.co_consts if isinstance(part, types.CodeType)]
            for code in (before, after)
        ]
        if len(inner[0]) == len(inner[1]):
            for old, new in zip(*inner, strict=True):
                walk(old, new)

    try:
        walk(compile(source, path, "exec"), compile(fault.applied(source), path, "exec"))
    except ValueError:  # other free variables
        return False
    return changed


def main() -> None:
    """The request, as JSON on standard input, for one area; see `tools.mutants.cli`."""
    end_with_parent()
    request = json.load(sys.stdin)
    hypothesis.settings.register_profile(
        "mutants",
        derandomize=True,
        database=None,
        deadline=None,
        phases=[hypothesis.Phase.explicit, hypothesis.Phase.generate],
        suppress_health_check=list(hypothesis.HealthCheck),
    )
    hypothesis.settings.load_profile("mutants")
    faults = [Fault(**fault) for fault in request["faults"]]
    out = Path(request["out"])
    Area(request["area"], request["tests"], faults, out, request["choice"]).run()


if __name__ == "__main__":
    main()
