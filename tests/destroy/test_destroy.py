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
    done = subprocess.run(command, cwd=life.folder, env=environment, capture_output=True, text=True)
    assert done.stdout, done.stderr
    return {**json.loads(done.stdout), "code": done.returncode}


def test_what_is_left_is_told_with_its_reason() -> None:
    def why(resource: dict[str, Any], **reasons: str) -> str:
        (found,) = leftovers(export(resource), export(resource), reasons)
        assert found == Leftover("store", "s3.Bucket", found.why)
        return found.why

    assert why({**BUCKET, "protect": True}).startswith("it is protected; if it may go")
    said = "deleting: BucketNotEmpty: 'store-1' holds 3"
    assert why(BUCKET, **{URN: said}) == said
    assert why(BUCKET, **{f"{URN}-other": said}).startswith("it was not reached")
    assert len(why(BUCKET, **{URN: said * 50})) == 500


def test_what_is_gone_is_told_only_if_something_of_it_stays() -> None:
    assert leftovers(export(BUCKET), export(), {}) == []
    retained = {**BUCKET, "retainOnDelete": True}
    (found,) = leftovers(export(retained), export(), {})
    assert found.why == "kept on purpose (retainOnDelete): store-1"
    after = {**retained, "urn": f"{URN}-code", "dependencies": [URN], "propertyDependencies": None}
    (found,) = leftovers(export(BUCKET, after), export(), {})
    assert found.why.startswith("kept on purpose"), "made after the bucket, and not in it"
    inside = {**after, "propertyDependencies": {"bucket": [URN], "key": None}}
    assert leftovers(export(BUCKET, inside), export(), {}) == [], "gone with its bucket"
    _, found = leftovers(export(BUCKET, inside), export(BUCKET), {})
    assert found.why.startswith("kept on purpose"), "its bucket is still there"
    vault = {**BUCKET, "type": "azure-native:keyvault:Vault"}
    (found,) = leftovers(export(vault), export(), {})
    assert "soft delete" in found.why


@pytest.mark.engine
def test_a_bucket_with_objects_is_kept_and_everything_else_is_gone(begin: Begin) -> None:
    cloud, life = begin("aws")
    life.up()
    cloud.put_object(f"s3/{life.outputs()['bucket']}", "capture/1", b"{}")
    told = destroy(life)
    assert told["code"] != 0 and not told["finished"]
    found = {one["type"]: one["why"] for one in told["kept"]}
    assert found.keys() == {"s3.Bucket", "kms.Key"}
    assert "BucketNotEmpty" in found["s3.Bucket"]
    life.configure(force="true")
    life.up()
    told = destroy(life)
    assert told["code"] == 0 and told["finished"]
    assert [one["type"] for one in told["kept"]] == ["kms.Key"]
    assert not cloud.resources()


@pytest.mark.engine
def test_a_deleted_vault_is_said_to_linger(begin: Begin) -> None:
    _, life = begin("azure")
    life.up()
    assert {"keyvault.Vault", "machinelearningservices.Workspace"} <= {
        one["type"] for one in destroy(life)["kept"]
    }
