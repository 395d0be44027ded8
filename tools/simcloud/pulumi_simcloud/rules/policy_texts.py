"""The text of a policy, where what a parser makes of it no longer shows a mistake."""

from __future__ import annotations

import json
from typing import Any


class _RepeatedKeyError(Exception):
    """An object has a key twice."""


def repeated_key(text: Any) -> str | None:
    """A key that some object of a JSON text has twice, None if there is none.

    IAM User Guide, "Troubleshoot IAM policies", more than one Effect, Action, or Resource element:
    "The policy engine does not allow such errors in new or edited policies".
    """
    if not isinstance(text, str):
        return None
    try:
        json.loads(text, object_pairs_hook=_without_repeats)
    except _RepeatedKeyError as error:
        return str(error)
    except ValueError:
        return None
    return None


def _without_repeats(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    keys = [key for key, _ in pairs]
    twice = next((key for key in keys if keys.count(key) > 1), None)
    if twice is not None:
        raise _RepeatedKeyError(twice)
    return dict(pairs)
