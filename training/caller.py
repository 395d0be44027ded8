"""The person or the workflow run that asks for something, for the records that say by whom."""

from __future__ import annotations

import getpass
import os
from collections.abc import Mapping


def caller(environment: Mapping[str, str] = os.environ) -> str:
    """The identity behind this process: in a code host's pipeline its actor and the run's address.

    Variables: docs.github.com, "Variables reference"; docs.gitlab.com, "Predefined CI/CD
    variables reference"; learn.microsoft.com, "Use predefined variables" of Azure Pipelines.
    """
    variable = environment.get
    if variable("GITHUB_ACTIONS") == "true":
        actor = variable("GITHUB_TRIGGERING_ACTOR") or variable("GITHUB_ACTOR")
        run = f"{variable('GITHUB_SERVER_URL')}/{variable('GITHUB_REPOSITORY')}/actions/runs/"
        return f"{actor}, {run}{variable('GITHUB_RUN_ID')}"
    if variable("GITLAB_CI") == "true":
        return f"{variable('GITLAB_USER_LOGIN')}, {variable('CI_JOB_URL')}"
    if variable("TF_BUILD") == "True":
        address = (
            f"{variable('SYSTEM_COLLECTIONURI')}{variable('SYSTEM_TEAMPROJECT')}/_build/results"
        )
        return f"{variable('BUILD_REQUESTEDFOR')}, {address}?buildId={variable('BUILD_BUILDID')}"
    return getpass.getuser()
