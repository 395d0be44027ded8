"""Google Cloud."""

from __future__ import annotations

from tools.simcloud.catalog.gcp.bigquery import BIGQUERY
from tools.simcloud.catalog.gcp.identity import IDENTITY
from tools.simcloud.catalog.gcp.keys import KEYS
from tools.simcloud.catalog.gcp.monitoring import MONITORING
from tools.simcloud.catalog.gcp.storage import STORAGE
from tools.simcloud.catalog.gcp.vertex import VERTEX
from tools.simcloud.catalog.gcp.workflows import WORKFLOWS

GCP = (*STORAGE, *KEYS, *BIGQUERY, *IDENTITY, *VERTEX, *WORKFLOWS, *MONITORING)

__all__ = ["GCP"]
