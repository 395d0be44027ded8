"""Amazon Web Services."""

from __future__ import annotations

from pulumi_simcloud.catalog.aws.events import EVENTS
from pulumi_simcloud.catalog.aws.identity import IDENTITY
from pulumi_simcloud.catalog.aws.messaging import MESSAGING
from pulumi_simcloud.catalog.aws.monitoring import MONITORING
from pulumi_simcloud.catalog.aws.network import NETWORK
from pulumi_simcloud.catalog.aws.sagemaker import SAGEMAKER
from pulumi_simcloud.catalog.aws.scaling import SCALING
from pulumi_simcloud.catalog.aws.storage import STORAGE

AWS = (*STORAGE, *IDENTITY, *SAGEMAKER, *SCALING, *EVENTS, *MESSAGING, *MONITORING, *NETWORK)

__all__ = ["AWS"]
