"""Clients of the clouds' services: one module per cloud, shared by its back ends.

Azure and Google Cloud are called over `training.clients.http`; AWS by its own client library, whose
errors are told apart here too. An error is one of three things: *passing* says nothing of what was
asked (no answer, throttled, busy, signed out meanwhile); a *refusal* is the service's answer to
what was asked; the rest, such as a missing right, is for a person to mend.
"""

from __future__ import annotations

import sys
from typing import Any

from training.errors import PassingError, UserError


def explained(error: BaseException) -> str | None:
    """The message of an error for a user or a client; None unless the error is meant for them."""
    if isinstance(error, UserError):
        return str(error)
    aws = _aws()
    return aws.explained(error) if aws else None


def is_passing(error: BaseException) -> bool:
    """True if an error says nothing of the request itself: it may be repeated."""
    if isinstance(error, PassingError):
        return True
    aws = _aws()
    return bool(getattr(error, "is_passing", False) or (aws and aws.is_passing(error)))


def is_refusal(error: BaseException) -> bool:
    """True if the service understood the request and refuses it."""
    aws = _aws()
    return bool(getattr(error, "is_refusal", False) or (aws and aws.is_refusal(error)))


def _aws() -> Any:
    return sys.modules.get("training.clients.aws")
