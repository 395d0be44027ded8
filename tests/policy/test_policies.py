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


def reasons(name: str, given: Stack) -> list[str]:
    return [reason for _, reason in BY_NAME[name].check(given)]


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.policy}: {case.told}")
def test_what_breaks_a_policy_is_refused_and_its_counterpart_passes(case: Case) -> None:
    assert any(case.told in reason for reason in reasons(case.policy, case.bad))
    assert reasons(case.policy, case.good) == []


def test_every_policy_has_a_case() -> None:
    assert {case.policy for case in CASES} == BY_NAME.keys()


def test_protection_is_asked_of_production_alone() -> None:
    for case in CASES:
        if case.policy == "protected":
            assert not reasons("protected", stack(*case.bad.resources, name="aws-dev"))


@pytest.mark.engine
def test_findings_stand_in_the_preview_and_refuse_it(tmp_path: Path) -> None:
    repository = Repository(tmp_path / "repository", "aws")
    (repository.path / "policy").symlink_to(REPOSITORY / "policy")
    repository.configure("dev", **{"aws:region": "ap-south-1"})
    found = against_base(repository.path, ["dev"], "main")[0]
    told = {(one.policy, one.resource, one.mandatory) for one in found.findings}
    assert ("regions", "store", True) in told
    assert ("drift-checked", "sim-aws-dev", True) in told
    assert not [one for one in found.findings if "can't run" in one.message]
    assert {one.policy for one in found.findings} <= BY_NAME.keys()
