"""Checks of settings on Google Cloud: project, region, names, labels, machines, schedules."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from components.targets.gcp.machines import MACHINES, REGIONS, machine
from components.targets.refusals import (
    bad_addresses,
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

# https://cloud.google.com/iam/docs/service-accounts-create: an account's id has at most 30
# characters; the longest of ours ends in this. Names of a model then have 61 characters at most,
# where the shortest limit, that of triggers, is 63.
LONGEST_ACCOUNT, LONGEST_ACTOR = 30, "-promote"
# https://cloud.google.com/resource-manager/docs/creating-managing-projects#before_you_begin
PROJECT = r"([a-z0-9.-]+:)?[a-z][a-z0-9-]{4,28}[a-z0-9]"
# https://cloud.google.com/storage/docs/buckets#naming, with spellings that look like it.
NOT_OF_BUCKETS = r"^goog|g[o0]{2}g[l1][e3]"
# https://cloud.google.com/logging/docs/buckets#custom-retention
MOST_RETENTION_DAYS = 3650
# Of mails, no webhooks: "a Cloud Monitoring email notification channel" (NotificationsRule).
# https://cloud.google.com/billing/docs/reference/budget/rest/v1/billingAccounts.budgets
MOST_BUDGET_RECEIVERS = 5
# https://cloud.google.com/vertex-ai/docs/predictions/use-custom-container: the image is in Artifact
# Registry or Container Registry.
IMAGE = (
    r"([a-z0-9-]+-docker\.pkg\.dev/[^/\s]+/[^/\s]+|([a-z]+\.)?gcr\.io/[^/\s]+)"
    r"(/[\w.-]+)+([:@][\w.:-]+)?"
)
# https://cloud.google.com/resource-manager/docs/labels-overview#requirements
LABEL_KEY, LABEL_VALUE, MOST_LABELS = r"[a-z][a-z0-9_-]{0,62}", r"[a-z0-9_-]{0,63}", 59
# https://cloud.google.com/vertex-ai/docs/reference/rest/v1/projects.locations.schedules: unix-cron.
CRON_FIELD = r"[\d*/,-]+|[A-Za-z]{3}([,-][A-Za-z]{3})*"


def problems(scope: StackScope, config: Mapping[str, str]) -> Iterator[UserError]:
    """All that Google Cloud would refuse."""
    settings = scope.settings
    project = config.get("gcp:project")
    if not project:
        yield UserError("gcp:project: not set; it has no default: the id of a project of yours")
    elif not re.fullmatch(PROJECT, project):
        yield UserError(
            f"gcp:project: {project!r} is not allowed: a project's id has 6 to 30 characters of "
            "lower case, digits and -, and begins with a letter"
        )
    region = config.get("gcp:region")
    if region not in REGIONS:
        yield UserError(
            f"gcp:region: {region!r} is not allowed: a region with Vertex AI, one of "
            f"{', '.join(REGIONS)}"
        )
    longest = LONGEST_ACCOUNT - len(LONGEST_ACTOR)
    yield from bad_names(
        "prefix",
        settings.prefix,
        scope.prefix,
        rf"[a-z][a-z0-9-]{{0,{longest - 1}}}",
        f"service accounts take lower case, digits and -, at most {longest} characters",
    )
    if re.search(NOT_OF_BUCKETS, scope.prefix):
        yield refused(
            "prefix",
            settings.prefix,
            "buckets have neither 'google' in their names nor begin with goog",
        )
    if settings.retention_days > MOST_RETENTION_DAYS:
        reason = f"log buckets keep entries for at most {MOST_RETENTION_DAYS} days"
        yield refused("retentionDays", settings.retention_days, reason)
    receivers = settings.budget.receivers or settings.alerts.emails
    if settings.budget.monthly is not None and not 0 < len(receivers) <= MOST_BUDGET_RECEIVERS:
        reason = (
            f"a budget has 1 to {MOST_BUDGET_RECEIVERS} receivers, e-mail addresses, by default "
            "alerts.emails"
        )
        yield refused("budget.receivers", receivers, reason)
    yield from _bad_labels(settings.tags)
    yield from bad_addresses(settings)
    yield from bad_webhooks(settings, "a notification channel takes https URLs")
    github = settings.ci.github
    if github.repository is not None and github.repository_id is None:
        yield UserError(
            "mlops:ci.github.repositoryId: not set; target 'gcp' trusts a repository by its "
            f"number: gh api repos/{github.repository} --jq .id"
        )
    for model in settings.models:
        yield from _bad_values(model)


def _bad_labels(tags: Mapping[str, str]) -> Iterator[UserError]:
    if len(tags) > MOST_LABELS:
        yield UserError(f"mlops:tags: {len(tags)} are not allowed: at most {MOST_LABELS}")
    for key, value in tags.items():
        if not re.fullmatch(LABEL_KEY, key) or not re.fullmatch(LABEL_VALUE, value):
            yield refused(
                f"tags.{key}",
                value,
                "labels take lower case, digits, _ and -, at most 63 characters, and a key begins "
                "with a letter",
            )


def _bad_values(model: Model) -> Iterator[UserError]:
    if not re.fullmatch(r"gs://[a-z0-9][a-z0-9._-]+/.+", model.data.location):
        yield refused("data.location", model.data.location, "give gs://BUCKET/FOLDER/", model)
    for key, kind in (
        ("compute.instanceType", model.compute.instance_type),
        ("endpoint.instanceType", model.endpoint.instance_type),
    ):
        if kind is not None and machine(kind) is None:
            reason = f"give a machine type of {', '.join(sorted(MACHINES))}, such as n1-standard-4"
            yield refused(key, kind, reason, model)
    for key, cron in (
        ("drift.schedule", model.drift.schedule),
        ("retraining.schedule", model.retraining.schedule),
    ):
        if cron is not None and not all(re.fullmatch(CRON_FIELD, part) for part in cron.split()):
            reason = (
                "give minute hour day month weekday of numbers, names, * / , and -, such as "
                "'0 6 * * *'"
            )
            yield refused(key, cron, reason, model)
    image = model.compute.image
    if image is not None and not re.fullmatch(IMAGE, image):
        reason = (
            "give an image in Artifact Registry, REGION-docker.pkg.dev/PROJECT/REPOSITORY/IMAGE:TAG"
        )
        yield refused("compute.image", image, reason, model)
    yield from bad_instances(model)
    yield from bad_rollback_alarms(model)
