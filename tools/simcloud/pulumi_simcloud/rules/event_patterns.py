"""Patterns of EventBridge and filter policies of SNS, and templates of a rule's input.

https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern-operators.html,
https://docs.aws.amazon.com/sns/latest/dg/subscription-filter-policy-constraints.html,
https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-transform-target-input.html
"""

from __future__ import annotations

import ipaddress
import json
import re
from collections.abc import Iterator
from typing import Any

from pulumi_simcloud.failures import excerpt
from pulumi_simcloud.rules.basic import parsed

COMPARISONS = ("<", "<=", "=", ">", ">=")
WIDEST = 5_000_000_000
# What a value that is excluded may be, beside plain ones.
EXCLUDED = ("prefix", "suffix", "equals-ignore-case", "wildcard")
MOST_COMBINATIONS, MOST_KEYS, LONGEST_POLICY = 150, 5, 256 * 1024


def pattern_errors(pattern: Any, path: str = "") -> Iterator[str]:
    """What is wrong with a pattern of events: objects down to lists of values or filters."""
    if not isinstance(pattern, dict) or not pattern:
        yield f"{path or 'the pattern'} is no object with fields"
        return
    for name, value in pattern.items():
        below = f"{path}.{name}" if path else name
        if name == "$or":
            if not isinstance(value, list) or len(value) < 2:
                yield f"{below} is no list of two patterns or more"
            else:
                for item in value:
                    yield from pattern_errors(item, below)
        elif isinstance(value, dict):
            yield from pattern_errors(value, below)
        elif not isinstance(value, list) or not value:
            yield f"{below!r} must be an object or a list that isn't empty"
        else:
            for item in value:
                reason = _value_error(item)
                if reason:
                    yield f"{below}: {reason}"


def _value_error(item: Any) -> str | None:
    if isinstance(item, list):
        return f"{excerpt(item)} is a list in a list"
    if not isinstance(item, dict):
        return None
    if len(item) != 1:
        return f"{excerpt(item)} has not one match expression"
    name, value = next(iter(item.items()))
    return _filter_error(name, value)


def _filter_error(name: str, value: Any) -> str | None:
    ok = {
        "exists": lambda: isinstance(value, bool),
        # Every text begins with an empty one: github aws-samples/serverless-patterns,
        # sfn-eventbridge.
        "prefix": lambda: isinstance(value, str) or _is_folded(value),
        "suffix": lambda: _is_text(value) or _is_folded(value),
        "equals-ignore-case": lambda: _is_text(value),
        "wildcard": lambda: _is_wild(value),
        "numeric": lambda: _is_numeric(value),
        "cidr": lambda: _is_block(value),
        "anything-but": lambda: _is_excluded(value),
    }
    if name not in ok:
        return f"unrecognized match type {name}"
    return None if ok[name]() else f"{excerpt(value)} is nothing for {name}"


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and bool(value)


def _is_folded(value: Any) -> bool:
    return isinstance(value, dict) and set(value) == {"equals-ignore-case"}


# What event-ruler, the library behind EventBridge, reads: github aws/event-ruler, WildcardParser.
WILD = re.compile(r"(?!.*\*\*)(?:[^\\]|\\[\\*])*", re.DOTALL)
MOST_WILDCARDS, MOST_REPEATS = 5, 3


def _is_wild(value: Any) -> bool:
    """No star beside a star, no other escape, and not many stars with the same text between.

    "Rule is too complex - try using fewer wildcard characters or fewer repeating character
    sequences after a wildcard character" (EventBridge User Guide, "Wildcard matching complexity").
    """
    if not _is_text(value) or not WILD.fullmatch(value):
        return False
    between = re.sub(r"\\.", "x", value).split("*")
    repeats = max(between.count(text) for text in between)
    return len(between) - 1 <= MOST_WILDCARDS or repeats < MOST_REPEATS


def _is_numeric(value: Any) -> bool:
    """One comparison, or a lower bound and an upper one above it."""
    if not isinstance(value, list) or len(value) not in (2, 4):
        return False
    operators, numbers = value[::2], value[1::2]
    if any(item not in COMPARISONS for item in operators):
        return False
    if any(isinstance(item, bool) or not isinstance(item, int | float) for item in numbers):
        return False
    if any(abs(item) > WIDEST for item in numbers):
        return False
    if len(numbers) == 1:
        return True
    return operators[0][0] == ">" and operators[1][0] == "<" and numbers[0] < numbers[1]


def _is_block(value: Any) -> bool:
    # "Malformed CIDR, one '/' required".
    if not isinstance(value, str) or "/" not in value:
        return False
    try:
        ipaddress.ip_network(value, strict=False)
    except ValueError:
        return False
    return True


def _is_excluded(value: Any) -> bool:
    if isinstance(value, dict):
        texts = next(iter(value.values()), None)
        texts = texts if isinstance(texts, list) else [texts]
        return set(value) <= set(EXCLUDED) and len(value) == 1 and all(map(_is_text, texts))
    values = value if isinstance(value, list) else [value]
    plain = all(isinstance(item, str | int | float) for item in values)
    return bool(values) and plain and len({isinstance(item, str) for item in values}) == 1


def policy_error(text: Any, scope: str) -> str | None:
    """What is wrong with a filter policy of a subscription; `scope` is its filterPolicyScope."""
    policy = parsed(text)
    if not isinstance(policy, dict):
        return f"{excerpt(text)} is not a JSON object"
    if len(str(text)) > LONGEST_POLICY:
        return f"has {len(text)} characters, allowed are {LONGEST_POLICY}"
    if not policy:
        return None
    nested = [name for name, value in policy.items() if isinstance(value, dict) and name != "$or"]
    if scope == "MessageAttributes" and nested:
        return f"{nested[0]!r} is nested, which is for the scope MessageBody"
    reason = next(pattern_errors(policy), None)
    if reason:
        return f"FilterPolicy: {reason}"
    leaves = list(_leaves(policy, 1))
    if len(leaves) > MOST_KEYS:
        return f"FilterPolicy: has {len(leaves)} keys, allowed are {MOST_KEYS}"
    total = 1
    for count in leaves:
        total *= count
    if total > MOST_COMBINATIONS:
        return f"FilterPolicy: has {total} combinations, allowed are {MOST_COMBINATIONS}"
    return None


def _leaves(policy: dict[str, Any], depth: int) -> Iterator[int]:
    for name, value in policy.items():
        if isinstance(value, dict):
            yield from _leaves(value, depth + 1)
        elif name == "$or":
            for item in value:
                yield from _leaves(item, depth)
        else:
            yield len(value) * depth


PLACEHOLDER = re.compile(r"<([^<>\s]+)>")
PREDEFINED = (
    "aws.events.rule-arn",
    "aws.events.rule-name",
    "aws.events.event.ingestion-time",
    "aws.events.event",
    "aws.events.event.json",
)


def template_error(template: Any, paths: Any) -> str | None:
    """What is wrong with an input template: JSON, once values stand in the place of names.

    Several lines of text, each in quotes, are taken too.
    """
    if not isinstance(template, str) or not isinstance(paths, dict):
        return None
    for name in PLACEHOLDER.findall(template):
        if name not in paths and name not in PREDEFINED:
            return f"InputTemplate contains invalid placeholder {name}"
    if (key := re.search(r"[{,]\s*\"[^\"]*<([^<>\s]+)>[^\"]*\"\s*:", template)) is not None:
        return f"InputTemplate has the placeholder {key[1]} for the key of an object"
    plain = _filled(template)
    lines = [line for line in plain.splitlines() if line.strip()]
    if _is_json(plain) or (lines and all(_is_json(line) for line in lines)):
        return None
    return f"InputTemplate {excerpt(template)} is not valid JSON"


def _filled(template: str) -> str:
    """The template with 0 for each name: a JSON value, and a part of any text."""
    return PLACEHOLDER.sub("0", template)


def _is_json(text: str) -> bool:
    try:
        json.loads(text)
    except ValueError:
        return False
    return True


def path_error(value: Any) -> str | None:
    """What is wrong with a JSON path: $ and names in dot notation."""
    if re.fullmatch(r"\$(\.[^.\[\]\s]+|\[\d+\]|\[\*\])*", str(value)):
        return None
    return f"{excerpt(value)} is no JSON path such as $.detail.state"
