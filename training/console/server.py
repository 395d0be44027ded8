"""The console's server: on this computer only, from its start to the end of what it began."""

from __future__ import annotations

import json
import signal
import sys
import time
from functools import partial

from training.console.app import Console
from training.console.endpoints import RemoteEndpoint
from training.console.gate import ENTRY
from training.console.snapshot import Snapshot
from training.platform import Platform
from training.runs import runs_of
from training.serving.server import Http, listen
from training.serving.state import State

HOST = "127.0.0.1"
# Services of a cloud are asked at most so often, however many pages are open.
CLOUD_SECONDS = 30.0
POLL_SECONDS = 0.1


def run(platform: Platform, *, port: int, acts: bool, as_json: bool) -> None:
    """Serve until interrupted; then wait for actions under way, which a second one leaves.

    Raises UserError if the port is taken.
    """
    with listen(HOST, port) as listening:
        bound = listening.getsockname()[1]
        endpoints = {model: RemoteEndpoint(platform, model) for model in platform.models}
        state = State(platform, endpoints, partial(runs_of(platform).schedules, platform))
        fresh = 0.0 if platform.target == "local" else CLOUD_SECONDS
        console = Console(platform, state, Snapshot(state.page, fresh), bound, acts)

        def tell() -> None:
            url = f"http://{HOST}:{bound}{ENTRY}?token={console.sessions.entry}"
            _tell(platform, url, acts, as_json)

        console.on_entry = tell
        server = Http(console.create_app(), tell)

        def stop(*_: object) -> None:
            server.should_exit = True

        for number in (signal.SIGINT, signal.SIGTERM):
            # uvicorn stops at these by itself, then raises them again for whoever comes next.
            signal.signal(number, stop)
        console.snapshot.look(0)  # ask already, while the person opens the address
        server.run(sockets=[listening])
        _finish(console)


def _tell(platform: Platform, url: str, acts: bool, as_json: bool) -> None:
    """Say the address of the next browser."""
    if as_json:
        print(json.dumps({"stack": platform.stack, "url": url, "actions": acts}), flush=True)
        return
    mode = "with actions" if acts else "read-only"
    print(f"console of {platform.stack}, {mode}; open once: {url}", flush=True)


def _finish(console: Console) -> None:
    """Wait for the actions under way; raises KeyboardInterrupt at a second signal."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.default_int_handler)
    running = console.jobs.running()
    for job in running:
        print(f"waiting for: {job.title} (Ctrl-C leaves it half-way)", file=sys.stderr, flush=True)
    while console.jobs.running():
        time.sleep(POLL_SECONDS)
    for job in running:
        print(f"{job.title}: {job.state}, {job.says}", file=sys.stderr)
