"""A service's own serving software on this computer, with nothing but itself on its network.

`make .venv/NAME/.done` installs it, with its own pins and web server.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
# Alone in a network namespace, with its loopback up; as root in a namespace of users if need be.
ISOLATED = ["unshare", "--net", "--user", "--map-root-user", "--kill-child", "--fork", "--pid"]
# Runs inside the namespace: brings loopback up, starts the container, asks, prints the answers.
CLIENT = """
import http.client, json, socket, struct, fcntl, subprocess, sys, time
def up():
    with socket.socket() as s:
        fcntl.ioctl(s, 0x8914, struct.pack("16sh", b"lo", 0x1 | 0x40))
up()
order = json.load(sys.stdin)
server = subprocess.Popen(order["command"], stdout=sys.stderr)
def ask(method, path, body=None, kind=None):
    link = http.client.HTTPConnection("127.0.0.1", order["port"], timeout=30)
    begun = time.perf_counter()
    link.request(method, path, body, {"content-type": kind} if kind else {})
    got = link.getresponse()
    text = got.read().decode()
    return [got.status, got.headers.get("content-type"), text, time.perf_counter() - begun]
for _ in range(600):
    if server.poll() is not None:
        sys.exit(f"the container ended with {server.poll()}")
    try:
        ready = ask("GET", order["ready"])
        break
    except (OSError, http.client.HTTPException):
        time.sleep(0.1)
answers = [ask(method, order["path"], body, kind) for method, kind, body in order["requests"]]
print(json.dumps([ready, *answers]))
server.terminate()
"""


def python_of(name: str) -> Path:
    """The Python of `.venv/NAME`; skips where a container cannot be started, and says why."""
    python = ROOT / ".venv" / name / "bin" / "python"
    if (
        sys.platform != "linux"
        or subprocess.run([*ISOLATED, "true"], capture_output=True).returncode
    ):
        pytest.skip("this machine gives no network namespace (unshare --net --user)")
    if not python.exists():
        pytest.skip(f"`make .venv/{name}/.done` could not install the service's software")
    return python


def run_container(
    python: Path,
    command: Sequence[str],
    port: int,
    ready: str,
    path: str,
    requests: Sequence[tuple[str, str, str]],
    environment: Mapping[str, str],
    folder: Path,
) -> subprocess.CompletedProcess[str]:
    """The container started in `folder`, asked and ended; its log is in stderr.

    `requests` are method, content type and body, sent to `path` once `ready` answers; `answers`
    reads what was answered.
    """
    order = {
        "command": list(command),
        "port": port,
        "ready": ready,
        "path": path,
        "requests": list(requests),
    }
    return subprocess.run(
        [*ISOLATED, str(python), "-c", CLIENT],
        input=json.dumps(order),
        env={"PATH": f"{python.parent}:{os.environ['PATH']}", **environment},
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=120,
    )


def answers(process: subprocess.CompletedProcess[str]) -> list[list[Any]]:
    """The answers, to the readiness probe first: status, content type, text, seconds."""
    assert process.returncode == 0, process.stderr
    return json.loads(process.stdout)
