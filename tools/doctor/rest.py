"""One JSON request to a cloud's REST API. Standard library only."""

from __future__ import annotations

import json
import urllib.request
from typing import Any

SECONDS = 15


def ask(url: str, token: str, body: Any = None) -> Any:
    """The JSON answer; a body makes it a POST. Raises OSError, with the answer's text."""
    data = json.dumps(body).encode() if body is not None else None
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    request = urllib.request.Request(url, data, headers)
    with urllib.request.urlopen(request, timeout=SECONDS) as answer:
        return json.load(answer)
