"""The APIs of Google Cloud that a stack calls: they are enabled before anything else."""

from __future__ import annotations

import pulumi
import pulumi_gcp as gcp

from components.scope import StackScope


def services(scope: StackScope, opts: pulumi.ResourceOptions) -> list[gcp.projects.Service]:
    """Enable what the stack calls; left enabled at the end, since others in the project call it."""
    return [
        gcp.projects.Service(
            f"api-{service}",
            gcp.projects.ServiceArgs(service=f"{service}.googleapis.com", disable_on_destroy=False),
            opts,
        )
        for service, called in _calls(scope).items()
        if called
    ]


def _calls(scope: StackScope) -> dict[str, bool]:
    """Each API, and whether the stack calls it."""
    budget = scope.settings.budget.monthly is not None
    workflows = scope.settings.ci.github.repository is not None
    on_drift = any(model.retraining.on_drift for model in scope.settings.models)
    return {
        "aiplatform": True,  # versions, runs, endpoints, schedules
        "bigquery": True,  # captures
        "billingbudgets": budget,
        "cloudkms": True,
        "cloudresourcemanager": True,  # the project's number, and who may do what in it
        "eventarc": on_drift,  # from the alarm's topic to the workflow
        "iam": True,  # accounts and roles; the pool of identities
        "iamcredentials": workflows,  # a job of the code host acts as an account
        "logging": True,
        "monitoring": True,
        "pubsub": on_drift,  # the topic of an alarm
        "storage": True,
        "sts": workflows,  # the code host's token for one of Google's
        "workflowexecutions": on_drift,
        "workflows": on_drift,  # what starts the retraining
    }
