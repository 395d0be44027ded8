"""The package schema of a cloud, as programs in YAML ask its provider for it.

It holds the types of the catalog, with what the SDK says of their properties; a function is in it
if `invokes` knows it. https://www.pulumi.com/docs/iac/guides/building-extending/packages/schema/
"""

from __future__ import annotations

import json
import re
from functools import cache
from typing import Any

from pulumi_simcloud.catalog import catalog
from pulumi_simcloud.invokes import ANSWERS
from pulumi_simcloud.schema.sdk import ResourceSchema, resource_schema

PLAIN = {"str": "string", "int": "integer", "num": "number", "bool": "boolean"}
ANYTHING = {"$ref": "pulumi.json#/Any"}
# `aws:s3/bucket:Bucket` goes by `aws:s3:Bucket` too, as in the providers' own schemas.
FORMATS = {"aws": "(.*)(?:/[^/]*)", "gcp": "(.*)(?:/[^/]*)", "azure-native": "(.*)"}


@cache
def package_schema(package: str, version: str) -> str:
    """The schema as JSON."""
    types: dict[str, Any] = {}
    resources = {
        token: _resource(resource_schema(token), types)
        for token in catalog()
        if token.startswith(f"{package}:")
    }
    functions = {
        token: {"inputs": {"properties": {}}, "outputs": {"additionalProperties": ANYTHING}}
        for token in ANSWERS
        if token.startswith(f"{package}:")
    }
    return json.dumps(
        {
            "name": package,
            "version": version,
            "meta": {"moduleFormat": FORMATS[package]},
            "config": {"variables": _settings(package)},
            "provider": {"inputProperties": _settings(package)},
            "resources": resources,
            "types": types,
            "functions": functions,
        }
    )


def _settings(package: str) -> dict[str, Any]:
    names = {
        "aws": ("region", "profile", "defaultTags"),
        "azure-native": ("location", "subscriptionId", "tenantId"),
        "gcp": ("project", "region", "zone", "defaultLabels"),
    }
    return {name: ANYTHING if "default" in name else {"type": "string"} for name in names[package]}


def _resource(schema: ResourceSchema, types: dict[str, Any]) -> dict[str, Any]:
    inputs = _properties(schema, schema.args, types)
    outputs = {name: inputs.get(name, ANYTHING) for name in schema.outputs}
    return {
        "inputProperties": inputs,
        "requiredInputs": [key for key, spec in schema.properties.items() if spec["required"]],
        "properties": outputs,
    }


def _properties(schema: ResourceSchema, ref: str, types: dict[str, Any]) -> dict[str, Any]:
    return {key: _type(schema, spec["node"], types) for key, spec in schema.types[ref].items()}


def _type(schema: ResourceSchema, node: dict[str, Any], types: dict[str, Any]) -> dict[str, Any]:
    kind = node["t"]
    if kind in PLAIN:
        return {"type": PLAIN[kind]}
    if kind == "enum":
        return {"type": "string" if isinstance(node["values"][0], str) else "number"}
    if kind == "list":
        return {"type": "array", "items": _type(schema, node["of"], types)}
    if kind == "map":
        return {"type": "object", "additionalProperties": _type(schema, node["of"], types)}
    if kind == "asset":
        return {"$ref": "pulumi.json#/Asset"}
    if kind == "obj":
        return {"$ref": f"#/types/{_object(schema, node['ref'], types)}"}
    # Of a union the service's own check decides which branch is meant.
    return ANYTHING


def _object(schema: ResourceSchema, ref: str, types: dict[str, Any]) -> str:
    package = schema.token.split(":")[0]
    name = f"{package}:{_module(schema.token)}:{ref.rsplit('.', 1)[-1].removesuffix('Args')}"
    if name not in types:
        entry: dict[str, Any] = {"type": "object"}
        types[name] = entry
        entry["properties"] = _properties(schema, ref, types)
        entry["required"] = [key for key, s in schema.types[ref].items() if s["required"]]
    return name


def _module(token: str) -> str:
    return re.split(r"[:/]", token)[1]
