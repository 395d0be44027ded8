"""BigQuery. What replaces: Terraform's `ForceNew`."""

from __future__ import annotations

from pulumi_simcloud.catalog.gcp.common import DATASET, key, labels, location, member
from pulumi_simcloud.kinds import Api, Kind, Ref
from pulumi_simcloud.rules.basic import at_most_one, between, one_of, pattern
from pulumi_simcloud.rules.trust import agent_may_use

BIGQUERY = (
    Kind(
        DATASET,
        id="projects/{project}/datasets/{datasetId}",
        api=Api("bigquery.v2:Dataset"),
        refs=(key("defaultEncryptionConfiguration.kmsKeyName"),),
        rules=(
            pattern("datasetId", r"\w{1,1024}", "letters, digits and _"),
            location("location", "us", "eu"),
            between("defaultTableExpirationMs", 3600000, 2**63),
            *labels(),
        ),
        demands=(
            agent_may_use(
                "defaultEncryptionConfiguration.kmsKeyName",
                "bq-{project_number}@bigquery-encryption.iam.gserviceaccount.com",
            ),
        ),
        computed={
            "selfLink": "https://bigquery.googleapis.com/bigquery/v2/projects/{project}"
            "/datasets/{datasetId}",
        },
        handles=("id", "datasetId"),
        unique="{project}/{datasetId}",
        contents="bq/{datasetId}",
        force="deleteContentsOnDestroy",
    ),
    member(
        "gcp:bigquery/datasetIamMember:DatasetIamMember",
        Ref("datasetId", (DATASET,), ("datasetId",)),
        "projects/{project}/datasets/{datasetId}",
    ),
    Kind(
        "gcp:bigquery/table:Table",
        id="projects/{project}/datasets/{datasetId}/tables/{tableId}",
        refs=(Ref("datasetId", (DATASET,), ("datasetId",)),),
        rules=(
            pattern("tableId", r"[\w -]{1,1024}", "letters, digits, _ and -"),
            at_most_one("rangePartitioning", "timePartitioning"),
            one_of("timePartitioning.type", "DAY", "HOUR", "MONTH", "YEAR"),
            pattern("schema", r"\s*\[[\s\S]*\]\s*", "a JSON list of fields"),
            *labels(),
        ),
        handles=("id",),
        unique="{project}/{datasetId}/{tableId}",
        protected=("deletionProtection", True),
    ),
)
