"""The body of a notice, as its receiver wants it.

Sources: https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks (``text`` is
needed), https://developers.google.com/workspace/chat/quickstart/webhooks (``text``),
https://learn.microsoft.com/microsoftteams/platform/webhooks-and-connectors/how-to/add-incoming-webhook
(an Adaptive Card in ``attachments``),
https://developer.pagerduty.com/docs/events-api-v2/trigger-events (Events API v2). All other
receivers get the event itself, with ``text``.

PagerDuty's receiver is ``https://events.pagerduty.com/v2/enqueue?routing_key=KEY``, or that of
another region: the key is the "Integration Key" of the service, and is posted in the body alone.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qs, urlsplit, urlunsplit

# Hosts of chats that take a text and nothing else.
CHATS = ("hooks.slack.com", "chat.googleapis.com")
# Teams' workflows and the older connectors.
TEAMS = (".webhook.office.com", ".logic.azure.com", ".powerplatform.com")
MOST_FEATURES = 8
# The variable with the address of the runbook, such as that of docs/runbook.md on the code host.
RUNBOOK = "MLOPS_RUNBOOK"
PAGERDUTY_PATH, ROUTING_KEY = "/v2/enqueue", "routing_key"
# The longest summary and key for de-duplication that PagerDuty takes.
MOST_SUMMARY, MOST_KEY = 1024, 255
ALARM, TEST = "ALARM", "TEST"
SEVERITIES = ("critical", "error", "warning", "info")


def posts(url: str, event: Mapping[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    """The address and the JSON body of each post to the receiver `url` about `event`."""
    parts = urlsplit(url)
    if parts.path != PAGERDUTY_PATH or ROUTING_KEY not in parse_qs(parts.query):
        return [(url, body(url, event))]
    address = urlunsplit(parts._replace(query="", fragment=""))
    return [(address, post) for post in _pagerduty(parse_qs(parts.query)[ROUTING_KEY][0], event)]


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
    if event.get("link"):
        lines.append(f"link: {event['link']}")
    lines.append(f"look: mlops -s {event['stack']} -m {event['model']} status")
    lines.append(f"runbook: {runbook(str(event['alarm']))}")
    return "\n".join(lines)


def runbook(alarm: str) -> str:
    """The place of an alarm in the runbook, at the address that `RUNBOOK` names if it is set."""
    return f"{os.environ.get(RUNBOOK) or 'docs/runbook.md'}#{alarm}"


def _pagerduty(key: str, event: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The events of PagerDuty: a trigger, or a resolve of the alert that an alarm opened.

    A notice that an alarm is still on, or about other features, is a trigger with the key of the
    open alert, which gets it as an entry. The alert of a test is resolved at once.
    """
    # A stack's and a model's names are far shorter than what is cut off here.
    alert = "/".join(str(event.get(name)) for name in ("stack", "model", "alarm"))[:MOST_KEY]
    common = {ROUTING_KEY: key, "dedup_key": alert}
    resolve = {**common, "event_action": "resolve"}
    if event["state"] not in (ALARM, TEST):
        return [resolve]
    details = {name: value for name, value in event.items() if value not in (None, [], "")}
    severity = "info" if event["state"] == TEST else str(event.get("severity"))
    trigger = {
        **common,
        "event_action": "trigger",
        "client": "mlops",
        **({"client_url": event["link"]} if event.get("link") else {}),
        "payload": {
            "summary": text(event).partition("\n")[0][:MOST_SUMMARY],
            "source": f"{event['model']}.{event['stack']}",
            "severity": severity if severity in SEVERITIES else "warning",
            "timestamp": event["at"],
            "component": event["model"],
            "group": event["stack"],
            "class": event["alarm"],
            "custom_details": {**details, "text": text(event)},
        },
    }
    return [trigger, resolve] if event["state"] == TEST else [trigger]


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
