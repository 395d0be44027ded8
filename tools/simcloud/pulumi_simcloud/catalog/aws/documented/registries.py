"""ECR: rules of a lifecycle policy that exclude each other."""

from __future__ import annotations

from typing import Any

from pulumi_simcloud.kinds import Demand, Rule
from pulumi_simcloud.rules.basic import check, parsed, pattern


def _apart(text: Any) -> str | None:
    """Rules for one storage class share no prefix, and one of them is for untagged images.

    https://docs.aws.amazon.com/AmazonECR/latest/userguide/LifecyclePolicies.html, evaluation rules.
    """
    document = parsed(text)
    rules = document.get("rules") if isinstance(document, dict) else None
    keys: set[tuple[str, str]] = set()
    for rule in rules if isinstance(rules, list) else ():
        selection = rule.get("selection") if isinstance(rule, dict) else None
        if not isinstance(selection, dict):
            continue
        names = selection.get("tagPrefixList") or []
        untagged = selection.get("tagStatus") == "untagged"
        for name in ["untagged images"] if untagged else names if isinstance(names, list) else ():
            key = (str(selection.get("storageClass", "standard")), str(name))
            if key in keys:
                return f"Lifecycle policy validation failure: two rules select {name}"
            keys.add(key)
    return None


RULES: dict[str, tuple[Rule, ...]] = {
    "aws:ecr/repository:Repository": (
        # ImageTagMutabilityExclusionFilter; "a maximum of 2 wildcards (*)" (the provider's words).
        pattern(
            "imageTagMutabilityExclusionFilters[*].filter",
            r"[^*]*(\*[^*]*){0,2}",
            "at most two wildcards",
        ),
    ),
    "aws:ecr/lifecyclePolicy:LifecyclePolicy": (check("policy", _apart),),
}
DEMANDS: dict[str, tuple[Demand, ...]] = {}
