"""Google Cloud."""

from __future__ import annotations

from pulumi_simcloud.catalog.gcp.bigquery import BIGQUERY
from pulumi_simcloud.catalog.gcp.documented import documented
from pulumi_simcloud.catalog.gcp.identity import IDENTITY
from pulumi_simcloud.catalog.gcp.keys import KEYS
from pulumi_simcloud.catalog.gcp.monitoring import MONITORING
from pulumi_simcloud.catalog.gcp.storage import STORAGE
from pulumi_simcloud.catalog.gcp.vertex import VERTEX
from pulumi_simcloud.catalog.gcp.workflows import WORKFLOWS

GCP = tuple(
    documented(kind)
    for kind in (*STORAGE, *KEYS, *BIGQUERY, *IDENTITY, *VERTEX, *WORKFLOWS, *MONITORING)
)

__all__ = ["GCP"]
