"""Checks of settings on AWS: regions, instance types, names, schedules, images."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from components.targets.aws.machines import (
    BURSTABLE,
    ECR,
    compute_type,
    endpoint_type,
    has_own_disk,
    needs_own_image,
    services,
)
from components.targets.aws.schedules import expression
from components.targets.refusals import (
    bad_addresses,
    bad_age,
    bad_instances,
    bad_names,
    bad_rollback_alarms,
    bad_webhooks,
    refused,
)
from training.errors import UserError

if TYPE_CHECKING:
    from components.scope import StackScope
    from components.settings import Model

# S3 takes 63 characters, of which Pulumi adds 26 that make the name the only one in the world.
LONGEST_PREFIX = 36
# Endpoints, and models and configurations of releases, take 63; roles 64 with the actor's name.
LONGEST_NAME = 63
LONGEST_PART = "-v99999-1a2b3c"
# A container's argument is at most 256 characters, of which its name takes some.
LONGEST_TEXT = 240
# Alarms look back a week at most.
LONGEST_AGE_HOURS = 167
# TrafficRoutingConfig.WaitIntervalInSeconds, of which a release has two in MaximumExecutionTimeout.
LONGEST_WAIT_MINUTES = 60
# ProcessingStoppingCondition.MaxRuntimeInSeconds is at most 777,600; a job takes minutes to start.
SHORTEST_RUN_MINUTES, LONGEST_RUN_MINUTES = 5, 12960
# ProcessingClusterConfig.VolumeSizeInGB; ClusterConfig.InstanceCount.
LARGEST_VOLUME_GB, MOST_JOB_INSTANCES = 16384, 100
# https://docs.aws.amazon.com/IAM/latest/APIReference/API_Tag.html, the strictest of the services';
# 50 tags a resource, of which the platform sets three.
TAG = re.compile(r"[\w .:/=+\-@]*")
MOST_TAGS, LONGEST_TAG_KEY, LONGEST_TAG_VALUE = 47, 128, 256
# "You can have up to 10 e-mail addresses" and one topic for each notification of a budget:
# https://docs.aws.amazon.com/aws-cost-management/latest/APIReference/API_budgets_NotificationWithSubscribers.html
MOST_BUDGET_RECEIVERS = 10
# Of the prefix, bucket names: https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html
RESERVED_PREFIXES = ("xn--", "sthree-", "amzn-s3-demo-")
PROVIDER = re.compile(
    r"arn:aws[a-z-]*:iam::\d{12}:oidc-provider/token\.actions\.githubusercontent\.com"
)
KEY = re.compile(r"arn:aws[a-z-]*:kms:[a-z0-9-]+:\d{12}:key/[A-Za-z0-9-]+")


def problems(scope: StackScope, config: Mapping[str, str]) -> Iterator[UserError]:
    """All that AWS would refuse."""
    settings = scope.settings
    region = config.get("aws:region")
    if region not in services()["regions"]:
        yield UserError(
            f"aws:region: {region!r} is not allowed: give one where SageMaker is, such as "
            f"eu-central-1; there are {', '.join(services()['regions'])}"
        )
    yield from _stack_problems(scope)
    for model in settings.models:
        longest = f"{scope.prefix}-{model.name}{LONGEST_PART}"
        yield from _model_problems(model, longest, region)


def _stack_problems(scope: StackScope) -> Iterator[UserError]:
    settings = scope.settings
    yield from _bad_length("prefix", settings.prefix, scope.prefix, LONGEST_PREFIX)
    yield from bad_webhooks(settings, "SNS posts to https URLs that confirm a subscription")
    yield from bad_addresses(settings)
    if scope.prefix.startswith(RESERVED_PREFIXES):
        reason = f"S3 keeps bucket names that begin with {', '.join(RESERVED_PREFIXES)}"
        yield refused("prefix", settings.prefix, reason)
    if len(settings.tags) > MOST_TAGS:
        yield refused("tags", len(settings.tags), f"{MOST_TAGS} at most beside the platform's own")
    for key, value in settings.tags.items():
        if key.lower().startswith("aws:"):
            yield refused("tags", key, "keys that begin with aws: are AWS's own")
        elif not (TAG.fullmatch(key) and 1 <= len(key) <= LONGEST_TAG_KEY):
            reason = f"1 to {LONGEST_TAG_KEY} letters, digits, spaces and _.:/=+-@"
            yield refused("tags", key, reason)
        if not (TAG.fullmatch(value) and len(value) <= LONGEST_TAG_VALUE):
            reason = (
                f"of tag {key!r}: up to {LONGEST_TAG_VALUE} letters, digits, spaces and _.:/=+-@"
            )
            yield refused("tags", value, reason)
    budget = settings.budget.receivers or settings.alerts.emails
    if settings.budget.monthly is not None and len(budget) > MOST_BUDGET_RECEIVERS:
        reason = f"a notification of AWS Budgets has {MOST_BUDGET_RECEIVERS} addresses at most"
        key = "budget.receivers" if settings.budget.receivers else "alerts.emails"
        yield refused(key, len(budget), reason)
    provider = settings.ci.github.provider
    if provider is not None and not PROVIDER.fullmatch(provider):
        reason = (
            "give the ARN of the account's provider for GitHub, "
            "arn:aws:iam::ACCOUNT:oidc-provider/token.actions.githubusercontent.com"
        )
        yield refused("ci.github.provider", provider, reason)


def _model_problems(model: Model, longest: str, region: str | None) -> Iterator[UserError]:
    yield from _bad_length("model", model.name, longest, LONGEST_NAME)
    if model.name.endswith("-"):
        yield refused("model", model.name, "a name in SageMaker does not end with a hyphen")
    endpoint, compute = model.endpoint, model.compute
    image = compute.image and ECR.fullmatch(compute.image)
    # A region that is none has been refused already.
    if image and region in services()["regions"] and image["region"] != region:
        reason = f"SageMaker pulls from the stack's own region, {region}"
        yield refused("compute.image", compute.image, reason, model)
    for key, instance in (
        ("compute.instanceType", compute_type(model)),
        ("endpoint.instanceType", endpoint_type(model)),
    ):
        if not compute.image and needs_own_image(instance):
            reason = (
                "it is no x86 machine, or one of Neuron, and SageMaker's scikit-learn image is for "
                "x86 only: set compute.image to one that is built for it"
            )
            yield refused(key, instance, reason, model)
    if endpoint.max_instances is not None and BURSTABLE.match(endpoint_type(model)):
        reason = f"{endpoint_type(model)} is burstable, and no such instances are scaled"
        yield refused("endpoint.maxInstances", endpoint.max_instances, reason, model)
    if (endpoint.canary_minutes or 0) > LONGEST_WAIT_MINUTES:
        reason = f"SageMaker watches a canary for {LONGEST_WAIT_MINUTES} minutes at most"
        yield refused("endpoint.canaryMinutes", endpoint.canary_minutes, reason, model)
    minutes = model.retraining.max_run_minutes
    if not SHORTEST_RUN_MINUTES <= minutes <= LONGEST_RUN_MINUTES:
        reason = f"SageMaker's jobs run {SHORTEST_RUN_MINUTES} to {LONGEST_RUN_MINUTES} minutes"
        yield refused("retraining.maxRunMinutes", minutes, reason, model)
    if compute.volume_gb is not None and has_own_disk(compute_type(model)):
        reason = f"{compute_type(model)} has a disk of its own, whose size is the instance's"
        yield refused("compute.volumeGb", compute.volume_gb, reason, model)
    if (compute.volume_gb or 1) > LARGEST_VOLUME_GB:
        reason = f"a volume has {LARGEST_VOLUME_GB} GB at most"
        yield refused("compute.volumeGb", compute.volume_gb, reason, model)
    key = model.data.kms_key
    if key is not None and not KEY.fullmatch(key):
        reason = "give the ARN of the key, arn:aws:kms:REGION:ACCOUNT:key/ID"
        yield refused("data.kmsKey", key, reason, model)
    if not re.fullmatch(r"s3://[a-z0-9][a-z0-9.-]+(/.*)?", model.data.location):
        reason = "give an address in S3, such as s3://BUCKET/FOLDER/"
        yield refused("data.location", model.data.location, reason, model)
    if model.compute.image and not ECR.fullmatch(model.compute.image):
        reason = "SageMaker pulls from ECR, ACCOUNT.dkr.ecr.REGION.amazonaws.com/NAME:TAG"
        yield refused("compute.image", model.compute.image, reason, model)
    yield from _bad_type("compute.instanceType", compute_type(model), "jobs", model)
    yield from _bad_type("endpoint.instanceType", endpoint_type(model), "endpoints", model)
    for key, cron in (
        ("drift.schedule", model.drift.schedule),
        ("retraining.schedule", model.retraining.schedule),
    ):
        if cron is not None:
            try:
                expression(cron)
            except ValueError as error:
                yield refused(key, cron, str(error), model)
    yield from _long_texts(model)
    yield from bad_instances(model)
    yield from bad_age(model, LONGEST_AGE_HOURS)
    yield from bad_rollback_alarms(model)


def _bad_length(key: str, value: str, name: str, most: int) -> Iterator[UserError]:
    yield from bad_names(key, value, name, rf".{{1,{most}}}", f"allowed are {most}")


def _bad_type(key: str, instance_type: str, use: str, model: Model) -> Iterator[UserError]:
    types = services()[use]
    if instance_type in types:
        return
    family = instance_type.rpartition(".")[0]
    near = [candidate for candidate in types if candidate.rpartition(".")[0] == family] or types
    reason = f"SageMaker has no such type for {use}; there are {', '.join(near)}"
    yield refused(key, instance_type, reason, model)


def _long_texts(model: Model) -> Iterator[UserError]:
    """Texts that are too long for an argument of a job."""
    texts = {
        "data.target": model.data.target,
        "data.timeColumn": model.data.time_column or "",
        "split.by": model.split.by or "",
        "drift.block": model.drift.block or "",
        "drift.minEffects": json.dumps(model.drift.min_effects),
    }
    for key, text in texts.items():
        if len(text) > LONGEST_TEXT:
            reason = f"{len(text)} characters; an argument of a SageMaker job allows {LONGEST_TEXT}"
            yield refused(key, f"{text[:40]}...", reason, model)
