"""Clients of the AWS double for who plays the service: made once, which takes as long as a call."""

from __future__ import annotations

import os
from functools import cache
from typing import Any

import boto3


def client(service: str) -> Any:
    """A client of boto3's own session, by the environment as it is now."""
    names = ("AWS_ENDPOINT_URL", "AWS_DEFAULT_REGION")
    return _client(service, *(os.environ.get(name) for name in names))


@cache
def _client(service: str, endpoint: str | None, region: str | None) -> Any:
    return boto3.client(service)  # type: ignore[call-overload]
