"""One more process of a server (`training.serving.workers`).

    python -m training.serving.worker LISTENING CHANNEL NUMBER --stack NAME --server HOST:PORT ...

It answers predictions at the server's port, and has the server's first process, at its own address,
answer all else.
"""

from __future__ import annotations

import argparse
import asyncio
import logging
import signal
import socket
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from threading import Thread

import h11
import uvicorn
from starlette.types import Receive, Scope, Send

from training.platform import open_platform
from training.serving import logs, process, settings, tracing
from training.serving.answers import problem
from training.serving.background import repeat
from training.serving.endpoint import Endpoint
from training.serving.exposition import Metrics
from training.serving.follow import POLL_SECONDS, Follower
from training.serving.http import http_config, predictions_app
from training.serving.security import allowed_hosts
from training.serving.workers import REPORT_SECONDS, Reporter

log = logging.getLogger(__name__)

CHUNK_BYTES = 65_536
# Headers that are about one connection, not about a request (RFC 9110, 7.6.1).
OF_CONNECTION = (b"connection", b"keep-alive", b"upgrade", b"expect")
# uvicorn adds it to every answer.
ADDED = b"date"


def main() -> None:
    """Answer until the first process ends, or says so."""
    parser = argparse.ArgumentParser(prog="training.serving.worker", description=__doc__)
    parser.add_argument("listening", type=int)
    parser.add_argument("channel", type=int)
    parser.add_argument("number", type=int)
    parser.add_argument("--stack", required=True)
    parser.add_argument("--server", required=True)
    parser.add_argument("--log-format", required=True)
    parser.add_argument("--log-level", required=True)
    args = parser.parse_args()
    process.limit_memory()
    platform = open_platform(args.stack)
    logs.configure(args.log_format, args.log_level)
    logs.keep(Path(platform.store.uri), logs.WORKER.format(number=args.number))
    listening, channel = socket.socket(fileno=args.listening), socket.socket(fileno=args.channel)
    # Counted by the first process.
    metrics = Metrics(lambda: ())
    endpoints = {model: Endpoint(platform, model, metrics) for model in platform.models}
    reporter = Reporter(channel, endpoints)
    with ExitStack() as stack:
        traces = tracing.start(platform.stack)
        if traces is not None:
            stack.callback(traces.shutdown)
        for endpoint in endpoints.values():
            endpoint.on_answer = partial(reporter.add, endpoint.model)
            endpoint.captures.start(alone=False)
            stack.callback(endpoint.captures.stop)
            follower = Follower(platform.store, endpoint, lambda version: None)
            apply = partial(settings.apply, platform, endpoint)
            apply()
            follower.check()
            repeat(stack, f"follower of {endpoint.model}", POLL_SECONDS, follower.check)
            repeat(stack, f"settings of {endpoint.model}", settings.POLL_SECONDS, apply)
        # From now on a release waits for this process too, which is about to answer.
        reporter.send()
        stack.callback(reporter.send)  # what was answered last
        repeat(stack, "reports", REPORT_SECONDS, reporter.send)
        Thread(target=reporter.await_end, name="end of the server", daemon=True).start()
        hosts = allowed_hosts(settings.bind_address(platform).host)
        host, _, port = args.server.rpartition(":")
        app = predictions_app(endpoints, hosts, Forwarding(host, int(port)), traces)
        for number in (signal.SIGINT, signal.SIGTERM):
            # uvicorn stops at these by itself, then raises them again: what waits is to be written.
            signal.signal(number, signal.SIG_IGN)
        process.settle()
        uvicorn.Server(http_config(app)).run(sockets=[listening])


class Forwarding:
    """ASGI application: has the server at `host` and `port` answer."""

    def __init__(self, host: str, port: int) -> None:
        self._address = host, port

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            reader, writer = await asyncio.open_connection(*self._address)
        except OSError:
            body = problem("the server is stopping")
            headers = [(b"content-type", b"application/json"), (b"retry-after", b"1")]
            await send({"type": "http.response.start", "status": 503, "headers": headers})
            await send({"type": "http.response.body", "body": body})
            return
        try:
            connection = h11.Connection(h11.CLIENT)
            await _ask(connection, writer, scope, receive)
            await _relay(connection, reader, send)
        finally:
            writer.close()


async def _ask(
    connection: h11.Connection, writer: asyncio.StreamWriter, scope: Scope, receive: Receive
) -> None:
    target = scope["raw_path"] + (b"?" + scope["query_string"] if scope["query_string"] else b"")
    headers = [(n, v) for n, v in scope["headers"] if n not in OF_CONNECTION]
    request = h11.Request(
        method=scope["method"], target=target, headers=[*headers, (b"connection", b"close")]
    )
    writer.write(connection.send(request) or b"")
    more = True
    while more:
        message = await receive()
        more = message.get("more_body", False)
        if message.get("body"):
            writer.write(connection.send(h11.Data(message["body"])) or b"")
            await writer.drain()
    writer.write(connection.send(h11.EndOfMessage()) or b"")
    await writer.drain()


async def _relay(connection: h11.Connection, reader: asyncio.StreamReader, send: Send) -> None:
    while True:
        event = connection.next_event()
        if event is h11.NEED_DATA:
            connection.receive_data(await reader.read(CHUNK_BYTES))
        elif isinstance(event, h11.Response):
            headers = [(n, v) for n, v in event.headers if n not in (*OF_CONNECTION, ADDED)]
            start = {"type": "http.response.start", "status": event.status_code}
            await send({**start, "headers": headers})
        elif isinstance(event, h11.Data):
            await send({"type": "http.response.body", "body": event.data, "more_body": True})
        else:
            await send({"type": "http.response.body", "body": b""})
            return


if __name__ == "__main__":
    main()
