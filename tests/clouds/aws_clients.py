"""Clients of the AWS double for who plays the service: made once, which takes as long as a call."""

from __future__ import annotations

import os
from functools import cache
from typing import Any

import boto3


def client(service: str, role: str | None = None) -> Any:
    """A client by the environment as it is now, in the name of `role` if there is one."""
    names = ("AWS_ENDPOINT_URL", "AWS_DEFAULT_REGION")
    return _client(service, role, *(os.environ.get(name) for name in names))


@cache
def _client(service: str, role: str | None, endpoint: str | None, region: str | None) -> Any:
    keys = {"aws_access_key_id": role, "aws_secret_access_key": "-"} if role else {}
    return boto3.client(service, **keys)  # type: ignore[call-overload]
