"""Clients of the clouds' services: one module per cloud, shared by its back ends.

What a service refuses is a UserError there, but for AWS, whose client library raises its own.
"""

from __future__ import annotations

import sys


def explained(error: Exception) -> str | None:
    """What an AWS client says that a person can mend, in a sentence; None of all other errors."""
    aws = sys.modules.get("training.clients.aws")
    return aws.explained(error) if aws else None
