"""The body of a notice, as its receiver wants it.

Sources: https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks (``text`` is
needed), https://developers.google.com/workspace/chat/quickstart/webhooks (``text``),
https://learn.microsoft.com/microsoftteams/platform/webhooks-and-connectors/how-to/add-incoming-webhook
(an Adaptive Card in ``attachments``). All other receivers get the event itself, with ``text``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

# Hosts of chats that take a text and nothing else.
CHATS = ("hooks.slack.com", "chat.googleapis.com")
# Teams' workflows and the older connectors.
TEAMS = (".webhook.office.com", ".logic.azure.com", ".powerplatform.com")
MOST_FEATURES = 8


def body(url: str, event: Mapping[str, Any]) -> dict[str, Any]:
    """The JSON body to post to `url` about `event`."""
    host = urlsplit(url).hostname or ""
    if host in CHATS:
        return {"text": text(event)}
    if host.endswith(TEAMS):
        return {"type": "message", "attachments": [_card(event)]}
    return {**event, "text": text(event)}


def text(event: Mapping[str, Any]) -> str:
    """The notice in words: what happened, on which version, which features, what to type."""
    if "stack" not in event:
        return str(event.get("alarm", "an event"))
    place = f"{event['model']} on {event['stack']}"
    lines = [f"{event['state']}: {event['alarm']} of {place}: {event['says']}"]
    value, above = event.get("value"), event.get("above")
    if value is not None and above is not None:
        lines[0] += f" ({value:.4g}, fires above {above:g})"
    features = event.get("features") or []
    if event.get("version"):
        drifted = ", ".join(features[:MOST_FEATURES])
        more = f" and {len(features) - MOST_FEATURES} more" if len(features) > MOST_FEATURES else ""
        lines.append(f"version {event['version']}" + (f": {drifted}{more}" if drifted else ""))
    lines.append(f"look: mlops -s {event['stack']} -m {event['model']} status")
    lines.append(f"runbook: docs/runbook.md#{event['alarm']}")
    return "\n".join(lines)


def _card(event: Mapping[str, Any]) -> dict[str, Any]:
    blocks = [
        {"type": "TextBlock", "text": line, "wrap": True} for line in text(event).splitlines()
    ]
    return {
        "contentType": "application/vnd.microsoft.card.adaptive",
        "content": {
            "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
            "type": "AdaptiveCard",
            "version": "1.4",
            "body": blocks,
        },
    }
