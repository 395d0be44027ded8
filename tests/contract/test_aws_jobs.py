"""The entry of SageMaker's jobs: what it reads, writes and says when a step fails."""

from __future__ import annotations

import json
import tarfile
from pathlib import Path

import pytest

from tests.clouds import aws
from tests.tables import write_classification
from training import versions
from training.jobs.aws import LONGEST_REASON, main
from training.store import open_store

PREPARE = ("--model-file=default", "--task=classification", "--target=target", "--split=hash",
           "--holdout=0.2")  # fmt: skip


@pytest.fixture
def base(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder that stands for ``/opt/ml``."""
    monkeypatch.setenv("SAGEMAKER_BASE_DIR", str(tmp_path / "ml"))
    return tmp_path / "ml"


@pytest.fixture
def prepared(base: Path) -> Path:
    """What a Processing job of the step `prepare` wrote."""
    data = base / "processing/input/data"
    data.mkdir(parents=True)
    write_classification(data / "cancer.csv")
    out = base / "processing/output"
    assert main(["prepare", f"--data={data}", *PREPARE, f"--out={out}"]) == 0
    assert not (base / "output").exists(), "nothing failed"
    return out


def train(base: Path, **parameters: str) -> int:
    """A Training job of the step `train`."""
    config = base / "input/config"
    config.mkdir(parents=True)
    (config / "hyperparameters.json").write_text(json.dumps(parameters))
    return main(["train"])


def test_a_processing_job_says_why_it_failed(base: Path) -> None:
    missing = base / "none"
    assert main(["prepare", f"--data={missing}", *PREPARE, f"--out={base / 'out'}"]) == 1
    message = (base / "output/message").read_text()
    assert message == f"data {str(missing)!r} does not exist; give a file or folder"


def test_the_reason_is_as_long_as_the_service_keeps(base: Path) -> None:
    missing = base / ("x/" * 2000)
    assert main(["prepare", f"--data={missing}", *PREPARE, f"--out={base / 'out'}"]) != 0
    assert len((base / "output/message").read_bytes()) == LONGEST_REASON


def test_a_training_job_leaves_model_and_summary(
    base: Path, prepared: Path, aws_called: None
) -> None:
    store, out = open_store(f"s3://{aws.bucket()}"), base / "model"
    parameters = {"model_file": "default", "prepare": str(prepared), "out": str(out)}
    assert train(base, **parameters, results=f"{store.uri}/runs/r/outputs/train") == 0
    summary = json.loads(store.read("runs/r/outputs/train/result.json"))
    assert summary == json.loads((out / "result.json").read_text())
    assert summary["sha256"] == versions.sha256(out / "model.joblib")


def test_a_training_job_says_why_it_failed(base: Path, prepared: Path) -> None:
    parameters = {"model_file": "none", "prepare": str(prepared), "out": str(base / "model")}
    assert train(base, **parameters, results="s3://none/r") == 1
    assert "'none'" in (base / "output/failure").read_text()


def test_a_job_whose_condition_does_not_hold_ends_at_once(base: Path) -> None:
    """So do those behind it: a pipeline has one condition of the service's."""
    evaluation_folder, registration_folder, release_folder = (
        base / "evaluate",
        base / "register",
        base / "release",
    )
    for folder in (evaluation_folder, registration_folder, release_folder):
        folder.mkdir(parents=True)
    (evaluation_folder / "result.json").write_text(json.dumps({"passed": False}))
    assert (
        main([f"--when=passed:{evaluation_folder}", "register", f"--out={registration_folder}"])
        == 0
    )
    assert [path.name for path in registration_folder.iterdir()] == ["skipped"]
    arguments = [
        f"--when=approved:{registration_folder}",
        f"--after={registration_folder}",
        "release",
    ]
    assert main([*arguments, f"--out={release_folder}"]) == 0
    assert [path.name for path in release_folder.iterdir()] == ["skipped"]


def test_a_job_whose_condition_holds_runs(base: Path) -> None:
    evaluation_folder = base / "evaluate"
    evaluation_folder.mkdir(parents=True)
    (evaluation_folder / "result.json").write_text(json.dumps({"passed": True}))
    missing = [f"--data={base / 'none'}", *PREPARE, f"--out={base / 'out'}"]
    assert main([f"--when=passed:{evaluation_folder}", "prepare", *missing]) == 1
    assert "does not exist" in (base / "output/message").read_text()


def test_the_output_of_a_training_job_is_unpacked(
    base: Path, prepared: Path, aws_called: None
) -> None:
    store, out = open_store(f"s3://{aws.bucket()}"), base / "model"
    parameters = {"model_file": "default", "prepare": str(prepared), "out": str(out)}
    assert train(base, **parameters, results=f"{store.uri}/r") == 0
    (base / "input/config/hyperparameters.json").unlink()
    packed = base / "processing/input/train/model.tar.gz"
    packed.parent.mkdir(parents=True)
    with tarfile.open(packed, "w:gz") as archive:
        archive.add(out, ".")
    arguments = ["--model=cancer", f"--store={store.uri}", "--margin=0", f"--prepare={prepared}"]
    assert main(["evaluate", *arguments, f"--train={packed.parent}", f"--out={base / 'e'}"]) == 0
    assert json.loads((base / "e/result.json").read_text())["passed"] is True
