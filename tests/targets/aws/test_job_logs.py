"""The account's groups of job logs: taken over by one stack, and left by it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.targets import clouds

pytestmark = pytest.mark.engine
KIND = "aws:cloudwatch/logGroup:LogGroup"
PIPELINE = "pipeline=urn:pulumi:aws-dev::mlops::mlops:index:Pipeline::pipeline"


def test_groups_that_are_there_are_imported_and_outlive_the_stack(tmp_path: Path) -> None:
    with clouds.platform("aws", tmp_path) as platform:
        platform.up()
        name = "/aws/sagemaker/TrainingJobs"
        platform.cloud.seed(KIND, "made-by-the-service", {"name": name}, platform.target.settings)
        platform.configure(ownsJobLogs=True)
        assert "already exists" in platform.up(fails=True)
        platform.run(
            "import", "--yes", "--skip-preview", "--protect=false", "--generate-code=false",
            "--parent", PIPELINE, KIND, "job-logs-TrainingJobs", name,
        )  # fmt: skip
        platform.up()
        platform.no_changes()
        days = {row.id: row.inputs.get("retentionInDays") for row in platform.cloud.resources(KIND)}
        assert days == {
            "/aws/sagemaker/Endpoints/mlops-aws-dev-churn": 30,
            "/aws/sagemaker/ProcessingJobs": 30,
            name: 30,
        }
        platform.destroy()
        log_groups = {row.id for row in platform.cloud.resources(KIND)}
        assert log_groups == {"/aws/sagemaker/ProcessingJobs", name}
