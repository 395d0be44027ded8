"""`mlops ui`: prints its address once it answers, and leaves no process behind."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
import sys
from pathlib import Path
from urllib.request import urlopen

import pytest

from tests.serving.platforms import make_platform
from tests.serving.servers import until, variables


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        return listening.getsockname()[1]


def ui(root: Path, port: int) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "training.cli", "ui", "--port", str(port)],
        cwd=root,
        env=variables(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def below(process: int) -> list[int]:
    """All processes that the process started, and those that these did."""
    children = []
    for file in Path(f"/proc/{process}/task").glob("*/children"):
        for child in map(int, file.read_text().split()):
            children += [child, *below(child)]
    return children


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_the_address_answers_and_a_stop_leaves_nothing(
    tmp_path: Path, number: signal.Signals
) -> None:
    platform = make_platform(tmp_path)
    document = {**platform.document, "registry": f"sqlite:///{tmp_path}/registry.db"}
    (tmp_path / ".mlops/local/platform.json").write_text(json.dumps(document))
    port = free_port()
    process = ui(tmp_path, port)
    assert process.stdout is not None and process.stderr is not None
    line = process.stdout.readline()
    assert f"http://127.0.0.1:{port}" in line, process.stderr.read()
    with urlopen(f"http://127.0.0.1:{port}/", timeout=60) as answer:
        assert answer.status == 200
    children = below(process.pid)
    assert children
    commands = [Path(f"/proc/{pid}/cmdline").read_bytes() for pid in children]
    assert not [command for command in commands if b"jobs" in command], "nobody has any for it"
    process.send_signal(number)
    _, errors = process.communicate(timeout=60)
    assert process.returncode in (0, 130)
    assert "Deprecat" not in errors and "uvicorn" not in errors.lower()
    until(lambda: not any(Path(f"/proc/{pid}/exe").exists() for pid in children), 20)
    socket.create_server(("127.0.0.1", port)).close()


def test_a_taken_port_is_named(tmp_path: Path) -> None:
    make_platform(tmp_path)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        process = ui(tmp_path, listener.getsockname()[1])
        _, errors = process.communicate(timeout=120)
    assert process.returncode == 1 and "is not allowed" in errors, errors
