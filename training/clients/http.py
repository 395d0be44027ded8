"""One HTTP client for all services: retries with back-off and jitter, deadlines, typed errors.

The transport is `requests`, which the credential libraries of Azure and Google bring along, so a
container needs nothing more. What is tried again: no connection, an answer that breaks off, the
statuses of a busy service; not before the moment that its Retry-After names, and not beyond the
deadline, which the error names.
"""

from __future__ import annotations

import json
import random
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any
from urllib.parse import urljoin

import requests
from urllib3.exceptions import InvalidHeader
from urllib3.util import Retry

from training import clients
from training.errors import PassingError, UserError

# A busy service, or one that is being changed by somebody else at this moment.
BUSY = (408, 425, 429, 500, 502, 503, 504)
# Signed out meanwhile: the next try signs in again.
SIGNED_OUT = 401
NOT_THERE, CONFLICT, LOCKED = 404, 409, 423

CONNECT_SECONDS, READ_SECONDS = 10.0, 100.0
DEADLINE_SECONDS = 180.0
FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS = 1.0, 30.0
MESSAGE_LENGTH = 500


class UnreachableError(PassingError):
    """No answer at all, in the time there was."""


class ServiceError(UserError):
    """A request that a service refused, with its HTTP status and error code."""

    def __init__(
        self, service: str, method: str, url: str, status: int, code: str, message: str
    ) -> None:
        reason = f"{code}: {message}" if code else message
        address = url.partition("?")[0]
        super().__init__(
            f"{service} refused {method} {address}: {status} {reason}"[: 3 * MESSAGE_LENGTH]
        )
        self.status = status
        self.code = code

    @property
    def is_passing(self) -> bool:
        """True if it says nothing of the request itself."""
        return self.status in (*BUSY, SIGNED_OUT, CONFLICT, LOCKED)

    @property
    def is_refusal(self) -> bool:
        """True if the service understood and refuses; a missing permission is no refusal."""
        return 400 <= self.status < 500 and not self.is_passing and self.status != 403


@dataclass(frozen=True)
class Answer:
    """The answer of a service; header names are in lower case."""

    status: int
    headers: Mapping[str, str]
    content: bytes

    def json(self) -> Any:
        """The content as plain data; None if there is none."""
        return json.loads(self.content) if self.content else None


@dataclass(frozen=True)
class Client:
    """Requests to one cloud.

    Args:
        service: The cloud's name, for errors.
        address: The address that a URL is asked at.
        authorize: The headers of a request to a URL, given whether to sign in anew.
        error: Makes the error of a status: ``(method, url, status, headers, content)``.
    """

    service: str
    address: Callable[[str], str]
    authorize: Callable[[str, bool], Mapping[str, str]]
    error: Callable[[str, str, Answer], ServiceError]

    def send(
        self,
        method: str,
        url: str,
        *,
        body: Any = None,
        headers: Mapping[str, str] | None = None,
        params: Mapping[str, Any] | None = None,
        accepted: tuple[int, ...] = (),
        repeat: bool = True,
        seconds: float | None = None,
    ) -> Answer:
        """Send a request and return the answer; what is not bytes is sent as JSON.

        Without `repeat` it is sent again only if it cannot have arrived. Raises ServiceError for
        what is refused, but for the statuses `accepted`; UnreachableError without an answer after
        so many `seconds`.
        """
        seconds = DEADLINE_SECONDS if seconds is None else seconds
        all_headers = {"accept": "application/json", **(headers or {})}
        if body is not None and not isinstance(body, bytes):
            body, all_headers["content-type"] = json.dumps(body).encode(), "application/json"
        deadline, attempt, anew = time.monotonic() + seconds, 0, False
        while True:
            attempt += 1
            wait = 0.0
            problem: Exception
            try:
                answer = self._once(method, url, body, all_headers, params, anew)
            except requests.RequestException as error:
                if not repeat and not isinstance(error, requests.ConnectTimeout):
                    raise self._unreachable(method, url, seconds, error) from None
                problem = error
            else:
                if answer.status < 400 or answer.status in accepted:
                    return answer
                problem = self.error(method, url, answer)
                if answer.status == SIGNED_OUT and not anew:
                    anew = True
                    continue
                if answer.status not in BUSY or not repeat:
                    raise problem
                wait = _retry_after(answer.headers)
            pause = max(_pause(attempt), wait)
            if time.monotonic() + pause >= deadline:
                if isinstance(problem, ServiceError):
                    raise problem
                raise self._unreachable(method, url, seconds, problem)
            time.sleep(pause)

    def _once(
        self,
        method: str,
        url: str,
        body: bytes | None,
        headers: Mapping[str, str],
        params: Mapping[str, Any] | None,
        anew: bool,
    ) -> Answer:
        all_headers = {**self.authorize(url, anew), **headers}
        response = request(method, self.address(url), params, body, all_headers)
        lower = {name.lower(): value for name, value in response.headers.items()}
        return Answer(response.status_code, lower, response.content)

    def _unreachable(
        self, method: str, url: str, seconds: float, error: Exception
    ) -> UnreachableError:
        address = url.partition("?")[0]
        return UnreachableError(
            f"no answer from {self.service} to {method} {address} in {seconds:g} s: "
            f"{type(error).__name__}: {str(error)[:MESSAGE_LENGTH]}"
        )


def request(
    method: str,
    address: str,
    params: Mapping[str, Any] | None,
    body: bytes | None,
    headers: Mapping[str, str],
) -> requests.Response:
    """Send a request once, with the proxies and certificates of the environment."""
    return _session().request(
        method,
        address,
        params=params,
        data=body,
        headers=headers,
        timeout=(CONNECT_SECONDS, READ_SECONDS),
        **_environment(urljoin(address, "/")),
    )


def wait(
    is_done: Callable[[], bool], operation: str, seconds: float, poll: Callable[[], float]
) -> None:
    """Wait until something is done; an error while looking is looked over again.

    Raises PassingError, which names the operation, the time and the last error, if it takes longer
    than so many `seconds`.
    """
    deadline, problem = time.monotonic() + seconds, ""
    while True:
        try:
            if is_done():
                return
            problem = ""
        except Exception as error:
            if not clients.is_passing(error):
                raise
            problem = f": {clients.explained(error) or error}"
        if time.monotonic() >= deadline:
            raise PassingError(f"{operation} took longer than {seconds / 60:g} minutes{problem}")
        time.sleep(poll())


@cache
def _session() -> requests.Session:
    """The connections of this process.

    By itself `requests` would put a password of a netrc file in the place of a token, and look
    through all variables at each request for those of `_environment`, which takes half as long as
    a small request: https://requests.readthedocs.io/en/latest/user/authentication/
    """
    session = requests.Session()
    session.trust_env = False
    return session


@cache
def _environment(origin: str) -> dict[str, Any]:
    """The proxies and certificates that the environment names for requests to an origin."""
    return requests.Session().merge_environment_settings(origin, {}, None, None, None)


def _pause(attempt: int) -> float:
    """Twice as long each time, less a random part, so that many callers do not come at once."""
    longest = min(FIRST_PAUSE_SECONDS * 2.0 ** (attempt - 1), LONGEST_PAUSE_SECONDS)
    return longest * random.uniform(0.5, 1.0)


def _retry_after(headers: Mapping[str, str]) -> float:
    """The seconds that a service asks to wait for, in either form of the header."""
    value = headers.get("retry-after")
    if value is None:
        return 0.0
    try:
        return max(float(Retry().parse_retry_after(value)), 0.0)
    except InvalidHeader:
        return 0.0
