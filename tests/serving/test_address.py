"""Where a stack is served: found while the server lives, and only then."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

from tests import warm
from tests.serving.conftest import Start
from tests.serving.platforms import register_champion
from tests.serving.servers import WAIT_SECONDS, command, until, variables
from training.monitoring import local as monitoring
from training.platform import Platform
from training.serving import address

# A replay that has its endpoint, and is then as long at work as it is let.
REPLAYING = """
import time
from training.platform import open_platform
from training.replay.client import endpoint

with endpoint(open_platform("local")):
    time.sleep(600)
"""


def attempt(platform: Platform, *arguments: str) -> tuple[int, str]:
    """Exit code and output of a server that is not to start."""
    process = subprocess.run(
        command(*arguments),
        cwd=platform.root,
        env=variables(),
        capture_output=True,
        text=True,
        timeout=WAIT_SECONDS,
    )
    return process.returncode, process.stderr


def document(platform: Platform) -> Path:
    return Path(platform.store.uri) / address.DOCUMENT


def test_a_stale_address_is_replaced(platform: Platform, start: Start) -> None:
    # The process number belongs to a living program now: this one.
    stale = {"url": "http://127.0.0.1:1", "pid": os.getpid()}
    document(platform).write_text(json.dumps(stale))
    assert address.find(platform) is None
    server = start(platform, python=sys.executable)
    assert json.loads(document(platform).read_text())["pid"] == server.process.pid
    assert server.get("/status.json")[0] == 200


def test_a_killed_server_is_replaced(platform: Platform, start: Start) -> None:
    killed = start(platform)
    killed.stop(signal.SIGKILL)
    assert document(platform).exists()
    assert address.find(platform) is None
    assert start(platform).get("/status.json")[0] == 200


def test_a_second_server_is_refused(platform: Platform, start: Start) -> None:
    server = start(platform, python=sys.executable)
    code, output = attempt(platform)
    assert code == 1
    place = f"at {server.url} by process {server.process.pid}"
    assert f"stack 'local' is served already {place}" in output
    assert "Traceback" not in output
    assert address.find(platform) == address.Address(server.url, server.process.pid)
    assert server.get("/status.json")[0] == 200


def test_a_taken_port_is_named(platform: Platform) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        code, output = attempt(platform, "--port", str(port))
    assert code == 1
    assert f"cannot listen on 127.0.0.1 port {port}: Address already in use" in output
    assert "Traceback" not in output
    assert not document(platform).exists()


def test_an_orderly_stop_leaves_neither_address_nor_health(
    platform: Platform, start: Start
) -> None:
    register_champion(platform)
    server = start(platform)
    health = until(lambda: monitoring.health(platform.store, "toys"))
    assert (health["url"], health["version"]) == (server.url, 1)
    assert server.stop(signal.SIGTERM) == 0
    assert monitoring.health(platform.store, "toys") is None
    assert not document(platform).exists()


def test_the_server_of_a_killed_replay_stops_in_order(platform: Platform) -> None:
    register_champion(platform)
    command = [warm.programs() / "python", "-c", REPLAYING]
    with subprocess.Popen(command, cwd=platform.root, env=variables()) as replay:
        until(lambda: address.find(platform))
        replay.kill()
    until(lambda: address.find(platform) is None)
    assert monitoring.health(platform.store, "toys") is None
    assert not document(platform).exists()
