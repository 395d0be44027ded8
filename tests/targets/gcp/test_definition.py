"""What is compiled for Vertex AI is what KFP's own schema and Google's discovery document take."""

from __future__ import annotations

import copy
import json
import re
import zipfile
from collections.abc import Iterator
from email import message_from_bytes
from pathlib import Path
from typing import Any

import pytest
from pulumi_simcloud.constraints.discovery import check_json

from components import package
from components.pipeline.gcp_definition import RUN_NAME, START
from components.retraining.gcp_workflow import workflow
from tests.project import REPOSITORY
from tests.targets.gcp.definitions import BUCKET, ENVIRONMENT, spec
from tests.targets.gcp.kfp import refusal
from training import pipeline as neutral
from training.registry import gcp_requests

PARENT = "projects/p/locations/europe-west1"
JOB = {
    "displayName": ENVIRONMENT.name,
    "serviceAccount": "steps@p.iam.gserviceaccount.com",
    "encryptionSpec": {"kmsKeyName": f"{PARENT}/keyRings/r/cryptoKeys/k"},
    "labels": {"stack": "gcp-dev"},
    "runtimeConfig": {"gcsOutputDirectory": f"gs://{BUCKET}/pipeline-root/churn"},
}


@pytest.mark.parametrize("pipeline", neutral.PIPELINES, ids=lambda p: p.name)
def test_kfp_reads_the_definition(pipeline: neutral.Pipeline) -> None:
    assert not refusal(spec(pipeline))


@pytest.mark.parametrize(
    "path", [("components", "comp-admit"), ("deploymentSpec", "executors", "exec-admit")]
)
def test_a_misspelled_key_is_not_read(path: tuple[str, ...]) -> None:
    document = copy.deepcopy(spec(neutral.TRAINING))
    place: Any = document
    for key in path:
        place = place[key]
    place["executorLable"] = "exec-admit"
    assert "executorLable" in refusal(document)


@pytest.mark.parametrize("pipeline", neutral.PIPELINES, ids=lambda p: p.name)
def test_names_in_the_definition_are_those_of_something(pipeline: neutral.Pipeline) -> None:
    document = spec(pipeline)
    run = [*tasks(document, document["root"])]
    assert {name for _, name, _ in run if not name.startswith("if-")} == {
        step.name for step in pipeline.steps
    }
    for beside, _, task in run:
        component = document["components"][task["componentRef"]["name"]]
        declared = component.get("inputDefinitions", {}).get("parameters", {})
        bound = task.get("inputs", {}).get("parameters", {})
        assert declared.keys() == bound.keys()
        assert set(task.get("dependentTasks", [])) <= beside.keys()
        for source in bound.values():
            if "taskOutputParameter" in source:
                reference = source["taskOutputParameter"]
                producer = beside[reference["producerTask"]]["componentRef"]["name"]
                outputs = document["components"][producer]["outputDefinitions"]["parameters"]
                assert reference["outputParameterKey"] in outputs
        if "executorLabel" in component:
            assert component["executorLabel"] in document["deploymentSpec"]["executors"]


def test_what_is_behind_a_condition_stands_in_it() -> None:
    document = spec(neutral.TRAINING)
    assert set(document["root"]["dag"]["tasks"]) == {"admit", "if-prepare"}
    inner = document["components"]["comp-if-prepare"]["dag"]["tasks"]
    assert set(inner) == {"prepare", "train", "evaluate", "if-register"}
    assert inner["if-register"]["triggerPolicy"]["condition"] == (
        "inputs.parameter_values['pipelinechannel--evaluate-passed'] == 'true'"
    )


def test_a_step_is_told_its_run_its_parameters_and_mounted_paths() -> None:
    executors = spec(neutral.TRAINING)["deploymentSpec"]["executors"]
    args = executors["exec-admit"]["container"]["args"]
    assert "--field=admitted={{$.outputs.parameters['admitted'].output_file}}" in args
    assert f"--run={RUN_NAME}" in args
    assert "--as-of={{$.inputs.parameters['as_of']}}" in args
    assert "--data=/gcs/my-company-data/churn/" in args
    assert f"--out=/gcs/{BUCKET}/models/churn/runs/{RUN_NAME}/outputs/admit" in args


@pytest.mark.parametrize("pipeline", neutral.PIPELINES, ids=lambda p: p.name)
def test_jobs_and_schedules_are_what_the_service_takes(pipeline: neutral.Pipeline) -> None:
    job = {**JOB, "pipelineSpec": spec(pipeline)}
    assert not [*check_json("aiplatform.v1", "GoogleCloudAiplatformV1PipelineJob", job, "job")]
    schedule = {
        "displayName": ENVIRONMENT.name,
        "cron": "TZ=Europe/Berlin 0 3 * * 1",
        "maxConcurrentRunCount": "1",
        "createPipelineJobRequest": {"parent": PARENT, "pipelineJob": job},
    }
    problems = check_json("aiplatform.v1", "GoogleCloudAiplatformV1Schedule", schedule, "schedule")
    assert not [*problems]
    schedule["createPipelineJobRequest"]["pipelinejob"] = job
    problems = check_json("aiplatform.v1", "GoogleCloudAiplatformV1Schedule", schedule, "schedule")
    assert [*problems]


def test_the_workflow_starts_a_job_that_the_service_takes() -> None:
    source = workflow(PARENT, BUCKET, "models/churn/pipelines/specs/0.json", JOB)
    steps = {name: step for part in source["main"]["steps"] for name, step in part.items()}
    body = {**steps["start"]["args"]["body"], "pipelineSpec": spec(neutral.TRAINING)}
    assert not [*check_json("aiplatform.v1", "GoogleCloudAiplatformV1PipelineJob", body, "job")]
    assert body["runtimeConfig"]["parameterValues"] == {"trigger": "drift"}
    assert len(json.dumps(source)) < 128 * 1024


def tasks(
    document: dict[str, Any], component: dict[str, Any]
) -> Iterator[tuple[dict[str, Any], str, dict[str, Any]]]:
    """Every task with those beside it, and its name."""
    beside = component.get("dag", {}).get("tasks", {})
    for name, task in beside.items():
        yield beside, name, task
        yield from tasks(document, document["components"][task["componentRef"]["name"]])


def test_what_containers_install_beside_the_code_is_in_its_metadata(tmp_path: Path) -> None:
    """An extra that a package lacks is a warning of pip's, and steps end at their first import."""
    files = package.contents(REPOSITORY)
    (tmp_path / "a.whl").write_bytes(package.build(files))
    with zipfile.ZipFile(tmp_path / "a.whl") as wheel:
        (name,) = (name for name in wheel.namelist() if name.endswith("/METADATA"))
        metadata = message_from_bytes(wheel.read(name))
    extras = [re.findall(r"\[([\w,-]+)\]", start)[-1] for start in (START, gcp_requests.INSTALL)]
    assert extras == ["gcp,gcp-steps", "gcp"]
    assert {"gcp", "gcp-steps"} <= set(metadata.get_all("Provides-Extra", []))
    (storage,) = (need for need in metadata.get_all("Requires-Dist", []) if "bigquery" in need)
    assert storage == 'google-cloud-bigquery-storage; extra == "gcp-steps"'
