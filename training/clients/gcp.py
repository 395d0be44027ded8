"""Google Cloud over REST: tokens by google-auth, repetition, errors in words.

With ``MLOPS_GCP_GATEWAY`` set, a server that stands in for Google Cloud gets every request as
``/HOST/PATH`` and no credential at all.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from typing import Any

import requests

from training.errors import UserError

GATEWAY = "MLOPS_GCP_GATEWAY"
SCOPE = "https://www.googleapis.com/auth/cloud-platform"
ATTEMPTS = 5
TRANSIENT = (408, 429, 500, 502, 503, 504)
TIMEOUT_SECONDS = 100.0
OPERATION_SECONDS = 10.0


class GoogleError(UserError):
    """A request that Google Cloud refused, with its HTTP status."""

    def __init__(self, method: str, url: str, status: int, message: str) -> None:
        super().__init__(f"Google Cloud refused {method} {url}: {status}: {message}")
        self.status = status


def call(
    method: str,
    url: str,
    body: Any = None,
    *,
    repeat: bool = True,
    headers: Mapping[str, str] | None = None,
    **query: Any,
) -> bytes:
    """Send a request and return the content of the answer; what is not bytes is sent as JSON.

    Passing failures are tried again, unless the caller says that a repetition does more. Raises
    GoogleError for what is refused, and UserError without a connection.
    """
    sent = dict(headers or {})
    if body is not None and not isinstance(body, bytes):
        body, sent["content-type"] = json.dumps(body).encode(), "application/json"
    attempts = ATTEMPTS if repeat else 1
    for attempt in range(1, attempts + 1):
        try:
            answer = _session().request(
                method, _address(url), params=query, data=body, headers=sent,
                timeout=TIMEOUT_SECONDS,
            )  # fmt: skip
        except requests.ConnectionError as error:
            if attempt == attempts:
                raise UserError(f"no connection for {method} {url}: {error}") from None
        else:
            if answer.ok:
                return answer.content
            if answer.status_code not in TRANSIENT or attempt == attempts:
                raise GoogleError(method, url, answer.status_code, _message(answer))
        time.sleep(2.0 ** (attempt - 1))
    raise AssertionError("the last attempt returns or raises")


def get(url: str, **query: Any) -> Any:
    """What stands at `url`; raises KeyError where there is nothing."""
    try:
        return json.loads(call("GET", url, **query))
    except GoogleError as error:
        if error.status == 404:
            raise KeyError(url) from None
        raise


def pages(url: str, items: str, **query: Any) -> Iterator[Any]:
    """All `items` of a list that comes in pages."""
    token = None
    while True:
        found = get(url, **query, **({"pageToken": token} if token else {}))
        yield from found.get(items, [])
        token = found.get("nextPageToken")
        if not token:
            return


def vertex(name: str) -> str:
    """The address of something of Vertex AI, from its resource name or that of its parent."""
    return f"https://{name.split('/')[3]}-aiplatform.googleapis.com/v1/{name}"


def finished(operation: dict[str, Any], say: Callable[[], object] = lambda: None) -> Any:
    """The response of a long operation of Vertex AI, once it is done; UserError if it failed."""
    while not operation.get("done"):
        say()
        time.sleep(OPERATION_SECONDS)
        operation = get(vertex(operation["name"]))
    if "error" in operation:
        raise UserError(f"Vertex AI: {operation['error'].get('message', operation['error'])}")
    return operation.get("response", {})


@cache
def _session() -> requests.Session:
    if os.environ.get(GATEWAY):
        return requests.Session()
    import google.auth
    from google.auth.transport.requests import AuthorizedSession

    credentials, _ = google.auth.default(scopes=[SCOPE])
    return AuthorizedSession(credentials)


def _address(url: str) -> str:
    gateway = os.environ.get(GATEWAY)
    return f"{gateway}/{url.removeprefix('https://')}" if gateway else url


def _message(answer: requests.Response) -> str:
    try:
        return answer.json()["error"]["message"]
    except (ValueError, KeyError, TypeError):
        return answer.text[:500]
