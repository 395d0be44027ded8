"""Every policy refuses something and lets its counterpart pass, alone and in the real engine."""

from __future__ import annotations

from pathlib import Path

import pytest

from policy.model import Stack
from policy.pack import POLICIES
from tests.policy.cases import CASES, Case, stack
from tests.preview.repository import Repository
from tests.project import REPOSITORY
from tools.preview.run import against_base

BY_NAME = {policy.name: policy for policy in POLICIES}


def reasons(name: str, checked_stack: Stack) -> list[str]:
    return [reason for _, reason in BY_NAME[name].check(checked_stack)]


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.policy}: {case.sentence}")
def test_what_breaks_a_policy_is_refused_and_its_counterpart_passes(case: Case) -> None:
    assert any(case.sentence in reason for reason in reasons(case.policy, case.refused))
    assert reasons(case.policy, case.accepted) == []


def test_every_policy_has_a_case() -> None:
    assert {case.policy for case in CASES} == BY_NAME.keys()


def test_protection_is_asked_of_production_alone() -> None:
    for case in CASES:
        if case.policy == "protected":
            assert not reasons("protected", stack(*case.refused.resources, name="aws-dev"))


@pytest.mark.engine
def test_findings_stand_in_the_preview_and_refuse_it(tmp_path: Path) -> None:
    repository = Repository(tmp_path / "repository", "aws")
    (repository.path / "policy").symlink_to(REPOSITORY / "policy")
    repository.configure("dev", **{"aws:region": "ap-south-1"})
    preview = against_base(repository.path, ["dev"], "main")[0]
    subjects = {
        (finding.policy, finding.resource, finding.mandatory) for finding in preview.findings
    }
    assert ("regions", "store", True) in subjects
    assert ("drift-checked", "sim-aws-dev", True) in subjects
    assert not [finding for finding in preview.findings if "can't run" in finding.message]
    assert {finding.policy for finding in preview.findings} <= BY_NAME.keys()
