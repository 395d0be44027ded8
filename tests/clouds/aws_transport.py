"""Requests of this process to the AWS double, answered without a connection.

More than half of what a small request takes is its socket, its thread and the log of the server.
Other processes, such as jobs and commands, call the same application by its address.
"""

from __future__ import annotations

import io
import sys
import traceback
from collections.abc import Callable
from typing import Any
from urllib.parse import unquote, urlsplit

import pytest
import urllib3
from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from botocore.httpsession import URLLib3Session
from botocore.useragent import UserAgentString

Application = Callable[[dict[str, Any], Callable[..., Any]], Any]


def connect(patch: pytest.MonkeyPatch, address: str, application: Application) -> None:
    """Let clients of this process call `application` when they call `address`."""
    send_by_network = URLLib3Session.send

    def send(session: URLLib3Session, request: AWSPreparedRequest) -> AWSResponse:
        if not request.url.startswith(f"{address}/"):
            return send_by_network(session, request)
        return _answer(application, request)

    patch.setattr(URLLib3Session, "send", send)
    # Of system, packages and settings, put together for each request: a tenth of its time.
    patch.setattr(UserAgentString, "to_string", lambda _: "tests")


def _answer(application: Application, request: AWSPreparedRequest) -> AWSResponse:
    answers: list[tuple[str, list[tuple[str, str]]]] = []
    try:
        parts = application(_environ(request), lambda *head: answers.append(head[:2]))
        content = b"".join(parts)
    except Exception:  # what a server answers to a fault of its own
        answers.append(("500 Internal Server Error", []))
        content = traceback.format_exc().encode()
    status, headers = answers[-1]
    # Read when somebody asks for the content, and as lenient as the library's own session.
    response = urllib3.HTTPResponse(
        io.BytesIO(content),
        dict(headers),
        int(status.split()[0]),
        preload_content=False,
        enforce_content_length=False,
    )
    return AWSResponse(request.url, response.status, response.headers, response)


def _environ(request: AWSPreparedRequest) -> dict[str, Any]:
    """The request as WSGI has it (PEP 3333)."""
    url, body = urlsplit(request.url), request.body or b""
    content = body if isinstance(body, (bytes, bytearray)) else body.read()
    target = f"{url.path}?{url.query}" if url.query else url.path
    headers: dict[str, str] = {}
    for key, value in request.headers.items():
        name = key.upper().replace("-", "_")
        text = value.decode() if isinstance(value, bytes) else str(value)
        headers[name if name == "CONTENT_TYPE" else f"HTTP_{name}"] = text
    return {
        **headers,
        "REQUEST_METHOD": request.method,
        "SCRIPT_NAME": "",
        "PATH_INFO": unquote(url.path).encode().decode("latin-1"),
        "QUERY_STRING": url.query,
        "RAW_URI": target,
        "SERVER_NAME": url.hostname,
        "SERVER_PORT": str(url.port),
        "SERVER_PROTOCOL": "HTTP/1.1",
        "HTTP_HOST": url.netloc,
        "CONTENT_LENGTH": str(len(content)),
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": url.scheme,
        "wsgi.input": io.BytesIO(content),
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
    }
