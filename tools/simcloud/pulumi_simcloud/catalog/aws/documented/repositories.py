"""ECR: repositories and the lifecycle policies of their images.

Unless another page is named, each rule stands at the field of the operation's API reference.
"""

from __future__ import annotations

from typing import Any

from pulumi_simcloud.catalog.aws.documented.encryption import symmetric
from pulumi_simcloud.failures import excerpt
from pulumi_simcloud.kinds import Demand, Rule
from pulumi_simcloud.rules.basic import check, parsed
from pulumi_simcloud.rules.fields import each, only_with

# https://docs.aws.amazon.com/AmazonECR/latest/userguide/lifecycle_policy_parameters.html
SELECTION = {
    "tagStatus", "tagPatternList", "tagPrefixList", "storageClass", "countType", "countUnit",
    "countNumber",
}  # fmt: skip
MOST_RULES, MOST_WILDCARDS = 50, 4
COUNTS = ("imageCountMoreThan", "sinceImagePushed", "sinceImagePulled", "sinceImageTransitioned")


def _expiry(value: Any) -> str | None:
    document = value if isinstance(value, dict) else parsed(value)
    rules = document.get("rules") if isinstance(document, dict) else None
    failed = "Lifecycle policy validation failure"
    if not isinstance(rules, list) or not rules:
        return f"{failed}: {excerpt(value)} has no rules"
    if len(rules) > MOST_RULES:
        return f"{failed}: {len(rules)} rules, allowed are {MOST_RULES}"
    priorities = []
    for rule in rules:
        reason = _expiry_rule(rule)
        if reason:
            return f"{failed}: {reason}"
        priorities.append(rule["rulePriority"])
    if len(set(priorities)) < len(priorities):
        return f"{failed}: two rules have one rulePriority"
    untagged = [r["rulePriority"] for r in rules if r["selection"]["tagStatus"] == "any"]
    if len(untagged) > 1 or (untagged and untagged[0] != max(priorities)):
        return f"{failed}: the one rule for any image has the highest rulePriority"
    return None


def _expiry_rule(rule: Any) -> str | None:
    if not isinstance(rule, dict) or rule.keys() - {
        "rulePriority", "description", "selection", "action",
    }:  # fmt: skip
        return f"{excerpt(rule)} has unknown elements"
    priority, selection, action = (rule.get(k) for k in ("rulePriority", "selection", "action"))
    if not isinstance(priority, int) or priority < 1:
        return f"rulePriority {excerpt(priority)} is no number from 1"
    if not isinstance(action, dict) or None in action.values():
        return f"action {excerpt(action)} is none"
    if action.get("type") not in ("expire", "transition"):
        return f"action {excerpt(action)} is neither expire nor transition"
    if (action["type"] == "transition") != (action.get("targetStorageClass") == "archive"):
        return "a transition, and nothing else, has the targetStorageClass archive"
    if not isinstance(selection, dict) or selection.keys() - SELECTION:
        return f"selection {excerpt(selection)} has unknown elements"
    if None in selection.values():
        return "a selection has null in it"
    status, count = selection.get("tagStatus"), selection.get("countType")
    lists = [name for name in ("tagPrefixList", "tagPatternList") if selection.get(name)]
    if status not in ("tagged", "untagged", "any") or (status == "tagged") != (len(lists) == 1):
        return f"tagStatus {excerpt(status)} goes with {', '.join(lists) or 'no list of tags'}"
    patterns = [str(item) for item in selection.get("tagPatternList") or []]
    if any(item.count("*") > MOST_WILDCARDS for item in patterns):
        return f"tagPatternList {excerpt(patterns)}: allowed are {MOST_WILDCARDS} wildcards"
    if count not in COUNTS:
        return f"countType {excerpt(count)} is not one of {', '.join(COUNTS)}"
    # "Automate the cleanup of images by using lifecycle policies", storageClass and countType.
    if (selection.get("storageClass") == "archive") != (count == "sinceImageTransitioned"):
        return f"images of the storageClass archive count sinceImageTransitioned, not {count}"
    if (count == "imageCountMoreThan") == ("countUnit" in selection):
        return f"countUnit goes with countType sinceImagePushed and the like, not with {count}"
    if selection.get("countUnit", "days") != "days":
        return "countUnit is days"
    number = selection.get("countNumber")
    return None if isinstance(number, int) and number > 0 else "countNumber is a number from 1"


RULES: dict[str, tuple[Rule, ...]] = {
    "aws:ecr/repository:Repository": (
        only_with(
            "imageTagMutabilityExclusionFilters",
            "imageTagMutability",
            "IMMUTABLE_WITH_EXCLUSION",
            "MUTABLE_WITH_EXCLUSION",
        ),
        each(
            "encryptionConfigurations[*]",
            only_with("kmsKey", "encryptionType", "KMS", "KMS_DSSE"),
        ),
    ),
    "aws:ecr/lifecyclePolicy:LifecyclePolicy": (check("policy", _expiry),),
}

DEMANDS: dict[str, tuple[Demand, ...]] = {
    "aws:ecr/repository:Repository": (symmetric("encryptionConfigurations[*].kmsKey"),),
}
