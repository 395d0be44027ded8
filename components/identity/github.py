"""Subjects of the tokens that GitHub gives to workflows, old form and new.

Repositories made, renamed or moved since July 2026 have numbers in their subjects:
``repo:OWNER@ID/NAME@ID:...`` (docs.github.com, "OpenID Connect reference", immutable subjects).
"""

from __future__ import annotations

from components.settings import Github

ISSUER = "https://token.actions.githubusercontent.com"

PREVIEW, DEPLOY, PROMOTE = "preview", "deploy", "promote"


def contexts(github: Github, stack: str) -> dict[str, tuple[str, ...]]:
    """The contexts that may act as each job: the ends of the subjects of workflow tokens.

    None without a repository. A preview runs on pull requests or on the branch, and only reads;
    what changes anything runs in an environment, where the code host can ask a person first.
    """
    if github.repository is None:
        return {}
    environment = f"environment:{github.environment or stack}"
    return {
        PREVIEW: ("pull_request", f"ref:refs/heads/{github.branch}"),
        DEPLOY: (environment,),
        PROMOTE: (environment,),
    }


def subjects(github: Github, stack: str) -> dict[str, list[str]]:
    """The exact subjects that may act as each job; none without a repository."""
    return {
        job: [f"repo:{name}:{context}" for context in subject_contexts for name in _names(github)]
        for job, subject_contexts in contexts(github, stack).items()
    }


def _names(github: Github) -> list[str]:
    assert github.repository is not None
    owner, name = github.repository.split("/")
    if github.owner_id is None or github.repository_id is None:
        return [github.repository]
    return [github.repository, f"{owner}@{github.owner_id}/{name}@{github.repository_id}"]
