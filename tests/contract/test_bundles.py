"""A version goes from stack to stack: the same artifact, on every target."""

from __future__ import annotations

import hashlib
import io
import json
import shutil
import tarfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import boto3
import pytest

from components import package
from tests.contract.stacks import MODEL, Stack
from tests.installed import CLOUDS, has, needs
from tests.project import REPOSITORY
from tests.serving.platforms import ROW, make_platform
from tests.serving.platforms import register as registered
from training import bundles, compiled, deployment, release, versions
from training.errors import UserError
from training.platform import Platform
from training.registry import open_registry
from training.registry.local import MlflowRegistry
from training.scoring import environment
from training.scoring.scorer import load

if TYPE_CHECKING or has("gcp"):
    from tests.clouds import gcp
    from training.registry.gcp import open_at

CODE = "c0de" * 16
WHEEL = f"code/mlops_training-0.1.0+{CODE[:12]}-py3-none-any.whl"


def say_nothing(text: str) -> None:
    """No progress."""


@pytest.fixture(scope="module")
def original_source(tmp_path_factory: pytest.TempPathFactory) -> Platform:
    """A stack of this computer with one version, which takes a second to compile; for copies."""
    platform = make_platform(tmp_path_factory.mktemp("source"))
    platform = replace(platform, document={**platform.document, "stack": "dev"})
    # Not the code of this checkout.
    code = {**package.contents(REPOSITORY), "training/of_its_time.py": b""}
    platform.store.write(WHEEL, package.build(code))
    registered(platform, compiles=True)
    rewrite(platform, code=CODE)
    return platform


@pytest.fixture
def source(original_source: Platform, tmp_path: Path) -> Platform:
    """A copy of the stack to change."""
    shutil.copytree(original_source.root, tmp_path / "source")
    return replace(original_source, root=tmp_path / "source")


@pytest.fixture(scope="module")
def mlflow(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A registry on this computer, which takes seconds to make; it goes on from test to test."""
    registry = f"sqlite:///{tmp_path_factory.mktemp('mlflow')}/registry.db"
    MlflowRegistry(registry).create_model(MODEL, {})
    return registry


@pytest.fixture
def target(stack: Stack, source: Platform, mlflow: str) -> Platform:
    """A stack of each target, in whose image the version was made."""
    part = stack.platform.part(MODEL, "endpoint.json")
    image = part.get("image", part.get("environment"))
    rewrite(source, image=image)
    if stack.platform.target != "local":
        return stack.platform
    return replace(stack.platform, document={**stack.platform.document, "registry": mlflow})


@pytest.fixture
def file(source: Platform, target: Platform, tmp_path: Path) -> Path:
    """The version in a file."""
    bundles.export(source, MODEL, 1, tmp_path / "toys.tar")
    return tmp_path / "toys.tar"


def rewrite(platform: Platform, version: int = 1, **changes: Any) -> None:
    """Change a manifest, as if the version had been made so."""
    key = f"models/{MODEL}/versions/{version:06d}.json"
    manifest = json.loads(platform.store.read(key))
    platform.store.write(key, json.dumps({**manifest, **changes}).encode())


def test_the_same_artifact_is_registered_released_and_served(
    stack: Stack, source: Platform, target: Platform, file: Path
) -> None:
    stack.serve()
    manifest, new = bundles.adopt(target, file)
    assert new and manifest == versions.manifest(target.store, MODEL, manifest["version"])
    original = versions.manifest(source.store, MODEL, 1)
    for part in ("artifact", "profile", "compiled"):
        assert manifest[part]["sha256"] == original[part]["sha256"]
    assert compiled.serves(manifest) and "bytes" in manifest["compiled"]
    assert manifest["inputs"] == original["inputs"] and manifest["metrics"] == original["metrics"]
    origin = {name: manifest["origin"][name] for name in ("stack", "target", "version", "sha256")}
    digest = original["artifact"]["sha256"]
    assert origin == {"stack": "dev", "target": "local", "version": 1, "sha256": digest}
    assert bundles.adopt(target, file) == (manifest, False)
    record, _ = deployment.promote(target, MODEL, manifest["version"], why="test", say=say_nothing)
    assert record.digest == digest
    open_registry(target.registry_uri).mark_champion(MODEL, manifest["version"])


def test_an_import_that_was_killed_is_finished_under_its_number(
    target: Platform, source: Platform, file: Path, tmp_path: Path
) -> None:
    manifest, _ = bundles.adopt(target, file)
    target.store.delete(f"models/{MODEL}/versions/{manifest['version']:06d}.json")
    second_manifest, new = bundles.adopt(target, file)
    assert new and second_manifest["version"] == manifest["version"]
    registered(source)
    rewrite(source, 2, code=CODE, image=second_manifest["image"])
    bundles.export(source, MODEL, 2, tmp_path / "second.tar")
    assert bundles.adopt(target, tmp_path / "second.tar")[0]["version"] == manifest["version"] + 1


@needs("aws")
@pytest.mark.parametrize("stack", ["aws"], indirect=True)
def test_on_aws_the_package_serves_the_artifact_with_its_code(
    target: Platform, source: Platform, file: Path, tmp_path: Path
) -> None:
    manifest, _ = bundles.adopt(target, file)
    group = f"{target.registry_uri.rpartition('/')[2]}-{MODEL}"
    sagemaker = boto3.client("sagemaker")
    (package_found,) = sagemaker.list_model_packages(ModelPackageGroupName=group)[
        "ModelPackageSummaryList"
    ]
    assert package_found["ModelPackageDescription"] == f"run {manifest['run']}"
    described = sagemaker.describe_model_package(ModelPackageName=package_found["ModelPackageArn"])
    (container,) = described["InferenceSpecification"]["Containers"]
    key = container["ModelDataUrl"].removeprefix(f"{target.store.uri}/")
    with tarfile.open(fileobj=io.BytesIO(target.store.read(key))) as tar:
        tar.extractall(tmp_path / "model", filter="data")
    for code in (
        "training/scoring/aws.py",
        "training/predictor.py",
        "training/of_its_time.py",
    ):
        assert (tmp_path / "model" / "code" / code).is_file()
    scorer = load(tmp_path / "model", environment(manifest))
    assert scorer.predictor is not None and scorer.predictor.is_compiled
    with (tmp_path / "model" / compiled.FILE).open("ab") as model_file:
        model_file.write(b"x")
    with pytest.raises(UserError, match=f"{compiled.FILE} of model 'toys' .* it is not loaded"):
        load(tmp_path / "model", environment(manifest))
    assert (
        scorer.answer("application/json", json.dumps({"instances": [ROW]}).encode()).status == 200
    )
    quality = described["ModelMetrics"]["ModelQuality"]["Statistics"]["S3Uri"]
    evaluation = json.loads(target.store.read(quality.removeprefix(f"{target.store.uri}/")))
    assert evaluation == manifest["metrics"]


@needs("azure")
@pytest.mark.parametrize("stack", ["azure"], indirect=True)
def test_on_azure_the_compiled_predictor_is_beside_the_model(
    stack: Stack, target: Platform, file: Path, tmp_path: Path
) -> None:
    stack.serve()
    manifest, _ = bundles.adopt(target, file)
    deployment.promote(target, MODEL, manifest["version"], why="test", say=say_nothing)
    folder = manifest["artifact"]["key"].rpartition("/")[0]
    for key in target.store.keys(folder):
        (tmp_path / key.rpartition("/")[2]).write_bytes(target.store.read(key))
    scorer = load(tmp_path, environment(manifest))
    assert scorer.predictor is not None and scorer.predictor.is_compiled
    body = json.dumps({"instances": [ROW]}).encode()
    assert scorer.answer("application/json", body).status == 200


@pytest.mark.parametrize("stack", ["local"], indirect=True)
def test_a_bundle_of_before_has_no_compiled_predictor(
    target: Platform, file: Path, tmp_path: Path
) -> None:
    with tarfile.open(file) as tar:
        parts = {entry.name: tar.extractfile(entry).read() for entry in tar}  # pyright: ignore
    index = json.loads(parts["bundle.json"])
    del index["parts"]["compiled"], parts["compiled.onnx"]
    write(tmp_path / "old.tar", {**parts, "bundle.json": json.dumps(index).encode()})
    manifest, _ = bundles.adopt(target, tmp_path / "old.tar")
    assert not compiled.serves(manifest)
    assert manifest["compiled"] == {"reason": "it came in a bundle without its compiled predictor"}


@needs("gcp")
@pytest.mark.parametrize("stack", ["gcp"], indirect=True)
def test_on_gcp_the_container_gets_the_code_that_made_the_version(
    target: Platform, source: Platform, file: Path
) -> None:
    bundles.adopt(target, file)
    (entry,) = gcp.current().models[open_at(target.registry_uri).entry(MODEL)]
    assert f"{target.store.uri}/{WHEEL}" in entry["containerSpec"]["command"]
    assert target.store.read(WHEEL) == source.store.read(WHEEL)


Spoil = Callable[[dict[str, bytes]], dict[str, bytes]]


def swapped(name: str, content: bytes) -> Spoil:
    return lambda parts: {**parts, name: content}


def index_follows(parts: dict[str, bytes]) -> dict[str, bytes]:
    """Another artifact, with an index that agrees; the manifest does not."""
    index = json.loads(parts["bundle.json"])
    index["parts"]["artifact"]["sha256"] = hashlib.sha256(b"other").hexdigest()
    return {**parts, "model.joblib": b"other", "bundle.json": json.dumps(index).encode()}


def from_nowhere(parts: dict[str, bytes]) -> dict[str, bytes]:
    index = json.loads(parts["bundle.json"])
    index["source"]["stack"] = "../prod"
    return {**parts, "bundle.json": json.dumps(index).encode()}


def without(name: str) -> Spoil:
    return lambda parts: {key: value for key, value in parts.items() if key != name}


SPOILED: dict[str, tuple[Spoil, str]] = {
    "artifact": (swapped("model.joblib", b"other"), "is damaged: its artifact model.joblib has"),
    "profile": (swapped("profile.json", b"{ }"), "is damaged: its profile profile.json has"),
    "manifest": (swapped("manifest.json", b"{}"), "is damaged: its manifest manifest.json has"),
    "index too": (index_follows, "is damaged: its artifact has SHA-256"),
    "compiled": (swapped("compiled.onnx", b"other"), "is damaged: its compiled compiled.onnx has"),
    "no artifact": (without("model.joblib"), "is no bundle of a version: KeyError"),
    "no index": (without("bundle.json"), "is no bundle of a version: KeyError"),
    "outside": (swapped("../outside", b"x"), "it holds '../outside'"),
    "elsewhere": (from_nowhere, "it says that it comes from"),
}


@pytest.mark.parametrize("name", SPOILED)
@pytest.mark.parametrize("stack", ["local"], indirect=True)
def test_a_bundle_that_was_tampered_with_is_refused(
    target: Platform, file: Path, tmp_path: Path, name: str
) -> None:
    spoil, message = SPOILED[name]
    with tarfile.open(file) as tar:
        parts = {entry.name: tar.extractfile(entry).read() for entry in tar}  # pyright: ignore
    spoiled = tmp_path / "spoiled.tar"
    write(spoiled, spoil(parts))
    assert_refused(target, message, spoiled)
    assert not (tmp_path / "outside").exists()


@pytest.mark.parametrize("stack", ["local"], indirect=True)
def test_what_is_no_bundle_is_refused(target: Platform, file: Path, tmp_path: Path) -> None:
    assert_refused(target, "no such file; mlops export writes one", tmp_path / "none.tar")
    original = file.read_bytes()
    for number, content in enumerate((b"", b"text", original[: len(original) // 2])):
        bundle = tmp_path / f"broken-{number}.tar"
        bundle.write_bytes(content)
        assert_refused(target, "is no bundle of a version", bundle)
    assert_refused(target, "has SHA-256", file, "0" * 64)
    bundles.adopt(target, file, versions.sha256(file).upper())


@pytest.mark.parametrize("stack", CLOUDS, indirect=True)
def test_a_version_of_another_image_is_refused(
    target: Platform, source: Platform, tmp_path: Path
) -> None:
    for image in (None, "registry.example.org/sklearn:0.1"):
        rewrite(source, image=image)
        bundles.export(source, MODEL, 1, tmp_path / "other.tar")
        assert_refused(target, f"was made in the image {image or 'none'}", tmp_path / "other.tar")


@pytest.mark.parametrize("stack", ["local"], indirect=True)
def test_a_model_of_another_stack_is_refused(target: Platform, file: Path, stack: Stack) -> None:
    other = replace(target, document={**target.document, "models": {"flights": {}}})
    with pytest.raises(UserError, match="has no model 'toys'; allowed: flights"):
        bundles.adopt(other, file)
    with pytest.raises(UserError, match="is of model 'toys', not 'flights'"):
        bundles.adopt(target, file, model="flights")


@pytest.mark.parametrize("stack", ["local"], indirect=True)
def test_the_same_version_gives_the_same_bytes(
    source: Platform, target: Platform, file: Path, tmp_path: Path
) -> None:
    second_file = tmp_path / "again.tar"
    bundles.export(source, MODEL, 1, second_file)
    assert second_file.read_bytes() == file.read_bytes()
    before = second_file.read_bytes()
    with pytest.raises(UserError, match="has no version 9; registered versions: 1"):
        bundles.export(source, MODEL, 9, second_file)
    wheel = source.store.read(WHEEL)
    source.store.delete(WHEEL)
    with pytest.raises(UserError, match="its code c0dec0dec0de is gone from"):
        bundles.export(source, MODEL, 1, second_file)
    source.store.write(WHEEL, wheel)
    (artifact,) = Path(source.store.uri).glob(f"models/{MODEL}/artifacts/*/model.joblib")
    artifact.write_bytes(b"damaged")
    with pytest.raises(UserError, match="is damaged"):
        bundles.export(source, MODEL, 1, second_file)
    assert second_file.read_bytes() == before and not list(tmp_path.glob(".again*"))


@pytest.mark.parametrize("stack", ["local"], indirect=True)
def test_a_version_keeps_all_of_its_way(
    target: Platform, file: Path, tmp_path: Path, mlflow: str
) -> None:
    staging, _ = bundles.adopt(target, file)
    target.store.write(WHEEL, b"wheel")
    bundles.export(target, MODEL, staging["version"], tmp_path / "on.tar")
    (tmp_path / "last").mkdir()
    last = make_platform(tmp_path / "last")
    last = replace(last, document={**last.document, "stack": "prod", "registry": mlflow})
    manifest, _ = bundles.adopt(last, tmp_path / "on.tar")
    assert manifest["origin"]["stack"] == "local" and manifest["origin"]["before"]["stack"] == "dev"


def write(path: Path, parts: dict[str, bytes]) -> None:
    """A tar of the parts."""
    with tarfile.open(path, "w") as tar:
        for name, content in parts.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            tar.addfile(entry, io.BytesIO(content))


def assert_refused(target: Platform, message: str, file: Path, sha256: str | None = None) -> None:
    """It is told in a sentence, and nothing is registered or stored."""
    before = target.store.keys("")
    with pytest.raises(UserError) as error:
        bundles.adopt(target, file, sha256)
    assert message in str(error.value)
    assert target.store.keys("") == before
    assert release.history(target.store, MODEL) == []
