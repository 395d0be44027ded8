"""Clients of AWS services, one per service and region for the life of the process."""

from __future__ import annotations

import os
from functools import cache
from typing import Any

import boto3
from botocore import exceptions
from botocore.config import Config
from botocore.exceptions import ClientError

# Throttled and failed calls are repeated with growing pauses.
CONFIG = Config(retries={"mode": "standard", "max_attempts": 8})

# Of errors without an answer, those that come of who calls from where.
LOCAL = (
    exceptions.ConnectionError,
    exceptions.CredentialRetrievalError,
    exceptions.HTTPClientError,
    exceptions.NoCredentialsError,
    exceptions.NoRegionError,
    exceptions.PartialCredentialsError,
    exceptions.ProfileNotFound,
    exceptions.SSOError,
    exceptions.TokenRetrievalError,
)


@cache
def client(service: str, region: str | None = None) -> Any:
    """The client of `service` in `region`; without one, in the region of the environment.

    SageMaker tells its containers their region by AWS_REGION, which botocore does not read.
    """
    session = boto3.session.Session(region_name=region or os.environ.get("AWS_REGION"))
    return session.client(service, config=CONFIG)


def code(error: ClientError) -> str:
    """The service's code of an error, such as ``ThrottlingException``."""
    return error.response["Error"]["Code"]


def message(error: ClientError) -> str:
    """The service's message of an error."""
    return error.response["Error"]["Message"]


def explained(error: BaseException) -> str | None:
    """The message of the service or the client library; None of any other error."""
    if isinstance(error, (ClientError, *LOCAL)):
        return f"AWS: {error}"
    return None


# Codes of a request that may do better by itself: throttled, a service that fails, a session that
# ran out meanwhile (docs.aws.amazon.com, "Common Error Types"; botocore/retries/standard.py).
PASSING = frozenset(
    ("ExpiredToken", "ExpiredTokenException", "InternalFailure", "InternalServerError",
     "PriorRequestNotComplete", "RequestExpired", "RequestLimitExceeded", "RequestThrottled",
     "RequestTimeout", "RequestTimeoutException", "ResourceInUse", "ServiceUnavailable", "SlowDown",
     "Throttling", "ThrottlingException", "ThrottledException", "TooManyRequestsException")
)  # fmt: skip
UNANSWERED = (
    exceptions.ConnectionError,
    exceptions.CredentialRetrievalError,
    exceptions.HTTPClientError,
    exceptions.SSOError,
    exceptions.TokenRetrievalError,
)
# A right that is missing is for a person to mend.
FORBIDDEN = ("AccessDenied", "AccessDeniedException", "UnrecognizedClientException",
             "InvalidClientTokenId", "SignatureDoesNotMatch")  # fmt: skip


def is_passing(error: BaseException) -> bool:
    """True if an error says nothing of the request itself."""
    if isinstance(error, ClientError):
        response: Any = getattr(error, "response", {})
        status = response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
        return code(error) in PASSING or status >= 500 or status == 429
    return isinstance(error, UNANSWERED)


def is_refusal(error: BaseException) -> bool:
    """True if the service understood the request and refuses it."""
    if not isinstance(error, ClientError):
        return False
    return code(error) not in FORBIDDEN and not is_passing(error)


def last_part(arn: str) -> str:
    """The part behind the last slash: the name in the ARN of a resource."""
    return arn.rsplit("/", 1)[-1]
