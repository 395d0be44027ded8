"""Azure over plain REST: tokens by azure-identity, errors in words.

No client library is needed in a container beside azure-identity. With ``MLOPS_AZURE_GATEWAY`` set,
a server that stands in for Azure gets every request as ``/HOST/PATH`` and no credential at all.
"""

from __future__ import annotations

import json
import os
import time
import urllib.parse
from collections.abc import Mapping
from functools import cache
from typing import Any

from training.clients import http
from training.clients.http import Answer, ServiceError
from training.errors import PassingError, UserError

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

# A token is asked for again this long before it runs out.
RENEWAL_SECONDS = 300
# GitHub's job asks for as many assertions as it likes while it runs (docs.github.com, "OpenID
# Connect reference", "Methods for requesting the OIDC token"); the one that `azure/login` took
# lasts some minutes (github.com/Azure/login, issue 372).
ASSERTION_URL, ASSERTION_TOKEN = "ACTIONS_ID_TOKEN_REQUEST_URL", "ACTIONS_ID_TOKEN_REQUEST_TOKEN"
ASSERTION_AUDIENCE = "api://AzureADTokenExchange"


class AzureError(ServiceError):
    """A request that Azure refused, with its HTTP status and error code."""


def request(
    method: str,
    url: str,
    *,
    body: bytes | Mapping[str, Any] | list[Any] | None = None,
    headers: Mapping[str, str] | None = None,
    accepted: tuple[int, ...] = (),
    seconds: float | None = None,
) -> Answer:
    """Send a request and return the answer; a mapping or a list is sent as JSON.

    Passing failures are tried again. Raises AzureError for what Azure refuses, but for the
    statuses `accepted`, and UnreachableError without an answer.
    """
    return _CLIENT.send(method, url, body=body, headers=headers, accepted=accepted, seconds=seconds)


def sign_in(*urls: str) -> None:
    """Get the tokens that are needed for requests to `urls` now: later there may be none to get.

    A sign-in of a pipeline of a code host lasts some minutes, and a release longer.
    """
    if not os.environ.get(GATEWAY):
        for url in urls:
            _token(_audience(url), False)


def management(method: str, path: str, version: str, body: Any = None, **query: str) -> Answer:
    """A request to Azure Resource Manager for the resource at `path`, a resource id."""
    text = urllib.parse.urlencode({"api-version": version, **query})
    return request(method, f"{MANAGEMENT}{path}?{text}", body=body)


def find_resource(path: str, version: str) -> dict[str, Any] | None:
    """The resource at `path`; None if there is none."""
    try:
        return management("GET", path, version).json()
    except AzureError as error:
        if error.status == 404:
            return None
        raise


def list_all(path: str, version: str, **query: str) -> list[dict[str, Any]]:
    """All resources of a list, over all its pages."""
    page = management("GET", path, version, **query).json()
    values = list(page["value"])
    while page.get("nextLink"):
        page = request("GET", page["nextLink"]).json()
        values += page["value"]
    return values


def _address(url: str) -> str:
    gateway = os.environ.get(GATEWAY)
    return f"{gateway}/{url.removeprefix('https://')}" if gateway else url


def _authorized(url: str, anew: bool) -> dict[str, str]:
    if os.environ.get(GATEWAY):
        return {}
    return {"authorization": f"Bearer {_token(_audience(url), anew)}"}


def _refused(method: str, url: str, answer: Answer) -> AzureError:
    code = answer.headers.get("x-ms-error-code", "")
    message = answer.content.decode(errors="replace")
    try:
        details = json.loads(answer.content)
        details = details.get("error", details)
        code, message = details.get("code") or code, details.get("message") or message
    except (ValueError, AttributeError):  # not JSON, or no object: the text as it is
        pass
    return AzureError("Azure", method, url, answer.status, code, message[: http.MESSAGE_LENGTH])


def _audience(url: str) -> str:
    host = urllib.parse.urlsplit(url).hostname or ""
    audience = next((a for end, a in AUDIENCES.items() if host.endswith(end)), None)
    if audience is None:
        raise UserError(f"{url!r} is no service of Azure; known: {', '.join(AUDIENCES)}")
    return audience


# Tokens by audience: some credentials start a program for each.
_tokens: dict[str, Any] = {}


def _token(audience: str, anew: bool) -> str:
    """A token that lasts for some minutes; an older one while a new one cannot be had."""
    from azure.core.exceptions import ClientAuthenticationError

    token, now = _tokens.get(audience), time.time()
    if token is not None and not anew and token.expires_on - now > RENEWAL_SECONDS:
        return token.token
    try:
        _tokens[audience] = _credential().get_token(audience)
    except ClientAuthenticationError as error:
        if token is not None and not anew and token.expires_on > now:
            return token.token
        reason = str(error.message).splitlines()[0]
        message = f"no sign-in to Azure ({reason}); sign in: az login"
        # One that was signed in may be again; one that never was has to be.
        raise (PassingError if token is not None else UserError)(message) from None
    return _tokens[audience].token


@cache
def _credential() -> Any:
    """The managed identity inside of a job, whoever is logged in elsewhere.

    In a pipeline of a code host it is a credential that asks for new tokens as long as the
    pipeline runs; what `az login` took there lasts some minutes. A job on a compute cluster finds
    the client id of the cluster's identity in its environment (learn.microsoft.com, "Set up
    authentication between Azure Machine Learning and other services").
    """
    from azure.identity import (
        AzurePipelinesCredential,
        ClientAssertionCredential,
        DefaultAzureCredential,
        ManagedIdentityCredential,
    )

    variable = os.environ.get
    if client := variable(CLIENT):
        return ManagedIdentityCredential(client_id=client)
    tenant, application = variable("AZURE_TENANT_ID"), variable("AZURE_CLIENT_ID")
    if variable(ASSERTION_URL) and tenant and application:
        return ClientAssertionCredential(tenant, application, _assertion)
    # What the task AzureCLI tells of its service connection (learn.microsoft.com, "azure-identity
    # AzurePipelinesCredential").
    connection, job = (
        variable("AZURESUBSCRIPTION_SERVICE_CONNECTION_ID"),
        variable("SYSTEM_ACCESSTOKEN"),
    )
    if connection and job:
        return AzurePipelinesCredential(
            tenant_id=os.environ["AZURESUBSCRIPTION_TENANT_ID"],
            client_id=os.environ["AZURESUBSCRIPTION_CLIENT_ID"],
            service_connection_id=connection,
            system_access_token=job,
        )
    return DefaultAzureCredential()


def _assertion() -> str:
    """A new assertion of the workflow that this runs in."""
    params = {"audience": ASSERTION_AUDIENCE}
    headers = {"authorization": f"Bearer {os.environ[ASSERTION_TOKEN]}"}
    answer = http.request("GET", os.environ[ASSERTION_URL], params, None, headers)
    answer.raise_for_status()
    return answer.json()["value"]


_CLIENT = http.Client("Azure", _address, _authorized, _refused)
