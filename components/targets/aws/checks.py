"""Checks of settings on AWS: regions, instance types, names, schedules, images."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING

from components.targets.aws.machines import ECR, compute_type, endpoint_type, services
from components.targets.aws.schedules import expression
from components.targets.refusals import (
    check_age,
    check_instances,
    check_names,
    check_webhooks,
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


def check(scope: StackScope, config: Mapping[str, str]) -> None:
    """Raise UserError for what AWS would refuse, before anything is touched."""
    settings = scope.settings
    region = config.get("aws:region")
    if region not in services()["regions"]:
        raise UserError(
            f"aws:region: {region!r} is not allowed: give one where SageMaker is, such as "
            f"eu-central-1; there are {', '.join(services()['regions'])}"
        )
    start = scope.prefix
    _check_length("prefix", settings.prefix, start, LONGEST_PREFIX)
    check_webhooks(settings, "SNS posts to https URLs that confirm a subscription")
    for model in settings.models:
        _check_model(model, f"{start}-{model.name}{LONGEST_PART}")


def _check_model(model: Model, longest: str) -> None:
    _check_length("model", model.name, longest, LONGEST_NAME)
    if not re.fullmatch(r"s3://[a-z0-9][a-z0-9.-]+(/.*)?", model.data.location):
        why = "give an address in S3, such as s3://BUCKET/FOLDER/"
        raise refused("data.location", model.data.location, why, model)
    if model.compute.image and not ECR.fullmatch(model.compute.image):
        why = "SageMaker pulls from ECR, ACCOUNT.dkr.ecr.REGION.amazonaws.com/NAME:TAG"
        raise refused("compute.image", model.compute.image, why, model)
    _check_type("compute.instanceType", compute_type(model), "jobs", model)
    _check_type("endpoint.instanceType", endpoint_type(model), "endpoints", model)
    for key, cron in (
        ("drift.schedule", model.drift.schedule),
        ("retraining.schedule", model.retraining.schedule),
    ):
        if cron is not None:
            try:
                expression(cron)
            except ValueError as error:
                raise refused(key, cron, str(error), model) from None
    _check_texts(model)
    check_instances(model)
    check_age(model, LONGEST_AGE_HOURS)


def _check_length(key: str, given: str, made: str, most: int) -> None:
    check_names(key, given, made, rf".{{1,{most}}}", f"allowed are {most}")


def _check_type(key: str, given: str, use: str, model: Model) -> None:
    types = services()[use]
    if given in types:
        return
    family = given.rpartition(".")[0]
    near = [one for one in types if one.rpartition(".")[0] == family] or types
    why = f"SageMaker has no such type for {use}; there are {', '.join(near)}"
    raise refused(key, given, why, model)


def _check_texts(model: Model) -> None:
    """What a job is told as an argument must not be longer than one may be."""
    texts = {
        "data.target": model.data.target,
        "data.timeColumn": model.data.time_column or "",
        "split.by": model.split.by or "",
        "drift.block": model.drift.block or "",
        "drift.minEffects": json.dumps(model.drift.min_effects),
    }
    for key, text in texts.items():
        if len(text) > LONGEST_TEXT:
            why = f"{len(text)} characters; an argument of a SageMaker job allows {LONGEST_TEXT}"
            raise refused(key, f"{text[:40]}...", why, model)
