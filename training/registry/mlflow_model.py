"""A version as an MLflow model: the folder that the registry entry of a local stack names.

``mlflow.pyfunc.load_model("models:/NAME@champion")`` and MLflow's own tools load it; they get the
endpoint's numbers. The folder holds the version's files, its manifest and the code that loads
them, so that it loads where this project is not installed.
"""

from __future__ import annotations

import json
import warnings
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any
from zipfile import ZipFile

import pandas as pd

from training import compiled, predictor, versions
from training.errors import UserError
from training.model_inputs import CATEGORICAL

if TYPE_CHECKING:
    from mlflow.models import ModelSignature

MANIFEST = "manifest.json"
# What loading and predicting import.
REQUIREMENTS = ("mlflow", "numpy", "pandas", "pyarrow", "scikit-learn", "joblib", "onnxruntime")


def save(folder: Path, description: versions.Manifest, files: dict[str, Path]) -> None:
    """Write the MLflow model of a version into the new `folder`.

    `files` are the version's "artifact" and, if there is one, its "compiled".
    """
    with warnings.catch_warnings():
        # MLflow's own types, of which it warns itself when it is imported.
        warnings.simplefilter("ignore")
        _save(folder, description, files)


def _save(folder: Path, description: versions.Manifest, files: dict[str, Path]) -> None:
    from importlib import metadata

    from mlflow import pyfunc

    columns = [column["name"] for column in description["inputs"]]
    example = (description.get("example") or {}).get("inputs")
    with TemporaryDirectory() as name:
        data = Path(name) / "data"
        data.mkdir()
        (data / MANIFEST).write_text(json.dumps(description, indent=1))
        for part, path in files.items():
            (data / _FILES[part]).write_bytes(path.read_bytes())
        pyfunc.save_model(
            folder,
            loader_module=__name__,
            data_path=str(data),
            code_paths=[str(_code(Path(name)))],
            signature=signature(description),
            pip_requirements=[f"{name}=={metadata.version(name)}" for name in REQUIREMENTS],
            metadata={name: description[name] for name in ("run", "code", "created")},
        )
    if example:
        _add_example(folder, {column: example[column] for column in columns})


def _code(folder: Path) -> Path:
    """The folder of this package; unpacked into `folder` where it runs from its wheel."""
    package = Path(__file__).parent.parent
    if package.is_dir():
        return package
    with ZipFile(package.parent) as wheel:
        members = [name for name in wheel.namelist() if name.startswith(f"{package.name}/")]
        wheel.extractall(folder, members)
    return folder / package.name


_FILES = {"artifact": predictor.FILE, "compiled": compiled.FILE}


def signature(description: versions.Manifest) -> ModelSignature:
    """The input columns and the endpoint's predictions and scores."""
    from mlflow.models import ModelSignature
    from mlflow.types import ColSpec, DataType, Schema
    from mlflow.types.schema import AnyType

    # Numbers of any type, as at the endpoint: for a double MLflow refuses whole numbers and truth
    # values (mlflow/models/utils.py, _enforce_mlflow_datatype).
    inputs: list[Any] = [
        ColSpec(
            DataType.string if column["kind"] == CATEGORICAL else AnyType(),
            column["name"],
            required=False,
        )
        for column in description["inputs"]
    ]
    label = DataType.double if description["task"] == "regression" else AnyType()
    outputs: list[Any] = [ColSpec(label, "predictions"), ColSpec(DataType.double, "scores")]
    return ModelSignature(Schema(inputs), Schema(outputs))


def _add_example(folder: Path, example: dict[str, Any]) -> None:
    """Add the version's input example, in MLflow's own form."""
    from mlflow.models import Model
    from mlflow.models.utils import _Example

    model = Model.load(str(folder))
    input_example = _Example(pd.DataFrame([example]))
    input_example.save(str(folder))
    model.saved_input_example_info = input_example.info
    model.save(str(folder / "MLmodel"))


def _load_pyfunc(path: str) -> _PyfuncModel:
    """MLflow's entry point: the version in the folder `path`; its digests are checked first."""
    folder = Path(path)
    manifest = json.loads((folder / MANIFEST).read_text())
    if (folder / compiled.FILE).exists():
        _check(folder / compiled.FILE, manifest["compiled"]["sha256"])
        return _PyfuncModel(predictor.from_compiled(folder / compiled.FILE, manifest))
    predictor.check_pickles(manifest)
    versions.check_libraries({"version": "?", **manifest})
    _check(folder / predictor.FILE, manifest["artifact"]["sha256"])
    return _PyfuncModel(predictor.from_file(folder / predictor.FILE, manifest))


def _check(path: Path, registered: str) -> None:
    actual = versions.sha256(path)
    if actual != registered:
        raise UserError(
            f"{path.name} has SHA-256 {actual}, registered was {registered}; it is not loaded"
        )


class _PyfuncModel:
    """The object that MLflow calls."""

    def __init__(self, loaded: predictor.Predictor) -> None:
        self._predictor = loaded

    def predict(self, frame: pd.DataFrame, params: dict[str, Any] | None = None) -> pd.DataFrame:
        """The endpoint's predictions and scores of the rows."""
        labels, scores = self._predictor.predict(self._predictor.frame(frame))
        return pd.DataFrame({"predictions": labels, "scores": scores}, index=frame.index)
