"""The endpoint on Google Cloud: empty at first; releases deploy versions to it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import cast

import pulumi
import pulumi_gcp as gcp

from components.capability import INTERNAL
from components.endpoint import Endpoint, EndpointArgs, EndpointModel, release_settings
from components.pipeline.gcp_jobs import captures
from components.registry.gcp import Foundation, foundation
from components.scope import ModelScope, StackScope
from components.targets.gcp.dynamic import Deployments
from components.targets.gcp.machines import endpoint_type, image
from components.targets.gcp.resources import (
    account,
    canonical_json,
    depending_on,
    endpoint_id,
    json_object,
    location,
    patient,
    region,
    underscored,
)

# What Vertex AI writes of a request; the dataset's table has to have these columns.
# https://cloud.google.com/vertex-ai/docs/predictions/online-prediction-logging
LOGGED = (
    ("endpoint", "STRING", "NULLABLE"),
    ("deployed_model_id", "STRING", "NULLABLE"),
    ("logging_time", "TIMESTAMP", "NULLABLE"),
    ("request_id", "NUMERIC", "NULLABLE"),
    ("request_payload", "STRING", "REPEATED"),
    ("response_payload", "STRING", "REPEATED"),
)
DAY_MS = 86_400_000


@dataclass(frozen=True)
class Servers:
    """The account that the containers of all endpoints run as."""

    account: gcp.serviceaccount.Account = field(metadata=INTERNAL)


def servers(endpoint: Endpoint) -> Servers:
    """The shared part of the endpoints on Google Cloud."""
    return cast(Servers, endpoint.shared)


def create_shared(scope: StackScope, args: EndpointArgs, opts: pulumi.ResourceOptions) -> Servers:
    """The service account that answers requests."""
    bucket = foundation(args.registry).bucket
    ready = depending_on(patient(opts), args.registry)
    return Servers(account=account("endpoint", "Endpoints", scope, bucket, ready))


def create_model(
    scope: ModelScope, args: EndpointArgs, shared: Servers, opts: pulumi.ResourceOptions
) -> EndpointModel:
    """The endpoint, its captures, and what a release has to know of it."""
    base, settings = foundation(args.registry), scope.model.endpoint
    opts = depending_on(patient(opts), args.registry)
    endpoint_name = scope.name()
    table = _captures(scope, base, opts)
    endpoint = gcp.vertex.AiEndpoint(
        scope.model.name,
        gcp.vertex.AiEndpointArgs(
            name=endpoint_id(endpoint_name),
            display_name=endpoint_name,
            location=region(),
            region=region(),
            encryption_spec=gcp.vertex.AiEndpointEncryptionSpecArgs(kms_key_name=base.key),
            # Of an endpoint that shares its address with others, it is not said anywhere that raw
            # requests are logged: https://cloud.google.com/vertex-ai/docs/predictions/
            # online-prediction-logging names them for dedicated ones.
            dedicated_endpoint_enabled=True,
            predict_request_response_logging_config=_logging(scope),
            labels=scope.tags,
        ),
        # Releases own the traffic.
        pulumi.ResourceOptions.merge(
            opts, pulumi.ResourceOptions(ignore_changes=["trafficSplit"], depends_on=[table])
        ),
    )
    full = pulumi.Output.concat(location(), "/endpoints/", endpoint.name)
    Deployments(scope.model.name, full, depending_on(opts, endpoint))
    json_object(
        f"{scope.model.name}-endpoint",
        base.bucket,
        f"models/{scope.model.name}/endpoint.json",
        {
            "endpoint": full,
            "name": endpoint_name,
            "instance_type": endpoint_type(scope.model),
            "instances": settings.instances,
            "max_instances": settings.max_instances or settings.instances,
            "image": image(scope.model),
            "service_account": shared.account.email,
            "key": base.key,
            "labels": scope.tags,
            **release_settings(scope),
            "alarms": list(settings.rollback_alarms),
            "captures": captures(scope),
        },
        opts,
    )
    return EndpointModel(endpoint=full)


def _logging(
    scope: ModelScope,
) -> gcp.vertex.AiEndpointPredictRequestResponseLoggingConfigArgs | None:
    """The share of requests to capture, and their table; None for no captures."""
    if scope.model.endpoint.capture_percent == 0:
        return None
    config, to = (
        gcp.vertex.AiEndpointPredictRequestResponseLoggingConfigArgs,
        gcp.vertex.AiEndpointPredictRequestResponseLoggingConfigBigqueryDestinationArgs,
    )
    return config(
        enabled=True,
        sampling_rate=scope.model.endpoint.capture_percent / 100,
        bigquery_destination=to(output_uri=captures(scope)),
    )


def _captures(
    scope: ModelScope, base: Foundation, opts: pulumi.ResourceOptions
) -> gcp.bigquery.Table:
    """The table of captured requests, a part a day, each kept for `retentionDays`."""
    fields = [{"name": name, "type": kind, "mode": mode} for name, kind, mode in LOGGED]
    return gcp.bigquery.Table(
        f"{scope.model.name}-captures",
        gcp.bigquery.TableArgs(
            dataset_id=base.dataset,
            table_id=underscored(scope.model.name),
            schema=canonical_json(fields),
            time_partitioning=gcp.bigquery.TableTimePartitioningArgs(
                type="DAY",
                field="logging_time",
                expiration_ms=scope.settings.retention_days * DAY_MS,
            ),
            deletion_protection=not scope.settings.allow_model_deletion,
            labels=scope.tags,
        ),
        opts,
    )
