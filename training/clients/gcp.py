"""Google Cloud over REST: tokens by google-auth, errors in words.

With ``MLOPS_GCP_GATEWAY`` set, a server that stands in for Google Cloud gets every request as
``/HOST/PATH`` and no credential at all.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timezone
from functools import cache
from typing import Any

from training.clients import http
from training.clients.http import Answer, ServiceError
from training.errors import PassingError, UserError

GATEWAY = "MLOPS_GCP_GATEWAY"
SCOPE = "https://www.googleapis.com/auth/cloud-platform"
OPERATION_SECONDS = 10.0
# Machines are there in some minutes; the service gives up after an hour or so.
LONGEST_SECONDS = 5400.0
RENEWAL_SECONDS = 300


class GoogleError(ServiceError):
    """A request that Google Cloud refused, with its HTTP status."""


def call(
    method: str,
    url: str,
    body: Any = None,
    *,
    repeat: bool = True,
    headers: Mapping[str, str] | None = None,
    seconds: float | None = None,
    **query: Any,
) -> bytes:
    """Send a request and return the content of the answer; what is not bytes is sent as JSON.

    Passing failures are tried again, unless the caller says that a repetition does more. Raises
    GoogleError for what is refused, and UnreachableError without an answer.
    """
    return _CLIENT.send(
        method, url, body=body, headers=headers, params=query, repeat=repeat, seconds=seconds
    ).content


def get(url: str, **query: Any) -> Any:
    """The resource at `url`; raises KeyError if there is none."""
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
        page = get(url, **query, **({"pageToken": token} if token else {}))
        yield from page.get(items, [])
        token = page.get("nextPageToken")
        if not token:
            return


def vertex(name: str) -> str:
    """The address of something of Vertex AI, from its resource name or that of its parent."""
    return f"https://{name.split('/')[3]}-aiplatform.googleapis.com/v1/{name}"


def finished(
    operation: dict[str, Any],
    say: Callable[[], object] = lambda: None,
    seconds: float = LONGEST_SECONDS,
) -> Any:
    """The response of a long operation of Vertex AI, once it is done.

    Raises FailedOperationError if it failed, and PassingError if it takes longer than `seconds`.
    """
    state = operation

    def is_done() -> bool:
        nonlocal state
        if not state.get("done"):
            say()
            state = get(vertex(state["name"]))
        return bool(state.get("done"))

    if not state.get("done"):
        http.wait(is_done, f"operation {state['name']}", seconds, lambda: OPERATION_SECONDS)
    if "error" in state:
        raise FailedOperationError(f"Vertex AI: {state['error'].get('message', state['error'])}")
    return state.get("response", {})


class FailedOperationError(UserError):
    """A long operation that came to an end without what it was to make."""

    is_refusal = True


def _authorized(url: str, anew: bool) -> Mapping[str, str]:
    if os.environ.get(GATEWAY):
        return {}
    import google.auth.exceptions
    import google.auth.transport.requests

    credentials = application_credentials()
    headers: dict[str, str] = {}
    try:
        if anew or _is_old(credentials):
            credentials.refresh(google.auth.transport.requests.Request())
        credentials.apply(headers)
    except google.auth.exceptions.GoogleAuthError as error:
        if anew or not credentials.valid:
            raise PassingError(f"no sign-in to Google Cloud: {error}") from None
        credentials.apply(headers)
    return headers


def _is_old(credentials: Any) -> bool:
    """True if the token expires within minutes, or there is none."""
    if not credentials.token or credentials.expiry is None:
        return not credentials.valid
    remaining = credentials.expiry - datetime.now(timezone.utc).replace(tzinfo=None)
    return remaining.total_seconds() < RENEWAL_SECONDS


@cache
def application_credentials() -> Any:
    """Those of the environment; raises UserError if it has none."""
    import google.auth
    import google.auth.exceptions

    try:
        return google.auth.default(scopes=[SCOPE])[0]
    except google.auth.exceptions.DefaultCredentialsError as error:
        raise UserError(
            f"no sign-in to Google Cloud ({error}); sign in: gcloud auth application-default login"
        ) from None


def _address(url: str) -> str:
    gateway = os.environ.get(GATEWAY)
    return f"{gateway}/{url.removeprefix('https://')}" if gateway else url


def _refused(method: str, url: str, answer: Answer) -> GoogleError:
    text, code = answer.content.decode(errors="replace")[: http.MESSAGE_LENGTH], ""
    try:
        details = json.loads(answer.content)["error"]
        text, code = details["message"], details.get("status", "")
    except (ValueError, KeyError, TypeError):  # not JSON, or of another form: the text as it is
        pass
    return GoogleError("Google Cloud", method, url, answer.status, code, text)


_CLIENT = http.Client("Google Cloud", _address, _authorized, _refused)
