"""Vertex AI and its schedules."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pulumi_simcloud.catalog.gcp.common import (
    SERVICE_ACCOUNT,
    key,
    key_beside,
    labels,
    location,
    member,
    new_right_on_key,
)
from pulumi_simcloud.catalog.gcp.names import grantable
from pulumi_simcloud.failures import Failure, excerpt
from pulumi_simcloud.kinds import Api, Existing, Inputs, Kind, Name, Ref
from pulumi_simcloud.property_values import UNKNOWN
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
        return f"{excerpt(value)} is not a JSON object of whole numbers"
    if split and sum(shares) != 100:
        return f"the traffic adds up to {sum(shares)}, not 100"
    return None


def _undeployed(inputs: Inputs, world: Existing) -> Iterator[str]:
    """Traffic goes to deployed models, of which an endpoint that is created has none.

    Endpoint, trafficSplit: "a map from a DeployedModel's ID"; GoogleCloudPlatform/magic-modules
    pull 12110: it can't be set on creation.
    """
    endpoints = {row.inputs.get("name") for row in world.of(ENDPOINT)}
    if parsed(inputs.get("trafficSplit")) and inputs.get("name") not in endpoints:
        yield "trafficSplit: no model is deployed to an endpoint that is not there yet"


def _runs_nothing(spec: Any) -> bool:
    """True for a spec with neither components nor tasks, such as the provider's own example."""
    root = spec.get("root") if isinstance(spec, dict) else None
    dag = root.get("dag") if isinstance(root, dict) else None
    tasks = dag.get("tasks") if isinstance(dag, dict) else None
    return tasks == {} and not {"components", "deploymentSpec"} & spec.keys()


def _spec(value: Any) -> str | None:
    spec = parsed(value)
    parts = SPEC_PARTS[:3] if _runs_nothing(spec) else SPEC_PARTS
    missing = [part for part in parts if part not in spec] if isinstance(spec, dict) else []
    if not isinstance(spec, dict):
        return f"{excerpt(value)} is not a JSON object"
    return f"the pipeline spec lacks {', '.join(missing)}" if missing else None


def between_times(inputs: Inputs) -> Iterator[Failure]:
    """A schedule ends after it starts."""
    start, end = inputs.get("startTime"), inputs.get("endTime")
    if isinstance(start, str) and isinstance(end, str) and end <= start:
        yield Failure("endTime", f"{end} is not after startTime {start}")


def _captured(inputs: Inputs) -> Iterator[Failure]:
    """An endpoint that logs requests has a destination for them, and a share of them."""
    config = inputs.get("predictRequestResponseLoggingConfig")
    if isinstance(config, dict) and config.get("enabled"):
        for key in ("samplingRate", "bigqueryDestination"):
            if config.get(key) is None:
                yield Failure(
                    f"predictRequestResponseLoggingConfig.{key}", "missing: it is enabled"
                )


def _parameters(inputs: Inputs) -> Iterator[Failure]:
    """A run's parameters are those that its spec declares, and it has all without a default."""
    job = (inputs.get("createPipelineJobRequest") or {}).get("pipelineJob") or {}
    runtime = job.get("runtimeConfig")
    values = runtime.get("parameterValues") if isinstance(runtime, dict) else None
    spec = parsed(job.get("pipelineSpec"))
    root = spec.get("root") if isinstance(spec, dict) else None
    if values is UNKNOWN or not isinstance(root, dict) or _runs_nothing(spec):
        return
    declared = (root.get("inputDefinitions") or {}).get("parameters") or {}
    path = f"{JOB}.runtimeConfig.parameterValues"
    for name in sorted(set(values or {}) - set(declared)):
        yield Failure(
            path, f"{name!r} is no input of the pipeline: {', '.join(declared) or 'none'}"
        )
    for name, definition in declared.items():
        optional = "defaultValue" in definition or definition.get("isOptional")
        if not optional and name not in (values or {}):
            yield Failure(path, f"the pipeline's input {name!r} has no value and no default")


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
            # The provider's page has numbers of 10 digits only; the API takes names too.
            pattern(
                "name",
                r"[1-9]\d{0,9}|[a-z]([a-z0-9-]{0,61}[a-z0-9])?",
                "a number of at most 10 digits, or at most 63 of lower case, digits and -",
            ),
            location(),
            check("trafficSplit", _traffic),
            check("predictRequestResponseLoggingConfig.samplingRate", _sampling),
            _captured,
            key_beside("encryptionSpec.kmsKeyName"),
            pattern(
                "predictRequestResponseLoggingConfig.bigqueryDestination.outputUri",
                r"bq://([\w.-]+:)?[\w-]+(\.\w+(\.[\w-]+)?)?",
                "bq://PROJECT.DATASET.TABLE",
            ),
            *labels(),
        ),
        demands=(agent_may_use("encryptionSpec.kmsKeyName", AGENT), _undeployed),
        settles=(
            # hashicorp/terraform-provider-google#11819
            new_right_on_key(
                "encryptionSpec.kmsKeyName", "CryptoKey cannot be used in Vertex AI service."
            ),
        ),
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
        API,
        roles=grantable("aiplatform.endpoints"),
    ),
    Kind(
        "gcp:vertex/aiMetadataStore:AiMetadataStore",
        id="projects/{project}/locations/{region}/metadataStores/{name}",
        name=Name("name", 128),
        immutable=True,
        refs=(key("encryptionSpec.kmsKeyName"),),
        rules=(
            location("region"),
            # Pipelines use the one that is called so; others can be made, for other uses.
            pattern("name", r"[a-z]([a-z0-9-]{0,126}[a-z0-9])?", "lower case, digits and -"),
            key_beside("encryptionSpec.kmsKeyName", "region"),
        ),
        demands=(agent_may_use("encryptionSpec.kmsKeyName", AGENT),),
        unique="projects/{project}/locations/{region}/metadataStores/{name}",
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
            _parameters,
            key_beside(f"{JOB}.encryptionSpec.kmsKeyName"),
            pattern("displayName", r"[\s\S]{1,128}", "at most 128 characters"),
            between_times,
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
