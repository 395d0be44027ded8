"""The Open Inference Protocol (KServe's v2) over the same endpoints: paths, metadata, answers.

Source: https://github.com/open-inference/open-inference-protocol/blob/main/specification/protocol/inference_rest.md
"""

from __future__ import annotations

from typing import Any

from training.model_inputs import CATEGORICAL, Column
from training.serving import json_rows
from training.serving.answers import Answer, problem

PREDICTIONS, SCORES = "predictions", "scores"
PLATFORM = "mlops_scikit-learn"
# The size of the JSON part of a body with binary data, an extension of the protocol.
BINARY_HEADER = "inference-header-content-length"


def server(models: list[str]) -> dict[str, Any]:
    """Metadata of the server."""
    return {"name": "mlops", "version": "2", "extensions": [], "models": models}


def model(name: str, version: int, columns: list[Column]) -> dict[str, Any]:
    """Metadata of a model: a tensor of shape [rows] for each input column."""
    return {
        "name": name,
        "versions": [str(version)],
        "platform": PLATFORM,
        "inputs": [
            {
                "name": column.name,
                "datatype": "BYTES" if column.kind == CATEGORICAL else "FP64",
                "shape": [-1],
            }
            for column in columns
        ],
        "outputs": [
            {"name": PREDICTIONS, "datatype": "BYTES", "shape": [-1]},
            {"name": SCORES, "datatype": "FP64", "shape": [-1]},
        ],
    }


def answer(prediction: Answer, request: bytes) -> Answer:
    """Our answer to an inference request, in the protocol's form."""
    if prediction.status != 200:
        return prediction
    request_document, content = json_rows.load(request), json_rows.load(prediction.body)
    names = [
        str(output.get("name"))
        for output in request_document.get("outputs", ())
        if isinstance(output, dict)
    ]
    outputs = {name: _tensor(name, content[name]) for name in (PREDICTIONS, SCORES)}
    unknown = [name for name in names if name not in outputs]
    if unknown:
        text = f"no output {unknown[0]!r}; allowed: {', '.join(outputs)}"
        return Answer(400, problem(text))
    document = {
        "model_name": content["model"],
        "model_version": str(content["version"]),
        "id": request_document["id"]
        if isinstance(request_document.get("id"), str)
        else content["request_id"],
        "outputs": [outputs[name] for name in names or outputs],
    }
    return Answer(200, json_rows.dump(document))


def _tensor(name: str, values: list[Any]) -> dict[str, Any]:
    types = set(map(type, values))
    if types <= {bool}:
        datatype = "BOOL"
    elif types <= {int}:
        datatype = "INT64"
    elif types <= {int, float, type(None)}:
        datatype = "FP64"
    else:
        datatype = "BYTES"
    return {"name": name, "datatype": datatype, "shape": [len(values)], "data": values}
