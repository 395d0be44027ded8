"""What IAM asks of the policy that says who may assume a role."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pulumi_simcloud.rules.policy_arns import items_of

# https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_oidc_secure-by-default.html:
# issuers that serve many tenants, and the claims of which a trust policy has to ask for one.
SHARED = {
    "token.actions.githubusercontent.com": ("sub", "job_workflow_ref"),
    "app.terraform.io": ("sub",),
    "oidc.circleci.com": ("aud",),
}


def trusted(statement: dict[str, Any]) -> Iterator[str]:
    """Whom a trust policy can name: github badmintoncryer/cdk-preflight, pf-iam-trust-policy-..."""
    principal = statement.get("Principal")
    # IAM User Guide, "AWS JSON policy elements: NotPrincipal": not "in an IAM role trust policy".
    if "NotPrincipal" in statement:
        yield "Has prohibited field NotPrincipal"
    if principal == "*":
        yield "Invalid principal in policy: a trust policy names the type of its principal"
    if not isinstance(principal, dict):
        return
    if "*" in items_of(principal.get("Service")):
        yield "Invalid principal in policy: SERVICE:*"
    pool = "cognito-identity.amazonaws.com" in items_of(principal.get("Federated"))
    if pool and not statement.get("Condition"):
        yield "Invalid trust policy: Amazon Cognito principals need a Condition"


def claims(statement: dict[str, Any]) -> Iterator[str]:
    principal = statement.get("Principal")
    federated = principal.get("Federated") if isinstance(principal, dict) else None
    tests = statement.get("Condition")
    keys = {
        key.lower()
        for test in (tests.values() if isinstance(tests, dict) else ())
        if isinstance(test, dict)
        for key in test
    }
    for name in items_of(federated):
        issuer = str(name).rpartition("oidc-provider/")[2]
        needed = [f"{issuer}:{claim}" for claim in SHARED.get(issuer, ())]
        if statement.get("Effect") == "Allow" and needed and not keys & set(needed):
            yield f"the trust policy of {issuer} has to evaluate {' or '.join(needed)}"
