"""The server in Vertex AI's scikit-learn container: answers the service's requests, no more.

The service says by its variables where it asks and which deployment this is
(https://cloud.google.com/vertex-ai/docs/predictions/custom-container-requirements); the number of
the deployment has the version in it, and the version's manifest and artifact are in the store.
"""

from __future__ import annotations

import os
import socket
import sys
import time
from collections.abc import Mapping
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from training import predictor, versions
from training.endpoint.gcp_requests import version_of
from training.registry.gcp_requests import HEALTH, LISTENER, PORT, PREDICT, STORE
from training.scoring import MODEL
from training.scoring.scorer import Scorer
from training.serving.answers import Answer, problem
from training.serving.requests import MAX_BYTES
from training.serving.security import DISCARD_SECONDS
from training.store import open_store

DEPLOYED = "AIP_DEPLOYED_MODEL_ID"
JSON = "application/json"


def load(environment: Mapping[str, str]) -> Scorer:
    """The version that the environment names; its digest and its libraries are checked first."""
    model, store = environment[MODEL], open_store(environment[STORE])
    manifest = versions.manifest(store, model, version_of(environment[DEPLOYED]))
    return Scorer(model, predictor.load(store, manifest))


class Server(ThreadingHTTPServer):
    """Answers for one version."""

    daemon_threads = True

    def __init__(self, scorer: Scorer, environment: Mapping[str, str]) -> None:
        address = ("", int(environment.get("AIP_HTTP_PORT", PORT)))
        listener = environment.get(LISTENER)
        super().__init__(address, _Handler, bind_and_activate=listener is None)
        if listener is not None:
            self.socket.close()
            self.socket = _take_over(int(listener))
            self.server_address = self.socket.getsockname()
            self.server_port = self.server_address[1]
        self.scorer = scorer
        self.health = environment.get("AIP_HEALTH_ROUTE", HEALTH)
        self.predict = environment.get("AIP_PREDICT_ROUTE", PREDICT)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    # An answer is two packets: without this the second waits for the first to be acknowledged,
    # for which a client takes its time (40 ms on Linux).
    disable_nagle_algorithm = True
    server: Server

    def do_GET(self) -> None:
        if self.path == self.server.health:
            self._answer(Answer(200, b'{"status": "in service"}'))
        else:
            self._answer(Answer(404, problem(f"no path {self.path!r} here")))

    def do_POST(self) -> None:
        size = self.headers.get("content-length", "")
        if not size.isdigit() or int(size) > MAX_BYTES:
            # What is not read cannot be told from the next request.
            self.close_connection = True
            text = f"the body's length is not said, or larger than the {MAX_BYTES} bytes allowed"
            self._answer(Answer(413, problem(text)))
            self._discard()
            return
        body = self.rfile.read(int(size))
        if self.path != self.server.predict:
            self._answer(Answer(404, problem(f"no path {self.path!r} here")))
            return
        self._answer(self.server.scorer.answer(self.headers.get("content-type", ""), body))

    def _discard(self) -> None:
        """Read what the client is still sending, for a while.

        A connection that is closed with bytes to read is reset, and the answer is lost (RFC 9112,
        9.6).
        """
        end = time.monotonic() + DISCARD_SECONDS
        with suppress(OSError):  # the time is over, or the client is gone
            self.connection.shutdown(socket.SHUT_WR)
            while (seconds := end - time.monotonic()) > 0:
                self.connection.settimeout(seconds)
                if not self.rfile.read1(65536):
                    break

    def log_message(self, format: str, *args: object) -> None:
        """Do nothing: the service logs requests itself."""

    def _answer(self, answer: Answer) -> None:
        self.send_response(answer.status)
        self.send_header("content-type", JSON)
        self.send_header("content-length", str(len(answer.body)))
        self.end_headers()
        self.wfile.write(answer.body)


def _take_over(descriptor: int) -> socket.socket:
    """The socket that the container has listened on since it began, without who came meanwhile.

    Those are the service's own probes, which nobody answered.
    """
    listener = socket.socket(fileno=descriptor)
    listener.setblocking(False)
    with suppress(BlockingIOError):
        while True:
            listener.accept()[0].close()
    listener.setblocking(True)
    return listener


def main() -> int:
    """Serve until ended."""
    Server(load(os.environ), os.environ).serve_forever()
    return 0


if __name__ == "__main__":
    sys.exit(main())
