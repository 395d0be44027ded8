"""The OpenAPI document of a server: the columns, types and an example of every model."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from training.model_inputs import BOOLEAN, CATEGORICAL, Column
from training.serving.endpoint import Endpoint
from training.serving.requests import ARROW, CSV, JSON, PARQUET

TYPES = {BOOLEAN: "boolean", CATEGORICAL: "string"}
# Values of a column whose model has no example.
VALUES: dict[str, Any] = {BOOLEAN: True, CATEGORICAL: "text"}


def document(endpoints: Mapping[str, Endpoint]) -> dict[str, Any]:
    """The document; a model is in it once a version is in service."""
    paths, schemas = {}, {"Error": _object({"error": {"type": "string"}})}
    for name, endpoint in endpoints.items():
        active = endpoint.in_service
        if active is None:
            continue
        columns = active.predictor.columns
        schemas[f"{name}.row"] = _object({column.name: _value(column) for column in columns})
        schemas[f"{name}.answer"] = _answer(active.predictor.task)
        paths[f"/models/{name}/invocations"] = _invocations(name, row(endpoint))
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "mlops",
            "version": "1",
            "description": "Predictions of the released version of every model.",
        },
        "paths": paths,
        "components": {"schemas": schemas},
    }


def row(endpoint: Endpoint) -> dict[str, Any]:
    """An example row: the version's own, or a value of each column's type."""
    active = endpoint.in_service
    if active is None:
        return {}
    if active.predictor.example:
        return dict(active.predictor.example)
    return {column.name: VALUES.get(column.kind, 0.0) for column in active.predictor.columns}


def _invocations(name: str, example: dict[str, Any]) -> dict[str, Any]:
    rows = {"type": "array", "minItems": 1, "items": {"$ref": f"#/components/schemas/{name}.row"}}
    names = list(example)
    split = {"columns": names, "data": [list(example.values())]}
    examples = {
        "instances": {"value": {"instances": [example]}},
        "dataframe_split": {"value": {"dataframe_split": split}},
        "dataframe_records": {"value": {"dataframe_records": [example]}},
        "inputs": {"value": {"inputs": {key: [value] for key, value in example.items()}}},
    }
    binary = {"schema": {"type": "string", "format": "binary"}}
    text = ",".join(names) + "\n" + ",".join(map(str, example.values())) + "\n"
    errors = {
        str(status): {"description": says, "content": {JSON: {"schema": _ref("Error")}}}
        for status, says in {
            400: "The request is wrong; the answer says where.",
            413: "The request is too large.",
            415: "The content type is not supported.",
            503: "No version is in service, or too many requests wait (Retry-After).",
        }.items()
    }
    return {
        "post": {
            "operationId": f"predict_{name}",
            "summary": f"Predictions of {name}",
            "requestBody": {
                "required": True,
                "content": {
                    JSON: {"schema": _object({"instances": rows}), "examples": examples},
                    CSV: {"schema": {"type": "string"}, "example": text},
                    PARQUET: binary,
                    ARROW: binary,
                },
            },
            "responses": {
                "200": {
                    "description": "A prediction and a score for each row.",
                    "content": {JSON: {"schema": _ref(f"{name}.answer")}},
                },
                **errors,
            },
        }
    }


def _answer(task: str) -> dict[str, Any]:
    label = {"type": ["number", "null"]} if task == "regression" else {}
    return _object(
        {
            "predictions": {"type": "array", "items": label},
            "scores": {"type": "array", "items": {"type": ["number", "null"]}},
            "model": {"type": "string"},
            "version": {"type": ["integer", "null"]},
            "request_id": {"type": "string"},
        }
    )


def _value(column: Column) -> dict[str, Any]:
    return {"type": [TYPES.get(column.kind, "number"), "null"]}


def _object(properties: dict[str, Any]) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": list(properties)}


def _ref(name: str) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{name}"}
