"""A fourth of the examples in the SDKs' docstrings is accepted, but for those that are wrong."""

from __future__ import annotations

import threading
import time
from pathlib import Path
from typing import Any

import pytest
from examples import Mocked, run_example, trials
from pulumi.runtime.mocks import MockResourceArgs

STEP = 4
NOT_GIVEN = "what it names stands outside of the example, so the property is missing"
SPELT = "a list written as one text, of which the SDK makes letters"
# Examples that the real provider or service refuses as well, and why.
WRONG = {
    "aws:budgets/budget:Budget::and_example": SPELT,
    "aws:budgets/budget:Budget::compound_example": SPELT,
    "aws:budgets/budget:Budget::not_example": SPELT,
    "aws:budgets/budget:Budget::or_example": SPELT,
    "aws:budgets/budget:Budget::simple": SPELT,
    "aws:cloudwatch/eventRule:EventRule::example": (
        "neither a pattern nor a schedule: event_rule.go, AtLeastOneOf"
    ),
    "aws:cloudwatch/eventTarget:EventTarget::stop_instances": (
        "an account of ten digits, or a target outside of the example"
    ),
    "aws:cloudwatch/eventTarget:EventTarget::yada": NOT_GIVEN,
    "aws:iam/policy:Policy::policy_two": "s3:HeadBucket is a call and no action",
    "aws:lambda/function:Function::func2": ("function.go: runtime is needed with package type Zip"),
    "aws:lambda/permission:Permission::allow_bucket2": NOT_GIVEN,
    "aws:lambda/permission:Permission::lambda_permission": NOT_GIVEN,
    "gcp:bigquery/dataset:Dataset::dataset": (
        "a key that the service's agent may not use, or a location of another cloud's"
    ),
    "gcp:bigquery/dataset:Dataset::private": NOT_GIVEN,
    "gcp:colab/schedule:Schedule::schedule": "a pipeline of which half is left out",
    "gcp:projects/iAMMember:IAMMember::hc_sa_bq_jobuser": NOT_GIVEN,
    "gcp:pubsub/topic:Topic::example": "a key that the service's agent may not use",
    "gcp:logging/projectBucketConfig:ProjectBucketConfig::basic": "project_id is no project's id",
}


@pytest.mark.parametrize("package", ["aws", "gcp"])
def test_examples_are_accepted(package: str) -> None:
    all_trials = list(trials(package, STEP))
    assert len(all_trials) > 25
    refused = {trial.title: trial.reasons for trial in all_trials if trial.reasons}
    assert not {title: reasons for title, reasons in refused.items() if title not in WRONG}


class HalfFailing(Mocked):
    """Fails one bucket while another is being made, which takes half a second."""

    begun = threading.Event()

    def new_resource(self, args: MockResourceArgs) -> tuple[str, dict[str, Any]]:
        if args.name == "failing":
            assert self.begun.wait(10)
            raise ValueError("it fails")
        return super().new_resource(args)

    def make(self, args: MockResourceArgs) -> tuple[str, dict[str, Any]]:
        self.begun.set()
        time.sleep(0.5)
        return super().make(args)


def test_what_an_example_began_has_ended_when_it_failed(tmp_path: Path) -> None:
    mocked = HalfFailing("aws", tmp_path)
    code = """
import pulumi_aws as aws
aws.s3.Bucket("slow")
aws.s3.Bucket("failing")
"""
    with pytest.raises(Exception, match="it fails"):
        run_example(code, mocked)
    assert [trial.title for trial in mocked.trials] == ["aws:s3/bucket:Bucket::slow"]
    with pytest.raises(RuntimeError, match="has ended"):
        mocked.new_resource(MockResourceArgs("aws:s3/bucket:Bucket", "late", {}, "", "", True))


def test_a_wrong_example_is_seen(tmp_path: Path) -> None:
    mocked = Mocked("aws", tmp_path)
    bucket = {"bucket": "xn--no"}
    args = MockResourceArgs("aws:s3/bucket:Bucket", "a", bucket, "", "", True)
    mocked.new_resource(args)
    assert mocked.trials[0].reasons
