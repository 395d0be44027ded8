"""The measure of the tests itself: which faults it plants, and whether it knows their end."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

import pytest

from tests.project import REPOSITORY
from tools.mutants import process
from tools.mutants.areas import AREAS
from tools.mutants.cli import EQUIVALENT, Score, environment, equivalents, table
from tools.mutants.faults import Fault, plant

CLOUDS = ("aws", "azure", "gcp")
SOURCE = '''\
"""Ages."""
LIMIT = 30
FACTOR = 60
GRAMS = 1000


def is_old(age: int, strict: bool = True) -> bool:
    """Whether somebody is old."""
    if not strict:
        raise ValueError("not strict enough")
    return age > LIMIT


def seconds(minutes: float) -> float:
    return minutes * FACTOR


def nobody_asks(age: int) -> int:
    return -age
'''
TESTS = """\
import ages


def test_limit():
    assert ages.is_old(31) and not ages.is_old(30)


def test_seconds():
    assert ages.seconds(2) > 1
"""


def planted(folder: Path, source: str, words: bool = False) -> list[Fault]:
    (folder / "ages.py").write_text(source)
    return plant(folder, "ages.py", words)


def changes(folder: Path, statement: str, words: bool = False) -> set[str]:
    """The faults of one statement in a function."""
    faults = planted(folder, f"def f(a, b, c):\n    {statement}\n", words)
    return {fault.change for fault in faults}


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        ("return a < b", {"a < b => a <= b", "a < b => a > b"}),
        ("return a is b", {"a is b => a is not b"}),
        ("return a and b", {"a and b => a or b", "a and b => a", "a and b => b"}),
        ("return not a", {"not a => a"}),
        ("return -a", {"-a => a"}),
        ("return a * b", {"a * b => a / b"}),
        ("return 3600", {"3600 => 1"}),
        ("return 7", {"7 => 8"}),
        ("return 0.05", {"0.05 => 0.025"}),
        ("return True", {"True => False"}),
        ("return 'days'", {"'days' => 'daysx'"}),
        ("return a(b, c)", {"a(b, c) => a(c, b)"}),
        ("return a(b, c=c)", {"a(): no c"}),
        ("return max(a, b)", {"max(a, b) => min(a, b)"}),
        ("return [a, b]", {"no element a", "no element b"}),
        ("a(b)", {"a(b) => pass"}),
        ("a.b = c", {"a.b = c => pass"}),
        ("a += b", {"a += b => pass"}),
        ("return [x for x in a if b]", {"b => True"}),
        ("return b if a else c", {"a => not a"}),
        # Words, and what has no meaning for a result.
        ("raise ValueError('a is wrong here')", {"raise ValueError('a is wrong here') => pass"}),
        ("log.warning('a %s', b)", set()),
        ("assert a > b", set()),
        ("x: int = a", set()),
        ("return a.read(encoding='utf-8')", set()),
        ("return 'an altogether plain sentence'", set()),
    ],
)
def test_the_faults_are_those_that_people_make(
    statement: str, expected: set[str], tmp_path: Path
) -> None:
    assert changes(tmp_path, statement) == expected


def test_where_words_matter_they_are_changed(tmp_path: Path) -> None:
    assert changes(tmp_path, "return 'an altogether plain sentence'", words=True)
    assert changes(tmp_path, "return f'{a} was lost'", words=True) == {"' was lost' => 'altered'"}


def test_a_fault_is_told_by_the_code_and_not_by_its_line(tmp_path: Path) -> None:
    faults = planted(tmp_path, SOURCE)
    faults_below = planted(tmp_path, f"# A line more.\n{SOURCE}")
    assert [fault.identity for fault in faults] == [fault.identity for fault in faults_below]
    assert len({fault.identity for fault in faults}) == len(faults)
    assert "ages.py::is_old: age > LIMIT => age >= LIMIT" in {fault.identity for fault in faults}


def test_each_fault_ends_as_it_should(tmp_path: Path) -> None:
    faults = planted(tmp_path, SOURCE)
    (tmp_path / "test_ages.py").write_text(TESTS)
    (tmp_path / "conftest.py").write_text("import ages\n\nassert ages.GRAMS == 1000\n")
    (tmp_path / "pytest.ini").write_text("[pytest]\npythonpath = .\nmarkers = engine\n")
    out = tmp_path / "results"
    out.touch()
    request = {
        "area": "ages",
        "tests": ["test_ages.py"],
        "choice": "",
        "faults": [asdict(fault) for fault in faults],
        "out": str(out),
    }
    # Options of this run of pytest are not for one within it.
    inherited = {name: text for name, text in os.environ.items() if not name.startswith("PYTEST_")}
    subprocess.run(
        [sys.executable, "-m", "tools.mutants.process"],
        cwd=tmp_path,
        env={**inherited, "PYTHONPATH": f"{tmp_path}{os.pathsep}{REPOSITORY}",
             "PYTHONDONTWRITEBYTECODE": "1"},
        input=json.dumps(request),
        text=True,
        check=True,
    )  # fmt: skip
    ends = {}
    for line in out.read_text().splitlines():
        result = json.loads(line)
        ends[result["identity"].partition(": ")[2]] = result["how"]
    assert ends == {
        "30 => 31": "killed",
        # Of a module, and imported anew.
        "60 => 1": "survived",
        # No test can be collected.
        "1000 => 1": "killed",
        "True => False": "killed",
        "not strict => strict": "killed",
        "raise ValueError('not strict enough') => pass": "unreached",
        "age > LIMIT => age >= LIMIT": "killed",
        "age > LIMIT => age < LIMIT": "killed",
        "minutes * FACTOR => minutes / FACTOR": "killed",
        "-age => age": "unreached",
    }
    assert (tmp_path / "ages.py").read_text() == SOURCE


WAITING = """\
import os, pathlib, subprocess, sys, time
import ages


def test_seconds():
    # What a test starts, in a session of its own as servers are.
    server = subprocess.Popen(["sleep", "60"], start_new_session=True)
    with open("pids", "a") as file:
        file.write(f"{os.getpid()} {os.getppid()} {server.pid}\\n")
    time.sleep(60 if ages.FACTOR else 0)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="needs prctl and /proc")
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_what_a_measure_has_started_ends_with_it(number: int, tmp_path: Path) -> None:
    (tmp_path / "test_ages.py").write_text(WAITING)
    (tmp_path / "pytest.ini").write_text("[pytest]\npythonpath = .\nmarkers = engine\n")
    (tmp_path / "results").touch()
    request = {
        "area": "ages",
        "tests": ["test_ages.py"],
        "choice": "",
        "faults": [asdict(fault) for fault in planted(tmp_path, SOURCE)],
        "out": str(tmp_path / "results"),
    }
    measure = subprocess.Popen(
        [sys.executable, "-m", "tools.mutants.process"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": f"{tmp_path}{os.pathsep}{REPOSITORY}"},
        stdin=subprocess.PIPE,
        text=True,
    )
    assert measure.stdin is not None
    measure.stdin.write(json.dumps(request))
    measure.stdin.close()
    pids = tmp_path / "pids"
    wait_until(lambda: pids.exists() and pids.read_text().endswith("\n"), 60)
    measure.send_signal(number)
    measure.wait(10)
    wait_until(lambda: not any(map(runs, map(int, pids.read_text().split()))), 10)


def wait_until(condition: Callable[[], bool], seconds: float) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.02)


def runs(process: int) -> bool:
    """Whether a process runs; one that has ended and nobody has waited for does not."""
    try:
        return ") Z " not in Path(f"/proc/{process}/stat").read_text()
    except OSError:
        return False


def test_modules_are_those_of_the_copy(tmp_path: Path) -> None:
    """A fault in a file that no test imports would be one that no test can see."""
    paths = [area.files(REPOSITORY)[0] for area in AREAS.values() if area.files(REPOSITORY)]
    for path in paths:
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text("print(__file__)")
    imports = "; ".join(f"import {process.module_name(path)}" for path in dict.fromkeys(paths))
    run = subprocess.run(
        [sys.executable, "-S", "-c", imports], env=environment(tmp_path), cwd=tmp_path,
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert {*run.stdout.split()} == {str(tmp_path / path) for path in paths}


def test_a_reason_stands_below_its_faults() -> None:
    text = "# Remark.\n\na.py::f: x => y\na.py::f: x => z\n    It is the same.\n\nb.py::g: 1 => 2\n"
    assert equivalents(text) == {
        "a.py::f: x => y": "It is the same.",
        "a.py::f: x => z": "It is the same.",
        "b.py::g: 1 => 2": "",
    }


def test_every_equivalent_fault_is_one_that_is_planted_and_has_a_reason() -> None:
    reasons = equivalents(EQUIVALENT.read_text())
    assert all(reasons.values())
    paths = {identity.partition("::")[0] for identity in reasons}
    # What is of a target goes with it.
    absent_files = {
        path
        for path in paths
        if not (REPOSITORY / path).exists() and any(cloud in path for cloud in CLOUDS)
    }
    identities = {
        fault.identity
        for area in AREAS.values()
        for path in area.files(REPOSITORY)
        if path in paths
        for fault in plant(REPOSITORY, path, area.words)
    }
    present_identities = {
        identity for identity in reasons if identity.partition("::")[0] not in absent_files
    }
    assert present_identities <= identities, "the code has changed: take them out"


@pytest.mark.parametrize("name", AREAS)
def test_an_area_has_files_and_tests(name: str) -> None:
    area = AREAS[name]
    absent_files = [path for path in area.tests if path not in area.tests_in(REPOSITORY)]
    # What is of a target goes with it.
    assert not [path for path in absent_files if not any(cloud in path for cloud in CLOUDS)]
    assert area.files(REPOSITORY) or any(cloud in name for cloud in CLOUDS)


def test_the_share_is_of_what_can_be_seen() -> None:
    survivor = {"identity": "x", "line": 1, "how": "survived", "seconds": 0.1, "test": ""}
    score = Score(10, 6, [survivor] * 2, [{"identity": "y", "reason": "z"}] * 2)
    assert score.share == 0.75
    assert table({"gate": score}).splitlines()[-1] == "| gate | 10 | 2 | 6 | 2 | 75% |"
