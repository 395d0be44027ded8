"""`mlops serve`: one process for all models of a stack, from start to orderly stop."""

from __future__ import annotations

import logging
import signal
import socket
import time
from collections.abc import Callable
from contextlib import ExitStack
from functools import partial
from typing import TYPE_CHECKING

import uvicorn
from starlette.types import ASGIApp

from training.errors import UserError
from training.monitoring.local import HEARTBEAT_SECONDS
from training.platform import Platform
from training.runs.schedules import Schedule, describe, read_schedules
from training.serving import address, alias, health, logs, monitor, process, settings, tracing
from training.serving.app import create_app
from training.serving.background import Repeater, repeat
from training.serving.champion import Marker
from training.serving.endpoint import Endpoint
from training.serving.exposition import Metrics
from training.serving.follow import POLL_SECONDS, Follower
from training.serving.http import http_config
from training.serving.security import allowed_hosts
from training.serving.state import State
from training.serving.traffic_day import SAVE_SECONDS
from training.serving.watcher import Watched
from training.serving.webhooks import Webhooks
from training.serving.workers import WATCH_SECONDS, Workers

if TYPE_CHECKING:
    from training.serving.schedule import Schedules

log = logging.getLogger(__name__)

LOOPBACK = "127.0.0.1"
# An alias that is another one for so long is not about to be changed.
ALIAS_SECONDS = 30.0


def serve(platform: Platform, *, port: int | None, schedules: bool) -> None:
    """Serve until SIGINT or SIGTERM, then stop in order.

    Raises UserError if the stack is served already or the port is taken.
    """
    bind = settings.bind_address(platform)
    settings.workers(platform)
    with ExitStack() as stack:
        stack.enter_context(address.only_server(platform))
        listening = listen(bind.host, bind.port if port is None else port)
        stack.callback(listening.close)
        # Where workers have this process alone answer.
        loopback = listen(LOOPBACK, 0)
        stack.callback(loopback.close)
        url = f"http://{bind.host}:{listening.getsockname()[1]}"
        _Serving(platform, listening, loopback, url, allowed_hosts(bind.host), schedules).run(stack)
    log.info("stopped")


class _Serving:
    """The parts of one server, started and stopped in an order that loses nothing."""

    def __init__(
        self,
        platform: Platform,
        listening: socket.socket,
        loopback: socket.socket,
        url: str,
        hosts: set[str],
        schedules: bool,
    ) -> None:
        self.platform = platform
        self.sockets = [listening, loopback]
        self.url = url
        self.announced = False
        self.schedules = _schedules(platform) if schedules else None
        self.webhooks = Webhooks()
        self.watcher = Watched(platform.stack, str(platform.root))
        self.marker = Marker(platform.registry_uri)
        self.endpoints: dict[str, Endpoint] = {}
        # The versions that the registry shows and that are served, where these differ, and since.
        self.aliases: dict[str, tuple[tuple[int, int], float]] = {}
        described = self.schedules.described if self.schedules else partial(_off, platform)
        self.state = State(platform, self.endpoints, described)
        metrics = Metrics(self.state.models)
        for model in platform.models:
            self.endpoints[model] = Endpoint(platform, model, metrics)
        host, port = loopback.getsockname()[:2]
        arguments = [f"--stack={platform.stack}", f"--server={host}:{port}"]
        arguments += [f"--log-format={logs.form()}", f"--log-level={logs.level()}"]
        self.workers = Workers(arguments, listening, self.endpoints)
        self.traces = tracing.start(platform.stack)
        app = create_app(self.endpoints, self.state, metrics, hosts, self.traces)
        self.http = Http(app, self._announce)

    def run(self, stack: ExitStack) -> None:
        """Serve; what is started here is stopped when `stack` is closed, in reverse order."""
        for number in (signal.SIGINT, signal.SIGTERM):
            # uvicorn stops at these by itself, then raises them again for whoever comes next.
            previous = signal.signal(number, self._stop)
            stack.callback(signal.signal, number, previous)
        if self.traces is not None:
            stack.callback(self.traces.shutdown)  # sends what waits
        for part in (self.marker, self.webhooks, self.schedules):
            if part is not None:
                part.start()
                stack.callback(part.stop)
        for endpoint in self.endpoints.values():
            self._start_endpoint(stack, endpoint)
            self._start_monitor(stack, endpoint.model)
        repeat(stack, "workers", WATCH_SECONDS, self._ensure_workers)
        stack.callback(self.workers.stop)
        # Stopped first: an orderly stop is no outage to be told.
        stack.callback(self.watcher.stop)
        repeat(stack, "settings", settings.POLL_SECONDS, self._tick)
        process.settle()
        self.http.run(sockets=self.sockets)

    def _start_endpoint(self, stack: ExitStack, endpoint: Endpoint) -> None:
        store, model = self.platform.store, endpoint.model
        stack.callback(health.remove, store, model)
        endpoint.day.load()
        stack.callback(self._keep_day, endpoint)
        repeat(stack, f"traffic of {model}", SAVE_SECONDS, partial(self._keep_day, endpoint))
        endpoint.captures.start()
        stack.callback(endpoint.captures.stop)
        beat = Repeater(
            f"heartbeat of {model}",
            HEARTBEAT_SECONDS,
            partial(self._beat, endpoint),
        )

        def swapped(version: int) -> None:
            beat.wake()
            self.marker.mark(model, version)

        follower = Follower(store, endpoint, swapped)
        settings.apply(self.platform, endpoint)
        follower.check()
        beat.start()
        stack.callback(beat.stop)
        repeat(stack, f"follower of {model}", POLL_SECONDS, follower.check)

    def _start_monitor(self, stack: ExitStack, model: str) -> None:
        retrain = self.schedules.retrain_on_drift if self.schedules else None
        watch = monitor.Monitor(self.platform, model, self.webhooks, retrain, sends_again=True)
        repeat(stack, f"monitor of {model}", monitor.SECONDS, watch.check)

    def _beat(self, endpoint: Endpoint) -> None:
        if not self._is_gone():  # a write would bring a part of the stack back
            health.beat(
                self.platform.store, endpoint, self.url, fires_schedules=self.schedules is not None
            )

    def _keep_day(self, endpoint: Endpoint) -> None:
        if not self._is_gone():
            endpoint.day.save()

    def _ensure_workers(self) -> None:
        self.workers.ensure(settings.workers(self.platform))

    def _is_gone(self) -> bool:
        return self.announced and not address.is_announced(self.platform)

    def _tick(self) -> None:
        if self._is_gone():
            log.warning("stack %s is gone: stopping", self.platform.stack)
            self._stop()
            return
        self.watcher.ensure()
        for endpoint in self.endpoints.values():
            settings.apply(self.platform, endpoint)
            self._check_alias(endpoint)
            if self.schedules:
                self.schedules.refresh(endpoint.model)

    def _check_alias(self, endpoint: Endpoint) -> None:
        """Tell of an alias that was set by hand, and have the registry show the champion again."""
        model, active = endpoint.model, endpoint.in_service
        aliased = alias.aliased_version(self.platform.registry_uri, model)
        if active is None or aliased is None or aliased == active.version:
            self.aliases.pop(model, None)
            return
        # A release is shown some seconds after it: only what stays is somebody's doing.
        pair = (aliased, active.version)
        first = self.aliases.setdefault(model, (pair, time.monotonic()))
        if first[0] != pair:
            self.aliases[model] = (pair, time.monotonic())
        elif time.monotonic() - first[1] >= ALIAS_SECONDS:
            self.aliases.pop(model)
            log.warning(
                "model %s: the alias %r in the registry was set to version %d by hand; version "
                "%d stays in service. To release the other: mlops promote %d",
                *(model, alias.ALIAS, aliased, active.version, aliased),
            )
            self.marker.mark(model, active.version)

    def _announce(self) -> None:
        address.announce(self.platform, self.url)
        self.announced = True
        names = ", ".join(self.endpoints)
        log.info("stack %s is served at %s; models: %s", self.platform.stack, self.url, names)

    def _stop(self, *_: object) -> None:
        self.workers.ask_to_stop()
        self.http.should_exit = True


def _schedules(platform: Platform) -> Schedules:
    from training.serving.schedule import Schedules  # its library, for a server that has some

    return Schedules(platform)


def _off(platform: Platform, model: str) -> list[Schedule]:
    """The schedules of a server that fires none."""
    return [describe(name, t, is_on=False) for name, t in read_schedules(platform, model).items()]


class Http(uvicorn.Server):
    """uvicorn, which says when it listens."""

    def __init__(self, app: ASGIApp, listens: Callable[[], None]) -> None:
        super().__init__(http_config(app))
        self._listens = listens

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._listens()


def listen(host: str, port: int) -> socket.socket:
    """A socket bound to `host` and `port`; raises UserError if it cannot be."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # The protocol by its number: asyncio turns Nagle's algorithm off for no other sockets (a
    # small answer would wait 40 ms for the client's acknowledgement):
    # https://github.com/python/cpython/blob/v3.11.7/Lib/asyncio/base_events.py#L187
    listening = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((host, port))
    except OSError as error:
        listening.close()
        raise UserError(
            f"cannot listen on {host} port {port}: {error.strerror}; give another with --port, "
            "0 for any free one"
        ) from None
    return listening
