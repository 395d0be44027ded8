"""Vertex AI and its schedules."""

from __future__ import annotations

from typing import Any

from pulumi_simcloud.catalog.gcp.common import SERVICE_ACCOUNT, key, labels, location, member
from pulumi_simcloud.failures import shown
from pulumi_simcloud.kinds import Api, Kind, Name, Ref
from pulumi_simcloud.rules.basic import check, exactly_one, one_of, parsed, pattern
from pulumi_simcloud.rules.schedules import cron_expression
from pulumi_simcloud.rules.trust import agent_may_use

ENDPOINT = "gcp:vertex/aiEndpoint:AiEndpoint"
API = "aiplatform.googleapis.com"
AGENT = "service-{project_number}@gcp-sa-aiplatform.iam.gserviceaccount.com"
PLACE = "projects/{project}/locations/{location}"
JOB = "createPipelineJobRequest.pipelineJob"
SPEC_PARTS = ("pipelineInfo", "root", "schemaVersion", "deploymentSpec", "components")


def _traffic(value: Any) -> str | None:
    split = parsed(value)
    shares = list(split.values()) if isinstance(split, dict) else []
    if not isinstance(split, dict) or not all(isinstance(share, int) for share in shares):
        return f"{shown(value)} is not a JSON object of whole numbers"
    if split and sum(shares) != 100:
        return f"the traffic adds up to {sum(shares)}, not 100"
    return None


def _spec(value: Any) -> str | None:
    spec = parsed(value)
    missing = [part for part in SPEC_PARTS if part not in spec] if isinstance(spec, dict) else []
    if not isinstance(spec, dict):
        return f"{shown(value)} is not a JSON object"
    return f"the pipeline spec lacks {', '.join(missing)}" if missing else None


def _sampling(value: Any) -> str | None:
    return None if 0 < value <= 1 else f"{value} is out of range, allowed is more than 0 up to 1"


VERTEX = (
    Kind(
        ENDPOINT,
        id=f"{PLACE}/endpoints/{{name}}",
        name=Name("name", 10, auto=False),
        api=Api("aiplatform.v1:GoogleCloudAiplatformV1Endpoint"),
        refs=(key("encryptionSpec.kmsKeyName"),),
        rules=(
            exactly_one("name"),
            pattern("name", r"[1-9]\d{0,9}", "a number of at most 10 digits"),
            location(),
            check("trafficSplit", _traffic),
            check("predictRequestResponseLoggingConfig.samplingRate", _sampling),
            pattern(
                "predictRequestResponseLoggingConfig.bigqueryDestination.outputUri",
                r"bq://[\w:.-]+(\.\w+){0,2}",
                "bq://PROJECT.DATASET.TABLE",
            ),
            *labels(),
        ),
        demands=(agent_may_use("encryptionSpec.kmsKeyName", AGENT),),
        computed={
            "createTime": "2026-01-01T00:00:00Z",
            "updateTime": "2026-01-01T00:00:00Z",
            "etag": "AMEw9y{hex:12}",
            "deployedModels": lambda context: [],
        },
        handles=("id", "name"),
        contents="deployed-models/{location}/{name}",
        unique=f"{PLACE}/endpoints/{{name}}",
        service=API,
    ),
    member(
        "gcp:vertex/aiEndpointIamMember:AiEndpointIamMember",
        Ref("endpoint", (ENDPOINT,)),
        "{endpoint}",
    ),
    Kind(
        "gcp:vertex/aiMetadataStore:AiMetadataStore",
        id="projects/{project}/locations/{region}/metadataStores/{name}",
        name=Name("name", 128),
        immutable=True,
        refs=(key("encryptionSpec.kmsKeyName"),),
        rules=(location("region"),),
        service=API,
    ),
    Kind(
        "gcp:colab/schedule:Schedule",
        id=f"{PLACE}/schedules/{{digits:19}}",
        api=Api("aiplatform.v1:GoogleCloudAiplatformV1Schedule"),
        refs=(
            Ref(f"{JOB}.serviceAccount", (SERVICE_ACCOUNT,), ("email",)),
            key(f"{JOB}.encryptionSpec.kmsKeyName"),
        ),
        rules=(
            location(),
            exactly_one("createPipelineJobRequest", "createNotebookExecutionJobRequest"),
            cron_expression("cron", zones=True),
            pattern("maxConcurrentRunCount", r"[1-9]\d*", "a number as text"),
            pattern("maxRunCount", r"[1-9]\d*", "a number as text"),
            one_of("desiredState", "ACTIVE", "PAUSED"),
            pattern(f"{JOB}.runtimeConfig.gcsOutputDirectory", r"gs://.+", "gs://BUCKET/PREFIX"),
            check(f"{JOB}.pipelineSpec", _spec),
            *labels(f"{JOB}.labels"),
        ),
        computed={
            "name": f"{PLACE}/schedules/{{digits:19}}",
            "state": lambda context: context.get("desiredState") or "ACTIVE",
            "createTime": "2026-01-01T00:00:00Z",
            "updateTime": "2026-01-01T00:00:00Z",
            "startedRunCount": "0",
        },
        handles=("id", "name"),
        service=API,
    ),
)
