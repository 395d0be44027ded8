"""A model's pipelines as requests to Vertex AI: the spec by its digest, and the job around it."""

from __future__ import annotations

import hashlib
from typing import Any

import pulumi
import pulumi_gcp as gcp

from components.capability import retained
from components.gcp_resources import project, readable, text, uri, word
from components.names import name, prefix, tags
from components.pipeline import PipelineArgs, PipelineShared, step_settings
from components.pipeline.gcp_definition import Where, definition
from components.registry.gcp import foundation
from components.settings import Model, Settings
from components.targets.gcp import compute_type, image
from components.targets.gcp_places import machine
from training import pipeline as neutral

# Where Vertex AI keeps what passes between steps; deleted with the runs.
ROOT = "pipeline-root"


def captures(settings: Settings, model: Model) -> str:
    """The table that the endpoint of a model writes requests and answers to."""
    return f"bq://{project()}.{word(prefix(settings))}.{word(model.name)}"


def spec_of(
    pipeline: neutral.Pipeline, args: PipelineArgs, model: Model, shared: PipelineShared
) -> pulumi.Output[str]:
    """The compiled pipeline as JSON."""
    base = foundation(args.registry)
    settings = step_settings(model, shared.digest, base.store, base.registry, image(model))
    size = machine(compute_type(model))
    assert size is not None, "components.targets.gcp has checked it"

    def compiled(known: dict[str, Any]) -> str:
        where = Where(
            name=name(args.settings, model, pipeline.name),
            image=image(model),
            package=f"{known['store']}/{known['package']}",
            outputs=f"{known['store']}/models/{model.name}/runs",
            sources={"data": model.data.location, "captures": captures(args.settings, model)},
            processors=size[0],
            gigabytes=size[1],
        )
        return text(definition(pipeline, known["settings"], where))

    known = {"store": base.store, "package": shared.package, "settings": settings}
    return pulumi.Output.from_input(known).apply(compiled)


def kept(
    pipeline: neutral.Pipeline,
    model: Model,
    spec: pulumi.Output[str],
    bucket: pulumi.Output[str],
    opts: pulumi.ResourceOptions,
) -> pulumi.Output[str]:
    """The key of the spec in the store, which names its digest.

    It goes with the store: a change that is taken back may be to the same key, which the engine
    would delete as the one that was replaced.
    """
    folder = f"models/{model.name}/pipelines/specs"
    made = gcp.storage.BucketObject(
        f"{model.name}-{pipeline.name}-spec",
        gcp.storage.BucketObjectArgs(
            bucket=bucket,
            name=spec.apply(
                lambda given: f"{folder}/{hashlib.sha256(given.encode()).hexdigest()[:16]}.json"
            ),
            content=spec,
            content_type="application/json",
        ),
        retained(readable(opts)),
    )
    return made.name


def job_of(
    pipeline: neutral.Pipeline, args: PipelineArgs, model: Model, runner: pulumi.Output[str]
) -> pulumi.Output[dict[str, Any]]:
    """A PipelineJob of Vertex AI, without its spec, run as `runner`."""
    base = foundation(args.registry)
    return pulumi.Output.from_input(
        {
            "displayName": name(args.settings, model, pipeline.name),
            "serviceAccount": runner,
            "encryptionSpec": {"kmsKeyName": base.key},
            "labels": {**tags(args.settings, model), "pipeline": pipeline.name},
            "runtimeConfig": {"gcsOutputDirectory": uri(base.bucket, f"{ROOT}/{model.name}")},
        }
    )
