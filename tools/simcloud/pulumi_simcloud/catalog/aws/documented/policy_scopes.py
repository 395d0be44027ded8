"""The actions that the policy of a topic or of a queue can name."""

from __future__ import annotations

from typing import Any

from pulumi_simcloud.kinds import Rule
from pulumi_simcloud.rules.basic import check, parsed


def in_scope(service: str, actions: frozenset[str] = frozenset()) -> Rule:
    """The actions of a policy that a service keeps are its own, and apply to what has it."""

    def test(value: Any) -> str | None:
        document = parsed(value)
        statements = document.get("Statement") if isinstance(document, dict) else None
        for statement in statements if isinstance(statements, list) else [statements]:
            listed_actions = statement.get("Action") if isinstance(statement, dict) else None
            for action in listed_actions if isinstance(listed_actions, list) else [listed_actions]:
                text = str(action).lower()
                if action in (None, "*"):
                    continue
                listed = not actions or text in actions or ("*" in text and text != "sns:*")
                if not text.startswith(f"{service}:") or not listed:
                    return f"Policy statement action out of service scope: {action}"
        return None

    return check("policy", test)
