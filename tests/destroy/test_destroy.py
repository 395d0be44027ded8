"""A teardown finishes, or says exactly what it keeps and why."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

import pytest
from life import Begin, Life
from life import begin as begin
from life import stored as stored

from tests.project import REPOSITORY
from tools.destroy.report import Leftover, leftovers

URN = "urn:pulumi:dev::mlops::aws:s3/bucket:Bucket::store"
BUCKET: dict[str, Any] = {"urn": URN, "type": "aws:s3/bucket:Bucket", "id": "store-1"}


def export(*resources: dict[str, Any]) -> dict[str, Any]:
    return {"deployment": {"resources": list(resources)}}


def destroy(life: Life) -> dict[str, Any]:
    command = [sys.executable, "-m", "tools.destroy", "test", "--yes", "--json"]
    environment = {**life.environment, "PYTHONPATH": str(REPOSITORY)}
    process = subprocess.run(
        command, cwd=life.folder, env=environment, capture_output=True, text=True
    )
    assert process.stdout, process.stderr
    return {**json.loads(process.stdout), "code": process.returncode}


def test_what_is_left_is_told_with_its_reason() -> None:
    def why(resource: dict[str, Any], **reasons: str) -> str:
        (leftover,) = leftovers(export(resource), export(resource), reasons)
        assert leftover == Leftover("store", "s3.Bucket", leftover.why)
        return leftover.why

    assert why({**BUCKET, "protect": True}).startswith("it is protected; if it may go")
    reason = "deleting: BucketNotEmpty: 'store-1' holds 3"
    assert why(BUCKET, **{URN: reason}) == reason
    assert why(BUCKET, **{f"{URN}-other": reason}).startswith("it was not reached")
    assert len(why(BUCKET, **{URN: reason * 50})) == 500


def test_what_is_gone_is_told_only_if_something_of_it_stays() -> None:
    assert leftovers(export(BUCKET), export(), {}) == []
    retained = {**BUCKET, "retainOnDelete": True}
    (leftover,) = leftovers(export(retained), export(), {})
    assert leftover.why == "kept on purpose (retainOnDelete): store-1"
    after = {**retained, "urn": f"{URN}-code", "dependencies": [URN], "propertyDependencies": None}
    (leftover,) = leftovers(export(BUCKET, after), export(), {})
    assert leftover.why.startswith("kept on purpose"), "made after the bucket, and not in it"
    inside = {**after, "propertyDependencies": {"bucket": [URN], "key": None}}
    assert leftovers(export(BUCKET, inside), export(), {}) == [], "gone with its bucket"
    _, leftover = leftovers(export(BUCKET, inside), export(BUCKET), {})
    assert leftover.why.startswith("kept on purpose"), "its bucket is still there"
    vault = {**BUCKET, "type": "azure-native:keyvault:Vault"}
    (leftover,) = leftovers(export(vault), export(), {})
    assert "soft delete" in leftover.why


@pytest.mark.engine
def test_a_bucket_with_objects_is_kept_and_everything_else_is_gone(begin: Begin) -> None:
    cloud, life = begin("aws")
    life.up()
    cloud.put_object(f"s3/{life.outputs()['bucket']}", "capture/1", b"{}")
    report = destroy(life)
    assert report["code"] != 0 and not report["finished"]
    reasons = {leftover["type"]: leftover["why"] for leftover in report["kept"]}
    assert reasons.keys() == {"s3.Bucket", "kms.Key"}
    assert "BucketNotEmpty" in reasons["s3.Bucket"]
    life.configure(force="true")
    life.up()
    report = destroy(life)
    assert report["code"] == 0 and report["finished"]
    assert [leftover["type"] for leftover in report["kept"]] == ["kms.Key"]
    assert not cloud.resources()


@pytest.mark.engine
def test_a_deleted_vault_is_said_to_linger(begin: Begin) -> None:
    _, life = begin("azure")
    life.up()
    assert {"keyvault.Vault", "machinelearningservices.Workspace"} <= {
        leftover["type"] for leftover in destroy(life)["kept"]
    }
