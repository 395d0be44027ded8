"""Amazon Web Services."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from pulumi_simcloud.catalog.aws.documented import documented
from pulumi_simcloud.catalog.aws.events import EVENTS
from pulumi_simcloud.catalog.aws.identity import IDENTITY
from pulumi_simcloud.catalog.aws.messaging import MESSAGING
from pulumi_simcloud.catalog.aws.monitoring import MONITORING
from pulumi_simcloud.catalog.aws.network import NETWORK
from pulumi_simcloud.catalog.aws.sagemaker import SAGEMAKER
from pulumi_simcloud.catalog.aws.scaling import SCALING
from pulumi_simcloud.catalog.aws.storage import STORAGE
from pulumi_simcloud.failures import excerpt
from pulumi_simcloud.rules.basic import check


def _tags(value: Any) -> str | None:
    """Tags as all services take them: https://docs.aws.amazon.com/IAM/latest/APIReference/API_Tag.html"""
    if not isinstance(value, dict):
        return None
    own = [key for key in value if key.lower().startswith("aws:")]
    if own:
        return f"InvalidTag: {excerpt(own[0])}: keys that begin with aws: are the services' own"
    return f"TooManyTags: {len(value)} tags, allowed are 50" if len(value) > 50 else None


AWS = tuple(
    documented(replace(kind, rules=(*kind.rules, check("tags", _tags))))
    for kind in (
        *STORAGE,
        *IDENTITY,
        *SAGEMAKER,
        *SCALING,
        *EVENTS,
        *MESSAGING,
        *MONITORING,
        *NETWORK,
    )
)

__all__ = ["AWS"]
