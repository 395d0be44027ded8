"""A service in memory at the place of the HTTP session: what clients send and are answered."""

from __future__ import annotations

import json
import urllib.parse
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest

from training.clients import http

GATEWAYS = ("MLOPS_AZURE_GATEWAY", "MLOPS_GCP_GATEWAY")


@dataclass(frozen=True)
class Request:
    """A request as it arrives; `host` and `path` are those of the service."""

    method: str
    host: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass
class Response:
    """What the client is answered: bytes, or plain data as JSON."""

    content: Any = b""
    status_code: int = 200
    headers: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not isinstance(self.content, bytes):
            self.content = json.dumps(self.content).encode()


Service = Callable[[Request], Response]


class Wire:
    """The session of all clients; `service` answers what it is asked."""

    def __init__(self, service: Service) -> None:
        self.service = service
        self.requests: list[Request] = []

    def request(
        self, method: str, url: str, *, params: Mapping[str, Any] | None, data: bytes | None,
        headers: Mapping[str, str], timeout: Any, **_options: Any,
    ) -> Response:  # fmt: skip
        parts = urllib.parse.urlsplit(url)
        query = {**dict(urllib.parse.parse_qsl(parts.query, keep_blank_values=True))}
        query |= {name: str(value) for name, value in (params or {}).items()}
        _, host, path = parts.path.split("/", 2)
        request = Request(
            method, host, urllib.parse.unquote(path), query,
            {name.lower(): value for name, value in headers.items()}, data or b"",
        )  # fmt: skip
        self.requests.append(request)
        return self.service(request)


def connect(monkeypatch: pytest.MonkeyPatch, service: Service) -> Wire:
    """Have the clients of Azure and Google Cloud ask `service`, without a sign-in or a pause."""
    wire = Wire(service)
    for gateway in GATEWAYS:
        monkeypatch.setenv(gateway, "http://wire")
    monkeypatch.setattr(http, "_session", lambda: wire)
    monkeypatch.setattr(http.time, "sleep", lambda seconds: None)
    return wire
