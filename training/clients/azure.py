"""Azure over plain REST: tokens by azure-identity, retries, errors in words.

No client library is needed in a container beside azure-identity. With ``MLOPS_AZURE_GATEWAY`` set,
a server that stands in for Azure gets every request as ``/HOST/PATH`` and no credential at all.
"""

from __future__ import annotations

import json
import os
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from training.errors import UserError

GATEWAY = "MLOPS_AZURE_GATEWAY"
# Where a job finds the client id of the identity that it acts as.
CLIENT = "DEFAULT_IDENTITY_CLIENT_ID"
MANAGEMENT = "https://management.azure.com"

# What a token is asked for, by the end of the host's name (learn.microsoft.com, "Azure Storage:
# authorize with Microsoft Entra ID", "Invoke online endpoints", "Entra authentication for
# Application Insights").
AUDIENCES = {
    "management.azure.com": "https://management.azure.com/.default",
    "blob.core.windows.net": "https://storage.azure.com/.default",
    "inference.ml.azure.com": "https://ml.azure.com/.default",
    "in.applicationinsights.azure.com": "https://monitor.azure.com/.default",
    # The services of a shared registry, which azure-ai-ml asks as it asks the management.
    "api.azureml.ms": "https://management.azure.com/.default",
    "experiments.azureml.net": "https://management.azure.com/.default",
}

ATTEMPTS = 5
TRANSIENT = (408, 429, 500, 502, 503, 504)
TIMEOUT_SECONDS = 100.0


class AzureError(UserError):
    """A request that Azure refused, with its HTTP status and error code."""

    def __init__(self, method: str, url: str, status: int, code: str, message: str) -> None:
        super().__init__(f"Azure refused {method} {url}: {status} {code}: {message}")
        self.status = status
        self.code = code


@dataclass(frozen=True)
class Answer:
    """What Azure answered; header names are in lower case."""

    status: int
    headers: Mapping[str, str]
    content: bytes

    def json(self) -> Any:
        """The content as plain data; None if there is none."""
        return json.loads(self.content) if self.content else None


def request(
    method: str,
    url: str,
    *,
    body: bytes | Mapping[str, Any] | list[Any] | None = None,
    headers: Mapping[str, str] | None = None,
    accepted: tuple[int, ...] = (),
) -> Answer:
    """Send a request and return the answer; a mapping or a list is sent as JSON.

    Passing failures are tried again. Raises AzureError for what Azure refuses, but for the
    statuses `accepted`, and UserError without a connection.
    """
    sent = {"accept": "application/json", **(headers or {})}
    if body is not None and not isinstance(body, bytes):
        body = json.dumps(body).encode()
        sent["content-type"] = "application/json"
    for attempt in range(1, ATTEMPTS + 1):
        try:
            return _once(method, url, body, sent, accepted)
        except AzureError as error:
            if error.status not in TRANSIENT or attempt == ATTEMPTS:
                raise
        except urllib.error.URLError as error:
            if attempt == ATTEMPTS:
                raise UserError(f"no connection for {method} {url}: {error.reason}") from None
        time.sleep(2.0 ** (attempt - 1))
    raise AssertionError("the last attempt returns or raises")


def management(method: str, path: str, version: str, body: Any = None, **query: str) -> Answer:
    """A request to Azure Resource Manager for the resource at `path`, a resource id."""
    text = urllib.parse.urlencode({"api-version": version, **query})
    return request(method, f"{MANAGEMENT}{path}?{text}", body=body)


def found(path: str, version: str) -> dict[str, Any] | None:
    """The resource at `path`; None if there is none."""
    try:
        return management("GET", path, version).json()
    except AzureError as error:
        if error.status == 404:
            return None
        raise


def listed(path: str, version: str, **query: str) -> list[dict[str, Any]]:
    """All resources of a list, over all its pages."""
    page = management("GET", path, version, **query).json()
    values = list(page["value"])
    while page.get("nextLink"):
        page = request("GET", page["nextLink"]).json()
        values += page["value"]
    return values


def _once(
    method: str,
    url: str,
    body: bytes | None,
    headers: Mapping[str, str],
    accepted: tuple[int, ...],
) -> Answer:
    gateway = os.environ.get(GATEWAY)
    if gateway:
        sent = urllib.request.Request(f"{gateway}/{url.removeprefix('https://')}", body)
    else:
        sent = urllib.request.Request(url, body, {"authorization": f"Bearer {_token(url)}"})
    sent.method = method
    for name, value in headers.items():
        sent.add_header(name, value)
    try:
        with urllib.request.urlopen(sent, timeout=TIMEOUT_SECONDS) as answer:
            return Answer(answer.status, _lower(answer.headers), answer.read())
    except urllib.error.HTTPError as error:
        if error.code in accepted:
            return Answer(error.code, _lower(error.headers), error.read())
        raise _refused(method, url, error) from None


def _lower(headers: Any) -> dict[str, str]:
    return {name.lower(): value for name, value in headers.items()}


def _refused(method: str, url: str, error: urllib.error.HTTPError) -> AzureError:
    content = error.read()
    code, message = error.headers.get("x-ms-error-code") or "", content.decode(errors="replace")
    try:
        told = json.loads(content)
        told = told.get("error", told)
        code, message = told.get("code") or code, told.get("message") or message
    except (ValueError, AttributeError):  # not JSON, or no object: the text as it is
        pass
    shown = url.partition("?")[0]
    return AzureError(method, shown, error.code, code, message[:500])


def _token(url: str) -> str:
    host = urllib.parse.urlsplit(url).hostname or ""
    audience = next((a for end, a in AUDIENCES.items() if host.endswith(end)), None)
    if audience is None:
        raise UserError(f"{url!r} is no service of Azure; known: {', '.join(AUDIENCES)}")
    from azure.core.exceptions import ClientAuthenticationError

    try:
        return _credential().get_token(audience).token
    except ClientAuthenticationError as error:
        reason = str(error.message).splitlines()[0]
        raise UserError(f"no sign-in to Azure ({reason}); sign in: az login") from None


@cache
def _credential() -> Any:
    """The managed identity inside of a job, whoever is logged in elsewhere.

    A job on a compute cluster finds the client id of the cluster's identity in its environment
    (learn.microsoft.com, "Set up authentication between Azure Machine Learning and other
    services").
    """
    from azure.identity import DefaultAzureCredential, ManagedIdentityCredential

    client = os.environ.get(CLIENT)
    return ManagedIdentityCredential(client_id=client) if client else DefaultAzureCredential()
