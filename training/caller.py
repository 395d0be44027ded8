"""The person or the workflow run that asks for something, for the records that say by whom."""

from __future__ import annotations

import getpass
import os
from collections.abc import Mapping


def caller(environment: Mapping[str, str] = os.environ) -> str:
    """Who runs this process: in a pipeline of a code host the actor and the run's address.

    Variables: docs.github.com, "Variables reference"; docs.gitlab.com, "Predefined CI/CD
    variables reference"; learn.microsoft.com, "Use predefined variables" of Azure Pipelines.
    """
    told = environment.get
    if told("GITHUB_ACTIONS") == "true":
        actor = told("GITHUB_TRIGGERING_ACTOR") or told("GITHUB_ACTOR")
        run = f"{told('GITHUB_SERVER_URL')}/{told('GITHUB_REPOSITORY')}/actions/runs/"
        return f"{actor}, {run}{told('GITHUB_RUN_ID')}"
    if told("GITLAB_CI") == "true":
        return f"{told('GITLAB_USER_LOGIN')}, {told('CI_JOB_URL')}"
    if told("TF_BUILD") == "True":
        address = f"{told('SYSTEM_COLLECTIONURI')}{told('SYSTEM_TEAMPROJECT')}/_build/results"
        return f"{told('BUILD_REQUESTEDFOR')}, {address}?buildId={told('BUILD_BUILDID')}"
    return getpass.getuser()
