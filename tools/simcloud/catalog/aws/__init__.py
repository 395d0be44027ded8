"""Amazon Web Services."""

from __future__ import annotations

from tools.simcloud.catalog.aws.events import EVENTS
from tools.simcloud.catalog.aws.identity import IDENTITY
from tools.simcloud.catalog.aws.messaging import MESSAGING
from tools.simcloud.catalog.aws.monitoring import MONITORING
from tools.simcloud.catalog.aws.network import NETWORK
from tools.simcloud.catalog.aws.sagemaker import SAGEMAKER
from tools.simcloud.catalog.aws.scaling import SCALING
from tools.simcloud.catalog.aws.storage import STORAGE

AWS = (*STORAGE, *IDENTITY, *SAGEMAKER, *SCALING, *EVENTS, *MESSAGING, *MONITORING, *NETWORK)

__all__ = ["AWS"]
